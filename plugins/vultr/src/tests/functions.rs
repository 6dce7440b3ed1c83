//! Owns the tests of the functions, in a hub that is pretended, against a service on loopback; must not know how requests are made.

use std::time::{Duration, Instant};

use hub_sdk::testing::{CallError, Setup, TestHub};
use hub_sdk::{CallContext, Value, json, serde_json};

use super::fake::{Asked, Fake, Turn, answer, page};
use crate::contract::IMPLEMENTED;
use crate::module;

/// The person answers with a key that names the account, which stands at the end of the question.
fn start(fake: &Fake) -> TestHub {
    let answers = |message: &str, _: &_| {
        let account = message.rsplit(' ').next().unwrap_or_default();
        (account != "nobody").then(|| json!({"token": format!(" key-of-{account} ")}))
    };
    Setup::new(module()).config(json!({"base_url": fake.url()})).on_ask(answers).start().expect("a module that runs")
}

fn of(account: &str) -> CallContext {
    CallContext { profile: Some(account.to_owned()), ..CallContext::default() }
}

fn call(hub: &TestHub, account: &str, function: &str, params: &Value) -> Result<Value, CallError> {
    hub.begin_with(function, params, &of(account)).wait()
}

fn known(name: &str) -> Turn {
    answer(200, &json!({"account": {"name": name, "email": format!("{name}@example.com")}}))
}

fn authenticated(fake: &Fake, accounts: &[&str]) -> TestHub {
    let hub = start(fake);
    for account in accounts {
        fake.will([known("Ada")]);
        let told = call(&hub, account, "authenticate", &json!({}));
        assert_eq!(told, Ok(json!({"account": account, "identity": "Ada <Ada@example.com>"})));
    }
    hub
}

fn instance(id: &str, members: &Value) -> Value {
    let mut instance = json!({
        "id": id, "label": "web", "status": "active", "power_status": "running", "server_status": "ok", "region": "ams",
        "plan": "vc2-1c-1gb", "os_id": 2136, "os": "Debian", "image_id": "", "main_ip": "198.18.0.1",
        "date_created": "2026-01-02T03:04:05+00:00",
    });
    for (name, value) in members.as_object().into_iter().flatten() {
        instance[name] = value.clone();
    }
    instance
}

#[test]
fn every_function_of_the_interfaces_is_announced_word_by_word() {
    let own = json!(module().capabilities());
    let files = [
        include_str!("../../../../schemas/interfaces/cloud.account-1.0.json"),
        include_str!("../../../../schemas/interfaces/cloud.compute-1.0.json"),
    ];
    let interfaces = files.map(|file| serde_json::from_str::<Value>(file).expect("JSON"));
    let wanted: Vec<&Value> =
        interfaces.iter().flat_map(|interface| interface["functions"].as_array().expect("a list")).collect();
    for (at, wanted) in wanted.into_iter().enumerate() {
        assert_eq!(&own["functions"][at], wanted);
    }
    assert_eq!((&own["implements"], &own["permissions"]), (&json!(IMPLEMENTED), &json!(["ask", "credentials"])));
}

#[test]
fn without_a_key_nothing_is_asked_and_the_command_is_named() {
    let fake = Fake::start();
    let hub = start(&fake);
    for (function, params) in [("list_servers", json!({})), ("whoami", json!({})), ("delete_server", json!({"id": "1"}))] {
        let error = call(&hub, "work", function, &params).expect_err("it did not fail");
        assert_eq!(error.code, 1001, "{function}");
        assert!(error.message.contains("hub call vultr.authenticate --account work"), "{}", error.message);
    }
    assert_eq!(call(&hub, "work", "forget", &json!({})), Ok(json!({"forgotten": false})));
    assert_eq!(call(&hub, "nobody", "authenticate", &json!({})).map_err(|error| error.code), Err(1001));
    assert_eq!(fake.asked(), []);
}

#[test]
fn a_key_that_the_service_does_not_take_is_not_kept() {
    let fake = Fake::start();
    let hub = start(&fake);
    fake.will([answer(401, &json!({"error": "Invalid API token.", "status": 401}))]);
    assert_eq!(call(&hub, "work", "authenticate", &json!({})).map_err(|error| error.code), Err(1001));
    assert_eq!(call(&hub, "work", "forget", &json!({})), Ok(json!({"forgotten": false})));
}

