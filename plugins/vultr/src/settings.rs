//! Owns what an operator may set, and whether it can be used; must not know what it is used for.

use std::net::IpAddr;
use std::time::Duration;

use hub_sdk::InvalidArgument;
use hyper::Uri;
use schemars::JsonSchema;
use serde::Deserialize;

/// Where Vultr is.
const REAL_BASE_URL: &str = "https://api.vultr.com";
/// Long enough for an answer of 8 MiB over a slow line, short enough to leave time for another attempt within 30 s.
const TIMEOUT_SECONDS: f64 = 10.0;
/// With the pauses between them 4 attempts take less than 5 s where the service refuses at once.
const ATTEMPTS: u32 = 4;

/// The table `[config]` of the manifest, overlaid with what the operator set.
#[derive(Deserialize, JsonSchema)]
pub struct Configuration {
    /// where the API is
    #[serde(default = "real_base_url")]
    base_url: String,
    /// of one HTTP request
    #[serde(default = "timeout_seconds")]
    #[schemars(range(min = 0.05, max = 300))]
    timeout_seconds: f64,
    /// the first one counts
    #[serde(default = "attempts")]
    #[schemars(range(min = 1, max = 10))]
    max_attempts: u32,
}

fn real_base_url() -> String {
    REAL_BASE_URL.to_owned()
}

fn timeout_seconds() -> f64 {
    TIMEOUT_SECONDS
}

fn attempts() -> u32 {
    ATTEMPTS
}

/// Where requests go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    pub is_secure: bool,
    /// Without the brackets of an IPv6 address.
    pub host: String,
    pub port: u16,
    /// Host and port as the header `host` has them.
    pub authority: String,
    /// What comes before the API's own paths, without a slash at its end.
    pub prefix: String,
}

/// What a configuration means.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub base: Base,
    pub timeout: Duration,
    pub max_attempts: u32,
}

impl TryFrom<Configuration> for Settings {
    type Error = InvalidArgument;

    /// Fails with the member that cannot be used (HUB-INIT-2); numbers were checked against the schema.
    fn try_from(given: Configuration) -> Result<Self, InvalidArgument> {
        let refuse = |why: &str| InvalidArgument::new("/base_url", format!("cannot use base_url: {why}"));
        let base = usable_base(&given.base_url).map_err(refuse)?;
        Ok(Self { base, timeout: Duration::from_secs_f64(given.timeout_seconds), max_attempts: given.max_attempts })
    }
}

fn usable_base(text: &str) -> Result<Base, &'static str> {
    let uri: Uri = text.parse().map_err(|_| "it is no URL")?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err("it is no URL") };
    if text.contains(['@', '?', '#']) {
        return Err("it must be scheme, host and path alone");
    }
    let host = authority.host().trim_matches(['[', ']']).to_ascii_lowercase();
    let is_secure = scheme == "https";
    // The key travels in every request: in the clear it may go to this machine only.
    if host.is_empty() || !(is_secure || scheme == "http" && is_loopback(&host)) {
        return Err("it must begin with https:// (http:// is for addresses of this machine)");
    }
    let port = authority.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
    let prefix = uri.path().trim_end_matches('/').to_owned();
    Ok(Base { is_secure, host, port, authority: authority.to_string(), prefix })
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}
