/**
 * Looking before sending, where the registry is a good one: which image it is, whether it runs there, which version is
 * in it, and what Houston is told then. What is wrong with an image is definite, under `auto` as under `require`.
 */

import assert from "node:assert/strict";
import { describe } from "node:test";
import { DEFAULT_IMAGES, image as imageOf, index, LABELS } from "../platform/images.mjs";
import { AS_ROBOT, asked, DEPLOYED, lookUp, NO_VERSION, REPOSITORY, ROBOT, refused, warned } from "./preflight.mjs";
import { IMAGE, staged } from "./run.mjs";

const SWITCHES = ["auto", "require"];
const OLD = "0.34.1";
const NEW = "2.1.0";

const digestOf = (tag) => DEFAULT_IMAGES[tag].digest;

describe("an image that is there", () => {
  for (const tag of ["1.4.2", "1.4.2-index", "1.4.2-docker", "1.4.2-list"]) {
    for (const preflight of SWITCHES) {
      staged(`${tag}, ${preflight}`, async (stage) => {
        const registry = await stage.registry();
        const { facts, report, image, houston, stderr } = await lookUp(stage, registry, { tag, preflight });
        assert.deepEqual(facts, DEPLOYED, stderr);
        const { reference, digest, runtimeVersion, airflowVersion } = report.image;
        assert.deepEqual(
          { reference, digest, runtimeVersion, airflowVersion },
          { reference: image, digest: digestOf(tag), runtimeVersion: "12.1.1", airflowVersion: "2.10.2" },
        );
        assert.equal(houston.applied[0].image, image);
      });
    }
  }

  staged("by digest", async (stage) => {
    const registry = await stage.registry();
    const image = `${registry.host}/${REPOSITORY}@${digestOf("1.4.2-index")}`;
    const { facts, report, houston, stderr } = await lookUp(stage, registry, { image });
    assert.deepEqual([facts, report.image.digest], [DEPLOYED, digestOf("1.4.2-index")], stderr);
    assert.equal(houston.applied[0].image, image);
  });

  staged("by tag and digest, which agree", async (stage) => {
    const registry = await stage.registry();
    const image = `${registry.host}/${REPOSITORY}:1.4.2@${digestOf("1.4.2")}`;
    const { facts, houston, stderr } = await lookUp(stage, registry, { image });
    assert.deepEqual([facts, houston.applied[0]?.image], [DEPLOYED, image], stderr);
  });

  staged("at a registry that does not say the digest", async (stage) => {
    const registry = await stage.registry({ digestHeader: false });
    const { facts, report, stderr } = await lookUp(stage, registry, { tag: "1.4.2-index" });
    assert.deepEqual([facts, report.image.digest], [DEPLOYED, digestOf("1.4.2-index")], stderr);
  });

  staged("is not looked up when that is off", async (stage) => {
    const registry = await stage.registry();
    const { facts, report } = await lookUp(stage, registry, { preflight: "off", tag: "9.9.9" });
    assert.deepEqual([facts, report.image.digest, asked(registry)], [DEPLOYED, null, []]);
  });

  staged("is looked up once for several releases", async (stage) => {
    const registry = await stage.registry();
    const { code, houston, stderr } = await lookUp(stage, registry, { release: "analytics-dev analytics-prod" });
    assert.deepEqual([code, houston.applied.length], [0, 2], stderr);
    assert.ok(registry.requests.length <= 3, asked(registry).join());
  });
});

