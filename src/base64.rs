//! Base64, both alphabets, by hand: each crate for it weighs ten times what is needed here.
//!
//! Source: RFC 4648, sections 4 and 5.

const STANDARD: [u8; 64] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The standard alphabet, without padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| usize::from(chunk.get(index).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..=chunk.len() {
            let digit = bits >> (18 - 6 * place) & 63;
            text.push(STANDARD.get(digit).map_or('A', |byte| char::from(*byte)));
        }
    }
    text
}

/// Either alphabet, with or without padding, in one line or several; nothing if it is neither.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for digit in text.trim_end().trim_end_matches('=').bytes() {
        if digit.is_ascii_whitespace() {
            continue;
        }
        let digit = match digit {
            b'-' => b'+',
            b'_' => b'/',
            _ => digit,
        };
        let value = STANDARD.iter().position(|known| *known == digit)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 255).ok()?);
        }
    }
    Some(bytes)
}
