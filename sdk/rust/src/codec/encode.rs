//! Owns strict writing: any serde value to JSON text that the hub takes (HUB-FRAME-2, 7 to 9), or the reason why there is none. It must not
//! know what the value is for. `serde_json` alone would write NaN as null and 2^53 + 1 as it is.

use std::collections::HashSet;
use std::fmt;

use serde::Serialize;
use serde::ser::{
    self, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
    SerializeTupleVariant,
};
use serde_json::Value;

use super::limits::{MAX_NESTING, MAX_SAFE_INTEGER};

/// Why a value cannot be sent. Its words never hold the value: secrets travel there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannotSend(String);

impl fmt::Display for CannotSend {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for CannotSend {}

impl ser::Error for CannotSend {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// Return the JSON text of a value that will stand inside of `depth` arrays and objects.
///
/// # Errors
/// `CannotSend` where the value breaks a frame rule: a number that is no number, an integer beyond ±(2^53 − 1), nesting beyond 64,
/// a name twice, a key that is no string.
pub fn encode<T: Serialize + ?Sized>(value: &T, depth: usize) -> Result<Vec<u8>, CannotSend> {
    let mut text = Vec::new();
    value.serialize(Encoder { text: &mut text, depth })?;
    Ok(text)
}

struct Encoder<'a> {
    text: &'a mut Vec<u8>,
    depth: usize,
}

impl<'a> Encoder<'a> {
    fn leaf<T: Serialize + ?Sized>(self, value: &T) -> Result<(), CannotSend> {
        serde_json::to_writer(self.text, value).map_err(ser::Error::custom)
    }

    fn integer<T: Serialize + TryInto<i64> + Copy>(self, value: T) -> Result<(), CannotSend> {
        match value.try_into() {
            Ok(integer) if (-MAX_SAFE_INTEGER..=MAX_SAFE_INTEGER).contains(&integer) => self.leaf(&integer),
            _ => Err(CannotSend(format!("it has an integer beyond ±{MAX_SAFE_INTEGER}; send it as a string"))),
        }
    }

    fn float(self, value: f64) -> Result<(), CannotSend> {
        if value.is_finite() {
            return self.leaf(&value);
        }
        Err(CannotSend("it has a number that is infinite or none at all (NaN)".into()))
    }

    fn open(self, ends: [u8; 2]) -> Result<Container<'a>, CannotSend> {
        if self.depth == MAX_NESTING {
            return Err(CannotSend(format!("it nests deeper than {MAX_NESTING}")));
        }
        self.text.push(ends[0]);
        Ok(Container { text: self.text, depth: self.depth + 1, end: ends[1], extra: 0, is_empty: true, names: HashSet::new() })
    }

    /// An enum's variant with a content is an object with one member, as everywhere in serde.
    fn open_variant(self, variant: &str, ends: [u8; 2]) -> Result<Container<'a>, CannotSend> {
        let mut outer = self.open(*b"{}")?;
        outer.name(variant)?;
        let mut inner = Encoder { text: outer.text, depth: outer.depth }.open(ends)?;
        inner.extra = 1;
        Ok(inner)
    }
}

struct Container<'a> {
    text: &'a mut Vec<u8>,
    depth: usize,
    end: u8,
    extra: usize,
    is_empty: bool,
    names: HashSet<String>,
}

impl Container<'_> {
    fn comma(&mut self) {
        if !std::mem::replace(&mut self.is_empty, false) {
            self.text.push(b',');
        }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CannotSend> {
        self.comma();
        self.value(value)
    }

    fn name(&mut self, name: &str) -> Result<(), CannotSend> {
        self.comma();
        Encoder { text: self.text, depth: self.depth }.leaf(name)?;
        self.text.push(b':');
        Ok(())
    }

    /// Fields of a struct have distinct names; keys of a map may come from anywhere.
    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), CannotSend> {
        let name = match serde_json::to_value(key) {
            Ok(Value::String(name)) => name,
            Ok(scalar @ (Value::Number(_) | Value::Bool(_))) => scalar.to_string(),
            _ => return Err(CannotSend("it has a key that is no string".into())),
        };
        self.name(&name)?;
        if self.names.insert(name) {
            return Ok(());
        }
        Err(CannotSend("it has a member name twice in one object".into()))
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CannotSend> {
        value.serialize(Encoder { text: self.text, depth: self.depth })
    }

    fn close(self) {
        self.text.push(self.end);
        self.text.extend(std::iter::repeat_n(b'}', self.extra));
    }
}

