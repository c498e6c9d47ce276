//! In which shape an object is answered: whole, or only its metadata.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use serde_json::{Value, json};

/// The shape a client has asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Whole,
    /// `PartialObjectMetadata`
    Metadata,
}

impl Shape {
    /// The first that the client takes and we have; tables are not among them.
    pub(super) fn wanted(headers: &HeaderMap) -> Shape {
        let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
        for part in accept.split(',') {
            if part.contains("as=PartialObjectMetadata") {
                return Shape::Metadata;
            }
            if !part.contains("as=") {
                return Shape::Whole;
            }
        }
        Shape::Whole
    }

    pub(super) fn object(self, object: &Value) -> Value {
        match self {
            Shape::Whole => object.clone(),
            Shape::Metadata => json!({
                "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"],
            }),
        }
    }

    /// Kind and API version of a list.
    pub(super) fn list(self, kind: &str, api_version: &str) -> (String, String) {
        match self {
            Shape::Whole => (format!("{kind}List"), api_version.to_owned()),
            Shape::Metadata => ("PartialObjectMetadataList".to_owned(), "meta.k8s.io/v1".to_owned()),
        }
    }
}
