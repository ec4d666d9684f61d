/**
 * A self-signed certificate for a platform that speaks TLS, made anew in memory each time: no private key lies in the
 * repository, and no program has to be installed for it. It is good for tests on the loopback interface, and never for
 * anything else.
 */

import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

const DAY = 86_400_000;

// Tags of ASN.1's distinguished encoding, as RFC 5280 uses them for a certificate.
const BOOLEAN = 0x01;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OID = 0x06;
const UTF8_STRING = 0x0c;
const GENERALIZED_TIME = 0x18;
const SEQUENCE = 0x30;
const SET = 0x31;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

const ECDSA_WITH_SHA256 = oid("2a8648ce3d040302");
const COMMON_NAME = oid("550403");
const BASIC_CONSTRAINTS = oid("551d13");
const SUBJECT_ALT_NAME = oid("551d11");

/**
 * Makes a key and its certificate, which is its own authority: trust it by trusting `cert`.
 *
 * @param {object} [options]
 * @param {string[]} [options.names] the host names that it is for
 * @param {string[]} [options.addresses] the IPv4 addresses that it is for
 * @param {Date} [options.notAfter] when it expires; in a day if left out
 * @returns {{ key: string, cert: string }} PEM
 */
export function selfSigned({ names = ["localhost"], addresses = ["127.0.0.1"], notAfter } = {}) {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const until = notAfter ?? new Date(Date.now() + DAY);
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, "embedded platform"))));
  const alternatives = [
    ...names.map((host) => der(DNS_NAME, host)),
    ...addresses.map((address) => der(IP_ADDRESS, Buffer.from(address.split(".").map(Number)))),
  ];
  const body = der(
    SEQUENCE,
    der(VERSION, der(INTEGER, Buffer.of(2))),
    der(INTEGER, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    der(SEQUENCE, ECDSA_WITH_SHA256),
    name,
    der(SEQUENCE, time(new Date(until.getTime() - 2 * DAY)), time(until)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(
      EXTENSIONS,
      der(
        SEQUENCE,
        extension(BASIC_CONSTRAINTS, der(SEQUENCE, der(BOOLEAN, Buffer.of(0xff)))),
        extension(SUBJECT_ALT_NAME, der(SEQUENCE, ...alternatives)),
      ),
    ),
  );
  const signature = sign("sha256", body, privateKey);
  const bits = Buffer.concat([Buffer.of(0), signature]);
  const certificate = der(SEQUENCE, body, der(SEQUENCE, ECDSA_WITH_SHA256), der(BIT_STRING, bits));
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: pem("CERTIFICATE", certificate),
  };
}

function der(tag, ...contents) {
  const content = Buffer.concat(contents.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.of(tag), lengthOf(content), content]);
}

/** Up to 127 a length is one byte; above, a byte tells how many more hold it. */
function lengthOf({ length }) {
  if (length < 0x80) return Buffer.of(length);
  return length < 0x100 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 0xff);
}

function oid(hex) {
  return der(OID, Buffer.from(hex, "hex"));
}

function extension(id, value) {
  return der(SEQUENCE, id, der(OCTET_STRING, value));
}

function time(date) {
  return der(GENERALIZED_TIME, `${date.toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`);
}

function pem(label, bytes) {
  const lines = bytes.toString("base64").match(/.{1,64}/g);
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
