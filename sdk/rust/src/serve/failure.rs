//! Owns the one place where whatever becomes of a handler turns into what the caller sees (HUB-CALL-4, HUB-HOST-5); must not send anything.

use std::any::Any;
use std::error::Error as StdError;

use serde_json::{Value, json};

use super::Reason;
use super::call::Call;
use super::session::Session;
use crate::codec::{ErrorObject, MAX_SAFE_INTEGER, encode};
use crate::types::{Error, FunctionError, HostError, InvalidArgument, codes};

/// What became of the work on a call.
pub(crate) enum Outcome {
    /// It ended by itself; the result is JSON text.
    Done(Result<Vec<u8>, Error>),
    /// It panicked.
    Panicked(String),
    /// It was ended.
    Ended(Reason),
}

/// The data of an error stands inside of the frame and the error object.
const DATA_DEPTH: usize = 2;

impl Session {
    /// Return what the caller is answered: the JSON text of the result, or an error.
    pub(crate) fn answer_to(&self, call: &Call, outcome: Outcome) -> Result<Vec<u8>, ErrorObject> {
        let error = match outcome {
            Outcome::Done(Ok(result)) => return Ok(result),
            Outcome::Done(Err(error)) => error,
            Outcome::Panicked(text) => return Err(self.hidden(call, &format!("panic: {text}"))),
            Outcome::Ended(reason) => return Err(ended(reason)),
        };
        if let Some(reason) = call.token.reason() {
            return Err(ended(reason));
        }
        if let Some(wrong) = find::<InvalidArgument>(&error) {
            let data = Some(json!({"errors": [{"pointer": wrong.pointer, "message": wrong.reason()}]}));
            return Err(ErrorObject { code: codes::INVALID_PARAMS, message: wrong.to_string(), data });
        }
        if let Some(own) = find::<FunctionError>(&error) {
            return Err(self.own(call, own));
        }
        if let Some(host) = find::<HostError>(&error) {
            let data = Some(json!({"cause": host.object().json()}));
            return Err(ErrorObject { code: codes::HOST_CALL_FAILED, message: format!("a host service failed: {host}"), data });
        }
        Err(self.hidden(call, &in_full(&error)))
    }

    fn own(&self, call: &Call, own: &FunctionError) -> ErrorObject {
        if !codes::is_own(own.code) || own.code.abs() > MAX_SAFE_INTEGER {
            return self.hidden(call, &format!("{own}: the code is not for a module's own errors (HUB-CALL-3)"));
        }
        if let Some(Err(error)) = own.data.as_ref().map(|data| encode(data, DATA_DEPTH)) {
            return self.hidden(call, &format!("{own}: its data cannot be sent: {error}"));
        }
        ErrorObject { code: own.code, message: own.message.clone(), data: own.data.clone() }
    }

    /// Keep the text in the log: secrets travel in it (HUB-CALL-4).
    fn hidden(&self, call: &Call, text: &str) -> ErrorObject {
        let id = (self.new_id)();
        let log = self.log.with("correlation_id", id.as_str()).with("error", text);
        let log = call.given.trace_id.as_deref().map_or_else(|| log.clone(), |trace| log.with("trace_id", trace));
        log.error(&format!("{} failed", call.method));
        let message = format!("the function failed; the module's log says why under {id}");
        ErrorObject { code: codes::INTERNAL_ERROR, message, data: Some(json!({"correlation_id": id})) }
    }
}

fn ended(reason: Reason) -> ErrorObject {
    match reason {
        Reason::Cancelled => ErrorObject::new(codes::CANCELLED, "cancelled"),
        Reason::Deadline => ErrorObject::new(codes::TIMEOUT, "the deadline passed"),
        Reason::Ending => ErrorObject::new(codes::CANCELLED, "the module has to end"),
    }
}

/// Find an error of a kind in the error or its sources.
pub(crate) fn find<T: StdError + 'static>(error: &Error) -> Option<&T> {
    chain(error).find_map(|error| error.downcast_ref())
}

fn chain<'a>(error: &'a Error) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next: Option<&'a (dyn StdError + 'static)> = Some(&*error.0);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

/// Return the text of an error with those of its sources.
pub(crate) fn in_full(error: &Error) -> String {
    chain(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Return the text of a panic.
pub(crate) fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "something that is no text".into())
}

/// Return whether the result of `module_init` says that the module runs, which one that disables itself does not.
pub(crate) fn says_running(result: &[u8]) -> bool {
    result == Value::Object(serde_json::Map::new()).to_string().as_bytes()
}
