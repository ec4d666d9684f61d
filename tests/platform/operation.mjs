/**
 * What a request asks of Houston, read from its GraphQL document, so that faults can be aimed at it. It judges nothing:
 * a document that does not parse is simply "other".
 */

import { Kind, OperationTypeNode, parse } from "graphql";

const READS = ["deployment", "workspaceDeployments"];

/**
 * @param {unknown} body the request's body, parsed
 * @returns {"version" | "read" | "mutation" | "other"} "read" is the look at a Deployment
 */
export function operationOf(body) {
  const definition = definitionOf(body);
  if (!definition) return "other";
  if (definition.operation === OperationTypeNode.MUTATION) return "mutation";
  const fields = definition.selectionSet.selections.map((selection) => selection.name?.value);
  if (fields.some((field) => READS.includes(field))) return "read";
  return fields.includes("appConfig") ? "version" : "other";
}

function definitionOf(body) {
  if (typeof body?.query !== "string") return undefined;
  try {
    const operations = parse(body.query).definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
    return operations.find(({ name }) => name?.value === body.operationName) ?? operations[0];
  } catch {
    return undefined;
  }
}
