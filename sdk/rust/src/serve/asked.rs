//! Owns the module's own requests that are open with the hub (HUB-ID-2, HUB-ID-4); must not know what they ask for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::{Semaphore, oneshot};

use crate::codec::{ErrorObject, Id};

/// How many requests a module has open at a time; more wait. Each costs the hub an entry in a table.
const MOST_ASKED: usize = 256;

pub(crate) type Answer = Result<Value, ErrorObject>;

pub(crate) struct Asked {
    open: Mutex<HashMap<Id, oneshot::Sender<Answer>>>,
    last: AtomicU64,
    pub(crate) permits: Semaphore,
}

impl Asked {
    pub(crate) fn new() -> Self {
        Self { open: Mutex::default(), last: AtomicU64::new(0), permits: Semaphore::new(MOST_ASKED) }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Id, oneshot::Sender<Answer>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begin a request: its id, and where its answer comes.
    pub(crate) fn begin(&self) -> (Id, oneshot::Receiver<Answer>) {
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let id = Id::Text(format!("m{number}"));
        let (answers, answered) = oneshot::channel();
        self.open().insert(id.clone(), answers);
        (id, answered)
    }

    /// Hand on an answer. Return false where nobody waits for it.
    pub(crate) fn settle(&self, id: &Id, answer: Answer) -> bool {
        let waiting = self.open().remove(id);
        waiting.is_some_and(|waiting| waiting.send(answer).is_ok())
    }

    /// Give up a request. Return false where it was answered already.
    pub(crate) fn forget(&self, id: &Id) -> bool {
        self.open().remove(id).is_some()
    }
}
