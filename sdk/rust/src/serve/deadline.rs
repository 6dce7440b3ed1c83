//! Owns when a call's caller stops waiting, which moves while the hub waits for a person (HUB-HOST-6); must not know what a call does.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// How long one call's clock stands still, all its questions together: what the protocol allows a person.
const PATIENCE: Duration = Duration::from_mins(5);

pub(crate) struct Deadline {
    clock: Mutex<Clock>,
    moved: Notify,
}

struct Clock {
    at: Instant,
    patience: Duration,
    holds: usize,
    since: Instant,
}

impl Clock {
    /// When the caller stops waiting, if nothing that holds the clock ends before.
    fn last(&self) -> Instant {
        if self.holds > 0 { self.at + self.patience } else { self.at }
    }
}

impl Deadline {
    pub(crate) fn new(at: Instant) -> Self {
        Self { clock: Mutex::new(Clock { at, patience: PATIENCE, holds: 0, since: at }), moved: Notify::new() }
    }

    fn clock(&self) -> MutexGuard<'_, Clock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn at(&self) -> Instant {
        self.clock().at
    }

    pub(crate) fn has_passed(&self) -> bool {
        self.clock().last() <= Instant::now()
    }

    /// Wait for it, wherever it moves.
    pub(crate) async fn pass(&self) {
        while !self.has_passed() {
            let moved = self.moved.notified();
            let last = self.clock().last();
            tokio::select! {
                () = sleep_until(last) => {}
                () = moved => {}
            }
        }
    }

    /// Let the clock stand still until what is returned is dropped: the hub is at work for this call, and may be asking a person.
    ///
    /// What a called module asks is told to nobody; but an answer behind the deadline shows that it has moved, so only a question of
    /// this module's own does `surely`.
    pub(crate) fn hold(&self, surely: bool) -> Hold<'_> {
        let mut clock = self.clock();
        clock.holds += 1;
        if clock.holds == 1 {
            clock.since = Instant::now();
        }
        drop(clock);
        Hold { deadline: self, surely }
    }
}

pub(crate) struct Hold<'a> {
    deadline: &'a Deadline,
    surely: bool,
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        let mut clock = self.deadline.clock();
        let now = Instant::now();
        clock.holds -= 1;
        if self.surely || now > clock.at {
            let moved = now.duration_since(clock.since).min(clock.patience);
            clock.at += moved;
            clock.patience -= moved;
            clock.since = now;
        }
        drop(clock);
        self.deadline.moved.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{Instant, advance, sleep, timeout};

    use super::Deadline;

    const SECOND: Duration = Duration::from_secs(1);

    /// Return after how many seconds a deadline of 30 passes, when a question to the person takes so long.
    async fn passes_after(thinks: Duration, surely: bool) -> u64 {
        let begun = Instant::now();
        let deadline = Deadline::new(begun + 30 * SECOND);
        let asks = async {
            let _hold = deadline.hold(surely);
            sleep(thinks).await;
        };
        tokio::join!(asks, async {
            deadline.pass().await;
            begun.elapsed().as_secs()
        })
        .1
    }

    // HUB-HOST-6
    #[tokio::test(start_paused = true)]
    async fn it_stands_still_while_a_person_is_asked_but_not_for_more_than_five_minutes() {
        assert_eq!(passes_after(60 * SECOND, true).await, 90);
        assert_eq!(passes_after(10 * SECOND, true).await, 40);
        assert_eq!(passes_after(600 * SECOND, true).await, 330);
    }

    // HUB-HOST-6: what a called module asks a person is told to nobody.
    #[tokio::test(start_paused = true)]
    async fn an_answer_behind_it_shows_that_it_has_moved_and_one_before_it_nothing() {
        assert_eq!(passes_after(60 * SECOND, false).await, 90);
        assert_eq!(passes_after(10 * SECOND, false).await, 30);
    }

    #[tokio::test(start_paused = true)]
    async fn two_questions_at_once_are_one_wait_and_their_patience_is_shared() {
        let begun = Instant::now();
        let deadline = Deadline::new(begun + 30 * SECOND);
        let (first, second) = (deadline.hold(true), deadline.hold(true));
        advance(100 * SECOND).await;
        drop(first);
        drop(second);
        assert_eq!(deadline.at() - begun, 130 * SECOND);
        let third = deadline.hold(true);
        advance(300 * SECOND).await;
        assert!(deadline.has_passed());
        drop(third);
        assert_eq!(deadline.at() - begun, 330 * SECOND);
        timeout(SECOND, deadline.pass()).await.unwrap();
    }
}
