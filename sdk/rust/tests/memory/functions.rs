//! What becomes of a call: results, errors, cancellation, progress.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hub_sdk::testing::{Setup, TestHub};
use hub_sdk::types::codes;
use hub_sdk::{CallContext, Context, Error, FunctionError, InvalidArgument, JsonSchema, NoArgs, Reason, Value, json, tokio};
use serde::Deserialize;
use tokio::sync::{Barrier, Notify};

use crate::module;

#[derive(Debug)]
struct Wrapped(FunctionError);

impl fmt::Display for Wrapped {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("while doing something else")
    }
}

impl std::error::Error for Wrapped {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

fn own() -> FunctionError {
    FunctionError::new(7, "no such region").with_data(json!({"region": "x"}))
}

#[test]
fn errors_of_the_modules_own_reach_the_caller_also_from_further_in() {
    let mut module = module();
    module.function("direct", async |_: Context, _: NoArgs| Err::<(), _>(own()));
    module.function("wrapped", async |_: Context, _: NoArgs| Err::<(), _>(Wrapped(own())));
    let hub = TestHub::start(module);
    for name in ["direct", "wrapped"] {
        let failed = hub.call(name, json!({})).unwrap_err();
        assert_eq!((failed.code, &*failed.message, failed.data), (7, "no such region", Some(json!({"region": "x"}))));
    }
    assert_eq!(hub.log(), Vec::<Value>::new());
}

#[test]
fn other_errors_stay_in_the_log() {
    let mut module = module();
    module.function("io", async |_: Context, _: NoArgs| Err::<(), Error>(std::io::Error::other("hunter2").into()));
    module.function("text", async |_: Context, _: NoArgs| Err::<(), _>(Error::unexpected("hunter2")));
    module.function("reserved", async |_: Context, _: NoArgs| Err::<(), _>(Error::new(codes::CANCELLED, "hunter2")));
    module.function("panic", async |_: Context, _: NoArgs| -> Result<(), Error> { panic!("hunter2") });
    let hub = TestHub::start(module);
    for (number, name) in ["io", "text", "reserved", "panic"].into_iter().enumerate() {
        let failed = hub.call(name, json!({})).unwrap_err();
        assert_eq!(failed.kind(), Some("internal_error"));
        assert!(!format!("{failed:?}").contains("hunter2"));
        let line = &hub.log()[number];
        assert_eq!(line["fields"]["correlation_id"], failed.data.unwrap()["correlation_id"]);
        assert!(line["fields"]["error"].as_str().unwrap().contains("hunter2"), "{line}");
    }
}

#[derive(Deserialize, JsonSchema)]
struct Region {
    region: String,
    #[serde(default)]
    #[schemars(range(max = 10))]
    count: u8,
}

#[test]
fn wrong_arguments_are_named_without_their_value() {
    let mut module = module();
    module.function("list", async |_: Context, args: Region| match args.region.as_str() {
        "" => Err(InvalidArgument::new("/region", "a region must not be empty")),
        _ => Ok(args.count),
    });
    let hub = TestHub::start(module);
    for (params, pointer) in [
        (json!({"region": "hunter2", "count": "hunter2"}), "/count"),
        (json!({"region": "hunter2", "count": 11}), "/count"),
        (json!({"region": "hunter2", "count": -1}), "/count"),
        (json!({"region": "hunter2", "a/~": 1}), "/a~1~0"),
        (json!({"region": ""}), "/region"),
        (json!({"count": 1}), "/region"),
    ] {
        let failed = hub.call("list", &params).unwrap_err();
        let data = failed.data.unwrap();
        assert_eq!((failed.code, &data["errors"][0]["pointer"]), (codes::INVALID_PARAMS, &json!(pointer)), "{params}");
        let words = data["errors"][0]["message"].as_str().unwrap();
        assert!(!words.is_empty() && !words.contains(pointer) && !words.contains("hunter2"), "{words}");
        assert!(!failed.message.contains("hunter2"), "{}", failed.message);
    }
    assert_eq!(hub.call("list", json!({"region": "x", "count": 3.0})), Ok(json!(3)));
}

#[test]
fn calls_overlap_and_blocking_ones_do_too() {
    let mut module = module();
    let both = Arc::new(Barrier::new(2));
    let here = Arc::clone(&both);
    module.function("async", move |_: Context, _: NoArgs| {
        let here = Arc::clone(&here);
        async move { Ok::<_, Error>(here.wait().await.is_leader()) }
    });
    module.blocking_function("blocking", move |context: Context, _: NoArgs| {
        Ok::<_, Error>(context.block_on(both.wait()).is_leader())
    });
    let hub = TestHub::start(module);
    for pair in [["async", "async"], ["blocking", "async"], ["blocking", "blocking"]] {
        let calls = pair.map(|name| hub.begin(name, json!({})));
        let leaders = calls.map(|call| call.wait());
        assert!(leaders.contains(&Ok(json!(true))) && leaders.contains(&Ok(json!(false))), "{leaders:?}");
    }
}

#[test]
fn no_more_calls_are_worked_on_than_there_are_workers() {
    let mut module = module();
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    module.workers(2).function("work", move |_: Context, _: NoArgs| {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            now.fetch_sub(1, Ordering::SeqCst);
            Ok::<_, Error>(())
        }
    });
    let hub = TestHub::start(module);
    let calls: Vec<_> = (0..64).map(|_| hub.begin("work", json!({}))).collect();
    assert!(calls.iter().all(|call| call.wait() == Ok(json!(null))));
    assert!((1..=2).contains(&seen.load(Ordering::SeqCst)));
}

