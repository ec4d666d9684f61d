// What the command line is measured against: the same two requests, and the least that a careful script would check.
const { HOUSTON_URL: url, HOUSTON_TOKEN: authorization } = process.env;

async function ask(query, variables) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { authorization, "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}

const { appConfig } = await ask("query AppConfig { appConfig { version } }", {});
const { updateDeploymentImage } = await ask(
  "mutation UpdateDeploymentImage($releaseName: String!, $image: String!, $runtimeVersion: String) { updateDeploymentImage(releaseName: $releaseName, image: $image, runtimeVersion: $runtimeVersion) { id releaseName airflowVersion runtimeVersion } }",
  { releaseName: "dev", image: "registry.example.com/acme/airflow:1.4.2", runtimeVersion: "11.3.0" },
);
if (updateDeploymentImage.releaseName !== "dev" || updateDeploymentImage.runtimeVersion !== "11.3.0") process.exit(1);
console.log(`deployed dev ${appConfig.version}`);
