//! Durations as people write and read them: a whole number and `ms`, `s`, `m` or `h`.

use std::time::Duration;

use crate::malformed::Malformed;
use crate::text::{decimal, filled};

/// A day: longer than any run of a pipeline, and short enough for every timer.
const LONGEST: Duration = Duration::from_hours(24);

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
    let parsed = number.parse::<u32>().ok().and_then(|number| u64::from(number).checked_mul(milliseconds));
    match parsed.map(Duration::from_millis) {
        Some(duration) if duration.is_zero() => Err(Malformed::new("is zero")),
        Some(duration) if duration <= LONGEST => Ok(duration),
        _ if digits == 0 => Err(Malformed::new("is no duration: it starts with no number")),
        _ => Err(Malformed::new("is longer than 24h")),
    }
}

/// A duration for a sentence: `350 ms`, `8.1 s`, `2 min 5 s`, `1 h 3 min`.
#[must_use]
pub fn shown(duration: Duration) -> String {
    let milliseconds = u64::from(duration.subsec_millis());
    let seconds = duration.as_secs();
    let (first, second) = match seconds {
        0 => ((milliseconds, " ms"), None),
        1..60 if milliseconds < 50 => ((seconds, " s"), None),
        1..60 => return filled("{}.{} s", &[&decimal(seconds), &decimal(milliseconds / 100)]),
        60..3600 => ((seconds / 60, " min"), Some((seconds % 60, " s"))),
        _ => ((seconds / 3600, " h"), Some((seconds / 60 % 60, " min"))),
    };
    let mut shown = decimal(first.0) + first.1;
    if let Some((number, unit)) = second.filter(|(number, _)| *number > 0) {
        shown = filled("{} {}{}", &[&shown, &decimal(number), unit]);
    }
    shown
}
