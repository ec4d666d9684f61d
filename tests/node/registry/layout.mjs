/**
 * OCI image layouts on disk, as a build leaves them and as skopeo takes them. It writes what it is given, and never
 * sees a registry.
 *
 * Source: the OCI image specification, "Image Layout".
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withChildren } from "../../platform/images.mjs";

/**
 * Writes images into a layout, each under its tag.
 *
 * @param {string} folder made if it is not there
 * @param {Record<string, import("../../platform/images.mjs").Image>} images by tag
 */
export function writeLayout(folder, images) {
  const blobs = join(folder, "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  const write = (digest, bytes) => writeFileSync(join(blobs, digest.replace("sha256:", "")), bytes);
  for (const image of Object.values(images).flatMap(withChildren)) {
    write(image.digest, image.manifest);
    for (const [digest, bytes] of image.blobs) write(digest, bytes);
  }
  const manifests = Object.entries(images).map(([tag, { mediaType, digest, manifest }]) => ({
    mediaType,
    digest,
    size: manifest.length,
    annotations: { "org.opencontainers.image.ref.name": tag },
  }));
  writeFileSync(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  writeFileSync(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
}
