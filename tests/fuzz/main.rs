//! Bad input by the million: everything that reads what others wrote is given texts that are wrong in all ways, from
//! a kept corpus on. No input makes it panic, run away in time or in memory, or break what each target promises.
//!
//! `cargo test` runs every corpus and a moment more; `npm run fuzz -- --seconds N --seed S` runs for as long as is
//! wanted. What it says of an input that it found is a line for the target's file in `corpus/`.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by a panic, and its helpers are for its neighbours"
)]

mod corpus;
mod engine;
mod flow;
mod inputs;
mod large;
mod mutate;
mod planted;
mod platform;
mod random;
mod servers;
mod shape;
mod values;
mod world;

use engine::{Target, fuzz};
use mutate::Form;

/// A test for each target, by the name of its corpus: what it is given, and words that its grammar is made of.
macro_rules! targets {
    ($($name:ident, $form:expr, $run:path, $words:expr;)*) => {$(
        #[test]
        fn $name() {
            static TARGET: Target = Target {
                name: stringify!($name),
                kept: include_str!(concat!("corpus/", stringify!($name), ".txt")),
                form: $form,
                words: &$words,
                run: $run,
            };
            fuzz(&TARGET);
        }
    )*};
}

targets! {
    references, Form::Text, values::references,
        ["registry.example.com", "localhost", ":5000", "/", "//", ":", "@sha256:", "@", "[::1]", "__", "--", "..", "\u{e9}"];
    versions, Form::Text, values::versions,
        ["11.3.0", "2.9.1", "+astro.4", "-rc.1", "-base", ".", "4294967296", "v", "linux/amd64", "/v8", "\u{662}"];
    addresses, Form::Text, values::addresses,
        ["https://", "http://", "//", "localhost", "127.0.0.1", "[::ffff:10.0.0.1]", "@", "%2e%2e", "/../", "?", "#", ":0", "0x7f"];
    dates, Form::Text, values::dates,
        ["Sun, 06 Nov 1994 08:49:37 GMT", "2026-11-25T12:00:00", ".123456", "Z", "+00:00", "-23:59", "9999", "4294967295", "Feb", "ms", "h"];
    options, Form::Text, inputs::options,
        ["deploy\n", "check\n", "setup\n", "--release\n", "--image=", "--timeout=", "--shard=", "--token-file=x\n", "--dockerconfigjson-file=x\n", "--ca-cert=x\n", "--release-file=x\n", "--no-", "\n", "="];
    handover, Form::Json, inputs::handover,
        ["front", "arguments", "environment", "properties", "check", "wall", "library", "action", "command-line", "HOUSTON_TOKEN", "INPUT_RELEASE", "GITHUB_ACTIONS", "release", "image", "baseDomain"];
    values_file, Form::Text, inputs::values_file,
        ["astronomer:\n", "  houston:\n", "    config:\n", "? ", "- ", "|\n", ">-\n", "{", "}", "[", "]", "&a ", "*a", "<<: ", "!!str ", "---\n", "...\n", "%YAML 1.2\n", "\t", "# ", "'", "\"", "\\x41", "updateRegistry: ", "USER-SUPPLIED VALUES:\n"];
    docker_config, Form::Json, servers::docker_config,
        ["auths", "auth", "credHelpers", "credsStore", "identitytoken", "username", "password", "registry.example.com", "https://index.docker.io/v1/", "Username", "Secret", "<token>", "dXNlcjpwYXNz"];
    json, Form::Json, servers::json,
        ["$serde_json::private::Number", "\\ud800", "\\udc00", "\\u0000", "1e400", "-0", "1.0", "18446744073709551616", "\u{feff}", "[", "{\"a\":"];
    challenge, Form::Text, servers::challenge,
        ["Bearer ", "Basic ", "Negotiate ", "realm=", "service=", "\"https://auth.example.com/token\"", ",", "\\\"", "=", "=="];
    manifest, Form::Json, servers::manifest,
        ["manifests", "config", "digest", "platform", "os", "architecture", "variant", "linux", "amd64", "unknown", "Labels", "io.astronomer.docker.runtime.version", "io.astronomer.docker.airflow.version", "sha256:"];
    houston, Form::Message, servers::houston,
        ["data", "errors", "message", "path", "extensions", "code", "updateDeploymentImage", "upsertDeployment", "appConfig", "workspaceDeployments", "deployment", "releaseName", "dev", "runtimeVersion", "11.3.0", "BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED", "Cannot query field \"updatedAt\" on type \"Deployment\".", "No deployment exists", "::add-mask::", "##[error]"];
    airflow, Form::Json, servers::airflow,
        ["metadatabase", "scheduler", "status", "healthy", "latest_scheduler_heartbeat", "jobs", "id", "state", "running", "latest_heartbeat", "hostname", "event_logs", "event_log_id", "extra", "{\"host_name\":\"a\"}"];
    whole_flow, Form::Message, flow::whole_flow,
        ["good", "hang", "fail reset", "fail refused", "fail tls", "fail timeout", "fail cut", "fail large", "after: 4000", "retry-after: 7", "challenge: Bearer realm=\"https://auth.example.com/token\"", "location: https://cdn.example.com/x", "digest: sha256:", "data", "errors", "releaseName", "updatedAt", "require", "cancel=9", "two", "check", "pin"];
}
