/**
 * Looking before sending, as somebody: credentials of the options, of docker's config file and of the helpers that it
 * names, in that order, each shown to the registry and its token server and to nobody else.
 */

import assert from "node:assert/strict";
import { chmodSync, readFileSync } from "node:fs";
import { describe } from "node:test";
import { AS_ROBOT, DEPLOYED, lookUp, ROBOT, refused, USER_NAME, warned } from "./preflight.mjs";
import { IDENTITY, PASSWORD, staged, TOKEN } from "./run.mjs";

const BEARER = { scheme: "bearer", users: [ROBOT], refreshTokens: [IDENTITY] };
const BASIC = { scheme: "basic", users: [ROBOT] };
const SCHEMES = [BEARER, BASIC];

const base64 = (text) => Buffer.from(text).toString("base64");
const ENTRY = { auth: base64(`${USER_NAME}:${PASSWORD}`) };

/** Writes docker's config file; gives how the program is run to find it. */
function dockerConfig(stage, config) {
  const text = typeof config === "string" ? config : JSON.stringify(config);
  stage.file("docker/config.json", text);
  return { env: { DOCKER_CONFIG: stage.path("docker") } };
}

/**
 * Puts a credential helper on the path; gives the environment that has it. What each one is started with lies in the
 * stage's folder afterwards, where it is searched for secrets like everything else.
 */
function helper(stage, name, script, env = {}) {
  const record = `{ env; echo "$0 $*"; } >"$HOME/helper-$$"`;
  const path = stage.file(`bin/docker-credential-${name}`, `#!/bin/sh\n${record}\n${script}\n`);
  chmodSync(path, 0o755);
  return { ...env, PATH: `${stage.path("bin")}:${process.env.PATH}` };
}

const printing = (value) => `cat <<'END'\n${JSON.stringify(value)}\nEND`;
const GOOD = printing({ ServerURL: "", Username: USER_NAME, Secret: PASSWORD });

/** What each request to the registry and its token server came with. */
const shown = ({ requests }) => requests.map(({ kind, credentials }) => `${kind} ${credentials}`);

describe("the options", () => {
  for (const auth of SCHEMES) {
    staged(`answer a ${auth.scheme} challenge`, async (stage) => {
      const registry = await stage.registry({ auth });
      const { facts, stderr } = await lookUp(stage, registry, ...AS_ROBOT);
      assert.deepEqual(facts, DEPLOYED, stderr);
      // Nothing is shown before it is asked for.
      assert.equal(shown(registry)[0], "head none");
    });

    staged(`come before docker's config file (${auth.scheme})`, async (stage) => {
      const registry = await stage.registry({ auth });
      const { env } = dockerConfig(stage, { auths: { [registry.host]: { auth: base64("somebody:else") } } });
      const [options, how] = AS_ROBOT;
      const { facts, stderr } = await lookUp(stage, registry, options, { env: { ...how.env, ...env } });
      assert.deepEqual(facts, DEPLOYED, stderr);
    });
  }

  staged("are shown to no registry that does not ask", async (stage) => {
    const registry = await stage.registry();
    assert.deepEqual((await lookUp(stage, registry, ...AS_ROBOT)).facts, DEPLOYED);
    assert.ok(registry.requests.every(({ credentials }) => credentials === "none"));
  });

  staged("answer the challenge where it comes, whatever /v2/ says", async (stage) => {
    const registry = await stage.registry({ auth: { ...BEARER, openPing: true } });
    assert.deepEqual((await lookUp(stage, registry, ...AS_ROBOT)).facts, DEPLOYED);
  });
});

