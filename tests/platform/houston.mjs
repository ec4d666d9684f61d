/**
 * Houston itself: Apollo Server over the schema of one generation, with the answers that Houston is known to give.
 * It never sees a socket; what goes wrong on the wire is made elsewhere.
 */

import { ApolloServer, HeaderMap } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import { buildASTSchema, GraphQLError } from "graphql";
import { generationOf, isBefore, schemaOf } from "./generations.mjs";
import { isAllowed, tokenOf } from "./tokens.mjs";

/** A few releases of Astro Runtime with their Airflow versions: enough for examples, by no means the vendor's list. */
export const RUNTIME_RELEASES = [
  { version: "11.3.0", airflowVersion: "2.9.1" },
  { version: "12.1.1", airflowVersion: "2.10.2" },
  { version: "3.0-1", airflowVersion: "3.0.0" },
];

/**
 * Starts Houston.
 *
 * @param {object} options those of `startPlatform`, with the defaults filled in
 * @param {import("./deployments.mjs").Deployments} deployments
 */
export async function startHouston(options, deployments) {
  const generation = options.generation ?? generationOf(options.version);
  const server = new ApolloServer({
    schema: withResolvers(
      buildASTSchema(schemaOf(generation, hiddenMutations(options, generation))),
      resolvers(options, deployments, generation),
    ),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      dataIsNullOnErrors,
    ],
    introspection: true,
    hideSchemaDetailsFromClientErrors: !options.suggestions,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
  });
  await server.start();

  return {
    generation,
    stop: () => server.stop(),
    /**
     * Handles one request.
     *
     * @param {{ method: string, path: string, headers: object, body: unknown }} request
     * @returns {Promise<{ status: number, headers: Record<string, string>, body: string }>}
     */
    async handle({ method, path, headers, body }) {
      const map = new HeaderMap();
      for (const [name, value] of Object.entries(headers)) map.set(name, String(value));
      const answer = await server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method, headers: map, search: new URL(path, "http://houston").search, body: body ?? {} },
        context: async () => ({
          token: tokenOf(options.tokens, headers.authorization),
          requestId: headers["x-request-id"] ?? null,
        }),
      });
      if (answer.body.kind !== "complete") throw new Error("Houston answers in one piece");
      return { status: answer.status ?? 200, headers: Object.fromEntries(answer.headers), body: answer.body.string };
    },
  };
}

/** Which mutations of its generation's file this platform does not have. */
function hiddenMutations({ version, endpoint, hasUpdateDeploymentImage, hasUpsertDeployment }, generation) {
  const isTooOld = version !== null && isBefore(version, [0, 29, 0]);
  const hasUpdate = endpoint && !isTooOld && (generation !== "2.1" || hasUpdateDeploymentImage);
  return [...(hasUpdate ? [] : ["updateDeploymentImage"]), ...(hasUpsertDeployment ? [] : ["upsertDeployment"])];
}

/** Joins the two where they meet; a resolver whose field this generation does not have is left out. */
function withResolvers(schema, resolvers) {
  for (const [type, fields] of Object.entries(resolvers)) {
    const known = schema.getType(type).getFields();
    for (const [name, resolve] of Object.entries(fields)) {
      if (known[name]) known[name].resolve = resolve;
    }
  }
  return schema;
}

function resolvers({ version, runtimeReleases }, deployments, generation) {
  const creates = generation !== "2.1";

  function change(release, { airflowVersion, ...change }, context, mutation) {
    permit(context, "deploy", release);
    if (!change.image) throw refusal("An image is required", "BAD_USER_INPUT");
    if (Boolean(airflowVersion) === Boolean(change.runtimeVersion)) {
      throw refusal("Exactly one of airflowVersion and runtimeVersion is required", "BAD_USER_INPUT");
    }
    const found = deployments.live.get(release);
    if (!found && !(creates && mutation === "upsertDeployment")) {
      throw refusal(`No deployment exists with releaseName: ${release}`, "RESOURCE_NOT_FOUND");
    }
    const deployment = found ?? deployments.create({ releaseName: release, ...change });
    return deployments.apply(deployment, { ...change, airflowVersion }, { mutation, requestId: context.requestId });
  }

  return {
    Query: {
      appConfig: () => ({ version }),
      deployment(_, { where }, context) {
        permit(context, "read");
        const deployment = deployments.byId(where.id);
        if (deployment) permit(context, "read", deployment.releaseName);
        return deployment ?? null;
      },
      workspaceDeployments(_, { workspaceUuid, releaseName }, context) {
        permit(context, "read", releaseName ?? undefined);
        return [...deployments.live.values()]
          .filter((deployment) => deployment.workspace === workspaceUuid)
          .filter((deployment) => (releaseName ?? deployment.releaseName) === deployment.releaseName)
          .filter((deployment) => isAllowed(context.token, "read", deployment.releaseName));
      },
      deploymentConfig(_, __, context) {
        permit(context, "read");
        return { airflowVersions: runtimeReleases.map(({ airflowVersion }) => airflowVersion) };
      },
      runtimeReleases(_, __, context) {
        permit(context, "read");
        return runtimeReleases;
      },
    },
    Mutation: {
      updateDeploymentImage: (_, { releaseName, ...asked }, context) =>
        change(releaseName, asked, context, "updateDeploymentImage"),
      upsertDeployment: (_, { releaseName, ...asked }, context) =>
        change(releaseName ?? undefined, asked, context, "upsertDeployment"),
    },
    Deployment: {
      runtimeAirflowVersion: ({ runtimeVersion }) =>
        runtimeReleases.find((release) => release.version === runtimeVersion)?.airflowVersion ?? null,
      deploymentCapabilities: ({ releaseName }, _, { token }) => ({
        canDeploy: isAllowed(token, "deploy", releaseName),
      }),
    },
  };
}

/** A missing, unknown, expired or insufficient token: Houston has the same words for all of them. */
function permit({ token }, what, release) {
  if (!isAllowed(token, what, release)) {
    throw refusal("You do not have the appropriate permissions for that", "FORBIDDEN");
  }
}

function refusal(message, code) {
  return new GraphQLError(message, { extensions: { code } });
}

/** Where a field failed, Houston's `data` is null as a whole, even though the field itself may be null. */
const dataIsNullOnErrors = {
  async requestDidStart() {
    return {
      async willSendResponse({ response }) {
        if (response.body.kind !== "single") return;
        const result = response.body.singleResult;
        const isAllNull = Object.values(result.data ?? {}).every((value) => value === null);
        if (result.errors?.length && result.data && isAllNull) result.data = null;
      },
    };
  },
};
