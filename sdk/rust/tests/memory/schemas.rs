//! The schemas that are made of types, and the check of values against them.

use hub_sdk::types::{check, params_schema, returns_schema};
use hub_sdk::{JsonSchema, NoArgs, Value, json, serde_json};
use serde::{Deserialize, Serialize};

/// The words of a type are the words of its schema.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Everything {
    /// how many
    #[serde(default = "five")]
    #[schemars(range(min = 1, max = 10))]
    count: u16,
    #[serde(default)]
    name: Option<String>,
    inner: Vec<Inner>,
    kind: Kind,
    free: serde_json::Map<String, Value>,
}

fn five() -> u16 {
    5
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Inner {
    ratio: f64,
    any: Value,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Kind {
    Plain,
    Sized { size: u32 },
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Tree {
    children: Vec<Tree>,
}

#[test]
fn a_struct_is_an_object_without_other_members() {
    let inner = json!({
        "type": "object", "additionalProperties": false, "required": ["ratio", "any"],
        "properties": {"ratio": {"type": "number"}, "any": {}},
    });
    let schema = params_schema::<Everything>();
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], json!(["inner", "kind", "free"]));
    assert_eq!(schema["description"], "The words of a type are the words of its schema.");
    let properties = &schema["properties"];
    assert_eq!(properties["inner"], json!({"type": "array", "items": inner}));
    assert_eq!(properties["name"], json!({"type": ["string", "null"]}));
    assert_eq!(properties["free"], json!({"type": "object"}));
    let count = json!({"type": "integer", "description": "how many", "minimum": 1, "maximum": 10, "default": 5});
    assert_eq!(properties["count"], count);
    assert_eq!(params_schema::<NoArgs>()["properties"], json!({}));
    // The order is the author's: a form is filled in from the top.
    let names: Vec<&String> = properties.as_object().unwrap().keys().collect();
    assert_eq!(names, ["count", "name", "inner", "kind", "free"]);
}

#[test]
fn what_is_always_written_is_required_of_a_result() {
    assert_eq!(returns_schema::<Everything>()["required"], json!(["count", "name", "inner", "kind", "free"]));
    assert_eq!(returns_schema::<()>(), json!({"type": "null"}));
    assert_eq!(returns_schema::<Value>(), json!({}));
}

#[test]
fn a_type_that_contains_itself_refers_to_itself_only() {
    let schema = params_schema::<Tree>();
    let reference = schema["properties"]["children"]["items"]["$ref"].as_str().unwrap();
    assert!(reference.starts_with('#'), "{reference}");
    assert_eq!(check(&schema, &json!({"children": [{"children": []}]})), Ok(()));
    let problem = check(&schema, &json!({"children": [{"children": [{}]}]})).unwrap_err();
    assert_eq!(problem.pointer, "/children/0/children/0/children");
}

#[test]
fn what_serde_takes_the_check_takes_too() {
    let schema = params_schema::<Everything>();
    let value = json!({"inner": [{"ratio": 1, "any": null}], "kind": {"type": "sized", "size": 3}, "free": {"x": []}});
    assert_eq!(check(&schema, &value), Ok(()));
    assert!(serde_json::from_value::<Everything>(value).is_ok());
}

#[test]
fn what_does_not_fit_is_named_by_its_place() {
    let schema = params_schema::<Everything>();
    let good = json!({"inner": [], "kind": {"type": "plain"}, "free": {}});
    for (member, value, pointer) in [
        ("count", json!(11), "/count"),
        ("count", json!(0), "/count"),
        ("count", json!(1.5), "/count"),
        ("name", json!(1), "/name"),
        ("inner", json!([{"ratio": "x", "any": 1}]), "/inner/0/ratio"),
        ("inner", json!([{"ratio": 1}]), "/inner/0/any"),
        ("kind", json!({"type": "sized", "size": "x"}), "/kind/size"),
        ("kind", json!("plain"), "/kind"),
        ("other", json!(1), "/other"),
    ] {
        let mut wrong = good.clone();
        wrong[member] = value;
        assert_eq!(check(&schema, &wrong).unwrap_err().pointer, pointer, "{wrong}");
    }
}
