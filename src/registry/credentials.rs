//! Docker's config file: which credentials it has for a registry, as `docker login` and `docker/login-action` write
//! them. Reading only; running a helper program is an effect, and not here.
//!
//! Source: the docker command line's documentation of `config.json`, "Credential store options".

use crate::value::Value;

use crate::base64;
use crate::text::{cut, has};
use crate::token::{Login, Redactor};

/// Where credentials for a registry are to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source<'a> {
    /// They stand in the file.
    Here(Login),
    /// `docker-credential-<name>` has them, under this name of the registry.
    Helper(&'a str, &'static str),
    /// There is an entry that cannot be read.
    Unreadable,
    /// There are none.
    Nowhere,
}

/// How docker calls its own registry here.
const HUB: &str = "https://index.docker.io/v1/";

/// Looks for the registry in the config. A helper goes before what stands in the file, as docker has it.
#[must_use]
pub fn find<'a>(config: &'a Value, registry: &str, redactor: &Redactor) -> Source<'a> {
    let helper = in_table(config.get("credHelpers"), registry)
        .or_else(|| config.get("credsStore"))
        .and_then(Value::as_str)
        .filter(|name| !name.is_empty());
    match helper {
        Some(name) => Source::Helper(name, if is_hub(registry) { HUB } else { "" }),
        None => in_file(config, registry, redactor),
    }
}

/// What stands in the file itself.
#[must_use]
pub fn in_file(config: &Value, registry: &str, redactor: &Redactor) -> Source<'static> {
    let Some(entry) = in_table(config.get("auths"), registry) else { return Source::Nowhere };
    let text = |name: &str| entry.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(token) = text("identitytoken") {
        return Source::Here(Login::refresh(token, redactor));
    }
    if let (Some(user), Some(password)) = (text("username"), text("password")) {
        return pair(user, password, redactor);
    }
    // An entry without any stands for a helper that has them.
    let Some(auth) = text("auth") else { return Source::Nowhere };
    let decoded = base64::decode(auth).and_then(|bytes| String::from_utf8(bytes).ok());
    match decoded.as_deref().and_then(|decoded| cut(decoded, ":")) {
        Some((user, password)) => pair(user, password, redactor),
        None => Source::Unreadable,
    }
}

/// Reads what a helper prints: `{"ServerURL", "Username", "Secret"}`. The user `<token>` marks a refresh token.
#[must_use]
pub fn printed(text: &str, redactor: &Redactor) -> Source<'static> {
    let value: Value = Value::read(text.as_bytes()).unwrap_or_default();
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    match (text("Username"), text("Secret")) {
        (Some(user), Some(secret)) => pair(user, secret, redactor),
        _ => Source::Unreadable,
    }
}

/// Where either is empty there are none, as docker has it.
fn pair(user: &str, secret: &str, redactor: &Redactor) -> Source<'static> {
    match user {
        _ if user.is_empty() || secret.is_empty() => Source::Nowhere,
        "<token>" => Source::Here(Login::refresh(secret, redactor)),
        _ => Source::Here(Login::password(user, secret, redactor)),
    }
}

/// Whether a helper has such a name: what else it is could be a path or words for a shell.
#[must_use]
pub fn is_helper_name(name: &str) -> bool {
    name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || has("._-", char::from(byte)))
}

/// The entry of a registry in a table whose names may be hosts or addresses; that of its own name goes first.
fn in_table<'a>(table: Option<&'a Value>, registry: &str) -> Option<&'a Value> {
    let table = table?.as_object()?;
    let own = table.get(if is_hub(registry) { HUB } else { registry });
    own.or_else(|| table.entries().iter().find(|(name, _)| is_same(name, registry)).map(|(_, entry)| entry))
}

fn is_same(name: &str, registry: &str) -> bool {
    let name = cut(name, "://").map_or(name, |(_, rest)| rest);
    let name = cut(name, "/").map_or(name, |(host, _)| host);
    name.eq_ignore_ascii_case(registry) || (is_hub(name) && is_hub(registry))
}

fn is_hub(registry: &str) -> bool {
    matches!(registry, "docker.io" | "index.docker.io" | "registry-1.docker.io")
}
