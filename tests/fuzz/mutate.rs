//! Makes a new input of an old one: by bytes, by words of the target's grammar, and where it is JSON, by its tree, so
//! that what comes is still JSON and gets past the first line of the reader.

use serde_json::{Map, Value};

use crate::random::Random;

/// What an input is.
#[derive(Clone, Copy, PartialEq)]
pub enum Form {
    /// A text of a grammar of its own.
    Text,
    /// A JSON text.
    Json,
    /// Answers as [`crate::world`] reads them: a status, headers, and a body that mostly is JSON.
    Message,
}

/// Between two answers.
pub const BETWEEN: &str = "\n%%\n";

/// Longer inputs are cut, but for those that are long on purpose.
const LONGEST: usize = 16 * 1024;

const BYTES: &[u8] = b"\0\xff\"\\\n{}[]:/.@=,-+ '%0\x80\xe2";

const NUMBERS: [&str; 10] =
    ["0", "1", "-1", "00", "255", "65536", "4294967296", "18446744073709551616", "1e400", "0.1"];

const ODD: [&str; 10] = [
    "\u{202e}",
    "\u{feff}",
    "\u{1f980}",
    "\u{1b}[31m",
    "\0",
    "\r\n",
    "\u{2028}",
    "::add-mask::x",
    "##[error]",
    "]]>",
];

/// A neighbour of one of `pool`.
pub fn mutated(pool: &[Vec<u8>], words: &[&str], form: Form, random: &mut Random) -> Vec<u8> {
    let mut input = pool[random.below(pool.len())].clone();
    for _ in 0..=random.below(4) {
        let other = &pool[random.below(pool.len())];
        input = match form {
            Form::Json if random.once_in(2) => by_tree(&input, words, random),
            Form::Message if !random.once_in(4) => by_message(&input, other, words, random),
            Form::Text | Form::Json | Form::Message => by_bytes(input, other, words, random),
        };
    }
    input.truncate(LONGEST);
    if random.once_in(2000) { long(&input, random) } else { input }
}

/// A part of it again and again.
fn long(input: &[u8], random: &mut Random) -> Vec<u8> {
    let (start, end) = range(input.len(), random);
    let part = if start < end { &input[start..end] } else { b"[" };
    let times = (16 * LONGEST) / part.len();
    [&input[..start], &part.repeat(times), &input[end..]].concat()
}

fn range(length: usize, random: &mut Random) -> (usize, usize) {
    let start = random.below(length + 1);
    let most = if random.once_in(4) { length } else { 8 };
    (start, (start + random.below(most + 1)).min(length))
}

fn by_bytes(mut input: Vec<u8>, other: &[u8], words: &[&str], random: &mut Random) -> Vec<u8> {
    let (start, end) = range(input.len(), random);
    match random.below(12) {
        0 if start < input.len() => input[start] ^= 1 << random.below(8),
        1 if start < input.len() => input[start] = BYTES[random.below(BYTES.len())],
        2 => input.insert(start, random.next().to_le_bytes()[0]),
        3 => drop(input.drain(start..end)),
        4 => {
            let part = input[start..end].to_vec();
            let at = random.below(input.len() + 1);
            drop(input.splice(at..at, part));
        }
        5 | 6 => drop(input.splice(start..start, random.one(words).bytes())),
        7 => drop(input.splice(start..end, random.one(words).bytes())),
        8 => {
            let (from, to) = range(other.len(), random);
            drop(input.splice(start..end, other[from..to].iter().copied()));
        }
        9 => {
            input.truncate(start);
            input.extend_from_slice(&other[random.below(other.len() + 1)..]);
        }
        10 => {
            // A whole number in it becomes another.
            let digit = (start..input.len()).find(|index| input[*index].is_ascii_digit());
            let start = digit.unwrap_or(start);
            let end =
                (start..input.len()).find(|index| !input[*index].is_ascii_digit()).unwrap_or(input.len());
            drop(input.splice(start..end, random.one(&NUMBERS).bytes()));
        }
        _ if random.once_in(3) => {
            let part = input[start..end].repeat(1 + random.below(40));
            drop(input.splice(start..end, part));
        }
        _ => drop(input.splice(start..start, random.one(&ODD).bytes())),
    }
    input
}

