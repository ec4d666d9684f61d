//! What came of an input, in few words: two inputs of one shape went the same way, and one of a new shape is worth
//! going on from. It is what stands in for the coverage that a stable compiler does not count.

use std::fmt::{Display, Write as _};

/// The words so far.
#[derive(Default)]
pub struct Shape(String);

impl Shape {
    /// Notes a fact.
    pub fn saw(&mut self, fact: impl Display) -> &mut Self {
        write!(self.0, "{fact};").expect("a String takes all");
        self
    }

    /// Notes what was said, less what it quotes, and checks that it stands in one line.
    pub fn said(&mut self, text: &str) -> &mut Self {
        is_one_line(text);
        let quotes = ['"', '\'', '`'];
        let (before, rest) = text.split_once(quotes).unwrap_or((text, ""));
        let (_, behind) = rest.rsplit_once(quotes).unwrap_or(("", ""));
        let word = |character: &char| character.is_ascii_alphabetic() || *character == ' ';
        self.0.extend(before.chars().chain(behind.chars()).filter(word));
        self.saw("")
    }

    /// Notes how a text was taken: by whether, or by why not.
    pub fn parsed<T, E: Display>(&mut self, parsed: &Result<T, E>) -> &mut Self {
        match parsed {
            Ok(_) => self.saw("ok"),
            Err(why) => self.said(&why.to_string()),
        }
    }

    /// The words.
    pub fn words(self) -> String {
        self.0
    }
}

/// Nothing in it ends a line or acts on a terminal or a runner.
pub fn is_one_line(text: &str) {
    assert!(!text.contains(|character: char| character.is_control()), "more than a line of text: {text:?}");
    assert!(!text.contains("##["), "a command to a runner: {text:?}");
}
