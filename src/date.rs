//! The two forms in which a moment is read or shown: HTTP's date, and UTC for people. A hand parser, since a crate
//! for dates costs more of the module than all that reads an answer.

use std::time::Duration;

use crate::text::{cut, decimal, digits, filled, parts, replaced, whole};

const DAY: u64 = 24 * 60 * 60;
const MONTHS: &str = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, as time since the Unix epoch. The two obsolete forms are not read: no
/// server of today sends them, and a date that is not understood only means that the wait is our own.
///
/// Source: RFC 9110, section 5.6.7.
#[must_use]
pub fn parse_http(text: &str) -> Option<Duration> {
    let (_, rest) = cut(text, ", ")?;
    let &[day, month, year, hour, minute, second, "GMT"] = parts(rest, " :").as_slice() else { return None };
    let number = |text: &str, most: u64| whole(text).map(u64::from).filter(|number| *number <= most);
    let month = parts(MONTHS, " ").iter().position(|name| *name == month)?;
    let days = days_since_epoch(number(year, 9999)?, u64::try_from(month).ok()? + 1, number(day, 31)?)?;
    let time = number(hour, 23)? * 3600 + number(minute, 59)? * 60 + number(second, 60)?;
    Some(Duration::from_secs(days * DAY + time))
}

/// Reads `2026-11-25T12:00:00.123456+00:00` and its like: a space for the `T`, any fraction, `Z`, another zone, or none,
/// which means UTC. In microseconds since the Unix epoch.
///
/// Source: RFC 3339, section 5.6.
#[must_use]
pub fn parse_moment(text: &str) -> Option<u64> {
    let number = |start: usize, length: usize| {
        let digits = text.get(start..start.checked_add(length)?)?;
        let sound = digits.bytes().all(|byte| byte.is_ascii_digit());
        whole(digits).filter(|_| sound).map(u64::from)
    };
    let days = days_since_epoch(number(0, 4)?, number(5, 2)?, number(8, 2)?)?;
    let seconds = days * DAY + number(11, 2)? * 3600 + number(14, 2)? * 60 + number(17, 2)?;
    let rest = text.get(19..)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            rest.split_at_checked(digits)?
        }
        None => ("", rest),
    };
    let mut micros = 0;
    for place in 0..6 {
        let digit = fraction.as_bytes().get(place).map_or(0, |digit| u64::from(digit - b'0'));
        micros = micros * 10 + digit;
    }
    let away = || {
        let digits = replaced(zone.get(1..)?, ":", "");
        let number = whole(&digits).filter(|_| digits.len() == 4)?;
        Some(u64::from(number / 100 * 3600 + number % 100 * 60))
    };
    let seconds = match zone.as_bytes() {
        [] | [b'Z' | b'z'] => seconds,
        [b'+', ..] => seconds.checked_sub(away()?)?,
        [b'-', ..] => seconds + away()?,
        _ => return None,
    };
    Some(seconds * 1_000_000 + micros)
}

/// `2026-11-23 20:47 UTC` for a time since the Unix epoch.
#[must_use]
pub fn shown(since_epoch: Duration) -> String {
    let seconds = since_epoch.as_secs();
    let (days, minutes) = (seconds / DAY, seconds % DAY / 60);
    // The year can be no later than if every year were of 365 days, and no year before it has more than 366.
    let mut year = 1970 + days / 366;
    let is_begun = |year, month| days_since_epoch(year, month, 1).is_some_and(|start| start <= days);
    while is_begun(year + 1, 1) {
        year += 1;
    }
    let mut month = 12;
    while month > 1 && !is_begun(year, month) {
        month -= 1;
    }
    let day = days - days_since_epoch(year, month, 1).unwrap_or(days) + 1;
    let two = |number: u64| digits(number, 10, 2);
    filled(
        "{}-{}-{} {}:{} UTC",
        &[&decimal(year), &two(month), &two(day), &two(minutes / 60), &two(minutes % 60)],
    )
}

/// Days from 1970-01-01 to a day of the Gregorian calendar, which must not be before it.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
fn days_since_epoch(year: u64, month: u64, day: u64) -> Option<u64> {
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day.checked_sub(1)?;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era).checked_sub(719_468)
}
