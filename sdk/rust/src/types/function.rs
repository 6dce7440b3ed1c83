//! Owns what a module declares about one function (HUB-CAPS); must not know the code behind it.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::schema::{is_object_schema, schema_problem};
use super::{codes, names, null_is_none, present};

/// One function as `capabilities` tells of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Declaration {
    /// `[A-Za-z][A-Za-z0-9_-]*`, at most 64 characters.
    pub name: String,
    /// One line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// As much as it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// JSON Schema of an object with the arguments by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<Value>,
    /// JSON Schema of the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returns: Option<Value>,
    /// The function's own errors.
    #[serde(default, deserialize_with = "null_is_none", skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ErrorSpec>,
    /// True ones: the conformance runner executes them.
    #[serde(default, deserialize_with = "null_is_none", skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Example>,
    /// What a caller may assume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hints: Option<Hints>,
    /// Since when, and what to use instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<Deprecated>,
    /// How long a call may take when the caller says nothing; else 30.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<f64>,
}

impl Declaration {
    /// Begin with the name alone.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            summary: None,
            description: None,
            params: None,
            returns: None,
            errors: Vec::new(),
            examples: Vec::new(),
            hints: None,
            deprecated: None,
            timeout_seconds: None,
        }
    }

    /// Return what is wrong, a sentence each.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut expect =
            |is_good: bool, what: &str| (!is_good).then(|| problems.push(format!("function {:?}: {what}", self.name)));
        expect(names::is_function_name(&self.name), "its name must fit [A-Za-z][A-Za-z0-9_-]* and 64 characters (HUB-CAPS-2)");
        expect(!names::is_reserved(&self.name), "its name is reserved (HUB-CAPS-2)");
        let takes_object = self.params.as_ref().is_none_or(is_object_schema);
        expect(takes_object, "its arguments must be a struct: they go by name (HUB-CAPS-3)");
        for schema in [&self.params, &self.returns].into_iter().flatten() {
            schema_problem(schema).map(|problem| expect(false, &problem));
        }
        for spec in &self.errors {
            expect(codes::is_own(spec.code), &format!("error code {} belongs to JSON-RPC or the hub (HUB-CAPS-6)", spec.code));
            spec.data.as_ref().and_then(schema_problem).map(|problem| expect(false, &problem));
        }
        for example in &self.examples {
            expect(example.result.is_some() != example.error.is_some(), "an example ends in a result or in an error");
            expect(example.params.as_ref().is_none_or(Value::is_object), "the arguments of an example go by name");
        }
        let deprecated_for = self.deprecated.as_ref().and_then(|deprecated| deprecated.use_instead.as_deref());
        let names_function = deprecated_for.is_none_or(|other| names::is_function_name(other) || names::is_address(other));
        expect(names_function, "what to use instead is the name of a function");
        let has_time = self.timeout_seconds.is_none_or(|seconds| seconds.is_finite() && seconds > 0.0);
        expect(has_time, "a timeout must be positive");
        problems
    }
}

/// One of a function's own errors (HUB-CAPS-6).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorSpec {
    /// Outside of −32768…−31000.
    pub code: i64,
    /// For people.
    pub message: String,
    /// JSON Schema of the error's data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

/// A true example of a call (HUB-CAPS-5).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Example {
    /// What it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The arguments by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<Value>,
    /// What comes out; null is a result too.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// Or the code of the error that comes out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<i64>,
}

/// What a caller may assume; none means unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Hints {
    /// It changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// It may destroy something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destructive: Option<bool>,
    /// It may be called again with the same effect: the hub may retry it after a crash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotent: Option<bool>,
    /// It reaches beyond this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_world: Option<bool>,
}

/// That a function will go.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Deprecated {
    /// The version since which it should not be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The function to use instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_instead: Option<String>,
}

/// The result of `capabilities`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Capabilities {
    /// What can be called.
    pub functions: Vec<Declaration>,
    /// The host services that the module needs (HUB-CAPS-7).
    #[serde(default, deserialize_with = "null_is_none", skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<String>,
    /// The interfaces that the functions satisfy (HUB-CAPS-9).
    #[serde(default, deserialize_with = "null_is_none", skip_serializing_if = "Vec::is_empty")]
    pub implements: Vec<String>,
}

impl Capabilities {
    pub(crate) fn of(functions: Vec<Declaration>, permissions: &[String], implements: &[String]) -> Self {
        Self { functions, permissions: permissions.to_vec(), implements: implements.to_vec() }
    }

    /// Return what is wrong, a sentence each.
    pub fn problems(&self) -> Vec<String> {
        let mut problems: Vec<String> = self.functions.iter().flat_map(Declaration::problems).collect();
        let mut seen = HashSet::new();
        let twice = self.functions.iter().filter(|function| !seen.insert(&function.name));
        problems.extend(twice.map(|function| format!("function {:?} is there twice (HUB-CAPS-2)", function.name)));
        let unknown = self.permissions.iter().filter(|permission| !names::is_permission(permission));
        problems.extend(unknown.map(|permission| format!("{permission:?} is no permission (HUB-CAPS-7)")));
        let unknown = self.implements.iter().filter(|interface| !names::is_interface(interface));
        problems.extend(unknown.map(|interface| {
            format!("{interface:?} is no interface with its version, such as cloud.compute/1.0 (HUB-CAPS-9)")
        }));
        problems
    }
}
