//! Owns descriptors 0 and 1 of the process: it moves them where neither the author's code nor its children reach them (HUB-OUT-1). It must
//! not know what is read or written.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{FileType, Mode, OFlags, fcntl_getfl, fcntl_setfl, fstat, open};
use rustix::io::fcntl_dupfd_cloexec;
use rustix::stdio::{dup2_stdin, dup2_stdout};

/// Keeps clear of the three descriptors that have a meaning, also where one of them was closed.
const FIRST_PRIVATE: i32 = 3;

/// The protocol's two streams, on descriptors that children do not inherit.
pub(crate) struct Pipe {
    pub(crate) input: File,
    pub(crate) output: File,
}

/// Move the two streams. From then on descriptor 0 is empty and descriptor 1 is standard error: for Rust, for C libraries, for children.
pub(crate) fn claim() -> io::Result<Pipe> {
    let pipe = Pipe { input: private(io::stdin().as_fd())?, output: private(io::stdout().as_fd())? };
    let nothing = open("/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    dup2_stdin(&nothing)?;
    dup2_stdout(io::stderr().as_fd())?;
    Ok(pipe)
}

/// Return whether a short write to it is whole and does not wait, where there is room.
pub(crate) fn is_pipe(stream: &File) -> bool {
    fstat(stream).is_ok_and(|status| FileType::from_raw_mode(status.st_mode) == FileType::Fifo)
}

fn private(stream: BorrowedFd<'_>) -> io::Result<File> {
    let made = fcntl_dupfd_cloexec(stream, FIRST_PRIVATE)?;
    // A hub may leave its children pipes that do not block; a blocking read costs one thread, and needs no poller.
    fcntl_setfl(&made, fcntl_getfl(&made)? - OFlags::NONBLOCK)?;
    Ok(File::from(made))
}
