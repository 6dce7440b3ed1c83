//! Owns the life of a module's process: descriptors, threads, signals, the end; must not know messages.

use std::collections::hash_map::RandomState;
use std::fs::File;
use std::hash::{BuildHasher, Hasher};
use std::io::{IsTerminal, Read, Write};
use std::process::exit;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{Builder, sleep};
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tokio::runtime;
use tokio::sync::oneshot;

use super::module::Module;
use super::receive::Receiver;
use super::session::{End, Session, World};
use super::stdio::{Pipe, claim, is_pipe};
use crate::log::{Log, Notes};
use crate::types::ModuleInfo;

/// When the process ends even if everything else is held up: less than a second after standard input ended (HUB-LIFE-4).
const EXIT_ANYHOW: Duration = Duration::from_millis(900);

/// What one read asks for: as much as a pipe holds.
const READ_BYTES: usize = 64 * 1024;

const EXIT_FAILURE: i32 = 1;

/// A person started the module by hand.
const EXIT_USAGE: i32 = 2;

/// "A mistake in my configuration: do not restart me" (HUB-LIFE-8).
pub const EXIT_DO_NOT_RESTART: i32 = 78;

impl Module {
    /// Serve the hub on standard input and output until the hub ends it, and end the process.
    ///
    /// Standard output is out of reach from here on: what the author's code, its libraries or its children print goes to the log.
    /// With the argument `--hub-info` it prints what the module says about itself.
    pub fn run(self) -> ! {
        let name = self.info.name.clone();
        if std::env::args().nth(1).is_some_and(|argument| argument == "--hub-info") {
            exit(self.print_info());
        }
        if let Err(problems) = self.check() {
            complain(&name, &problems.to_string());
            exit(EXIT_DO_NOT_RESTART);
        }
        if std::io::stdin().is_terminal() {
            eprintln!(
                "{name} is a module of the hub, which starts it by itself; try: hub plugin test . (or {name} --hub-info)"
            );
            exit(EXIT_USAGE);
        }
        match claim().and_then(|pipe| serve(self, pipe)) {
            Ok(never) => match never {},
            Err(error) => {
                complain(&name, &error.to_string());
                exit(EXIT_FAILURE)
            }
        }
    }

    fn print_info(&self) -> i32 {
        if let Err(problems) = self.check() {
            complain(&self.info.name, &problems.to_string());
            return EXIT_DO_NOT_RESTART;
        }
        let told = serde_json::json!({"module_info": ModuleInfo::of(&self.info), "capabilities": self.capabilities()});
        let written = writeln!(std::io::stdout(), "{told:#}");
        if written.is_ok() { 0 } else { EXIT_FAILURE }
    }
}

fn complain(name: &str, why: &str) {
    eprintln!("error: cannot start {name}: {why}");
}

enum Never {}

fn serve(module: Module, Pipe { input, output }: Pipe) -> std::io::Result<Never> {
    let log = Log::stderr();
    log_panics(&log);
    let (ends, end) = first_end()?;
    listen_to_signals(ends.clone())?;
    let handlers = runtime::Builder::new_multi_thread().thread_name("handler").enable_all().build()?;
    let control = runtime::Builder::new_current_thread().enable_all().build()?;
    let session = Session::new(
        module,
        World {
            log,
            notes: Notes::new()?,
            new_id: Box::new(correlation_id),
            handlers: handlers.handle().clone(),
            control: control.handle().clone(),
            end: Box::new({
                let ends = ends.clone();
                move |end| tell(&ends, end)
            }),
        },
    );
    if is_pipe(&output) {
        session.out.write_directly(output.try_clone()?);
    }
    let writer = Arc::clone(&session);
    let lost = ends.clone();
    named("writer").spawn(move || {
        if !writer.out.run(output) {
            tell(&lost, End::Lost);
        }
    })?;
    let receiver = Receiver::new(&session);
    named("reader").spawn(move || {
        read(input, receiver);
        tell(&ends, End::Eof);
    })?;
    control.block_on(async move {
        let end = end.await.unwrap_or(End::Terminated);
        session.close(end).await;
        exit(0)
    })
}

/// Tell an end. Where nobody listens any more, the process ends already.
fn tell(ends: &Sender<End>, end: End) {
    let _ = ends.send(end);
}

fn named(name: &str) -> Builder {
    Builder::new().name(name.into())
}

/// Read everything that the hub writes, until the end.
fn read(mut input: File, mut receiver: Receiver) {
    let mut buffer = vec![0; READ_BYTES];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => receiver.feed(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// Hand on the first end that is told, and end the process a little later whatever becomes of it. The thread is there from the start:
/// at the end there may be none to be had.
fn first_end() -> std::io::Result<(Sender<End>, oneshot::Receiver<End>)> {
    let (ends, told) = channel();
    let (hand_on, end) = oneshot::channel();
    named("end").spawn(move || {
        if let Ok(end) = told.recv() {
            let _ = hand_on.send(end);
            sleep(EXIT_ANYHOW);
            exit(0);
        }
    })?;
    Ok((ends, end))
}

/// Take SIGTERM as the end. SIGINT is for the hub, which gets it from the terminal too and decides; caught and not ignored, because
/// children would inherit that.
fn listen_to_signals(ends: Sender<End>) -> std::io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    named("signals").spawn(move || {
        for signal in signals.forever() {
            if signal == SIGTERM {
                tell(&ends, End::Terminated);
            }
        }
    })?;
    Ok(())
}

/// Log a panic as one line that keeps its level. What becomes of it is the business of whoever catches it.
fn log_panics(log: &Log) {
    let log = log.clone();
    std::panic::set_hook(Box::new(move |panic| {
        let text = super::failure::panic_text(panic.payload());
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let mut log = log.with("location", place);
        let stack = std::backtrace::Backtrace::capture();
        if stack.status() == std::backtrace::BacktraceStatus::Captured {
            log = log.with("stack", stack.to_string());
        }
        log.error(&format!("panic: {text}"));
    }));
}

fn correlation_id() -> String {
    // Each new state is seeded by chance; nothing secret hangs on it.
    format!("{:016x}", RandomState::new().build_hasher().finish())
}
