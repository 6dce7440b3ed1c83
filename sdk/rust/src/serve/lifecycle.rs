//! Owns the life of a session: introduction, initialisation, cleanup, end (HUB-LIFE, HUB-INIT, HUB-CLEAN); must not know who asks for them.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::{Instant, timeout};

use super::call::Call;
use super::context::Context;
use super::failure::{Outcome, find, in_full, says_running};
use super::session::{End, Session};
use super::token::Reason;
use crate::codec::{ErrorObject, Id, encode, write};
use crate::log::Level;
use crate::types::{CallContext, Capabilities, Disable, Error, FEATURES, InvalidArgument, ModuleInfo, PROTOCOL_VERSION, codes};

/// What calls get to end after `module_cleanup` cancelled them, and what `on_cleanup` gets: together less than the 4 seconds in which
/// `module_cleanup` must be answered (HUB-CLEAN-1).
const STOP_GRACE: Duration = Duration::from_secs(1);
const CLEANUP_TIME: Duration = Duration::from_millis(2500);

// These are together less than the second in which a module must end after its standard input did (HUB-LIFE-4).
/// Lets `printf '...' | ./module` see its answer.
const END_GRACE: Duration = Duration::from_millis(200);
const END_CLEANUP_TIME: Duration = Duration::from_millis(400);
const END_FLUSH_TIME: Duration = Duration::from_millis(100);

/// How far a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Fresh,
    Initialising,
    Running,
    /// `module_init` failed, or the module disabled itself.
    Unfit,
    Stopping,
}

impl Session {
    /// Answer `module_info` (HUB-VER-1 to 3).
    pub(crate) fn introduce(&self, id: &Id, params: &Map<String, Value>) {
        let offered = params.get("protocol_versions").cloned();
        let is_common = |versions: &Value| versions.as_array().is_some_and(|all| all.contains(&PROTOCOL_VERSION.into()));
        if let Some(offered) = offered.filter(|offered| !is_common(offered)) {
            let data = Some(json!({"offered": offered, "supported": [PROTOCOL_VERSION]}));
            let message = "there is no protocol version in common".into();
            self.out.put(write::error(Some(id), &ErrorObject { code: codes::NO_COMMON_VERSION, message, data }));
            if *self.phase.borrow() == Phase::Fresh {
                // A module that runs for a hub does not end because of a strange question.
                (self.end)(End::Refused);
            }
            return;
        }
        let named = params.get("features").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let in_force: HashSet<String> = named.filter(|name| FEATURES.contains(name)).map(ToOwned::to_owned).collect();
        *self.in_force.write().unwrap_or_else(std::sync::PoisonError::into_inner) = in_force;
        let limit = params.get("max_frame_bytes").and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
        if let Some(limit) = limit.filter(|limit| *limit > 0) {
            self.limit.store(limit, Ordering::Relaxed);
        }
        self.put_declared(id, &ModuleInfo::of(&self.module.info));
    }

    /// Answer `capabilities`. They are made anew each time, because functions may have been added (HUB-CAPS-8).
    pub(crate) fn describe(&self, id: &Id) {
        let functions = self.functions.read().unwrap_or_else(std::sync::PoisonError::into_inner).declarations();
        self.put_declared(id, &Capabilities::of(functions, &self.module.permissions, &self.module.implements));
    }

    fn put_declared(&self, id: &Id, declared: &impl serde::Serialize) {
        let answer = encode(declared, 1).map_err(|error| {
            self.note(&[("error", &error.to_string())], Level::Error, "what the module declares cannot be sent");
            ErrorObject::new(codes::INTERNAL_ERROR, "what the module declares cannot be sent; its log says why")
        });
        self.out.put(self.answer_frame(id, answer));
    }

    /// Do `module_init`.
    pub(crate) async fn initialise(self: Arc<Self>, call: Arc<Call>, params: Map<String, Value>) {
        let is_first = self.phase.send_if_modified(|phase| {
            let is_first = *phase == Phase::Fresh;
            if is_first {
                *phase = Phase::Initialising;
            }
            is_first
        });
        if !is_first {
            let error = ErrorObject::new(codes::INVALID_REQUEST, "module_init comes once, before the end");
            return self.answer_with(&call, Err(error)).await;
        }
        let context = Context { session: Arc::clone(&self), call: Arc::clone(&call) };
        let outcome = self.attend(&call, move || Box::pin(init(context, params))).await;
        let answer = self.answer_to(&call, outcome);
        let phase = if answer.as_ref().is_ok_and(|result| says_running(result)) { Phase::Running } else { Phase::Unfit };
        let set_phase = || {
            self.phase.send_if_modified(|current| {
                let still = *current == Phase::Initialising;
                if still {
                    *current = phase;
                }
                still
            });
        };
        // With the answer: a function that waits for it must not be answered before it, and whoever sees it may end the module.
        if self.finish(&call) {
            self.send_answer(&call, answer, set_phase).await;
        }
    }

