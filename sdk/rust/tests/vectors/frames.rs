//! Owns the cases of frames: streams of bytes, and the values in them, read whole, byte by byte, and with more behind.

use hub_sdk::Value;
use hub_sdk::codec::{Line, MAX_FRAME_BYTES, Splitter, read_json};
use hub_sdk::types::equal;

use crate::Verdict;
use crate::inputs::bytes;

struct Read {
    accepted: Vec<Value>,
    rejected: u64,
}

pub fn judge(case: &Value) -> Verdict {
    if case["framing"] == "content-length" {
        return Verdict::Skipped("this SDK serves lines; Content-Length is for programs built on a library for it");
    }
    let input = bytes(&case["input"]);
    let limit = case["max_frame_bytes"].as_u64().map_or(MAX_FRAME_BYTES, |limit| usize::try_from(limit).expect("a size"));
    let behind = [&input[..], b"{\"json"].concat();
    let ways = [("at once", read([&input[..]], limit)), ("byte by byte", read(input.chunks(1), limit))];
    let last = ("with more behind", read([&behind[..]], limit));
    for (how, found) in ways.into_iter().chain([last]) {
        let outcomes = ["expected", "either", "module_may"].map(|name| &case[name]);
        if !outcomes.iter().any(|expected| fits(expected, &found)) {
            let (accepted, rejected) = (found.accepted.len(), found.rejected);
            return Verdict::Failed(format!("{how}: {accepted} accepted, {rejected} rejected: {:?}", found.accepted));
        }
    }
    Verdict::Passed
}

fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, limit: usize) -> Read {
    let mut found = Read { accepted: Vec::new(), rejected: 0 };
    let mut splitter = Splitter::default();
    for piece in pieces {
        splitter.feed(
            piece,
            || limit,
            |line| match line {
                Line::Whole(text) => match read_json(&text) {
                    Ok(value @ Value::Object(_)) => found.accepted.push(value),
                    _ => found.rejected += 1,
                },
                Line::Overlong(_) => found.rejected += 1,
            },
        );
    }
    found
}

fn fits(expected: &Value, found: &Read) -> bool {
    if expected.is_null() || expected["rejected"].as_u64() != Some(found.rejected) {
        return false;
    }
    let are = |wanted: &[Value]| {
        wanted.len() == found.accepted.len() && wanted.iter().zip(&found.accepted).all(|(wanted, found)| equal(wanted, found))
    };
    match (&expected["accepted"], &expected["accepted_texts"], &expected["accepted_count"]) {
        (Value::Array(values), ..) => are(values),
        (_, Value::Array(texts), _) => {
            let parse = |text: &Value| serde_json::from_str(text.as_str().expect("a text")).expect("JSON");
            are(&texts.iter().map(parse).collect::<Vec<Value>>())
        }
        (.., count) => count.as_u64() == Some(found.accepted.len() as u64),
    }
}
