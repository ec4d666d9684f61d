//! Searching in text, byte by byte, and among texts. The standard library's search for a text in a text is built for long haystacks
//! and costs the module more than every use of it here is worth.

/// Whether `character` is in `text`.
pub(crate) fn has(text: &str, character: char) -> bool {
    text.chars().any(|one| one == character)
}

/// What stands before and behind the first `separator`.
pub(crate) fn cut<'a>(text: &'a str, separator: &str) -> Option<(&'a str, &'a str)> {
    if separator.is_empty() {
        return None;
    }
    let start = text.as_bytes().windows(separator.len()).position(|window| window == separator.as_bytes())?;
    // A match of a whole text starts and ends between characters.
    let (before, rest) = text.split_at_checked(start)?;
    Some((before, rest.get(separator.len()..)?))
}

/// What stands before and behind the last `separator`, a byte of ASCII.
pub(crate) fn cut_last(text: &str, separator: u8) -> Option<(&str, &str)> {
    let place = text.bytes().rposition(|byte| byte == separator)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// `text` with `new` in the place of every `old`.
pub(crate) fn replaced(text: &str, old: &str, new: &str) -> String {
    let mut replaced = String::new();
    let mut rest = text;
    while let Some((before, behind)) = cut(rest, old) {
        replaced.push_str(before);
        replaced.push_str(new);
        rest = behind;
    }
    replaced.push_str(rest);
    replaced
}

/// Texts in their order, each once, with the number that it was given. (A map of the standard library's would weigh
/// more than everything in this file.)
#[derive(Default)]
pub(crate) struct Index(Vec<(String, usize)>);

impl Index {
    /// The number of `text`: the one that it has, or else `next`, which it then has.
    pub(crate) fn number(&mut self, text: &str, next: usize) -> usize {
        match self.0.binary_search_by(|(known, _)| known.as_str().cmp(text)) {
            Ok(place) => self.0.get(place).map_or(next, |(_, number)| *number),
            Err(place) => {
                self.0.insert(place, (text.to_owned(), next));
                next
            }
        }
    }

    /// The texts, in their order.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(text, _)| text.as_str())
    }
}
