//! Owns one connection with a hub: what comes in, who works on it, what goes out; must not know descriptors, signals or threads.

use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::task::Poll;
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::{Instant, timeout};

use super::asked::Asked;
use super::call::Call;
use super::context::Context;
use super::failure::{Outcome, panic_text};
use super::functions::{Functions, Work};
use super::lifecycle::Phase;
use super::module::{Module, State};
use super::outbox::Outbox;
use super::token::Reason;
use crate::codec::{ErrorObject, Id, MAX_FRAME_BYTES, encode, write};
use crate::log::{Level, Log, Notes};
use crate::types::{Progress, codes};

/// How many calls are open at a time. A hub sends at most 64, or what its operator has set (HUB-CALL-5); beyond this somebody floods
/// the module.
pub(crate) const MOST_OPEN: usize = 16384;

/// What a handler that wants to end by itself gets after its call was cancelled.
const CANCEL_GRACE: Duration = Duration::from_secs(1);

/// When a cancelled call is answered although its handler blocks its thread and cannot be dropped.
const ANSWER_ANYHOW: Duration = Duration::from_millis(1500);

/// Why a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The hub closed the module's standard input.
    Eof,
    /// SIGTERM.
    Terminated,
    /// There is no protocol version in common (HUB-VER-2).
    Refused,
    /// The hub does not read, or its end is closed.
    Lost,
}

/// What a session needs of the world.
pub(crate) struct World {
    pub(crate) log: Log,
    pub(crate) notes: Notes,
    /// A fresh id by which an error is found in the log.
    pub(crate) new_id: Box<dyn Fn() -> String + Send + Sync>,
    /// The author's code runs here, and may block all of it.
    pub(crate) handlers: Handle,
    /// What has to happen whatever the author's code does runs here.
    pub(crate) control: Handle,
    pub(crate) end: Box<dyn Fn(End) + Send + Sync>,
}

pub(crate) struct Session {
    pub(crate) module: Module,
    pub(crate) functions: RwLock<Functions>,
    pub(crate) out: Outbox,
    pub(crate) asked: Asked,
    pub(crate) state: OnceLock<State>,
    pub(crate) log: Log,
    notes: Notes,
    pub(crate) new_id: Box<dyn Fn() -> String + Send + Sync>,
    pub(crate) handlers: Handle,
    pub(crate) control: Handle,
    pub(crate) end: Box<dyn Fn(End) + Send + Sync>,
    pub(crate) phase: watch::Sender<Phase>,
    pub(crate) calls: Mutex<HashMap<Id, Arc<Call>>>,
    pub(crate) calls_changed: Notify,
    pub(crate) is_cleaning: AtomicBool,
    pub(crate) is_clean: watch::Sender<bool>,
    pub(crate) limit: AtomicUsize,
    pub(crate) in_force: RwLock<HashSet<String>>,
    slots: Semaphore,
}

impl Session {
    pub(crate) fn new(mut module: Module, world: World) -> Arc<Self> {
        Arc::new(Self {
            functions: RwLock::new(std::mem::take(&mut module.functions)),
            slots: Semaphore::new(module.workers),
            module,
            out: Outbox::default(),
            asked: Asked::new(),
            state: OnceLock::new(),
            log: world.log,
            notes: world.notes,
            new_id: world.new_id,
            handlers: world.handlers,
            control: world.control,
            end: world.end,
            phase: watch::Sender::new(Phase::Fresh),
            calls: Mutex::default(),
            calls_changed: Notify::new(),
            is_cleaning: AtomicBool::new(false),
            is_clean: watch::Sender::new(false),
            limit: AtomicUsize::new(MAX_FRAME_BYTES),
            in_force: RwLock::default(),
        })
    }

    /// Return the frame limit of both directions.
    pub(crate) fn limit(&self) -> usize {
        self.limit.load(Ordering::Relaxed)
    }

    /// Return whether a feature is in force: both sides named it (HUB-VER-3).
    pub(crate) fn has(&self, feature: &str) -> bool {
        self.in_force.read().unwrap_or_else(PoisonError::into_inner).contains(feature)
    }

