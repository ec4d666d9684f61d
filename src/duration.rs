//! Durations as people write and read them: a whole number and `ms`, `s`, `m` or `h`.

use std::time::Duration;

use crate::malformed::Malformed;
use crate::text::{decimal, fill, filled, whole};

/// A day in milliseconds: longer than any run of a pipeline, and short enough for every timer.
const LONGEST: u64 = 24 * 60 * 60 * 1000;

/// Reads `500ms`, `30s`, `10m` or `1h`; at most 24h.
///
/// # Errors
/// Anything else, and zero.
pub fn parse(text: &str) -> Result<Duration, Malformed> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).unwrap_or(("", text));
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        _ => {
            return Err(Malformed::new(
                "is no duration: it needs a whole number and ms, s, m or h, such as 30s",
            ));
        }
    };
    let why = match whole(number).map(|number| u64::from(number) * milliseconds) {
        Some(0) => "is zero",
        Some(duration @ 1..=LONGEST) => return Ok(Duration::from_millis(duration)),
        _ if digits == 0 => "is no duration: it starts with no number",
        _ => "is longer than 24h",
    };
    Err(Malformed::new(why))
}

/// A duration for a sentence: `350 ms`, `8.1 s`, `2 min 5 s`, `1 h 3 min`.
#[must_use]
pub fn shown(duration: Duration) -> String {
    let milliseconds = u64::from(duration.subsec_millis());
    let seconds = duration.as_secs();
    let (whole, unit, rest, smaller) = match seconds {
        0 => (milliseconds, "ms", 0, ""),
        1..60 if milliseconds < 50 => (seconds, "s", 0, ""),
        1..60 => return filled("{}.{} s", &[&decimal(seconds), &decimal(milliseconds / 100)]),
        60..3600 => (seconds / 60, "min", seconds % 60, "s"),
        _ => (seconds / 3600, "h", seconds / 60 % 60, "min"),
    };
    let mut shown = filled("{} {}", &[&decimal(whole), unit]);
    if rest > 0 {
        fill(&mut shown, " {} {}", &[&decimal(rest), smaller]);
    }
    shown
}
