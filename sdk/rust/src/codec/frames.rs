//! Owns how lines are cut out of the hub's stream (HUB-FRAME-1 to 4, 11, 12); must not know what is in them.

use super::limits::HEAD_BYTES;

/// One line of the stream without its line feed.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// A line within the frame limit.
    Whole(Vec<u8>),
    /// A line that was skipped because it is longer than the limit, with its beginning.
    Overlong(Vec<u8>),
}

/// Puts lines together from any pieces. It holds at most one line, and looks at each byte once.
#[derive(Debug, Default)]
pub struct Splitter {
    held: Vec<u8>,
    skipping: bool,
}

impl Splitter {
    /// Take the next bytes of the stream and hand on the lines that they complete, blank ones left out (HUB-FRAME-3).
    /// `limit` is asked again and again, because a line may change it for the next.
    pub fn feed(&mut self, mut data: &[u8], limit: impl Fn() -> usize, mut each: impl FnMut(Line)) {
        while let Some(line) = self.cut(&mut data, limit()) {
            each(line);
        }
    }

    /// Take the next line off the bytes; where there is none, all of them.
    pub(crate) fn cut(&mut self, data: &mut &[u8], limit: usize) -> Option<Line> {
        while let Some(end) = line_end(data) {
            self.hold(&data[..end], limit);
            *data = &data[end + 1..];
            if let Some(line) = self.finish() {
                return Some(line);
            }
        }
        self.hold(std::mem::take(data), limit);
        None
    }

    fn hold(&mut self, piece: &[u8], limit: usize) {
        if !self.skipping && self.held.len() + piece.len() <= limit {
            self.held.extend_from_slice(piece);
            return;
        }
        if !self.skipping {
            self.skipping = true;
            self.held.truncate(HEAD_BYTES);
            self.held.shrink_to_fit();
        }
        let room = HEAD_BYTES - self.held.len();
        self.held.extend_from_slice(&piece[..piece.len().min(room)]);
    }

    fn finish(&mut self) -> Option<Line> {
        let text = std::mem::take(&mut self.held);
        if std::mem::take(&mut self.skipping) {
            return Some(Line::Overlong(text));
        }
        let blank = text.iter().all(|byte| b" \t\r".contains(byte));
        (!blank).then_some(Line::Whole(text))
    }
}

/// How many bytes are looked at in one go: the compiler makes few instructions of it.
const STRIDE: usize = 32;

fn line_end(data: &[u8]) -> Option<usize> {
    // Counted and not searched: what may stop in the middle takes byte after byte.
    let has_end = |stride: &[u8]| stride.iter().map(|&byte| u8::from(byte == b'\n')).sum::<u8>() > 0;
    let clear = data.chunks_exact(STRIDE).take_while(|stride| !has_end(stride)).count() * STRIDE;
    data[clear..].iter().position(|&byte| byte == b'\n').map(|at| clear + at)
}
