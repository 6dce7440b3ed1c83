//! Owns how an author's function becomes one that takes and gives JSON, and what is said about it; must not know who calls it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::bind::bind;
use super::context::Context;
use crate::codec::encode;
use crate::types::{Declaration, Deprecated, Error, ErrorSpec, Example, Hints, check, params_schema, returns_schema};

/// The author's work on one call; what comes out is the JSON text of the result.
pub(crate) type Work = Pin<Box<dyn Future<Output = Result<Vec<u8>, Error>> + Send>>;

type Handler = Arc<dyn Fn(Context, Value) -> Work + Send + Sync>;

/// A result stands inside of the frame's object.
const RESULT_DEPTH: usize = 1;

/// One function: what is said about it, and the code behind it.
#[derive(Clone)]
pub struct Function {
    pub(crate) declaration: Declaration,
    pub(crate) handler: Handler,
}

impl Function {
    /// Begin to work on a call, with arguments that fit the schema.
    pub(crate) fn begin(&self, context: Context, params: Map<String, Value>) -> Work {
        let params = Value::Object(params);
        let fits = self.declaration.params.as_ref().map_or(Ok(()), |schema| check(schema, &params));
        match fits {
            Ok(()) => (self.handler)(context, params),
            Err(problem) => Box::pin(async move { Err(problem.into()) }),
        }
    }

    /// Set the one line that says what it does.
    pub fn summary(&mut self, line: &str) -> &mut Self {
        self.declaration.summary = Some(line.to_owned());
        self
    }

    /// Set what there is to say beyond that.
    pub fn description(&mut self, text: &str) -> &mut Self {
        self.declaration.description = Some(text.to_owned());
        self
    }

    /// Say that it changes nothing.
    pub fn read_only(&mut self) -> &mut Self {
        self.hints().read_only = Some(true);
        self
    }

    /// Say that it may destroy something.
    pub fn destructive(&mut self) -> &mut Self {
        self.hints().destructive = Some(true);
        self
    }

    /// Say that it may be called again with the same effect: the hub may then retry it after a crash.
    pub fn idempotent(&mut self) -> &mut Self {
        self.hints().idempotent = Some(true);
        self
    }

    /// Say that it reaches beyond this machine.
    pub fn open_world(&mut self) -> &mut Self {
        self.hints().open_world = Some(true);
        self
    }

    /// Return its hints, to say that one of them does not hold.
    pub fn hints(&mut self) -> &mut Hints {
        self.declaration.hints.get_or_insert_default()
    }

    /// Set how long a call may take when the caller says nothing; else 30 seconds.
    pub fn timeout(&mut self, time: Duration) -> &mut Self {
        self.declaration.timeout_seconds = Some(time.as_secs_f64());
        self
    }

    /// Say that it will go: since which version, and what to use instead.
    pub fn deprecated<'a>(&mut self, since: impl Into<Option<&'a str>>, use_instead: impl Into<Option<&'a str>>) -> &mut Self {
        let [since, use_instead] = [since.into(), use_instead.into()].map(|text| text.map(ToOwned::to_owned));
        self.declaration.deprecated = Some(Deprecated { since, use_instead });
        self
    }

    /// Declare one of its own errors (HUB-CALL-3).
    pub fn error(&mut self, code: i64, message: &str) -> &mut Self {
        self.declaration.errors.push(ErrorSpec { code, message: message.to_owned(), data: None });
        self
    }

    /// Declare an error whose data fits a JSON Schema.
    pub fn error_with(&mut self, code: i64, message: &str, data: Value) -> &mut Self {
        self.declaration.errors.push(ErrorSpec { code, message: message.to_owned(), data: Some(data) });
        self
    }

    /// Add an example: these arguments give this result. The conformance runner executes it (HUB-CAPS-5).
    pub fn example(&mut self, summary: &str, params: Value, result: Value) -> &mut Self {
        let summary = Some(summary.to_owned());
        self.declaration.examples.push(Example { summary, params: Some(params), result: Some(result), error: None });
        self
    }

    /// Add an example that ends in an error with this code.
    pub fn example_error(&mut self, summary: &str, params: Value, code: i64) -> &mut Self {
        let summary = Some(summary.to_owned());
        self.declaration.examples.push(Example { summary, params: Some(params), result: None, error: Some(code) });
        self
    }

    /// Replace the schema that was derived from the type of the arguments.
    pub fn params(&mut self, schema: Value) -> &mut Self {
        self.declaration.params = Some(schema);
        self
    }

    /// Replace the schema that was derived from the type of the result.
    pub fn returns(&mut self, schema: Value) -> &mut Self {
        self.declaration.returns = Some(schema);
        self
    }
}

