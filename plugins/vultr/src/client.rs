//! Owns asking the API on behalf of one call: one account's key, attempts, pauses, errors; must not know functions or shapes of answers.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Instant, SystemTime};

use http_body_util::Full;
use hub_sdk::{FunctionError, Value, serde_json, tokio};
use hyper::body::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use hyper::{Method, Request};

use crate::exchange::{Exchange, NoReply, Reply};
use crate::patience::{Chances, Failure, pause, retry_after_seconds};
use crate::refusals::{asked_to_wait, refusal, shown_words, unavailable};
use crate::settings::Settings;

const AGENT_NAME: &str = concat!("hub-vultr/", env!("CARGO_PKG_VERSION"));
const NOT_FOUND: u16 = 404;
const TOO_MANY_REQUESTS: u16 = 429;

/// Asks the API with the key of one account while one call lives. Nothing of it outlives the call.
pub struct Client<'a> {
    pub settings: &'a Settings,
    pub exchange: &'a Exchange,
    /// When nobody waits any more.
    pub deadline: Option<Instant>,
    pub account: &'a str,
    /// It must fit a header.
    pub key: &'a str,
}

enum Outcome {
    Good(Reply),
    Bad(Failure, FunctionError),
}

impl Client<'_> {
    /// Return the JSON of a good answer.
    ///
    /// # Errors
    /// One of the interfaces' errors.
    pub async fn get(&self, path: &str) -> Result<Value, FunctionError> {
        json_of(&self.ask(&Method::GET, path, None).await?, false)
    }

    /// Have something made, once at most, and return the JSON of the answer.
    ///
    /// # Errors
    /// One of the interfaces' errors; where `may_have_executed` is true it may be there.
    pub async fn create(&self, path: &str, body: &Value) -> Result<Value, FunctionError> {
        json_of(&self.ask(&Method::POST, path, Some(body)).await?, true)
    }

    /// Have something deleted. Return whether it was there.
    ///
    /// # Errors
    /// One of the interfaces' errors.
    pub async fn delete(&self, path: &str) -> Result<bool, FunctionError> {
        match self.ask(&Method::DELETE, path, None).await {
            Ok(_) => Ok(true),
            Err(error) if error.code == crate::refusals::NOT_FOUND => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn ask(&self, method: &Method, path: &str, body: Option<&Value>) -> Result<Reply, FunctionError> {
        let mut may_be_deleted = false;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let (failure, error) = match self.attempt(method, path, body).await? {
                Outcome::Good(reply) => return Ok(reply),
                Outcome::Bad(failure, error) => (failure, error),
            };
            // What an earlier attempt may have deleted is gone now: the caller's deletion, not somebody else's.
            if failure.status == Some(NOT_FOUND) && may_be_deleted {
                return Ok(Reply { status: 204, retry_after: None, body: Bytes::new() });
            }
            may_be_deleted |= method == Method::DELETE && failure.may_have_arrived && failure.status != Some(TOO_MANY_REQUESTS);
            let remaining = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let chances = Chances { attempt, max_attempts: self.settings.max_attempts, remaining };
            let Some(pause) = pause(method, &failure, chances, random()) else { return Err(error) };
            tokio::time::sleep(pause).await;
        }
    }

    async fn attempt(&self, method: &Method, path: &str, body: Option<&Value>) -> Result<Outcome, FunctionError> {
        let acts = method != Method::GET;
        let request = self.request(method, path, body)?;
        // At the call's deadline, and when it is cancelled, this future is dropped, and the connection with it.
        let (may_have_arrived, why) = match self.exchange.send(request, self.settings.timeout).await {
            Ok(reply) => return Ok(self.judged(reply, acts)),
            Err(NoReply::TooLarge) => return Err(unavailable("its answer is too large", acts)),
            Err(NoReply::NothingSent(why)) => (false, why),
            Err(NoReply::MayHaveArrived(why)) => (true, why),
        };
        let failure = Failure { status: None, may_have_arrived, retry_after_seconds: None };
        Ok(Outcome::Bad(failure, unavailable(&why, acts && may_have_arrived)))
    }

    fn request(&self, method: &Method, path: &str, body: Option<&Value>) -> Result<Request<Full<Bytes>>, FunctionError> {
        let base = self.exchange.base();
        let key = HeaderValue::try_from(format!("Bearer {}", self.key));
        let mut key = key.map_err(|_| crate::refusals::no_credentials(self.account))?;
        key.set_sensitive(true);
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", base.prefix))
            .header(HOST, &base.authority)
            .header(AUTHORIZATION, key)
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, AGENT_NAME)
            .header(CONNECTION, "close");
        let request = if body.is_some() { request.header(CONTENT_TYPE, "application/json") } else { request };
        let text = body.map(Value::to_string).unwrap_or_default();
        request.body(Full::from(text)).map_err(|_| unavailable("no request can be made of this", false))
    }

    fn judged(&self, reply: Reply, acts: bool) -> Outcome {
        let status = reply.status;
        if (200..300).contains(&status) {
            return Outcome::Good(reply);
        }
        let seconds = reply.retry_after.as_deref().and_then(|header| retry_after_seconds(header, SystemTime::now()));
        let failure = Failure { status: Some(status), may_have_arrived: true, retry_after_seconds: seconds };
        let words = shown_words(&complaint(&reply.body), self.key);
        let error = match status {
            TOO_MANY_REQUESTS => asked_to_wait(seconds.unwrap_or(1.0)),
            400..=499 => refusal(status, &words, self.account),
            _ if words.is_empty() => unavailable(&format!("it answers with status {status}"), acts),
            _ => unavailable(&format!("it answers with status {status}: {words}"), acts),
        };
        Outcome::Bad(failure, error)
    }
}

fn json_of(reply: &Reply, may_have_executed: bool) -> Result<Value, FunctionError> {
    serde_json::from_slice(&reply.body).map_err(|_| unavailable("its answer is no JSON", may_have_executed))
}

/// Return what the service says is wrong, `{"error": "...", "status": 400}`; empty where it says nothing.
fn complaint(body: &[u8]) -> String {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    value["error"].as_str().unwrap_or_default().to_owned()
}

/// Return a number from 0 to 1: the keys of hash maps are the system's random numbers.
#[allow(clippy::cast_precision_loss)]
fn random() -> f64 {
    RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64
}
