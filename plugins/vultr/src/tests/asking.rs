//! Owns the tests of asking the API, against a service on loopback; must not know functions.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use hub_sdk::tokio::runtime::Builder;
use hub_sdk::{FunctionError, Value, json};

use super::fake::{Asked, Fake, Turn, answer, answer_with, complaint, cut, cut_in_body, page};
use crate::client::Client;
use crate::exchange::Exchange;
use crate::pages::entries;
use crate::settings::{Configuration, Settings};

const KEY: &str = "SECRETKEY0123456789";
const PATH: &str = "/v2/instances";

struct World {
    url: String,
    timeout: f64,
    remaining: Duration,
}

impl World {
    fn of(fake: &Fake) -> Self {
        Self { url: fake.url(), timeout: 2.0, remaining: Duration::from_secs(4) }
    }

    /// Do something with a client, which must not take longer than a test may.
    fn with<T>(&self, work: impl AsyncFnOnce(Client<'_>) -> T) -> T {
        let config = json!({"base_url": self.url, "timeout_seconds": self.timeout});
        let config: Configuration = hub_sdk::serde_json::from_value(config).expect("a configuration");
        let settings = Settings::try_from(config).expect("settings");
        let exchange = Exchange::new(settings.base.clone()).expect("an exchange");
        let deadline = Some(Instant::now() + self.remaining);
        let client = Client { settings: &settings, exchange: &exchange, deadline, account: "work", key: KEY };
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async { hub_sdk::tokio::time::timeout(Duration::from_secs(5), work(client)).await }).expect("an end")
    }

    fn get(&self) -> Result<Value, FunctionError> {
        self.with(async |client| client.get(PATH).await)
    }

    fn create(&self) -> Result<Value, FunctionError> {
        self.with(async |client| client.create(PATH, &json!({"label": "a"})).await)
    }

    fn list(&self) -> Result<Vec<Value>, FunctionError> {
        self.with(async |client| entries(&client, "/v2/things?", "things", 1000).await)
    }
}

/// Return code and data of a failure whose words do not hold the key.
fn failure<T: std::fmt::Debug>(outcome: Result<T, FunctionError>) -> (i64, Option<Value>) {
    let error = outcome.expect_err("it did not fail");
    assert!(!format!("{error:?}").contains(KEY), "{error:?}");
    (error.code, error.data)
}

