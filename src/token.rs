//! Secrets: the one place that can read them. They leave as a sensitive header value or as part of a sensitive
//! body, both of which print as `***`; whatever else leaves the program passes the [`Redactor`].

mod login;

use std::cell::{Ref, RefCell};
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

pub use login::{Login, bearer};

use crate::base64;
use crate::json;
use crate::malformed::Malformed;
use crate::text::{cut, decimal, digits, filled, has, parts, replaced};
use crate::value::{Object, Value};

/// What stands in a secret's place.
pub const HIDDEN: &str = "***";

/// Below this many characters a secret could not be told from ordinary words in the output.
const SHORTEST: usize = 4;

/// Node refuses response headers of more than 16 KiB together; servers are no more patient with requests.
const LONGEST: usize = 8192;

/// A text that nobody may see. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(HIDDEN)
    }
}

/// The token that Houston is shown, known to be fit for a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    secret: Secret,
    kind: TokenKind,
}

/// What a token is, as far as it shows.
///
/// Source: the vendor's documentation of service accounts, and RFC 7519 for `exp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A service account's key; it does not expire.
    ServiceAccountKey,
    /// A user's JSON Web Token, with the time since the Unix epoch at which it expires, where it says so.
    User {
        /// `exp`, as time since the Unix epoch.
        expires: Option<Duration>,
    },
}

impl Token {
    /// Takes `text` as it is, less a leading `Bearer `, which Houston does not want.
    ///
    /// # Errors
    /// A text that cannot be a header value, or that is too short or too long for a token. The error shows
    /// nothing of the text.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let text = match text.split_at_checked(7) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer ") => rest,
            _ => text,
        };
        check_header_safe(text)?;
        if text.len() < SHORTEST || text.len() > LONGEST {
            return Err(Malformed::counting("has ", text.len(), " characters; 4 to 8192 are possible"));
        }
        Ok(Self { kind: kind_of(text), secret: Secret(text.to_owned()) })
    }

    /// What the token is, as far as it shows.
    #[must_use]
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// The token as the value of `Authorization`: raw, as Houston takes it.
    #[must_use]
    pub fn header(&self) -> HeaderValue {
        HeaderValue::Sensitive(self.secret.clone())
    }

    /// The token behind `Bearer `, for an Airflow that does not take it raw.
    #[must_use]
    pub fn bearer(&self) -> HeaderValue {
        HeaderValue::Sensitive(Secret(filled("Bearer {}", &[&self.secret.0])))
    }
}

/// Visible ASCII only. What stands in the way is described, never shown.
fn check_header_safe(text: &str) -> Result<(), Malformed> {
    if text.is_empty() {
        return Err(Malformed::new("is empty"));
    }
    match text.chars().enumerate().find(|(_, character)| !character.is_ascii_graphic()) {
        None => Ok(()),
        Some((index, character)) => {
            let what = match character {
                '\n' | '\r' => "a line break",
                ' ' | '\t' => "white space",
                _ => "a character that no token has",
            };
            let (place, length) = (decimal(index + 1), decimal(text.chars().count()));
            Err(Malformed::new(&filled("has {} at position {} of {}", &[what, &place, &length])))
        }
    }
}

/// A JSON Web Token has three parts between dots; a service account's key has no dot.
fn kind_of(text: &str) -> TokenKind {
    let &[_, payload, _] = parts(text, ".").as_slice() else { return TokenKind::ServiceAccountKey };
    let claims = base64::decode(payload).and_then(|bytes| Value::read(&bytes).ok());
    match claims {
        Some(Value::Object(claims)) => TokenKind::User { expires: claims.get("exp").and_then(since_epoch) },
        _ => TokenKind::ServiceAccountKey,
    }
}

/// A `NumericDate`, whose fraction of a second counts for nothing (RFC 7519, section 2).
fn since_epoch(value: &Value) -> Option<Duration> {
    match value {
        Value::Whole(seconds) | Value::Fraction(seconds) => Some(Duration::from_secs(*seconds)),
        _ => None,
    }
}

/// The pull secret of a Deployment's own registry: the JSON of a `.dockerconfigjson`, with its `auths`.
#[derive(Clone, PartialEq)]
pub struct PullSecret(String);

impl fmt::Debug for PullSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(HIDDEN)
    }
}

impl PullSecret {
    /// Reads the content of a `.dockerconfigjson`.
    ///
    /// # Errors
    /// A text that is no JSON object with at least one entry under `auths`. The error shows nothing of the text.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        Self::read(text)?;
        Ok(Self(text.trim().to_owned()))
    }

    fn read(text: &str) -> Result<Value, Malformed> {
        let value = Value::read(text.as_bytes()).map_err(|error| {
            let (line, column) = (decimal(error.line()), decimal(error.column()));
            Malformed::new(&filled("is no JSON (line {}, column {})", &[&line, &column]))
        })?;
        match value.get("auths").and_then(Value::as_object) {
            Some(auths) if is_registries(auths) => Ok(value),
            _ => Err(Malformed::new("has no registry under \"auths\", as a .dockerconfigjson must")),
        }
    }

    /// The JSON for a request's body; only a sensitive body may hold it.
    pub(crate) fn on_the_wire(&self) -> &str {
        &self.0
    }
}

/// At least one entry, each with its credentials.
fn is_registries(auths: &Object) -> bool {
    !auths.entries().is_empty() && auths.entries().iter().all(|(_, entry)| entry.is_object())
}

