//! Owns a hub that is pretended: it runs a module in memory, for the tests of its author. It must not start a process.
//!
//! ```
//! # use hub_sdk::{Context, Error, Info, Module, NoArgs, json, testing::TestHub};
//! # fn module() -> Module {
//! #     let mut module = Module::new(Info::new("hello", "1.0.0").license("MIT").author("You"));
//! #     module.function("answer", async |_: Context, _: NoArgs| Ok::<_, Error>(42));
//! #     module
//! # }
//! let hub = TestHub::start(module());
//! assert_eq!(hub.call("answer", json!({})).unwrap(), json!(42));
//! hub.check_examples();
//! ```

mod pending;
mod services;
mod setup;
mod wire;

use std::borrow::Borrow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

pub use pending::{CallError, Pending};
pub use setup::{NotRunning, Setup};

use crate::serve::Module;
use crate::serve::session::{End, Session};
use crate::types::services::LogParams;
use crate::types::{CallContext, Capabilities, Example, ModuleInfo, check, equal};
use wire::Wire;

/// What anything may take: a module that takes longer hangs.
const BOUND: Duration = Duration::from_secs(5);

/// A module that runs in memory, through `module_info`, `capabilities` and `module_init`. Dropping it ends the module.
pub struct TestHub {
    wire: Arc<Wire>,
    session: Arc<Session>,
    /// Taken at the end, because a runtime may not be waited for where it is dropped.
    runtimes: Vec<Runtime>,
    introduction: ModuleInfo,
    capabilities: Capabilities,
    context: CallContext,
    log: Arc<Mutex<Vec<u8>>>,
    temporary: Option<PathBuf>,
}

impl TestHub {
    /// Run a module that needs nothing but itself and a store; see [`Setup`] for the others.
    ///
    /// # Panics
    /// When the module does not come to run.
    pub fn start(module: Module) -> Self {
        Setup::new(module).start().unwrap_or_else(|why| panic!("cannot start the module: {why}"))
    }

    /// Return what the module answered to `module_info`.
    pub fn module_info(&self) -> &ModuleInfo {
        &self.introduction
    }

    /// Return what the module answered to `capabilities`.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Call a function with an object of arguments, and wait for its result.
    ///
    /// # Errors
    /// `CallError` is what a caller would see.
    ///
    /// # Panics
    /// When the module does not answer, or answers what its own schema forbids (HUB-CALL-1).
    pub fn call(&self, function: &str, params: impl Borrow<Value>) -> Result<Value, CallError> {
        let result = self.begin(function, params).wait()?;
        let declared = self.capabilities.functions.iter().find(|declared| declared.name == function);
        if let Some(schema) = declared.and_then(|declared| declared.returns.as_ref())
            && let Err(problem) = check(schema, &result)
        {
            panic!("the result of {function} does not fit its schema (HUB-CALL-1): {problem}");
        }
        Ok(result)
    }

    /// Begin a call, to cancel it or to do something else meanwhile.
    pub fn begin(&self, function: &str, params: impl Borrow<Value>) -> Pending {
        self.begin_with(function, params.borrow(), &self.context)
    }

    /// Begin a call with a context of its own: a deadline, a trace.
    pub fn begin_with(&self, function: &str, params: &Value, context: &CallContext) -> Pending {
        self.wire.ask(function, params, Some(context))
    }

    /// Call a function for an account, as `hub call --account` does.
    ///
    /// # Errors
    /// As [`TestHub::call`].
    ///
    /// # Panics
    /// When the module does not answer.
    pub fn call_for(&self, account: &str, function: &str, params: impl Borrow<Value>) -> Result<Value, CallError> {
        let context = CallContext { profile: Some(account.to_owned()), ..self.context.clone() };
        self.begin_with(function, params.borrow(), &context).wait()
    }

    /// Execute every example that the module declares, as the conformance runner does (HUB-CAPS-5). Return how many there are.
    ///
    /// # Panics
    /// When one of them is not true.
    pub fn check_examples(&self) -> usize {
        let functions = &self.capabilities.functions;
        let examples = functions.iter().flat_map(|function| function.examples.iter().map(|example| (&function.name, example)));
        examples.inspect(|(name, example)| self.check_example(name, example)).count()
    }

    fn check_example(&self, function: &str, example: &Example) {
        let params = example.params.clone().unwrap_or_else(|| json!({}));
        let outcome = self.call(function, params);
        let is_true = match (&outcome, &example.result, example.error) {
            (Ok(result), Some(wanted), _) => equal(result, wanted),
            (Err(error), _, Some(wanted)) => error.code == wanted,
            _ => false,
        };
        assert!(is_true, "an example of {function} is not true: {example:?} gave {outcome:?}");
    }

    /// Return the lines that the module wrote to its log so far.
    ///
    /// # Panics
    /// When one of them is not JSON, which none is.
    pub fn log(&self) -> Vec<Value> {
        let text = self.log.lock().map(|text| text.clone()).unwrap_or_default();
        String::from_utf8_lossy(&text).lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }

    /// Return what the module sent with `hub.log` so far.
    pub fn hub_log(&self) -> Vec<LogParams> {
        self.wire.hub_log()
    }

    /// Return how often the module said that its capabilities changed.
    pub fn changes(&self) -> usize {
        self.wire.changes()
    }

    /// Return how many requests to the hub the module has withdrawn.
    pub fn withdrawn(&self) -> usize {
        self.wire.withdrawn()
    }

    /// Return what the module's store holds.
    pub fn store(&self) -> Map<String, Value> {
        self.wire.services.store()
    }

    /// Return what is kept for an account. Its time does not pass.
    pub fn credentials(&self, account: &str) -> Map<String, Value> {
        self.wire.services.of_account(account, |kept| kept.clone().into_iter().collect())
    }

    /// End the module: `module_cleanup`, then the end of its input.
    ///
    /// # Panics
    /// When `module_cleanup` is answered with an error, or not at all.
    pub fn stop(self) {
        let answer = self.wire.ask("module_cleanup", &json!({}), None).wait();
        assert!(answer.is_ok(), "module_cleanup failed: {answer:?}");
    }
}

impl Drop for TestHub {
    fn drop(&mut self) {
        let (ended, wait) = std::sync::mpsc::channel();
        let session = Arc::clone(&self.session);
        self.session.control.spawn(async move {
            session.close(End::Terminated).await;
            let _ = ended.send(());
        });
        let _ = wait.recv_timeout(BOUND);
        self.wire.end();
        self.runtimes.drain(..).for_each(Runtime::shutdown_background);
        if let Some(directory) = &self.temporary {
            drop(std::fs::remove_dir_all(directory));
        }
    }
}
