//! A model of a container registry: one image, the three doors, blobs at another host.

use std::collections::BTreeMap;

use houston_deploy::io::{Request, Response, hex};
use sha2::Digest as _;

use crate::houston::answer;
use crate::setting::{Door, Setting, Stock};
use crate::world::PASSWORD;

/// What the registry's realm gives out: a secret as well.
pub const ISSUED: &str = "1ssu3d1ssu3d1ssu3d1ssu3d1ssu3d77";

/// The user of the registry.
pub const USER: &str = "robot";

pub struct Registry {
    /// Bodies by the last part of their path: tag or digest.
    content: BTreeMap<String, (Vec<u8>, String)>,
}

/// The digest of a body.
pub fn digest_of(body: &[u8]) -> String {
    format!("sha256:{}", hex(&sha2::Sha256::digest(body)))
}

/// What Basic authentication shows.
pub fn basic() -> String {
    use base64::Engine as _;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{PASSWORD}")))
}

impl Registry {
    pub fn new(setting: &Setting) -> Self {
        let mut content = BTreeMap::new();
        if setting.preflight == "off" {
            return Self { content };
        }
        let architecture = if setting.stock == Stock::OtherPlatform { "arm64" } else { "amd64" };
        let (runtime, airflow) = match setting.stock {
            Stock::OtherVersion => ("9.9.9", "1.10.15"),
            Stock::Fits | Stock::Missing | Stock::OtherPlatform | Stock::NoLabels => setting.image,
        };
        let labels = if setting.stock == Stock::NoLabels {
            "null".to_owned()
        } else {
            format!(
                r#"{{"io.astronomer.docker.runtime.version":"{runtime}","io.astronomer.docker.airflow.version":"{airflow}+astro.2"}}"#
            )
        };
        let mut add = |name: Option<&str>, body: String| {
            let digest = digest_of(body.as_bytes());
            if let Some(name) = name {
                content.insert(name.to_owned(), (body.clone().into_bytes(), digest.clone()));
            }
            content.insert(digest.clone(), (body.into_bytes(), digest.clone()));
            digest
        };
        let config = add(
            None,
            format!(r#"{{"os":"linux","architecture":"{architecture}","config":{{"Labels":{labels}}}}}"#),
        );
        let manifest = add(None, format!(r#"{{"schemaVersion":2,"config":{{"digest":"{config}"}}}}"#));
        let index = format!(
            r#"{{"manifests":[{{"digest":"{manifest}","platform":{{"os":"linux","architecture":"{architecture}"}}}},{{"digest":"{config}","platform":{{"os":"unknown","architecture":"unknown"}}}}]}}"#
        );
        if setting.stock != Stock::Missing {
            add(Some("1.4.2"), index);
        }
        Self { content }
    }

    /// Answers a request to the registry, its realm or the host of its blobs.
    pub fn handle(&self, setting: &Setting, request: &Request) -> Response {
        let url = request.url.as_str();
        let shown = request.headers.iter().find(|(name, _)| *name == "authorization");
        let shown = shown.map_or("", |(_, value)| value.on_the_wire());
        if url.starts_with("https://auth.example.com/") {
            if !shown.is_empty() && shown != basic() {
                return answer(401, "{}");
            }
            return answer(200, format!(r#"{{"token":"{ISSUED}","expires_in":300}}"#));
        }
        let (_, name) = url.rsplit_once('/').unwrap();
        if url.starts_with("https://blobs.example.com/") {
            return self.body(setting, name, request.method);
        }
        let challenge = match setting.door {
            Door::Open => None,
            Door::Bearer if shown == format!("Bearer {ISSUED}") => None,
            Door::Bearer => Some(
                r#"Bearer realm="https://auth.example.com/token",service="registry.example.com",scope="x""#,
            ),
            Door::Basic if shown == basic() => None,
            Door::Basic => Some(r#"Basic realm="registry""#),
        };
        if let Some(challenge) = challenge {
            let refused =
                answer(401, r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#);
            return Response { challenge: Some(challenge.to_owned()), ..refused };
        }
        if url.contains("/blobs/") && setting.blobs_elsewhere {
            let location = Some(format!("https://blobs.example.com/{name}"));
            return Response { location, ..answer(307, "") };
        }
        self.body(setting, name, request.method)
    }

    fn body(&self, setting: &Setting, name: &str, method: &str) -> Response {
        let Some((body, digest)) = self.content.get(name) else {
            return answer(404, r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#);
        };
        let digest = setting.names_digest.then(|| digest.clone());
        let body = if method == "HEAD" { Vec::new() } else { body.clone() };
        Response { digest, ..answer(200, body) }
    }
}
