//! Owns what a handler holds in its hand: one call with its deadline, cancellation, progress and log; must not know messages.

use std::any::Any;
use std::future::Future;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::call::Call;
use super::functions::Functions;
use super::progress::Pass;
use super::session::Session;
use crate::codec::{encode, write};
use crate::log::{Level, Log};
use crate::types::{BadModule, CallContext, Capabilities, Progress};

/// The call that a handler works on. Clones of it are the same call.
#[derive(Clone)]
pub struct Context {
    pub(crate) session: Arc<Session>,
    pub(crate) call: Arc<Call>,
}

impl Context {
    /// Return what the hub said about the call.
    pub fn given(&self) -> &CallContext {
        &self.call.given
    }

    /// Return what joins the log lines of one call across modules.
    pub fn trace_id(&self) -> Option<&str> {
        self.call.given.trace_id.as_deref()
    }

    /// Return the calls that led to this one, outermost first, this one last.
    pub fn chain(&self) -> &[String] {
        &self.call.given.chain
    }

    /// Return the account as the hub named it, where it named one; [`Context::account`] is what you want.
    pub fn profile(&self) -> Option<&str> {
        self.call.given.profile.as_deref()
    }

    /// Return when the caller stops waiting, where that is known. It moves while a person is asked (HUB-HOST-6).
    pub fn deadline(&self) -> Option<Instant> {
        self.call.deadline.as_ref().map(|deadline| deadline.at().into_std())
    }

    /// Return how long the caller still waits, where that is known.
    pub fn remaining(&self) -> Option<Duration> {
        self.deadline().map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Return whether nobody waits for the answer any more.
    pub fn is_cancelled(&self) -> bool {
        let is_late = self.call.deadline.as_ref().is_some_and(super::deadline::Deadline::has_passed);
        is_late || self.call.token.reason().is_some()
    }

    /// Wait until nobody waits for the answer any more, and learn why.
    ///
    /// A handler that has called this ends by itself, within a second. Every other handler is dropped at once, where it awaits.
    pub fn cancelled(&self) -> impl Future<Output = super::Reason> + Send + 'static {
        self.call.token.watch();
        let call = Arc::clone(&self.call);
        async move { call.ended().await }
    }

    /// Wait for a future, in a blocking function. In an async one write `.await`.
    ///
    /// # Panics
    /// In an async function, whose thread it would block.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.session.handlers.block_on(future)
    }

    /// Return the module's log, with the function and the trace id on each line. Never log a secret (HUB-LOG-2).
    pub fn log(&self) -> Log {
        let log = self.session.log.with("function", self.call.method.as_str());
        self.trace_id().map_or_else(|| log.clone(), |id| log.with("trace_id", id))
    }

    /// Log through the protocol, in order with the answers; [`Context::log`] is what you want else: it needs no hub that listens.
    /// `fields` is an object, or null for none.
    pub fn log_to_hub(&self, level: Level, message: &str, fields: &Value) {
        let mut params = json!({"level": level, "message": message});
        if fields.is_object() {
            params["fields"] = fields.clone();
        }
        let is_sent = !self.call.is_over() && self.session.has("host_services") && self.notify("hub.log", &params);
        if !is_sent {
            let fields = fields.as_object().into_iter().flatten();
            fields.fold(self.log(), |log, (name, value)| log.with(name, value.clone())).write(level, message);
        }
    }

    fn notify(&self, method: &str, params: &Value) -> bool {
        let Ok(params) = encode(params, 1) else { return false };
        let frame = write::notification(method, &params);
        frame.len() <= self.session.limit() && self.session.out.offer(frame)
    }

    /// Report how far the work is. Call it as often as is convenient: at most 20 reports a second are sent, and always the last one.
    pub fn progress<'a>(&self, done: f64, total: impl Into<Option<f64>>, message: impl Into<Option<&'a str>>) {
        if !self.session.has("progress") {
            return;
        }
        let total = total.into().filter(|total| total.is_finite());
        let report = Progress { done, total, message: message.into().map(ToOwned::to_owned) };
        let mut state = self.call.state();
        if state.is_over {
            return;
        }
        match state.pace.report(report, tokio::time::Instant::now()) {
            Pass::Now(report) => self.session.send_progress(&self.call, &report),
            Pass::Later(due) => {
                let Self { session, call } = self.clone();
                self.session.control.spawn(async move {
                    tokio::time::sleep_until(due).await;
                    let mut state = call.state();
                    if !state.is_over
                        && let Some(report) = state.pace.take(due)
                    {
                        session.send_progress(&call, &report);
                    }
                });
            }
            Pass::Never => {}
        }
    }

    /// Return what `on_init` returned.
    ///
    /// # Panics
    /// When that was of another type, or there is no `on_init`: the caller then gets an internal error.
    pub fn state<S: Any + Send + Sync>(&self) -> Arc<S> {
        let state = self.session.state.get().cloned().and_then(|state| state.downcast().ok());
        state.unwrap_or_else(|| panic!("on_init did not return a {}", std::any::type_name::<S>()))
    }

    /// Add or remove functions while the module runs, and tell the hub (HUB-CAPS-8). What was not approved is not called.
    ///
    /// # Errors
    /// `BadModule` when the functions could not be declared so; nothing is changed then.
    pub fn change_functions(&self, change: impl FnOnce(&mut Functions)) -> Result<(), BadModule> {
        let mut functions = self.session.functions.write().unwrap_or_else(PoisonError::into_inner);
        let mut changed = functions.clone();
        change(&mut changed);
        let problems = Capabilities::of(changed.declarations(), &[], &[]).problems();
        if !problems.is_empty() {
            return Err(BadModule(problems));
        }
        *functions = changed;
        drop(functions);
        self.session.out.put(write::notification("capabilities_changed", b"{}"));
        Ok(())
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Context").field("id", &self.call.id).field("method", &self.call.method).finish_non_exhaustive()
    }
}
