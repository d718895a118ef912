// Node socket.io with its Redis adapter: PORT REDIS_URL.
import { createAdapter } from "@socket.io/redis-adapter";
import { createServer } from "node:http";
import { createClient } from "redis";
import { Server } from "socket.io";

const [port, url] = process.argv.slice(2);
const options = url.startsWith("unix:") ? { socket: { path: url.replace(/^unix:\/\//, "").split("?")[0] } } : { url };
const publisher = createClient(options);
const subscriber = createClient(options);
await Promise.all([publisher.connect(), subscriber.connect()]);
const http = createServer();
new Server(http, { adapter: createAdapter(publisher, subscriber), transports: ["websocket"] });
http.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 }, () => console.log("ready"));
