//! Owns what can be told of a JSON text by looking at its bytes once, before a parser may: nesting, large integers, tokens. It must not mind
//! a text that is no JSON at all, and never recurses.

use super::limits::{MAX_NESTING, MAX_SAFE_INTEGER};
use super::read::Rejected;

/// Refuse what a parser would die of, or round without a word (HUB-FRAME-7, HUB-FRAME-9).
pub(crate) fn prescan(text: &[u8]) -> Result<(), Rejected> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let end = match byte {
            b'"' => string_end(text, at),
            b'-' | b'0'..=b'9' => {
                let end = number_end(text, at);
                check_integer(&text[at..end])?;
                end
            }
            _ => at + 1,
        };
        match byte {
            b'{' | b'[' if depth == MAX_NESTING => return Err(Rejected(format!("it nests deeper than {MAX_NESTING}"))),
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at = end;
    }
    Ok(())
}

fn check_integer(token: &[u8]) -> Result<(), Rejected> {
    let digits = token.strip_prefix(b"-").unwrap_or(token);
    // Counting first: a million digits are not worth reading.
    let is_safe = digits.len() < 16
        || !digits.iter().all(u8::is_ascii_digit)
        || (digits.len() == 16 && digits <= MAX_SAFE_INTEGER.to_string().as_bytes());
    if is_safe {
        return Ok(());
    }
    Err(Rejected(format!("it has an integer beyond ±{MAX_SAFE_INTEGER}")))
}

/// The position behind the string that begins at `at`.
fn string_end(text: &[u8], mut at: usize) -> usize {
    at += 1;
    while let Some(&byte) = text.get(at) {
        at += match byte {
            b'"' => return at + 1,
            b'\\' => 2,
            _ => 1,
        };
    }
    text.len()
}

fn number_end(text: &[u8], at: usize) -> usize {
    let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    at + text[at..].iter().take_while(|byte| is_part(byte)).count()
}

/// Give the tokens of a text, commas and white space left out; what is no JSON comes in some pieces or other.
pub(crate) fn tokens(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text[at..].iter().take_while(|byte| is_separator(**byte)).count();
        let &first = text.get(at)?;
        let start = at;
        at = match first {
            b'{' | b'}' | b'[' | b']' | b':' => at + 1,
            b'"' => string_end(text, at).min(text.len()),
            _ => at + text[at..].iter().take_while(|byte| !is_separator(**byte) && !b"\"[]{}:".contains(byte)).count(),
        };
        Some(&text[start..at])
    })
}

fn is_separator(byte: u8) -> bool {
    b", \t\r\n\x0b\x0c".contains(&byte)
}
