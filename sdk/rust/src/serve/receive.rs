//! Owns what happens with each message of the hub, in the order in which they come; must not wait for anything.

use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::time::Instant;

use super::call::Call;
use super::session::{Session, no_function};
use crate::codec::{ErrorObject, Id, Invalid, Line, Message, Splitter, read_message, write};
use crate::log::Level;
use crate::types::{CallContext, codes};

/// Takes the bytes that the hub writes.
pub(crate) struct Receiver {
    session: Arc<Session>,
    splitter: Splitter,
}

impl Receiver {
    pub(crate) fn new(session: &Arc<Session>) -> Self {
        Self { session: Arc::clone(session), splitter: Splitter::default() }
    }

    /// Take the next bytes, in any pieces.
    pub(crate) fn feed(&mut self, data: &[u8]) {
        let Self { session, splitter } = self;
        splitter.feed(data, || session.limit(), |line| session.receive(&line));
    }
}

impl Session {
    fn receive(self: &Arc<Self>, line: &Line) {
        match read_message(line, self.limit()) {
            Message::Request { id, method, params, context } => self.receive_request(id, method, params, context.as_ref()),
            Message::Notification { method, params } => self.receive_notification(&method, &params),
            Message::Response { id, result } => self.receive_answer(Some(&id), Ok(result)),
            Message::ErrorResponse { id, error } => self.receive_answer(id.as_ref(), Err(error)),
            Message::Invalid(invalid) => self.receive_invalid(&invalid),
        }
    }

    fn receive_request(
        self: &Arc<Self>,
        id: Id,
        method: String,
        params: Map<String, Value>,
        context: Option<&Map<String, Value>>,
    ) {
        match method.as_str() {
            "ping" => return self.out.put(write::result(&id, b"{}")),
            "module_info" => return self.introduce(&id, &params),
            "capabilities" => return self.describe(&id),
            _ => {}
        }
        let is_reserved = matches!(method.as_str(), "module_init" | "module_cleanup");
        let has_function = || {
            let functions = self.functions.read().unwrap_or_else(std::sync::PoisonError::into_inner);
            functions.find(&method).is_some()
        };
        if !is_reserved && !has_function() {
            return self.out.put(write::error(Some(&id), &no_function(&method)));
        }
        let given = context.map(CallContext::read).unwrap_or_default();
        let call = Arc::new(Call::new(id, method, given, Instant::now()));
        if !self.admit(&call) {
            return;
        }
        let session = Arc::clone(self);
        // Each task is awaited by nobody: it ends with its answer, and the table of calls knows it until then.
        match call.method.as_str() {
            "module_init" => drop(self.handlers.spawn(session.initialise(call, params))),
            "module_cleanup" => drop(self.control.spawn(session.clean_up(call))),
            _ => drop(self.handlers.spawn(session.serve(call, params))),
        }
    }

    fn receive_notification(self: &Arc<Self>, method: &str, params: &Map<String, Value>) {
        // Every other one is ignored (HUB-LIFE-6).
        if method == "$/cancelRequest"
            && let Some(id) = params.get("id").and_then(Id::read)
        {
            self.cancel(&id);
        }
    }

    fn receive_answer(&self, id: Option<&Id>, answer: Result<Value, ErrorObject>) {
        let was_open = id.is_some_and(|id| self.asked.settle(id, answer));
        if !was_open {
            self.note(&[], Level::Debug, "an answer to nothing that is open was dropped"); // HUB-ID-4
        }
    }

    /// Answer what cannot be read (HUB-ID-5), unless it was itself an answer or a notification.
    fn receive_invalid(&self, invalid: &Invalid) {
        self.note(&[("reason", &invalid.reason)], Level::Warning, "a message of the hub cannot be read");
        if let Some(id) = invalid.id.as_ref().filter(|_| invalid.is_response) {
            let error = ErrorObject::new(codes::PROTOCOL_ERROR, format!("the hub's answer cannot be read: {}", invalid.reason));
            if self.asked.settle(id, Err(error)) {
                return;
            }
        }
        // Half a frame without method and id may have been anything; JSON that is plainly an answer is not answered.
        let is_answer = invalid.is_response && invalid.code != codes::PARSE_ERROR;
        let is_open = invalid.id.as_ref().is_some_and(|id| self.calls().contains_key(id));
        if !is_answer && !invalid.is_notification && !is_open {
            let error = ErrorObject::new(invalid.code, format!("cannot read the message: {}", invalid.reason));
            self.out.put(write::error(invalid.id.as_ref(), &error));
        }
    }
}
