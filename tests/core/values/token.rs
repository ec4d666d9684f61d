//! Tokens: what goes on the wire, whose a token is, and when it ends. No message shows one.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use houston_deploy::token::{Token, TokenKind};
use proptest::prelude::*;

use super::{quiet, says};

const KEY: &str = "c4n4ryc4n4ryc4n4ryc4n4ryc4n4ry32";

#[track_caller]
fn no_token(text: &str, why: &str) {
    says(Token::parse(text), why);
}

#[track_caller]
fn on_the_wire(text: &str) -> String {
    Token::parse(text).expect("a token").header().on_the_wire().to_owned()
}

fn jwt(payload: &str) -> String {
    format!("eyJhbGciOiJIUzI1NiJ9.{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(payload))
}

#[track_caller]
fn kind(text: &str) -> TokenKind {
    Token::parse(text).expect("a token").kind()
}

#[test]
fn a_leading_bearer_is_cut_off_once() {
    for scheme in ["", "Bearer ", "bearer ", "BEARER "] {
        assert_eq!(on_the_wire(&format!("{scheme}{KEY}")), KEY);
    }
    no_token("Bearer Bearer abcd", "has white space at position 7 of 11");
    assert_eq!(on_the_wire("Bearer-abcd"), "Bearer-abcd");
    no_token("Bearer ", "is empty");
}

#[test]
fn a_token_that_cannot_be_a_header_is_described_and_not_shown() {
    no_token("", "is empty");
    no_token("abcd\nefgh", "has a line break at position 5 of 9");
    no_token("abcd\r\n", "has a line break at position 5 of 6");
    no_token("abcd efgh", "has white space at position 5 of 9");
    no_token(" abcd", "has white space at position 1 of 5");
    no_token("ab\tcd", "has white space at position 3 of 5");
    no_token("abcdéf", "has a character that no token has at position 5 of 6");
    no_token("ééa", "has a character that no token has at position 1 of 3");
    no_token("abcd\u{0}", "has a character that no token has at position 5 of 5");
    no_token("abcd\u{7f}", "has a character that no token has at position 5 of 5");
}

#[test]
fn a_token_has_4_to_8192_characters() {
    assert_eq!(on_the_wire("abcd"), "abcd");
    assert_eq!(on_the_wire(&"x".repeat(8192)).len(), 8192);
    no_token("abc", "has 3 characters; 4 to 8192 are possible");
    no_token(&"x".repeat(8193), "has 8193 characters; 4 to 8192 are possible");
}

#[test]
fn a_token_of_three_parts_with_claims_is_a_users() {
    let seconds = |seconds| TokenKind::User { expires: Some(Duration::from_secs(seconds)) };
    assert_eq!(kind(&jwt(r#"{"exp":1795464000}"#)), seconds(1_795_464_000));
    assert_eq!(kind(&format!("Bearer {}", jwt(r#"{"exp":1}"#))), seconds(1));
    assert_eq!(kind(&jwt("{}")), TokenKind::User { expires: None });
    assert_eq!(kind(&jwt(r#"{"exp":"soon"}"#)), TokenKind::User { expires: None });
}

#[test]
fn any_other_token_is_a_service_accounts_key() {
    for text in [KEY, "abc.def.ghi", "a.b.c.d", "..ab", &jwt("[1]"), &jwt("no json"), "astro.key"] {
        assert_eq!(kind(text), TokenKind::ServiceAccountKey, "{text}");
    }
}

#[test]
fn the_end_of_a_token_may_be_a_fraction() {
    let expires = Some(Duration::from_secs(1_700_000_000));
    assert_eq!(kind(&jwt(r#"{"exp":1700000000.5}"#)), TokenKind::User { expires });
}

#[test]
fn a_token_is_shown_as_three_stars() {
    let token = Token::parse(KEY).expect("a token");
    assert_eq!(token.header().shown(), "***");
    assert_eq!(format!("{:?}", token.header()), "Sensitive(***)");
    assert_eq!(format!("{token:?}"), "Token { secret: ***, kind: ServiceAccountKey }");
}

proptest! {
    #![proptest_config(quiet())]

    #[test]
    fn no_error_shows_a_token(text in "[A-Z0-9]{6,40}", bad in "[\n\t é\u{0}]", tail in "[A-Z0-9]{6,40}") {
        let why = Token::parse(&format!("{text}{bad}{tail}")).expect_err("refused");
        let shown = format!("{why} {why:?}");
        prop_assert!(!shown.contains(&text) && !shown.contains(&tail), "shown");
    }

    #[test]
    fn the_end_of_a_token_is_read_from_any_claims(exp: u64, subject: String, padded: bool) {
        let payload = serde_json::json!({ "sub": subject, "exp": exp }).to_string();
        let payload = if padded { URL_SAFE.encode(payload) } else { STANDARD_NO_PAD.encode(payload) };
        let text = format!("a.{payload}.c");
        prop_assume!(text.len() <= 8192);
        prop_assert_eq!(kind(&text), TokenKind::User { expires: Some(Duration::from_secs(exp)) });
    }
}
