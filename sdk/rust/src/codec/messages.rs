//! Owns the JSON-RPC 2.0 envelope (HUB-MSG, HUB-ID): lines to messages; must not know what a method means or who is talking.

use serde_json::{Map, Value};

use super::frames::Line;
use super::limits::{MAX_ID_CHARS, MAX_METHOD_CHARS, MAX_SAFE_INTEGER};
use super::read::read_json;
use super::recover::recover;
use crate::types::codes;

/// The id of a request (HUB-ID-1).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Id {
    /// An integer within ±(2^53 − 1).
    Integer(i64),
    /// A string of 1 to 128 characters.
    Text(String),
}

impl Id {
    /// Return the id that a JSON value is.
    pub fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => {
                let integer = number.as_i64()?;
                (integer.abs() <= MAX_SAFE_INTEGER).then_some(Self::Integer(integer))
            }
            Value::String(text) => is_short(text, MAX_ID_CHARS).then(|| Self::Text(text.clone())),
            _ => None,
        }
    }

    /// Return the id as JSON.
    pub fn json(&self) -> Value {
        match self {
            Self::Integer(integer) => (*integer).into(),
            Self::Text(text) => text.as_str().into(),
        }
    }
}

/// The error of a response (HUB-MSG-5).
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorObject {
    /// What happened, for programs.
    pub code: i64,
    /// What happened, for people.
    pub message: String,
    /// More, where there is more.
    pub data: Option<Value>,
}

impl ErrorObject {
    pub(crate) fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    pub(crate) fn json(&self) -> Value {
        let mut object = Map::new();
        object.insert("code".into(), self.code.into());
        object.insert("message".into(), self.message.as_str().into());
        if let Some(data) = &self.data {
            object.insert("data".into(), data.clone());
        }
        Value::Object(object)
    }
}

/// One message as it came from the wire.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// Wants an answer.
    Request {
        /// What the answer has to carry.
        id: Id,
        /// What is asked for.
        method: String,
        /// The arguments by name; empty where they were absent (HUB-MSG-3).
        params: Map<String, Value>,
        /// What stands beside the arguments (HUB-CALL-6).
        context: Option<Map<String, Value>>,
    },
    /// Wants none.
    Notification {
        /// What is told.
        method: String,
        /// The arguments by name.
        params: Map<String, Value>,
    },
    /// A good answer.
    Response {
        /// The id of the request.
        id: Id,
        /// Any value.
        result: Value,
    },
    /// A bad answer.
    ErrorResponse {
        /// The id of the request; none where it could not be read.
        id: Option<Id>,
        /// What went wrong.
        error: ErrorObject,
    },
    /// JSON, or not even that, which is no message.
    Invalid(Invalid),
}

/// Why something is no message, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Invalid {
    /// The code of the answer to it.
    pub code: i64,
    /// The words of the answer to it.
    pub reason: String,
    /// Its id, where that can be read.
    pub id: Option<Id>,
    /// Whether it was meant as an answer.
    pub is_response: bool,
    /// Whether it was meant as a notification.
    pub is_notification: bool,
}

impl Invalid {
    fn because(self, code: i64, reason: impl Into<String>) -> Message {
        Message::Invalid(Self { code, reason: reason.into(), ..self })
    }
}

/// Return the message that a line holds. It never fails: what cannot be read is an Invalid, with its id where that can be read (HUB-ID-5).
pub fn read_message(line: &Line, limit: usize) -> Message {
    let text = match line {
        Line::Overlong(head) => return broken(head, format!("it is longer than {limit} bytes")),
        Line::Whole(text) => text,
    };
    match read_json(text) {
        Ok(Value::Object(members)) => parse(members),
        Ok(Value::Array(_)) => Invalid::default().because(codes::INVALID_REQUEST, "batches are not part of this protocol"),
        Ok(_) => Invalid::default().because(codes::INVALID_REQUEST, "a message is an object"),
        Err(rejected) => broken(text, rejected.to_string()),
    }
}

fn broken(text: &[u8], reason: String) -> Message {
    let found = recover(text);
    let known = Invalid { id: found.id, is_response: !found.has_method, ..Invalid::default() };
    known.because(codes::PARSE_ERROR, reason)
}

/// Return the message that an object is.
pub fn parse(mut members: Map<String, Value>) -> Message {
    let has = |name: &str| members.contains_key(name);
    let has_id = has("id");
    let known = Invalid {
        id: members.get("id").and_then(Id::read),
        is_response: !has("method") && (has("result") || has("error")),
        ..Invalid::default()
    };
    if members.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        let known = Invalid { is_notification: !has_id && !known.is_response, ..known };
        return known.because(codes::INVALID_REQUEST, r#"the member "jsonrpc" must be "2.0""#);
    }
    if known.is_response { parse_response(known, &mut members) } else { parse_request(known, has_id, &mut members) }
}

fn parse_request(known: Invalid, has_id: bool, members: &mut Map<String, Value>) -> Message {
    let method = match members.remove("method") {
        None => return known.because(codes::INVALID_REQUEST, "it has neither method, result nor error"),
        Some(Value::String(method)) if is_short(&method, MAX_METHOD_CHARS) => method,
        Some(_) => return known.because(codes::INVALID_REQUEST, r#""method" must be a string of 1 to 128 characters"#),
    };
    if has_id && known.id.is_none() {
        return known.because(codes::INVALID_REQUEST, r#""id" must be an integer or a string of 1 to 128 characters"#);
    }
    let params = match members.remove("params") {
        None => Map::new(),
        Some(Value::Object(params)) => params,
        Some(other) => {
            let code = if other.is_array() { codes::INVALID_PARAMS } else { codes::INVALID_REQUEST };
            let known = Invalid { is_notification: !has_id, ..known };
            return known.because(code, r#""params" must be an object: arguments go by name"#);
        }
    };
    let context = match members.remove("context") {
        Some(Value::Object(context)) => Some(context),
        _ => None,
    };
    match known.id {
        Some(id) => Message::Request { id, method, params, context },
        None => Message::Notification { method, params },
    }
}

fn parse_response(known: Invalid, members: &mut Map<String, Value>) -> Message {
    let result = members.remove("result");
    let error = members.remove("error");
    let is_about_nothing = error.is_some() && members.get("id").is_some_and(Value::is_null);
    if known.id.is_none() && !is_about_nothing {
        return known.because(codes::INVALID_REQUEST, r#"a response needs the "id" of its request"#);
    }
    match (known.id.clone(), result, error) {
        (_, Some(_), Some(_)) => known.because(codes::INVALID_REQUEST, "a response has result or error, not both"),
        (Some(id), Some(result), None) => Message::Response { id, result },
        (id, _, Some(error)) => match read_error(&error) {
            Some(error) => Message::ErrorResponse { id, error },
            None => known.because(codes::INVALID_REQUEST, r#""error" needs "code", an integer, and "message", a string"#),
        },
        (_, _, None) => known.because(codes::INVALID_REQUEST, "a response has result or error"),
    }
}

/// Return the error that a JSON value is (HUB-MSG-5).
pub fn read_error(value: &Value) -> Option<ErrorObject> {
    let code = value.get("code")?.as_i64()?;
    let message = value.get("message")?.as_str()?.to_owned();
    Some(ErrorObject { code, message, data: value.get("data").cloned() })
}

fn is_short(text: &str, most: usize) -> bool {
    // Bytes first: a text of megabytes is not worth counting.
    !text.is_empty() && text.len() <= 4 * most && text.chars().count() <= most
}
