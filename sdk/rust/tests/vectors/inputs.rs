//! Owns the bytes of a case: text, base64, repetitions, and these joined. Knows no case.

use serde_json::Value;

/// Return the bytes of an input.
pub fn bytes(input: &Value) -> Vec<u8> {
    let times = || usize::try_from(input["times"].as_u64().expect("times")).expect("a size");
    match input.as_object().and_then(|members| members.iter().next()).map(|(name, value)| (name.as_str(), value)) {
        Some(("text", Value::String(text))) => text.clone().into_bytes(),
        Some(("base64", Value::String(text))) => base64(text),
        Some(("repeat", Value::String(text))) => text.repeat(times()).into_bytes(),
        Some(("pieces", Value::Array(pieces))) => pieces.iter().flat_map(bytes).collect(),
        _ => panic!("an input of another form: {input}"),
    }
}

fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let value = ALPHABET.iter().position(|letter| *letter == byte).expect("a letter of base64");
        bits = bits << 6 | u32::try_from(value).expect("six bits");
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).expect("eight bits"));
        }
    }
    bytes
}

#[test]
fn base64_is_read() {
    assert_eq!(base64("77u/"), b"\xef\xbb\xbf");
    assert_eq!(base64("/w=="), b"\xff");
}