#[test]
fn a_request_carries_the_key_and_its_answer_is_the_json() {
    let fake = Fake::start();
    fake.will([answer(202, &json!({"here": 1}))]);
    assert_eq!(World::of(&fake).create(), Ok(json!({"here": 1})));
    let token = format!("Bearer {KEY}");
    assert_eq!(fake.asked(), [Asked { line: format!("POST {PATH}"), token, body: r#"{"label":"a"}"#.to_owned() }]);
}

#[test]
fn a_path_before_the_api_is_kept() {
    let fake = Fake::start();
    let world = World { url: format!("{}/gate/", fake.url()), ..World::of(&fake) };
    assert_eq!(world.get(), Ok(json!({})));
    assert_eq!(fake.asked()[0].line, "GET /gate/v2/instances");
}

#[test]
fn a_read_survives_what_passes() {
    let fake = Fake::start();
    fake.will([complaint(500, "no"), cut(), cut_in_body(), answer(200, &json!({"here": 1}))]);
    assert_eq!(World::of(&fake).get(), Ok(json!({"here": 1})));
}

#[test]
fn a_read_ends_after_its_attempts_with_the_words_of_the_service() {
    let fake = Fake::start();
    fake.will(vec![complaint(502, "bad gateway"); 9]);
    let error = World::of(&fake).get().expect_err("it did not fail");
    assert_eq!((error.code, error.data, fake.asked().len()), (1005, Some(json!({"may_have_executed": false})), 4));
    assert!(error.message.contains("bad gateway"), "{}", error.message);
}

#[test]
fn after_a_failure_a_creation_is_in_doubt_and_asked_for_once() {
    for turn in
        [complaint(500, "no"), cut(), cut_in_body(), Turn::Silence, Turn::Flood, Turn::Answer("nonsense\r\n\r\n".into())]
    {
        let fake = Fake::start();
        fake.will([turn]);
        let outcome = World { timeout: 1.0, ..World::of(&fake) }.create();
        assert_eq!(failure(outcome), (1005, Some(json!({"may_have_executed": true}))));
        assert_eq!(fake.asked().len(), 1);
    }
}

#[test]
fn an_answer_without_end_is_cut_off_and_not_asked_for_again() {
    let fake = Fake::start();
    fake.will([Turn::Flood]);
    let error = World::of(&fake).get().expect_err("it did not fail");
    assert_eq!((error.code, fake.asked().len()), (1005, 1));
    assert!(error.message.contains("too large"), "{}", error.message);
}

#[test]
fn a_creation_that_was_throttled_is_asked_for_again_and_made_once() {
    let fake = Fake::start();
    fake.will([answer_with(429, &json!({}), "retry-after: 0\r\n"), answer(202, &json!({"made": 1}))]);
    assert_eq!(World::of(&fake).create(), Ok(json!({"made": 1})));
    assert_eq!(fake.asked().len(), 2);
}

#[test]
fn a_wait_that_does_not_fit_is_told() {
    let fake = Fake::start();
    fake.will([answer_with(429, &json!({}), "retry-after: 40\r\n")]);
    assert_eq!(failure(World::of(&fake).get()), (1004, Some(json!({"retry_after_seconds": 40.0}))));
    assert_eq!(fake.asked().len(), 1);
}

#[test]
fn where_nobody_listens_a_creation_is_surely_not_done() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", closed.local_addr().expect("its address"));
    drop(closed);
    let error = World { url, timeout: 2.0, remaining: Duration::from_secs(4) }.create().expect_err("it did not fail");
    assert_eq!((error.code, error.data), (1005, Some(json!({"may_have_executed": false}))));
    assert!(error.message.contains("refused"), "{}", error.message);
}

#[test]
fn statuses_become_the_errors_of_the_interface_with_words_that_are_safe_to_show() {
    let cases = [(401, 1001), (403, 1001), (404, 1002), (400, 1003), (409, 1003), (422, 1003), (302, 1005)];
    let fake = Fake::start();
    for (status, wanted) in cases {
        fake.will([complaint(status, &format!("no \u{1b}[31m\u{202e}{KEY} {}", "x".repeat(2000)))]);
        let error = World::of(&fake).get().expect_err("it did not fail");
        assert_eq!(error.code, wanted, "{status}");
        let is_safe =
            error.message.len() < 800 && !error.message.contains(['\u{1b}', '\u{202e}']) && !error.message.contains(KEY);
        assert!(is_safe, "{}", error.message);
    }
    assert_eq!(fake.asked().len(), cases.len());
}

#[test]
fn a_redirection_is_not_followed() {
    let fake = Fake::start();
    fake.will([answer_with(307, &json!({}), "location: /elsewhere\r\n")]);
    assert_eq!(failure(World::of(&fake).create()).0, 1005);
    assert_eq!(fake.asked().len(), 1);
}

#[test]
fn an_attempt_gets_no_more_time_than_it_is_given() {
    let fake = Fake::start();
    let world = World { timeout: 0.2, ..World::of(&fake) };
    fake.will([Turn::Silence, answer(200, &json!({"here": 1}))]);
    assert_eq!(world.get(), Ok(json!({"here": 1})));
    fake.will([Turn::Silence]);
    let error = world.create().expect_err("it did not fail");
    assert!(error.message.contains("no answer within 0.2 s"), "{}", error.message);
}

#[test]
fn what_an_earlier_attempt_has_deleted_counts_as_deleted() {
    let fake = Fake::start();
    let world = World::of(&fake);
    let delete = || world.with(async |client| client.delete("/v2/instances/1").await);
    fake.will([cut(), complaint(404, "gone")]);
    assert_eq!(delete(), Ok(true));
    fake.will([complaint(404, "never there")]);
    assert_eq!(delete(), Ok(false));
    fake.will([Turn::Answer("HTTP/1.1 204 No Content\r\n\r\n".to_owned())]);
    assert_eq!(delete(), Ok(true));
}

#[test]
fn a_list_is_read_to_its_end_and_what_moved_meanwhile_is_there_once() {
    let fake = Fake::start();
    let (first, second) = (json!([{"id": "1"}, {"id": "2"}]), json!([{"id": "2"}, {"id": "3"}]));
    fake.will([page("things", &first, "a=/b"), page("things", &second, "")]);
    assert_eq!(World::of(&fake).list(), Ok(vec![json!({"id": "1"}), json!({"id": "2"}), json!({"id": "3"})]));
    let lines: Vec<String> = fake.asked().into_iter().map(|asked| asked.line).collect();
    assert_eq!(lines, ["GET /v2/things?per_page=500", "GET /v2/things?per_page=500&cursor=a%3D%2Fb"]);
}

#[test]
fn a_list_that_leads_nowhere_is_an_error() {
    let same = || page("things", &json!([{"id": "1"}]), "next");
    for turns in [vec![same(), same()], vec![page("things", &json!([]), "next")]] {
        let (fake, most) = (Fake::start(), turns.len());
        fake.will(turns);
        assert_eq!(failure(World::of(&fake).list()).0, 1005);
        assert_eq!(fake.asked().len(), most);
    }
    for value in [json!({}), json!({"things": {}}), json!({"things": [{"id": null}]}), json!([]), json!(null)] {
        let fake = Fake::start();
        fake.will([answer(200, &value)]);
        assert_eq!(failure(World::of(&fake).list()).0, 1005, "{value}");
    }
}
