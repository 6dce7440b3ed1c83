//! Owns the host services that a test gives to a module: a store in memory, and the test's own answers; must not know messages.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::CallError;
use crate::types::codes;
use crate::types::services::{
    AskParams, CallParams, CredentialsPutParams, KeyParams, NameParams, StoreListParams, StoreSetParams,
};

pub(super) type OnCall = Box<dyn Fn(&str, &Map<String, Value>) -> Result<Value, CallError> + Send + Sync>;
pub(super) type OnAsk = Box<dyn Fn(&str, &Map<String, Value>) -> Option<Value> + Send + Sync>;

#[derive(Default)]
pub(super) struct Services {
    pub(super) on_call: Option<OnCall>,
    pub(super) on_ask: Option<OnAsk>,
    pub(super) kept: Mutex<BTreeMap<String, Value>>,
    /// By account, then by name.
    pub(super) credentials: Mutex<BTreeMap<String, BTreeMap<String, Value>>>,
}

impl Services {
    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, Value>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn store(&self) -> Map<String, Value> {
        self.kept().clone().into_iter().collect()
    }

    /// Do something with what is kept for an account.
    pub(super) fn of_account<R>(&self, account: &str, what: impl FnOnce(&mut BTreeMap<String, Value>) -> R) -> R {
        let mut accounts = self.credentials.lock().unwrap_or_else(PoisonError::into_inner);
        what(accounts.entry(account.to_owned()).or_default())
    }

    /// Answer a request of the module, in a call for an account.
    pub(super) fn serve(&self, account: &str, method: &str, params: Map<String, Value>) -> Result<Value, CallError> {
        match method {
            "hub.credentials.get" => {
                let NameParams { name, .. } = read(params)?;
                Ok(self.of_account(account, |kept| found(kept.get(&name))))
            }
            "hub.credentials.put" => {
                let CredentialsPutParams { name, value, .. } = read(params)?;
                self.of_account(account, |kept| kept.insert(name, value));
                Ok(json!({"kept": "session"}))
            }
            "hub.credentials.delete" => {
                let NameParams { name, .. } = read(params)?;
                Ok(json!({"deleted": self.of_account(account, |kept| kept.remove(&name)).is_some()}))
            }
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
                Ok(found(self.kept().get(&key)))
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

fn found(value: Option<&Value>) -> Value {
    value.map_or_else(|| json!({"found": false}), |value| json!({"found": true, "value": value}))
}

fn read<T: DeserializeOwned>(params: Map<String, Value>) -> Result<T, CallError> {
    serde_json::from_value(Value::Object(params)).map_err(|problem| error(codes::INVALID_PARAMS, &problem.to_string()))
}

fn error(code: i64, message: &str) -> CallError {
    CallError { code, message: message.to_owned(), data: None }
}