impl<'a> ser::Serializer for Encoder<'a> {
    type Ok = ();
    type Error = CannotSend;
    type SerializeSeq = Container<'a>;
    type SerializeTuple = Container<'a>;
    type SerializeTupleStruct = Container<'a>;
    type SerializeTupleVariant = Container<'a>;
    type SerializeMap = Container<'a>;
    type SerializeStruct = Container<'a>;
    type SerializeStructVariant = Container<'a>;

    fn serialize_bool(self, value: bool) -> Result<(), CannotSend> {
        self.leaf(&value)
    }

    fn serialize_i8(self, value: i8) -> Result<(), CannotSend> {
        self.integer(value)
    }

    fn serialize_i16(self, value: i16) -> Result<(), CannotSend> {
        self.integer(value)
    }

    fn serialize_i32(self, value: i32) -> Result<(), CannotSend> {
        self.integer(value)
    }

    fn serialize_i64(self, value: i64) -> Result<(), CannotSend> {
        self.integer(value)
    }

    fn serialize_i128(self, value: i128) -> Result<(), CannotSend> {
        self.integer(value)
    }

    fn serialize_u8(self, value: u8) -> Result<(), CannotSend> {
        self.integer(value)
    }

    fn serialize_u16(self, value: u16) -> Result<(), CannotSend> {
        self.integer(value)
    }

    fn serialize_u32(self, value: u32) -> Result<(), CannotSend> {
        self.integer(value)
    }

    fn serialize_u64(self, value: u64) -> Result<(), CannotSend> {
        self.integer(value)
    }

    fn serialize_u128(self, value: u128) -> Result<(), CannotSend> {
        self.integer(value)
    }

    fn serialize_f32(self, value: f32) -> Result<(), CannotSend> {
        // Not by way of f64, which would write 0.1 as 0.10000000149011612.
        if value.is_finite() { self.leaf(&value) } else { self.float(value.into()) }
    }

    fn serialize_f64(self, value: f64) -> Result<(), CannotSend> {
        self.float(value)
    }

    fn serialize_char(self, value: char) -> Result<(), CannotSend> {
        self.leaf(&value)
    }

    fn serialize_str(self, value: &str) -> Result<(), CannotSend> {
        self.leaf(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), CannotSend> {
        value.serialize(self)
    }

    fn serialize_none(self) -> Result<(), CannotSend> {
        self.leaf(&())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), CannotSend> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), CannotSend> {
        self.leaf(&())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), CannotSend> {
        self.leaf(&())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), CannotSend> {
        self.leaf(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), CannotSend> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), CannotSend> {
        let mut outer = self.open(*b"{}")?;
        outer.name(variant)?;
        outer.value(value)?;
        outer.close();
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Container<'a>, CannotSend> {
        self.open(*b"[]")
    }

    fn serialize_tuple(self, _: usize) -> Result<Container<'a>, CannotSend> {
        self.open(*b"[]")
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Container<'a>, CannotSend> {
        self.open(*b"[]")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Container<'a>, CannotSend> {
        self.open_variant(variant, *b"[]")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Container<'a>, CannotSend> {
        self.open(*b"{}")
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Container<'a>, CannotSend> {
        self.open(*b"{}")
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Container<'a>, CannotSend> {
        self.open_variant(variant, *b"{}")
    }
}

/// The five kinds of containers differ in nothing but names.
macro_rules! container {
    ($kind:ident, $method:ident) => {
        impl $kind for Container<'_> {
            type Ok = ();
            type Error = CannotSend;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CannotSend> {
                self.item(value)
            }

            fn end(self) -> Result<(), CannotSend> {
                self.close();
                Ok(())
            }
        }
    };
    ($kind:ident) => {
        impl $kind for Container<'_> {
            type Ok = ();
            type Error = CannotSend;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), CannotSend> {
                self.name(name)?;
                self.value(value)
            }

            fn end(self) -> Result<(), CannotSend> {
                self.close();
                Ok(())
            }
        }
    };
}

container!(SerializeSeq, serialize_element);
container!(SerializeTuple, serialize_element);
container!(SerializeTupleStruct, serialize_field);
container!(SerializeTupleVariant, serialize_field);
container!(SerializeStruct);
container!(SerializeStructVariant);

impl SerializeMap for Container<'_> {
    type Ok = ();
    type Error = CannotSend;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), CannotSend> {
        self.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CannotSend> {
        self.value(value)
    }

    fn end(self) -> Result<(), CannotSend> {
        self.close();
        Ok(())
    }
}