describe("requests", () => {
  staged("a single manifest without challenge costs three at most", async (stage) => {
    const registry = await stage.registry();
    assert.deepEqual((await lookUp(stage, registry)).facts, DEPLOYED);
    assert.ok(registry.requests.length <= 3, asked(registry).join());
  });

  staged("with a challenge two more", async (stage) => {
    const registry = await stage.registry({ auth: { scheme: "bearer", users: [ROBOT] } });
    const { facts, stderr } = await lookUp(stage, registry, ...AS_ROBOT);
    assert.deepEqual(facts, DEPLOYED, stderr);
    assert.ok(registry.requests.length <= 5, asked(registry).join());
    assert.equal(asked(registry).filter((kind) => kind === "token").length, 1);
  });

  staged("all say who asks, and each has an id of its own", async (stage) => {
    const registry = await stage.registry({ auth: { scheme: "bearer", users: [ROBOT] }, storage: true });
    await lookUp(stage, registry, ...AS_ROBOT);
    const ids = registry.requests.map(({ headers }) => headers["x-request-id"]);
    assert.equal(new Set(ids).size, registry.requests.length);
    for (const { headers } of registry.requests) assert.match(headers["user-agent"], /^houston-deploy\/\d/);
  });

  staged("they go out at the same time as the version question", async (stage) => {
    const registry = await stage.registry();
    const houston = await stage.houston();
    const image = `${registry.host}/${REPOSITORY}:1.4.2`;
    const seen = {};
    const noting = (name, { requests }) => ({
      delay: 500,
      tamper: (answer) => {
        seen[name] = requests.length;
        return answer;
      },
    });
    // When either is answered, late, the other has been asked long since.
    houston.faults.add({ on: "version", ...noting("registry", registry) });
    registry.faults.add({ on: "head", ...noting("houston", houston) });
    const { code, stderr } = await stage.deploy(houston, { image, preflight: "require" });
    assert.equal(code, 0, stderr);
    assert.deepEqual([seen.registry > 0, seen.houston], [true, 1]);
  });

  staged("a registry that fails once is asked again", async (stage) => {
    const registry = await stage.registry();
    registry.faults.add({ on: "head", status: 503 }, { on: "blob", reset: "after" });
    const { facts, stderr } = await lookUp(stage, registry, { attempts: 3 });
    assert.deepEqual(facts, DEPLOYED, stderr);
  });
});

describe("an image that cannot be deployed", () => {
  for (const preflight of SWITCHES) {
    const rows = [
      ["no such tag", "acme/airflow:9.9.9", ["acme/airflow", '"9.9.9"']],
      ["no such repository", "acme/other:1.4.2", ["acme/other"]],
      ["no such digest", `acme/airflow@sha256:${"0".repeat(64)}`, ["acme/airflow", `sha256:${"0".repeat(64)}`]],
    ];
    for (const [name, reference, said] of rows) {
      staged(`${name}, ${preflight}`, async (stage) => {
        const registry = await stage.registry();
        const image = `${registry.host}/${reference}`;
        const { facts, report, stderr } = await lookUp(stage, registry, { preflight, image });
        assert.deepEqual([facts, report.status], [refused("IMAGE_NOT_FOUND"), "refused"], stderr);
        for (const part of [registry.host, ...said]) assert.ok(stderr.includes(part), `${part}: ${stderr}`);
        assert.match(stderr, /^hint: /m);
      });
    }

    staged(`a tag that credentials show not to be there, ${preflight}`, async (stage) => {
      const registry = await stage.registry({ auth: { scheme: "bearer", users: [ROBOT] } });
      const [options, how] = AS_ROBOT;
      const { facts, stderr } = await lookUp(stage, registry, { ...options, preflight, tag: "9.9.9" }, how);
      assert.deepEqual(facts, refused("IMAGE_NOT_FOUND"), stderr);
    });

    for (const tag of ["1.4.2-arm64", "1.4.2-arm64-index"]) {
      staged(`${tag} on linux/amd64, ${preflight}`, async (stage) => {
        const { facts, stderr } = await lookUp(stage, await stage.registry(), { preflight, tag });
        assert.deepEqual(facts, refused("IMAGE_PLATFORM"), stderr);
        assert.match(stderr, /linux\/amd64/);
        assert.match(stderr, /linux\/arm64/);
        assert.doesNotMatch(stderr, /unknown\/unknown/);
      });
    }

    staged(`another Runtime version, ${preflight}`, async (stage) => {
      const options = { preflight, "runtime-version": "11.3.0" };
      const { facts, stderr } = await lookUp(stage, await stage.registry(), options);
      assert.deepEqual(facts, refused("VERSION_MISMATCH"), stderr);
      assert.match(stderr, /12\.1\.1/);
      assert.match(stderr, /11\.3\.0/);
    });

    staged(`another Airflow version, ${preflight}`, async (stage) => {
      const options = { preflight, tag: "1.4.2-airflow", "airflow-version": "2.2.4", ...NO_VERSION };
      const { facts, stderr } = await lookUp(stage, await stage.registry(), options);
      assert.deepEqual(facts, refused("VERSION_MISMATCH"), stderr);
    });

    staged(`tag and digest that do not agree, ${preflight}`, async (stage) => {
      const registry = await stage.registry();
      const image = `${registry.host}/${REPOSITORY}:1.4.2@${digestOf("1.4.2-index")}`;
      const { code, facts, stderr } = await lookUp(stage, registry, { preflight, image });
      assert.deepEqual([code, facts.sent], [3, 0], stderr);
      for (const tag of ["1.4.2", "1.4.2-index"]) assert.ok(stderr.includes(digestOf(tag)), stderr);
    });
  }

  staged("is no error where the platform is the image's", async (stage) => {
    for (const tag of ["1.4.2-arm64", "1.4.2-arm64-index", "1.4.2-index"]) {
      const options = { tag, platform: "linux/arm64" };
      assert.deepEqual((await lookUp(stage, await stage.registry(), options)).facts, DEPLOYED, tag);
    }
  });

  staged("an anonymous look that finds nothing is no proof", async (stage) => {
    const auth = { scheme: "bearer", anonymous: true };
    for (const [preflight, expected] of [
      ["auto", warned("IMAGE_NOT_FOUND")],
      ["require", refused("IMAGE_NOT_FOUND")],
    ]) {
      const { facts, stderr } = await lookUp(stage, await stage.registry({ auth }), { preflight, tag: "9.9.9" });
      assert.deepEqual(facts, expected, stderr);
    }
  });

  staged("a registry that hides what one may not see is no proof either", async (stage) => {
    const auth = { scheme: "bearer", anonymous: true, open: [], hides: true };
    const { facts, stderr } = await lookUp(stage, await stage.registry({ auth }), { preflight: "auto" });
    assert.deepEqual(facts, warned("IMAGE_NOT_FOUND"), stderr);
  });
});

