//! Owns how a JSON value becomes the type that an author wants, or an error that says where it does not fit; must not know functions.

use std::fmt::Write;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::types::InvalidArgument;

/// Make a T of a value that stands at `place`, a JSON pointer.
pub(crate) fn bind<T: DeserializeOwned>(value: Value, place: &str) -> Result<T, InvalidArgument> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let pointer = format!("{place}{}", pointer_of(error.path()));
        InvalidArgument::at(pointer, &without_value(&error.inner().to_string()))
    })
}

fn pointer_of(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        let written = match segment {
            Segment::Seq { index } => write!(pointer, "/{index}"),
            Segment::Map { key } => write!(pointer, "/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { .. } | Segment::Unknown => Ok(()),
        };
        debug_assert!(written.is_ok(), "writing to a String does not fail");
    }
    pointer
}

/// serde shows the value in its message, and an answer must not (HUB-LOG-2): of `invalid type: string "x", expected u8` the end is kept.
fn without_value(message: &str) -> String {
    let shows = ["invalid type: ", "invalid value: ", "invalid length ", "unknown variant "];
    match message.rsplit_once(", expected ") {
        Some((before, expected)) if shows.iter().any(|start| before.starts_with(start)) => format!("must be {expected}"),
        _ => message.to_owned(),
    }
}
