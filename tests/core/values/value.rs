//! JSON that was read: what becomes of each kind of value.

use houston_deploy::value::Value;

#[track_caller]
fn read(text: &str) -> Value {
    Value::read(text.as_bytes()).expect("JSON")
}

#[test]
fn numbers_are_whole_or_something_else() {
    for (text, value) in [
        ("0", Value::Whole(0)),
        ("18446744073709551615", Value::Whole(u64::MAX)),
        ("18446744073709551616", Value::Other),
        ("1700000000.5", Value::Fraction(1_700_000_000)),
        ("-1", Value::Other),
        ("-1.5", Value::Other),
        ("1.5e3", Value::Other),
        ("1E400", Value::Other),
    ] {
        assert_eq!(read(text), value, "{text}");
    }
}

#[test]
fn of_two_entries_with_one_name_the_last_counts() {
    let mut value = read(r#"{"a":1,"b":"x","a":true}"#);
    assert_eq!(value.get("a").and_then(Value::as_bool), Some(true));
    assert_eq!(value.take("a"), Some(Value::Bool(true)));
    assert_eq!(value.take("a"), Some(Value::Null));
    assert_eq!(value.take("c"), None);
}

#[test]
fn what_is_not_asked_for_by_its_kind_is_not_there() {
    let value = read(r#"{"list":[null,"x"],"text":"é\n","none":null}"#);
    assert_eq!(value.get("list").and_then(Value::as_array).map(<[Value]>::len), Some(2));
    assert_eq!(value.get("text").and_then(Value::as_str), Some("é\n"));
    assert!(value.get("none").is_some_and(Value::is_null));
    assert_eq!(value.get("list").and_then(|list| list.get("x")), None);
    assert_eq!(value.as_u64(), None);
}

#[test]
fn deep_lists_are_refused_rather_than_read_for_ever() {
    assert!(Value::read("[".repeat(100_000).as_bytes()).is_err());
}

#[test]
fn what_stands_behind_a_value_is_no_json() {
    for text in ["{} {}", "1 2", "null,", "[]]", "\"a\" b", "", " "] {
        assert!(Value::read(text.as_bytes()).is_err(), "{text:?}");
    }
    assert_eq!(read(" {} \r\n\t"), read("{}"));
}
