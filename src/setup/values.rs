//! The Helm values that the platform needs, as a list of settings, and their two forms, YAML and JSON. What is there
//! already is none of this file's business: Helm merges.
//!
//! Source: the vendor's documentation, "Configure a custom image registry". Its first form had `registry` on a wrong
//! level, `updateRegistry.enabled: false`, and tabs; what is here is what works.

use super::{Asked, Mode, Registries};
use crate::json::Json;
use crate::version::PlatformVersion;

/// Where all of it stands.
pub const ROOT: &str = "astronomer.houston.config";

/// The switch of the endpoint in charts below 2.0.
pub const ENDPOINT_BELOW_2: &str = "deployments.enableUpdateDeploymentImageEndpoint";

/// The switch of the endpoint in charts from 2.0 on.
pub const ENDPOINT_FROM_2: &str =
    "deployments.deploymentImagesRegistry.updateDeploymentImageEndpoint.enabled";

/// The registry that Deployments are updated from.
pub const UPDATE_REGISTRY: [&str; 3] = [
    "registry.protectedCustomRegistry.updateRegistry.enabled",
    "registry.protectedCustomRegistry.updateRegistry.host",
    "registry.protectedCustomRegistry.updateRegistry.secretName",
];

/// The registry that new Deployments start from.
pub const BASE_REGISTRY: [&str; 3] = [
    "registry.protectedCustomRegistry.baseRegistry.enabled",
    "registry.protectedCustomRegistry.baseRegistry.host",
    "registry.protectedCustomRegistry.baseRegistry.secretName",
];

/// The platform's own Airflow image.
pub const AIRFLOW: [&str; 2] = [
    "deployments.helm.airflow.defaultAirflowRepository",
    "deployments.helm.airflow.images.airflow.repository",
];

/// One setting, below [`ROOT`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The keys on the way to it, between dots.
    pub path: &'static str,
    /// What it is set to.
    pub value: Value,
}

/// What a setting is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `true`.
    On,
    /// A text.
    Text(String),
}

/// The switch of the endpoint, by the platform's version.
#[must_use]
pub fn endpoint(platform: &PlatformVersion) -> &'static str {
    if platform.numbers() < (2, 0, 0) { ENDPOINT_BELOW_2 } else { ENDPOINT_FROM_2 }
}

/// What the platform needs. Of a platform whose version is not known, both forms of the endpoint's switch.
#[must_use]
pub fn settings(asked: &Asked) -> Vec<Setting> {
    let on = |path| Setting { path, value: Value::On };
    let text = |path, text: &str| Setting { path, value: Value::Text(text.to_owned()) };
    let mut settings = match &asked.platform {
        Some(platform) => vec![on(endpoint(platform))],
        None => vec![on(ENDPOINT_BELOW_2), on(ENDPOINT_FROM_2)],
    };
    let (host, airflow) = match &asked.registries {
        Registries::One(repository) => (Some(repository), Some(repository)),
        Registries::ForEach { airflow, .. } => (None, airflow.as_ref()),
    };
    let airflow = airflow.filter(|_| asked.mode == Mode::Airgapped);
    settings.extend(airflow.iter().flat_map(|one| AIRFLOW.map(|path| text(path, one.as_str()))));
    settings.push(on("registry.protectedCustomRegistry.enabled"));
    let registries: &[[&'static str; 3]] = match asked.mode {
        Mode::Standard => &[UPDATE_REGISTRY],
        Mode::Airgapped => &[BASE_REGISTRY, UPDATE_REGISTRY],
    };
    for &[enabled, at, secret] in registries {
        settings.push(on(enabled));
        settings.extend(host.map(|host| text(at, host.as_str())));
        settings.push(text(secret, asked.secret.as_str()));
    }
    settings
}

/// The settings as YAML, which Helm reads. Texts are quoted, so that none of them is taken for a number or a date.
#[must_use]
pub fn yaml(settings: &[Setting]) -> String {
    let mut yaml = String::new();
    let both = settings.iter().any(|setting| setting.path == ENDPOINT_BELOW_2)
        && settings.iter().any(|setting| setting.path == ENDPOINT_FROM_2);
    walk(settings, |depth, key, visit| {
        let indent = "  ".repeat(depth);
        let setting = match visit {
            Visit::Close => return,
            Visit::Open => None,
            Visit::Leaf(setting) => Some(setting),
        };
        match key {
            "enableUpdateDeploymentImageEndpoint" if both => {
                yaml.push_str(&indent);
                yaml.push_str("# charts below 2.0; leave it out from 2.0 on:\n");
            }
            "deploymentImagesRegistry" if both => {
                yaml.push_str(&indent);
                yaml.push_str("# charts from 2.0 on; leave it out below:\n");
            }
            _ => {}
        }
        yaml.push_str(&indent);
        yaml.push_str(key);
        let value = match setting.map(|setting| &setting.value) {
            None => ":\n".to_owned(),
            Some(Value::On) => ": true\n".to_owned(),
            // Its grammar has no character that would have to be escaped.
            Some(Value::Text(text)) => [": \"", text, "\"\n"].concat(),
        };
        yaml.push_str(&value);
    });
    yaml
}

/// The settings as JSON.
pub fn json(json: &mut Json, settings: &[Setting]) {
    json.open('{');
    walk(settings, |_, key, visit| {
        match visit {
            Visit::Open => json.key(key).open('{'),
            Visit::Close => json.close('}'),
            Visit::Leaf(Setting { value: Value::On, .. }) => json.boolean(key, true),
            Visit::Leaf(Setting { value: Value::Text(text), .. }) => json.field(key, text),
        };
    });
    json.close('}');
}

enum Visit<'a> {
    Open,
    Close,
    Leaf(&'a Setting),
}

/// Goes through the settings as the tree that their paths make; those with a common start stand together.
fn walk<'a>(settings: &'a [Setting], mut visit: impl FnMut(usize, &'a str, Visit<'a>)) {
    let mut open: Vec<&str> = Vec::new();
    for setting in settings {
        let mut keys: Vec<&str> = ROOT.split('.').chain(setting.path.split('.')).collect();
        let leaf = keys.pop().unwrap_or_default();
        let common = open.iter().zip(&keys).take_while(|(one, other)| one == other).count();
        while open.len() > common {
            let key = open.pop().unwrap_or_default();
            visit(open.len(), key, Visit::Close);
        }
        for key in keys.into_iter().skip(common) {
            visit(open.len(), key, Visit::Open);
            open.push(key);
        }
        visit(open.len(), leaf, Visit::Leaf(setting));
    }
    while let Some(key) = open.pop() {
        visit(open.len(), key, Visit::Close);
    }
}
