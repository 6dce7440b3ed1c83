//! Owns the way out: frames from any thread, in order, written by one. Everything that is ready goes out in one write. It must not know
//! what the frames say.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::Notify;

/// What is joined into one write: as much as a pipe takes at a time.
const BATCH_BYTES: usize = 64 * 1024;

/// Where handlers wait before they add more: what waits is memory that only a slow hub costs.
const FULL_BYTES: usize = 1024 * 1024;

/// What a pipe that has room takes whole and at once: POSIX's least `PIPE_BUF` is 512, Linux has 4096.
const AT_ONCE_BYTES: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };

/// Where the reader, which must not wait, takes the hub for one that does not read at all.
const LOST_BYTES: usize = 64 * 1024 * 1024;

#[derive(Default)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    changed: Condvar,
    room: Notify,
    /// A pipe that may be written to from any thread.
    pipe: OnceLock<File>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Vec<u8>>,
    /// Waiting or being written.
    bytes: usize,
    sealed: bool,
    lost: bool,
    /// Whether some thread writes; all others wait for it.
    is_busy: bool,
    /// How many threads wait for a change: telling nobody would be a system call all the same.
    waiting: usize,
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

    /// Let short frames be written by whoever has them, where nothing else is ready: waking the writer costs more than the write.
    pub(crate) fn write_directly(&self, pipe: File) {
        // There is one pipe, so nothing was there.
        let _ = self.pipe.set(pipe);
    }

    /// Write a frame here and now where nothing waits and the pipe takes it without waiting, else add it; `before` as in `put_wait`.
    pub(crate) async fn put_alone(&self, frame: Vec<u8>, before: impl FnOnce()) {
        let pipe = self.pipe.get().filter(|_| frame.len() <= AT_ONCE_BYTES);
        match pipe.filter(|_| self.begin_directly(frame.len())) {
            Some(pipe) => {
                before();
                self.write_alone(pipe, frame);
            }
            None => self.put_wait(frame, before).await,
        }
    }

    /// Become the writer, where there is nothing to write.
    fn begin_directly(&self, bytes: usize) -> bool {
        let mut state = self.state();
        let is_free = !state.sealed && !state.is_busy && state.bytes == 0;
        if is_free {
            state.bytes = bytes;
            state.is_busy = true;
        }
        is_free
    }

    fn write_alone(&self, pipe: &File, frame: Vec<u8>) {
        let is_written = write_at_once(pipe, &frame);
        let mut state = self.state();
        Self::end_directly(&mut state, frame, is_written);
        if state.bytes > 0 || state.sealed {
            self.tell(&state);
        }
    }

    fn end_directly(state: &mut State, piece: Vec<u8>, is_written: bool) {
        state.is_busy = false;
        if is_written {
            state.bytes = state.bytes.saturating_sub(piece.len());
        } else if !state.lost {
            state.queue.push_front(piece);
        }
    }

    fn tell(&self, state: &State) {
        if state.waiting > 0 {
            self.changed.notify_all();
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
            self.tell(state);
        }
    }

    fn seal(&self, state: &mut State) {
        state.sealed = true;
        self.tell(state);
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
            let first = if state.is_busy { None } else { state.queue.pop_front() };
            let Some(first) = first else {
                if state.sealed && !state.is_busy {
                    return true;
                }
                state.waiting += 1;
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.waiting -= 1;
                continue;
            };
            let piece = join(first, &mut state.queue);
            state.is_busy = true;
            drop(state);
            let written = to.write_all(&piece).and_then(|()| to.flush());
            state = self.state();
            state.is_busy = false;
            if written.is_err() {
                self.lose(&mut state);
            }
            state.bytes = state.bytes.saturating_sub(piece.len());
            self.tell(&state);
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
            state.waiting += 1;
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
            state.waiting -= 1;
        }
    }
}

/// Write a short frame whole, where the pipe has room for it.
fn write_at_once(pipe: &File, frame: &[u8]) -> bool {
    let mut ends = [PollFd::new(pipe, PollFlags::OUT)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    let has_room = poll(&mut ends, Some(&now)).is_ok_and(|ready| ready == 1) && ends[0].revents() == PollFlags::OUT;
    let mut pipe = pipe;
    // What a pipe cannot take now is left to the writer, errors too: it knows what they mean.
    has_room && pipe.write(frame).is_ok_and(|written| written == frame.len())
}

/// Take from the front of the queue what goes into one write. A large frame goes alone: joining would only copy it.
fn join(mut first: Vec<u8>, queue: &mut VecDeque<Vec<u8>>) -> Vec<u8> {
    while queue.front().is_some_and(|frame| first.len() + frame.len() <= BATCH_BYTES)
        && let Some(frame) = queue.pop_front()
    {
        first.extend_from_slice(&frame);
    }
    first
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read, Write};
    use std::sync::Arc;
    use std::thread::spawn;

    use super::{AT_ONCE_BYTES, Outbox};

    fn outbox() -> (Arc<Outbox>, File, File) {
        let (read, write) = rustix::pipe::pipe().unwrap();
        let outbox = Outbox::default();
        outbox.write_directly(File::from(write.try_clone().unwrap()));
        (Arc::new(outbox), File::from(read), File::from(write))
    }

    #[tokio::test]
    async fn a_short_frame_alone_is_written_by_whoever_has_it() {
        let (outbox, mut read, write) = outbox();
        // Nobody runs the outbox, so nobody else writes.
        outbox.put_alone(b"{}\n".to_vec(), || ()).await;
        outbox.put_alone(b"[]\n".to_vec(), || ()).await;
        outbox.put_alone(vec![b'x'; AT_ONCE_BYTES + 1], || ()).await;
        outbox.put_alone(b"waits\n".to_vec(), || ()).await;
        drop(write);
        assert_eq!(contents(&mut read), b"{}\n[]\n");
    }

    fn contents(read: &mut File) -> Vec<u8> {
        let mut now = [0; 2 * AT_ONCE_BYTES];
        let count = read.read(&mut now).unwrap();
        now[..count].to_vec()
    }

    #[tokio::test]
    async fn what_a_full_pipe_does_not_take_waits_for_the_writer_in_its_place() {
        let (outbox, mut read, mut write) = outbox();
        let filler = rustix::pipe::fcntl_getpipe_size(&write).unwrap();
        write.write_all(&vec![b' '; filler]).unwrap();
        outbox.put_alone(b"first\n".to_vec(), || ()).await;
        outbox.put_alone(b"second\n".to_vec(), || ()).await;
        let writer = Arc::clone(&outbox);
        let written = spawn(move || writer.run(write));
        outbox.seal_now();
        let mut all = vec![0; filler + b"first\nsecond\n".len()];
        read.read_exact(&mut all).unwrap();
        assert_eq!(&all[filler..], b"first\nsecond\n");
        assert!(written.join().unwrap());
    }
}
