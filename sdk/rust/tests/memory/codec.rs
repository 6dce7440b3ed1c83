//! Reading and writing at their limits, and garbage: whatever comes in, nothing is lost and nothing panics.

use std::collections::{BTreeMap, HashMap};

use hub_sdk::codec::{Line, Message, Splitter, encode, read_json, read_message};
use hub_sdk::{Value, json, serde_json};
use serde::Serialize;

#[derive(Serialize)]
enum Kind {
    Unit,
    New(u8),
    Tuple(u8, char),
    Struct { a: Option<u8>, b: () },
}

#[test]
fn every_shape_of_serde_is_written_as_serde_json_writes_it() {
    let shapes = (
        [Kind::Unit, Kind::New(1), Kind::Tuple(2, 'u'), Kind::Struct { a: None, b: () }],
        BTreeMap::from([(1, "one\n\"quoted\""), (2, "two\ttabs")]),
        HashMap::from([("x", Some(1.5_f32))]),
        (i64::from(i32::MIN), 0.1_f64, 1e300, true, b"bytes"),
        Vec::<u8>::new(),
    );
    let text = String::from_utf8(encode(&shapes, 0).unwrap()).unwrap();
    assert_eq!(text, serde_json::to_string(&shapes).unwrap());
}

#[derive(Serialize)]
struct Twice {
    a: u8,
    #[serde(flatten)]
    rest: BTreeMap<String, u8>,
}

#[test]
fn what_the_hub_would_refuse_is_not_written() {
    let mut deep = json!(1);
    for _ in 0..64 {
        deep = json!([deep]);
    }
    assert!(encode(&deep, 0).is_ok() && encode(&deep, 1).is_err());
    assert!(encode(&f64::NAN, 0).is_err() && encode(&f32::NEG_INFINITY, 0).is_err());
    assert!(encode(&9_007_199_254_740_991_u64, 0).is_ok() && encode(&9_007_199_254_740_992_u64, 0).is_err());
    assert!(encode(&i64::MIN, 0).is_err() && encode(&u128::MAX, 0).is_err());
    assert!(encode(&BTreeMap::from([(vec![1], 1)]), 0).is_err());
    assert!(encode(&Twice { a: 1, rest: BTreeMap::from([("a".into(), 2)]) }, 0).is_err());
}

#[test]
fn what_a_module_may_take_is_refused_all_the_same() {
    for text in [
        r#"{"a":1,"a":1}"#,
        r#"[{"a":{"b":1,"\u0062":1}}]"#,
        r#"["\ud800"]"#,
        "[9007199254740992]",
        "[-18446744073709551617]",
        "[1e400]",
        "\u{feff}[]",
    ] {
        assert!(read_json(text.as_bytes()).is_err(), "{text}");
    }
    let why = read_json(br#"{"secret":"hunter2","secret":1}"#).unwrap_err().to_string();
    assert!(why.contains("twice") && !why.contains("secret") && !why.contains("hunter2"), "{why}");
}

#[test]
fn numbers_keep_their_value() {
    for text in ["0.1", "1e-320", "123456789.12345679", "1.7976931348623157e308", "2.2250738585072014e-308"] {
        let value = read_json(format!("[[{text}]]").as_bytes()).unwrap();
        assert_eq!(value[0][0].as_f64().unwrap().to_bits(), text.parse::<f64>().unwrap().to_bits(), "{text}");
    }
    assert_eq!(read_json(b"{\"a\":[1.0,-0.0,1e2]}").unwrap(), json!({"a": [1, 0, 100]}));
}

/// A generator of chance that is the same each time: a failure can be repeated.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

/// What streams are put together from: enough to make messages by chance, and to break them.
const PIECES: [&[u8]; 20] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"\"id\"",
    b"\"method\"",
    b"7",
    b"1e400",
    b"\"x\\",
    b"\\ud800",
    b"\"",
    b"\n",
    b" ",
    b"\xff",
    b"\xef\xbb\xbf",
    b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\"}",
    b"\"result\":null",
    b"-",
];

/// Short, so that some lines are too long.
const LIMIT: usize = 64;

#[test]
fn any_bytes_cut_anywhere_give_the_same_messages() {
    let mut chance = Chance(7);
    let mut good = 0;
    for _ in 0..3000 {
        let stream: Vec<u8> = (0..chance.below(40)).flat_map(|_| PIECES[chance.below(PIECES.len())]).copied().collect();
        let mut whole = Vec::new();
        Splitter::default().feed(&stream, || LIMIT, |line| whole.push(read_message(&line, LIMIT)));
        let (mut cut, mut splitter, mut rest) = (Vec::new(), Splitter::default(), &stream[..]);
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(1 + chance.below(rest.len()));
            splitter.feed(piece, || LIMIT, |line| cut.push(read_message(&line, LIMIT)));
            rest = behind;
        }
        assert_eq!(whole, cut, "{}", String::from_utf8_lossy(&stream));
        good += whole.iter().filter(|message| matches!(message, Message::Request { .. })).count();
    }
    assert!(good > 0, "no stream had a good message in it");
}

#[test]
fn a_hundred_thousand_brackets_do_not_end_the_process() {
    for text in ["[", "{\"a\":", "[{\"a\":"] {
        let line = Line::Whole(text.repeat(100_000).into_bytes());
        assert!(matches!(read_message(&line, usize::MAX), Message::Invalid(_)));
    }
    assert_eq!(read_json(b"null"), Ok(Value::Null));
}
