//! JSON that was read. `serde_json` reads it; what it is read into is our own, since the crate's `Value` brings a
//! tree for each object and a type for each kind of number along, which weigh more than all else that reads JSON.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::text::{cut, has};

/// A JSON value.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number, from 0 on.
    Whole(u64),
    /// A number from 0 on with a fraction: what stands before its point.
    Fraction(u64),
    /// Any other number.
    Other,
    /// A text.
    String(String),
    /// A list.
    Array(Vec<Value>),
    /// Values by name.
    Object(Object),
}

/// The entries of a JSON object, in the order in which they were written. Of two with the same name the last counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object(Vec<(String, Value)>);

impl Value {
    /// Reads a JSON text.
    ///
    /// # Errors
    /// Bytes that are no JSON text, with the place where that shows.
    pub fn read(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let (mut value, mut reader) = (Self::Null, serde_json::Deserializer::from_slice(bytes));
        Place(&mut value).deserialize(&mut reader)?;
        reader.end()?;
        Ok(value)
    }

    /// The value with this name, if this is an object that has one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    /// Takes the value with this name out of an object.
    pub fn take(&mut self, name: &str) -> Option<Self> {
        let Self::Object(Object(entries)) = self else { return None };
        let (_, value) = entries.iter_mut().rfind(|(known, _)| known == name)?;
        Some(std::mem::take(value))
    }

    /// The truth value, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if it is a whole one from 0 on.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Whole(number) => Some(*number),
            _ => None,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The list, if it is one.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The object, if it is one.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it is an object.
    #[must_use]
    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl Object {
    /// The value with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().rfind(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The entries, as they were written.
    #[must_use]
    pub fn entries(&self) -> &[(String, Value)] {
        &self.0
    }
}

impl FromIterator<(String, Value)> for Object {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

/// What `serde_json` calls the text of a number that is none of Rust's whole ones.
const FRACTION: &str = "$serde_json::private::Number";

/// Where a value that is read is put: so none has to be handed back through every level.
struct Place<'p>(&'p mut Value);

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        *self.0 = Value::Null;
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        *self.0 = Value::Bool(value);
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        *self.0 = Value::Whole(number);
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        *self.0 = Value::Other;
        Ok(())
    }

    // Never called, as fractions are handed over as texts; the trait's own would bring their printer along.
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        *self.0 = Value::Other;
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        *self.0 = Value::from(text);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut list = Vec::new();
        let mut item = Value::Null;
        while items.next_element_seed(Place(&mut item))?.is_some() {
            list.push(std::mem::take(&mut item));
        }
        *self.0 = Value::Array(list);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut object = Vec::new();
        while let Some(name) = entries.next_key()? {
            let mut value = Value::Null;
            entries.next_value_seed(Place(&mut value))?;
            object.push((name, value));
        }
        *self.0 = number_or_object(object);
        Ok(())
    }
}

/// An object, unless it is the form in which `serde_json` hands over a number with a fraction or an exponent. Whoever
/// sends an object that looks like it has sent a number.
fn number_or_object(entries: Vec<(String, Value)>) -> Value {
    match entries.as_slice() {
        [(name, Value::String(text))] if name == FRACTION => {
            let whole = cut(text, ".").map(|(whole, _)| whole).filter(|_| !has(text, 'e'));
            whole.and_then(|whole| whole.parse().ok()).map_or(Value::Other, Value::Fraction)
        }
        _ => Value::Object(Object(entries)),
    }
}
