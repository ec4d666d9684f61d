// The least that many releases can cost where requests go through `fetch`: a plain script that sends as many, so many at
// once, reads each answer, and keeps nothing.
const { HOUSTON_URL: url, HOUSTON_TOKEN: authorization } = process.env;
const [count, places] = process.argv.slice(2).map(Number);
const headers = { authorization, "content-type": "application/json" };
const query = "mutation UpdateDeploymentImage { updateDeploymentImage }";

let next = 0;

async function place() {
  for (let index = next++; index < count; index = next++) {
    const releaseName = `r${index}`;
    const body = JSON.stringify({ query, variables: { releaseName } });
    const { data } = await (await fetch(url, { method: "POST", headers, body })).json();
    if (data.updateDeploymentImage.releaseName !== releaseName) process.exit(1);
  }
}

await Promise.all(Array.from({ length: places }, place));
