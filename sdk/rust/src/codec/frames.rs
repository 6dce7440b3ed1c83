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
        while let Some(end) = data.iter().position(|&byte| byte == b'\n') {
            self.hold(&data[..end], limit());
            data = &data[end + 1..];
            if let Some(line) = self.finish() {
                each(line);
            }
        }
        self.hold(data, limit());
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
