/**
 * Answers that are made by hand, byte by byte: what a server, or something in its place, may put on a connection. Each
 * is given the body that would have been right. What a client should make of it is the tests' to say.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const MIB = 1024 * 1024;
const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
const CLOSE = "connection: close\r\n";

const sized = (body, more = "") => `${HEAD}${more}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const chunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const chunked = (body) => `${HEAD}transfer-encoding: chunked\r\n\r\n${body}`;
const packed = (encoding, bytes) => [
  Buffer.concat([
    Buffer.from(`${HEAD}${CLOSE}content-encoding: ${encoding}\r\ncontent-length: ${bytes.length}\r\n\r\n`),
    bytes,
  ]),
];

const MUCH = Buffer.alloc(16 * MIB, " ");
const BOMBS = {
  gzip: gzipSync(MUCH),
  brotli: brotliCompressSync(MUCH, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
};

/** One piece after the other, for as long as somebody listens; every answer here ends well before that. */
async function* dripping(start, piece) {
  yield start;
  for (let left = 1000; left > 0; left -= 1) {
    await sleep(20);
    yield piece;
  }
}

/** A start, and then nothing, on a connection that stays open for as long as the client has it. */
async function* hanging(start, socket) {
  yield start;
  await new Promise((resolve) => socket.once("close", resolve));
}

async function* byteByByte(text) {
  for (const byte of Buffer.from(text)) {
    yield Buffer.of(byte);
    await new Promise(setImmediate);
  }
}

/** The server closes its half and goes on listening, which Node's own servers do not do by themselves. */
async function* halfClosed(start, socket) {
  yield start;
  socket.end();
  await new Promise((resolve) => socket.once("close", resolve));
}

/** Unusual, and an answer all the same. */
export const GOOD = {
  "HTTP/1.0, up to the end of the connection": (body) => [`HTTP/1.0 200 OK\r\n\r\n${body}`],
  "HTTP/1.0 that keeps the connection": (body) => [sized(body, "connection: keep-alive\r\n").replace("1.1", "1.0")],
  "no length, up to the end of the connection": (body) => [`${HEAD}${CLOSE}\r\n${body}`],
  "early hints before it": (body) => [
    "HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\n".repeat(3),
    sized(body),
  ],
  "102 before it": (body) => ["HTTP/1.1 102 Processing\r\n\r\n", sized(body)],
  "a byte at a time": (body) => byteByByte(sized(body)),
  "a byte a chunk, with a trailer": (body) => [
    chunked([...Buffer.from(body, "latin1").toString("latin1")].map(chunk).join("")),
    "0\r\nx-trailer: 1\r\n\r\n",
  ],
  "more bytes after it": (body) => [`${sized(body)}and more of it`],
  "the same once more": (body) => [sized(body) + sized(body)],
  compressed: (body) => packed("gzip", gzipSync(body)),
};

/**
 * No answer, or none that is whole. `late` ends with the time of the request and not before; `begun` had a status, or something in its
 * place;
 * `long` is longer than anybody reads.
 *
 * @type {Record<string, { raw: Function, late?: boolean, begun?: boolean, long?: boolean }>}
 */
export const BAD = {
  "closed instead": { raw: () => [] },
  "half closed instead": { raw: (_, socket) => halfClosed("", socket) },
  "half closed within the head": { raw: (_, socket) => halfClosed(HEAD, socket) },
  "half closed within the body": {
    raw: (body, socket) => halfClosed(sized(body).slice(0, -4), socket),
    begun: true,
  },
  "silence within the head": { raw: (_, socket) => hanging(HEAD, socket), late: true },
  "silence within the body": { raw: (body, socket) => hanging(sized(body).slice(0, -4), socket), late: true },
  "a drip of headers": { raw: () => dripping(HEAD, "x-drip: 1\r\n"), late: true },
  "a drip of one header": { raw: () => dripping(`${HEAD}x-drip: `, "x"), late: true },
  "a drip of early hints": { raw: () => dripping("", "HTTP/1.1 103 Early Hints\r\n\r\n"), late: true },
  "a drip of the body": { raw: () => dripping(chunked(""), chunk(" ")), late: true },
  "a head of 200 KB": { raw: () => [`${HEAD}x-big: ${"x".repeat(200_000)}\r\n\r\n`] },
  "ten thousand headers": { raw: () => [`${HEAD}${"x-many: 1\r\n".repeat(10_000)}\r\n`] },
  "a body of 5 MB": { raw: () => [sized(" ".repeat(5 * MIB))], begun: true, long: true },
  "16 MB in a little gzip": { raw: () => packed("gzip", BOMBS.gzip), begun: true, long: true },
  "16 MB in a little brotli": { raw: () => packed("br", BOMBS.brotli), begun: true, long: true },
  "a length of 10 GB, and little of it": {
    raw: (body) => [`${HEAD}content-length: 10000000000\r\n\r\n${body}`],
    begun: true,
  },
  "a chunk whose size is no number": { raw: (body) => [chunked(`x${chunk(body)}0\r\n\r\n`)], begun: true },
  "a chunk with a size beyond all": { raw: (body) => [chunked(`${"F".repeat(17)}\r\n${body}`)], begun: true },
  "a chunk that is longer than it says": { raw: (body) => [chunked(`2\r\n${body}\r\n0\r\n\r\n`)], begun: true },
  "no last chunk": { raw: (body) => [chunked(chunk(body))], begun: true },
  "two lengths": {
    raw: (body) => [sized(body, "content-length: 5\r\n")],
    begun: true,
  },
  "a length below zero": { raw: (body) => [`${HEAD}content-length: -1\r\n\r\n${body}`], begun: true },
  "both a length and chunks": {
    raw: (body) => [`${HEAD}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n${chunk(body)}0\r\n\r\n`],
    begun: true,
  },
  "100 Continue that nobody asked for": { raw: (body) => ["HTTP/1.1 100 Continue\r\n\r\n", sized(body)] },
  "101 Switching Protocols": {
    raw: () => ["HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"],
  },
  "another protocol": { raw: () => ["SSH-2.0-OpenSSH_9.6\r\n"], begun: true },
  "HTTP/9.9": { raw: (body) => [sized(body).replace("1.1", "9.9")], begun: true },
  "a status that is no number": { raw: (body) => [sized(body).replace("200", "2x0")], begun: true },
  "NUL within a header": { raw: (body) => [sized(body, "x-nul: a\0b\r\n")], begun: true },
};
