//! The values file as a file: what cannot be read gets one clear error, with its line.

use houston_deploy::setup::yaml::{Kind, read};

use super::standard;

const GIVE: &str = "give the output of `helm get values` as it is";

#[track_caller]
fn is_refused(values: &str, line: usize, message: &str, hint: &str) {
    standard().today(values).gets(&[&format!("values-file: line {line}: {message} | {hint}")]);
    standard().today(values).finds(&[&format!("error {line} {message} | {hint}")]);
}

#[test]
fn a_file_that_is_empty() {
    let empty = "is empty: it holds no values";
    for values in ["", "\n\n", "# nothing\n", "   \n", "\u{feff}"] {
        is_refused(values, 1, empty, GIVE);
    }
}

#[test]
fn a_file_that_is_no_yaml() {
    is_refused(
        "<!DOCTYPE html>\n<html>\n<body class=\"a\">: x</body></html>\n",
        3,
        "is no YAML at column 17: mapping values are not allowed in this context",
        GIVE,
    );
    is_refused(
        "Error: release: not found\n",
        1,
        "is no YAML at column 15: mapping values are not allowed in this context",
        GIVE,
    );
    is_refused(
        "a:\n   b: 1\n  c: 2\n",
        3,
        "is no YAML at column 3: while parsing a block mapping, did not find expected key",
        GIVE,
    );
    is_refused("a: \"b\nc: d\n", 1, "is no YAML at column 4: invalid indentation in quoted scalar", GIVE);
    is_refused("a: \u{0}b\n", 1, "is no YAML at column 4: found unprintable character", GIVE);
    is_refused("a: @b\n", 1, "is no YAML at column 4: unexpected character: `@'", GIVE);
    is_refused("hello world\n", 1, "is no mapping of keys to values", GIVE);
    is_refused("- a\n- b\n", 1, "is no mapping of keys to values", GIVE);
    is_refused(&"[".repeat(100_000), 1, "is no YAML at column 256: recursion limit exceeded", GIVE);
}

#[test]
fn tabs_are_named_whatever_the_parser_makes_of_them() {
    let hint = "indent with spaces alone: YAML takes no tabs there";
    is_refused(
        "astronomer:\n\thouston:\n\t\tconfig: {}\n",
        2,
        "is indented by a tab, and so are 1 more",
        hint,
    );
    is_refused("a:\n  b: 1\n\tc: 2\n", 3, "is indented by a tab", hint);
    is_refused("a:\n  b: 1\n  \tc: 2\n", 3, "is indented by a tab", hint);
    is_refused("a: 1\nb:\t2\n", 2, "has a tab", "use spaces: YAML takes no tabs there");
    // Inside of a text it is nothing but a tab.
    read("a: |\n  x\n  \ty\nb: \"c\td\"\n").expect("good YAML");
}

#[test]
fn a_key_that_stands_twice() {
    let hint = "keep one of the two: Helm takes one of them without a word";
    is_refused("a: 1\nb: 2\na: 3\n", 3, "has the key \"a\", which is on line 1 already", hint);
    is_refused("x:\n  - a: 1\n    a: 2\n", 3, "has the key \"a\", which is on line 2 already", hint);
    is_refused("a: 1\n\"a\": 3\n", 2, "has the key \"a\", which is on line 1 already", hint);
    read("a: {k: 1}\nb: {k: 1}\n").expect("the same key in two places");
}

#[test]
fn anchors_and_aliases_are_not_followed() {
    is_refused("a: &x {b: 1}\nc: *x\n", 1, "has an anchor, which is not followed", GIVE);
    is_refused("a: 1\nb: &x 2\n", 2, "has an anchor, which is not followed", GIVE);
    is_refused("a: &x [1]\n", 1, "has an anchor, which is not followed", GIVE);
    // Each level would be ten times the one before.
    let bomb: String = (1..20).fold("a0: &a0 lol\n".to_owned(), |text, level| {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        text + &format!("a{level}: &a{level} [{below}]\n")
    });
    is_refused(&bomb, 1, "has an anchor, which is not followed", GIVE);
    is_refused("a: *x\n", 1, "is no YAML at column 4: while parsing node, found unknown anchor", GIVE);
}

#[test]
fn other_things_that_helm_never_prints() {
    is_refused("a: 1\n---\nb: 2\n", 2, "starts a second document, and values are one", GIVE);
    is_refused("[a, b]: 1\n", 1, "has a key that is no text", GIVE);
    let deep = (0..70).map(|level| format!("{}b:\n", " ".repeat(level))).collect::<Vec<_>>().concat();
    is_refused(&deep, 65, "is nested more than 64 deep", GIVE);
    is_refused(&"- ".repeat(100_000), 1, "is nested more than 64 deep", GIVE);
}

#[test]
fn a_file_that_is_too_large_or_no_text_or_not_there() {
    let twenty = vec![b' '; 20 * 1024 * 1024];
    standard().today(twenty).gets(&["values-file: \"today.yaml\" has more than 1048576 bytes"]);
    standard().today([0xff, 0xfe, b'a']).gets(&["values-file: \"today.yaml\" is no UTF-8 text"]);
    standard().with(&["--values-file", "none.yaml"]).gets(&["values-file: \"none.yaml\" does not exist"]);
}

#[test]
fn a_file_of_nearly_the_largest_size_is_read() {
    let wide = (0..60_000).map(|index| format!("key{index}: value\n")).collect::<Vec<_>>().concat();
    assert!((900 * 1024..1024 * 1024).contains(&wide.len()), "{}", wide.len());
    let root = read(&wide).expect("good YAML");
    assert_eq!(root.entry("key59999").expect("the last").line, 60_000);
}

#[test]
fn what_helm_prints_is_read_with_its_lines() {
    let root = read("USER-SUPPLIED VALUES:\nastronomer:\n  houston: null\n  list:\n  - 1\n").expect("good");
    let astronomer = root.entry("astronomer").expect("astronomer");
    assert_eq!(astronomer.line, 2);
    let houston = astronomer.value.entry("houston").expect("houston");
    assert_eq!((houston.line, &houston.value.kind), (3, &Kind::Null));
    // The line of an error counts the heading, too.
    is_refused(
        "USER-SUPPLIED VALUES:\na: 1\na: 2\n",
        3,
        "has the key \"a\", which is on line 2 already",
        "keep one of the two: Helm takes one of them without a word",
    );
    is_refused("COMPUTED VALUES:\na: @\n", 2, "is no YAML at column 4: unexpected character: `@'", GIVE);
    // A platform without values of its own has none to be wrong.
    for values in ["null\n", "{}\n", "USER-SUPPLIED VALUES:\nnull\n", "USER-SUPPLIED VALUES:\n{}\n"] {
        assert_eq!(read(values).expect(values).kind, Kind::Map(Vec::new()));
    }
    let json =
        read("{\"astronomer\": {\"houston\": {\"on\": true, \"text\": \"true\"}}}").expect("JSON is YAML");
    let houston = &json.entry("astronomer").expect("it").value.entry("houston").expect("it").value;
    assert!(houston.entry("on").expect("on").value.is(true));
    assert!(!houston.entry("text").expect("text").value.is(true));
}
