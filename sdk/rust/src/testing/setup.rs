//! Owns how a test begins: what the pretended hub gives to the module, and the module's threads; must not know what is tested.

use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};
use tokio::runtime;

use super::services::Services;
use super::wire::{Output, Wire};
use super::{CallError, TestHub};
use crate::codec::MAX_FRAME_BYTES;
use crate::log::{Log, Notes};
use crate::serve::receive::Receiver;
use crate::serve::session::{Session, World};
use crate::serve::{Module, bind};
use crate::types::{BadModule, CallContext, FEATURES, PROTOCOL_VERSION};

/// Why a module did not come to run.
#[derive(Debug, Clone, PartialEq)]
pub enum NotRunning {
    /// It is written in a way that cannot work.
    BadModule(BadModule),
    /// It disabled itself, for this reason.
    Disabled(String),
    /// It answered with an error.
    Failed(CallError),
}

impl fmt::Display for NotRunning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadModule(problems) => problems.fmt(out),
            Self::Disabled(reason) => write!(out, "it disabled itself: {reason}"),
            Self::Failed(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for NotRunning {}

impl From<CallError> for NotRunning {
    fn from(error: CallError) -> Self {
        Self::Failed(error)
    }
}

/// What the pretended hub gives to the module. Without more: no configuration, an empty store, everything else refused.
pub struct Setup {
    module: Module,
    config: Value,
    data_directory: Option<PathBuf>,
    features: Vec<String>,
    context: CallContext,
    services: Services,
}

impl Setup {
    /// Begin with a module.
    pub fn new(module: Module) -> Self {
        let features = FEATURES.map(ToOwned::to_owned).to_vec();
        let (config, context, services) = (json!({}), CallContext::default(), Services::default());
        Self { module, config, data_directory: None, features, context, services }
    }

    /// Set the configuration, an object.
    pub fn config(self, config: Value) -> Self {
        Self { config, ..self }
    }

    /// Set the module's directory, which else is a temporary one.
    pub fn data_directory(self, directory: impl Into<PathBuf>) -> Self {
        Self { data_directory: Some(directory.into()), ..self }
    }

    /// Set what the hub offers, which else is everything.
    pub fn features<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { features: names.into_iter().map(ToOwned::to_owned).collect(), ..self }
    }

    /// Set what goes with each call.
    pub fn context(self, context: CallContext) -> Self {
        Self { context, ..self }
    }

    /// Set what answers `hub.call`: an address and arguments come in.
    pub fn on_call(
        mut self,
        answer: impl Fn(&str, &Map<String, Value>) -> Result<Value, CallError> + Send + Sync + 'static,
    ) -> Self {
        self.services.on_call = Some(Box::new(answer));
        self
    }

    /// Set what answers `hub.ask`: a message and a schema come in; None declines.
    pub fn on_ask(mut self, answer: impl Fn(&str, &Map<String, Value>) -> Option<Value> + Send + Sync + 'static) -> Self {
        self.services.on_ask = Some(Box::new(answer));
        self
    }

    /// Put something into the module's store.
    pub fn stored(self, key: &str, value: Value) -> Self {
        if let Ok(mut kept) = self.services.kept.lock() {
            kept.insert(key.to_owned(), value);
        }
        self
    }

    /// Put something into what is kept for an account; that of a call without a name is `default`.
    pub fn credential(self, account: &str, name: &str, value: Value) -> Self {
        self.services.of_account(account, |kept| kept.insert(name.to_owned(), value));
        self
    }

    /// Run the module.
    ///
    /// # Errors
    /// `NotRunning` says why it did not come to run.
    ///
    /// # Panics
    /// When this machine has no thread or no directory to give.
    pub fn start(self) -> Result<TestHub, NotRunning> {
        self.module.check().map_err(NotRunning::BadModule)?;
        let wire = Wire::new(self.services);
        let log = Arc::new(Mutex::new(Vec::new()));
        let handlers = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let errors = AtomicUsize::new(0);
        // A thread of its own, so that code that blocks all the others cannot keep a test from ending.
        let control = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let world = World {
            log: Log::to(Shared(Arc::clone(&log))),
            notes: Notes::new().expect("a thread"),
            new_id: Box::new(move || format!("e{}", errors.fetch_add(1, Ordering::Relaxed) + 1)),
            handlers: handlers.handle().clone(),
            control: control.handle().clone(),
            end: Box::new(|_| ()),
        };
        let session = Session::new(self.module, world);
        wire.connect(Receiver::new(&session));
        let (writer, output) = (Arc::clone(&session), Output::to(&wire));
        std::thread::spawn(move || writer.out.run(output));
        let temporary = self.data_directory.is_none().then(temporary_directory);
        let directory = self.data_directory.or_else(|| temporary.clone()).unwrap_or_default();
        let offer = json!({
            "protocol_versions": [PROTOCOL_VERSION], "features": self.features, "max_frame_bytes": MAX_FRAME_BYTES,
            "hub": {"name": "test-hub", "version": "1.0.0"},
        });
        let introduction = read(wire.ask("module_info", &offer, None).wait()?);
        let capabilities = read(wire.ask("capabilities", &json!({}), None).wait()?);
        let runtimes = [handlers, control];
        let hub = TestHub {
            wire,
            session,
            runtimes: runtimes.into(),
            introduction,
            capabilities,
            context: self.context,
            log,
            temporary,
        };
        let given = json!({"config": self.config, "data_directory": directory});
        let answer = hub.wire.ask("module_init", &given, None).wait()?;
        match answer.get("disable").and_then(Value::as_str) {
            Some(reason) => Err(NotRunning::Disabled(reason.to_owned())),
            None => Ok(hub),
        }
    }
}

fn read<T: serde::de::DeserializeOwned>(answer: Value) -> T {
    bind(answer, "").unwrap_or_else(|problem| panic!("the module's answer is of another form: {problem}"))
}

fn temporary_directory() -> PathBuf {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let directory = std::env::temp_dir().join(format!("hub-sdk-test-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a temporary directory");
    directory
}

struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        self.0.lock().map(|mut text| text.extend_from_slice(data)).unwrap_or_default();
        Ok(data.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
