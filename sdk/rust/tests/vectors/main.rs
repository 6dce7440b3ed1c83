//! Runs the vectors of the protocol where they are, and prints how many passed. Started as `vectors module` it is the module under test.

#[path = "../child.rs"]
mod child;
mod frames;
mod inputs;
mod messages;
mod module;
mod patterns;
mod reject;
mod sessions;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;

/// What became of one case.
pub enum Verdict {
    /// It is as it should be.
    Passed,
    /// It is not, for this reason.
    Failed(String),
    /// It is no business of this SDK, for this reason.
    Skipped(&'static str),
}

impl From<Result<(), String>> for Verdict {
    fn from(result: Result<(), String>) -> Self {
        result.map_or_else(Self::Failed, |()| Self::Passed)
    }
}

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/v1/vectors")
}

/// Return the cases of a file, or of each file of a folder.
fn cases(place: &str) -> Vec<(String, Value)> {
    let path = vectors().join(place);
    let mut files: Vec<PathBuf> = if path.is_dir() {
        std::fs::read_dir(&path).expect("the folder of vectors").map(|entry| entry.expect("a file").path()).collect()
    } else {
        vec![path]
    };
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let text = std::fs::read(&file).expect("a file of vectors");
        let mut read: Value = serde_json::from_slice(&text).expect("JSON");
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let Value::Array(found) = read["cases"].take() else { panic!("{stem} has no cases") };
        cases.extend(found.into_iter().map(|case| (format!("{stem}/{}", case["id"].as_str().expect("an id")), case)));
    }
    assert!(!cases.is_empty(), "there are no cases in {place}");
    cases
}

/// Run the cases of one kind. Return whether all passed.
fn run(kind: &str, place: &str, judge: fn(&Value) -> Verdict) -> bool {
    let (mut passed, mut failed, mut skipped) = (0, 0, Vec::new());
    for (name, case) in cases(place) {
        match judge(&case) {
            Verdict::Passed => passed += 1,
            Verdict::Failed(why) => {
                failed += 1;
                println!("FAILED {kind} {name}: {why}");
            }
            Verdict::Skipped(why) => skipped.push(why),
        }
    }
    skipped.sort_unstable();
    println!("{kind} vectors: {passed} passed, {failed} failed");
    for why in skipped.chunk_by(PartialEq::eq) {
        println!("{kind} vectors: {} skipped: {}", why.len(), why[0]);
    }
    failed == 0
}

/// Its name, where its files are, and what judges a case.
type Kind = (&'static str, &'static str, fn(&Value) -> Verdict);

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("module") {
        module::module().run();
    }
    let kinds: [Kind; 4] = [
        ("frames", "frames", frames::judge),
        ("messages", "messages", messages::judge),
        ("reject", "reject/to_module.json", reject::judge),
        ("sessions", "sessions", sessions::judge),
    ];
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let chosen = kinds.into_iter().filter(|(kind, ..)| wanted.is_empty() || wanted.iter().any(|name| name == kind));
    let outcomes: Vec<bool> = chosen.map(|(kind, place, judge)| run(kind, place, judge)).collect();
    if outcomes.into_iter().all(|passed| passed) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