describe("challenges and token servers", () => {
  const rows = [
    ["access_token", { field: "access_token" }],
    ["both names", { field: "both" }],
    ["Harbor's path", { path: "/service/token" }],
    ["Quay's path", { path: "/v2/auth" }],
    ["a scope of others", { challenge: ({ realm, service }) => bearer(realm, service, "repository:user/image:pull") }],
    ["no scope", { challenge: ({ realm, service }) => `Bearer realm="${realm}",service="${service}"` }],
    ["a service with odd characters", { service: "a b&c=d/é?+#" }],
    [
      "several in one header",
      { challenge: ({ realm, service, scope }) => `Negotiate, ${bearer(realm, service, scope)}, Basic realm="a, b"` },
    ],
    [
      "several in several headers",
      { challenge: ({ realm, service, scope }) => ['Digest realm="x", nonce="a,b"', bearer(realm, service, scope)] },
    ],
    [
      "a quoted comma, escapes and odd spaces",
      {
        challenge: ({ realm, service, scope }) =>
          `bearer  error="a \\"b\\", c" ,realm = "${realm}", SERVICE="${service}" , scope="${scope}"`,
      },
    ],
    [
      "Basic before Bearer",
      { challenge: ({ realm, service, scope }) => ['Basic realm="x"', bearer(realm, service, scope)] },
    ],
  ];
  function bearer(realm, service, scope) {
    return `Bearer realm="${realm}",service="${service}",scope="${scope}"`;
  }
  for (const [name, auth] of rows) {
    staged(name, async (stage) => {
      const registry = await stage.registry({ auth: { ...BEARER, ...auth } });
      const { facts, stderr } = await lookUp(stage, registry, ...AS_ROBOT);
      assert.deepEqual(facts, DEPLOYED, stderr);
    });
  }

  staged("a token for everybody needs no credentials", async (stage) => {
    const registry = await stage.registry({ auth: { scheme: "bearer", anonymous: true } });
    assert.deepEqual((await lookUp(stage, registry)).facts, DEPLOYED);
    assert.equal(shown(registry).filter((request) => request === "token none").length, 1);
  });

  staged("a token server at another origin gets the credentials, and no token of Houston's", async (stage) => {
    const elsewhere = await stage.registry({ auth: BEARER });
    const registry = await stage.registry({ auth: { ...BEARER, realm: `${elsewhere.origin}/token` } });
    const { facts } = await lookUp(stage, registry, ...AS_ROBOT);
    // It issues, but not for that registry.
    assert.deepEqual(facts, refused("REGISTRY_DENIED"));
    assert.deepEqual([...new Set(shown(elsewhere))], ["token basic"]);
    for (const { headers } of [...elsewhere.requests, ...registry.requests]) {
      assert.ok(!(headers.authorization ?? "").includes(TOKEN), "Houston's token went to a registry");
    }
  });
});

