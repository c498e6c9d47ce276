//! Who owns which field of an object: the arithmetic of server-side apply.
//!
//! A field is a path of `f:name` (a field) and `k:{"type":"Ready"}` (an entry of a list that is merged by a field), `v:"x"`
//! (one of a set), as in `fieldsV1`. What is owned as one (scalars, atomic lists, empty structs) is a leaf.

mod leaves;
mod manage;
mod merge;

pub(super) use leaves::{leaves, words};
pub(super) use manage::{Conflict, Managers, Who};
pub(super) use merge::{merge, remove};

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// One field.
pub(super) type Path = Vec<String>;

/// A set of fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Owned(pub(super) BTreeSet<Path>);

impl Owned {
    /// As in `fieldsV1`.
    pub(super) fn to_json(&self) -> Value {
        let mut tree = json!({});
        for path in &self.0 {
            let mut at = &mut tree;
            for step in path {
                at = &mut at[step.as_str()];
                if at.is_null() {
                    *at = json!({});
                }
            }
        }
        // A path that others go through says of itself that it is in.
        for path in &self.0 {
            let pointer: String =
                path.iter().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect();
            if let Some(node) = tree.pointer_mut(&pointer).and_then(Value::as_object_mut)
                && !node.is_empty()
            {
                node.insert(".".to_owned(), json!({}));
            }
        }
        tree
    }

    /// From `fieldsV1`.
    pub(super) fn from_json(tree: &Value) -> Owned {
        let mut owned = Owned::default();
        if let Some(tree) = tree.as_object() {
            owned.read(tree, &mut Vec::new());
        }
        owned
    }

    fn read(&mut self, tree: &Map<String, Value>, path: &mut Path) {
        for (step, below) in tree {
            match below.as_object() {
                _ if step == "." => {
                    self.0.insert(path.clone());
                }
                Some(below) => {
                    path.push(step.clone());
                    if below.is_empty() {
                        self.0.insert(path.clone());
                    }
                    self.read(below, path);
                    path.pop();
                }
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_written_and_read_as_a_tree() {
        let path = |text: &str| text.split(' ').map(str::to_owned).collect::<Path>();
        let owned = Owned([path("f:metadata f:labels f:a.b/c"), path("f:spec f:x"), path("f:spec")].into());
        let tree = json!({
            "f:metadata": { "f:labels": { "f:a.b/c": {} } },
            "f:spec": { ".": {}, "f:x": {} },
        });
        assert_eq!(owned.to_json(), tree);
        assert_eq!(Owned::from_json(&tree), owned);
    }
}
