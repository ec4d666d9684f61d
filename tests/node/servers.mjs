/**
 * Servers that are no platform: a proxy, and listeners that break a connection before any request can be on it. Each
 * ends with the stage that it is for.
 */

import http from "node:http";
import net from "node:net";

/** A host name that exists behind the proxy alone. */
export const HOST = "houston.astro.test";

/**
 * A proxy that leads every CONNECT to one port on this machine, or answers it with a status.
 *
 * @param {import("./run.mjs").Stage} stage
 * @param {{ to?: number, statuses?: number[] }} how `statuses` are the answers, in order, before the way is open
 */
export async function startProxy(stage, { to, statuses = [] }) {
  const left = [...statuses];
  const seen = { connects: [], passwords: [], requests: 0 };
  const server = http.createServer((_, response) => {
    // A proxied request that is no CONNECT is in clear, token and all.
    seen.requests += 1;
    response.writeHead(500).end();
  });
  server.on("connect", (request, socket, head) => {
    seen.connects.push(request.url);
    const { "proxy-authorization": password, ...others } = request.headers;
    seen.passwords.push(password);
    stage.received(JSON.stringify([request.url, others]) + head);
    socket.on("error", () => {});
    const status = left.shift();
    if (status) {
      // A proxy's page quotes what it was shown.
      const page = `<html><body>::error::${password ?? "nobody"} may not pass</body></html>`;
      const head = `HTTP/1.1 ${status} Refused\r\ncontent-type: text/html\r\n`;
      return socket.end(`${head}x-shown: ${password}\r\ncontent-length: ${page.length}\r\n\r\n${page}`);
    }
    const through = net.connect(to, "127.0.0.1");
    through.on("error", () => socket.destroy());
    socket.on("close", () => through.destroy());
    through.on("close", () => socket.destroy());
    through.on("connect", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      through.write(head);
      socket.pipe(through).pipe(socket);
    });
  });
  return { port: await stage.listen(server), seen };
}

/** A listener that resets each connection once the client has begun to speak, before TLS can have come about. */
export async function startResetting(stage) {
  const seen = { connections: 0 };
  const server = net.createServer((socket) => {
    seen.connections += 1;
    socket.once("data", () => socket.resetAndDestroy());
  });
  return { port: await stage.listen(server), seen };
}

/** A listener that takes connections and never says a word. */
export async function startSilent(stage) {
  const server = net.createServer((socket) => socket.resume());
  return { port: await stage.listen(server) };
}

/** A port on which nothing listens. */
export async function closedPort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
