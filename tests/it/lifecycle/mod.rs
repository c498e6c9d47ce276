//! A tenant after it was set up: suspended, resumed, changed.

mod change;
mod mail;
mod people;
mod status;

use reqwest::Method;
use serde_json::{Value, json};
use tenantry_model::TenantId;
use tenantry_tests::TestStack;

use crate::api::{Caller, Got};

/// Suspends a tenant, as an operator does.
async fn suspend(stack: &TestStack, tenant: TenantId) -> Got {
    let body = json!({ "reason": "the invoice is not paid" });
    let got = Caller::operator(stack).post(&format!("/v1/tenants/{tenant}/suspend"), body).await;
    assert_eq!((got.status, &got.body["status"]), (200, &json!("suspended")), "{got:?}");
    got
}

/// Resumes it.
async fn resume(stack: &TestStack, tenant: TenantId) -> Got {
    let got = Caller::operator(stack).post(&format!("/v1/tenants/{tenant}/resume"), json!({})).await;
    assert_eq!((got.status, &got.body["status"]), (200, &json!("active")), "{got:?}");
    got
}

/// Changes a tenant, in the version that `if_match` names.
async fn patch(caller: &Caller, tenant: TenantId, if_match: Option<&str>, body: &Value) -> Got {
    let headers: Vec<(&str, &str)> = if_match.map(|tag| ("if-match", tag)).into_iter().collect();
    caller.ask(Method::PATCH, &format!("/v1/tenants/{tenant}"), Some(body.to_string().into_bytes()), &headers).await
}