describe("the version in the image", () => {
  for (const [tag, version, expected] of [
    ["1.4.2", OLD, ["12.1.1", null]],
    ["1.4.2-index", NEW, ["12.1.1", null]],
    ["1.4.2-airflow", OLD, [null, "2.2.5"]],
  ]) {
    for (const preflight of SWITCHES) {
      staged(`${tag} for ${version}, ${preflight}`, async (stage) => {
        const options = { tag, version, preflight, ...NO_VERSION };
        const { facts, houston, stderr } = await lookUp(stage, await stage.registry(), options);
        assert.deepEqual(facts, DEPLOYED, stderr);
        const { runtimeVersion, airflowVersion } = houston.deployments.get("analytics-dev");
        assert.deepEqual([runtimeVersion, airflowVersion], expected);
      });
    }
  }

  for (const preflight of SWITCHES) {
    for (const tag of ["1.4.2-foreign", "1.4.2-unlabelled"]) {
      staged(`${tag} has none, ${preflight}`, async (stage) => {
        const options = { tag, preflight, ...NO_VERSION };
        const { facts, stderr } = await lookUp(stage, await stage.registry(), options);
        assert.deepEqual(facts, refused("VERSION_UNKNOWN"), stderr);
        assert.match(stderr, /hint: .*`runtime-version`/);
      });
    }

    staged(`an Airflow version is none for a platform that wants Runtime's, ${preflight}`, async (stage) => {
      const options = { tag: "1.4.2-airflow", version: NEW, preflight, ...NO_VERSION };
      const { code, facts, stderr } = await lookUp(stage, await stage.registry(), options);
      assert.deepEqual([code, facts.sent], [3, 0], stderr);
      assert.match(stderr, /`runtime-version`/);
    });
  }

  staged("without labels is what the option says", async (stage) => {
    for (const tag of ["1.4.2-foreign", "1.4.2-unlabelled"]) {
      const { facts, houston, stderr } = await lookUp(stage, await stage.registry(), { tag });
      // There is nothing that the option could be set against, which is no more than a warning.
      assert.deepEqual(facts, warned("VERSION_UNKNOWN"), stderr);
      assert.equal(houston.deployments.get("analytics-dev").runtimeVersion, "12.1.1");
    }
  });

  staged("a floating -base and +astro.N are no difference", async (stage) => {
    const base = await lookUp(stage, await stage.registry(), { tag: "1.4.2-base" });
    assert.deepEqual(base.facts, DEPLOYED, base.stderr);
    const options = { tag: "1.4.2-airflow", "airflow-version": "2.2.5", ...NO_VERSION };
    const astro = await lookUp(stage, await stage.registry(), options);
    assert.deepEqual(astro.facts, DEPLOYED, astro.stderr);
  });

  staged("cannot be read where the registry cannot be reached, auto or not", async (stage) => {
    for (const [preflight, exit, error] of [
      ["auto", 3, "VERSION_UNKNOWN"],
      ["require", 4, "REGISTRY_FAILED"],
    ]) {
      const registry = await stage.registry();
      registry.faults.add({ on: "any", times: Infinity, status: 500 });
      const { code, facts, stderr } = await lookUp(stage, registry, { preflight, ...NO_VERSION });
      assert.deepEqual([code, facts.error, facts.sent], [exit, error, 0], stderr);
    }
  });

  const HOSTILE = ["12.1.1\n::error::x", "\u001b[31m12.1.1", "\u202e1.1.21", "12.1.1`|$(id)", "9".repeat(5000), 12, {}];
  for (const [nth, label] of HOSTILE.entries()) {
    staged(`a label that is none (${nth + 1}) cannot act`, async (stage) => {
      const tags = { "1.4.2": imageOf({ labels: { [LABELS.runtime]: label } }) };
      const registry = await stage.registry({ repositories: { [REPOSITORY]: tags } });
      const { facts, stdout, stderr } = await lookUp(stage, registry, NO_VERSION);
      assert.deepEqual([facts.code, facts.sent], [3, 0], stderr);
      assert.match(facts.error, /^VERSION_(UNKNOWN|MISMATCH)$/);
      assert.doesNotMatch(stdout + stderr, /^::|\u001b|\u202e/m);
      assert.ok(stderr.length < 3000, `${stderr.length} characters are said`);
    });
  }
});

