//! Searching in text, and putting texts together. What the standard library has for either is built for long texts and
//! for every type, and costs the module more than all uses of it here are worth.

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

/// The parts of `text` between any of `separators`, which are of ASCII.
pub(crate) fn parts<'a>(text: &'a str, separators: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(place) = rest.bytes().position(|byte| has(separators, char::from(byte))) {
        parts.push(rest.get(..place).unwrap_or_default());
        rest = rest.get(place + 1..).unwrap_or_default();
    }
    parts.push(rest);
    parts
}

/// `parts` in one text, with `between` between them.
pub(crate) fn joined(parts: &[&str], between: &str) -> String {
    let mut joined = String::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            joined.push_str(between);
        }
        joined.push_str(part);
    }
    joined
}

/// `template` with `values` in the places of its `{}`: less code at each message than a list of pieces is.
pub(crate) fn filled(template: &str, values: &[&str]) -> String {
    let mut filled = String::new();
    fill(&mut filled, template, values);
    filled
}

/// Adds `template` to `text`, with `values` in the places of its `{}`.
pub(crate) fn fill(text: &mut String, template: &str, values: &[&str]) {
    let mut rest = template;
    for value in values {
        let (before, behind) = cut(rest, "{}").unwrap_or((rest, ""));
        text.push_str(before);
        text.push_str(value);
        rest = behind;
    }
    text.push_str(rest);
}

/// The whole number that `text` is. (Each width of number has a reader of its own in the standard library; JSON needs
/// that of the widest.)
// Every number would bring a copy of this along.
#[inline(never)]
pub(crate) fn whole(text: &str) -> Option<u32> {
    u32::try_from(text.parse::<u64>().ok()?).ok()
}

/// A number as people write it. (Each width of number has a printer of its own in the standard library.)
pub(crate) fn decimal(number: impl TryInto<u64>) -> String {
    digits(number.try_into().unwrap_or(u64::MAX), 10, 1)
}

/// A number in digits of `base`, 16 at most, and at least `least` of them.
pub(crate) fn digits(number: u64, base: u64, least: usize) -> String {
    let mut text = if number >= base || least > 1 {
        digits(number / base, base, least.saturating_sub(1))
    } else {
        String::new()
    };
    let digit = u32::try_from(number % base).unwrap_or_default();
    text.push(char::from_digit(digit, 16).unwrap_or('0'));
    text
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
