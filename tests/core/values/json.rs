//! The writer of JSON: what it writes is read back as the same by another crate.

use houston_deploy::json::Json;
use proptest::prelude::*;
use serde_json::Value;

use super::{quiet, redactor};

/// Writes a value with the crate's own writer.
fn write(json: &mut Json, value: &Value) {
    match value {
        Value::Null => _ = json.raw("null"),
        Value::Bool(true) => _ = json.raw("true"),
        Value::Bool(false) => _ = json.raw("false"),
        Value::Number(number) => _ = json.raw(&number.to_string()),
        Value::String(text) => _ = json.string(text),
        Value::Array(items) => {
            json.open('[');
            for item in items {
                write(json, item);
            }
            json.close(']');
        }
        Value::Object(entries) => {
            json.open('{');
            for (key, value) in entries {
                match value {
                    Value::Bool(value) => _ = json.boolean(key, *value),
                    Value::Null => _ = json.optional(key, &None::<String>),
                    Value::String(text) => _ = json.field(key, text),
                    Value::Number(number) => _ = json.number(key, number.as_u64().expect("unsigned")),
                    Value::Array(_) | Value::Object(_) => write(json.key(key), value),
                }
            }
            json.close('}');
        }
    }
}

fn json_values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\u{0}-\u{20}\"\\\\/\u{7f}\u{2028}é😀]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..6).prop_map(Value::from_iter),
        ]
    })
}

proptest! {
    #![proptest_config(quiet())]

    #[test]
    fn what_is_written_is_read_back_as_the_same(value in json_values()) {
        let mut json = Json::default();
        write(&mut json, &value);
        let text = json.into_text();
        let read: Value = serde_json::from_str(&text).expect("JSON");
        prop_assert_eq!(read, value);
    }
}

#[test]
fn a_text_is_cleaned_before_it_is_escaped_and_a_word_is_not() {
    let redactor = redactor(&["s3cr3t\"x"]);
    let mut json = Json::cleaned(&redactor);
    json.open('{')
        .field("a", "s3cr3t\"x")
        .optional("b", &Some("<s3cr3t\"x>"))
        .key("c")
        .word("s3cr3t\"x")
        .close('}');
    assert_eq!(json.into_text(), r#"{"a":"***","b":"<***>","c":"s3cr3t\"x"}"#);
}

#[test]
fn commas_stand_between_values_and_nowhere_else() {
    let mut json = Json::default();
    json.open('[').open('{').close('}').open('[').close(']').raw("1").string("").open('{');
    json.number("a", 0)
        .boolean("b", true)
        .optional("c", &None::<String>)
        .key("d")
        .open('[')
        .close(']')
        .close('}')
        .close(']');
    assert_eq!(json.into_text(), r#"[{},[],1,"",{"a":0,"b":true,"c":null,"d":[]}]"#);
}
