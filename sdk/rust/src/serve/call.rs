//! Owns one request of the hub that is being worked on: a function, `module_init` or `module_cleanup`; must not know what the work is.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::deadline::Deadline;
use super::progress::Pace;
use super::token::Token;
use crate::codec::Id;
use crate::types::CallContext;

/// A deadline further away is none, and would overflow clocks: a year.
const FARTHEST: Duration = Duration::from_hours(365 * 24);

pub(crate) struct Call {
    pub(crate) id: Id,
    pub(crate) method: String,
    pub(crate) given: CallContext,
    pub(crate) deadline: Option<Deadline>,
    pub(crate) token: Token,
    /// Told when the answer is on its way.
    pub(crate) answered: Notify,
    state: Mutex<State>,
}

pub(crate) struct State {
    /// Answered, or about to be: no progress and no host service any more.
    pub(crate) is_over: bool,
    pub(crate) pace: Pace,
}

impl Call {
    pub(crate) fn new(id: Id, method: String, given: CallContext, now: Instant) -> Self {
        let left = given.timeout_ms.map(Duration::from_millis).filter(|left| *left < FARTHEST);
        let state = Mutex::new(State { is_over: false, pace: Pace::default() });
        Self {
            id,
            method,
            given,
            deadline: left.map(|left| Deadline::new(now + left)),
            token: Token::new(),
            answered: Notify::new(),
            state,
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.state().is_over
    }

    /// Wait for whatever ends the call before its work does.
    pub(crate) async fn ended(&self) -> super::Reason {
        let Some(deadline) = &self.deadline else { return self.token.wait().await };
        tokio::select! {
            reason = self.token.wait() => reason,
            () = deadline.pass() => {
                self.token.cancel(super::Reason::Deadline);
                super::Reason::Deadline
            }
        }
    }
}
