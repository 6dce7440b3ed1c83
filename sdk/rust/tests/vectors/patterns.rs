//! Owns patterns: what fits what, and the names that values get on the way. Knows no session.

use std::collections::HashMap;

use hub_sdk::Value;
use hub_sdk::types::equal;

/// The values that have names.
pub type Names = HashMap<String, Value>;

/// Return whether a value fits a pattern; names that the pattern binds are added.
pub fn fits(pattern: &Value, value: Option<&Value>, names: &mut Names) -> bool {
    if let Some((placeholder, content)) = placeholder(pattern) {
        return fits_placeholder(placeholder, content, value, names);
    }
    match (pattern, value) {
        (Value::Object(pattern), Some(Value::Object(value))) => {
            pattern.iter().all(|(name, inner)| fits(inner, value.get(name), names))
        }
        (Value::Array(pattern), Some(Value::Array(value))) => {
            pattern.len() == value.len() && pattern.iter().zip(value).all(|(inner, value)| fits(inner, Some(value), names))
        }
        (_, Some(value)) => equal(pattern, value),
        (_, None) => false,
    }
}

fn placeholder(pattern: &Value) -> Option<(&str, &Value)> {
    let members = pattern.as_object().filter(|members| members.len() == 1)?;
    let (name, content) = members.iter().next()?;
    name.strip_prefix('$').map(|name| (name, content))
}

fn fits_placeholder(name: &str, content: &Value, value: Option<&Value>, names: &mut Names) -> bool {
    if name == "one_of" {
        return content.as_array().is_some_and(|all| all.iter().any(|inner| fits(inner, value, names)));
    }
    let Some(value) = value else { return name == "absent" };
    match name {
        "any" => true,
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "equals" => equal(content, value),
        "contains" => {
            let (Some(wanted), Some(items)) = (content.as_array(), value.as_array()) else { return false };
            wanted.iter().all(|inner| items.iter().any(|item| fits(inner, Some(item), names)))
        }
        "without" => !value.to_string().contains(content.as_str().expect("a text")),
        "bind" => {
            names.insert(content.as_str().expect("a name").to_owned(), value.clone());
            value.is_i64() || value.is_string()
        }
        "bound" => names.get(content.as_str().expect("a name")).is_some_and(|bound| equal(bound, value)),
        "absent" => false,
        _ => panic!("an unknown placeholder: ${name}"),
    }
}

/// Return a message with the values of the names in it.
pub fn filled(message: &Value, names: &Names) -> Value {
    if let Some(("bound", Value::String(name))) = placeholder(message) {
        return names.get(name).unwrap_or_else(|| panic!("{name} is not bound")).clone();
    }
    match message {
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), filled(value, names))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| filled(item, names)).collect()),
        other => other.clone(),
    }
}
