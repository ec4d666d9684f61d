/**
 * What happens below HTTP, on real sockets: whether a change that got no answer can have arrived is a fact, and the
 * same fact on every Node. Certificates are here as well; the way through a proxy is tested in `proxy.test.mjs`.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { describe } from "node:test";
import { selfSigned } from "../platform/index.mjs";
import { labelOf, NODE20, NODE24, NODES, SKIP_WITHOUT_20, SKIP_WITHOUT_24, staged } from "./run.mjs";
import { closedPort, startResetting, startSilent } from "./servers.mjs";

/** The change is then the first request, so that it is the one that meets the fault. */
const CHANGE = { "platform-version": "0.34.1" };

const at = (port, scheme = "https") => ({ url: `${scheme}://127.0.0.1:${port}/v1` });

/** What the report says of the change. */
function facts({ code, report }) {
  const [{ change, attempts, error, mayHaveArrived }] = report.results;
  return { code, change, error: error?.code, attempts, open: mayHaveArrived.length };
}

const unsent = (attempts) => ({ code: 4, change: "none", error: "HOUSTON_UNREACHABLE", attempts, open: 0 });
const unknown = (attempts) => ({ code: 5, change: "unknown", error: "OUTCOME_UNKNOWN", attempts, open: attempts });

for (const node of NODES) {
  describe(`a change without an answer, ${labelOf(node)}`, () => {
    const deploy = (stage, platform, options, env) => stage.deploy(platform, { ...CHANGE, ...options }, { node, env });

    staged("refused where fetch sends it once more by itself: it had been sent", async (stage) => {
      // After 421 a client may take a new connection, of which there is none.
      const server = createServer((request, response) => {
        request.resume().on("end", () => {
          server.close();
          response.writeHead(421, { connection: "close" }).end();
        });
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const run = await deploy(stage, at(server.address().port, "http"), { attempts: 1 });
      assert.deepEqual(facts(run), unknown(1));
    });

    staged("refused: not sent", async (stage) => {
      const run = await deploy(stage, at(await closedPort(), "http"), { attempts: 2 });
      assert.deepEqual(facts(run), unsent(2), run.stderr);
      assert.match(run.stderr, /no connection came about \(ECONNREFUSED\)/);
    });

    staged("reset before the TLS handshake ends: not sent", async (stage) => {
      const { port, seen } = await startResetting(stage);
      const run = await deploy(stage, at(port), { attempts: 2 });
      assert.deepEqual(facts(run), unsent(2), run.stderr);
      assert.equal(seen.connections, 2);
    });

    staged("silence before the TLS handshake ends: not sent", async (stage) => {
      const { port } = await startSilent(stage);
      const run = await deploy(stage, at(port), { attempts: 1, "request-timeout": "300ms" });
      assert.deepEqual(facts(run), unsent(1), run.stderr);
      assert.match(run.stderr, /no answer within 300 ms/);
    });

    for (const [reset, applied] of [
      ["before", 0],
      ["after", 1],
    ]) {
      staged(`reset ${reset} the request was carried out: open`, async (stage) => {
        const houston = await stage.houston();
        houston.faults.add({ on: "mutation", reset });
        const run = await deploy(stage, houston, { attempts: 1 });
        assert.deepEqual(facts(run), unknown(1), run.stderr);
        assert.equal(houston.applied.length, applied);
        const [{ requestId }] = run.report.results[0].mayHaveArrived;
        assert.equal(houston.requests[0].headers["x-request-id"], requestId);
      });
    }

    staged("reset after the request, over TLS: open as well", async (stage) => {
      const tls = selfSigned();
      const houston = await stage.houston({ tls });
      houston.faults.add({ on: "mutation", reset: "after" });
      const env = { NODE_EXTRA_CA_CERTS: stage.file("ca.pem", tls.cert) };
      const run = await deploy(stage, houston, { attempts: 1 }, env);
      assert.deepEqual([facts(run), houston.applied.length], [unknown(1), 1]);
    });

    staged("reset, then accepted: green, with the open send on record", async (stage) => {
      const houston = await stage.houston();
      houston.faults.add({ on: "mutation", reset: "after" });
      const run = await deploy(stage, houston, { attempts: 2 });
      assert.deepEqual(facts(run), { code: 0, change: "confirmed", error: undefined, attempts: 2, open: 1 });
      assert.deepEqual(
        run.report.warnings.map(({ code }) => code),
        ["OUTCOME_UNKNOWN"],
      );
    });

    for (const hang of [true, "after"]) {
      staged(`no answer in time${hang === "after" ? ", though carried out" : ""}: open`, async (stage) => {
        const houston = await stage.houston();
        houston.faults.add({ on: "mutation", hang });
        const run = await deploy(stage, houston, { attempts: 1, "request-timeout": "300ms" });
        assert.deepEqual(facts(run), unknown(1), run.stderr);
        assert.equal(houston.applied.length, hang === "after" ? 1 : 0);
      });
    }

    staged("a question is asked again, and leaves nothing open", async (stage) => {
      const houston = await stage.houston();
      houston.faults.add({ on: "version", reset: "after" }, { on: "read", reset: "before" });
      const run = await stage.deploy(houston, { workspace: "clworkspace0001" }, { node });
      assert.deepEqual(facts(run), { code: 0, change: "confirmed", error: undefined, attempts: 1, open: 0 });
      const asked = houston.requests.map(({ operation }) => operation);
      // The two questions are asked at the same time, so that their order among each other is nobody's.
      assert.deepEqual(asked.slice(0, 4).sort(), ["read", "read", "version", "version"]);
      assert.deepEqual(asked.slice(4), ["mutation"]);
    });

    staged("time runs out between two sends", async (stage) => {
      const houston = await stage.houston();
      houston.faults.add({ on: "mutation", times: 9, reset: "before" });
      const run = await deploy(stage, houston, { attempts: 9, timeout: "400ms" });
      const { code, change, attempts, open } = facts(run);
      assert.deepEqual([code, change, attempts === open], [5, "unknown", true]);
      assert.ok(run.milliseconds < 3000);
    });
  });

  describe(`certificates, ${labelOf(node)}`, () => {
    const untrusted = { code: 4, change: "none", error: "TLS_UNTRUSTED", attempts: 1, open: 0 };
    const rows = [
      ["one that signed itself", {}, false, "DEPTH_ZERO_SELF_SIGNED_CERT"],
      ["one for another name", { names: ["other.test"], addresses: [] }, true, "ERR_TLS_CERT_ALTNAME_INVALID"],
      ["one that has expired", { notAfter: new Date(Date.now() - 60_000) }, true, "CERT_HAS_EXPIRED"],
    ];
    for (const [name, certificate, trusted, said] of rows) {
      staged(`${name}: nothing is sent, and not again`, async (stage) => {
        const tls = selfSigned(certificate);
        const houston = await stage.houston({ tls });
        const env = trusted ? { NODE_EXTRA_CA_CERTS: stage.file("ca.pem", tls.cert) } : {};
        const run = await stage.deploy(houston, CHANGE, { node, env });
        assert.deepEqual(facts(run), untrusted, run.stderr);
        assert.ok(run.stderr.includes(`TLS failed (${said})`), run.stderr);
        assert.match(run.stderr, /hint: set `ca-cert`/);
        assert.equal(houston.requests.length, 0);
      });
    }

    staged("https where plain HTTP is spoken", async (stage) => {
      const { port, requests } = await stage.houston();
      const run = await stage.deploy(at(port), CHANGE, { node });
      assert.deepEqual([facts(run), requests.length], [untrusted, 0], run.stderr);
    });

    staged("NODE_EXTRA_CA_CERTS is trusted", async (stage) => {
      const tls = selfSigned();
      const houston = await stage.houston({ tls });
      const run = await stage.deploy(
        houston,
        {},
        { node, env: { NODE_EXTRA_CA_CERTS: stage.file("ca.pem", tls.cert) } },
      );
      assert.deepEqual([run.code, houston.applied.length], [0, 1], run.stderr);
    });
  });
}

describe("ca-cert", () => {
  /** Deploys to a Houston with a certificate of its own, told to trust that one or another. */
  async function trusting(stage, node, other) {
    const tls = selfSigned();
    const houston = await stage.houston({ tls });
    const run = await stage.deploy(houston, { "ca-cert": stage.file("ca.pem", (other ?? tls).cert) }, { node });
    return { ...run, houston, sent: houston.requests.length };
  }

  staged(
    "is trusted on Node 24",
    async (stage) => {
      const { code, houston, stderr } = await trusting(stage, NODE24);
      assert.deepEqual([code, houston.applied.length], [0, 1], stderr);
    },
    { skip: SKIP_WITHOUT_24 },
  );

  staged(
    "is trusted on Node 24 from the environment",
    async (stage) => {
      const tls = selfSigned();
      const env = { HOUSTON_CA_CERT: stage.file("ca.pem", tls.cert) };
      const { code, stderr } = await stage.deploy(await stage.houston({ tls }), {}, { node: NODE24, env });
      assert.equal(code, 0, stderr);
    },
    { skip: SKIP_WITHOUT_24 },
  );

  staged(
    "of another does not make this one trusted",
    async (stage) => {
      const { code, report } = await trusting(stage, NODE24, selfSigned());
      assert.deepEqual([code, report.error.code], [4, "TLS_UNTRUSTED"]);
    },
    { skip: SKIP_WITHOUT_24 },
  );

  staged("that only looks like one is wrong input, and nothing is sent", async (stage) => {
    const houston = await stage.houston({ tls: selfSigned() });
    const frame = "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydA==\n-----END CERTIFICATE-----\n";
    const { code, report, stderr } = await stage.deploy(houston, { "ca-cert": stage.file("ca.pem", frame) });
    assert.deepEqual([code, report.error.code, houston.requests.length], [2, "INPUT_INVALID", 0]);
    assert.match(stderr, /ca-cert: holds no PEM certificate/);
  });

  staged(
    "on Node 20 is wrong input, with the way that works there",
    async (stage) => {
      const { code, report, sent, stderr } = await trusting(stage, NODE20);
      assert.deepEqual([code, report.error.code, sent], [2, "INPUT_INVALID", 0]);
      assert.match(stderr, /ca-cert: cannot be trusted .*\nhint: set NODE_EXTRA_CA_CERTS/);
    },
    { skip: SKIP_WITHOUT_20 },
  );
});
