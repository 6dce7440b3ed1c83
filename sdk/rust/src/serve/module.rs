//! Owns what an author builds: a module with its functions and hooks; must not know how it is served.

use std::any::Any;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::bind::bind;
use super::context::Context;
use super::functions::{Function, Functions};
use super::session::MOST_OPEN;
use crate::types::{BadModule, Capabilities, Error, Info, check_at, params_schema};

/// What `on_init` made, for the functions.
pub(crate) type State = Arc<dyn Any + Send + Sync>;

type InitHook =
    Box<dyn Fn(Context, Value, PathBuf) -> Pin<Box<dyn Future<Output = Result<State, Error>> + Send>> + Send + Sync>;
type CleanupHook = Box<dyn Fn(Context) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send>> + Send + Sync>;

/// What `module_init` brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Init<C> {
    /// The manifest's configuration, overlaid with what the operator set.
    pub config: C,
    /// A directory that exists, belongs to this module alone and survives restarts.
    pub data_directory: PathBuf,
}

/// A module: what it says about itself, its functions and its hooks.
pub struct Module {
    pub(crate) info: Info,
    pub(crate) permissions: Vec<String>,
    pub(crate) implements: Vec<String>,
    pub(crate) functions: Functions,
    pub(crate) on_init: Option<InitHook>,
    pub(crate) on_cleanup: Option<CleanupHook>,
    pub(crate) workers: usize,
}

impl Module {
    /// Begin a module. What is wrong with it is said by [`Module::check`], and when it is run.
    pub fn new(info: Info) -> Self {
        let (permissions, implements, functions) = (Vec::new(), Vec::new(), Functions::default());
        Self { info, permissions, implements, functions, on_init: None, on_cleanup: None, workers: MOST_OPEN }
    }

    /// Say which host services it needs: `ask`, `store`, `credentials`, `call:MODULE`, `call:MODULE.FUNCTION` or `call:*` (HUB-CAPS-7).
    pub fn permissions<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) -> &mut Self {
        self.permissions.extend(names.into_iter().map(ToOwned::to_owned));
        self
    }

    /// Say which interfaces its functions satisfy, with their versions: `cloud.compute/1.0` (HUB-CAPS-9).
    pub fn implements<'a>(&mut self, interfaces: impl IntoIterator<Item = &'a str>) -> &mut Self {
        self.implements.extend(interfaces.into_iter().map(ToOwned::to_owned));
        self
    }

    /// Bound how many calls are worked on at a time; others wait. Without it all that the hub sends, which is at most 64 where nobody has
    /// set more.
    pub fn workers(&mut self, most: usize) -> &mut Self {
        self.workers = most;
        self
    }

    /// Add an async function. Arguments and result are described by their types: see the README.
    ///
    /// When the call is cancelled or its time is over, the future is dropped where it awaits; see [`Context::cancelled`].
    pub fn function<A, T, E, F>(
        &mut self,
        name: &str,
        function: impl Fn(Context, A) -> F + Send + Sync + 'static,
    ) -> &mut Function
    where
        A: DeserializeOwned + JsonSchema + Send + 'static,
        T: Serialize + JsonSchema,
        E: Into<Error>,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        self.functions.add(name, function)
    }

    /// Add a function that blocks its thread, with computing or with libraries that are not async. It runs on a thread of its own.
    ///
    /// Nothing can end it from outside: its caller is answered when the call is cancelled, and it should look at
    /// [`Context::is_cancelled`] from time to time.
    pub fn blocking_function<A, T, E>(
        &mut self,
        name: &str,
        function: impl Fn(Context, A) -> Result<T, E> + Send + Sync + 'static,
    ) -> &mut Function
    where
        A: DeserializeOwned + JsonSchema + Send + 'static,
        T: Serialize + JsonSchema,
        E: Into<Error>,
    {
        self.functions.add_blocking(name, function)
    }

    /// Set what runs when the hub starts the module. What it returns is what [`Context::state`] gives to the functions.
    ///
    /// A configuration that does not fit C is refused by member (HUB-INIT-2). Fail with [`Disable`](crate::Disable) to be stopped without
    /// being counted as failed.
    pub fn on_init<C, S, E, F>(&mut self, hook: impl Fn(Context, Init<C>) -> F + Send + Sync + 'static) -> &mut Self
    where
        C: DeserializeOwned + JsonSchema,
        S: Any + Send + Sync,
        E: Into<Error>,
        F: Future<Output = Result<S, E>> + Send + 'static,
    {
        let schema = params_schema::<C>();
        self.on_init = Some(Box::new(move |context, config, data_directory| {
            let bound = check_at("/config", &schema, &config).and_then(|()| bind::<C>(config, "/config"));
            let started = bound.map(|config| hook(context, Init { config, data_directory }));
            Box::pin(async move {
                let state = started?.await.map_err(Into::into)?;
                Ok(Arc::new(state) as State)
            })
        }));
        self
    }

    /// Set what runs when the module is stopped: once, at `module_cleanup`, or at the end of standard input or at SIGTERM where that was
    /// never asked. It has to be quick: 2.5 seconds at most, and 0.4 after the end of standard input (HUB-CLEAN-1, HUB-LIFE-4).
    pub fn on_cleanup<E, F>(&mut self, hook: impl Fn(Context) -> F + Send + Sync + 'static) -> &mut Self
    where
        E: Into<Error>,
        F: Future<Output = Result<(), E>> + Send + 'static,
    {
        self.on_cleanup = Some(Box::new(move |context| {
            let work = hook(context);
            Box::pin(async move { work.await.map_err(Into::into) })
        }));
        self
    }

    /// Look for what is wrong with the module as it was built.
    ///
    /// # Errors
    /// `BadModule` has a sentence for each problem.
    pub fn check(&self) -> Result<(), BadModule> {
        let mut problems = self.info.problems();
        problems.extend(self.capabilities().problems());
        if self.workers == 0 {
            problems.push("without a worker nothing would ever be done".into());
        }
        if problems.is_empty() { Ok(()) } else { Err(BadModule(problems)) }
    }

    /// Return what the module answers to `capabilities`.
    pub fn capabilities(&self) -> Capabilities {
        Capabilities::of(self.functions.declarations(), &self.permissions, &self.implements)
    }
}
