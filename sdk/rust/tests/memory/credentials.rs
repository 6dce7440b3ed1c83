//! What is kept secret for an account, and the clock that stands still while a person is asked.

use std::time::{Duration, Instant};

use hub_sdk::testing::Setup;
use hub_sdk::types::CallContext;
use hub_sdk::{Context, HostError, JsonSchema, Kept, Module, NoArgs, Value, json};
use serde::{Deserialize, Serialize};

use crate::module;

#[derive(Deserialize, Serialize, JsonSchema)]
struct Token {
    token: String,
}

fn keeper() -> Module {
    let mut module = module();
    module.permissions(["ask", "credentials"]);
    module.function("keep", async |context: Context, args: Token| {
        let before: Option<Value> = context.credentials().get("token").await?;
        let kept = context.credentials().put_for(Duration::from_mins(1), "token", args).await?;
        assert_eq!(kept, Kept::Session);
        let again: Option<Token> = context.credentials().get("token").await?;
        Ok::<_, HostError>((context.account().to_owned(), before, again))
    });
    module.function("forget", async |context: Context, _: NoArgs| context.credentials().delete("token").await);
    module
}

// HUB-CRED-1
#[test]
fn what_is_kept_belongs_to_the_account_of_the_call() {
    let hub = Setup::new(keeper()).credential("work", "token", json!("old")).start().unwrap();
    let new = json!({"token": "t"});
    assert_eq!(hub.call("keep", &new), Ok(json!(["default", null, new])));
    assert_eq!(hub.call_for("work", "keep", &new), Ok(json!(["work", "old", new])));
    assert_eq!(hub.call_for("work", "forget", json!({})), Ok(json!(true)));
    assert_eq!(hub.call_for("work", "forget", json!({})), Ok(json!(false)));
    assert_eq!((json!(hub.credentials("work")), json!(hub.credentials("default"))), (json!({}), json!({"token": new})));
}

// HUB-CRED-2
#[test]
fn a_name_that_the_hub_would_refuse_is_not_sent() {
    let mut module = module();
    module.function("all", async |context: Context, _: NoArgs| {
        let mut refused = Vec::new();
        for name in ["", &"ü".repeat(65)] {
            let credentials = context.credentials();
            refused.extend(credentials.get::<Value>(name).await.err());
            refused.extend(credentials.put(name, 1).await.err());
            refused.extend(credentials.delete(name).await.err());
        }
        Ok::<_, HostError>(refused.iter().filter(|error| error.kind() == "invalid_params").count())
    });
    let hub = Setup::new(module).start().unwrap();
    assert_eq!(hub.call("all", json!({})), Ok(json!(6)));
    assert_eq!(hub.credentials("default").len(), 0);
}

// HUB-CAPS-9
#[test]
fn an_interface_is_declared_with_its_version_or_the_module_is_refused() {
    let mut good = module();
    good.implements(["cloud.compute/1.0", "cloud.account/2"]);
    let hub = Setup::new(good).start().unwrap();
    assert_eq!(json!(hub.capabilities())["implements"], json!(["cloud.compute/1.0", "cloud.account/2"]));
    for bad in ["compute/1.0", "cloud.compute", "cloud.compute/1.0.0", "Cloud.compute/1", "cloud.compute/01"] {
        let mut module = module();
        module.implements([bad]);
        assert!(module.check().unwrap_err().problems()[0].contains("HUB-CAPS-9"), "{bad}");
    }
}

// HUB-HOST-6: the deadline of this call has passed long before the person answers.
#[test]
fn a_call_outlives_its_deadline_while_a_person_is_asked() {
    const GIVEN: Duration = Duration::from_millis(20);
    let mut module = keeper();
    module.function("ask", async |context: Context, _: NoArgs| context.ask::<Token>("Which?").await);
    let begun = Instant::now();
    let thinks = move |_: &str, _: &_| {
        while begun.elapsed() < 3 * GIVEN {
            std::thread::yield_now();
        }
        Some(json!({"token": "t"}))
    };
    let hub = Setup::new(module).on_ask(thinks).start().unwrap();
    let context = CallContext { timeout_ms: Some(20), ..CallContext::default() };
    let answer = hub.begin_with("ask", &json!({}), &context).wait();
    assert_eq!(answer, Ok(json!({"token": "t"})));
}
