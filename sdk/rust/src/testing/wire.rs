//! Owns the hub's end of the connection in memory: what the module writes is read here at once; must not know what a test wants.

use std::collections::HashMap;
use std::io::Write;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use serde_json::{Map, Value, json};

use super::services::Services;
use super::{CallError, Pending};
use crate::codec::{Id, MAX_FRAME_BYTES, Message, Splitter, read_message};
use crate::serve::credentials::DEFAULT_ACCOUNT;
use crate::serve::receive::Receiver;
use crate::types::services::LogParams;
use crate::types::{CallContext, Progress, codes};

pub(super) struct Wire {
    pub(super) services: Services,
    receiver: Mutex<Option<Receiver>>,
    seen: Mutex<Seen>,
}

/// A call that the module has not answered yet.
struct Open {
    answers: Sender<Result<Value, CallError>>,
    account: String,
}

#[derive(Default)]
struct Seen {
    last: i64,
    open: HashMap<Id, Open>,
    progress: HashMap<Id, Vec<Progress>>,
    hub_log: Vec<LogParams>,
    changes: usize,
    withdrawn: usize,
}

impl Wire {
    pub(super) fn new(services: Services) -> Arc<Self> {
        Arc::new(Self { services, receiver: Mutex::default(), seen: Mutex::default() })
    }

    pub(super) fn connect(&self, receiver: Receiver) {
        *self.receiver() = Some(receiver);
    }

    /// Let go of the module, which holds this too.
    pub(super) fn end(&self) {
        *self.receiver() = None;
    }

    fn receiver(&self) -> MutexGuard<'_, Option<Receiver>> {
        self.receiver.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn hub_log(&self) -> Vec<LogParams> {
        self.seen().hub_log.clone()
    }

    pub(super) fn changes(&self) -> usize {
        self.seen().changes
    }

    pub(super) fn withdrawn(&self) -> usize {
        self.seen().withdrawn
    }

    pub(super) fn progress_of(&self, id: &Id) -> Vec<Progress> {
        self.seen().progress.get(id).cloned().unwrap_or_default()
    }

    /// Send a request to the module.
    pub(super) fn ask(self: &Arc<Self>, method: &str, params: &Value, context: Option<&CallContext>) -> Pending {
        let (answers, answered) = channel();
        let id = {
            let mut seen = self.seen();
            seen.last += 1;
            let id = Id::Integer(seen.last);
            let named = context.and_then(|context| context.profile.clone());
            let account = named.unwrap_or_else(|| DEFAULT_ACCOUNT.to_owned());
            seen.open.insert(id.clone(), Open { answers, account });
            id
        };
        let mut request = json!({"jsonrpc": "2.0", "id": id.json(), "method": method, "params": params});
        if let Some(context) = context {
            request["context"] = json!(context);
        }
        self.write(&request);
        Pending { wire: Arc::clone(self), id, answered }
    }

    pub(super) fn notify(&self, method: &str, params: &Value) {
        self.write(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn write(&self, message: &Value) {
        if let Some(receiver) = self.receiver().as_mut() {
            receiver.feed(format!("{message}\n").as_bytes());
        }
    }

    fn receive(self: &Arc<Self>, message: Message) {
        match message {
            Message::Response { id, result } => self.settle(&id, Ok(result)),
            Message::ErrorResponse { id: Some(id), error } => self.settle(&id, Err(error.into())),
            Message::Notification { method, params } => self.hear(&method, params),
            Message::Request { id, method, params, .. } => {
                let wire = Arc::clone(self);
                // A thread of its own, because a test's answer may call the module in turn.
                std::thread::spawn(move || wire.answer(&id, &method, params));
            }
            Message::ErrorResponse { id: None, .. } | Message::Invalid(_) => {}
        }
    }

    fn settle(&self, id: &Id, answer: Result<Value, CallError>) {
        let waiting = self.seen().open.remove(id);
        if let Some(waiting) = waiting {
            drop(waiting.answers.send(answer)); // a test need not wait for what it began
        }
    }

    fn hear(&self, method: &str, params: Map<String, Value>) {
        let id = params.get("id").and_then(Id::read);
        let params = Value::Object(params);
        let mut seen = self.seen();
        match (method, id) {
            ("$/progress", Some(id)) => {
                let report = serde_json::from_value(params);
                seen.progress.entry(id).or_default().extend(report);
            }
            ("hub.log", _) => seen.hub_log.extend(serde_json::from_value(params)),
            ("capabilities_changed", _) => seen.changes += 1,
            ("$/cancelRequest", _) => seen.withdrawn += 1,
            _ => {}
        }
    }

    fn answer(&self, id: &Id, method: &str, params: Map<String, Value>) {
        let call_id = params.get("call_id").and_then(Id::read);
        let account = call_id.and_then(|call_id| self.seen().open.get(&call_id).map(|open| open.account.clone()));
        let dead = || Err(CallError { code: codes::CONTEXT_ENDED, message: "the call is over or unknown".into(), data: None });
        let answer = account.map_or_else(dead, |account| self.services.serve(&account, method, params));
        let mut response = json!({"jsonrpc": "2.0", "id": id.json()});
        match answer {
            Ok(result) => response["result"] = result,
            Err(CallError { code, message, data }) => {
                response["error"] = json!({"code": code, "message": message});
                if let Some(data) = data {
                    response["error"]["data"] = data;
                }
            }
        }
        self.write(&response);
    }
}

/// Where the module writes.
pub(super) struct Output {
    wire: Weak<Wire>,
    splitter: Splitter,
}

impl Output {
    pub(super) fn to(wire: &Arc<Wire>) -> Self {
        Self { wire: Arc::downgrade(wire), splitter: Splitter::default() }
    }
}

impl Write for Output {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        let wire = self.wire.upgrade().ok_or(std::io::ErrorKind::BrokenPipe)?;
        self.splitter.feed(data, || MAX_FRAME_BYTES, |line| wire.receive(read_message(&line, MAX_FRAME_BYTES)));
        Ok(data.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
