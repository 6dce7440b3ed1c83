//! Owns the word that a call has to end, and why; must not know what ends.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

/// Why nobody waits for the answer of a call any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The caller gave up.
    Cancelled,
    /// The deadline passed.
    Deadline,
    /// The module has to end.
    Ending,
}

/// Said once, heard by many.
#[derive(Debug)]
pub(crate) struct Token {
    said: watch::Sender<Option<Reason>>,
    is_watched: AtomicBool,
}

impl Token {
    pub(crate) fn new() -> Self {
        Self { said: watch::Sender::new(None), is_watched: AtomicBool::new(false) }
    }

    /// Say it. Only the first word counts.
    pub(crate) fn cancel(&self, reason: Reason) {
        self.said.send_if_modified(|said| {
            let is_first = said.is_none();
            said.get_or_insert(reason);
            is_first
        });
    }

    pub(crate) fn reason(&self) -> Option<Reason> {
        *self.said.borrow()
    }

    pub(crate) async fn wait(&self) -> Reason {
        let mut hears = self.said.subscribe();
        let said = hears.wait_for(Option::is_some).await;
        // The sender lives in self, so the channel is open.
        said.ok().and_then(|said| *said).unwrap_or(Reason::Ending)
    }

    /// Remember that the handler wants to end by itself.
    pub(crate) fn watch(&self) {
        self.is_watched.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.is_watched.load(Ordering::Relaxed)
    }
}
