/**
 * A token server for the reference registry: it signs, by ES256, what that registry verifies with the certificate. It
 * grants what a user may do of what was asked for, as the distribution project's specification has it.
 *
 * Source: the distribution project's pages "Token Authentication Specification" and "… Implementation".
 */

import { randomUUID, sign } from "node:crypto";
import http from "node:http";

export const SERVICE = "reference-registry";
export const ISSUER = "token server of the tests";

const LIFETIME = 300;

/**
 * @param {object} options
 * @param {{ key: string, cert: string }} options.signer PEM
 * @param {{ name: string, password: string, actions: string[] }[]} options.users
 * @param {string[]} [options.anonymous] the repositories that everyone may pull from
 * @returns {{ server: http.Server, requests: { method: string, path: string, credentials: boolean }[] }}
 */
export function tokenServer({ signer, users, anonymous = [] }) {
  const requests = [];
  const server = http.createServer((request, response) => {
    const { method, url: path, headers } = request;
    requests.push({ method, path, credentials: headers.authorization !== undefined });
    const user = users.find(({ name, password }) => headers.authorization === basic(name, password));
    if (headers.authorization !== undefined && !user) {
      response.writeHead(401, { "content-type": "application/json" });
      return response.end('{"errors":[{"code":"UNAUTHORIZED","message":"incorrect username or password"}]}');
    }
    const { searchParams } = new URL(path, "http://token.invalid");
    const granted = (name, action) => user?.actions.includes(action) || (action === "pull" && anonymous.includes(name));
    const access = searchParams.getAll("scope").map((scope) => {
      const [, type, name, actions] = /^([a-z]+):(.*):([a-z*,]+)$/.exec(scope) ?? [];
      return { type, name, actions: (actions ?? "").split(",").filter((action) => granted(name, action)) };
    });
    const token = signed(signer, { sub: user?.name ?? "", aud: searchParams.get("service"), access });
    response.writeHead(200, { "content-type": "application/json" });
    return response.end(JSON.stringify({ token, expires_in: LIFETIME }));
  });
  return { server, requests };
}

function signed({ key, cert }, claims) {
  const now = Math.floor(Date.now() / 1000);
  const certificate = cert.replace(/-----[A-Z ]+-----|\s/g, "");
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const header = part({ typ: "JWT", alg: "ES256", x5c: [certificate] });
  const times = { nbf: now - 60, iat: now, exp: now + LIFETIME };
  const body = part({ iss: ISSUER, jti: randomUUID(), ...times, ...claims });
  // JSON Web Tokens hold the two numbers of a signature side by side, and not in ASN.1.
  const signature = sign("sha256", Buffer.from(`${header}.${body}`), { key, dsaEncoding: "ieee-p1363" });
  return `${header}.${body}.${signature.toString("base64url")}`;
}

function basic(name, password) {
  return `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
}
