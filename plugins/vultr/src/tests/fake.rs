//! Owns a service that answers what a test tells it to, and remembers what it was asked; must not judge.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use hub_sdk::{Value, json};

/// What becomes of one request.
#[derive(Clone)]
pub enum Turn {
    /// A whole answer.
    Answer(String),
    /// So much, and then the connection is closed.
    Cut(String),
    /// Nothing, until the client closes the connection.
    Silence,
    /// An answer without end.
    Flood,
}

/// One request as it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub line: String,
    pub token: String,
    pub body: String,
}

#[derive(Default)]
struct State {
    turns: VecDeque<Turn>,
    asked: Vec<Asked>,
    /// Requests whose client closed the connection before there was an answer.
    gone: usize,
}

/// Answers `{}` where it was not told anything else.
pub struct Fake {
    state: Arc<Mutex<State>>,
    address: SocketAddr,
}

impl Fake {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        // It ends with the process; a test has nothing to wait for.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                thread::spawn(move || serve(&state, &stream));
            }
        });
        Self { state, address }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Have the next requests answered so.
    pub fn will(&self, turns: impl IntoIterator<Item = Turn>) {
        self.state().turns.extend(turns);
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.state().asked.clone()
    }

    pub fn gone(&self) -> usize {
        self.state().gone
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(state: &Mutex<State>, stream: &TcpStream) {
    let mut reader = BufReader::new(stream);
    let Some(asked) = read(&mut reader) else { return };
    let turn = {
        let mut state = lock(state);
        state.asked.push(asked);
        state.turns.pop_front()
    };
    let mut writer = stream;
    // A client that has gone is no fault of the service.
    let _ = match turn.unwrap_or_else(|| answer(200, &json!({}))) {
        Turn::Answer(text) | Turn::Cut(text) => writer.write_all(text.as_bytes()),
        Turn::Silence => reader.read(&mut [0]).map(|read| lock(state).gone += usize::from(read == 0)),
        Turn::Flood => {
            let head = "HTTP/1.1 200 OK\r\n\r\n";
            writer.write_all(head.as_bytes()).and_then(|()| loop_writing(writer))
        }
    };
    let _ = stream.shutdown(Shutdown::Both);
}

fn loop_writing(mut writer: &TcpStream) -> std::io::Result<()> {
    let piece = vec![b'x'; 1 << 20];
    loop {
        writer.write_all(&piece)?;
    }
}

fn read(reader: &mut impl BufRead) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|size| *size > 0)?;
    let (mut token, mut size) = (String::new(), 0);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => value.clone_into(&mut token),
            "content-length" => size = value.parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; size];
    reader.read_exact(&mut body).ok()?;
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    Some(Asked { line, token, body: String::from_utf8_lossy(&body).into_owned() })
}

/// Answer with JSON.
pub fn answer(status: u16, value: &Value) -> Turn {
    answer_with(status, value, "")
}

/// Answer with JSON, and with lines of headers that end in `\r\n`.
pub fn answer_with(status: u16, value: &Value, headers: &str) -> Turn {
    let body = value.to_string();
    Turn::Answer(format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len()))
}

/// Answer with an error as the service words it.
pub fn complaint(status: u16, words: &str) -> Turn {
    answer(status, &json!({"error": words, "status": status}))
}

/// Close the connection without a word.
pub fn cut() -> Turn {
    Turn::Cut(String::new())
}

/// Close the connection within the body.
pub fn cut_in_body() -> Turn {
    Turn::Cut("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"instances\":".to_owned())
}

/// A page of a list; `next` is the cursor of the one after it.
pub fn page(word: &str, items: &Value, next: &str) -> Turn {
    answer(200, &json!({word: items, "meta": {"total": 9, "links": {"next": next, "prev": ""}}}))
}
