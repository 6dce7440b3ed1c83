//! Owns the module under test as a child process, with a bound for every wait. Knows no vectors.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use hub_sdk::Value;

const BOUND: Duration = Duration::from_secs(5);

pub struct Module {
    process: Child,
    input: Option<ChildStdin>,
    lines: Receiver<Value>,
}

impl Module {
    /// Start this very program as the module.
    pub fn start() -> Self {
        let mut command = Command::new(std::env::current_exe().expect("a path"));
        command.arg("module").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("a process");
        let output = process.stdout.take().expect("a pipe");
        let (lines, received) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                let message = serde_json::from_slice(&line).unwrap_or_else(|_| String::from_utf8_lossy(&line).into());
                if lines.send(message).is_err() {
                    return;
                }
            }
        });
        Self { input: process.stdin.take(), process, lines: received }
    }

    pub fn write(&mut self, bytes: &[u8]) {
        // A module that ended is noticed by whoever waits for its answer.
        let _ = self.input.as_mut().map(|input| input.write_all(bytes));
    }

    pub fn send(&mut self, message: &Value) {
        self.write(format!("{message}\n").as_bytes());
    }

    pub fn end_input(&mut self) {
        self.input = None;
    }

    /// Wait for the next message; what is no JSON comes as a string.
    pub fn next(&self) -> Result<Value, String> {
        self.lines.recv_timeout(BOUND).map_err(|error| match error {
            RecvTimeoutError::Timeout => format!("nothing came within {} seconds", BOUND.as_secs()),
            RecvTimeoutError::Disconnected => "the module closed its standard output".to_owned(),
        })
    }

    /// Wait for the end. Return what else was written before it, and the exit status.
    pub fn ended(&mut self) -> Result<(Vec<Value>, Option<i32>), String> {
        let mut rest = Vec::new();
        let start = Instant::now();
        while let Ok(message) = self.lines.recv_timeout(BOUND.saturating_sub(start.elapsed())) {
            rest.push(message);
        }
        if start.elapsed() >= BOUND {
            return Err("the module does not end".into());
        }
        // Its output is closed, so it is about to end.
        let status = self.process.wait().map_err(|error| error.to_string())?;
        Ok((rest, status.code()))
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
