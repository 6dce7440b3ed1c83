//! A module that does what authors do by mistake, for the tests of processes. It owns no sense.
#![allow(unsafe_code, reason = "it prints from C, as the libraries of authors do")]

use std::ffi::{c_char, c_int, c_void};
use std::io::Read;
use std::process::Command;
use std::time::Duration;

use hub_sdk::{Context, Error, Info, Init, JsonSchema, Module, NoArgs, Value, json, tokio};
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Config {
    /// how `on_cleanup` ends: well, hang, panic
    #[serde(default)]
    cleanup: String,
}

#[derive(Deserialize, JsonSchema)]
struct Print {
    /// rust, c, child
    from: String,
}

unsafe extern "C" {
    fn puts(text: *const c_char) -> c_int;
    fn fflush(stream: *mut c_void) -> c_int;
}

async fn print(_: Context, args: Print) -> Result<(), Error> {
    match args.from.as_str() {
        "rust" => println!("printed from rust"),
        "c" => unsafe {
            puts(c"printed from c".as_ptr());
            fflush(std::ptr::null_mut());
        },
        _ => drop(Command::new("sh").args(["-c", "echo printed from child"]).status()?),
    }
    Ok(())
}

/// What a child of the module finds: how much it can read, and which descriptors it has.
async fn child(_: Context, _: NoArgs) -> Result<Value, Error> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let script = "cat; for fd in /proc/self/fd/*; do readlink \"$fd\"; done";
    let child = Command::new("sh").args(["-c", script]).output()?;
    let own =
        std::fs::read_dir("/proc/self/fd")?.map_while(Result::ok).filter_map(|entry| std::fs::read_link(entry.path()).ok());
    let own: Vec<String> = own.map(|target| target.display().to_string()).collect();
    Ok(json!({"stdin": text, "own": own, "child": String::from_utf8_lossy(&child.stdout)}))
}

async fn panics(_: Context, _: NoArgs) -> Result<(), Error> {
    panic!("hunter2 in a panic")
}

async fn fails(_: Context, _: NoArgs) -> Result<(), Error> {
    Err(std::io::Error::other("hunter2 in an error"))?
}

async fn nan(_: Context, _: NoArgs) -> Result<f64, Error> {
    Ok(f64::NAN)
}

/// Blocks a thread that is not for blocking, and does not end.
async fn block(context: Context, _: NoArgs) -> Result<(), Error> {
    context.progress(0.0, None, "begun");
    loop {
        std::thread::sleep(Duration::from_hours(1));
    }
}

/// Fills standard error until nobody can write there any more.
async fn flood(context: Context, _: NoArgs) -> Result<(), Error> {
    context.progress(0.0, None, "begun");
    loop {
        eprintln!("{}", "x".repeat(4096));
    }
}

/// Says that it wants to end by itself, and does not.
async fn stubborn(context: Context, _: NoArgs) -> Result<(), Error> {
    let _watched = context.cancelled();
    context.progress(0.0, None, "begun");
    std::future::pending().await
}

/// Ends by itself when it is cancelled, with a result.
async fn tidy(context: Context, _: NoArgs) -> Result<String, Error> {
    let cancelled = context.cancelled();
    context.progress(0.0, None, "begun");
    let reason = cancelled.await;
    Ok(format!("{reason:?}"))
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("a panic while dropping");
    }
}

async fn dropped(context: Context, _: NoArgs) -> Result<(), Error> {
    let _guard = PanicsWhenDropped;
    context.progress(0.0, None, "begun");
    std::future::pending().await
}

static LATE: tokio::sync::Notify = tokio::sync::Notify::const_new();

/// Leaves a thread that panics, and a task that reports after the answer.
async fn late(context: Context, _: NoArgs) -> Result<(), Error> {
    let _panicked = std::thread::spawn(|| panic!("a panic in a thread")).join();
    tokio::spawn(async move {
        LATE.notified().await;
        context.progress(1.0, None, None);
        context.log_to_hub(hub_sdk::Level::Info, "late", &Value::Null);
        let refused = context.store().get::<Value>("x").await;
        LATE_DONE.notify_one();
        drop(refused.expect_err("an answer to a call that is over"));
    });
    Ok(())
}

static LATE_DONE: tokio::sync::Notify = tokio::sync::Notify::const_new();

/// Lets what `late` left behind go on, and waits for it.
async fn later(_: Context, _: NoArgs) -> Result<(), Error> {
    LATE.notify_one();
    LATE_DONE.notified().await;
    Ok(())
}

fn main() {
    let mut module = Module::new(Info::new("naughty", "1.0.0").license("Apache-2.0").author("The hub authors"));
    module.on_init(async |_: Context, init: Init<Config>| Ok::<_, Error>(init.config.cleanup));
    module.on_cleanup(async |context: Context| {
        match context.state::<String>().as_str() {
            "hang" => std::future::pending().await,
            "panic" => panic!("a panic in cleanup"),
            _ => println!("cleaned up"),
        }
        Ok::<_, Error>(())
    });
    module.function("print", print);
    module.function("child", child);
    module.function("panics", panics);
    module.function("fails", fails);
    module.function("nan", nan);
    module.function("block", block);
    module.function("flood", flood);
    module.function("stubborn", stubborn);
    module.function("tidy", tidy);
    module.function("dropped", dropped);
    module.function("late", late);
    module.function("later", later);
    if std::env::args().nth(1).is_some() {
        module.function("ping", late);
    }
    module.run()
}
