//! The names that `setup` is given, none of which can be malformed once it exists. Parsing only.

use std::str::FromStr;

use crate::endpoint;
use crate::image;
use crate::malformed::{Malformed, every};
use crate::text::{cut, cut_last, has};

/// Where images are: a registry and a repository in it, `<registry>/<repository>[/<sub>]`. The platform wants both
/// wherever its Helm values have a `host`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository(String);

impl Repository {
    /// The repository as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The registry's host, with its port where one was written.
    #[must_use]
    pub fn registry(&self) -> &str {
        self.0.split_once('/').map_or(&self.0, |(registry, _)| registry)
    }
}

impl FromStr for Repository {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if text.is_empty() {
            return Err(Malformed::new("is empty"));
        }
        if let Some((scheme, _)) = cut(text, "://") {
            return Err(Malformed::around("is a URL: leave out \"", scheme, "://\""));
        }
        if has(text, '@') {
            return Err(Malformed::new("has an '@': leave out a digest, and a user name"));
        }
        // A colon before the last slash belongs to a port; only one behind it starts a tag.
        if let Some((_, tag)) = cut_last(text, b':')
            && has(text, '/')
            && !has(tag, '/')
        {
            return Err(Malformed::around("has a tag: leave out \":", tag, "\""));
        }
        match image::split_registry(text) {
            (Some(registry), repository) => {
                endpoint::check_authority(registry)?;
                image::check_repository(repository)?;
            }
            (None, _) if has(text, '/') => {
                return Err(Malformed::new("has no registry in front, such as registry.example.com/"));
            }
            (None, _) => {
                return Err(Malformed::new(
                    "has no repository behind the registry: <registry>/<repository> is needed",
                ));
            }
        }
        if text.len() > 255 {
            return Err(Malformed::counting("has ", text.len(), " characters, 255 at most"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// The name of a Kubernetes secret: a DNS subdomain, of labels between dots, 253 characters at most.
///
/// Source: <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/> and RFC 1123.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretName(String);

impl SecretName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SecretName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        check_labels(text, "secret's name", true, 253)?;
        Ok(Self(text.to_owned()))
    }
}

/// The name of a Kubernetes namespace: one DNS label, 63 characters at most.
///
/// Source: as for [`SecretName`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace(String);

impl Namespace {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Namespace {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        check_labels(text, "namespace", false, 63)?;
        Ok(Self(text.to_owned()))
    }
}

fn check_labels(text: &str, part: &str, dots: bool, longest: usize) -> Result<(), Malformed> {
    if text.is_empty() {
        return Err(Malformed::new("is empty"));
    }
    every(text, part, if dots { |one| one == '.' || in_label(one) } else { in_label })?;
    let sound = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    if !text.split('.').all(sound) {
        return Err(Malformed::new(if dots {
            "does not start and end with a letter or digit, around each dot too"
        } else {
            "does not start and end with a letter or digit"
        }));
    }
    if text.len() > longest {
        let (length, longest) = (text.len().to_string(), longest.to_string());
        return Err(Malformed::new(&["has ", &length, " characters, ", &longest, " at most"].concat()));
    }
    Ok(())
}

fn in_label(character: char) -> bool {
    character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-'
}

/// The user of a registry. A colon would end it where it is sent.
///
/// # Errors
/// What no user of a registry can be.
pub fn check_username(text: &str) -> Result<String, Malformed> {
    if text.is_empty() {
        return Err(Malformed::new("is empty"));
    }
    every(text, "user name", |character| !character.is_control() && character != ':')?;
    if text.len() > 255 {
        return Err(Malformed::new("has more than 255 characters"));
    }
    Ok(text.to_owned())
}

/// The e-mail address that a pull secret may carry. Nobody writes to it.
///
/// # Errors
/// What is no address.
pub fn check_email(text: &str) -> Result<String, Malformed> {
    every(text, "e-mail address", |character| character.is_ascii_graphic())?;
    match cut_last(text, b'@') {
        Some((name, host)) if !name.is_empty() && !host.is_empty() && text.len() <= 254 => {
            Ok(text.to_owned())
        }
        _ => Err(Malformed::new("is no e-mail address")),
    }
}
