// What many releases are measured against: a bare client that sends as many requests, so many at once, and reads each
// answer. It knows of nothing but HTTP.
import { Agent, request } from "node:http";

const { HOUSTON_URL: url, HOUSTON_TOKEN: authorization } = process.env;
const [count, places] = process.argv.slice(2).map(Number);
const agent = new Agent({ keepAlive: true, maxSockets: places });

function ask(query, variables) {
  const body = JSON.stringify({ query, variables });
  const headers = { authorization, "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(JSON.parse(text)));
    });
    sent.on("error", reject).end(body);
  });
}

let next = 0;

async function place() {
  for (let index = next++; index < count; index = next++) {
    const releaseName = `r${index}`;
    const { data } = await ask("mutation UpdateDeploymentImage { updateDeploymentImage }", { releaseName });
    if (data.updateDeploymentImage.releaseName !== releaseName) process.exit(1);
  }
}

await Promise.all(Array.from({ length: places }, place));
agent.destroy();
