//! Everybody at every page and every form.

use tenantry_model::TenantId;
use tenantry_standins::issuer::Person;
use tenantry_tests::TestStack;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    routes::{ROWS, Row},
    visitor::{Got, Visitor},
};
use crate::api::{
    active_tenant,
    isolation::{Things, stack, things},
};

/// Somebody of a tenant.
fn person(tenant: &str, role: &str) -> Person {
    Person {
        sub: format!("{role}@{tenant}"),
        name: format!("The {role}"),
        email: format!("{role}@acme.example"),
        tenant: Some(tenant.to_owned()),
        tenant_name: None,
        roles: vec![role.to_owned()],
    }
}

/// The stack, a tenant's things, and another tenant.
async fn scene() -> (TestStack, Things, TenantId) {
    let stack = stack().await;
    let things = things(&stack).await;
    let (other, _) = active_tenant(&stack).await;
    (stack, things, other)
}

/// What is sent. A message that waits is moved to the next hour, so that it waits on.
fn form(row: &Row, things: &Things) -> String {
    let hour = OffsetDateTime::now_utc() + Duration::hours(1);
    things.fill(row.form).replace("{hour}", &hour.format(&Rfc3339).unwrap())
}

async fn ask(visitor: &Visitor, row: &Row, things: &Things) -> Got {
    let path = row.path(things);
    if row.is_form() { visitor.post(&path, &form(row, things)).await } else { visitor.get(&path).await }
}

/// What somebody was answered, in short: the status, the way to sign in, or the permission that is missing.
fn short(got: &Got) -> String {
    if got.status == 303 && got.to.starts_with("/sign-in") {
        return "sign-in".to_owned();
    }
    let named = tenantry_model::Permission::ALL.iter().find(|one| got.body.contains(one.as_str()));
    match (got.status, named) {
        (403, Some(permission)) => format!("403 {permission}"),
        (403, None) if got.body.contains("operators") => "403 operators".to_owned(),
        (status, _) => status.to_string(),
    }
}

#[tokio::test]
async fn everybody_gets_what_is_theirs_and_nothing_else() {
    let (stack, things, other) = scene().await;
    let nobody = Visitor::nobody(&stack);
    let people = [
        Visitor::is(&stack, &person(&other.to_string(), "tenant_admin")).await,
        Visitor::is(&stack, &person(&things.tenant, "tenant_member")).await,
        Visitor::is(&stack, &person(&things.tenant, "tenant_admin")).await,
        Visitor::is(&stack, &Person::operator()).await,
    ];
    let mut wrong = Vec::new();
    for row in &ROWS {
        let expected = if row.is_form() { "401" } else { "sign-in" };
        let got = ask(&nobody, row, &things).await;
        assert_eq!(short(&got), expected, "{} {} for nobody: {got:?}", row.method, row.path);
        let mut answers = Vec::new();
        for visitor in &people {
            let got = ask(visitor, row, &things).await;
            assert!(got.status < 500, "{} {}: {got:?}", row.method, row.path);
            answers.push(short(&got));
        }
        answers.reverse();
        if answers != row.answers {
            wrong.push(format!("{} {}: {answers:?} and not {:?}", row.method, row.path, row.answers));
        }
    }
    assert!(wrong.is_empty(), "operator, administrator, member, another's administrator:\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn nothing_of_another_tenants_is_told_or_changed() {
    let (stack, things, other) = scene().await;
    let before = stack.count("audit").await;
    for role in ["tenant_admin", "tenant_member"] {
        let visitor = Visitor::is(&stack, &person(&other.to_string(), role)).await;
        for row in ROWS.iter().filter(|row| row.path.contains('{')) {
            let got = ask(&visitor, row, &things).await;
            assert!([403, 404].contains(&got.status), "{} {} for the other's {role}: {got:?}", row.method, row.path);
            for theirs in [&things.run, &things.task, &things.message, &things.domain, &things.delivery, &things.key] {
                let told = got.body.replace(&row.path(&things), "").contains(theirs.as_str());
                assert!(!told, "{} {} tells {theirs}: {}", row.method, row.path, got.body);
            }
        }
        for list in [
            "/runs",
            "/runs?tenant=",
            "/tasks?status=any",
            "/messages",
            "/messages?tenant=",
            "/audit",
            "/audit?tenant=",
            "/keys",
            "/tenants",
        ] {
            let path = if list.ends_with("tenant=") { format!("{list}{}", things.tenant) } else { list.to_owned() };
            let got = visitor.get(&path).await;
            for theirs in [&things.run, &things.task, &things.message, &things.key] {
                assert!(!got.body.contains(theirs.as_str()), "{path} tells the other's {role} of {theirs}");
            }
        }
    }
    assert_eq!(stack.count("audit").await, before, "and nothing was changed");
}

#[tokio::test]
async fn a_form_is_taken_from_a_page_of_ones_own_session_alone() {
    let (stack, things, _) = scene().await;
    let operator = Visitor::is(&stack, &Person::operator()).await;
    let another = Visitor::is(&stack, &Person::operator()).await;
    assert_ne!(operator.csrf, another.csrf);
    let (here, before) = (stack.stack.console_url.as_str(), stack.count("audit").await);
    let forms = ROWS.iter().filter(|row| row.is_form());
    let forms: Vec<(String, String)> = forms.map(|row| (row.path(&things), form(row, &things))).collect();
    for (path, form) in forms.iter().chain([&("/sign-out".to_owned(), String::new())]) {
        let own: &str = &operator.csrf;
        let ways = [
            ("without a token", "", ("origin", here)),
            ("with another session's token", &*another.csrf, ("origin", here)),
            ("from another site", own, ("origin", "https://evil.example")),
            ("from a page of no site", own, ("origin", "null")),
            ("across sites", own, ("sec-fetch-site", "cross-site")),
        ];
        for (way, csrf, header) in ways {
            let got = operator.post_as(path, form, csrf, &[header]).await;
            assert_eq!(got.status, 403, "{path} {way}: {got:?}");
            assert!(got.body.contains("This form is not from your session"), "{path} {way}: {}", got.body);
        }
    }
    assert_eq!(stack.count("audit").await, before, "and nothing was changed");
}

#[tokio::test]
async fn a_piece_whose_session_is_over_sends_its_page_to_sign_in() {
    let (stack, things, _) = scene().await;
    let nobody = Visitor::nobody(&stack);
    for row in ROWS.iter().filter(|row| row.is_piece()) {
        let got = nobody.piece(&row.path(&things)).await;
        assert_eq!((got.status, got.header("hx-redirect")), (401, "/sign-in?back=%2F"), "{}", row.path);
        assert_eq!(got.body, "", "{}", row.path);
    }
}

#[tokio::test]
async fn every_answer_says_what_browsers_may_do_with_it() {
    let (stack, things, _) = scene().await;
    let operator = Visitor::is(&stack, &Person::operator()).await;
    for row in ROWS.iter().filter(|row| !row.is_form()) {
        let got = operator.get(&row.path(&things)).await;
        let policy = got.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("script-src 'unsafe"),
            "{}: {policy}",
            row.path
        );
        assert_eq!(got.header("x-content-type-options"), "nosniff", "{}", row.path);
        assert_eq!(got.header("cache-control"), "no-store", "{}", row.path);
        if row.is_page() {
            for what in [" style=\"", "<style", "onclick=", "javascript:"] {
                assert!(!got.body.contains(what), "{} has {what}", row.path);
            }
            assert_eq!(got.body.matches("<h1").count(), 1, "{}", row.path);
        }
    }
}