    /// Do `module_cleanup`: the other calls first, then the author's hook, then the last frame of all (HUB-CLEAN-2).
    pub(crate) async fn clean_up(self: Arc<Self>, call: Arc<Call>) {
        let was_running = self.stop(Some(&call));
        self.wait_for_calls(Some(&call), STOP_GRACE).await;
        // Each request has exactly one answer (HUB-ID-4), also one whose handler cannot be ended.
        for late in self.other_calls(Some(&call)) {
            self.answer(&late, Outcome::Ended(Reason::Ending)).await;
        }
        if was_running {
            self.run_cleanup(Context { session: Arc::clone(&self), call: Arc::clone(&call) }, CLEANUP_TIME).await;
        }
        if self.finish(&call) {
            self.forget(&call);
            self.out.last(write::result(&call.id, b"{}"));
        }
    }

    /// Let no call begin any more, and end those under way. Return whether the module ran.
    fn stop(&self, except: Option<&Arc<Call>>) -> bool {
        let was = self.phase.send_replace(Phase::Stopping);
        // What cleans up is what the end waits for.
        for call in self.other_calls(except).into_iter().filter(|call| call.method != "module_cleanup") {
            call.token.cancel(Reason::Ending);
        }
        was == Phase::Running
    }

    fn other_calls(&self, except: Option<&Arc<Call>>) -> Vec<Arc<Call>> {
        let calls = self.calls();
        calls.values().filter(|call| except.is_none_or(|except| !Arc::ptr_eq(call, except))).cloned().collect()
    }

    /// Wait until no other call is open, or the time is over.
    async fn wait_for_calls(&self, except: Option<&Arc<Call>>, within: Duration) {
        let all_ended = async {
            loop {
                let changed = self.calls_changed.notified();
                if self.other_calls(except).is_empty() {
                    return;
                }
                changed.await;
            }
        };
        // Late ones are dealt with by the caller.
        let _ = timeout(within, all_ended).await;
    }

    /// Run the author's hook, once in a session, and do not wait for it longer than it may take.
    async fn run_cleanup(&self, context: Context, within: Duration) {
        if self.module.on_cleanup.is_none() {
            return;
        }
        if !self.is_cleaning.swap(true, Ordering::Relaxed) {
            self.handlers.spawn(async move {
                let Context { session, call } = context.clone();
                let work = move || -> super::functions::Work {
                    let work = context.session.module.on_cleanup.as_ref().map(|hook| hook(context.clone()));
                    Box::pin(async move {
                        match work {
                            Some(work) => work.await.map(|()| Vec::new()),
                            None => Ok(Vec::new()),
                        }
                    })
                };
                match session.attend(&call, work).await {
                    Outcome::Done(Ok(_)) | Outcome::Ended(_) => {}
                    Outcome::Done(Err(error)) => session.log.with("error", in_full(&error)).error("cleanup failed"),
                    Outcome::Panicked(text) => session.log.with("error", format!("panic: {text}")).error("cleanup failed"),
                }
                session.is_clean.send_replace(true);
            });
        }
        if timeout(within, self.is_clean.subscribe().wait_for(|is_clean| *is_clean)).await.is_err() {
            self.note(&[], Level::Warning, "cleanup did not end in its time");
        }
    }

    /// End the session: nothing that a handler does can hold it up (HUB-LIFE-4).
    pub(crate) async fn close(self: &Arc<Self>, end: End) {
        if end == End::Eof {
            self.wait_for_calls(None, END_GRACE).await;
        }
        let was_cleaning = self.is_cleaning.load(Ordering::Relaxed);
        // Whoever could have waited for an answer is gone.
        self.out.seal_now();
        if self.stop(None) || was_cleaning {
            let call = Call::new(Id::Text("end".into()), "on_cleanup".into(), CallContext::default(), Instant::now());
            call.state().is_over = true;
            let context = Context { session: Arc::clone(self), call: Arc::new(call) };
            self.run_cleanup(context, END_CLEANUP_TIME).await;
        }
        self.out.close(END_FLUSH_TIME);
    }
}

async fn init(context: Context, mut params: Map<String, Value>) -> Result<Vec<u8>, Error> {
    let config = params.remove("config").unwrap_or_else(|| json!({}));
    if !config.is_object() {
        return Err(InvalidArgument::at("/config".into(), "must be of type object").into());
    }
    let directory = match params.remove("data_directory") {
        Some(Value::String(directory)) => PathBuf::from(directory),
        _ => return Err(InvalidArgument::at("/data_directory".into(), "must be of type string").into()),
    };
    let session = Arc::clone(&context.session);
    let Some(hook) = &session.module.on_init else { return Ok(b"{}".to_vec()) };
    match hook(context, config, directory).await {
        Ok(state) => {
            // It is initialised once, so nothing was there.
            let _ = session.state.set(state);
            Ok(b"{}".to_vec())
        }
        Err(error) => match find::<Disable>(&error) {
            Some(Disable(reason)) => Ok(encode(&json!({"disable": reason}), 1)?),
            None => Err(error),
        },
    }
}
