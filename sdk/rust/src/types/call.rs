//! Owns what goes with a call: its context (HUB-CALL-6), a report of progress (HUB-PROG-1), levels of log; must not know calls.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What the hub says about a call. Members that do not apply are left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CallContext {
    /// What was left of the deadline when the hub sent the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// Joins the log lines of one call across modules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The calls that led to this one, outermost first, this one last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<String>,
    /// The account to use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

impl CallContext {
    /// Read each member by itself: one that a newer hub writes in another way does not cost the others (HUB-MSG-7).
    pub(crate) fn read(members: &Map<String, Value>) -> Self {
        let text = |name: &str| members.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        let chain = members.get("chain").and_then(Value::as_array).into_iter().flatten();
        Self {
            timeout_ms: members.get("timeout_ms").and_then(milliseconds),
            trace_id: text("trace_id"),
            chain: chain.filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
            profile: text("profile"),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float is cut to what fits, which is what is wanted"
)]
fn milliseconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_f64().filter(|number| *number >= 0.0).map(|number| number as u64))
}

/// How far a call is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// A number that does not fall.
    pub done: f64,
    /// What it will be at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<f64>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// How much a line of log matters (HUB-LOG-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For whoever looks for a mistake.
    Debug,
    /// What happens.
    Info,
    /// What may become a problem.
    Warning,
    /// What is one.
    Error,
}
