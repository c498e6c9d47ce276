//! A plan for the eyes of a person: as a diff, and as the commands that would do the same.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::{Value, json};
use similar::TextDiff;
use tenantry_cluster::{Found, Key, Object};

use crate::{
    labels,
    plan::{Plan, Why},
    yaml::{self, YamlError},
};

/// Lines around a change.
const CONTEXT: usize = 3;

/// The plan as text: what is created, changed (with a diff where `present` holds the object as the server answers it)
/// and deleted, what is left alone and why, and a line of counts at the end.
///
/// # Errors
/// None in practice: see [`YamlError`].
pub fn text(plan: &Plan<'_>, present: &BTreeMap<Key, Value>) -> Result<String, YamlError> {
    let mut text = String::new();
    for object in &plan.create {
        line(&mut text, '+', &object.key, &host(object), "create");
        for written in yaml::document(object)?.lines() {
            _ = writeln!(text, "    +{written}");
        }
    }
    for change in &plan.change {
        let why = match change.why {
            Why::Wanted => "change",
            Why::Edited => "change: somebody edited it",
            Why::Unknown => "write again: nothing is recorded about it",
        };
        line(&mut text, '~', &change.object.key, &host(change.object), why);
        if let Some(body) = present.get(&change.object.key) {
            let before = yaml::document(&as_ours(change.object, body))?;
            let after = yaml::document(change.object)?;
            for hunk in TextDiff::from_lines(&before, &after).unified_diff().context_radius(CONTEXT).iter_hunks() {
                for shown in hunk.to_string().lines() {
                    _ = writeln!(text, "    {shown}");
                }
            }
        }
    }
    for found in &plan.delete {
        line(&mut text, '-', &found.key, found_host(found), "delete: its hostname is retired or released");
    }
    for foreign in &plan.foreign {
        line(&mut text, '!', &foreign.found.key, &host(foreign.object), "in the way: not ours, left");
    }
    for found in &plan.orphans {
        line(&mut text, '?', &found.key, found_host(found), "ours, of no hostname we know: left");
    }
    for found in &plan.kept {
        line(&mut text, '=', &found.key, found_host(found), "of a hostname that is served, not wanted here: left");
    }
    for found in &plan.leaving {
        line(&mut text, '=', &found.key, found_host(found), "on its way out already");
    }
    text.push_str(&counts(plan));
    text.push('\n');
    Ok(text)
}

/// `1 to create, 2 to change, 0 to delete, 30 unchanged`, and what is left alone where there is any.
#[must_use]
pub fn counts(plan: &Plan<'_>) -> String {
    let mut counts = format!(
        "{} to create, {} to change, {} to delete, {} unchanged",
        plan.create.len(),
        plan.change.len(),
        plan.delete.len(),
        plan.unchanged.len()
    );
    for (left, what) in [
        (plan.foreign.len(), "in the way"),
        (plan.orphans.len(), "orphaned"),
        (plan.kept.len(), "kept"),
        (plan.leaving.len(), "on their way out"),
    ] {
        if left > 0 {
            _ = write!(counts, ", {left} {what}");
        }
    }
    counts
}

/// The plan as commands for a shell: what is applied, then what is deleted. Empty when there is nothing to do.
///
/// `kubectl delete` by name would take whatever has that name by then; a raw request takes `DeleteOptions`, so that the
/// object goes only if it is still the one of the plan.
///
/// # Errors
/// None in practice: see [`YamlError`].
pub fn commands(plan: &Plan<'_>, field_manager: &str) -> Result<String, YamlError> {
    let mut text = String::new();
    let apply = plan.apply();
    if !apply.is_empty() {
        _ = writeln!(text, "kubectl apply --server-side --field-manager={field_manager} -f - <<'EOF'");
        for (index, object) in apply.into_iter().enumerate() {
            if index > 0 {
                text.push_str("---\n");
            }
            text.push_str(&yaml::document(object)?);
        }
        text.push_str("EOF\n");
    }
    for found in &plan.delete {
        let (key, api) = (&found.key, found.key.kind.api_version());
        let path = format!("/apis/{api}/namespaces/{}/{}/{}", key.namespace, key.kind.plural(), key.name);
        let options = json!({ "apiVersion": "v1", "kind": "DeleteOptions", "preconditions": { "uid": found.uid } });
        _ = writeln!(text, "kubectl delete --raw={path} -f - <<'EOF'\n{options}\nEOF");
    }
    Ok(text)
}

fn line(text: &mut String, sign: char, key: &Key, host: &str, what: &str) {
    _ = writeln!(text, "{sign} {key} ({host}): {what}");
}

fn host(object: &Object) -> String {
    object.annotations.get(labels::HOST).cloned().unwrap_or_default()
}

fn found_host(found: &Found) -> &str {
    found.annotations.get(labels::HOST).or_else(|| found.labels.get(labels::HOST)).map_or("", String::as_str)
}

/// The present object as far as it is ours to say: whatever labels and annotations others have put on it stay there
/// with a server-side apply, and are no part of the change.
fn as_ours(wanted: &Object, body: &Value) -> Object {
    let texts = |field: &str, wanted: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        let all = body["metadata"][field].as_object().into_iter().flatten();
        all.filter(|(key, _)| wanted.contains_key(*key) || key.starts_with("portal.tenantry.dev/"))
            .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect()
    };
    let mut spec = body["spec"].clone();
    spec.sort_all_objects();
    Object {
        key: wanted.key.clone(),
        labels: texts("labels", &wanted.labels),
        annotations: texts("annotations", &wanted.annotations),
        spec,
    }
}
