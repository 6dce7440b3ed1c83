//! Owns when a request is tried again and how long is waited before it: failure and time left in, a pause out. It must not wait.

use std::time::{Duration, SystemTime};

use hyper::Method;

/// The first pause, without its jitter; it doubles with each attempt.
const FIRST_PAUSE_SECONDS: f64 = 0.2;
const LONGEST_PAUSE_SECONDS: f64 = 5.0;
/// What an attempt needs at least: a pause that leaves less before the deadline is no use.
const ATTEMPT_SECONDS: f64 = 0.2;
/// A call without a deadline waits so long for a service that asks to wait, and no longer.
const UNBOUNDED_WAIT_SECONDS: f64 = 60.0;
/// More is no time that anybody waits; and it must fit a duration.
const MOST_RETRY_AFTER_SECONDS: f64 = 1e9;
const TOO_MANY_REQUESTS: u16 = 429;
const SERVER_ERROR: u16 = 500;

/// What a pause depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Failure {
    /// Of the answer, where there was one.
    pub status: Option<u16>,
    /// False only where the service cannot have seen the request.
    pub may_have_arrived: bool,
    pub retry_after_seconds: Option<f64>,
}

/// What is left to try.
#[derive(Debug, Clone, Copy)]
pub struct Chances {
    /// Attempts made so far.
    pub attempt: u32,
    pub max_attempts: u32,
    /// Until the call's deadline, where there is one.
    pub remaining: Option<Duration>,
}

/// Return whether asking again can not do a thing twice that must be done once.
pub fn may_repeat(method: &Method, failure: &Failure) -> bool {
    if failure.status == Some(TOO_MANY_REQUESTS) || !failure.may_have_arrived {
        return true;
    }
    // A deletion that happens twice is a deletion; a creation costs money each time.
    method != Method::POST && failure.status.is_none_or(|status| status >= SERVER_ERROR)
}

/// Return how long to wait before the next attempt, None where there must or can be none. `random` is from 0 to 1.
pub fn pause(method: &Method, failure: &Failure, chances: Chances, random: f64) -> Option<Duration> {
    let Chances { attempt, max_attempts, remaining } = chances;
    if attempt >= max_attempts || !may_repeat(method, failure) {
        return None;
    }
    let doublings = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
    let backoff = (FIRST_PAUSE_SECONDS * 2_f64.powi(doublings)).min(LONGEST_PAUSE_SECONDS);
    // Half of it is jitter: those who failed together do not come back together.
    let seconds = (backoff * (0.5 + random / 2.0)).max(failure.retry_after_seconds.unwrap_or(0.0));
    let most = remaining.map_or(UNBOUNDED_WAIT_SECONDS, |remaining| remaining.as_secs_f64() - ATTEMPT_SECONDS);
    (seconds <= most).then(|| Duration::from_secs_f64(seconds))
}

/// Return the seconds that a Retry-After header means (RFC 9110, 10.2.3: seconds or a date), None where it means nothing.
pub fn retry_after_seconds(header: &str, now: SystemTime) -> Option<f64> {
    let text = header.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(|seconds: f64| seconds.min(MOST_RETRY_AFTER_SECONDS));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).map_or(0.0, |left| left.as_secs_f64()))
}