describe("pin", () => {
  for (const preflight of SWITCHES) {
    staged(`sends Houston the digest, ${preflight}`, async (stage) => {
      const registry = await stage.registry();
      const { facts, report, image, houston } = await lookUp(stage, registry, {
        tag: "1.4.2-index",
        pin: true,
        preflight,
      });
      const pinned = `${registry.host}/${REPOSITORY}@${digestOf("1.4.2-index")}`;
      assert.deepEqual([facts, houston.applied[0]?.image], [DEPLOYED, pinned]);
      assert.deepEqual([report.image.reference, report.image.digest], [image, digestOf("1.4.2-index")]);
    });
  }

  staged("is an error where the digest cannot be found out, under auto too", async (stage) => {
    const registry = await stage.registry();
    registry.faults.add({ on: "any", times: Infinity, status: 500 });
    const { facts, stderr } = await lookUp(stage, registry, { pin: true, preflight: "auto" });
    assert.deepEqual([facts.code, facts.error, facts.sent], [4, "REGISTRY_FAILED", 0], stderr);
  });

  staged("without a look is wrong input", async (stage) => {
    const registry = await stage.registry();
    const { facts } = await lookUp(stage, registry, { pin: true, preflight: "off" });
    assert.deepEqual([facts, asked(registry)], [refused("INPUT_INVALID", 2), []]);
  });

  staged("takes the digest that was given, without a look", async (stage) => {
    const image = `${IMAGE}@${digestOf("1.4.2")}`;
    const registry = await stage.registry();
    const { facts, houston } = await lookUp(stage, registry, { image, pin: true, preflight: "off" });
    const pinned = `${IMAGE.replace(":1.4.2", "")}@${digestOf("1.4.2")}`;
    assert.deepEqual([facts, houston.applied[0]?.image], [DEPLOYED, pinned]);
  });
});

describe("a tag that moves", () => {
  for (const preflight of SWITCHES) {
    staged(`latest is a warning, ${preflight}`, async (stage) => {
      const { facts, report } = await lookUp(stage, await stage.registry(), { tag: "latest", preflight });
      assert.deepEqual(facts, warned("IMAGE_MOVES"));
      assert.match(report.warnings[0].message + report.warnings[0].hint, /latest/);
    });
  }

  staged("is none with its digest, or pinned", async (stage) => {
    const registry = await stage.registry();
    assert.deepEqual((await lookUp(stage, registry, { tag: "latest", pin: true })).facts, DEPLOYED);
    const image = `${registry.host}/${REPOSITORY}@${digestOf("latest")}`;
    assert.deepEqual((await lookUp(stage, registry, { image })).facts, DEPLOYED);
  });
});

staged("an index may list an image twice, and more than there is to know", async (stage) => {
  const labels = { [LABELS.runtime]: "12.1.1" };
  const odd = imageOf({ labels, os: "plan9", architecture: "mips" });
  const good = imageOf({ labels });
  const registry = await stage.registry({ repositories: { [REPOSITORY]: { "1.4.2": index([odd, good, good]) } } });
  const { facts, stderr } = await lookUp(stage, registry);
  assert.deepEqual(facts, DEPLOYED, stderr);
});
