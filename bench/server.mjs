// A bare HTTP server with Houston's two answers, so that a measurement is of the client alone. It ends with its
// standard input.
import { createServer } from "node:http";

const deployment = { id: "ck1", releaseName: "dev", airflowVersion: null, runtimeVersion: "11.3.0" };

const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => {
    const data = body.includes("appConfig")
      ? { appConfig: { version: "0.34.1" } }
      : { updateDeploymentImage: deployment };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ data }));
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit(0));
