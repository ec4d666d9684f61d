//! Foreign text: how it is shown so that it cannot act, and which ids and addresses a shell may see.

use houston_deploy::foreign::{is_plain_id, is_plain_url, quoted, visible};
use proptest::prelude::*;

use super::quiet;

#[test]
fn what_could_act_in_a_log_is_shown() {
    for (foreign, shown) in [
        ("  plain text ", "plain text"),
        ("two\nlines\r\nand\ttab", "two lines  and tab"),
        ("\u{1b}[31mred\u{7}", "\\u{1b}[31mred\\u{7}"),
        ("\u{9b}31m", "\\u{9b}31m"),
        (
            "a\u{202e}b\u{2066}c\u{feff}d\u{200b}e\u{61c}f\u{2029}g",
            "a\\u{202e}b\\u{2066}c\\u{feff}d\\u{200b}e\\u{61c}f\\u{2029}g",
        ),
        ("##[error]x ##[group]y", "## [error]x ## [group]y"),
        ("###[x", "### [x"),
        ("::error::x", ": :error::x"),
        ("\n ::error::x", ": :error::x"),
        (":::x", ": ::x"),
        (":", ":"),
        ("a::b", "a::b"),
        ("::", ": :"),
        ("é😀", "é😀"),
        ("", ""),
    ] {
        assert_eq!(visible(foreign), shown, "{foreign:?}");
    }
    assert_eq!(quoted("a\n\"b\""), "\"a \"b\"\"");
}

#[test]
fn a_foreign_text_is_cut_at_400_characters() {
    let text = "é".repeat(400);
    assert_eq!(visible(&text), text);
    assert_eq!(visible(&format!("{text}é")), format!("{text}…"));
}

/// The marks of the Unicode bidirectional algorithm, the line and paragraph separators, and the byte order mark.
const STEERING: [char; 15] = [
    '\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}', '\u{202a}', '\u{202b}', '\u{202c}',
    '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}', '\u{feff}',
];

proptest! {
    #![proptest_config(quiet())]

    #[test]
    fn nothing_foreign_acts(text in prop_oneof![any::<String>(), "[#:\\[ \n\u{1b}\u{202e}x]{0,30}"]) {
        let shown = visible(&text);
        prop_assert!(!shown.contains("##["));
        prop_assert!(!shown.starts_with("::"));
        prop_assert!(!shown.contains(|character: char| character.is_control()));
        prop_assert_eq!(shown.find(STEERING), None);
        // It may pass twice, since messages are made of messages.
        prop_assert_eq!(visible(&shown), shown.trim());
    }
}

#[test]
fn an_id_that_a_shell_may_see() {
    for id in ["ck1", "A-b_9", &"x".repeat(128)] {
        assert!(is_plain_id(id), "{id}");
    }
    for id in ["", "a b", "a$b", "a\nb", "é", "a.b", &"x".repeat(129)] {
        assert!(!is_plain_id(id), "{id}");
    }
}

#[test]
fn an_address_that_a_shell_may_see() {
    for url in ["https://a.example/dev/airflow", "http://127.0.0.1:8080/?a=b&c=%20#x~", "https://[::1]/"] {
        assert!(is_plain_url(url), "{url}");
    }
    for bad in "\"'`$\\<>(){}|; \n\u{7f}é".chars() {
        assert!(!is_plain_url(&format!("https://a.example/{bad}")), "{bad:?}");
    }
    for url in ["", "ftp://a.example", "javascript:https://", "HTTPS://a.example", "//a.example"] {
        assert!(!is_plain_url(url), "{url}");
    }
    assert!(is_plain_url(&format!("https://{}", "a".repeat(1016))));
    assert!(!is_plain_url(&format!("https://{}", "a".repeat(1017))));
}
