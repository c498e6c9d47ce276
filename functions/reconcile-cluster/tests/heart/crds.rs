//! Objects against the schemas of those who read them, where these are at hand: `TENANTRY_CRDS` names a folder with the
//! CustomResourceDefinitions of cert-manager and Istio.

use std::{env, fs, path::PathBuf};

use reconcile_cluster::render::Service;
use serde_json::{Map, Value};
use tenantry_cluster::{Kind, Object};

use crate::given::{hostname, rendering};

/// The schema of this kind, and with it nothing that it does not name.
fn schema(folder: &PathBuf, kind: Kind) -> Value {
    let (group, version) = kind.api_version().split_once('/').unwrap();
    for file in fs::read_dir(folder).unwrap() {
        let crd: Value = serde_saphyr::from_str(&fs::read_to_string(file.unwrap().path()).unwrap()).unwrap();
        if crd["spec"]["names"]["kind"] == kind.as_str() && crd["spec"]["group"] == group {
            let versions = crd["spec"]["versions"].as_array().unwrap();
            let of = versions.iter().find(|of| of["name"] == version && of["served"] == true).unwrap();
            let mut schema = of["schema"]["openAPIV3Schema"].clone();
            // The server's own, of which a CRD says little or nothing.
            schema["properties"]["metadata"] = serde_json::json!({ "type": "object" });
            for own in ["apiVersion", "kind"] {
                schema["properties"][own] = serde_json::json!({ "type": "string" });
            }
            close(&mut schema, false);
            return schema;
        }
    }
    panic!("no {kind} in the folder that TENANTRY_CRDS names");
}

/// A server drops or refuses a field that the schema does not name; JSON Schema takes it unless told.
fn close(schema: &mut Value, within_choice: bool) {
    let Some(map) = schema.as_object_mut() else { return };
    let open = map.contains_key("additionalProperties")
        || map.get("x-kubernetes-preserve-unknown-fields").is_some_and(|open| open == true);
    if let Some(properties) = map.get_mut("properties").and_then(Value::as_object_mut) {
        let empty = properties.is_empty();
        properties.values_mut().for_each(|schema| close(schema, within_choice));
        // Within `oneOf` and its like, `properties` is a condition and no list.
        if !within_choice && !open && !empty {
            map.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
    }
    for inner in ["items", "additionalProperties"] {
        if let Some(schema) = map.get_mut(inner) {
            close(schema, within_choice);
        }
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        for schema in map.get_mut(choice).and_then(Value::as_array_mut).into_iter().flatten() {
            close(schema, true);
        }
    }
    if let Some(schema) = map.get_mut("not") {
        close(schema, true);
    }
    // Kubernetes' own forms, and no formats of JSON Schema.
    map.remove("format");
}

fn body(object: &Object) -> Value {
    serde_json::json!({
        "apiVersion": object.key.kind.api_version(),
        "kind": object.key.kind.as_str(),
        "metadata": Map::new(),
        "spec": object.spec,
    })
}

#[test]
#[allow(clippy::print_stderr, reason = "a test that checks nothing says so")]
fn what_is_rendered_is_what_cert_manager_and_istio_take() {
    let Some(folder) = env::var_os("TENANTRY_CRDS").map(PathBuf::from) else {
        eprintln!("TENANTRY_CRDS is not set: objects are not checked against the schemas");
        return;
    };
    let mut rendering = rendering();
    let plain = rendering.objects(&hostname(1)).unwrap();
    rendering.challenge = Some(Service { host: "acme.msp.svc.cluster.local".to_owned(), port: 8089 });
    rendering.duration = Some(std::time::Duration::from_secs(7_776_000));
    rendering.renew_before = Some(std::time::Duration::from_secs(86_400));
    let full = rendering.objects(&hostname(1)).unwrap();

    for (plain, full) in plain.iter().zip(&full) {
        let schema = jsonschema::validator_for(&schema(&folder, plain.key.kind)).unwrap();
        for object in [plain, full] {
            let wrong: Vec<String> = schema.iter_errors(&body(object)).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{}: {wrong:?}", object.key);
        }
        let mut unknown = body(full);
        unknown["spec"]["nobodyKnowsThis"] = true.into();
        assert!(!schema.is_valid(&unknown), "a field that {} does not have goes unseen", plain.key.kind);
        let mut unnamed = body(full);
        let first = unnamed["spec"].as_object_mut().unwrap();
        first.insert("selector".to_owned(), 7.into());
        first.insert("secretName".to_owned(), 7.into());
        first.insert("hosts".to_owned(), 7.into());
        assert!(!schema.is_valid(&unnamed), "a field of another type goes unseen");
    }
}
