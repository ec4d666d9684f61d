//! What the tests of the look-up are given: secrets, addresses, images, replies and inputs.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use houston_deploy::inputs::Inputs;
use houston_deploy::io::{Response, hex};
use houston_deploy::token::Login;
use serde_json::{Value, json};

use crate::world::{self, Reply, answer};

/// The registry's user of every test that has one.
pub const USER: &str = "robot$ci";
/// Its password.
pub const PASSWORD: &str = "r3g1stry+r3g1stry/r3g1stry";
/// A refresh token.
pub const REFRESH: &str = "r3fr3sh+r3fr3sh/r3fr3sh";
/// A token that a realm issues.
pub const ISSUED: &str = "1ssu3d.1ssu3d-1ssu3d_1ssu3d";

/// The repository that every test looks into, unless it says otherwise.
pub const BASE: &str = "https://registry.example.com/v2/acme/airflow/";
/// The realm that the registry names.
pub const REALM: &str = "https://auth.example.com/token";
/// What that realm is asked.
pub const ASKED: &str =
    "GET https://auth.example.com/token?service=registry.example.com&scope=repository:acme/airflow:pull";
/// The challenge that leads there.
pub const BEARER: &str = r#"Bearer realm="https://auth.example.com/token",service="registry.example.com",scope="repository:user/image:pull""#;

/// An image for one platform.
#[derive(Clone)]
pub struct Image {
    pub manifest: String,
    pub config: String,
}

impl Image {
    /// For linux/amd64, with these of the vendor's labels.
    pub fn labelled(labels: &[(&str, &str)]) -> Self {
        let labels =
            labels.iter().map(|(name, value)| (format!("io.astronomer.docker.{name}.version"), json!(value)));
        let labels = Value::Object(labels.collect());
        Self::of(&json!({ "os": "linux", "architecture": "amd64", "config": { "Labels": labels } }))
    }

    /// With Runtime 11.3.0, as every good command line says.
    pub fn usual() -> Self {
        Self::labelled(&[("runtime", "11.3.0"), ("airflow", "2.9.1+astro.4")])
    }

    pub fn of(config: &Value) -> Self {
        let config = config.to_string();
        let manifest = json!({ "schemaVersion": 2, "config": { "digest": sha256(&config) }, "layers": [] });
        Self { manifest: manifest.to_string(), config }
    }

    pub fn digest(&self) -> String {
        sha256(&self.manifest)
    }
}

pub fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    format!("sha256:{}", hex(&sha2::Sha256::digest(text.as_bytes())))
}

/// Method and address of a request for the tag.
pub fn tag(method: &str) -> String {
    format!("{method} {BASE}manifests/1.4.2")
}

/// 200 with `Docker-Content-Digest`, as HEAD is answered.
pub fn named(digest: &str) -> Reply {
    Reply::Answer(
        Duration::ZERO,
        Response { status: 200, digest: Some(digest.into()), ..Response::default() },
    )
}

/// 401 with `WWW-Authenticate`.
pub fn challenged(challenge: &str) -> Reply {
    let challenge = Some(challenge.to_owned());
    Reply::Answer(Duration::ZERO, Response { status: 401, challenge, ..Response::default() })
}

/// A redirect.
pub fn leads(status: u16, location: &str) -> Reply {
    let location = Some(location.to_owned());
    Reply::Answer(Duration::ZERO, Response { status, location, ..Response::default() })
}

/// The realm's answer with a token.
pub fn issued() -> Reply {
    answer(200, &json!({ "token": ISSUED }).to_string())
}

/// An error as registries write one.
pub fn refused(status: u16, code: &str, message: &str) -> Reply {
    answer(status, &json!({ "errors": [{ "code": code, "message": message }] }).to_string())
}

/// What a registry says of a tag that it does not have.
pub fn not_found() -> Reply {
    refused(404, "MANIFEST_UNKNOWN", "manifest unknown")
}

/// The same answer after this time.
pub fn later(after: Duration, reply: Reply) -> Reply {
    match reply {
        Reply::Answer(_, response) => Reply::Answer(after, response),
        Reply::Fails(_, cause, head) => Reply::Fails(after, cause, head),
        Reply::Hangs(head) => Reply::Hangs(head),
    }
}

/// The usual inputs with `preflight` require, and Houston's version given.
#[track_caller]
pub fn required(more: &[&str]) -> Inputs {
    world::inputs(&[&["--preflight", "require", "--platform-version", "0.34.1"], more].concat())
}

/// The usual inputs with `preflight` auto, and Houston's version given.
#[track_caller]
pub fn auto(more: &[&str]) -> Inputs {
    world::inputs(&[&["--preflight", "auto", "--platform-version", "0.34.1"], more].concat())
}

/// The inputs with user and password from the options.
pub fn by_password(mut inputs: Inputs) -> Inputs {
    inputs.look_up.login = Some(Login::password(USER, PASSWORD, &inputs.look_up.redactor));
    inputs
}

/// The inputs with this as docker's config file.
pub fn by_config(mut inputs: Inputs, config: &Value) -> Inputs {
    inputs.look_up.config = Ok(own(config));
    inputs
}

/// The same JSON, as the core reads it.
pub fn own(json: &Value) -> houston_deploy::value::Value {
    houston_deploy::value::Value::read(json.to_string().as_bytes()).expect("JSON")
}

/// The inputs without a version, so that the labels have to say it.
pub fn unversioned(mut inputs: Inputs) -> Inputs {
    inputs.version = None;
    inputs
}

/// What user and password look like on the wire.
pub fn basic() -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{USER}:{PASSWORD}")))
}
