//! Owns whether a value fits a schema, for arguments before they are bound to a type, and for results in tests (HUB-CALL-1, HUB-CALL-2).
//!
//! It knows what schemas made of Rust types use, and lets pass what it does not know (`pattern`, `format`, `not`, `if`): the hub has a
//! whole validator, and has asked it already.

use serde_json::{Map, Value};

use super::equal::{equal, is_integer};
use super::errors::InvalidArgument;

/// A schema may refer to itself without going a step down in the value; nobody needs more steps than this.
const MAX_STEPS: usize = 256;

type Fit = Result<(), InvalidArgument>;

/// Return whether `value` fits `schema`.
///
/// # Errors
/// `InvalidArgument` says where it does not, and why. Its words never hold the value.
pub fn check(schema: &Value, value: &Value) -> Result<(), InvalidArgument> {
    check_at("", schema, value)
}

/// Check a value that stands at `place`, a JSON pointer.
pub(crate) fn check_at(place: &str, schema: &Value, value: &Value) -> Result<(), InvalidArgument> {
    Checker { root: schema }.fits(schema, value, &At { pointer: place.to_owned(), steps: 0 })
}

struct Checker<'a> {
    root: &'a Value,
}

struct At {
    pointer: String,
    steps: usize,
}

impl At {
    fn inner(&self, token: &str) -> Self {
        let token = token.replace('~', "~0").replace('/', "~1");
        Self { pointer: format!("{}/{token}", self.pointer), steps: self.steps + 1 }
    }

    fn again(&self) -> Self {
        Self { pointer: self.pointer.clone(), steps: self.steps + 1 }
    }

    fn expect(&self, is_good: bool, reason: impl FnOnce() -> String) -> Fit {
        if is_good { Ok(()) } else { Err(InvalidArgument::at(self.pointer.clone(), &reason())) }
    }
}

impl Checker<'_> {
    fn fits(&self, schema: &Value, value: &Value, at: &At) -> Fit {
        let Value::Object(schema) = schema else {
            return at.expect(*schema != Value::Bool(false), || "is not expected".into());
        };
        if at.steps > MAX_STEPS {
            return Ok(());
        }
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let found = target.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
            found.map_or(Ok(()), |found| self.fits(found, value, &at.again()))?;
        }
        fits_type(schema, value, at)?;
        fits_choice(schema, value, at)?;
        self.fits_combination(schema, value, at)?;
        match value {
            Value::Number(number) => fits_range(schema, number.as_f64().unwrap_or_default(), at),
            Value::String(text) => fits_count(schema, ["minLength", "maxLength"], text.chars().count(), "characters", at),
            Value::Array(items) => self.fits_items(schema, items, at),
            Value::Object(members) => self.fits_members(schema, members, at),
            _ => Ok(()),
        }
    }

    fn fits_combination(&self, schema: &Map<String, Value>, value: &Value, at: &At) -> Fit {
        let listed = |name: &str| schema.get(name).and_then(Value::as_array);
        for inner in listed("allOf").into_iter().flatten() {
            self.fits(inner, value, &at.again())?;
        }
        for (name, is_enough) in [("anyOf", (|count| count > 0) as fn(usize) -> bool), ("oneOf", |count| count == 1)] {
            let Some(choices) = listed(name) else { continue };
            let outcomes: Vec<Fit> = choices.iter().map(|choice| self.fits(choice, value, &at.again())).collect();
            if is_enough(outcomes.iter().filter(|outcome| outcome.is_ok()).count()) {
                continue;
            }
            // The choice that went furthest is the one that was meant.
            let nearest = outcomes.into_iter().filter_map(Result::err).max_by_key(|problem| problem.pointer.len());
            let nearest = nearest.filter(|problem| problem.pointer.len() > at.pointer.len());
            return Err(nearest.unwrap_or_else(|| InvalidArgument::at(at.pointer.clone(), "fits none of its kinds")));
        }
        Ok(())
    }

    fn fits_items(&self, schema: &Map<String, Value>, items: &[Value], at: &At) -> Fit {
        fits_count(schema, ["minItems", "maxItems"], items.len(), "items", at)?;
        let first = schema.get("prefixItems").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let rest = schema.get("items");
        for (index, item) in items.iter().enumerate() {
            if let Some(inner) = first.get(index).or(rest) {
                self.fits(inner, item, &at.inner(&index.to_string()))?;
            }
        }
        Ok(())
    }

    fn fits_members(&self, schema: &Map<String, Value>, members: &Map<String, Value>, at: &At) -> Fit {
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for name in required {
            at.inner(name).expect(members.contains_key(name), || "is missing".into())?;
        }
        let known = schema.get("properties").and_then(Value::as_object);
        // A pattern would have to be read before a name could be called unknown.
        let others = schema.get("additionalProperties").filter(|_| !schema.contains_key("patternProperties"));
        for (name, value) in members {
            if let Some(inner) = known.and_then(|known| known.get(name)).or(others) {
                self.fits(inner, value, &at.inner(name))?;
            }
        }
        Ok(())
    }
}

fn fits_type(schema: &Map<String, Value>, value: &Value, at: &At) -> Fit {
    let names: Vec<&str> = match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => return Ok(()),
    };
    let is_of = |name: &&str| match *name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => is_integer(value),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        _ => value.is_object(),
    };
    at.expect(names.iter().any(is_of), || format!("must be of type {}", names.join(" or ")))
}

fn fits_choice(schema: &Map<String, Value>, value: &Value, at: &At) -> Fit {
    let choices = match (schema.get("enum"), schema.get("const")) {
        (Some(Value::Array(choices)), _) => choices.as_slice(),
        (_, Some(only)) => std::slice::from_ref(only),
        _ => return Ok(()),
    };
    let shown = || choices.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    at.expect(choices.iter().any(|choice| equal(choice, value)), || format!("must be one of {}", shown()))
}

fn fits_range(schema: &Map<String, Value>, number: f64, at: &At) -> Fit {
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    if let Some(least) = bound("minimum") {
        at.expect(number >= least, || format!("must be at least {least}"))?;
    }
    if let Some(most) = bound("maximum") {
        at.expect(number <= most, || format!("must be at most {most}"))?;
    }
    if let Some(below) = bound("exclusiveMinimum") {
        at.expect(number > below, || format!("must be more than {below}"))?;
    }
    if let Some(above) = bound("exclusiveMaximum") {
        at.expect(number < above, || format!("must be less than {above}"))?;
    }
    Ok(())
}

fn fits_count(schema: &Map<String, Value>, names: [&str; 2], count: usize, of: &str, at: &At) -> Fit {
    let [least, most] = names.map(|name| schema.get(name).and_then(Value::as_u64));
    let count = count as u64;
    at.expect(least.is_none_or(|least| count >= least), || format!("must have at least {} {of}", least.unwrap_or_default()))?;
    at.expect(most.is_none_or(|most| count <= most), || format!("must have at most {} {of}", most.unwrap_or_default()))
}
