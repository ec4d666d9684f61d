//! Reads YAML into a tree that knows its lines, or says in one sentence why it is none. It takes what
//! `helm get values` prints, and refuses what that never has: anchors, keys that stand twice, a second document.

use std::borrow::Cow;
use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use crate::foreign::quoted;
use crate::text::has;

/// Deeper than any values are, and shallow enough for whatever walks the tree.
const DEEPEST: usize = 64;

/// A value and the line on which it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The line, counted from 1.
    pub line: usize,
    /// The value.
    pub kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Nothing, or `null`.
    Null,
    /// A text as it was written, and whether it was written without quotation marks.
    Text(String, bool),
    /// Values by key, in their order.
    Map(Vec<Entry>),
    /// Values without keys.
    List(Vec<Node>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The line of the key, counted from 1.
    pub line: usize,
    /// The key.
    pub key: String,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// The value below this key.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|entry| entry.key == key),
            Kind::Null | Kind::Text(..) | Kind::List(_) => None,
        }
    }

    /// Whether it is the boolean.
    #[must_use]
    pub fn is(&self, value: bool) -> bool {
        let words: [&str; 3] = if value { ["true", "True", "TRUE"] } else { ["false", "False", "FALSE"] };
        matches!(&self.kind, Kind::Text(text, true) if words.contains(&text.as_str()))
    }
}

/// Why a text was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there, in words that follow the line.
    pub message: Cow<'static, str>,
    /// What to do about it.
    pub hint: &'static str,
}

const GIVE_HELMS: &str = "give the output of `helm get values` as it is";

/// Reads a text.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn read(text: &str) -> Result<Node, Fault> {
    let fault =
        |line: usize, message: &'static str| Err(Fault { line, message: message.into(), hint: GIVE_HELMS });
    // As a table, which is how Helm prints them by itself, they have a heading.
    let (heading, text) = match text.split_once('\n') {
        Some((first, rest)) if matches!(first.trim_end(), "USER-SUPPLIED VALUES:" | "COMPUTED VALUES:") => {
            (1, rest)
        }
        _ => (0, text),
    };
    let mut tree = Tree::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let line = error.marker().line();
            let mut fault = unreadable(text, line, error.marker().col(), error.info());
            fault.line += heading;
            fault
        })?;
        let line = span.start.line() + heading;
        match event {
            Event::DocumentStart(_) if tree.root.is_some() => {
                return fault(line, "starts a second document, and values are one");
            }
            Event::Alias(_) => return fault(line, "has an alias, which is not followed"),
            Event::Scalar(_, _, anchor, _)
            | Event::MappingStart(anchor, _)
            | Event::SequenceStart(anchor, _)
                if anchor > 0 =>
            {
                return fault(line, "has an anchor, which is not followed");
            }
            event => tree.take(event, &span, heading)?,
        }
    }
    match tree.root {
        None => fault(1, "is empty: it holds no values"),
        // A platform without values of its own.
        Some(Node { kind: Kind::Null, line }) => Ok(Node { kind: Kind::Map(Vec::new()), line }),
        Some(Node { kind: Kind::Text(..) | Kind::List(_), line }) => {
            fault(line, "is no mapping of keys to values")
        }
        Some(node) => Ok(node),
    }
}

/// What the parser did not like, or the tab behind it.
fn unreadable(text: &str, line: usize, column: usize, info: &str) -> Fault {
    let indented = |line: &str| has(line.split_at(line.len() - line.trim_start().len()).0, '\t');
    let mut tabs = text.lines().enumerate().filter(|(_, line)| indented(line)).map(|(index, _)| index + 1);
    let hint = "indent with spaces alone: YAML takes no tabs there";
    if let Some(first) = tabs.next() {
        let message = match tabs.count() {
            0 => "is indented by a tab".into(),
            more => ["is indented by a tab, and so are ", &more.to_string(), " more"].concat().into(),
        };
        return Fault { line: first, message, hint };
    }
    if text.lines().nth(line.saturating_sub(1)).is_some_and(|line| has(line, '\t')) {
        return Fault { line, message: "has a tab".into(), hint: "use spaces: YAML takes no tabs there" };
    }
    // The parser's words are its own, but for one character.
    let message = ["is no YAML at column ", &(column + 1).to_string(), ": ", &crate::foreign::visible(info)];
    Fault { line: line.max(1), message: message.concat().into(), hint: GIVE_HELMS }
}

/// A mapping or list that is not closed yet.
struct Open {
    node: Node,
    /// The key that waits for its value, and its line.
    key: Option<(usize, String)>,
    /// The keys so far, with their lines.
    seen: BTreeMap<String, usize>,
}

#[derive(Default)]
struct Tree {
    root: Option<Node>,
    open: Vec<Open>,
}

impl Tree {
    fn take(&mut self, event: Event<'_>, span: &Span, heading: usize) -> Result<(), Fault> {
        let line = span.start.line() + heading;
        let node = match event {
            Event::Scalar(text, style, _, _) => {
                let plain = style == ScalarStyle::Plain;
                let kind = match &*text {
                    "" | "~" | "null" | "Null" | "NULL" if plain => Kind::Null,
                    _ => Kind::Text(text.into_owned(), plain),
                };
                if let Some(open) = self.open.last_mut()
                    && matches!(open.node.kind, Kind::Map(_))
                    && open.key.is_none()
                {
                    return open.name(line, kind);
                }
                Node { line, kind }
            }
            Event::MappingStart(..) => return self.enter(line, Kind::Map(Vec::new())),
            Event::SequenceStart(..) => return self.enter(line, Kind::List(Vec::new())),
            Event::MappingEnd | Event::SequenceEnd => match self.open.pop() {
                Some(open) => open.node,
                None => return Ok(()),
            },
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::Alias(_) => return Ok(()),
        };
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(open) => match (&mut open.node.kind, open.key.take()) {
                (Kind::Map(entries), Some((line, key))) => entries.push(Entry { line, key, value: node }),
                (Kind::List(items), _) => items.push(node),
                (Kind::Map(_) | Kind::Null | Kind::Text(..), _) => {}
            },
        }
        Ok(())
    }

    fn enter(&mut self, line: usize, kind: Kind) -> Result<(), Fault> {
        let fault = |message: &'static str| Err(Fault { line, message: message.into(), hint: GIVE_HELMS });
        if let Some(Open { node: Node { kind: Kind::Map(_), .. }, key: None, .. }) = self.open.last() {
            return fault("has a key that is no text");
        }
        if self.open.len() >= DEEPEST {
            return fault("is nested more than 64 deep");
        }
        self.open.push(Open { node: Node { line, kind }, key: None, seen: BTreeMap::new() });
        Ok(())
    }
}

impl Open {
    fn name(&mut self, line: usize, key: Kind) -> Result<(), Fault> {
        let key = match key {
            Kind::Text(key, _) => key,
            Kind::Null | Kind::Map(_) | Kind::List(_) => "null".into(),
        };
        if let Some(first) = self.seen.insert(key.clone(), line) {
            let message =
                ["has the key ", &quoted(&key), ", which is on line ", &first.to_string(), " already"]
                    .concat();
            let hint = "keep one of the two: Helm takes one of them without a word";
            return Err(Fault { line, message: message.into(), hint });
        }
        self.key = Some((line, key));
        Ok(())
    }
}
