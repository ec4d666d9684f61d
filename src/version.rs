//! Versions: of the platform, of Airflow, of Astro Runtime. A text such as `2.2.5` could be either of the last two,
//! so nothing here guesses which one a value is; that is said by the option that it came in.

use std::fmt;
use std::str::FromStr;

use crate::malformed::{Malformed, every};
use crate::text::{cut, has, parts, whole};

/// An Airflow version (`2.9.1`, `2.2.5-4`) or a Runtime version (`12.1.1`, `3.0-1`), kept as it was written.
///
/// Source: the vendor's lists of Astronomer Certified and Astro Runtime releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(String);

impl Version {
    /// The version as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `other` means the same version: a build suffix (`+astro.3`) makes no difference.
    #[must_use]
    pub fn is_same(&self, other: &str) -> bool {
        without_build(&self.0) == without_build(other)
    }
}

fn without_build(text: &str) -> &str {
    cut(text, "+").map_or(text, |(version, _)| version)
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Version {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if text.len() > 64 {
            return Err(Malformed::counting("has ", text.len(), " characters, 64 at most"));
        }
        let (numbers, _) = split_numbers(text)?;
        if numbers.len() < 2 {
            return Err(Malformed::new("needs at least a major and a minor number, such as 11.3.0"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// The platform's own version: that of its Helm chart. Ordered by its three numbers; a suffix marks a pre-release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformVersion {
    text: String,
    numbers: (u32, u32, u32),
    pre_release: bool,
}

impl PlatformVersion {
    /// The version as Houston or the user wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Major, minor and patch number. A pre-release counts as its release, as it does in the vendor's own client.
    #[must_use]
    pub fn numbers(&self) -> (u32, u32, u32) {
        self.numbers
    }

    /// Whether the version carries a pre-release suffix (`2.1.0-rc.1`).
    #[must_use]
    pub fn is_pre_release(&self) -> bool {
        self.pre_release
    }
}

impl fmt::Display for PlatformVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl FromStr for PlatformVersion {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if text.len() > 64 {
            return Err(Malformed::counting("has ", text.len(), " characters, 64 at most"));
        }
        let (numbers, suffix) = split_numbers(text)?;
        let &[major, minor, patch] = numbers.as_slice() else {
            return Err(Malformed::new("needs three numbers, such as 0.34.1"));
        };
        Ok(Self {
            text: text.to_owned(),
            numbers: (major, minor, patch),
            pre_release: suffix.starts_with('-'),
        })
    }
}

/// Splits `1.2.3-rest` into its leading numbers (four at most) and the rest, which starts with `-` or `+` or is
/// empty.
fn split_numbers(text: &str) -> Result<(Vec<u32>, &str), Malformed> {
    if text.is_empty() {
        return Err(Malformed::new("is empty"));
    }
    if matches!(text.as_bytes(), [b'v' | b'V', ..]) {
        return Err(Malformed::new("starts with a 'v': leave it out"));
    }
    let end = text.bytes().position(|byte| matches!(byte, b'-' | b'+')).unwrap_or(text.len());
    let (core, suffix) = text.split_at_checked(end).unwrap_or((text, ""));
    every(core, "version", |character| character.is_ascii_digit() || character == '.')?;
    every(suffix, "version's suffix", |character| {
        character.is_ascii_alphanumeric() || has("-+._", character)
    })?;
    if matches!(suffix.as_bytes(), [.., b'-' | b'+']) {
        return Err(Malformed::new("ends in an empty suffix"));
    }
    let mut numbers = Vec::new();
    for digits in parts(core, ".") {
        numbers.push(number(digits)?);
    }
    if numbers.len() > 4 {
        return Err(Malformed::counting("has ", numbers.len(), " numbers, 4 at most"));
    }
    Ok((numbers, suffix))
}

fn number(digits: &str) -> Result<u32, Malformed> {
    if digits.is_empty() {
        return Err(Malformed::new("has an empty number"));
    }
    if digits.len() > 1 && digits.starts_with('0') {
        return Err(Malformed::around("has the number ", digits, " with a leading zero"));
    }
    whole(digits).ok_or_else(|| Malformed::around("has the number ", digits, ", which is too large"))
}