/// A request header's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderValue {
    /// Anyone may see it.
    Plain(String),
    /// Only the server that it is for may see it.
    Sensitive(Secret),
}

impl HeaderValue {
    /// The value as it goes over the wire. For an [`Io`](crate::io::Io) alone.
    #[must_use]
    pub fn on_the_wire(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Sensitive(secret) => &secret.0,
        }
    }

    /// The value as people may see it.
    #[must_use]
    pub fn shown(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Sensitive(_) => HIDDEN,
        }
    }
}

/// Takes every secret out of a text, in any of the forms in which it could have got there: raw, base64, base64url,
/// URL-escaped and JSON-escaped. Every text passes here last before it leaves. Its clones share what they know, since
/// a registry hands out secrets of its own while the run goes on.
#[derive(Clone, Default)]
pub struct Redactor(Rc<RefCell<Known>>);

#[derive(Default)]
struct Known {
    /// What is looked for, longest first, so that no part of a longer secret is left standing.
    needles: Vec<String>,
    /// The lines of the secrets themselves, for a runner's own masking.
    lines: Vec<String>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(HIDDEN)
    }
}

impl Known {
    fn look_for(&mut self, form: String) {
        if !self.needles.contains(&form) {
            let place = self.needles.iter().position(|needle| needle.len() < form.len());
            self.needles.insert(place.unwrap_or(self.needles.len()), form);
        }
    }
}

impl Redactor {
    /// Adds a text that is secret whether or not it turned out to be well formed.
    pub fn add_text(&self, text: &str) {
        self.add(text);
        // What is sent is the text without the scheme, and a file's text without its last line break.
        for part in parts(text, " \t\r\n") {
            if !part.eq_ignore_ascii_case("bearer") {
                self.add(part.trim());
            }
        }
    }

    /// Adds every value inside the text of a pull secret, or the text itself where it is none.
    pub fn add_pull_secret(&self, text: &str) {
        match PullSecret::read(text) {
            Ok(secret) => self.add_values(&secret),
            Err(_) => self.add_text(text),
        }
    }

    /// Every text inside, and the password inside each `auth`, which is `user:password` in base64.
    fn add_values(&self, value: &Value) {
        match value {
            Value::String(text) => {
                let decoded = base64::decode(text).and_then(|bytes| String::from_utf8(bytes).ok());
                if let Some((_, password)) = decoded.as_deref().and_then(|decoded| cut(decoded, ":")) {
                    self.add(password);
                }
                self.add(text);
            }
            Value::Array(items) => items.iter().for_each(|item| self.add_values(item)),
            Value::Object(object) => object.entries().iter().for_each(|(_, item)| self.add_values(item)),
            Value::Null | Value::Bool(_) | Value::Whole(_) | Value::Fraction(_) | Value::Other => {}
        }
    }

    fn add(&self, text: &str) {
        let known = &mut *self.0.borrow_mut();
        for line in &parts(text, "\n") {
            let line = line.trim();
            if line.len() >= SHORTEST && !known.lines.iter().any(|one| one == line) {
                known.lines.push(line.to_owned());
            }
        }
        if text.trim().len() < SHORTEST {
            return;
        }
        let base64 = base64::encode(text.as_bytes());
        known.look_for(text.to_owned());
        known.look_for(json::escaped(text));
        known.look_for(replaced(&replaced(&base64, "+", "-"), "/", "_"));
        known.look_for(base64);
        known.look_for(percent_encoded(text, "-._~"));
        known.look_for(percent_encoded(text, "-._~!*'()"));
    }

    /// `text` without any secret. Of a text in which one is URL-escaped in another way than ours nothing is left.
    #[must_use]
    pub fn clean(&self, text: &str) -> String {
        let mut cleaned = text.to_owned();
        for needle in &self.0.borrow().needles {
            if cut(&cleaned, needle).is_some() {
                cleaned = replaced(&cleaned, needle, HIDDEN);
            }
        }
        if unescaped(&cleaned).is_some_and(|text| self.finds(&text)) { HIDDEN.to_owned() } else { cleaned }
    }

    /// Whether any secret is in `text`.
    #[must_use]
    pub fn finds(&self, text: &str) -> bool {
        self.0.borrow().needles.iter().any(|needle| cut(text, needle).is_some())
    }

    /// One entry for each line of each secret, for a runner that hides them in everything that follows.
    #[must_use]
    pub fn lines(&self) -> Ref<'_, Vec<String>> {
        Ref::map(self.0.borrow(), |known| &known.lines)
    }
}

/// `text` with every `%` and two hexadecimal digits as the byte that they stand for; nothing where there are none.
fn unescaped(text: &str) -> Option<String> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::new();
    let mut left = text.as_bytes();
    while let [byte, rest @ ..] = left {
        left = rest;
        bytes.push(match (byte, rest) {
            (b'%', [high, low, beyond @ ..]) => match (digit(high), digit(low)) {
                (Some(high), Some(low)) => {
                    left = beyond;
                    high << 4 | low
                }
                _ => b'%',
            },
            _ => *byte,
        });
    }
    if bytes.len() == text.len() { None } else { String::from_utf8(bytes).ok() }
}

/// `text` with every byte but letters, digits and `kept` as `%` and two hexadecimal digits.
pub(crate) fn percent_encoded(text: &str, kept: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || has(kept, char::from(byte)) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push_str(&digits(byte.into(), 16, 2).to_ascii_uppercase());
        }
    }
    encoded
}
