//! Release names: how everyone refers to a Deployment. Parsing only.

use std::fmt;
use std::str::FromStr;

use crate::malformed::{Malformed, every};

/// The longest name that Helm gives a release: Kubernetes labels end at 63, and charts append to the name.
const LONGEST: usize = 53;

/// A release name: lower-case letters, digits and `-`, starting and ending with a letter or digit, 53 characters
/// at most.
///
/// Source: <https://helm.sh/docs/chart_template_guide/builtin_objects/> and RFC 1123 labels, as Kubernetes has them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReleaseName(String);

impl ReleaseName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReleaseName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for ReleaseName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if text.is_empty() {
            return Err(Malformed::new("is empty"));
        }
        every(text, "release name", |character| {
            character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-'
        })?;
        if text.starts_with('-') || text.ends_with('-') {
            return Err(Malformed::new("does not start and end with a letter or digit"));
        }
        if text.len() > LONGEST {
            return Err(Malformed::counting("has ", text.len(), " characters, 53 at most"));
        }
        Ok(Self(text.to_owned()))
    }
}
