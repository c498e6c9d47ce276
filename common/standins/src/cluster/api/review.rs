//! `SelfSubjectAccessReview`: whether the one who asks may do something.

use super::super::kind::Kind;
use super::door::Door;
use serde_json::{Value, json};

pub(super) const PATH: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

/// The review with its answer.
pub(super) fn answer(door: &Door, review: &Value) -> Value {
    let asked = &review["spec"]["resourceAttributes"];
    let text = |name: &str| asked[name].as_str().unwrap_or("");
    let kind = Kind::of_path(text("group"), text("resource"));
    let (allowed, reason) = match kind {
        Some(kind) if door.may(text("verb"), kind, text("namespace")) => (true, ""),
        Some(_) => (false, "RBAC: no rule allows it"),
        None => (false, "no such resource"),
    };
    let mut review = review.clone();
    review["status"] = json!({ "allowed": allowed, "reason": reason });
    review
}