/// One of its answers is another, or they are others.
fn by_message(input: &[u8], other: &[u8], words: &[&str], random: &mut Random) -> Vec<u8> {
    let text = String::from_utf8_lossy(input);
    let mut parts: Vec<String> = text.split(BETWEEN).map(str::to_owned).collect();
    let at = random.below(parts.len());
    let others = String::from_utf8_lossy(other);
    match random.below(8) {
        0 if parts.len() > 1 => drop(parts.remove(at)),
        1 if parts.len() < 40 => parts.insert(at, parts[random.below(parts.len())].clone()),
        2 if parts.len() < 40 => {
            let theirs: Vec<&str> = others.split(BETWEEN).collect();
            parts.insert(at, random.one(&theirs).to_owned());
        }
        3 => {
            let head = [random.one(words), "\n", &parts[at]].concat();
            parts[at] = head;
        }
        _ => {
            let (head, body) = parts[at].split_once("\n\n").unwrap_or((&parts[at], ""));
            let body = if random.once_in(3) {
                by_bytes(body.into(), other, words, random)
            } else {
                by_tree(body.as_bytes(), words, random)
            };
            parts[at] = [head, "\n\n", &String::from_utf8_lossy(&body)].concat();
        }
    }
    parts.join(BETWEEN).into_bytes()
}

fn by_tree(input: &[u8], words: &[&str], random: &mut Random) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(input) else {
        return by_bytes(input.to_vec(), b"{}", words, random);
    };
    let node = node_of(&mut value, random);
    match (random.below(6), node) {
        (0, Value::Object(entries)) => {
            let name = random.one(words).to_owned();
            let value = leaf(words, random);
            entries.insert(name, value);
        }
        (1, Value::Object(entries)) if !entries.is_empty() => {
            let name = entries.keys().nth(random.below(entries.len())).expect("one of them").clone();
            let value = entries.remove(&name).expect("it is there");
            if random.once_in(2) {
                entries.insert(random.one(words).to_owned(), value);
            }
        }
        (2, node) => {
            let times = if random.once_in(30) { 1000 } else { 1 + random.below(4) };
            *node = Value::Array(vec![node.clone(); times]);
        }
        (3, node) => {
            let name = random.one(words);
            *node = Value::Object(Map::from_iter([((*name).to_owned(), node.take())]));
        }
        (4, node) if random.once_in(10) => {
            // As deep as this library itself writes and reads.
            for _ in 0..random.below(126) {
                *node = Value::Array(vec![node.take()]);
            }
        }
        (_, node) => *node = leaf(words, random),
    }
    value.to_string().into_bytes()
}

/// Somewhere in the tree.
fn node_of<'a>(value: &'a mut Value, random: &mut Random) -> &'a mut Value {
    let inside = match value {
        Value::Array(items) => items.len(),
        Value::Object(entries) => entries.len(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    };
    if inside == 0 || random.once_in(5) {
        return value;
    }
    let at = random.below(inside);
    let next = match value {
        Value::Array(items) => items.get_mut(at),
        Value::Object(entries) => entries.values_mut().nth(at),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    };
    node_of(next.expect("one of those inside"), random)
}

fn leaf(words: &[&str], random: &mut Random) -> Value {
    match random.below(9) {
        0 => Value::Null,
        1 => Value::Bool(random.once_in(2)),
        2 => serde_json::from_str(random.one(&NUMBERS)).unwrap_or_default(),
        3 => Value::Array(Vec::new()),
        4 => Value::Object(Map::new()),
        5 => random.one(&ODD).into(),
        6 if random.once_in(10) => random.one(words).repeat(300).into(),
        _ => random.one(words).into(),
    }
}
