//! What a platform's API lacks of what was asked.

use std::borrow::Cow;

use super::setting;
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
        match self {
            Self::TooOld(platform) => filled(
                "Houston at {} is {}; deploying an image needs 0.29.0 or later",
                &[host, platform.as_str()],
            ),
            Self::WantsRuntime(platform) => filled(
                "Houston at {} is {}, which takes Runtime versions only, and `airflow-version` was given",
                &[host, platform.as_str()],
            ),
            Self::NoMutation(name) => filled("Houston at {} does not know the mutation {}", &[host, name]),
            Self::NoFields(fields) => {
                let mut listed = String::new();
                for field in fields {
                    let between = if listed.is_empty() { "" } else { ", " };
                    fill(&mut listed, "{}{}", &[between, &quoted(field)]);
                }
                filled("Houston at {} has no {} on a Deployment", &[host, &listed])
            }
            Self::Said(words) => {
                filled("Houston at {} does not take the request: {}", &[host, &quoted(words)])
            }
        }
    }

    pub(super) fn hint(&self) -> Cow<'static, str> {
        match self {
            Self::TooOld(_) => "upgrade the platform, or correct `platform-version`".into(),
            Self::WantsRuntime(_) => {
                "set `runtime-version` to the image's Astro Runtime version instead of `airflow-version`"
                    .into()
            }
            Self::NoMutation(_) => filled(
                "set `platform-version` to the platform's version; if it is right, check that {} is true in the \
                 platform's Helm values",
                &[&setting(None)],
            )
            .into(),
            Self::NoFields(_) | Self::Said(_) => {
                "set `platform-version` to the platform's version, and update houston-deploy".into()
            }
        }
    }
}
