//! What a registry holds of an image: index, manifest, config. Reading only.
//!
//! Source: the OCI image specification, and docker's "Image Manifest Version 2, Schema 2".

use std::fmt;
use std::str::FromStr;

use crate::value::Value;

use crate::foreign::visible;
use crate::image::Digest;
use crate::malformed::Malformed;
use crate::text::{cut, filled, has, parts};
use crate::version::Version;

/// What a cluster runs: `os/architecture[/variant]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform(String);

impl FromStr for Platform {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let parts = parts(text, "/");
        let sound = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if (2..=3).contains(&parts.len()) && parts.iter().all(sound) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(Malformed::new("is no platform, such as linux/amd64"))
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Platform {
    /// The platform that an entry of an index, or a config, says it is for.
    fn of(value: &Value) -> String {
        let mut shown = String::new();
        for name in ["os", "architecture", "variant"] {
            if let Some(text) = value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()) {
                if !shown.is_empty() {
                    shown.push('/');
                }
                shown.push_str(text);
            }
        }
        // What is too long to be one is not quoted either, so that no part of it could be all that is left.
        if shown.is_empty() || shown.len() > 100 { "no platform".into() } else { visible(&shown) }
    }

    /// Whether what runs on `other` runs here: a variant counts only where both name one.
    fn takes(&self, other: &str) -> bool {
        let begins = |long: &str, short: &str| {
            long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        has(other, '/') && (begins(other, &self.0) || begins(&self.0, other))
    }
}

/// What a manifest's body turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Manifest {
    /// An index has an image for the platform, by this digest.
    Index(Digest),
    /// An index has an image of which it does not say for which platform it is.
    Unnamed(Digest),
    /// An index has none; these are its platforms.
    Elsewhere(String),
    /// An image, with the digest of its config.
    Image(Digest),
}

/// Reads an index or a manifest.
///
/// # Errors
/// Words for what is wrong with it.
pub fn read(body: &[u8], platform: &Platform) -> Result<Manifest, &'static str> {
    let Ok(value) = Value::read(body) else { return Err("sent a manifest that is no JSON") };
    let digest =
        |entry: &Value| entry.get("digest").and_then(Value::as_str).and_then(|text| text.parse().ok());
    let Some(entries) = value.get("manifests").and_then(Value::as_array) else {
        return match value.get("config").and_then(digest) {
            Some(config) => Ok(Manifest::Image(config)),
            None => Err("sent something that is no manifest of an image"),
        };
    };
    let (mut known, mut fitting, mut any) = (String::new(), None, None);
    for entry in entries {
        let here = entry.get("platform");
        if here.is_none_or(Value::is_null) {
            any = any.or(Some(entry));
            continue;
        }
        let here = here.map(Platform::of).unwrap_or_default();
        if platform.takes(&here) {
            fitting = Some(entry);
            break;
        }
        // A build attestation says that it is for unknown/unknown.
        if here != "unknown/unknown" && known.len() < 200 {
            if !known.is_empty() {
                known.push_str(", ");
            }
            known.push_str(&here);
        }
    }
    // An entry that names no platform may be for any: the image's config tells.
    let Some(entry) = fitting.or(any) else {
        return Ok(Manifest::Elsewhere(if known.is_empty() { "no platform".into() } else { known }));
    };
    match digest(entry) {
        Some(digest) if fitting.is_some() => Ok(Manifest::Index(digest)),
        Some(digest) => Ok(Manifest::Unnamed(digest)),
        None => Err("sent an index without digests"),
    }
}

/// The versions that an image's labels say are in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// Astro Runtime.
    pub runtime: Option<Version>,
    /// Apache Airflow, without the vendor's suffix.
    pub airflow: Option<Version>,
    /// Astronomer Certified.
    pub certified: Option<Version>,
}

/// Reads an image's config; what it is for counts where nothing else has said that it is for `platform`.
///
/// # Errors
/// `Ok(Err(…))` names the platform that the image is for, where it is not for this one; `Err` has words for what is
/// wrong with the config.
pub fn read_config(body: &[u8], platform: Option<&Platform>) -> Result<Result<Labels, String>, &'static str> {
    let Ok(value) = Value::read(body) else { return Err("sent an image's config that is no JSON") };
    let here = Platform::of(&value);
    if platform.is_some_and(|platform| !platform.takes(&here)) {
        return Ok(Err(here));
    }
    let labels = value.get("config").and_then(|config| config.get("Labels"));
    let label = |name: &str| labels?.get(&filled("io.astronomer.docker.{}.version", &[name]))?.as_str();
    // What does not parse as a version is none.
    let version = |name: &str| {
        let text = label(name)?;
        let plain = cut(text, "+").map_or(text, |(plain, _)| plain);
        plain.strip_suffix("-base").unwrap_or(plain).parse().ok()
    };
    let runtime = version("runtime");
    if runtime.is_none() && label("runtime").is_some() {
        // Beside a Runtime that cannot be told, its Airflow must not be taken for all there is.
        return Ok(Ok(Labels::default()));
    }
    Ok(Ok(Labels { runtime, airflow: version("airflow"), certified: version("ac") }))
}