    /// Log something without waiting: for what has to go on whatever the hub does with standard error.
    pub(crate) fn note(&self, fields: &[(&str, &str)], level: Level, message: &str) {
        let log = fields.iter().fold(self.log.clone(), |log, (name, value)| log.with(name, *value));
        self.notes.write(log, level, message);
    }

    pub(crate) fn calls(&self) -> MutexGuard<'_, HashMap<Id, Arc<Call>>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Take a call on, unless its id is open already or there are too many.
    pub(crate) fn admit(&self, call: &Arc<Call>) -> bool {
        let mut calls = self.calls();
        if calls.contains_key(&call.id) {
            drop(calls);
            // An answer would be taken for the answer to the first of the two.
            self.note(&[], Level::Warning, "a request was dropped: its id is open already");
            return false;
        }
        if calls.len() >= MOST_OPEN {
            drop(calls);
            self.refuse(&call.id, codes::OVERLOADED, "too many calls are under way");
            return false;
        }
        calls.insert(call.id.clone(), Arc::clone(call));
        true
    }

    pub(crate) fn refuse(&self, id: &Id, code: i64, reason: impl Into<String>) {
        self.out.put(write::error(Some(id), &ErrorObject::new(code, reason)));
    }

    /// Do a function and answer, once.
    pub(crate) async fn serve(self: Arc<Self>, call: Arc<Call>, params: serde_json::Map<String, Value>) {
        let slot = tokio::select! {
            slot = self.when_running() => slot,
            reason = call.ended() => return self.answer(&call, Outcome::Ended(reason)).await,
        };
        let _slot = match slot {
            Ok(slot) => slot,
            Err(error) => return self.answer_with(&call, Err(error)).await,
        };
        let function = self.functions.read().unwrap_or_else(PoisonError::into_inner).find(&call.method);
        let Some(function) = function else {
            return self.answer_with(&call, Err(no_function(&call.method))).await;
        };
        let context = Context { session: Arc::clone(&self), call: Arc::clone(&call) };
        let outcome = self.attend(&call, move || function.begin(context, params)).await;
        self.answer(&call, outcome).await;
    }

