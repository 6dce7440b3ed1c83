//! Owns strict reading: bytes to JSON values by the frame rules (HUB-FRAME-5 to 10); must not know what a message is.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::limits::MAX_SAFE_INTEGER;
use super::scan::prescan;

/// Why a text is not JSON as the protocol allows it. Its words never hold a piece of the text: secrets travel there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected(pub(crate) String);

impl fmt::Display for Rejected {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Rejected {}

const NAME_TWICE: &str = "it has a member name twice in one object";

/// Read one JSON value. Numbers below the outermost object are integers where their value is one, however they are written: 1.0 is 1.
///
/// # Errors
/// `Rejected` says in words which rule the text breaks.
pub fn read_json(text: &[u8]) -> Result<Value, Rejected> {
    if text.starts_with(b"\xef\xbb\xbf") {
        return Err(Rejected("it begins with a byte order mark".into()));
    }
    if std::str::from_utf8(text).is_err() {
        return Err(Rejected("it is not UTF-8".into()));
    }
    prescan(text)?;
    let mut parser = serde_json::Deserializer::from_slice(text);
    let value = Strict { depth: 0 }.deserialize(&mut parser).and_then(|value| parser.end().map(|()| value));
    value.map_err(|error| in_words(&error))
}

fn in_words(error: &serde_json::Error) -> Rejected {
    let said = error.to_string();
    let what = if said.starts_with(NAME_TWICE) {
        NAME_TWICE
    } else if said.starts_with("number out of range") {
        "it has a number that overflows a double"
    } else if said.contains("surrogate") || said.contains("hex escape") {
        "it has a lone surrogate"
    } else {
        "it is not JSON"
    };
    Rejected(format!("{what} (column {})", error.column()))
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn inner(self) -> Self {
        Self { depth: self.depth + 1 }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        // An id may not be written with a fraction (HUB-ID-1), so the members of the frame itself stay what they were.
        if self.depth > 1
            && let Some(integer) = as_integer(value)
        {
            return Ok(integer.into());
        }
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(self.inner())? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(self.inner())?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom(NAME_TWICE));
            }
        }
        Ok(Value::Object(object))
    }
}

/// Return the integer that a number is, where it is one that every language keeps.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "both stay within 2^53")]
fn as_integer(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() <= MAX_SAFE_INTEGER as f64).then_some(value as i64)
}
