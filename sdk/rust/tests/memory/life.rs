//! Initialisation, configuration, changes, and what is wrong with a module before it is served.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hub_sdk::testing::{NotRunning, Setup, TestHub};
use hub_sdk::types::codes;
use hub_sdk::{Context, Disable, Error, Info, Init, JsonSchema, Module, NoArgs, Value, json};
use serde::Deserialize;

use crate::module;

#[derive(Deserialize, JsonSchema)]
struct Config {
    region: String,
    #[serde(default)]
    disabled: bool,
}

fn configured() -> Module {
    let mut module = module();
    module.on_init(async |_: Context, init: Init<Config>| {
        if init.config.disabled {
            return Err(Disable::because("switched off").into());
        }
        assert!(init.data_directory.is_dir());
        Ok::<_, Error>(init.config.region)
    });
    module.function("region", async |context: Context, _: NoArgs| Ok::<_, Error>(context.state::<String>().to_string()));
    module.function("wrong", async |context: Context, _: NoArgs| Ok::<_, Error>(*context.state::<u8>()));
    module
}

#[test]
fn what_on_init_returns_is_there_for_the_functions() {
    let hub = Setup::new(configured()).config(json!({"region": "nyc1"})).start().unwrap();
    assert_eq!(hub.call("region", json!({})), Ok(json!("nyc1")));
    assert_eq!(hub.call("wrong", json!({})).unwrap_err().kind(), Some("internal_error"));
    assert!(hub.log()[0]["fields"]["error"].as_str().unwrap().contains("did not return a u8"));
}

#[test]
fn a_wrong_configuration_is_refused_by_member() {
    for (config, pointer) in [
        (json!({}), "/config/region"),
        (json!({"region": 7}), "/config/region"),
        (json!({"region": "x", "zone": 1}), "/config/zone"),
        (json!([]), "/config"),
    ] {
        let Err(NotRunning::Failed(error)) = Setup::new(configured()).config(config).start() else { panic!("{pointer}") };
        let data = error.data.unwrap();
        assert_eq!((error.code, &data["errors"][0]["pointer"]), (codes::INVALID_PARAMS, &json!(pointer)));
    }
}

#[test]
fn a_module_may_disable_itself() {
    let config = json!({"region": "x", "disabled": true});
    let outcome = Setup::new(configured()).config(config).start().err();
    assert_eq!(outcome, Some(NotRunning::Disabled("switched off".into())));
}

#[test]
fn cleanup_runs_once_whichever_way_the_module_ends() {
    for stops in [true, false] {
        let mut module = module();
        let runs = Arc::new(AtomicUsize::new(0));
        let counts = Arc::clone(&runs);
        module.on_cleanup(move |_: Context| {
            let counts = Arc::clone(&counts);
            async move {
                counts.fetch_add(1, Ordering::SeqCst);
                Ok::<_, Error>(())
            }
        });
        let hub = TestHub::start(module);
        if stops {
            hub.stop();
        } else {
            drop(hub);
        }
        assert_eq!(runs.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn functions_may_come_and_go_while_the_module_runs() {
    let mut module = module();
    module.function("grow", async |context: Context, _: NoArgs| {
        context.change_functions(|functions| {
            functions.add("new", async |_: Context, _: NoArgs| Ok::<_, Error>("new")).summary("New.");
            assert!(functions.remove("old"));
        })?;
        let refused = context.change_functions(|functions| {
            functions.add("new", async |_: Context, _: NoArgs| Ok::<_, Error>(()));
        });
        Ok::<_, Error>(refused.is_err())
    });
    module.function("old", async |_: Context, _: NoArgs| Ok::<_, Error>(()));
    let hub = TestHub::start(module);
    assert_eq!(hub.call("new", json!({})).unwrap_err().kind(), Some("method_not_found"));
    assert_eq!(hub.call("grow", json!({})), Ok(json!(true)));
    assert_eq!(hub.call("new", json!({})), Ok(json!("new")));
    assert_eq!(hub.call("old", json!({})).unwrap_err().kind(), Some("method_not_found"));
    assert_eq!(hub.changes(), 1);
}

#[test]
fn what_is_wrong_with_a_module_is_said_all_at_once() {
    let mut module = Module::new(Info::new("Big Name", "1.0").requires("disk.so", "latest"));
    module.permissions(["root"]);
    module.function("ping", async |_: Context, _: NoArgs| Ok::<_, Error>(())).error(-32000, "reserved");
    module.function("a", async |_: Context, _: Value| Ok::<_, Error>(())).returns(json!({"$ref": "other.json"}));
    module.function("a", async |_: Context, _: NoArgs| Ok::<_, Error>(())).timeout(std::time::Duration::ZERO);
    let problems = module.check().unwrap_err().to_string();
    for id in
        ["INFO-2", "INFO-3", "INFO-4", "INFO-5", "INFO-6", "CAPS-2", "CAPS-3", "CAPS-4", "CAPS-6", "CAPS-7", "twice", "timeout"]
    {
        assert!(problems.contains(id), "{id} is missing in {problems}");
    }
}

#[test]
#[should_panic(expected = "HUB-CALL-1")]
fn a_result_that_its_schema_forbids_fails_the_authors_test() {
    let mut module = module();
    module.function("lies", async |_: Context, _: NoArgs| Ok::<_, Error>(json!("text"))).returns(json!({"type": "integer"}));
    let _ = TestHub::start(module).call("lies", json!({}));
}

#[test]
#[should_panic(expected = "is not true")]
fn an_example_that_is_not_true_fails_the_authors_test() {
    let mut module = module();
    module.function("one", async |_: Context, _: NoArgs| Ok::<_, Error>(1)).example("two", json!({}), json!(2));
    TestHub::start(module).check_examples();
}
