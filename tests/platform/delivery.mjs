/**
 * How an answer leaves the platform: whole, or broken in the way that a fault asks for. It never decides which request
 * is struck, and knows of GraphQL no more than that it is JSON.
 */

import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Carries out a request, as far as the fault lets it, and answers it.
 *
 * @param {object} exchange
 * @param {import("node:http").ServerResponse} exchange.response
 * @param {() => void} exchange.reset resets the connection that the request came on
 * @param {import("./faults.mjs").Fault} exchange.fault
 * @param {number} exchange.latency milliseconds before the answer goes out
 * @param {AbortSignal} exchange.signal the platform's end
 * @param {() => void} exchange.rivalMoves lets another pipeline change the Deployment
 * @param {() => Promise<{ status: number, headers: object, body: string }>} exchange.carryOut
 */
export async function deliver({ response, reset, fault, latency, signal, rivalMoves, carryOut }) {
  if (fault.delay) await sleep(fault.delay, undefined, { signal });
  if (fault.rival) rivalMoves();
  const good = isCarriedOut(fault) ? await carryOut() : undefined;
  if (latency > 0) await sleep(latency, undefined, { signal });

  if (fault.reset) return reset();
  // The request stays open until the client, or the end of the platform, closes it.
  if (fault.hang) return undefined;
  if (fault.oversized !== undefined) return sendOversized(response, fault.oversized);
  if (fault.gzip) return sendBadGzip(response, good);
  if (fault.raw) return sendRaw(response.socket, fault.raw(good.body, response.socket, good.status));
  if (isByHand(fault)) return sendByHand(response, fault);

  const body = fault.tamper ? JSON.stringify(fault.tamper(JSON.parse(good.body))) : good.body;
  if (fault.cut !== undefined) return sendCut(response, { ...good, body }, fault.cut);
  return send(response, { ...good, body });
}

function isByHand({ status, body, headers, graphql }) {
  return [status, body, headers, graphql].some((part) => part !== undefined);
}

/** What stands in the place of the answer stands in the place of the change too, unless the fault says otherwise. */
function isCarriedOut(fault) {
  if (fault.reset) return fault.reset === "after";
  if (fault.hang) return fault.hang === "after";
  if (isByHand(fault) || fault.oversized !== undefined) return fault.applied === true;
  return true;
}

function send(response, { status, headers, body }) {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, "content-length": bytes.length });
  response.end(bytes);
}

function sendByHand(response, { status = 200, headers = {}, body, type, graphql }) {
  const content = graphql ?? body ?? "";
  const isText = typeof content === "string";
  send(response, {
    status,
    headers: { "content-type": type ?? (isText ? "text/html" : "application/json"), ...headers },
    body: isText ? content : JSON.stringify(content),
  });
}

function sendCut(response, { status, headers, body }, length) {
  const bytes = Buffer.from(body);
  const { socket } = response;
  response.writeHead(status, { ...headers, "content-length": bytes.length });
  response.flushHeaders();
  // The socket closes only after it has written what it was given, so that the client does get these bytes.
  response.write(bytes.subarray(0, length), () => socket?.destroySoon());
}

function sendBadGzip(response, { status, headers }) {
  const garbage = Buffer.from("this was never compressed");
  response.writeHead(status, { ...headers, "content-encoding": "gzip", "content-length": garbage.length });
  response.end(garbage);
}

/** Speaks for itself, below HTTP, until it has said all or nobody is there to listen. */
async function sendRaw(socket, pieces) {
  for await (const piece of pieces) {
    if (socket.destroyed || !socket.writable) return;
    socket.write(piece);
  }
  socket.destroySoon();
}

/** Sends without a length, so that only counting shows the size, and no faster than the client reads. */
async function sendOversized(response, size) {
  response.writeHead(200, { "content-type": "application/json" });
  // A client that has had enough closes the connection, which is what this fault is there to see.
  await pipeline(Readable.from(chunksOf(size)), response).catch(() => {});
}

function* chunksOf(size) {
  const chunk = Buffer.alloc(64 * 1024, "x");
  for (let left = size; left > 0; left -= chunk.length) yield chunk.subarray(0, Math.min(left, chunk.length));
}
