//! Time: durations, dates and `Retry-After`.

use std::time::{Duration, SystemTime};

use houston_deploy::retry::retry_after;
use houston_deploy::{date, duration};
use proptest::prelude::*;

use super::{quiet, says};

// Durations.

#[track_caller]
fn no_duration(text: &str, why: &str) {
    says(duration::parse(text), why);
}

#[test]
fn a_duration_is_a_whole_number_and_a_unit() {
    let parsed = |text: &str| duration::parse(text).expect("a duration");
    assert_eq!(parsed("500ms"), Duration::from_millis(500));
    assert_eq!(parsed("30s"), Duration::from_secs(30));
    assert_eq!(parsed("10m"), Duration::from_mins(10));
    assert_eq!(parsed("1h"), Duration::from_hours(1));
    assert_eq!(parsed("024h"), Duration::from_hours(24));
    assert_eq!(parsed("86400s"), Duration::from_hours(24));
}

#[test]
fn nothing_else_is_a_duration() {
    let form = "is no duration: it needs a whole number and ms, s, m or h, such as 30s";
    for text in ["", "30", "1.5s", "-1s", "+1s", " 1s", "1s ", "1 s", "1d", "1S", "1m30s", "soon", "١s"] {
        no_duration(text, form);
    }
    for text in ["ms", "s", "h"] {
        no_duration(text, "is no duration: it starts with no number");
    }
    for text in ["0s", "0ms", "00h"] {
        no_duration(text, "is zero");
    }
    for text in ["25h", "86401s", "86400001ms", "99999999999999999999h", "18446744073709551615h"] {
        no_duration(text, "is longer than 24h");
    }
}

#[test]
fn a_duration_is_shown_as_people_say_it() {
    for (milliseconds, shown) in [
        (0, "0 ms"),
        (350, "350 ms"),
        (999, "999 ms"),
        (1000, "1 s"),
        (1049, "1 s"),
        (1050, "1.0 s"),
        (8121, "8.1 s"),
        (59_999, "59.9 s"),
        (60_000, "1 min"),
        (60_999, "1 min"),
        (125_000, "2 min 5 s"),
        (3_599_999, "59 min 59 s"),
        (3_600_000, "1 h"),
        (3_659_999, "1 h"),
        (3_780_000, "1 h 3 min"),
        (86_400_000, "24 h"),
    ] {
        assert_eq!(duration::shown(Duration::from_millis(milliseconds)), shown, "{milliseconds} ms");
    }
}

proptest! {
    #![proptest_config(quiet())]

    #[test]
    fn a_duration_up_to_a_day_is_understood(milliseconds in 1_u64..=86_400_000) {
        let duration = Duration::from_millis(milliseconds);
        prop_assert_eq!(duration::parse(&format!("{milliseconds}ms")), Ok(duration));
    }
}

// Dates and `Retry-After`.

/// The last second of the year 9999.
const LAST: u64 = 253_402_300_799;

fn http_date(seconds: u64) -> String {
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

#[test]
fn an_http_date_is_read() {
    let read = |text: &str| date::parse_http(text).map(|time| time.as_secs());
    assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
    assert_eq!(read("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
    assert_eq!(read("Thu, 29 Feb 2024 23:59:59 GMT"), Some(1_709_251_199));
    assert_eq!(read("Fri, 31 Dec 9999 23:59:59 GMT"), Some(LAST));
    // A leap second is a second.
    assert_eq!(read("Sat, 31 Dec 2016 23:59:60 GMT"), Some(1_483_228_800));
}

#[test]
fn nothing_else_is_an_http_date() {
    for text in [
        "",
        "soon",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Wed, 31 Dec 1969 23:59:59 GMT",
        "Sun, 06 Nov 10000 08:49:37 GMT",
        "Sun, 06 Nov -1 08:49:37 GMT",
        "Sun, 06 Nov 18446744073709551616 08:49:37 GMT",
        "1994-11-06T08:49:37Z",
    ] {
        assert_eq!(date::parse_http(text), None, "{text}");
    }
}

#[test]
fn a_moment_is_shown_to_the_minute() {
    let shown = |seconds| date::shown(Duration::from_secs(seconds));
    assert_eq!(shown(0), "1970-01-01 00:00 UTC");
    assert_eq!(shown(784_111_777), "1994-11-06 08:49 UTC");
    assert_eq!(shown(951_782_400), "2000-02-29 00:00 UTC");
    assert_eq!(shown(4_107_542_400), "2100-03-01 00:00 UTC");
    assert_eq!(shown(1_735_689_599), "2024-12-31 23:59 UTC");
    assert_eq!(shown(1_795_464_000), "2026-11-23 20:00 UTC");
}

proptest! {
    #![proptest_config(quiet())]

    #[test]
    fn dates_are_those_of_another_crate(seconds in prop_oneof![0..=LAST, 0_u64..4_200_000_000]) {
        let text = http_date(seconds);
        prop_assert_eq!(date::parse_http(&text), Some(Duration::from_secs(seconds)));
        // "Sun, 06 Nov 1994 08:49:37 GMT"
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let month = months.iter().position(|name| *name == &text[8..11]).expect("a month") + 1;
        let shown = format!("{}-{month:02}-{} {} UTC", &text[12..16], &text[5..7], &text[17..22]);
        prop_assert_eq!(date::shown(Duration::from_secs(seconds)), shown);
    }
}

/// What `Retry-After` says at 08:49:37 on 6 November 1994.
fn wish(value: &str) -> Option<u64> {
    retry_after(value, Duration::from_secs(784_111_777)).map(|wish| wish.as_secs())
}

const YEAR: u64 = 365 * 24 * 60 * 60;

#[test]
fn retry_after_is_seconds_or_a_date() {
    assert_eq!(wish("0"), Some(0));
    assert_eq!(wish(" 120 "), Some(120));
    assert_eq!(wish("Sun, 06 Nov 1994 08:50:07 GMT"), Some(30));
    assert_eq!(wish("Mon, 07 Nov 1994 08:49:37 GMT"), Some(86400));
    // A moment that is over asks for no wait.
    assert_eq!(wish("Sun, 06 Nov 1994 08:49:36 GMT"), Some(0));
}

#[test]
fn retry_after_is_a_year_at_most() {
    assert_eq!(wish("31536001"), Some(YEAR));
    assert_eq!(wish("99999999999999999999999"), Some(YEAR));
    assert_eq!(wish("Fri, 31 Dec 9999 23:59:59 GMT"), Some(YEAR));
}

#[test]
fn a_retry_after_that_is_neither_is_none() {
    for value in ["", " ", "soon", "-5", "+5", "1.5", "1e3", "1 2", "0x10", "120s", "٣"] {
        assert_eq!(wish(value), None, "{value}");
    }
}
