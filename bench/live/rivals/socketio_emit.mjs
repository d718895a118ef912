// Emits each line of stdin to all clients of the socket.io server, through Redis: REDIS_URL.
import { Emitter } from "@socket.io/redis-emitter";
import { createInterface } from "node:readline";
import { createClient } from "redis";

const [url] = process.argv.slice(2);
const options = url.startsWith("unix:") ? { socket: { path: url.replace(/^unix:\/\//, "").split("?")[0] } } : { url };
const client = createClient(options);
await client.connect();
const emitter = new Emitter(client);
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) emitter.emit("news", line);
process.exit(0);
