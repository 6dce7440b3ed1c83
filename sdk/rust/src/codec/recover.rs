//! Owns what a frame that is not JSON still tells (HUB-ID-5): its id, and whether it was meant as a request. In linear time.

use super::limits::HEAD_BYTES;
use super::messages::Id;
use super::read::read_json;
use super::scan::tokens;

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Recovered {
    pub(crate) id: Option<Id>,
    pub(crate) has_method: bool,
}

/// Read the outermost object of the beginning of a broken frame.
pub(crate) fn recover(text: &[u8]) -> Recovered {
    let head = &text[..text.len().min(HEAD_BYTES)];
    let mut depth = 0_i64;
    let mut name: &[u8] = b"";
    let mut after_colon = false;
    let mut ids = Vec::new();
    let mut has_method = false;
    for token in tokens(head) {
        match token {
            b"{" | b"[" => depth += 1,
            b"}" | b"]" => depth -= 1,
            b":" => {}
            value if depth == 1 && after_colon => match name {
                b"\"id\"" => ids.push(value),
                b"\"method\"" => has_method = true,
                _ => {}
            },
            other if depth == 1 => name = other,
            _ => {}
        }
        after_colon = depth == 1 && token == b":";
    }
    // One id only: of two nobody knows which was meant. And a checked one: half an id is none.
    let id = match ids[..] {
        [only] => read_json(only).ok().as_ref().and_then(Id::read),
        _ => None,
    };
    Recovered { id, has_method }
}