#[test]
fn each_call_uses_the_key_of_its_own_account() {
    let fake = Fake::start();
    let hub = authenticated(&fake, &["home", "work"]);
    let calls: Vec<_> =
        (0..8).map(|number| hub.begin_with("whoami", &json!({}), &of(if number % 2 == 0 { "home" } else { "work" }))).collect();
    // Answers of `{}` say nobody's name; who was asked for counts.
    assert!(calls.iter().all(|call| call.wait().is_err_and(|error| error.code == 1005)));
    let mut tokens: Vec<String> = fake.asked().into_iter().skip(2).map(|Asked { token, .. }| token).collect();
    tokens.sort();
    assert_eq!(tokens, [vec!["Bearer key-of-home"; 4], vec!["Bearer key-of-work"; 4]].concat());
    assert_eq!(call(&hub, "home", "forget", &json!({})), Ok(json!({"forgotten": true})));
    assert_eq!(call(&hub, "home", "whoami", &json!({})).map_err(|error| error.code), Err(1001));
}

#[test]
fn a_server_is_made_as_the_service_wants_it_and_its_password_is_left_there() {
    let fake = Fake::start();
    let hub = authenticated(&fake, &["work"]);
    let made = instance("7-a", &json!({"status": "pending", "main_ip": "0.0.0.0", "default_password": "v5{Fkvb"}));
    fake.will([answer(202, &json!({"instance": made}))]);
    let wanted = json!({"name": "web", "region": "ams", "size": "vc2-1c-1gb", "image": "2136"});
    let server = call(&hub, "work", "create_server", &wanted).expect("a server");
    let told = json!({
        "id": "7-a", "name": "web", "status": "starting", "region": "ams", "size": "vc2-1c-1gb", "image": "2136",
        "public_ipv4": null, "created_at": "2026-01-02T03:04:05Z",
    });
    assert_eq!(server, told);
    let sent: Value = serde_json::from_str(&fake.asked()[1].body).expect("JSON");
    let body = json!({"region": "ams", "plan": "vc2-1c-1gb", "label": "web", "hostname": "web", "os_id": 2136});
    assert_eq!(sent, body);
    fake.will([answer(202, &json!({}))]);
    let wanted = json!({"name": "web", "region": "ams", "size": "vc2-1c-1gb", "image": "wordpress"});
    let error = call(&hub, "work", "create_server", &wanted).expect_err("it did not fail");
    assert_eq!((error.code, error.data), (1005, Some(json!({"may_have_executed": true}))));
    assert!(fake.asked()[2].body.contains(r#""image_id":"wordpress""#));
}

#[test]
fn instances_are_told_in_the_words_of_the_interface() {
    let fake = Fake::start();
    let hub = authenticated(&fake, &["work"]);
    let told = [
        (json!({"status": "active", "power_status": "running", "server_status": "ok"}), "running"),
        (json!({"status": "active", "power_status": "running", "server_status": "installingbooting"}), "starting"),
        (json!({"status": "active", "power_status": "stopped"}), "stopped"),
        (json!({"status": "suspended"}), "stopped"),
        (json!({"status": "resizing"}), "unknown"),
        (json!({"status": null}), "unknown"),
    ];
    let numbered = told.iter().enumerate().map(|(number, (members, _))| instance(&number.to_string(), members));
    fake.will([page("instances", &numbered.collect(), "")]);
    let servers = call(&hub, "work", "list_servers", &json!({"region": "am&s"})).expect("servers");
    let statuses: Vec<&str> = servers.as_array().into_iter().flatten().filter_map(|server| server["status"].as_str()).collect();
    assert_eq!(statuses, told.map(|(_, status)| status));
    assert_eq!(fake.asked()[1].line, "GET /v2/instances?region=am%26s&per_page=500");
    let bare = json!({"label": "", "hostname": "h", "os_id": 0, "image_id": "app", "main_ip": "", "date_created": "yesterday"});
    fake.will([page("instances", &json!([instance("1", &bare), instance("2", &json!({}))]), "next")]);
    let servers = call(&hub, "work", "list_servers", &json!({"limit": 1})).expect("servers");
    assert_eq!((&servers[0]["name"], &servers[0]["image"], &servers[1]), (&json!("h"), &json!("app"), &json!(null)));
    assert_eq!((&servers[0]["public_ipv4"], &servers[0]["created_at"]), (&json!(null), &json!(null)));
    assert_eq!(fake.asked()[2].line, "GET /v2/instances?per_page=1");
    fake.will([page("instances", &json!([instance("1", &json!({"plan": null}))]), "")]);
    assert_eq!(call(&hub, "work", "list_servers", &json!({})).map_err(|error| error.code), Err(1005));
}

#[test]
fn regions_are_told_with_city_and_country() {
    let fake = Fake::start();
    let hub = authenticated(&fake, &["work"]);
    fake.will([page("regions", &json!([{"id": "ams", "city": "Amsterdam", "country": "NL"}, {"id": "x"}]), "")]);
    let regions =
        json!([{"id": "ams", "name": "Amsterdam, NL", "available": true}, {"id": "x", "name": "x", "available": true}]);
    assert_eq!(call(&hub, "work", "list_regions", &json!({})), Ok(regions));
}

#[test]
fn what_can_be_bought_is_told() {
    let fake = Fake::start();
    let hub = authenticated(&fake, &["work"]);
    let plan = json!({"id": "vc2-1c-1gb", "vcpu_count": 1, "ram": 1024, "disk": 25, "locations": ["ams"]});
    let sold_out = json!({"id": "big", "vcpu_count": 1, "ram": 1024, "disk": 25, "locations": []});
    fake.will([page("plans", &json!([plan, sold_out]), "")]);
    let size =
        |id: &str, available: bool| json!({"id": id, "vcpus": 1, "memory_mib": 1024, "disk_gib": 25, "available": available});
    assert_eq!(call(&hub, "work", "list_sizes", &json!({})), Ok(json!([size("vc2-1c-1gb", true), size("big", false)])));
    fake.will([page("os", &json!([{"id": 2136, "name": "Debian 12 x64"}]), "")]);
    assert_eq!(call(&hub, "work", "list_images", &json!({})), Ok(json!([{"id": "2136", "name": "Debian 12 x64"}])));
}

#[test]
fn what_is_no_id_never_becomes_part_of_a_path() {
    let fake = Fake::start();
    let hub = authenticated(&fake, &["work"]);
    for id in ["..", ".", "a/../b", "a?b", "a#b", "%2e%2e", "a b", &"a".repeat(65)] {
        let outcome = call(&hub, "work", "delete_server", &json!({"id": id}));
        assert_eq!(outcome, Ok(json!({"deleted": false})), "{id}");
    }
    assert_eq!(fake.asked().len(), 1);
}

#[test]
fn a_request_ends_with_its_call() {
    let fake = Fake::start();
    let hub = authenticated(&fake, &["work"]);
    fake.will([Turn::Silence, Turn::Silence]);
    let call = hub.begin_with("list_servers", &json!({}), &of("work"));
    eventually(|| fake.asked().len() == 2);
    call.cancel();
    assert_eq!(call.wait().map_err(|error| error.code), Err(-31000));
    eventually(|| fake.gone() == 1);
    let late = CallContext { timeout_ms: Some(300), ..of("work") };
    assert_eq!(hub.begin_with("list_servers", &json!({}), &late).wait().map_err(|error| error.code), Err(-31001));
    eventually(|| fake.gone() == 2);
}

#[test]
fn a_name_that_no_server_can_have_is_refused_here() {
    let fake = Fake::start();
    let hub = authenticated(&fake, &["work"]);
    for name in ["-web", ".web", "we b", "wëb", "web\n", "a/b"] {
        let wanted = json!({"name": name, "region": "ams", "size": "vc2-1c-1gb", "image": "2136"});
        assert_eq!(call(&hub, "work", "create_server", &wanted).map_err(|error| error.code), Err(-32602), "{name:?}");
    }
    assert_eq!(fake.asked().len(), 1);
}

fn eventually(is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(4);
    while !is_so() {
        assert!(Instant::now() < end, "it never happened");
        std::thread::yield_now();
    }
}
