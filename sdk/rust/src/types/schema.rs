//! Owns how a Rust type becomes a JSON Schema 2020-12 as the hub wants it (HUB-CAPS-3, HUB-CAPS-4); must not know functions.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The schema of what a function takes.
pub fn params_schema<T: JsonSchema>() -> Value {
    // A struct is wanted, and one without fields has to say so.
    generated::<T>(SchemaSettings::draft2020_12().for_deserialize())
}

/// The schema of what a function returns.
pub fn returns_schema<T: JsonSchema>() -> Value {
    generated::<T>(SchemaSettings::draft2020_12().for_serialize())
}

fn generated<T: JsonSchema>(settings: SchemaSettings) -> Value {
    let settings = settings.with(|settings| {
        settings.meta_schema = None;
        // A form or a help page is made of it: references only where a type contains itself.
        settings.inline_subschemas = true;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    tidy(&mut schema);
    if let Some(root) = schema.as_object_mut() {
        // The name of a Rust type tells a caller nothing.
        root.shift_remove("title");
    }
    schema
}

/// Members whose values are schemas by name; of those whose value is one schema; and of those whose value is a list of them.
const BY_NAME: [&str; 4] = ["properties", "$defs", "patternProperties", "dependentSchemas"];
const SINGLE: [&str; 7] = ["items", "additionalProperties", "not", "contains", "propertyNames", "if", "then"];
const LISTED: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];

/// Formats that say how Rust keeps a number are no formats of JSON Schema.
const RUST_FORMATS: [&str; 14] = [
    "int8", "int16", "int32", "int64", "int128", "int", "uint8", "uint16", "uint32", "uint64", "uint128", "uint", "float",
    "double",
];

fn tidy(schema: &mut Value) {
    if *schema == Value::Bool(true) {
        *schema = json!({});
    }
    let Some(object) = schema.as_object_mut() else { return };
    if object.get("format").and_then(Value::as_str).is_some_and(|format| RUST_FORMATS.contains(&format)) {
        object.shift_remove("format");
    }
    if object.get("default") == Some(&Value::Null) {
        // What may be left out and is None then: absent means absent.
        object.shift_remove("default");
    }
    close(object);
    for name in BY_NAME {
        object.get_mut(name).and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut).for_each(tidy);
    }
    for name in SINGLE {
        if let Some(inner) = object.get_mut(name).filter(|inner| inner.is_object()) {
            tidy(inner);
        }
    }
    for name in LISTED {
        object.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten().for_each(tidy);
    }
}

/// A struct takes the members it knows and no others; a map says that it takes all. What is put together of several schemas is left alone:
/// closing one of them would shut out the members of the others.
fn close(object: &mut Map<String, Value>) {
    let is_combined = ["$ref", "allOf", "anyOf", "oneOf", "unevaluatedProperties", "patternProperties"];
    if object.get("type") != Some(&json!("object")) || is_combined.iter().any(|name| object.contains_key(*name)) {
        return;
    }
    match object.get("additionalProperties") {
        Some(Value::Bool(true)) => {
            object.shift_remove("additionalProperties");
        }
        Some(_) => {}
        None => {
            object.entry("properties").or_insert_with(|| json!({}));
            object.insert("additionalProperties".into(), false.into());
        }
    }
}

pub(crate) fn is_object_schema(schema: &Value) -> bool {
    schema.get("type") == Some(&json!("object"))
}

/// The dialect that a schema may name, and need not.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Return what a schema may not be, as far as can be told without a validator: the hub has one.
pub(crate) fn schema_problem(schema: &Value) -> Option<String> {
    if !matches!(schema, Value::Object(_) | Value::Bool(_)) {
        return Some("a schema is an object (HUB-CAPS-3)".into());
    }
    if schema.get("$schema").is_some_and(|dialect| dialect.as_str().map(|text| text.trim_end_matches('#')) != Some(DIALECT)) {
        return Some("a schema is of JSON Schema 2020-12 (HUB-CAPS-3)".into());
    }
    reaches_outside(schema).then(|| "a schema refers to nothing outside itself: $ref begins with # (HUB-CAPS-4)".into())
}

fn reaches_outside(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => members.iter().any(|(name, value)| match (name.as_str(), value) {
            ("$ref" | "$dynamicRef", Value::String(target)) => !target.starts_with('#'),
            // Values, not schemas: what looks like a reference there is none.
            ("const" | "enum" | "default" | "examples", _) => false,
            _ => reaches_outside(value),
        }),
        Value::Array(items) => items.iter().any(reaches_outside),
        _ => false,
    }
}
