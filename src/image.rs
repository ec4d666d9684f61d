//! References to container images, by the grammar of the OCI distribution specification and of docker's
//! reference. Parsing only: whether the image exists is the registry's to say.
//!
//! Source: <https://github.com/distribution/reference> and the OCI distribution specification, "Pulling manifests".

use std::fmt;
use std::str::FromStr;

use crate::endpoint;
use crate::malformed::{Malformed, every};
use crate::text::{cut, cut_last, filled, has, parts};

/// `[host[:port]/]name[:tag][@digest]` with a tag, a digest, or both. Kept as it was written, because Houston is
/// sent just that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageReference {
    text: String,
    registry: Option<String>,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

impl ImageReference {
    /// The reference as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The registry's host, with its port where one was written; `docker.io` where none was.
    #[must_use]
    pub fn registry(&self) -> &str {
        self.registry.as_deref().unwrap_or("docker.io")
    }

    /// The repository's name within the registry.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag, where one was written.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest, where one was written.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The same image by `digest` alone, without its tag.
    #[must_use]
    pub fn pinned(&self, digest: &Digest) -> String {
        let named = filled("{}@{}", &[&self.repository, digest.as_str()]);
        match &self.registry {
            Some(host) => filled("{}/{}", &[host, &named]),
            None => named,
        }
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl FromStr for ImageReference {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if text.is_empty() {
            return Err(Malformed::new("is empty"));
        }
        if let Some((scheme, _)) = cut(text, "://") {
            return Err(Malformed::around("is a URL: leave out \"", scheme, "://\""));
        }
        let (name, digest) = match cut(text, "@") {
            Some((name, digest)) => (name, Some(digest.parse()?)),
            None => (text, None),
        };
        // A colon before the last slash belongs to a port; only one behind it starts a tag.
        let (name, tag) = match cut_last(name, b':') {
            Some((before, tag)) if !has(tag, '/') && !before.is_empty() && !before.ends_with('/') => {
                (before, Some(tag))
            }
            _ => (name, None),
        };
        let (registry, repository) = split_registry(name);
        if let Some(registry) = registry {
            endpoint::check_authority(registry)?;
        }
        check_repository(repository)?;
        if name.len() > 255 {
            return Err(Malformed::counting(
                "has a host and name of ",
                name.len(),
                " characters, 255 at most",
            ));
        }
        tag.map_or(Ok(()), check_tag)?;
        if tag.is_none() && digest.is_none() {
            return Err(Malformed::new("has neither a tag nor a digest"));
        }
        Ok(Self {
            text: text.to_owned(),
            registry: registry.map(str::to_owned),
            repository: repository.to_owned(),
            tag: tag.map(str::to_owned),
            digest,
        })
    }
}

/// The part before the first slash is a host where it looks like one: a dot, a colon, brackets, or `localhost`.
pub(crate) fn split_registry(name: &str) -> (Option<&str>, &str) {
    match cut(name, "/") {
        Some((host, rest)) if has(host, '.') || has(host, ':') || has(host, '[') || host == "localhost" => {
            (Some(host), rest)
        }
        _ => (None, name),
    }
}

/// Components of lower-case letters and digits, separated inside by `.`, `_`, `__` or any run of `-`.
pub(crate) fn check_repository(repository: &str) -> Result<(), Malformed> {
    if repository.is_empty() {
        return Err(Malformed::new("has no repository name"));
    }
    let alphanumeric =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    every(repository, "repository name", |character| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || has("._-/", character)
    })?;
    for component in parts(repository, "/") {
        if component.is_empty() {
            return Err(Malformed::new("has an empty component in its repository name"));
        }
        for separator in parts(component, "abcdefghijklmnopqrstuvwxyz0123456789") {
            if !matches!(separator, "." | "_" | "__") && !separator.bytes().all(|byte| byte == b'-') {
                return Err(Malformed::around("has \"", separator, "\" inside its repository name"));
            }
        }
        let bytes = component.as_bytes();
        if !alphanumeric(bytes.first()) || !alphanumeric(bytes.last()) {
            return Err(Malformed::around(
                "has a component \"",
                component,
                "\" that does not start and end with a letter or digit",
            ));
        }
    }
    Ok(())
}

fn check_tag(tag: &str) -> Result<(), Malformed> {
    if tag.is_empty() {
        return Err(Malformed::new("has an empty tag"));
    }
    if matches!(tag.as_bytes(), [b'.' | b'-', ..]) {
        return Err(Malformed::new("has a tag that starts with '.' or '-'"));
    }
    every(tag, "tag", |character| character.is_ascii_alphanumeric() || has("_.-", character))?;
    if tag.len() > 128 {
        return Err(Malformed::counting("has a tag of ", tag.len(), " characters, 128 at most"));
    }
    Ok(())
}

/// `<algorithm>:<encoded>`, for instance `sha256:` and 64 hexadecimal digits.
///
/// Source: OCI image specification, "Digests".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest(String);

impl Digest {
    /// The digest as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Digest {
    /// The part before the colon, such as `sha256`.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        cut(&self.0, ":").map_or("", |(algorithm, _)| algorithm)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Digest {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let Some((algorithm, encoded)) = cut(text, ":") else {
            return Err(Malformed::new("has a digest without ':' between algorithm and value"));
        };
        if algorithm.is_empty() {
            return Err(Malformed::new("has a digest without an algorithm"));
        }
        every(algorithm, "digest's algorithm", |character| {
            character.is_ascii_lowercase() || character.is_ascii_digit() || has("+._-", character)
        })?;
        let hex: fn(char) -> bool = |character| matches!(character, '0'..='9' | 'a'..='f');
        let any: fn(char) -> bool = |character| character.is_ascii_alphanumeric() || has("=_-", character);
        let (fits, lengths, what, needed) = match algorithm {
            "sha256" => (hex, 64..=64, "has a sha256 digest of ", " digits, 64 are needed"),
            "sha512" => (hex, 128..=128, "has a sha512 digest of ", " digits, 128 are needed"),
            _ => (any, 32..=256, "has a digest of ", " characters, between 32 and 256 are needed"),
        };
        every(encoded, "digest", fits)?;
        if !lengths.contains(&encoded.len()) {
            return Err(Malformed::counting(what, encoded.len(), needed));
        }
        Ok(Self(text.to_owned()))
    }
}