describe("docker's config file", () => {
  const rows = [
    ["auth", (host) => ({ auths: { [host]: ENTRY } })],
    ["user name and password", (host) => ({ auths: { [host]: { username: USER_NAME, password: PASSWORD } } })],
    ["an address", (host) => ({ auths: { [`https://${host}/v1/`]: ENTRY } })],
    ["an address without a path", (host) => ({ auths: { [`http://${host}`]: ENTRY } })],
    [
      "others beside it",
      (host) => ({ auths: { "https://index.docker.io/v1/": { auth: base64("a:b") }, [host]: ENTRY, x: {} } }),
    ],
  ];
  for (const auth of SCHEMES) {
    for (const [name, config] of rows) {
      staged(`${name}, ${auth.scheme}`, async (stage) => {
        const registry = await stage.registry({ auth });
        const { facts, stderr } = await lookUp(stage, registry, {}, dockerConfig(stage, config(registry.host)));
        assert.deepEqual(facts, DEPLOYED, stderr);
      });
    }
  }

  staged("in the home folder", async (stage) => {
    const registry = await stage.registry({ auth: BASIC });
    stage.file(".docker/config.json", JSON.stringify({ auths: { [registry.host]: ENTRY } }));
    const { facts, stderr } = await lookUp(stage, registry);
    assert.deepEqual(facts, DEPLOYED, stderr);
  });

  staged("identitytoken is exchanged by POST", async (stage) => {
    const registry = await stage.registry({ auth: BEARER });
    const config = { auths: { [registry.host]: { auth: base64(`${USER_NAME}:`), identitytoken: IDENTITY } } };
    const { facts, stderr } = await lookUp(stage, registry, {}, dockerConfig(stage, config));
    assert.deepEqual(facts, DEPLOYED, stderr);
    const [exchange, ...more] = registry.requests.filter(({ kind }) => kind === "token");
    assert.deepEqual([exchange.method, exchange.credentials, more.length], ["POST", "none", 0]);
    const form = new URLSearchParams(exchange.rawBody);
    const { grant_type, refresh_token, client_id } = Object.fromEntries(form);
    assert.deepEqual([grant_type, refresh_token === IDENTITY, client_id], ["refresh_token", true, "houston-deploy"]);
  });

  staged("of others is shown to nobody", async (stage) => {
    const registry = await stage.registry({ auth: BASIC });
    const [address, port] = registry.host.split(":");
    const others = [address, `${address}:1${port}`, `x${registry.host}`, `${registry.host}.example.com`, "docker.io"];
    const config = { auths: Object.fromEntries(others.map((host) => [host, ENTRY])) };
    const { facts } = await lookUp(stage, registry, {}, dockerConfig(stage, config));
    assert.deepEqual(facts, refused("REGISTRY_DENIED"));
    assert.ok(
      registry.requests.every(({ credentials }) => credentials === "none"),
      shown(registry).join(),
    );
  });

  for (const text of ["no json", `{"auths": {"x": {"auth": "${base64(`a:${PASSWORD}`)}"}`, "[", "\u0000"]) {
    for (const preflight of ["require", "auto"]) {
      staged(`${JSON.stringify(text.slice(0, 9))} is no JSON, ${preflight}`, async (stage) => {
        const registry = await stage.registry({ auth: BASIC });
        const { facts, stderr } = await lookUp(stage, registry, { preflight }, dockerConfig(stage, text));
        const expected = preflight === "auto" ? warned("REGISTRY_FAILED") : refused("REGISTRY_FAILED", 4);
        assert.deepEqual(facts, expected, stderr);
        assert.match(stderr, /docker's config file/);
      });
    }
  }

  staged("that cannot be read does not matter where nobody asks who we are", async (stage) => {
    const { facts, stderr } = await lookUp(stage, await stage.registry(), {}, dockerConfig(stage, "no json"));
    assert.deepEqual(facts, DEPLOYED, stderr);
  });

  for (const config of ["", "\n", "null", "[]", '{"auths":[]}', '{"auths":{"x":null}}', '{"credHelpers":7}', "{}"]) {
    staged(`${JSON.stringify(config)} has nothing`, async (stage) => {
      const registry = await stage.registry({ auth: { scheme: "bearer", anonymous: true } });
      const { facts, stderr } = await lookUp(stage, registry, {}, dockerConfig(stage, config));
      assert.deepEqual(facts, DEPLOYED, stderr);
    });
  }

  for (const auth of ["%%%", base64("no colon"), ""]) {
    staged(`an auth of "${auth}" is none, and does not act`, async (stage) => {
      const registry = await stage.registry({ auth: BASIC });
      const config = { auths: { [registry.host]: { auth } } };
      const { facts, stderr } = await lookUp(stage, registry, {}, dockerConfig(stage, config));
      assert.deepEqual([facts.sent, /^REGISTRY_(DENIED|FAILED)$/.test(facts.error)], [0, true], stderr);
    });
  }
});

const ON_POSIX = { skip: process.platform === "win32" && "the stub helpers are shell scripts" };

describe("credential helpers", ON_POSIX, () => {
  const named = (host) => ({ credHelpers: { [host]: "stub" } });
  const stores = [
    ["credHelpers", named],
    ["credsStore", (host) => ({ credsStore: "stub", auths: { [host]: {} } })],
  ];

  async function helped(stage, registry, script, { config = named, preflight, env = {} } = {}) {
    const found = dockerConfig(stage, config(registry.host)).env;
    const how = { env: { ...env, ...helper(stage, "stub", script, found) } };
    return lookUp(stage, registry, { preflight }, how);
  }

  for (const auth of SCHEMES) {
    for (const [name, config] of stores) {
      staged(`${name}, ${auth.scheme}`, async (stage) => {
        const registry = await stage.registry({ auth });
        const { facts, stderr } = await helped(stage, registry, GOOD, { config });
        assert.deepEqual(facts, DEPLOYED, stderr);
      });
    }
  }

  staged("are told the registry by standard input, and no secret of ours", async (stage) => {
    const registry = await stage.registry({ auth: BASIC });
    const script = `env > "$HOME/seen-env"; echo "$*" > "$HOME/seen-words"; cat > "$HOME/seen-input"\n${GOOD}`;
    const env = { ASTRONOMER_KEY_SECRET: TOKEN, INPUT_TOKEN: TOKEN, HOUSTON_ATTEMPTS: "2", KEPT: "yes" };
    const { facts, stderr } = await helped(stage, registry, script, { env });
    assert.deepEqual(facts, DEPLOYED, stderr);
    assert.deepEqual([stage.read("seen-words"), stage.read("seen-input").trim()], ["get\n", registry.host]);
    const names = stage
      .read("seen-env")
      .split("\n")
      .map((line) => line.split("=")[0]);
    assert.deepEqual(
      names.filter((name) => /^(HOUSTON|ASTRONOMER|INPUT)_/.test(name)),
      [],
    );
    assert.ok(names.includes("KEPT"), "a helper needs the rest of its environment");
  });

  staged("may give a refresh token", async (stage) => {
    const registry = await stage.registry({ auth: BEARER });
    const script = printing({ ServerURL: "", Username: "<token>", Secret: IDENTITY });
    const { facts, stderr } = await helped(stage, registry, script);
    assert.deepEqual(facts, DEPLOYED, stderr);
    assert.ok(registry.requests.some(({ kind, method }) => kind === "token" && method === "POST"));
  });

  staged("that have none are no fault", async (stage) => {
    const registry = await stage.registry({ auth: { scheme: "bearer", anonymous: true } });
    const empty = printing({ ServerURL: "", Username: "", Secret: "" });
    for (const script of ["echo 'credentials not found in native keychain'; exit 1", empty]) {
      const { facts, stderr } = await helped(stage, registry, script);
      assert.deepEqual(facts, DEPLOYED, stderr);
    }
  });

  staged("are not run where nobody asks who we are", async (stage) => {
    const { facts } = await helped(stage, await stage.registry(), `touch "$HOME/seen"\n${GOOD}`);
    assert.deepEqual([facts, stage.has("seen")], [DEPLOYED, false]);
  });

  const noisy = `printf '%s\\n' '${PASSWORD}' >&2; printf '%s\\n' '${PASSWORD}'; exit 3`;
  const bad = [
    ["fails, and shows a secret", noisy],
    ["prints nothing", "exit 0"],
    ["prints no JSON", `printf '%s\\n' '${PASSWORD}'`],
    ["prints something else", printing({ Username: USER_NAME })],
    ["prints without end", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done"],
    ["is killed", "kill -9 $$"],
  ];
  for (const preflight of ["require", "auto"]) {
    const expected = preflight === "auto" ? warned("REGISTRY_FAILED") : refused("REGISTRY_FAILED", 4);
    for (const [name, script] of bad) {
      staged(`one that ${name}, ${preflight}`, async (stage) => {
        const registry = await stage.registry({ auth: BASIC });
        const { facts, stderr } = await helped(stage, registry, script, { preflight });
        assert.deepEqual(facts, expected, stderr);
        assert.match(stderr, /docker-credential-stub/);
      });
    }

    staged(`one that is missing, ${preflight}`, async (stage) => {
      const registry = await stage.registry({ auth: BASIC });
      const how = dockerConfig(stage, { credHelpers: { [registry.host]: "nowhere" } });
      const { facts, stderr } = await lookUp(stage, registry, { preflight }, how);
      assert.deepEqual(facts, expected, stderr);
      assert.match(stderr, /docker-credential-nowhere/);
    });

    for (const name of ["../../bin/sh", "a b", "x;id", "$(id)", "x\n::error::y"]) {
      staged(`one with the name ${JSON.stringify(name)}, ${preflight}`, async (stage) => {
        const registry = await stage.registry({ auth: BASIC });
        const how = dockerConfig(stage, { credHelpers: { [registry.host]: name } });
        const { facts, stdout, stderr } = await lookUp(stage, registry, { preflight }, how);
        assert.deepEqual(facts, expected, stderr);
        assert.doesNotMatch(stdout + stderr, /^::/m);
      });
    }
  }

  staged("one that hangs ends with all that it started, when the time of the request is over", async (stage) => {
    const registry = await stage.registry({ auth: BASIC });
    // Neither it nor its child ends by being asked to.
    const script = `trap '' TERM; sh -c 'trap "" TERM; echo $$ > "$HOME/child"; sleep 60 & wait; sleep 60' & wait`;
    const found = dockerConfig(stage, named(registry.host)).env;
    const env = helper(stage, "stub", script, found);
    const options = { "request-timeout": "1s" };
    const { facts, stderr, milliseconds } = await lookUp(stage, registry, options, { env });
    assert.deepEqual(facts, refused("REGISTRY_FAILED", 4), stderr);
    assert.match(stderr, /did not end in time/);
    assert.ok(milliseconds < 6000, `it took ${milliseconds} ms`);
    const child = Number(stage.read("child"));
    assert.ok(child > 0);
    assert.ok(await isGone(child), "the helper's child is still there");
  });
});

/** Whether a process has ended, perhaps after a moment; whether somebody has taken note of its end does not matter. */
async function isGone(pid) {
  for (let look = 0; look < 50; look += 1) {
    try {
      process.kill(pid, 0);
      if (/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))) return true;
    } catch (error) {
      if (error.code === "ESRCH") return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}
