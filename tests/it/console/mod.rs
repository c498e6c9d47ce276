//! The console: in a real browser, on a whole stack, by people who sign in; and page by page, by everybody who could ask.
//!
//! Browsers come from `tests/run`; by hand, `TENANTRY_CHROMIUM`, `TENANTRY_CHROMEDRIVER` and `TENANTRY_AXE` say where they are.

mod gallery;
mod keyboard;
mod matrix;
mod onboard;
mod operate;
mod routes;
mod sending;
mod settings;
mod visitor;

use local::Run;
use tenantry_model::TenantId;
use tenantry_tests::{Onboard, TestStack, browser::Browser};

/// Where tenants may have domains and portals of their own, whatever these are called.
const ENTERPRISE: [(&str, &str); 2] = [("EDITION", "enterprise"), ("EMAIL_DOMAIN_TEST_NAMES", "true")];

/// A browser at the console of this stack, that knows nobody.
async fn browser(stack: &TestStack) -> Browser {
    Browser::start(&stack.stack.console_url).await
}

/// An active tenant of this name, whose administrator can sign in by the address that is given, too.
async fn tenant(stack: &TestStack, name: &str) -> (TenantId, String) {
    let onboard = Onboard { tenant_name: name.to_owned(), ..Onboard::another() };
    let run = stack.onboard(&onboard).await;
    (stack.ends(run, "completed").await.tenant.expect("a tenant"), onboard.email)
}

/// A whole stack with these settings.
async fn stack(settings: &[(&'static str, &str)]) -> TestStack {
    TestStack::with(settings, Run::ALL).await
}
