//! Owns the module's log: structured lines on standard error as the hub reads them (HUB-LOG-1); must not know calls.

use std::io::Write;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value, json};

pub use crate::types::Level;

/// Where the hub cuts a line: cut JSON is no JSON, so lines stay below it by themselves.
const MAX_LINE_BYTES: usize = 8 * 1024;

/// Leaves room for a message and the text of an error beside each other.
const MAX_TEXT_BYTES: usize = 3 * 1024;

/// Fits a line even where each of its bytes is written as an escape of six.
const MAX_ESCAPED_BYTES: usize = 1024;

type Sink = Arc<Mutex<Box<dyn Write + Send>>>;

/// Writes a line of JSON for each record. It drops nothing: levels are the operator's to choose.
///
/// A plain `eprintln!` is a line of log too; this one keeps its level and its fields.
#[derive(Clone)]
pub struct Log {
    sink: Sink,
    fields: Map<String, Value>,
}

impl Log {
    /// Log to standard error, as a module does.
    pub fn stderr() -> Self {
        Self::to(std::io::stderr())
    }

    /// Log to anything else.
    pub fn to(sink: impl Write + Send + 'static) -> Self {
        Self { sink: Arc::new(Mutex::new(Box::new(sink))), fields: Map::new() }
    }

    /// Return the same log with a field more on each line. Never a secret (HUB-LOG-2).
    pub fn with(&self, name: &str, value: impl Into<Value>) -> Self {
        let mut fields = self.fields.clone();
        fields.insert(name.to_owned(), value.into());
        Self { sink: Arc::clone(&self.sink), fields }
    }

    /// Write what only matters to whoever looks for a mistake.
    pub fn debug(&self, message: &str) {
        self.write(Level::Debug, message);
    }

    /// Write what happens.
    pub fn info(&self, message: &str) {
        self.write(Level::Info, message);
    }

    /// Write what may become a problem.
    pub fn warning(&self, message: &str) {
        self.write(Level::Warning, message);
    }

    /// Write what is a problem.
    pub fn error(&self, message: &str) {
        self.write(Level::Error, message);
    }

    /// Write one line in one write. A log that nobody reads any more is no error.
    pub fn write(&self, level: Level, message: &str) {
        let line = self.line(level, message);
        let mut sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = sink.write_all(line.as_bytes()).and_then(|()| sink.flush());
    }

    fn line(&self, level: Level, message: &str) -> String {
        let mut record = json!({"level": level, "message": cut(message, MAX_TEXT_BYTES)});
        if !self.fields.is_empty() {
            let fields = self.fields.iter().map(|(name, value)| (name.clone(), cut_value(value)));
            record["fields"] = Value::Object(fields.collect());
        }
        let line = format!("{record}\n");
        if line.len() <= MAX_LINE_BYTES {
            return line;
        }
        format!("{}\n", json!({"level": level, "message": cut(message, MAX_ESCAPED_BYTES), "fields": {"cut": true}}))
    }
}

/// How many notes wait for a log that is not read; more are dropped.
const MOST_NOTES: usize = 64;

/// Writes for threads that may not wait: where nobody reads standard error, writing there never ends.
pub(crate) struct Notes(SyncSender<(Log, Level, String)>);

impl Notes {
    pub(crate) fn new() -> std::io::Result<Self> {
        let (notes, taken) = sync_channel::<(Log, Level, String)>(MOST_NOTES);
        let write = move || taken.into_iter().for_each(|(log, level, message)| log.write(level, &message));
        std::thread::Builder::new().name("notes".into()).spawn(write)?;
        Ok(Self(notes))
    }

    pub(crate) fn write(&self, log: Log, level: Level, message: &str) {
        let _ = self.0.try_send((log, level, message.to_owned()));
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Log").field("fields", &self.fields).finish_non_exhaustive()
    }
}

fn cut_value(value: &Value) -> Value {
    value.as_str().map_or_else(|| value.clone(), |text| cut(text, MAX_TEXT_BYTES).into())
}

/// Cut between characters.
fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(most)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_stays_json_within_what_the_hub_keeps() {
        let log = Log::to(std::io::sink()).with("a", "ü".repeat(5000)).with("b", "\u{1}".repeat(3000));
        for message in ["x".repeat(100_000), "ü".repeat(4000), "\u{1}".repeat(1500)] {
            let line = log.line(Level::Error, &message);
            assert!(line.len() <= MAX_LINE_BYTES, "{}", line.len());
            let read: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(read["level"], "error");
        }
    }
}
