// Node ws: PORT REDIS_URL CHANNEL. What comes from Redis goes to every client, as its documentation shows.
import { createClient } from "redis";
import { WebSocketServer } from "ws";

const [port, url, channel] = process.argv.slice(2);
const server = new WebSocketServer({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
const subscriber = createClient(options(url));
await subscriber.connect();
await subscriber.subscribe(channel, (text) => {
  for (const client of server.clients) client.send(text);
});
console.log("ready");

function options(address) {
  return address.startsWith("unix:") ? { socket: { path: address.replace(/^unix:\/\//, "").split("?")[0] } } : { url: address };
}