/// The functions of a module, in the order in which they are shown.
#[derive(Clone, Default)]
pub struct Functions {
    list: Vec<Arc<Function>>,
}

impl Functions {
    /// Add an async function. Arguments and result are described by their types.
    pub fn add<A, T, E, F>(&mut self, name: &str, function: impl Fn(Context, A) -> F + Send + Sync + 'static) -> &mut Function
    where
        A: DeserializeOwned + JsonSchema + Send + 'static,
        T: Serialize + JsonSchema,
        E: Into<Error>,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let function = Arc::new(function);
        let handler: Handler = Arc::new(move |context, params| {
            let function = Arc::clone(&function);
            Box::pin(async move {
                let arguments = bind::<A>(params, "")?;
                text_of(function(context, arguments).await)
            })
        });
        self.push::<A, T>(name, handler)
    }

    /// Add a function that blocks its thread, with computing or with calls of libraries that are not async. It runs on a thread of its own.
    pub fn add_blocking<A, T, E>(
        &mut self,
        name: &str,
        function: impl Fn(Context, A) -> Result<T, E> + Send + Sync + 'static,
    ) -> &mut Function
    where
        A: DeserializeOwned + JsonSchema + Send + 'static,
        T: Serialize + JsonSchema,
        E: Into<Error>,
    {
        let function = Arc::new(function);
        let handler: Handler = Arc::new(move |context, params| {
            let function = Arc::clone(&function);
            Box::pin(async move {
                let arguments = bind::<A>(params, "")?;
                let thread = tokio::task::spawn_blocking(move || text_of(function(context, arguments)));
                match thread.await {
                    Ok(result) => result,
                    Err(failed) if failed.is_panic() => std::panic::resume_unwind(failed.into_panic()),
                    Err(failed) => Err(failed.into()),
                }
            })
        });
        self.push::<A, T>(name, handler)
    }

    fn push<A: JsonSchema, T: JsonSchema>(&mut self, name: &str, handler: Handler) -> &mut Function {
        let params = Some(params_schema::<A>());
        let returns = Some(returns_schema::<T>());
        let declaration = Declaration { params, returns, ..Declaration::new(name) };
        let at = self.list.len();
        self.list.push(Arc::new(Function { declaration, handler }));
        Arc::make_mut(&mut self.list[at])
    }

    /// Take a function away; calls of it that are under way go on. Return whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.list.len();
        self.list.retain(|function| function.declaration.name != name);
        self.list.len() < before
    }

    pub(crate) fn find(&self, name: &str) -> Option<Arc<Function>> {
        self.list.iter().find(|function| function.declaration.name == name).cloned()
    }

    pub(crate) fn declarations(&self) -> Vec<Declaration> {
        self.list.iter().map(|function| function.declaration.clone()).collect()
    }
}

fn text_of<T: Serialize, E: Into<Error>>(result: Result<T, E>) -> Result<Vec<u8>, Error> {
    let value = result.map_err(Into::into)?;
    encode(&value, RESULT_DEPTH).map_err(|error| Error::unexpected(format!("the result cannot be sent: {error}")))
}
