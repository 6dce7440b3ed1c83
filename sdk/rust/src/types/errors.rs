//! Owns every error that an author makes or meets; must not know how they reach the wire.

use std::fmt;

use serde_json::Value;

use super::codes;
use crate::codec::ErrorObject;

type Boxed = Box<dyn std::error::Error + Send + Sync>;

/// What a handler fails with. `?` makes one of any error.
///
/// Three kinds of errors are told to the caller: [`FunctionError`], [`InvalidArgument`] and [`HostError`], also when another error
/// wraps one of them as its source. The text of every other error stays in the module's log (HUB-CALL-4).
pub struct Error(pub(crate) Boxed);

impl Error {
    /// Make an error of the module's own, which reaches the caller as it is (HUB-CALL-3).
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        FunctionError::new(code, message).into()
    }

    /// Make an error whose text is for the log only.
    pub fn unexpected(text: impl Into<String>) -> Self {
        Self(text.into().into())
    }

    /// Take an error that is in a box already.
    pub fn boxed(error: Boxed) -> Self {
        Self(error)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, out)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, out)
    }
}

// Error itself must not be a std Error, or this would overlap with the conversion of a type into itself.
impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

/// An error that a function means to answer: it reaches the caller as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionError {
    /// What happened, for programs. −32768 to −31000 belong to JSON-RPC and the hub: such a code is answered as an unexpected error.
    pub code: i64,
    /// What happened, for people. Never a secret.
    pub message: String,
    /// More, where there is more.
    pub data: Option<Value>,
}

impl FunctionError {
    /// Make one without data.
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    /// Add data.
    pub fn with_data(self, data: Value) -> Self {
        Self { data: Some(data), ..self }
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for FunctionError {}

/// An argument, or a member of the configuration, that cannot be used: answered with −32602 (HUB-CALL-2, HUB-INIT-2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidArgument {
    /// Where it stands: a JSON pointer (RFC 6901) such as `/region`; empty for all of them.
    pub pointer: String,
    /// What is wrong with it, in words that reach the caller as they are.
    pub message: String,
}

impl InvalidArgument {
    /// Make one.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into() }
    }

    /// Make one whose words follow the pointer: "must not be empty".
    pub(crate) fn at(pointer: String, reason: &str) -> Self {
        let what = if pointer.is_empty() { "the value" } else { &pointer };
        Self { message: format!("{what} {reason}"), pointer }
    }
}

impl InvalidArgument {
    /// Return the words without the pointer before them.
    pub(crate) fn reason(&self) -> &str {
        self.message.strip_prefix(&self.pointer).map_or(&*self.message, str::trim_start)
    }
}

impl fmt::Display for InvalidArgument {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for InvalidArgument {}

/// A host service failed. A handler that lets it through is answered with −31045, and this as `data.cause` (HUB-HOST-5).
#[derive(Debug, Clone, PartialEq)]
pub struct HostError {
    /// What was asked, such as `hub.call`.
    pub method: String,
    /// What happened, for programs; see [`codes`].
    pub code: i64,
    /// What happened, for people.
    pub message: String,
    /// More, where there is more.
    pub data: Option<Value>,
}

impl HostError {
    pub(crate) fn new(method: &str, code: i64, message: impl Into<String>) -> Self {
        Self { method: method.to_owned(), code, message: message.into(), data: None }
    }

    pub(crate) fn of(method: &str, error: ErrorObject) -> Self {
        Self { method: method.to_owned(), code: error.code, message: error.message, data: error.data }
    }

    /// Return the stable word for what happened, such as `module_died`; `function_error` for an error of the called module's own.
    pub fn kind(&self) -> &str {
        let told = self.data.as_ref().and_then(|data| data.get("kind")).and_then(Value::as_str);
        told.or_else(|| codes::kind_of(self.code)).unwrap_or("function_error")
    }

    pub(crate) fn object(&self) -> ErrorObject {
        ErrorObject { code: self.code, message: self.message.clone(), data: self.data.clone() }
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {} ({})", self.method, self.message, self.code)
    }
}

impl std::error::Error for HostError {}

/// What `on_init` fails with when the module must not run here and now; it is then stopped, and not counted as failed (HUB-LIFE-10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disable(pub(crate) String);

impl Disable {
    /// Say why, in words for people.
    pub fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for Disable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "disabled: {}", self.0)
    }
}

impl std::error::Error for Disable {}

/// The module is written in a way that cannot work: everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadModule(pub(crate) Vec<String>);

impl BadModule {
    /// Return what is wrong, a sentence each.
    pub fn problems(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for BadModule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for BadModule {}
