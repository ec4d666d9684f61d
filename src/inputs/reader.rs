//! Reading one option at a time: its text or default, what its kind says, the file that it names; and writing down what
//! is wrong with it. What the options mean together is not decided here.

use std::str::FromStr;
use std::time::Duration;

use super::given::{Given, boolean};
use super::options::{Kind, Spec, find};
use super::{Files, LARGEST_FILE, Outputs};
use crate::duration;
use crate::foreign::quoted;
use crate::malformed::Malformed;
use crate::report::Warning;
use crate::text::{cut, cut_last, decimal, filled, has, joined, whole};
use crate::token::{HIDDEN, Redactor};

/// What was given, and what came of reading it so far.
pub(super) struct Reader<'a, F> {
    pub(super) given: Given,
    pub(super) files: &'a F,
    pub(super) redactor: Redactor,
    pub(super) warnings: Vec<Warning>,
    /// Files that were read ahead of their turn, by the option that names them.
    pub(super) learned: Vec<(&'static str, Result<String, String>)>,
}

impl<F: Files> Reader<'_, F> {
    pub(super) fn wrong(&mut self, option: &str, message: &str, hint: Option<&str>) {
        self.given.wrong(option, message, hint);
    }

    /// The text of an option, or its default.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let default =
            || find(self.given.options, name).map(|spec| spec.default).filter(|default| !default.is_empty());
        self.given.value(name).or_else(default)
    }

    /// A value with a parser of its own; a problem where it does not parse.
    pub(super) fn parsed<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, Malformed>,
    ) -> Option<T> {
        match parse(self.text(name)?) {
            Ok(value) => Some(value),
            Err(why) => {
                self.unsound(name, why);
                None
            }
        }
    }

    // Every type of value would bring a copy of this along.
    #[inline(never)]
    #[expect(clippy::needless_pass_by_value, reason = "each would have to drop it")]
    fn unsound(&mut self, name: &str, why: Malformed) {
        self.refused(name, why.words());
    }

    /// The text of an option is not what it has to be.
    pub(super) fn refused(&mut self, name: &str, why: &str) {
        let text = self.text(name).unwrap_or_default().to_owned();
        self.malformed(name, &text, why, None);
    }

    pub(super) fn malformed(&mut self, name: &str, text: &str, why: &str, hint: Option<&str>) {
        // What is wrong with a secret in the wrong place would quote parts of it, which nothing could find again.
        if self.redactor.finds(text) {
            self.wrong(name, "holds a secret, which does not belong here", hint);
            return;
        }
        self.wrong(name, &filled("{} {}", &[&quoted(&without_user(name, text)), why]), hint);
    }

    pub(super) fn value<T: FromStr<Err = Malformed>>(&mut self, name: &str) -> Option<T> {
        self.parsed(name, str::parse)
    }

    /// Checks every value that its kind alone can judge, so that what reads them later need not.
    pub(super) fn check_kinds(&mut self) {
        for Spec { name, kind, .. } in self.given.options {
            let Some(text) = self.given.value(name) else { continue };
            let why = match *kind {
                Kind::Boolean if boolean(text).is_none() => "is neither true nor false".into(),
                Kind::Duration => match duration::parse(text) {
                    Ok(_) => continue,
                    Err(why) => why.words().to_owned(),
                },
                Kind::Count(least, most)
                    if !whole(text).is_some_and(|number| (least..=most).contains(&number)) =>
                {
                    filled("is no whole number from {} to {}", &[&decimal(least), &decimal(most)])
                }
                Kind::Choice(words) if !words.contains(&text) => {
                    filled("is none of {}", &[&joined(words, ", ")])
                }
                Kind::Output => match self.files.can_write(text) {
                    Ok(()) => continue,
                    Err(why) => why,
                },
                Kind::Text
                | Kind::File
                | Kind::Secret
                | Kind::Boolean
                | Kind::Count(..)
                | Kind::Choice(_) => continue,
            };
            self.refused(name, &why);
        }
    }

    pub(super) fn boolean(&self, name: &str) -> bool {
        self.given.value(name).and_then(boolean).unwrap_or_default()
    }

    pub(super) fn duration(&self, name: &str) -> Duration {
        self.text(name).and_then(|text| duration::parse(text).ok()).unwrap_or_default()
    }

    /// The text of the file that an option names.
    pub(super) fn file(&mut self, name: &str) -> Option<String> {
        let path = self.text(name)?;
        let content = match self.learned.iter().position(|(option, _)| *option == name) {
            Some(index) => self.learned.swap_remove(index).1,
            None => self.content(path),
        };
        content.map_err(|why| self.refused(name, &why)).ok()
    }

    /// The text of a file, without the byte-order mark that some editors put first.
    pub(super) fn content(&self, path: &str) -> Result<String, String> {
        let bytes = self.files.read(path, LARGEST_FILE)?;
        let Ok(text) = str::from_utf8(&bytes) else { return Err("is no UTF-8 text".to_owned()) };
        Ok(text.strip_prefix("\u{feff}").unwrap_or(text).to_owned())
    }

    pub(super) fn outputs(&self) -> Outputs {
        let path = |name: &str| self.given.value(name).filter(|path| self.files.can_write(path).is_ok());
        let path = |name: &str| path(name).map(str::to_owned);
        Outputs {
            json: self.given.value("output") == Some("json"),
            debug: self.boolean("debug"),
            report: path("report-file"),
            summary: path("summary-file"),
            junit: path("junit-file"),
            dotenv: path("dotenv-file"),
            annotations: path("annotations-file"),
        }
    }
}

/// A value without the user name and password that an address can hold, which are nobody's to see. In the two
/// options for an address whatever stands before an `@` is taken for them; elsewhere an `@` may start a digest.
pub(crate) fn without_user(name: &str, text: &str) -> String {
    let (scheme, rest) = match cut(text, "://") {
        Some((scheme, rest)) => (scheme, rest),
        None if matches!(name, "houston-url" | "base-domain") => ("", text),
        // A digest has no slash behind the `@`.
        None if cut_last(text, b'@').is_some_and(|(_, rest)| has(rest, '/')) => ("", text),
        None => return text.to_owned(),
    };
    let Some((_, rest)) = cut_last(rest, b'@') else { return text.to_owned() };
    filled(if scheme.is_empty() { "{}{}@{}" } else { "{}://{}@{}" }, &[scheme, HIDDEN, rest])
}
