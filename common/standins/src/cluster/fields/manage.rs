//! `metadata.managedFields`: who owns what, and what an apply or another write changes about it.

use super::super::kind::Kind;
use super::super::schema::{self, Schema};
use super::{Owned, Path, leaves, merge, remove, words};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A field manager. The same name is another one for another operation and subresource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) struct Who {
    pub(in super::super) name: String,
    /// `Apply`, otherwise `Update`.
    pub(in super::super) applies: bool,
    /// `status`, or empty.
    pub(in super::super) subresource: String,
}

impl Who {
    pub(in super::super) fn applying(name: &str) -> Who {
        Who { name: name.to_owned(), applies: true, subresource: String::new() }
    }

    pub(in super::super) fn updating(name: &str, subresource: &str) -> Who {
        Who { name: name.to_owned(), applies: false, subresource: subresource.to_owned() }
    }

    /// As a conflict names it: appliers without the API version.
    fn words(&self, api_version: &str) -> String {
        let mut words = format!("\"{}\"", self.name);
        if !self.subresource.is_empty() {
            words += &format!(" with subresource \"{}\"", self.subresource);
        }
        if !self.applies {
            words += &format!(" using {api_version}");
        }
        words
    }
}

/// A field that somebody else owns with another value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Conflict {
    /// As errors name the manager.
    pub(in super::super) with: String,
    /// As errors name the field.
    pub(in super::super) field: String,
}

/// All managers of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in super::super) struct Managers(BTreeMap<Who, (Owned, String)>);

impl Managers {
    /// Those in the object's metadata.
    pub(in super::super) fn of(object: &Value) -> Managers {
        let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or("").to_owned();
        let entries = object["metadata"]["managedFields"].as_array().into_iter().flatten();
        Managers(
            entries
                .map(|entry| {
                    let applies = entry["operation"] == "Apply";
                    let who = Who { name: text(entry, "manager"), applies, subresource: text(entry, "subresource") };
                    (who, (Owned::from_json(&entry["fieldsV1"]), text(entry, "time")))
                })
                .collect(),
        )
    }

    /// As in the metadata.
    pub(in super::super) fn to_json(&self, api_version: &str) -> Value {
        self.0
            .iter()
            .map(|(who, (owned, time))| {
                let mut entry = json!({
                    "manager": who.name, "operation": if who.applies { "Apply" } else { "Update" },
                    "apiVersion": api_version, "time": time, "fieldsType": "FieldsV1", "fieldsV1": owned.to_json(),
                });
                if !who.subresource.is_empty() {
                    entry["subresource"] = json!(who.subresource);
                }
                entry
            })
            .collect()
    }

    /// Applies `config` to `live` as this manager. The object as it is then, or the conflicts that forbid it.
    pub(in super::super) fn apply(
        &mut self,
        who: &Who,
        live: &Value,
        config: &Value,
        force: bool,
        kind: Kind,
        now: &str,
    ) -> Result<Value, Vec<Conflict>> {
        let schema = schema::of(kind);
        let wanted = Owned::of(config, schema);
        let mut object = live.clone();
        merge(&mut object, config, schema);
        let before = self.0.get(who).map(|(owned, _)| owned.clone()).unwrap_or_default();
        let others: BTreeSet<&Path> =
            self.0.iter().filter(|(other, _)| *other != who).flat_map(|(_, (owned, _))| &owned.0).collect();
        // What this manager no longer names and nobody else does; the deepest first, so that entries are empty then.
        for path in before.0.iter().rev().filter(|path| !wanted.0.contains(*path) && !others.contains(path)) {
            remove(&mut object, path);
        }
        let changes = Changes::between(live, &object, schema);
        let conflicts = self.conflicts(who, &changes.set, &kind.api_version());
        if !force && !conflicts.is_empty() {
            return Err(conflicts);
        }
        self.release(Some(who), &changes);
        self.own(who, wanted, now);
        Ok(object)
    }

    /// Takes note of a write that is no apply: the manager owns what it has changed, and nobody else does.
    pub(in super::super) fn update(&mut self, who: &Who, live: &Value, object: &Value, schema: &Schema, now: &str) {
        let changes = Changes::between(live, object, schema);
        self.release(None, &changes);
        if !changes.set.is_empty() {
            let mut owned = self.0.get(who).map(|(owned, _)| owned.clone()).unwrap_or_default();
            owned.0.extend(changes.set);
            self.own(who, owned, now);
        }
        self.0.retain(|_, (owned, _)| !owned.0.is_empty());
    }

