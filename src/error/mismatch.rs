//! What a platform's API lacks of what was asked.

use std::borrow::Cow;

use super::of_setting;
use crate::foreign::quoted;
use crate::text::{fill, filled};
use crate::version::PlatformVersion;

/// What Houston does not know of what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// The platform is older than the mutation.
    TooOld(PlatformVersion),
    /// An Airflow version was given to a platform that takes Runtime versions only.
    WantsRuntime(PlatformVersion),
    /// It has no such mutation, though by its version it should.
    NoMutation(&'static str),
    /// Fields that the type `Deployment` does not have on this platform.
    NoFields(Vec<String>),
    /// Any other validation error, with Houston's own words.
    Said(String),
}

impl Mismatch {
    pub(super) fn message(&self, host: &str) -> String {
        let template = match self {
            Self::TooOld(_) => "Houston at {} is {}; deploying an image needs 0.29.0 or later",
            Self::WantsRuntime(_) => {
                "Houston at {} is {}, which takes Runtime versions only, and `airflow-version` was given"
            }
            Self::NoMutation(_) => "Houston at {} does not know the mutation {}",
            Self::NoFields(_) => "Houston at {} has no {} on a Deployment",
            Self::Said(_) => "Houston at {} does not take the request: {}",
        };
        let what = match self {
            Self::TooOld(platform) | Self::WantsRuntime(platform) => platform.as_str().to_owned(),
            Self::NoMutation(name) => (*name).to_owned(),
            Self::NoFields(fields) => listed(fields),
            Self::Said(words) => quoted(words),
        };
        filled(template, &[host, &what])
    }

    pub(super) fn hint(&self) -> Cow<'static, str> {
        match self {
            Self::TooOld(_) => "upgrade the platform, or correct `platform-version`".into(),
            Self::WantsRuntime(_) => {
                "set `runtime-version` to the image's Astro Runtime version instead of `airflow-version`"
                    .into()
            }
            Self::NoMutation(_) => of_setting(
                "set `platform-version` to the platform's version; if it is right, check that {} is true in the \
                 platform's Helm values",
                None,
            ),
            Self::NoFields(_) | Self::Said(_) => {
                "set `platform-version` to the platform's version, and update houston-deploy".into()
            }
        }
    }
}

fn listed(fields: &[String]) -> String {
    let mut listed = String::new();
    for field in fields {
        let between = if listed.is_empty() { "" } else { ", " };
        fill(&mut listed, "{}{}", &[between, &quoted(field)]);
    }
    listed
}