    /// Wait for `module_init` to be answered, and for a worker.
    async fn when_running(&self) -> Result<tokio::sync::SemaphorePermit<'_>, ErrorObject> {
        let not_running = |reason: &str| ErrorObject::new(codes::NOT_RUNNING, reason);
        let phase = self.phase.subscribe().wait_for(|phase| *phase != Phase::Initialising).await.map(|phase| *phase);
        match phase {
            Ok(Phase::Running) => self.slots.acquire().await.map_err(|_| not_running("the module is not running")),
            Ok(Phase::Fresh) => Err(not_running("module_init was not sent yet")),
            _ => Err(not_running("the module is not running")),
        }
    }

    /// Work on a call until the work ends, or nobody waits for it any more.
    pub(crate) async fn attend(&self, call: &Call, begin: impl FnOnce() -> Work + Send + 'static) -> Outcome {
        // An async block, so that what panics before the first await is caught like the rest.
        let mut work: Work = Box::pin(std::future::poll_fn({
            let mut begin = Some(begin);
            let mut work: Option<Work> = None;
            move |context| {
                if let Some(begin) = begin.take() {
                    work = Some(begin());
                }
                work.as_mut().map_or(Poll::Pending, |work| work.as_mut().poll(context))
            }
        }));
        let reason = tokio::select! {
            biased;
            outcome = caught(&mut work) => return outcome,
            reason = call.ended() => reason,
        };
        if call.token.is_watched()
            && let Ok(outcome) = timeout(CANCEL_GRACE, caught(&mut work)).await
        {
            return outcome;
        }
        // What the author drops may panic, too.
        if let Err(payload) = std::panic::catch_unwind(AssertUnwindSafe(move || drop(work))) {
            self.log.with("error", panic_text(&*payload)).error(&format!("{} panicked when it was dropped", call.method));
        }
        Outcome::Ended(reason)
    }

    /// Answer a call; where it was answered already, do nothing.
    pub(crate) async fn answer(&self, call: &Arc<Call>, outcome: Outcome) {
        if self.finish(call) {
            let answer = self.answer_to(call, outcome);
            self.send_answer(call, answer, || ()).await;
        }
    }

    pub(crate) async fn answer_with(&self, call: &Arc<Call>, answer: Result<Vec<u8>, ErrorObject>) {
        if self.finish(call) {
            self.send_answer(call, answer, || ()).await;
        }
    }

    /// Send the answer to a finished call; `before` runs when nobody has seen it yet, and nothing else can be sent before it.
    pub(crate) async fn send_answer(&self, call: &Arc<Call>, answer: Result<Vec<u8>, ErrorObject>, before: impl FnOnce()) {
        // Asked before the call is taken out of the table, under the lock of the outbox.
        let is_alone = self.is_alone();
        let before = || {
            self.forget(call);
            before();
        };
        let frame = self.answer_frame(&call.id, answer);
        if is_alone { self.out.put_alone(frame, before).await } else { self.out.put_wait(frame, before).await }
    }

    /// Return whether one call is under way at most: the frames of many are gathered by the writer.
    fn is_alone(&self) -> bool {
        self.calls().len() <= 1
    }

    /// Send a request to the hub.
    pub(crate) async fn send_asked(&self, frame: Vec<u8>) {
        if self.is_alone() { self.out.put_alone(frame, || {}).await } else { self.out.put_wait(frame, || {}).await }
    }

    pub(crate) fn answer_frame(&self, id: &Id, answer: Result<Vec<u8>, ErrorObject>) -> Vec<u8> {
        let frame = match answer {
            Ok(result) => write::result(id, &result),
            Err(error) => write::error(Some(id), &error),
        };
        let (size, limit) = (frame.len() - 1, self.limit());
        if size <= limit {
            return frame;
        }
        let why = format!("the answer has {size} bytes, more than the frame limit of {limit}");
        write::error(Some(id), &ErrorObject::new(codes::FRAME_TOO_LARGE, why))
    }

    /// Send the last progress, and let nothing of this call be sent any more but its answer. Return false where that was done before.
    pub(crate) fn finish(&self, call: &Call) -> bool {
        let mut state = call.state();
        if let Some(report) = state.pace.take(Instant::now()).filter(|_| !state.is_over) {
            self.send_progress(call, &report);
        }
        !std::mem::replace(&mut state.is_over, true)
    }

    /// Make the id of a call free again: before its answer is seen.
    pub(crate) fn forget(&self, call: &Arc<Call>) {
        let mut calls = self.calls();
        if calls.get(&call.id).is_some_and(|open| Arc::ptr_eq(open, call)) {
            calls.remove(&call.id);
        }
        drop(calls);
        call.answered.notify_one();
        self.calls_changed.notify_waiters();
    }

    pub(crate) fn send_progress(&self, call: &Call, report: &Progress) {
        let mut params = serde_json::json!(report);
        params["id"] = call.id.json();
        if let Ok(params) = encode(&params, 1) {
            self.out.put(write::notification("$/progress", &params));
        }
    }

    /// Cancel a call for the hub (HUB-CANCEL-2).
    pub(crate) fn cancel(self: &Arc<Self>, id: &Id) {
        let Some(call) = self.calls().get(id).cloned() else { return };
        call.token.cancel(Reason::Cancelled);
        let session = Arc::clone(self);
        self.control.spawn(async move {
            // Gone with the call: thousands that are cancelled at once must not stay in memory for that long.
            if timeout(ANSWER_ANYHOW, call.answered.notified()).await.is_err() {
                session.answer(&call, Outcome::Ended(Reason::Cancelled)).await;
            }
        });
    }
}

pub(crate) fn no_function(name: &str) -> ErrorObject {
    ErrorObject::new(codes::METHOD_NOT_FOUND, format!("there is no function {name}"))
}

/// Poll the author's work so that a panic in it is an outcome, and ends nothing else.
fn caught(work: &mut Work) -> impl Future<Output = Outcome> {
    let mut work = Pin::new(work);
    std::future::poll_fn(move |context| {
        let polled = std::panic::catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(result)) => Poll::Ready(Outcome::Done(result)),
            Err(payload) => Poll::Ready(Outcome::Panicked(panic_text(&*payload))),
        }
    })
}
