//! The tables of this crate are those of the protocol, which `schemas/v1/meta.json` has as data.

use hub_sdk::types::{FEATURES, PROTOCOL_VERSION, codes};
use hub_sdk::{Value, codec, serde_json};

fn meta() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/v1/meta.json");
    serde_json::from_slice(&std::fs::read(path).expect("meta.json")).expect("JSON")
}

#[test]
fn features_and_version_are_those_of_the_protocol() {
    let meta = meta();
    assert_eq!(meta["version"], PROTOCOL_VERSION);
    let mut names: Vec<&String> = meta["features"].as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, FEATURES);
}

#[test]
fn every_kind_has_its_code() {
    let meta = meta();
    let of_entry = |entry: &Value| (entry["kind"].as_str().unwrap().to_owned(), entry["code"].as_i64().unwrap());
    let mut shared: Vec<(String, i64)> = meta["errors"].as_array().unwrap().iter().map(of_entry).collect();
    let mut own: Vec<(String, i64)> = codes::KINDS.iter().map(|(kind, code)| ((*kind).to_owned(), *code)).collect();
    own.sort();
    shared.sort();
    assert_eq!(own, shared);
    let ranges = &meta["error_ranges"];
    let (lowest, highest) = (ranges["jsonrpc"]["minimum"].as_i64().unwrap(), ranges["hub"]["maximum"].as_i64().unwrap());
    assert!(!codes::is_own(lowest) && !codes::is_own(highest) && codes::is_own(lowest - 1) && codes::is_own(highest + 1));
}

#[test]
fn the_limits_are_those_of_the_protocol() {
    let limits = &meta()["limits"];
    for (name, own) in [
        ("max_frame_bytes", codec::MAX_FRAME_BYTES),
        ("max_nesting", codec::MAX_NESTING),
        ("max_method_chars", codec::MAX_METHOD_CHARS),
        ("max_id_chars", codec::MAX_ID_CHARS),
    ] {
        assert_eq!(limits[name], own, "{name}");
    }
    assert_eq!(limits["max_safe_integer"], codec::MAX_SAFE_INTEGER);
}
