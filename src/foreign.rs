//! Text from outside (servers, files, inputs) on its way into a message. It is data: what could act in a log,
//! on a terminal or in a runner is made visible here, once, before the text becomes part of anything.

use crate::text::{digits, filled, has};

/// The most characters of a foreign text that a message quotes.
const QUOTED: usize = 400;

/// Makes `text` safe to stand in one line of a log: line breaks become spaces, control, escape and bidirectional
/// characters become visible codes, `##[` and a leading `::` (both commands to a runner) are broken, and the
/// length is capped at 400 characters.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::new();
    for (index, character) in text.trim().chars().enumerate() {
        if index == QUOTED {
            shown.push('…');
            break;
        }
        match character {
            '\n' | '\r' | '\t' => shown.push(' '),
            '[' if shown.ends_with("##") => shown.push_str(" ["),
            ':' if shown == ":" => shown.push_str(" :"),
            _ if character.is_control() || steers(character) => {
                shown.push_str("\\u{");
                shown.push_str(&digits(u32::from(character).into(), 16, 1));
                shown.push('}');
            }
            _ => shown.push(character),
        }
    }
    shown
}

/// `text` as `visible` has it, between quotation marks.
#[must_use]
pub fn quoted(text: &str) -> String {
    filled("\"{}\"", &[&visible(text)])
}

/// Characters that change how the text around them is shown without being seen themselves.
fn steers(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// An id that may stand in a file which people feed to a shell: `[A-Za-z0-9_-]+`, 128 characters at most.
#[must_use]
pub fn is_plain_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 128
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// An address that may stand in a file which people feed to a shell: http or https, printable ASCII without
/// quotes, `$`, backticks, backslashes, angle brackets and spaces.
#[must_use]
pub fn is_plain_url(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://"))
        && text.len() <= 1024
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !has("\"'`$\\<>(){}|;", char::from(byte)))
}
