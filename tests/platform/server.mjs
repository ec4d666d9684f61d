/**
 * The listening socket of the platform, plain or TLS, on the loopback interface alone. It reads requests whole, can
 * reset a connection for real, and at its end leaves none open. What is answered is not its business.
 */

import http from "node:http";
import https from "node:https";

const HOST = "127.0.0.1";

/** Nothing that a deploy sends comes near this; without a limit a broken client could fill the memory. */
const LARGEST_BODY = 4 * 1024 * 1024;

/**
 * Starts to listen.
 *
 * @param {object} options
 * @param {number} options.port 0 for any free one
 * @param {{ key: string, cert: string }} [options.tls] PEM; plain HTTP if left out
 * @param {(exchange: { request: object, response: http.ServerResponse, reset: () => void }) => Promise<void>} answer
 * @returns {Promise<{ port: number, origin: string, close: () => Promise<void> }>}
 */
export async function listen({ port, tls }, answer) {
  /** @type {Map<number, import("node:net").Socket>} the bare sockets, by the client's port */
  const sockets = new Map();

  async function onRequest(incoming, response) {
    // A reset has to be made on the bare socket: one that is wrapped in TLS can only be closed.
    const bare = sockets.get(incoming.socket.remotePort);
    const rawBody = await readBody(incoming);
    if (rawBody === undefined) {
      response.writeHead(413, { connection: "close" });
      response.end();
      return;
    }
    const { method, url: path, headers } = incoming;
    await answer({ request: { method, path, headers, rawBody }, response, reset: () => bare?.resetAndDestroy() });
  }

  const server = tls ? https.createServer(tls) : http.createServer();
  server.on("request", (incoming, response) => {
    onRequest(incoming, response).catch((error) => {
      // A client that goes away in the middle, and the platform's end, are both part of the plan.
      if (!incoming.complete || error.name === "AbortError") return;
      console.error(error);
      response.destroy();
    });
  });
  server.on("connection", (socket) => {
    const { remotePort } = socket;
    sockets.set(remotePort, socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(remotePort));
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, resolve);
  });

  const actual = server.address().port;
  return {
    port: actual,
    origin: `${tls ? "https" : "http"}://${HOST}:${actual}`,
    async close() {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets.values()) socket.destroy();
      await closed;
    },
  };
}

async function readBody(incoming) {
  const chunks = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    if (length > LARGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
