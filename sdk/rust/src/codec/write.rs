//! Owns the frames that a module writes: compact, on one line, members in the order that the specification promises. What it is given
//! must be JSON on one line already.

use super::messages::{ErrorObject, Id};

const HEAD: &[u8] = br#"{"jsonrpc":"2.0""#;

/// Return the frame of a request, with its line feed like all of these.
pub(crate) fn request(id: &Id, method: &str, params: &[u8]) -> Vec<u8> {
    frame(&[br#","id":"#, &id_text(Some(id)), br#","method":"#, &string(method), br#","params":"#, params])
}

/// Return the frame of a notification.
pub(crate) fn notification(method: &str, params: &[u8]) -> Vec<u8> {
    frame(&[br#","method":"#, &string(method), br#","params":"#, params])
}

/// Return the frame of the good answer to a request.
pub(crate) fn result(id: &Id, result: &[u8]) -> Vec<u8> {
    frame(&[br#","id":"#, &id_text(Some(id)), br#","result":"#, result])
}

/// Return the frame of the bad answer to a request, or to something whose id could not be read.
pub(crate) fn error(id: Option<&Id>, error: &ErrorObject) -> Vec<u8> {
    frame(&[br#","id":"#, &id_text(id), br#","error":"#, error.json().to_string().as_bytes()])
}

fn frame(pieces: &[&[u8]]) -> Vec<u8> {
    let payload: usize = pieces.iter().map(|piece| piece.len()).sum();
    let mut frame = Vec::with_capacity(HEAD.len() + payload + b"}\n".len());
    frame.extend_from_slice(HEAD);
    for piece in pieces {
        frame.extend_from_slice(piece);
    }
    frame.extend_from_slice(b"}\n");
    frame
}

fn id_text(id: Option<&Id>) -> Vec<u8> {
    match id {
        None => b"null".to_vec(),
        Some(Id::Integer(integer)) => integer.to_string().into_bytes(),
        Some(Id::Text(text)) => string(text),
    }
}

fn string(text: &str) -> Vec<u8> {
    serde_json::Value::from(text).to_string().into_bytes()
}
