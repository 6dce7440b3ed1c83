//! Owns a module as a child process, with a bound for every wait. Knows no test.
#![allow(dead_code, reason = "each of the tests that use it needs another part of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::AsRawFd;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

use hub_sdk::{Value, json};
use rustix::process::{Pid, Signal, kill_process};

const BOUND: Duration = Duration::from_secs(5);

/// How a module ended.
#[derive(Debug)]
pub struct Ended {
    /// What it wrote before, and nobody had read.
    pub rest: Vec<Value>,
    pub status: Option<i32>,
    pub stderr: String,
    /// Since the wait began.
    pub took: Duration,
}

pub struct Module {
    process: Child,
    input: Option<ChildStdin>,
    lines: Receiver<Value>,
    stderr: Option<JoinHandle<String>>,
    last: i64,
    /// What the two pipes of the protocol are called in /proc.
    pub pipes: [String; 2],
}

fn name_of(pipe: &impl AsRawFd) -> String {
    let link = std::fs::read_link(format!("/proc/self/fd/{}", pipe.as_raw_fd()));
    link.map(|target| target.display().to_string()).unwrap_or_default()
}

impl Module {
    /// Start this very program as the module.
    pub fn myself() -> Self {
        let mut command = Command::new(std::env::current_exe().expect("a path"));
        command.arg("module");
        Self::start(&mut command)
    }

    /// Start an example of this crate, and initialise it.
    pub fn example(name: &str, config: &Value) -> Self {
        let mut module = Self::start(&mut Self::command(name));
        module.initialise(config);
        module
    }

    /// Return the command of an example of this crate.
    pub fn command(name: &str) -> Command {
        // This program lies in `deps`, beside `examples`.
        let own = std::env::current_exe().expect("a path");
        let path = own.parent().and_then(std::path::Path::parent).expect("a place").join("examples").join(name);
        assert!(path.exists(), "cannot find {}: run `cargo build --examples`, or `cargo test` without --test", path.display());
        Command::new(path)
    }

    pub fn start(command: &mut Command) -> Self {
        let mut module = Self::start_unheard(command);
        let mut errors = module.process.stderr.take().expect("a pipe");
        module.stderr = Some(spawn(move || {
            let mut text = Vec::new();
            let _ = errors.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        }));
        module
    }

    /// Start a module whose standard error nobody reads.
    pub fn start_unheard(command: &mut Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("a process");
        let output = process.stdout.take().expect("a pipe");
        let output_name = name_of(&output);
        let (lines, received) = channel();
        spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                let message = serde_json::from_slice(&line).unwrap_or_else(|_| String::from_utf8_lossy(&line).into());
                if lines.send(message).is_err() {
                    return;
                }
            }
        });
        let input = process.stdin.take().expect("a pipe");
        let pipes = [name_of(&input), output_name];
        Self { input: Some(input), process, lines: received, stderr: None, last: 0, pipes }
    }

    /// Wait until nothing more fits into the pipe of standard error.
    pub fn wait_for_full_log(&self) {
        let log = self.process.stderr.as_ref().expect("a log that nobody reads");
        let start = Instant::now();
        let (mut held, mut times) = (0, 0);
        while times < 10_000 {
            assert!(start.elapsed() < BOUND, "{held} bytes fill the pipe");
            let now = rustix::io::ioctl_fionread(log).expect("a pipe");
            times = if now == held && now > 0 { times + 1 } else { 0 };
            held = now;
            std::thread::yield_now();
        }
    }

    pub fn initialise(&mut self, config: &Value) {
        let features = ["cancel", "concurrent", "context", "host_services", "progress"];
        let info = self.call("module_info", &json!({"protocol_versions": [1], "features": features}));
        assert!(info["result"]["name"].is_string(), "{info}");
        let init = self.call("module_init", &json!({"config": config, "data_directory": std::env::temp_dir()}));
        assert_eq!(init["result"], json!({}), "{init}");
    }

    pub fn write(&mut self, bytes: &[u8]) {
        // A module that ended is noticed by whoever waits for its answer.
        let _ = self.input.as_mut().map(|input| input.write_all(bytes));
    }

    pub fn send(&mut self, message: &Value) {
        self.write(format!("{message}\n").as_bytes());
    }

    /// Send a request and return its id.
    pub fn begin(&mut self, method: &str, params: &Value) -> i64 {
        self.last += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": self.last, "method": method, "params": params}));
        self.last
    }

    /// Send a request and wait for its answer, which must be the next message.
    pub fn call(&mut self, method: &str, params: &Value) -> Value {
        let id = self.begin(method, params);
        let answer = self.next().unwrap_or_else(|why| panic!("{method}: {why}"));
        assert_eq!(answer["id"], json!(id), "{answer} is no answer to {method}");
        answer
    }

    /// Send a request and wait for its answer, whatever else comes before it.
    pub fn answer_to(&mut self, method: &str) -> Value {
        let id = self.begin(method, &json!({}));
        std::iter::repeat_with(|| self.next().expect("an answer")).find(|message| message["id"] == id).expect("no end")
    }

    /// Begin a function that reports progress as soon as it works, and wait for that.
    pub fn begin_for_sure(&mut self, function: &str) -> i64 {
        let id = self.begin(function, &json!({}));
        let report = self.next().expect("a report");
        assert_eq!((&report["method"], &report["params"]["id"]), (&json!("$/progress"), &json!(id)), "{report}");
        id
    }

    pub fn cancel(&mut self, id: i64) {
        self.send(&json!({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": id}}));
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.process);
        kill_process(pid, signal).expect("a process to signal");
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

    /// Wait for the end.
    pub fn ended(&mut self) -> Result<Ended, String> {
        let mut rest = Vec::new();
        let start = Instant::now();
        while let Ok(message) = self.lines.recv_timeout(BOUND.saturating_sub(start.elapsed())) {
            rest.push(message);
        }
        let took = start.elapsed();
        if took >= BOUND {
            return Err("the module does not end".into());
        }
        // Its output is closed, so it is about to end.
        let status = self.process.wait().map_err(|error| error.to_string())?.code();
        let stderr = self.stderr.take().and_then(|reader| reader.join().ok()).unwrap_or_default();
        Ok(Ended { rest, status, stderr, took })
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
