//! Owns a call that a test has begun, and how it can end; must not know how messages travel.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use serde_json::{Value, json};

use super::BOUND;
use super::wire::Wire;
use crate::codec::{ErrorObject, Id};
use crate::types::{Progress, codes};

/// The error that a caller sees.
#[derive(Debug, Clone, PartialEq)]
pub struct CallError {
    /// What happened, for programs; see [`codes`].
    pub code: i64,
    /// What happened, for people.
    pub message: String,
    /// More, where there is more.
    pub data: Option<Value>,
}

impl CallError {
    /// Return the stable word for what happened, where it is one of the protocol's.
    pub fn kind(&self) -> Option<&'static str> {
        codes::kind_of(self.code)
    }
}

impl From<ErrorObject> for CallError {
    fn from(error: ErrorObject) -> Self {
        Self { code: error.code, message: error.message, data: error.data }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for CallError {}

/// A call that is under way.
pub struct Pending {
    pub(super) wire: Arc<Wire>,
    pub(super) id: Id,
    pub(super) answered: Receiver<Result<Value, CallError>>,
}

impl Pending {
    /// Give the call up, as a caller does.
    pub fn cancel(&self) {
        self.wire.notify("$/cancelRequest", &json!({"id": self.id.json()}));
    }

    /// Return the reports of progress that came so far.
    pub fn progress(&self) -> Vec<Progress> {
        self.wire.progress_of(&self.id)
    }

    /// Wait for the answer.
    ///
    /// # Errors
    /// `CallError` is what a caller would see.
    ///
    /// # Panics
    /// When there is no answer within 5 seconds.
    pub fn wait(&self) -> Result<Value, CallError> {
        let answer = self.answered.recv_timeout(BOUND);
        answer.unwrap_or_else(|_| panic!("the module did not answer within {} seconds", BOUND.as_secs()))
    }
}
