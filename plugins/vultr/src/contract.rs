//! Owns what the interfaces say of each function, read from their files when this is compiled; must not know the work.

use hub_sdk::serve::Function;
use hub_sdk::{Value, serde_json};

/// What the module implements, as `capabilities` names it.
pub const IMPLEMENTED: [&str; 2] = ["cloud.account/1.0", "cloud.compute/1.0"];

const FILES: [&str; 2] = [
    include_str!("../../../schemas/interfaces/cloud.account-1.0.json"),
    include_str!("../../../schemas/interfaces/cloud.compute-1.0.json"),
];

/// The functions of both interfaces.
pub struct Contract(Vec<Value>);

impl Contract {
    /// # Panics
    /// Never: the files are part of the program, and a test reads them.
    pub fn read() -> Self {
        let interfaces = FILES.map(|file| serde_json::from_str::<Value>(file).expect("an interface is JSON"));
        Self(
            interfaces
                .into_iter()
                .flat_map(|mut interface| interface["functions"].take().as_array().cloned().unwrap_or_default())
                .collect(),
        )
    }

    /// Announce `function` word by word as its interface has it, which is proof that it is satisfied (HUB-IFACE-6).
    ///
    /// # Panics
    /// For a name that no interface has.
    pub fn announce(&self, name: &str, function: &mut Function) {
        let signature = self.signature(name);
        function.params(signature["params"].clone()).returns(signature["returns"].clone());
        signature["summary"].as_str().map(|text| function.summary(text));
        signature["description"].as_str().map(|text| function.description(text));
        self.declare_errors(name, function);
        let said = |hint: &str| signature["hints"][hint].as_bool();
        let hints = function.hints();
        hints.read_only = said("read_only");
        hints.destructive = said("destructive");
        hints.idempotent = said("idempotent");
        hints.open_world = said("open_world");
    }

    /// Declare for `function` the errors of the function `name` of an interface.
    ///
    /// # Panics
    /// For a name that no interface has.
    pub fn declare_errors(&self, name: &str, function: &mut Function) {
        for error in self.signature(name)["errors"].as_array().into_iter().flatten() {
            let (code, message) = (error["code"].as_i64().unwrap_or_default(), error["message"].as_str().unwrap_or_default());
            function.error_with(code, message, error["data"].clone());
        }
    }

    fn signature(&self, name: &str) -> &Value {
        self.0.iter().find(|signature| signature["name"] == name).expect("a function of an interface")
    }
}
