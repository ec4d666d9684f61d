//! Reads `WWW-Authenticate`: what a registry wants to be shown. Parsing only.
//!
//! Source: RFC 9110, sections 5.6 and 11.6.1.

use crate::text::has;

/// One challenge: its scheme in lower case, and its parameters, their names in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// `bearer`, `basic` or another.
    pub scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// The value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads every challenge of a header, which may be several headers joined by commas; nothing where it cannot be read.
#[must_use]
pub fn parse(header: &str) -> Option<Vec<Challenge>> {
    let mut challenges: Vec<Challenge> = Vec::new();
    let mut rest = header;
    loop {
        (_, rest) = split(rest, |byte| is_blank(byte) || byte == b',');
        if rest.is_empty() {
            return Some(challenges);
        }
        let (name, behind) = token(rest)?;
        let Some(value) = past_blanks(behind).strip_prefix('=') else {
            challenges.push(Challenge { scheme: name.to_ascii_lowercase(), parameters: Vec::new() });
            rest = without_token68(behind);
            continue;
        };
        // A name with a value belongs to the challenge before it.
        let (value, behind) = value_of(past_blanks(value))?;
        challenges.last_mut()?.parameters.push((name.to_ascii_lowercase(), value));
        rest = past_blanks(behind);
        // Between parameters there is a comma.
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
}

/// Spaces and tabs are all the white space that there is here. What a text knows beyond them would let a word go on for
/// all of the header, and be looked through again and again.
fn past_blanks(text: &str) -> &str {
    split(text, is_blank).1
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// The characters that `text` begins with and that pass `fits`, which are of ASCII, and what follows them.
fn split(text: &str, fits: fn(u8) -> bool) -> (&str, &str) {
    let end = text.bytes().position(|byte| !fits(byte)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// What a scheme such as Negotiate has in the place of parameters is of no use here.
fn without_token68(text: &str) -> &str {
    let text = past_blanks(text);
    let (word, rest) = split(text, |byte| byte != b',' && !is_blank(byte));
    // It has `=` at its end alone, and nothing but a comma or the end follows it.
    let is_one = word.trim_end_matches('=').bytes().all(|byte| byte != b'=' && byte != b'"');
    if is_one && (rest.is_empty() || past_blanks(rest).starts_with(',')) { rest } else { text }
}

fn token(text: &str) -> Option<(&str, &str)> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || has("!#$%&'*+-.^_`|~", char::from(byte));
    Some(split(text, fits)).filter(|(token, _)| !token.is_empty())
}

/// A token, or a text between quotation marks in which a backslash stands before what is meant as it is.
fn value_of(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        return token(text).map(|(token, rest)| (token.to_owned(), rest));
    };
    let mut value = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '"' => return Some((value, characters.as_str())),
            '\\' => value.push(characters.next()?),
            character => value.push(character),
        }
    }
}
