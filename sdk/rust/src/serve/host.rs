//! Owns what a handler asks of the hub: calls, questions to the person, the store (HUB-HOST); must not know how answers come back.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::bind::bind;
use super::context::Context;
use crate::codec::{ErrorObject, Id, encode, write};
use crate::types::services::{AskResult, StoreDeleteResult, StoreGetResult, StoreListResult, is_key};
use crate::types::{HostError, check, codes, is_object_schema, names, params_schema};

/// What is asked stands inside of the frame and its params.
const PARAM_DEPTH: usize = 2;

/// The params of a request, as they are put together.
pub(super) struct Params(Map<String, Value>, Vec<(&'static str, Vec<u8>)>);

impl Params {
    pub(super) fn of(name: &'static str, value: &str) -> Self {
        Self(Map::from_iter([(name.to_owned(), value.into())]), Vec::new())
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Add a value of the author's, which may be large: it is written once.
    pub(super) fn and(mut self, name: &'static str, text: Vec<u8>) -> Self {
        self.1.push((name, text));
        self
    }

    fn text(self, call_id: &Id) -> Vec<u8> {
        let mut members = Map::from_iter([("call_id".to_owned(), call_id.json())]);
        members.extend(self.0);
        let mut text = Value::Object(members).to_string().into_bytes();
        text.pop();
        for (name, value) in self.1 {
            text.extend_from_slice(format!(r#","{name}":"#).as_bytes());
            text.extend_from_slice(&value);
        }
        text.push(b'}');
        text
    }
}

impl Context {
    /// Call a function of another module ("module.function") through the hub. `params` is what serialises to an object; `()` for none.
    /// The deadline and the cancellation of this call hold for it too.
    ///
    /// # Errors
    /// `HostError` is what a caller of that function would have seen (HUB-HOST-2).
    pub async fn call<R: DeserializeOwned>(&self, function: &str, params: impl Serialize) -> Result<R, HostError> {
        self.call_params(Params::of("function", function), params).await
    }

    /// Call a function with a time limit of its own.
    ///
    /// # Errors
    /// As [`Context::call`].
    pub async fn call_within<R: DeserializeOwned>(
        &self,
        time: Duration,
        function: &str,
        params: impl Serialize,
    ) -> Result<R, HostError> {
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.call_params(Params::of("function", function).with("timeout_ms", milliseconds.max(1)), params).await
    }

    async fn call_params<R: DeserializeOwned>(&self, asks: Params, params: impl Serialize) -> Result<R, HostError> {
        const METHOD: &str = "hub.call";
        let wrong = |what: &str| HostError::new(METHOD, codes::INVALID_PARAMS, what);
        if !asks.0.get("function").and_then(Value::as_str).is_some_and(names::is_address) {
            return Err(wrong("a function is named as \"module.function\""));
        }
        let text = text_of(METHOD, &params)?;
        let asks = match text.first() {
            Some(b'{') => asks.and("params", text),
            _ if text == b"null" => asks,
            _ => {
                return Err(HostError::new(
                    METHOD,
                    codes::INVALID_PARAMS,
                    "arguments go by name: the params must be an object",
                ));
            }
        };
        self.ask_for(METHOD, asks).await
    }

    /// Ask the person. The fields of T, which must be plain values, are the form; `#[schemars(extend("writeOnly" = true))]` marks a secret.
    /// None when the person declined.
    ///
    /// # Errors
    /// `HostError`, of the kind `nobody_to_ask` where there is nobody.
    pub async fn ask<T: DeserializeOwned + JsonSchema>(&self, message: &str) -> Result<Option<T>, HostError> {
        const METHOD: &str = "hub.ask";
        let schema = params_schema::<T>();
        let Some(content) = self.ask_with(message, schema.clone()).await? else { return Ok(None) };
        let content = Value::Object(content);
        check(&schema, &content).and_then(|()| bind(content, "")).map(Some).map_err(|problem| {
            HostError::new(METHOD, codes::PROTOCOL_ERROR, format!("the person's answer does not fit: {problem}"))
        })
    }

    /// Ask the person with a JSON Schema of a flat object. None when the person declined.
    ///
    /// # Errors
    /// As [`Context::ask`].
    pub async fn ask_with(&self, message: &str, schema: Value) -> Result<Option<Map<String, Value>>, HostError> {
        const METHOD: &str = "hub.ask";
        if !is_object_schema(&schema) {
            return Err(HostError::new(METHOD, codes::INVALID_PARAMS, "a form is the schema of a flat object"));
        }
        let text = text_of(METHOD, &schema)?;
        let answer = self.ask_for(METHOD, Params::of("message", message).and("schema", text)).await?;
        match answer {
            AskResult::Accept { content } => Ok(Some(content)),
            AskResult::Decline => Ok(None),
        }
    }

    /// Return the module's own small store.
    pub fn store(&self) -> Store<'_> {
        Store(self)
    }

    pub(super) async fn ask_for<R: DeserializeOwned>(&self, method: &str, params: Params) -> Result<R, HostError> {
        let answer = self.request(method, params).await.map_err(|error| HostError::of(method, error))?;
        bind(answer, "").map_err(|problem| {
            HostError::new(method, codes::PROTOCOL_ERROR, format!("the answer does not fit what was expected: {problem}"))
        })
    }

    async fn request(&self, method: &str, params: Params) -> Result<Value, ErrorObject> {
        let Self { session, call } = self;
        if !session.has("host_services") {
            return Err(ErrorObject::new(codes::METHOD_NOT_FOUND, "this hub has no host services"));
        }
        if call.is_over() {
            return Err(ErrorObject::new(codes::CONTEXT_ENDED, "the call is over"));
        }
        let cancelled = || ErrorObject::new(codes::CANCELLED, "nobody waits for the call any more");
        // A person may be asked, here or by a module further on.
        let is_patient = matches!(method, "hub.ask" | "hub.call");
        let _hold = call.deadline.as_ref().filter(|_| is_patient).map(|deadline| deadline.hold(method == "hub.ask"));
        let work = async {
            let _permit = session.asked.permits.acquire().await.map_err(|_| cancelled())?;
            let (id, answered) = session.asked.begin();
            let open = Open { context: self, id: &id };
            let frame = write::request(&id, method, &params.text(&call.id));
            let (size, limit) = (frame.len() - 1, session.limit());
            if size > limit {
                session.asked.forget(&id);
                let why = format!("its {size} bytes are more than the frame limit of {limit}");
                return Err(ErrorObject::new(codes::FRAME_TOO_LARGE, why));
            }
            session.send_asked(frame).await;
            let answer = answered.await.map_err(|_| cancelled())?;
            drop(open);
            answer
        };
        tokio::select! {
            biased;
            answer = work => answer,
            _ = call.token.wait() => Err(cancelled()),
        }
    }
}

pub(super) fn text_of(method: &str, value: &impl Serialize) -> Result<Vec<u8>, HostError> {
    encode(value, PARAM_DEPTH).map_err(|error| HostError::new(method, codes::INVALID_PARAMS, format!("cannot ask: {error}")))
}

/// What the hub would refuse is not sent.
fn key_of(method: &str, key: &str) -> Result<Params, HostError> {
    if is_key(key) {
        return Ok(Params::of("key", key));
    }
    Err(HostError::new(method, codes::INVALID_PARAMS, "a key has 1 to 256 characters"))
}

/// A request whose answer is waited for; dropped with its future where nobody does any more.
struct Open<'a> {
    context: &'a Context,
    id: &'a Id,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let Context { session, call } = self.context;
        // Of a call that the hub has cancelled, it has ended the requests too.
        let was_open = session.asked.forget(self.id);
        if was_open && call.token.reason().is_none() && session.has("cancel") {
            let params = serde_json::json!({"id": self.id.json()}).to_string();
            session.out.put(write::notification("$/cancelRequest", params.as_bytes()));
        }
    }
}

/// The module's own store: keys of 1 to 256 characters, values of at most 1 MiB (HUB-HOST-4). Needs the permission `store`.
#[derive(Debug)]
pub struct Store<'a>(&'a Context);

impl Store<'_> {
    /// Read a value; None where there is none.
    ///
    /// # Errors
    /// `HostError`.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, HostError> {
        const METHOD: &str = "hub.store.get";
        let answer: StoreGetResult = self.0.ask_for(METHOD, key_of(METHOD, key)?).await?;
        let Some(value) = answer.value.filter(|_| answer.found) else { return Ok(None) };
        let misfit =
            |problem| HostError::new(METHOD, codes::PROTOCOL_ERROR, format!("what the store has does not fit: {problem}"));
        bind(value, "").map(Some).map_err(misfit)
    }

    /// Keep a value.
    ///
    /// # Errors
    /// `HostError`, of the kind `store_full` where there is no room.
    pub async fn set(&self, key: &str, value: impl Serialize) -> Result<(), HostError> {
        const METHOD: &str = "hub.store.set";
        let text = text_of(METHOD, &value)?;
        let _: Value = self.0.ask_for(METHOD, key_of(METHOD, key)?.and("value", text)).await?;
        Ok(())
    }

    /// Forget a value. Return whether there was one.
    ///
    /// # Errors
    /// `HostError`.
    pub async fn delete(&self, key: &str) -> Result<bool, HostError> {
        const METHOD: &str = "hub.store.delete";
        let answer: StoreDeleteResult = self.0.ask_for(METHOD, key_of(METHOD, key)?).await?;
        Ok(answer.deleted)
    }

    /// Return the keys that begin with `prefix`, sorted.
    ///
    /// # Errors
    /// `HostError`.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, HostError> {
        let params = Params(Map::new(), Vec::new());
        let params = if prefix.is_empty() { params } else { params.with("prefix", prefix) };
        let answer: StoreListResult = self.0.ask_for("hub.store.list", params).await?;
        Ok(answer.keys)
    }
}
