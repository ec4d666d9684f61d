/**
 * Which Airflow a Deployment runs, by the version that Houston was told. It knows nothing of pods or pages.
 */

/**
 * The Airflow version of a Deployment.
 *
 * @param {{ airflowVersion: string | null, runtimeVersion: string | null }} deployment
 * @param {{ version: string, airflowVersion: string }[]} runtimeReleases what the platform knows of Astro Runtime
 * @returns {string | undefined} nothing where the version is not known
 */
export function airflowVersionOf({ airflowVersion, runtimeVersion }, runtimeReleases) {
  // Astronomer Certified images count their own builds behind Airflow's version.
  if (airflowVersion) return /^\d+\.\d+\.\d+/.exec(airflowVersion)?.[0];
  const release = runtimeReleases.find(({ version }) => version === runtimeVersion);
  if (release) return release.airflowVersion;
  // From Airflow 3 on the Runtime version begins with Airflow's; before, Runtime 4 was for Airflow 2.2, 5 for 2.3, …
  const [, ofAirflow3] = /^(\d+\.\d+)-/.exec(runtimeVersion) ?? [];
  if (ofAirflow3) return `${ofAirflow3}.0`;
  const [, number] = /^(\d+)\.\d+\.\d+/.exec(runtimeVersion) ?? [];
  return number >= 4 && number <= 13 ? `2.${number - 2}.0` : undefined;
}

/**
 * @param {string} version
 * @returns {"2" | "3"}
 */
export function majorOf(version) {
  return version.startsWith("2.") ? "2" : "3";
}

/** Whether the health of this version names each scheduler, which it does from Airflow 3.4 on. */
export function namesSchedulers(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > 3 || (major === 3 && minor >= 4);
}