#[test]
fn a_blocking_function_that_panics_is_like_any_other() {
    let mut module = module();
    module.blocking_function("panic", |_: Context, _: NoArgs| -> Result<(), Error> { panic!("hunter2") });
    let hub = TestHub::start(module);
    assert_eq!(hub.call("panic", json!({})).unwrap_err().code, codes::INTERNAL_ERROR);
}

struct SaysDropped(Arc<Notify>);

impl Drop for SaysDropped {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[test]
fn a_cancelled_call_is_dropped_at_once_and_answered_once() {
    let mut module = module();
    let [started, dropped] = [(); 2].map(|()| Arc::new(Notify::new()));
    let says = (Arc::clone(&started), Arc::clone(&dropped));
    module.function("wait", move |_: Context, _: NoArgs| {
        says.0.notify_one();
        let guard = SaysDropped(Arc::clone(&says.1));
        async move {
            std::future::pending::<()>().await;
            drop(guard);
            Ok::<_, Error>(())
        }
    });
    for (name, notify) in [("started", started), ("dropped", dropped)] {
        module.function(name, move |_: Context, _: NoArgs| {
            let notify = Arc::clone(&notify);
            async move {
                notify.notified().await;
                Ok::<_, Error>(())
            }
        });
    }
    let hub = TestHub::start(module);
    let call = hub.begin("wait", json!({}));
    assert_eq!(hub.call("started", json!({})), Ok(json!(null)));
    let since = Instant::now();
    call.cancel();
    call.cancel();
    assert_eq!(call.wait().unwrap_err().kind(), Some("cancelled"));
    // A second is what a handler gets that asked for it.
    assert!(since.elapsed() < Duration::from_secs(1));
    assert_eq!(hub.call("dropped", json!({})), Ok(json!(null)));
}

#[test]
fn the_deadline_ends_a_call_and_its_handler_may_know_it() {
    let mut module = module();
    module.function("wait", async |_: Context, _: NoArgs| std::future::pending::<Result<(), Error>>().await);
    module.function("watch", async |context: Context, _: NoArgs| {
        let is_set = context.remaining().is_some_and(|left| left < Duration::from_secs(1));
        let reason = context.cancelled().await;
        Ok::<_, Error>(is_set && reason == Reason::Deadline && context.is_cancelled())
    });
    let hub = TestHub::start(module);
    let context = CallContext { timeout_ms: Some(20), ..CallContext::default() };
    assert_eq!(hub.begin_with("wait", &json!({}), &context).wait().unwrap_err().kind(), Some("timeout"));
    assert_eq!(hub.begin_with("watch", &json!({}), &context).wait(), Ok(json!(true)));
}

#[test]
fn of_a_thousand_reports_few_are_sent_and_the_last_is_among_them() {
    let mut module = module();
    module.function("count", async |context: Context, _: NoArgs| {
        for step in 1..=1000 {
            context.progress(step.into(), 1000.0, "counting");
        }
        Ok::<_, Error>(())
    });
    let hub = TestHub::start(module);
    let call = hub.begin("count", json!({}));
    assert_eq!(call.wait(), Ok(json!(null)));
    let reports = call.progress();
    assert!(reports.len() <= 20, "{}", reports.len());
    let last = reports.last().unwrap();
    assert_eq!((last.done, last.total, last.message.as_deref()), (1000.0, Some(1000.0), Some("counting")));
    assert!(reports.is_sorted_by(|a, b| a.done < b.done));
}

#[test]
fn a_hub_without_features_gets_none_of_them() {
    let mut module = module();
    module.function("all", async |context: Context, _: NoArgs| {
        context.progress(1.0, None, None);
        context.log_to_hub(hub_sdk::Level::Info, "to the log instead", &json!({"a": 1}));
        let refused = context.call::<Value>("a.b", ()).await.unwrap_err();
        Ok::<_, Error>(refused.kind().to_owned())
    });
    let hub = Setup::new(module).features([]).start().unwrap();
    let call = hub.begin("all", json!({}));
    assert_eq!(call.wait(), Ok(json!("method_not_found")));
    assert!(call.progress().is_empty() && hub.hub_log().is_empty());
    assert_eq!(hub.log(), [json!({"level": "info", "message": "to the log instead", "fields": {"function": "all", "a": 1}})]);
}

#[test]
fn a_result_that_cannot_be_sent_is_an_internal_error_and_a_large_one_says_so() {
    let mut module = module();
    module.function("infinite", async |_: Context, _: NoArgs| Ok::<_, Error>(f64::INFINITY));
    module.function("exact", async |_: Context, _: NoArgs| Ok::<_, Error>(u64::MAX));
    module.function("large", async |_: Context, _: NoArgs| Ok::<_, Error>("x".repeat(16 * 1024 * 1024)));
    let hub = TestHub::start(module);
    assert_eq!(hub.call("infinite", json!({})).unwrap_err().kind(), Some("internal_error"));
    assert_eq!(hub.call("exact", json!({})).unwrap_err().kind(), Some("internal_error"));
    assert_eq!(hub.call("large", json!({})).unwrap_err().kind(), Some("frame_too_large"));
    assert!(hub.log()[0]["fields"]["error"].as_str().unwrap().contains("NaN"));
}
