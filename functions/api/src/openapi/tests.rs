#![allow(clippy::unwrap_used)]
use std::path::Path;

use serde_json::Value;

use super::*;

fn document() -> Value {
    serde_json::to_value(openapi()).unwrap()
}

/// Every operation: method, path, and what is written of it.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, methods)| {
            let of_path =
                move |(method, operation): (&String, &Value)| (method.clone(), path.clone(), operation.clone());
            methods.as_object().unwrap().iter().map(of_path)
        })
        .collect()
}

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let at = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let made = format!("{}\n", serde_json::to_string_pretty(&openapi()).unwrap());
    if std::env::var("UPDATE_OPENAPI").is_ok() {
        std::fs::write(&at, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&at).unwrap_or_default();
    let first = made.lines().zip(committed.lines()).enumerate().find(|(_, (made, committed))| made != committed);
    assert!(
        made == committed,
        "the routes have changed; see the change with UPDATE_OPENAPI=1 cargo test -p api. First difference: {first:?}"
    );
}

#[test]
fn the_document_is_openapi_3_1_and_every_reference_resolves() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let text = document.to_string();
    let references: Vec<&str> =
        text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(!references.is_empty());
    for reference in references {
        assert!(document.pointer(reference).is_some(), "{reference} points nowhere");
    }
}

#[test]
fn every_operation_documents_its_errors_as_problems() {
    for (method, path, operation) in operations(&document()) {
        let responses = operation["responses"].as_object().unwrap();
        let mut expected = vec!["500", "503"];
        if operation.get("security").is_some() {
            expected.extend(["401", "403", "429"]);
        }
        if operation.get("requestBody").is_some() {
            expected.extend(["400", "413", "415", "422"]);
        }
        if path.contains('{') {
            expected.extend(["400", "404"]);
        }
        for status in expected {
            assert!(responses.contains_key(status), "{method} {path} does not document {status}");
        }
        for (status, response) in responses.iter().filter(|(status, _)| status.starts_with(['4', '5'])) {
            let schema = response.pointer("/content/application~1problem+json/schema/$ref");
            assert_eq!(schema, Some(&Value::from("#/components/schemas/Problem")), "{method} {path} {status}");
        }
    }
}

#[test]
fn every_operation_has_a_name_and_only_those_without_credentials_say_so() {
    let document = document();
    let operations = operations(&document);
    let mut names: Vec<&str> = operations.iter().map(|(_, _, of)| of["operationId"].as_str().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), operations.len());
    let open: Vec<&str> =
        operations.iter().filter(|(_, _, of)| of.get("security").is_none()).map(|(_, path, _)| path.as_str()).collect();
    let expected = [
        "/dns/{token}",
        "/dns/{token}/check",
        "/v1/health",
        "/v1/invitations/accept",
        "/v1/provider-events/resend",
        "/v1/provider-events/ses",
        // To look at the page, and to unsubscribe.
        "/v1/unsubscribe/{token}",
        "/v1/unsubscribe/{token}",
    ];
    assert_eq!(open, expected);
}

#[test]
fn no_parameter_is_written_twice() {
    for (method, path, operation) in operations(&document()) {
        let names: Vec<String> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|p| format!("{} {}", p["in"], p["name"]))
            .collect();
        let mut once = names.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), names.len(), "{method} {path}: {names:?}");
    }
}
