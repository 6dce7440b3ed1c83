//! Owns when two JSON values are equal: spacing, order of members, escapes and the way a number is written are free. Knows no schema.

use serde_json::Value;

/// Return whether two values are equal as JSON: `1` equals `1.0`, `true` does not equal `1`.
pub fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a == b,
            // Integers that differ may be one double: 2^64 and 2^64 + 1.
            _ => a == b || (!(a.is_u64() && b.is_u64()) && a.as_f64() == b.as_f64()),
        },
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| equal(a, b)))
        }
        _ => one == other,
    }
}

/// Return whether a value is an integer, however it is written.
pub(crate) fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
}
