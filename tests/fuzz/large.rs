//! Inputs that are long or deep on purpose, each made for a reader that could do with each part of it as much again as
//! with the whole. What a mutation finds of that in an hour is written down here.

use crate::engine::is_taken;
use crate::{inputs, servers, values};

fn repeated(times: usize, part: impl Fn(usize) -> String) -> String {
    (0..times).map(part).collect()
}

#[test]
fn values_files_with_long_keys_and_many() {
    let taken = |name, text: String| is_taken(name, inputs::values_file, text.into());
    let under = |children: String| ["? ", &"k".repeat(20_000), "\n:\n", &children].concat();
    taken("a long key over many", under(repeated(5000, |index| format!("  a{index}: 1\n"))));
    taken(
        "a long key over many that are misplaced",
        under(repeated(3000, |index| format!("  a{index}: {{updateRegistry: 1}}\n"))),
    );
    taken("many keys", repeated(5000, |index| format!("a{index}: 1\n")));
    taken("a long flow", ["a: [", &"b,".repeat(8000)].concat());
    taken("lists in lists", "- ".repeat(50_000));
    taken("keys in keys", "? ".repeat(50_000));
    taken("brackets in brackets", "[".repeat(50_000));
    taken("directives", "%a b\n".repeat(10_000));
    taken("a text of many lines", ["a: b", &"\n  c".repeat(10_000)].concat());
}

#[test]
fn json_that_is_deep_or_wide() {
    let taken = |name, text: String| is_taken(name, servers::json, text.into());
    taken("lists in lists", "[".repeat(500_000));
    taken("objects in objects", "{\"a\":".repeat(100_000));
    taken("lists in lists, closed", ["[".repeat(120), "]".repeat(120)].concat());
    let names = repeated(20_000, |index| format!("\"{index}\":1,"));
    is_taken("many names", servers::airflow, ["{", &names, "\"a\":1}"].concat().into());
    taken("a long text", ["\"", &"\\u00e9".repeat(50_000), "\""].concat());
}

#[test]
fn answers_that_are_long() {
    let houston = |name, body: String| is_taken(name, servers::houston, format!("200\n\n{body}").into());
    let missing = r#"{"message":"Cannot query field \"x\" on type \"Deployment\"."}"#;
    houston("many missing fields", ["{\"errors\":[", &vec![missing; 2000].join(","), "]}"].concat());
    houston("a long message", format!(r#"{{"errors":[{{"message":"{}"}}]}}"#, "x".repeat(50_000)));
    let platform = r#"{"platform":{"os":"linux","architecture":"arm64"}}"#;
    let index = ["{\"manifests\":[", &vec![platform; 5000].join(","), "]}"].concat();
    is_taken("an index of many platforms", servers::manifest, index.into());
    for part in ["a ", "a=\"", "a,", "B a=b,", "=", "\\\"", "a\u{c}", "a\u{c}b=", "a \u{c}"] {
        is_taken("a long challenge", servers::challenge, format!("B {}\"", part.repeat(50_000)).into());
    }
    let auths = repeated(200, |index| format!(r#""a{index}":{{"auth":"dXNlcjpwYXNz{index}abcdefgh"}},"#));
    let config = ["{\"auths\":{", &auths, "\"b\":{}}}"].concat();
    is_taken("many registries", servers::docker_config, config.into());
}

#[test]
fn words_that_are_long() {
    is_taken("steps of dots", values::addresses, ["https://a/", &"%2e/".repeat(50_000)].concat().into());
    is_taken("components", values::references, ["a/", &"b/".repeat(20_000)].concat().into());
    let releases = repeated(20_000, |index| format!("a{index} "));
    is_taken("many releases", inputs::options, format!("deploy\n--release={releases}").into());
}
