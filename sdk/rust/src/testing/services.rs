//! Owns the host services that a test gives to a module: a store in memory, and the test's own answers; must not know messages.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::CallError;
use crate::types::codes;
use crate::types::services::{AskParams, CallParams, KeyParams, StoreListParams, StoreSetParams};

pub(super) type OnCall = Box<dyn Fn(&str, &Map<String, Value>) -> Result<Value, CallError> + Send + Sync>;
pub(super) type OnAsk = Box<dyn Fn(&str, &Map<String, Value>) -> Option<Value> + Send + Sync>;

#[derive(Default)]
pub(super) struct Services {
    pub(super) on_call: Option<OnCall>,
    pub(super) on_ask: Option<OnAsk>,
    pub(super) kept: Mutex<BTreeMap<String, Value>>,
}

impl Services {
    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, Value>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn store(&self) -> Map<String, Value> {
        self.kept().clone().into_iter().collect()
    }

    /// Answer a request of the module.
    pub(super) fn serve(&self, method: &str, params: Map<String, Value>) -> Result<Value, CallError> {
        match method {
            "hub.call" => {
                let asked: CallParams = read(params)?;
                let nobody = || error(codes::NOT_FOUND, &format!("this test has no {}", asked.function));
                let answer = self.on_call.as_ref().ok_or_else(nobody)?;
                answer(&asked.function, &asked.params.unwrap_or_default())
            }
            "hub.ask" => {
                let asked: AskParams = read(params)?;
                let answer = self.on_ask.as_ref().ok_or_else(|| error(codes::NOBODY_TO_ASK, "this test has nobody to ask"))?;
                let content = answer(&asked.message, &asked.schema);
                Ok(content
                    .map_or_else(|| json!({"action": "decline"}), |content| json!({"action": "accept", "content": content})))
            }
            "hub.store.get" => {
                let KeyParams { key, .. } = read(params)?;
                let found = self.kept().get(&key).cloned();
                Ok(found.map_or_else(|| json!({"found": false}), |value| json!({"found": true, "value": value})))
            }
            "hub.store.set" => {
                let StoreSetParams { key, value, .. } = read(params)?;
                self.kept().insert(key, value);
                Ok(json!({}))
            }
            "hub.store.delete" => {
                let KeyParams { key, .. } = read(params)?;
                Ok(json!({"deleted": self.kept().remove(&key).is_some()}))
            }
            "hub.store.list" => {
                let StoreListParams { prefix, .. } = read(params)?;
                let prefix = prefix.unwrap_or_default();
                Ok(json!({"keys": self.kept().keys().filter(|key| key.starts_with(&prefix)).collect::<Vec<_>>()}))
            }
            _ => Err(error(codes::METHOD_NOT_FOUND, &format!("there is no method {method}"))),
        }
    }
}

fn read<T: DeserializeOwned>(params: Map<String, Value>) -> Result<T, CallError> {
    serde_json::from_value(Value::Object(params)).map_err(|problem| error(codes::INVALID_PARAMS, &problem.to_string()))
}

fn error(code: i64, message: &str) -> CallError {
    CallError { code, message: message.to_owned(), data: None }
}
