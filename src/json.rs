//! Writes JSON. A writer of our own because the module is weighed: the crate's serializer would add an eighth to it,
//! and because this one lets no text pass that was not cleaned of secrets. (Reading JSON is `serde_json`'s.)

use std::ops::Deref;

use crate::text::{decimal, digits, filled};
use crate::token::Redactor;

/// A JSON text that grows. Commas are its own business; brackets are the caller's to close.
#[derive(Debug, Clone, Default)]
pub struct Json<'a> {
    text: String,
    comma: bool,
    redactor: Option<&'a Redactor>,
}

impl<'a> Json<'a> {
    /// A text from whose values every secret is taken out.
    #[must_use]
    pub fn cleaned(redactor: &'a Redactor) -> Self {
        Self { text: String::new(), comma: false, redactor: Some(redactor) }
    }

    /// `{` or `[`.
    pub fn open(&mut self, bracket: char) -> &mut Self {
        self.separate();
        self.text.push(bracket);
        self.comma = false;
        self
    }

    /// `}` or `]`.
    pub fn close(&mut self, bracket: char) -> &mut Self {
        self.text.push(bracket);
        self.comma = true;
        self
    }

    /// The name of the value that comes next.
    pub fn key(&mut self, key: &str) -> &mut Self {
        self.word(key);
        self.text.push(':');
        self.comma = false;
        self
    }

    /// A text, cleaned of secrets.
    pub fn string(&mut self, text: &str) -> &mut Self {
        match self.redactor {
            Some(redactor) => self.word(&redactor.clean(text)),
            None => self.word(text),
        }
    }

    /// A word of this program, in which no secret can be.
    pub fn word(&mut self, word: &str) -> &mut Self {
        self.separate();
        self.text.push('"');
        escape(&mut self.text, word);
        self.text.push('"');
        self
    }

    /// A value that is JSON already: a number, `true`, `null`, or a whole text.
    pub fn raw(&mut self, json: &str) -> &mut Self {
        self.separate();
        self.text.push_str(json);
        self
    }

    /// A name and a text.
    pub fn field(&mut self, key: &str, text: &str) -> &mut Self {
        self.key(key).string(text)
    }

    /// A name and a text, or null.
    pub fn optional<T: Deref<Target = str>>(&mut self, key: &str, text: &Option<T>) -> &mut Self {
        self.key(key);
        match text {
            Some(text) => self.string(text),
            None => self.raw("null"),
        }
    }

    /// A name and a number.
    pub fn number(&mut self, key: &str, number: u64) -> &mut Self {
        self.key(key).raw(&decimal(number))
    }

    /// A name and a truth value.
    pub fn boolean(&mut self, key: &str, value: bool) -> &mut Self {
        self.key(key).raw(if value { "true" } else { "false" })
    }

    /// The text so far.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    fn separate(&mut self) {
        if self.comma {
            self.text.push(',');
        }
        self.comma = true;
    }
}

/// Appends `text` as it stands between the quotation marks of a JSON string.
///
/// Source: RFC 8259, section 7.
fn escape(json: &mut String, text: &str) {
    for character in text.chars() {
        let escape: &str = match character {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\0'..='\u{1f}' => &filled("\\u{}", &[&digits(u32::from(character).into(), 16, 4)]),
            _ => {
                json.push(character);
                continue;
            }
        };
        json.push_str(escape);
    }
}

/// `text` as it stands between the quotation marks of a JSON string.
pub(crate) fn escaped(text: &str) -> String {
    let mut json = String::new();
    escape(&mut json, text);
    json
}
