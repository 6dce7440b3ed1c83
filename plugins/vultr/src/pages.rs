//! Owns reading a list to its end, page by page, and noticing pages that lead nowhere; must not know what stands in a list.

use std::collections::HashSet;

use hub_sdk::{FunctionError, Value};

use crate::client::Client;
use crate::refusals::unavailable;

/// The most that the service gives at once.
pub const PAGE_SIZE: usize = 500;
/// What a list has at most, as the interface says of servers.
pub const MOST_ENTRIES: usize = 100_000;

/// Return the entries of the list at `path` (which has a query) whose member is called `word`: all pages of it, or `limit` entries.
///
/// An entry that moved to the next page while the list was read is there once.
///
/// # Errors
/// One of the interfaces' errors.
pub async fn entries(client: &Client<'_>, path: &str, word: &str, limit: usize) -> Result<Vec<Value>, FunctionError> {
    let (mut found, mut seen, mut next) = (Vec::new(), HashSet::new(), String::new());
    loop {
        let size = PAGE_SIZE.min(limit);
        let from = if next.is_empty() { String::new() } else { format!("&cursor={}", quoted(&next)) };
        let mut page = client.get(&format!("{path}per_page={size}{from}")).await?;
        let Some(Value::Array(entries)) = page.get_mut(word).map(Value::take) else {
            return Err(unavailable(&format!("its answer has no list of {word}"), false));
        };
        let before = found.len();
        for entry in entries {
            // Most are texts; operating systems have numbers.
            let id = &entry["id"];
            if !id.is_string() && !id.is_u64() {
                return Err(unavailable(&format!("an entry of its list of {word} has no id"), false));
            }
            if seen.insert(id.to_string()) {
                found.push(entry);
            }
        }
        page["meta"]["links"]["next"].as_str().unwrap_or_default().clone_into(&mut next);
        if next.is_empty() || found.len() >= limit {
            found.truncate(limit);
            return Ok(found);
        }
        // Each page has to bring something, so the list ends whatever the service says. Where it leads is only ever a cursor for this
        // host: a whole address would be sent back as one, and refused.
        if found.len() == before {
            return Err(unavailable(&format!("its list of {word} does not end: a page brings nothing new"), false));
        }
    }
}

/// Return a text as it stands in a query.
pub fn quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    text.bytes().map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
