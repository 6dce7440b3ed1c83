//! Owns the word that a call has to end, and why; must not know what ends.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use tokio::sync::Notify;

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

const NOTHING: u8 = 0;
const REASONS: [Reason; 3] = [Reason::Cancelled, Reason::Deadline, Reason::Ending];

/// Said once, heard by many. A number and a list of who waits: each call has one, and few are ever said.
#[derive(Debug)]
pub(crate) struct Token {
    said: AtomicU8,
    changed: Notify,
    is_watched: AtomicBool,
}

impl Token {
    pub(crate) fn new() -> Self {
        Self { said: AtomicU8::new(NOTHING), changed: Notify::new(), is_watched: AtomicBool::new(false) }
    }

    /// Say it. Only the first word counts.
    pub(crate) fn cancel(&self, reason: Reason) {
        if self.said.compare_exchange(NOTHING, reason as u8 + 1, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            self.changed.notify_waiters();
        }
    }

    pub(crate) fn reason(&self) -> Option<Reason> {
        let said = usize::from(self.said.load(Ordering::SeqCst));
        said.checked_sub(1).and_then(|index| REASONS.get(index)).copied()
    }

    pub(crate) async fn wait(&self) -> Reason {
        let mut changed = pin!(self.changed.notified());
        // Before one looks: what is said between the two is heard.
        changed.as_mut().enable();
        if let Some(reason) = self.reason() {
            return reason;
        }
        changed.await;
        self.reason().unwrap_or(Reason::Ending)
    }

    /// Remember that the handler wants to end by itself.
    pub(crate) fn watch(&self) {
        self.is_watched.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.is_watched.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{REASONS, Reason, Token};

    #[tokio::test]
    async fn the_first_word_is_heard_by_all_who_wait_and_by_all_who_come_later() {
        for reason in REASONS {
            let token = Arc::new(Token::new());
            assert_eq!(token.reason(), None);
            let waits = [(); 3].map(|()| {
                let token = Arc::clone(&token);
                tokio::spawn(async move { token.wait().await })
            });
            tokio::task::yield_now().await;
            token.cancel(reason);
            token.cancel(Reason::Deadline);
            for wait in waits {
                assert_eq!(wait.await.unwrap(), reason);
            }
            assert_eq!((token.wait().await, token.reason()), (reason, Some(reason)));
        }
    }
}
