//! Why a text is not the value that it was to be. Every parser of the crate fails with this, so that a message
//! can always say what was wrong and where.

use std::borrow::Cow;
use std::fmt;

use crate::foreign::visible;
use crate::text::{decimal, filled, joined};

/// What is wrong with a text, in words that follow the quoted text: `is empty`, `has upper-case letter 'A' at
/// position 3`. Positions count characters from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(Cow<'static, str>);

impl Malformed {
    pub(crate) fn new(why: impl Into<Cow<'static, str>>) -> Self {
        // Words that were put together can quote the text, which can hold anything.
        match why.into() {
            Cow::Borrowed(words) => Self(Cow::Borrowed(words)),
            Cow::Owned(words) => Self(visible(&words).into()),
        }
    }

    /// The words.
    pub(crate) fn words(&self) -> &str {
        &self.0
    }

    /// Words around a part of the text.
    pub(crate) fn around(before: &str, part: &str, behind: &str) -> Self {
        Self::new(joined(&[before, part, behind], ""))
    }

    /// Words around a number of things, mostly one that is too large.
    pub(crate) fn counting(before: &str, count: usize, behind: &str) -> Self {
        Self::around(before, &decimal(count), behind)
    }

    /// A character that cannot stand where it does; `index` counts from 0.
    pub(crate) fn character(character: char, index: usize, part: &str) -> Self {
        let mut shown = [0; 4];
        let (what, shown, end) = match character {
            // It would not be seen, least of all at an end.
            '\n' | '\r' => ("a line break", "", ""),
            _ if character.is_whitespace() => ("white space", "", ""),
            _ if character.is_ascii_uppercase() => {
                ("upper-case letter '", &*character.encode_utf8(&mut shown), "'")
            }
            _ => ("unexpected character '", &*character.encode_utf8(&mut shown), "'"),
        };
        Self::new(filled(
            "has {}{}{} at position {} of the {}",
            &[what, shown, end, &decimal(index + 1), part],
        ))
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Malformed {}

/// Checks that every character of `text` passes `fits`, naming the first that does not.
pub(crate) fn every(text: &str, part: &str, fits: fn(char) -> bool) -> Result<(), Malformed> {
    match text.chars().enumerate().find(|(_, character)| !fits(*character)) {
        Some((index, character)) => Err(Malformed::character(character, index, part)),
        None => Ok(()),
    }
}