    fn conflicts(&self, who: &Who, set: &BTreeSet<Path>, api_version: &str) -> Vec<Conflict> {
        let others = self.0.iter().filter(|(other, _)| *other != who);
        others
            .flat_map(|(other, (owned, _))| {
                let with = other.words(api_version);
                owned.0.intersection(set).map(move |path| Conflict { with: with.clone(), field: words(path) })
            })
            .collect()
    }

    /// Takes what was changed from all others, and what is gone from everybody.
    fn release(&mut self, keeper: Option<&Who>, changes: &Changes) {
        for (who, (owned, _)) in &mut self.0 {
            owned.0.retain(|path| !changes.gone.contains(path));
            if Some(who) != keeper {
                owned.0.retain(|path| !changes.set.contains(path));
            }
        }
    }

    /// The time moves only with the fields.
    fn own(&mut self, who: &Who, owned: Owned, now: &str) {
        match self.0.get_mut(who) {
            Some((known, _)) if *known == owned => {}
            _ => {
                self.0.insert(who.clone(), (owned, now.to_owned()));
            }
        }
        self.0.retain(|other, (owned, _)| other == who || !owned.0.is_empty());
    }
}

/// What differs between two states of an object.
struct Changes {
    /// Added or of another value.
    set: BTreeSet<Path>,
    gone: BTreeSet<Path>,
}

impl Changes {
    fn between(old: &Value, new: &Value, schema: &Schema) -> Changes {
        let (old, new) = (leaves(old, schema), leaves(new, schema));
        let set = new.iter().filter(|(path, value)| old.get(*path) != Some(value)).map(|(path, _)| path.clone());
        let gone = old.keys().filter(|path| !new.contains_key(*path)).cloned();
        Changes { set: set.collect(), gone: gone.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(
        managers: &mut Managers,
        who: &str,
        live: &Value,
        spec: Value,
        force: bool,
    ) -> Result<Value, Vec<Conflict>> {
        let config = json!({ "spec": spec });
        managers.apply(&Who::applying(who), live, &config, force, Kind::Certificate, "now")
    }

    #[test]
    fn a_field_that_is_no_longer_named_goes_unless_another_names_it_too() {
        let mut managers = Managers::default();
        let live =
            apply(&mut managers, "a", &json!({}), json!({ "secretName": "s", "duration": "1h" }), false).unwrap();
        let live = apply(&mut managers, "b", &live, json!({ "secretName": "s" }), false).unwrap();
        let live = apply(&mut managers, "a", &live, json!({ "commonName": "c" }), false).unwrap();
        assert_eq!(live["spec"], json!({ "secretName": "s", "commonName": "c" }));
    }

    #[test]
    fn another_value_conflicts_and_force_takes_the_field() {
        let mut managers = Managers::default();
        let live = apply(&mut managers, "a", &json!({}), json!({ "secretName": "s" }), false).unwrap();
        let refused = apply(&mut managers, "b", &live, json!({ "secretName": "t" }), false).unwrap_err();
        assert_eq!(refused, [Conflict { with: "\"a\"".to_owned(), field: ".spec.secretName".to_owned() }]);
        let live = apply(&mut managers, "b", &live, json!({ "secretName": "t" }), true).unwrap();
        assert_eq!(live["spec"]["secretName"], "t");
        assert_eq!(managers.0.keys().map(|who| who.name.as_str()).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn what_somebody_edits_is_theirs_from_then_on() {
        let mut managers = Managers::default();
        let live =
            apply(&mut managers, "a", &json!({}), json!({ "secretName": "s", "duration": "1h" }), false).unwrap();
        let edited = json!({ "spec": { "secretName": "t", "duration": "1h" } });
        managers.update(&Who::updating("kubectl-edit", ""), &live, &edited, schema::of(Kind::Certificate), "now");
        let refused = apply(&mut managers, "a", &edited, json!({ "secretName": "s" }), false).unwrap_err();
        assert_eq!(refused[0].with, "\"kubectl-edit\" using cert-manager.io/v1");
    }
}
