//! Owns the way out: frames from any thread, in order, written by one. Everything that is ready goes out in one write. It must not know
//! what the frames say.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// What is joined into one write: as much as a pipe takes at a time.
const BATCH_BYTES: usize = 64 * 1024;

/// Where handlers wait before they add more: what waits is memory that only a slow hub costs.
const FULL_BYTES: usize = 1024 * 1024;

/// Where the reader, which must not wait, takes the hub for one that does not read at all.
const LOST_BYTES: usize = 64 * 1024 * 1024;

#[derive(Default)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    changed: Condvar,
    room: Notify,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Vec<u8>>,
    /// Waiting or being written.
    bytes: usize,
    sealed: bool,
    lost: bool,
}

impl Outbox {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Add a frame without waiting: for the reader, which must see the end of the stream whatever the hub does.
    pub(crate) fn put(&self, frame: Vec<u8>) {
        let mut state = self.state();
        self.add(&mut state, frame);
        if state.bytes > LOST_BYTES {
            self.lose(&mut state);
        }
    }

    /// Add a frame as soon as there is room; `before` runs at that moment, so that nobody sees the frame first.
    pub(crate) async fn put_wait(&self, frame: Vec<u8>, before: impl FnOnce()) {
        loop {
            let room = self.room.notified();
            {
                let mut state = self.state();
                if state.bytes <= FULL_BYTES || state.sealed {
                    before();
                    self.add(&mut state, frame);
                    return;
                }
            }
            room.await;
        }
    }

    /// Add a frame where there is room, and return whether there was: for what nobody waits for.
    pub(crate) fn offer(&self, frame: Vec<u8>) -> bool {
        let mut state = self.state();
        let has_room = state.bytes <= FULL_BYTES && !state.sealed;
        if has_room {
            self.add(&mut state, frame);
        }
        has_room
    }

    /// Add a frame after which nothing is ever written (HUB-CLEAN-2).
    pub(crate) fn last(&self, frame: Vec<u8>) {
        let mut state = self.state();
        self.add(&mut state, frame);
        self.seal(&mut state);
    }

    fn add(&self, state: &mut State, frame: Vec<u8>) {
        if !state.sealed {
            state.bytes += frame.len();
            state.queue.push_back(frame);
            self.changed.notify_all();
        }
    }

    fn seal(&self, state: &mut State) {
        state.sealed = true;
        self.changed.notify_all();
        self.room.notify_waiters();
    }

    fn lose(&self, state: &mut State) {
        state.lost = true;
        state.queue.clear();
        state.bytes = 0;
        self.seal(state);
    }

    /// Write until the outbox is sealed and empty. Return false where it cannot be written to, or nobody reads.
    pub(crate) fn run(&self, mut to: impl Write) -> bool {
        let mut state = self.state();
        loop {
            if state.lost {
                return false;
            }
            let Some(first) = state.queue.pop_front() else {
                if state.sealed {
                    return true;
                }
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let piece = join(first, &mut state.queue);
            drop(state);
            let written = to.write_all(&piece).and_then(|()| to.flush());
            state = self.state();
            if written.is_err() {
                self.lose(&mut state);
            }
            state.bytes = state.bytes.saturating_sub(piece.len());
            self.changed.notify_all();
            self.room.notify_waiters();
        }
    }

    /// Let nothing more be added.
    pub(crate) fn seal_now(&self) {
        self.seal(&mut self.state());
    }

    /// Seal the outbox, and return when all is written or the time is over.
    pub(crate) fn close(&self, within: Duration) {
        let end = Instant::now() + within;
        let mut state = self.state();
        self.seal(&mut state);
        while state.bytes > 0 {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Take from the front of the queue what goes into one write. A large frame goes alone: joining would only copy it.
fn join(mut first: Vec<u8>, queue: &mut VecDeque<Vec<u8>>) -> Vec<u8> {
    while queue.front().is_some_and(|frame| first.len() + frame.len() <= BATCH_BYTES) {
        first.extend(queue.pop_front().into_iter().flatten());
    }
    first
}
