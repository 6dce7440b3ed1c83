//! Owns what a module says about itself (HUB-INFO-1); must not know of its functions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{names, null_is_none};

/// The version of the protocol that this crate speaks (HUB-VER-1).
pub const PROTOCOL_VERSION: i64 = 1;

/// The features that this crate offers (HUB-VER-3).
pub const FEATURES: [&str; 5] = ["cancel", "concurrent", "context", "host_services", "progress"];

/// What a module says about itself. Name, version, licence and one author are required.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info {
    /// `[a-z][a-z0-9_-]*`, at most 64 characters.
    pub name: String,
    /// Strict `SemVer` 2.0.
    pub version: String,
    /// An SPDX expression.
    pub license: String,
    /// At least one.
    pub authors: Vec<String>,
    /// Lines.
    #[serde(default, deserialize_with = "null_is_none", skip_serializing_if = "Vec::is_empty")]
    pub description: Vec<String>,
    /// Name to requirement, such as `^1.0`.
    #[serde(default, deserialize_with = "null_is_none", skip_serializing_if = "BTreeMap::is_empty")]
    pub required_modules: BTreeMap<String, String>,
    /// Shown when the module is loaded.
    #[serde(default, deserialize_with = "null_is_none", skip_serializing_if = "BTreeMap::is_empty")]
    pub extra_info: BTreeMap<String, String>,
    /// A URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
}

impl Info {
    /// Begin with the name and the version; [`Info::license`] and [`Info::author`] have to follow.
    pub fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            license: String::new(),
            authors: Vec::new(),
            description: Vec::new(),
            required_modules: BTreeMap::new(),
            extra_info: BTreeMap::new(),
            homepage: None,
        }
    }

    /// Set the licence: an SPDX expression such as `MIT OR Apache-2.0`.
    pub fn license(mut self, expression: &str) -> Self {
        expression.clone_into(&mut self.license);
        self
    }

    /// Add an author, such as `You <you@example.org>`.
    pub fn author(mut self, author: &str) -> Self {
        self.authors.push(author.to_owned());
        self
    }

    /// Add a line of description.
    pub fn description(mut self, line: &str) -> Self {
        self.description.push(line.to_owned());
        self
    }

    /// Require another module, such as `system` in `^1.0`. It runs first, and may always be called (HUB-CAPS-7).
    pub fn requires(mut self, module: &str, requirement: &str) -> Self {
        self.required_modules.insert(module.to_owned(), requirement.to_owned());
        self
    }

    /// Add something to be shown when the module is loaded.
    pub fn extra(mut self, name: &str, value: &str) -> Self {
        self.extra_info.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Set the homepage.
    pub fn homepage(mut self, url: &str) -> Self {
        self.homepage = Some(url.to_owned());
        self
    }

    /// Return what is wrong, a sentence each.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut expect = |is_good: bool, what: String| (!is_good).then(|| problems.push(what));
        expect(names::is_module_name(&self.name), format!("{:?} is no name of a module (HUB-INFO-2)", self.name));
        expect(names::is_version(&self.version), format!("{:?} is no version by SemVer 2.0 (HUB-INFO-3)", self.version));
        expect(!self.license.trim().is_empty(), "there is no licence: an SPDX expression such as MIT (HUB-INFO-4)".into());
        let has_authors = !self.authors.is_empty() && self.authors.iter().all(|author| !author.trim().is_empty());
        expect(has_authors, "there has to be an author, and none may be blank (HUB-INFO-5)".into());
        for (name, requirement) in &self.required_modules {
            expect(!names::is_file_name(name), format!("{name:?} names a file, not a module (HUB-INFO-6)"));
            let is_module = names::is_module_name(name) || names::is_file_name(name);
            expect(is_module, format!("{name:?} is no name of a module (HUB-INFO-6)"));
            expect(
                names::is_requirement(requirement),
                format!("{requirement:?} is no requirement, such as \"^1.0\" (HUB-INFO-6)"),
            );
        }
        problems
    }
}

/// The result of `module_info`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleInfo {
    /// Everything that the author says.
    #[serde(flatten)]
    pub info: Info,
    /// The version that was picked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol_version: Option<i64>,
    /// The features that are offered.
    #[serde(default, deserialize_with = "null_is_none", skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
}

impl ModuleInfo {
    pub(crate) fn of(info: &Info) -> Self {
        let features = FEATURES.iter().map(ToString::to_string).collect();
        Self { info: info.clone(), protocol_version: Some(PROTOCOL_VERSION), features }
    }
}
