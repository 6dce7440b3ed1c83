//! Owns what a handler keeps secret with the hub, for the account of its call (HUB-CRED); must not know how the hub keeps it.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::bind::bind;
use super::context::Context;
use super::host::{Params, text_of};
use crate::types::services::{CredentialsPutResult, Kept, StoreDeleteResult, StoreGetResult, is_credential_name};
use crate::types::{HostError, codes};

/// The account of a call that names none (HUB-CRED-1).
pub(crate) const DEFAULT_ACCOUNT: &str = "default";

impl Context {
    /// Return the account that the call is for, which its credentials belong to: the profile, else `default` (HUB-CRED-1).
    pub fn account(&self) -> &str {
        self.profile().filter(|name| !name.is_empty()).unwrap_or(DEFAULT_ACCOUNT)
    }

    /// Return what the hub keeps secret for this module and the account of the call.
    pub fn credentials(&self) -> Credentials<'_> {
        Credentials(self)
    }
}

/// Tokens and keys that the hub keeps for this module and the account of the call: names of 1 to 64 characters, values of at most 64 KiB
/// (HUB-CRED-2). One process serves many accounts at once: get them in each call, and keep nothing longer than it. Needs the permission
/// `credentials`.
#[derive(Debug)]
pub struct Credentials<'a>(&'a Context);

impl Credentials<'_> {
    /// Read one; None where there is none, or its time is over.
    ///
    /// # Errors
    /// `HostError`, of the kind `credentials_unavailable` where the keyring cannot be used (HUB-CRED-4).
    pub async fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, HostError> {
        const METHOD: &str = "hub.credentials.get";
        let answer: StoreGetResult = self.0.ask_for(METHOD, name_of(METHOD, name)?).await?;
        let Some(value) = answer.value.filter(|_| answer.found) else { return Ok(None) };
        let misfit = |problem| HostError::new(METHOD, codes::PROTOCOL_ERROR, format!("what is kept does not fit: {problem}"));
        bind(value, "").map(Some).map_err(misfit)
    }

    /// Keep one without end; the person chose where.
    ///
    /// # Errors
    /// `HostError`, of the kind `credentials_unavailable` or `store_full`.
    pub async fn put(&self, name: &str, value: impl Serialize) -> Result<Kept, HostError> {
        self.keep(name, &value, None).await
    }

    /// Keep one for a while (HUB-CRED-3).
    ///
    /// # Errors
    /// As [`Credentials::put`].
    pub async fn put_for(&self, time: Duration, name: &str, value: impl Serialize) -> Result<Kept, HostError> {
        self.keep(name, &value, Some(time)).await
    }

    async fn keep(&self, name: &str, value: &impl Serialize, time: Option<Duration>) -> Result<Kept, HostError> {
        const METHOD: &str = "hub.credentials.put";
        let text = text_of(METHOD, value)?;
        let params = name_of(METHOD, name)?.and("value", text);
        let params = match time {
            Some(time) => params.with("ttl_seconds", time.as_secs_f64()),
            None => params,
        };
        let answer: CredentialsPutResult = self.0.ask_for(METHOD, params).await?;
        Ok(answer.kept)
    }

    /// Forget one. Return whether there was one.
    ///
    /// # Errors
    /// `HostError`.
    pub async fn delete(&self, name: &str) -> Result<bool, HostError> {
        const METHOD: &str = "hub.credentials.delete";
        let answer: StoreDeleteResult = self.0.ask_for(METHOD, name_of(METHOD, name)?).await?;
        Ok(answer.deleted)
    }
}

/// What the hub would refuse is not sent.
fn name_of(method: &str, name: &str) -> Result<Params, HostError> {
    if is_credential_name(name) {
        return Ok(Params::of("name", name));
    }
    Err(HostError::new(method, codes::INVALID_PARAMS, "a name has 1 to 64 characters"))
}
