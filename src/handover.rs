//! What a wrapper hands over: who it is, and all that was given to it.

use std::time::Duration;

use crate::inputs::{Environment, Front, Surroundings};
use crate::value::Value;

/// What a wrapper hands over, as JSON.
pub struct Handover {
    /// Who it is.
    pub front: Front,
    /// The arguments behind the program's name.
    pub arguments: Vec<String>,
    /// The environment.
    pub environment: Environment,
    /// The properties, from a script.
    pub properties: Value,
    /// Whether a script only wants everything looked at.
    pub check: bool,
    /// What the surroundings say about themselves.
    pub surroundings: Surroundings,
}

impl Handover {
    /// Reads `{"front", "arguments", "environment", "properties", "check", "wall" (ms since the Unix epoch),
    /// "canTrust", "proxyIgnored", "proxyInvalid"}`.
    ///
    /// # Errors
    /// A wrapper that does not keep to this.
    pub fn from_json(json: &str) -> Result<Self, &'static str> {
        let Ok(mut value) = Value::read(json.as_bytes()) else {
            return Err("the wrapper's hand-over is no JSON");
        };
        let front = match value.get("front").and_then(Value::as_str) {
            Some("command-line") => Front::CommandLine,
            Some("action") => Front::Action,
            Some("library") => Front::Library,
            _ => return Err("the wrapper does not say which one it is"),
        };
        let environment = match value.take("environment") {
            Some(Value::Object(variables)) => Environment::new(variables),
            _ => Environment::default(),
        };
        let properties = value.take("properties").unwrap_or_default();
        let mut arguments = Vec::new();
        for argument in value.get("arguments").and_then(Value::as_array).unwrap_or_default() {
            if let Some(text) = argument.as_str() {
                arguments.push(text.to_owned());
            }
        }
        let flag = |name: &str| value.get(name).and_then(Value::as_bool).unwrap_or_default();
        Ok(Self {
            front,
            arguments,
            environment,
            surroundings: Surroundings {
                wall: Duration::from_millis(value.get("wall").and_then(Value::as_u64).unwrap_or_default()),
                can_trust: flag("canTrust"),
                proxy_ignored: flag("proxyIgnored"),
                proxy_invalid: flag("proxyInvalid"),
            },
            check: flag("check"),
            properties,
        })
    }
}
