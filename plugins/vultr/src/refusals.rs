//! Owns the words and codes of the errors that callers get, the interfaces' 1001 to 1005; must not know more of HTTP than its numbers.

use hub_sdk::{FunctionError, json};

pub const CREDENTIALS: i64 = 1001;
pub const NOT_FOUND: i64 = 1002;
const REFUSED: i64 = 1003;
const WAIT: i64 = 1004;
const UNAVAILABLE: i64 = 1005;

/// A sentence of the service is for people to read; whoever sends more than this sends something else.
const MOST_WORDS_CHARS: usize = 500;

/// Return the service's words as they may be shown: never the key, nothing that a terminal would act on, not too many.
pub fn shown_words(words: &str, key: &str) -> String {
    let safe = words.replace(key, "***");
    let readable = safe.chars().map(|char| if is_harmful(char) { ' ' } else { char });
    readable.take(MOST_WORDS_CHARS).collect::<String>().trim().to_owned()
}

/// Controls, and what changes the direction of text or hides in it.
fn is_harmful(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Say what a person can do about an account's credentials.
pub fn authenticate_hint(account: &str) -> String {
    format!("hint: hub call vultr.authenticate --account {account}")
}

pub fn no_credentials(account: &str) -> FunctionError {
    let hint = authenticate_hint(account);
    FunctionError::new(CREDENTIALS, format!("cannot ask Vultr: account {account} has no API key; {hint}"))
}

pub fn unavailable(what: &str, may_have_executed: bool) -> FunctionError {
    let doubt = if may_have_executed { "; whether it was carried out is unknown" } else { "" };
    FunctionError::new(UNAVAILABLE, format!("cannot ask Vultr: {what}{doubt}"))
        .with_data(json!({"may_have_executed": may_have_executed}))
}

pub fn asked_to_wait(seconds: f64) -> FunctionError {
    let message = format!("cannot ask Vultr: it asks to wait {} s; hint: call again later", seconds.ceil());
    FunctionError::new(WAIT, message).with_data(json!({"retry_after_seconds": seconds}))
}

/// Return the error that an answer with a status of 400 to 499 means; `words` may be shown.
pub fn refusal(status: u16, words: &str, account: &str) -> FunctionError {
    let said = if words.is_empty() { format!("status {status}") } else { words.to_owned() };
    let (code, message) = match status {
        401 => (
            CREDENTIALS,
            format!("Vultr does not take the API key of account {account}: {said}; {}", authenticate_hint(account)),
        ),
        403 => (CREDENTIALS, format!("the API key of account {account} may not do this at Vultr: {said}")),
        404 => (NOT_FOUND, format!("Vultr has no such thing: {said}")),
        _ => (REFUSED, format!("Vultr refuses the request: {said}")),
    };
    FunctionError::new(code, message)
}
