//! Owns whose key a call uses, and asking the person for one; must not know instances.

use std::sync::Arc;
use std::time::Instant;

use hub_sdk::{Context, Error, FunctionError, Module, NoArgs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::compute::identity;
use crate::contract::Contract;
use crate::exchange::Exchange;
use crate::refusals::{CREDENTIALS, authenticate_hint, no_credentials, unavailable};
use crate::settings::Settings;

/// What `on_init` made: the same for all accounts, so it has nothing of any.
pub struct Shared {
    pub settings: Settings,
    pub exchange: Exchange,
}

/// The name under which the hub keeps a key.
const TOKEN: &str = "token";
/// Vultr's have 36.
const MOST_TOKEN_CHARS: usize = 512;

/// The service on behalf of one call: the key of its account, and nothing of others.
pub struct Service {
    shared: Arc<Shared>,
    deadline: Option<Instant>,
    account: String,
    key: String,
}

impl Service {
    /// Take the key that the hub keeps for the account of this call.
    ///
    /// # Errors
    /// 1001 where there is none.
    pub async fn of(context: &Context) -> Result<Self, Error> {
        let kept: Option<String> = context.credentials().get(TOKEN).await?;
        let key = kept.ok_or_else(|| no_credentials(context.account()))?;
        Ok(Self::with(context, key))
    }

    fn with(context: &Context, key: String) -> Self {
        let account = context.account().to_owned();
        Self { shared: context.state(), deadline: context.deadline(), account, key }
    }

    /// Return what asks it.
    pub fn client(&self) -> Client<'_> {
        let Shared { settings, exchange } = &*self.shared;
        Client { settings, exchange, deadline: self.deadline, account: &self.account, key: &self.key }
    }

    async fn identity(&self) -> Result<Known, FunctionError> {
        let answer = self.client().get("/v2/account").await?;
        let identity = identity(&answer).ok_or_else(|| unavailable("its answer does not say whose account it is", false))?;
        Ok(Known { account: self.account.clone(), identity })
    }
}

/// The form that the person fills in.
#[derive(Deserialize, JsonSchema)]
struct Form {
    /// an API key, made in the customer portal under API
    #[schemars(length(min = 1), extend("writeOnly" = true))]
    token: String,
}

#[derive(Serialize, JsonSchema)]
struct Known {
    account: String,
    identity: String,
}

#[derive(Serialize, JsonSchema)]
struct Forgotten {
    forgotten: bool,
}

async fn authenticate(context: Context, _: NoArgs) -> Result<Known, Error> {
    let account = context.account();
    let refuse = |why: &str| {
        let hint = authenticate_hint(account);
        FunctionError::new(CREDENTIALS, format!("cannot authenticate account {account}: {why}; {hint}"))
    };
    let form: Option<Form> = context.ask(&format!("Vultr: the API key for account {account}")).await?;
    let key = form.ok_or_else(|| refuse("no API key was given"))?.token.trim().to_owned();
    if key.is_empty() || key.len() > MOST_TOKEN_CHARS || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refuse("what was given is no API key").into());
    }
    let known = Service::with(&context, key.clone()).identity().await?;
    context.credentials().put(TOKEN, &key).await?;
    Ok(known)
}

async fn whoami(context: Context, _: NoArgs) -> Result<Known, Error> {
    Ok(Service::of(&context).await?.identity().await?)
}

async fn forget(context: Context, _: NoArgs) -> Result<Forgotten, Error> {
    Ok(Forgotten { forgotten: context.credentials().delete(TOKEN).await? })
}

/// Add the functions of cloud.account.
pub fn add(module: &mut Module, contract: &Contract) {
    contract.announce("authenticate", module.function("authenticate", authenticate));
    contract.announce("whoami", module.function("whoami", whoami));
    contract.announce("forget", module.function("forget", forget));
}
