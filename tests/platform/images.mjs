/**
 * Container images made in memory, by the OCI image specification and by docker's: manifests, indexes, configs and a
 * layer with nothing in it. They can be looked up and pushed; nobody can run them. Where they lie is not known here.
 */

import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

/** The names that registries have for the four kinds of manifest, and for what they point to. */
export const MEDIA_TYPES = {
  oci: {
    index: "application/vnd.oci.image.index.v1+json",
    manifest: "application/vnd.oci.image.manifest.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    layer: "application/vnd.oci.image.layer.v1.tar+gzip",
  },
  docker: {
    index: "application/vnd.docker.distribution.manifest.list.v2+json",
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  },
};

/** The labels in which the vendor's images say what is in them. */
export const LABELS = {
  runtime: "io.astronomer.docker.runtime.version",
  airflow: "io.astronomer.docker.airflow.version",
  certified: "io.astronomer.docker.ac.version",
};

/** A tar file ends with two blocks of zeros, and this one begins with them. */
const NO_FILES = Buffer.alloc(1024);
const LAYER = gzipSync(NO_FILES);

/**
 * @typedef {object} Image
 * @property {string} mediaType
 * @property {Buffer} manifest
 * @property {string} digest the manifest's
 * @property {Map<string, Buffer>} blobs config and layers, by digest
 * @property {{ os: string, architecture: string, variant?: string }} [platform] none for an index
 * @property {Image[]} [children] for an index: what it lists
 * @property {Record<string, string>} [annotations] what an index says of it
 */

/** The digest of some bytes, as registries write it. */
export function digestOf(bytes) {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/**
 * An image for one platform.
 *
 * @param {object} [options]
 * @param {Record<string, unknown> | null} [options.labels] null leaves them out of the config
 * @param {string} [options.os]
 * @param {string} [options.architecture]
 * @param {string} [options.variant]
 * @param {"oci" | "docker"} [options.format]
 * @param {(config: object) => unknown} [options.config] changes the config; what it gives is written, text as it is
 * @returns {Image}
 */
export function image({ labels = {}, os = "linux", architecture = "amd64", variant, format = "oci", config } = {}) {
  const types = MEDIA_TYPES[format];
  const platform = { os, architecture, ...(variant && { variant }) };
  const plain = {
    ...platform,
    created: "2026-01-01T00:00:00Z",
    config: { Env: ["AIRFLOW_HOME=/usr/local/airflow"], ...(labels && { Labels: labels }) },
    rootfs: { type: "layers", diff_ids: [digestOf(NO_FILES)] },
    history: [{ created: "2026-01-01T00:00:00Z", created_by: "COPY dags /usr/local/airflow/dags" }],
  };
  const written = config ? config(plain) : plain;
  const configBytes = Buffer.from(typeof written === "string" ? written : JSON.stringify(written));
  return withDigest({
    mediaType: types.manifest,
    manifest: {
      schemaVersion: 2,
      mediaType: types.manifest,
      config: descriptor(types.config, configBytes),
      layers: [descriptor(types.layer, LAYER)],
    },
    blobs: [configBytes, LAYER],
    platform,
  });
}

/**
 * An index, or docker's list, of images.
 *
 * @param {Image[]} children
 * @param {"oci" | "docker"} [format]
 * @returns {Image}
 */
export function index(children, format = "oci") {
  const mediaType = MEDIA_TYPES[format].index;
  const manifests = children.map(({ mediaType, manifest, platform, annotations }) => ({
    ...descriptor(mediaType, manifest),
    platform,
    ...(annotations && { annotations }),
  }));
  return withDigest({ mediaType, manifest: { schemaVersion: 2, mediaType, manifests }, blobs: [], children });
}

/**
 * What a build leaves beside an image in an index: how it was built, as an image for no platform.
 *
 * @param {Image} subject
 * @returns {Image}
 */
export function attestation(subject) {
  const types = MEDIA_TYPES.oci;
  const platform = { os: "unknown", architecture: "unknown" };
  const statement = Buffer.from(JSON.stringify({ _type: "https://in-toto.io/Statement/v0.1", subject: [] }));
  const rootfs = { type: "layers", diff_ids: [digestOf(statement)] };
  const config = Buffer.from(JSON.stringify({ ...platform, config: {}, rootfs }));
  return {
    ...withDigest({
      mediaType: types.manifest,
      manifest: {
        schemaVersion: 2,
        mediaType: types.manifest,
        config: descriptor(types.config, config),
        layers: [descriptor("application/vnd.in-toto+json", statement)],
      },
      blobs: [config, statement],
      platform,
    }),
    annotations: {
      "vnd.docker.reference.type": "attestation-manifest",
      "vnd.docker.reference.digest": subject.digest,
    },
  };
}

const runtime = { [LABELS.runtime]: "12.1.1", [LABELS.airflow]: "2.10.2+astro.1" };
const amd64 = image({ labels: runtime });
const arm64 = image({ labels: runtime, architecture: "arm64", variant: "v8" });
const dockers = ["amd64", "arm64"].map((architecture) => image({ labels: runtime, architecture, format: "docker" }));

/** @type {Record<string, Image>} the tags of the default registry's only repository */
export const DEFAULT_IMAGES = {
  "1.4.2": amd64,
  latest: amd64,
  "1.4.2-index": index([arm64, amd64, attestation(amd64)]),
  "1.4.2-docker": dockers[0],
  "1.4.2-list": index(dockers, "docker"),
  "1.4.2-arm64": arm64,
  "1.4.2-arm64-index": index([arm64, attestation(arm64)]),
  "1.4.2-base": image({ labels: { [LABELS.runtime]: "12.1.1-base", [LABELS.airflow]: "2.10.2" } }),
  "1.4.2-airflow": image({ labels: { [LABELS.airflow]: "2.2.5+astro.4" } }),
  "1.4.2-certified": image({ labels: { [LABELS.certified]: "2.2.5-4", [LABELS.airflow]: "2.2.5" } }),
  "1.4.2-foreign": image({ labels: { "org.opencontainers.image.version": "7.0.0" } }),
  "1.4.2-unlabelled": image({ labels: null }),
};

/** Every image of an index with those that it lists, the image itself first. */
export function withChildren(image) {
  return [image, ...(image.children ?? []).flatMap(withChildren)];
}

function withDigest({ manifest, blobs, ...rest }) {
  const bytes = Buffer.from(JSON.stringify(manifest));
  const named = new Map(blobs.map((blob) => [digestOf(blob), blob]));
  return { ...rest, manifest: bytes, digest: digestOf(bytes), blobs: named };
}

function descriptor(mediaType, bytes) {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}
