//! Values: each text that becomes a type of its own, the exact words in which its mistakes are named, and the promise
//! that no text makes a parser panic. Nothing here knows an option or a request. What several subjects need is here.

use std::fmt;
use std::str::FromStr;

use houston_deploy::malformed::Malformed;
use houston_deploy::token::Redactor;
use proptest::prelude::*;

mod address;
mod any_text;
mod cancel;
mod causes;
mod endpoint;
mod foreign;
mod image;
mod json;
mod names;
mod references;
mod secrets;
mod time;
mod token;
mod value;

#[track_caller]
fn parsed<T: FromStr<Err = Malformed>>(text: &str) -> T {
    match text.parse() {
        Ok(value) => value,
        Err(why) => panic!("{text:?} {why}"),
    }
}

/// Parses nothing, and says just this.
#[track_caller]
fn refused<T: FromStr<Err = Malformed> + fmt::Debug>(text: &str, why: &str) {
    says(text.parse::<T>(), why);
}

#[track_caller]
fn says<T: fmt::Debug>(result: Result<T, Malformed>, why: &str) {
    assert_eq!(result.expect_err("refused").to_string(), why);
}

/// A test that fails writes no file beside the sources: the failing value is in its output.
fn quiet() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

fn redactor(secrets: &[&str]) -> Redactor {
    let redactor = Redactor::default();
    for secret in secrets {
        redactor.add_text(secret);
    }
    redactor
}
