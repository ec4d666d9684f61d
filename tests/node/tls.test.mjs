/**
 * TLS that cannot be trusted, for every server that is asked: Houston, the registry, and an Airflow behind Houston's
 * name. Nothing is sent to it, and not tried again; a CA that is named mends what a CA can mend. What a change meets
 * besides is in `transport.test.mjs`.
 */

import assert from "node:assert/strict";
import { describe } from "node:test";
import { selfSigned } from "../platform/index.mjs";
import { AS_ROBOT, DEPLOYED, lookUp, ROBOT, refused, warned } from "./preflight.mjs";
import { labelOf, NODE24, NODES, SKIP_WITHOUT_24, staged } from "./run.mjs";

const needs24 = { skip: SKIP_WITHOUT_24 };

/** TLS 1.1 and nothing newer, with the ciphers that it had. */
const OLD = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" };

/** Each with whether the CA is trusted all the same, and what is said. */
const BAD = [
  ["an unknown CA", () => selfSigned(), false, /DEPTH_ZERO_SELF_SIGNED_CERT/],
  ["another name", () => selfSigned({ names: ["other.test"], addresses: [] }), true, /ERR_TLS_CERT_ALTNAME_INVALID/],
  [
    "a certificate that has expired",
    () => selfSigned({ notAfter: new Date(Date.now() - 60_000) }),
    true,
    /CERT_HAS_EXPIRED/,
  ],
  ["an old protocol", () => ({ ...selfSigned(), ...OLD }), true, /ERR_SSL_\w*PROTOCOL\w*|EPROTO/],
];

for (const node of NODES) {
  describe(`TLS that cannot be trusted, ${labelOf(node)}`, () => {
    for (const [name, certificate, trusted, said] of BAD) {
      const trusting = (stage, tls) => (trusted ? { NODE_EXTRA_CA_CERTS: stage.file("ca.pem", tls.cert) } : {});

      staged(`${name}, of Houston`, async (stage) => {
        const tls = certificate();
        const houston = await stage.houston({ tls });
        const run = await stage.deploy(houston, {}, { node, env: trusting(stage, tls) });
        assert.deepEqual(
          [run.code, run.report.error.code, houston.requests.length],
          [4, "TLS_UNTRUSTED", 0],
          run.stderr,
        );
        assert.match(run.stderr, said);
        assert.match(run.stderr, /^hint: set `ca-cert`/m);
        // A retry would be said as well.
        assert.equal(run.stderr.match(/TLS failed/g).length, 1, run.stderr);
      });

      for (const preflight of ["require", "auto"]) {
        staged(`${name}, of the registry, ${preflight}`, async (stage) => {
          const tls = certificate();
          const registry = await stage.registry({ tls, auth: { scheme: "basic", users: [ROBOT] } });
          const [user, { env }] = AS_ROBOT;
          const how = { node, env: { ...env, ...trusting(stage, tls) } };
          const run = await lookUp(stage, registry, { preflight, attempts: 3, ...user }, how);
          assert.deepEqual(
            run.facts,
            preflight === "auto" ? warned("TLS_UNTRUSTED") : refused("TLS_UNTRUSTED", 4),
            run.stderr,
          );
          assert.match(run.stderr, said);
          assert.match(run.stderr, /^hint: /m);
          assert.equal(registry.requests.length, 0);
        });
      }
    }
  });
}

describe("ca-cert", () => {
  staged(
    "is for the registry as well",
    async (stage) => {
      const tls = selfSigned();
      const registry = await stage.registry({ tls, auth: { scheme: "bearer", users: [ROBOT] } });
      const [user, how] = AS_ROBOT;
      const options = { ...user, "ca-cert": stage.file("ca.pem", tls.cert) };
      const { facts, stderr } = await lookUp(stage, registry, options, { ...how, node: NODE24 });
      assert.deepEqual(facts, DEPLOYED, stderr);
    },
    needs24,
  );

  staged(
    "is for the Airflow as well",
    async (stage) => {
      const tls = selfSigned();
      const houston = await stage.houston({ tls, airflow: { speed: 60 } });
      const options = {
        "ca-cert": stage.file("ca.pem", tls.cert),
        workspace: "clworkspace0001",
        wait: "require",
        "poll-interval": "200ms",
        "stable-for": "800ms",
        timeout: "9s",
      };
      const { code, report, stderr } = await stage.deploy(houston, options, { node: NODE24 });
      assert.deepEqual([code, report.results[0].proof], [0, "restarted"], stderr);
    },
    needs24,
  );
});

describe("TLS that breaks", () => {
  for (const node of NODES) {
    staged(`after the change was sent, ${labelOf(node)}: open`, async (stage) => {
      const tls = selfSigned();
      const houston = await stage.houston({ tls });
      // What is written beside TLS on the same connection is no record of it.
      const raw = (_, socket) => {
        socket._parent.write("this is no TLS\r\n".repeat(4));
        return [];
      };
      houston.faults.add({ on: "mutation", raw });
      const env = { NODE_EXTRA_CA_CERTS: stage.file("ca.pem", tls.cert) };
      const run = await stage.deploy(houston, { "platform-version": "0.34.1", attempts: 1 }, { node, env });
      assert.deepEqual([run.code, run.report.results[0].change, houston.applied.length], [5, "unknown", 1], run.stderr);
    });
  }
});
