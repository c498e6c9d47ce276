//! What a client asks before it asks for objects: version, groups, kinds, and enough of the OpenAPI document for `kubectl`
//! to know that a kind can be applied.

use super::super::kind::Kind;
use super::door::Door;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The answer to a path of discovery; `None` where it is none of them.
pub(super) fn answer(door: &Door, path: &str) -> Option<Value> {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    Some(match parts.as_slice() {
        ["version"] => json!({
            "major": "1", "minor": "36", "gitVersion": "v1.36.0+standin", "gitCommit": "", "gitTreeState": "clean",
            "buildDate": "2026-05-01T00:00:00Z", "goVersion": "go1.26", "compiler": "gc", "platform": "linux/amd64",
        }),
        ["api"] => json!({ "kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [] }),
        ["apis"] => {
            let groups: Vec<Value> = groups(door).into_iter().map(group).collect();
            json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups })
        }
        ["api", "v1"] => resources(door, ""),
        ["apis", "authorization.k8s.io", "v1"] => json!({
            "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "authorization.k8s.io/v1",
            "resources": [{
                "name": "selfsubjectaccessreviews", "singularName": "selfsubjectaccessreview", "namespaced": false,
                "kind": "SelfSubjectAccessReview", "verbs": ["create"],
            }],
        }),
        ["apis", name] => group(groups(door).into_iter().find(|group| group == name)?),
        ["apis", name, "v1"] => resources(door, groups(door).into_iter().find(|group| group == name)?),
        ["openapi", "v3"] => {
            let mut paths = json!({ "api/v1": { "serverRelativeURL": "/openapi/v3/api/v1" } });
            for group in groups(door) {
                paths[format!("apis/{group}/v1")] =
                    json!({ "serverRelativeURL": format!("/openapi/v3/apis/{group}/v1") });
            }
            json!({ "paths": paths })
        }
        ["openapi", "v3", "api", "v1"] => document(door, ""),
        ["openapi", "v3", "apis", name, "v1"] => document(door, groups(door).into_iter().find(|group| group == name)?),
        _ => return None,
    })
}

fn groups(door: &Door) -> BTreeSet<&'static str> {
    let own = Kind::ALL.into_iter().filter(|kind| kind.custom() && door.knows(*kind)).map(Kind::group);
    own.chain(["authorization.k8s.io"]).collect()
}

fn group(name: &str) -> Value {
    let version = json!({ "groupVersion": format!("{name}/v1"), "version": "v1" });
    json!({ "kind": "APIGroup", "apiVersion": "v1", "name": name, "versions": [version], "preferredVersion": version })
}

fn kinds<'a>(door: &'a Door, group: &'a str) -> impl Iterator<Item = Kind> + 'a {
    Kind::ALL.into_iter().filter(move |kind| kind.group() == group && door.knows(*kind))
}

fn resources(door: &Door, group: &str) -> Value {
    let version = if group.is_empty() { "v1".to_owned() } else { format!("{group}/v1") };
    let mut resources = Vec::new();
    for kind in kinds(door, group) {
        resources.push(json!({
            "name": kind.plural(), "singularName": kind.as_str().to_lowercase(), "namespaced": kind.namespaced(),
            "kind": kind.as_str(), "verbs": ["create", "delete", "get", "list", "patch", "update"],
            "shortNames": kind.short_names(),
        }));
        if kind.custom() {
            resources.push(json!({
                "name": format!("{}/status", kind.plural()), "singularName": "", "namespaced": kind.namespaced(),
                "kind": kind.as_str(), "verbs": ["get", "patch", "update"],
            }));
        }
    }
    json!({ "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources })
}

/// An OpenAPI 3 document that says of each kind that its PATCH takes `fieldValidation`, and nothing of its fields.
fn document(door: &Door, group: &str) -> Value {
    let mut paths = json!({});
    for kind in kinds(door, group) {
        let of = json!({ "group": group, "version": "v1", "kind": kind.as_str() });
        let parameter = |name: &str| json!({ "name": name, "in": "query", "schema": { "type": "string" } });
        let root = if group.is_empty() { "/api/v1".to_owned() } else { format!("/apis/{group}/v1") };
        let place = if kind.namespaced() { "/namespaces/{namespace}" } else { "" };
        paths[format!("{root}{place}/{}/{{name}}", kind.plural())] = json!({
            "patch": {
                "x-kubernetes-action": "patch", "x-kubernetes-group-version-kind": of, "responses": {},
                "parameters": [parameter("fieldManager"), parameter("fieldValidation"), parameter("dryRun"), parameter("force")],
            },
        });
    }
    json!({ "openapi": "3.0.0", "info": { "title": "Kubernetes", "version": "v1.36.0" }, "paths": paths, "components": {} })
}
