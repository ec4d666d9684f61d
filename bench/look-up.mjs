// How many requests one look at an image costs a registry that is open, and one that asks for a token.
import { startRegistry } from "../tests/platform/index.mjs";
import { deploy, measured, startServer } from "./process.mjs";
import { limited, table } from "./table.mjs";

async function requestsOf(options) {
  const registry = await startRegistry(options);
  const server = await startServer();
  const image = `${new URL(registry.origin).host}/acme/airflow:1.4.2-unlabelled`;
  const args = deploy({ release: "dev", image, preflight: "require" });
  await measured(args, { HOUSTON_URL: server.url, HOME: "/nonexistent", DOCKER_CONFIG: "" });
  server.close();
  await registry.close();
  return registry.requests.length;
}

export async function lookUp() {
  table("Requests of one look-up of an image with a single manifest", "requests");
  limited("without a challenge", [], await requestsOf({}), 3, String);
  limited(
    "with a challenge for a token",
    [],
    await requestsOf({ auth: { scheme: "bearer", anonymous: true } }),
    5,
    String,
  );
}
