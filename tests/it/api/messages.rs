//! One message: accepted, sent, looked at, called off.

use std::time::Duration;

use local::Run;
use serde_json::{Value, json};
use tenantry_model::TenantId;
use tenantry_tests::{TestStack, wait::until};
use time::format_description::well_known::Rfc3339;

use super::{Caller, Got};

/// The API and nobody who sends.
pub(crate) const API: Run = Run { api: true, workers: false, sweeper: false };

/// A moment ahead, as JSON has it.
pub(crate) fn ahead(stack: &TestStack, time: Duration) -> String {
    (stack.db().clock().now() + time).format(&Rfc3339).unwrap()
}

pub(crate) fn in_an_hour(stack: &TestStack) -> String {
    ahead(stack, Duration::from_secs(3600))
}

/// An active tenant and its administrator.
pub(crate) async fn tenant(stack: &TestStack) -> (TenantId, Caller) {
    let tenant = stack.tenants(1).await[0];
    (tenant, Caller::of(stack, tenant, "tenant_admin"))
}

/// A small message with something added.
pub(crate) fn message(with: Value) -> Value {
    let mut body = json!({"to": "Ada <ada@customer.example>", "subject": "Your invoice", "text": "Here it is.", "category": "invoices"});
    for (name, value) in with.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// The message once it has this status.
pub(crate) async fn has_status(caller: &Caller, id: &str, status: &str) -> Value {
    until(&format!("{id} to be {status}"), || async {
        let got = caller.get(&format!("/v1/messages/{id}")).await;
        (got.body["status"] == status).then_some(got.body)
    })
    .await
}

fn id(got: &Got) -> String {
    got.body["id"].as_str().unwrap_or_else(|| panic!("no message in {got:?}")).to_owned()
}

#[tokio::test]
async fn a_message_is_accepted_sent_and_its_way_can_be_told() {
    let stack = TestStack::start().await;
    let (tenant, admin) = tenant(&stack).await;
    let html = "<p>Here it is: <a href=\"https://pay.example/1\">pay</a></p>";
    let file = json!({"filename": "invoice.pdf", "contentType": "application/pdf", "content": "aGVsbG8="});
    let body = json!({
        "to": ["Ada <ada@customer.example>"], "cc": {"name": "Bob", "address": "bob@customer.example"}, "subject": "Your invoice",
        "html": html, "attachments": [file], "tags": {"invoice": "2024-117"}, "headers": {"X-Ref": "7"}, "category": "invoices",
    });
    let sent = admin.post("/v1/messages", body).await;
    assert_eq!((sent.status, sent.body["status"].as_str()), (202, Some("queued")), "{sent:?}");
    let id = id(&sent);
    assert_eq!(sent.header("location"), format!("/v1/messages/{id}"));

    let seen = has_status(&admin, &id, "sent").await;
    assert_eq!(seen["tenantId"], json!(tenant));
    assert_eq!(seen["recipients"], json!(["ada@customer.example", "bob@customer.example"]));
    assert!(seen["from"].as_str().unwrap().contains("acme-1."), "{seen}");
    assert_eq!(
        (&seen["attempts"], &seen["contentAvailable"], &seen["next"]["code"]),
        (&json!(1), &json!(true), &json!("recipient_server"))
    );
    assert!(!seen["sentAt"].is_null() && seen.get("provider").is_none(), "{seen}");
    let operators = Caller::operator(&stack).get(&format!("/v1/messages/{id}")).await;
    assert_eq!(operators.body["provider"], "smtp");

    let content = admin.get(&format!("/v1/messages/{id}/content")).await;
    assert_eq!(content.body["html"], html);
    assert!(content.body["text"].as_str().unwrap().contains("pay (https://pay.example/1)"), "{content:?}");
    assert_eq!(
        content.body["attachments"],
        json!([{"filename": "invoice.pdf", "contentType": "application/pdf", "size": 5, "cid": null}])
    );

    let timeline = admin.get(&format!("/v1/messages/{id}/timeline")).await;
    let codes: Vec<&str> =
        timeline.body["data"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["accepted", "admitted", "sent"], "{timeline:?}");
    let from = seen["from"].as_str().unwrap();
    assert!(timeline.body["data"][1]["text"].as_str().unwrap().contains(from), "{timeline:?}");
    assert!(!timeline.body.to_string().contains("smtp"), "{timeline:?}");
    let whole = Caller::operator(&stack).get(&format!("/v1/messages/{id}/timeline")).await;
    assert_eq!(whole.body["data"][1]["detail"]["provider"], "smtp");
    let run = admin.get(&format!("/v1/runs/{}/timeline", id.replace("msg_", "run_"))).await;
    assert!(run.status == 200 && !run.body.to_string().contains("smtp"), "{run:?}");
    let whole = Caller::operator(&stack).get(&format!("/v1/runs/{}/timeline", id.replace("msg_", "run_"))).await;
    assert!(whole.body.to_string().contains("smtp"), "an operator sees who carried it");
}

#[tokio::test]
async fn a_repeated_request_is_one_message() {
    let stack = TestStack::with(&[], API).await;
    let (_, admin) = tenant(&stack).await;
    let first = admin.post_once("/v1/messages", "k", &message(json!({}))).await;
    let again = admin.post_once("/v1/messages", "k", &message(json!({}))).await;
    assert_eq!((again.status, &again.body["id"]), (202, &first.body["id"]));
    assert_eq!(again.header("idempotent-replayed"), "true");
    let other = admin.post_once("/v1/messages", "k", &message(json!({"subject": "Another"}))).await;
    assert_eq!(other.problem(), (422, "idempotency_key_reused"));
    assert_eq!(stack.count("messages").await, 1);
}

#[tokio::test]
async fn what_is_wrong_is_named_with_its_place_and_nothing_is_stored() {
    let stack = TestStack::with(&[], API).await;
    let (_, admin) = tenant(&stack).await;
    let everywhere = json!({
        "to": ["ada@customer.example", "nobody"], "subject": "a\r\nBcc: x@y.example", "headers": {"Received": "x"},
        "attachments": [{"filename": "a", "url": "https://169.254.169.254/latest/meta-data/"}],
    });
    for (with, pointers) in [
        (json!({"to": "nobody"}), vec!["/to"]),
        (json!({"to": []}), vec!["/to"]),
        (everywhere, vec!["/to/1"]),
        (json!({"subject": "a\r\nBcc: x@y.example"}), vec!["/subject"]),
        (json!({"headers": {"Received": "x", "X-Good": "y"}}), vec!["/headers/Received"]),
        (
            json!({"attachments": [{"filename": "a", "url": "https://169.254.169.254/latest"}]}),
            vec!["/attachments/0/url"],
        ),
        (json!({"attachments": [{"filename": "a", "url": "http://files.example.com/a"}]}), vec!["/attachments/0/url"]),
        (json!({"attachments": [{"filename": "../a", "content": "aGk="}]}), vec!["/attachments/0/filename"]),
        (json!({"from": "boss@bank.example", "insistFrom": true}), vec!["/from"]),
        (json!({"userId": "usr_00000000000000000000000000000000"}), vec!["/userId"]),
        (json!({"sendAt": ahead(&stack, Duration::from_secs(31 * 86_400))}), vec!["/sendAt"]),
        (json!({"category": "In Voices"}), vec!["/category"]),
        (json!({"template": {"name": "welcome"}}), vec!["/subject", "/text"]),
    ] {
        let got = admin.post("/v1/messages", message(with.clone())).await;
        assert_eq!((got.status, got.pointers()), (422, pointers), "{with}: {got:?}");
    }
    let template = |name: &str, variables: Value| json!({"to": "ada@customer.example", "template": {"name": name, "variables": variables}});
    let got = admin.post("/v1/messages", template("nonsense", json!({}))).await;
    assert_eq!((got.status, got.pointers()), (422, vec!["/template/name"]));
    let got = admin.post("/v1/messages", template("portal-live", json!({}))).await;
    assert!(got.status == 422 && got.pointers()[0].starts_with("/template/variables/"), "{got:?}");
    let got = Caller::operator(&stack).post("/v1/messages", message(json!({}))).await;
    assert_eq!(
        (got.status, got.pointers()),
        (422, vec!["/tenantId"]),
        "whoever speaks for the platform names the tenant"
    );
    assert_eq!(stack.count("messages").await, 0);
}

#[tokio::test]
async fn a_template_is_rendered_at_once_in_the_language_asked_for() {
    let stack = TestStack::with(&[], API).await;
    let (_, admin) = tenant(&stack).await;
    let template = tenantry_templates::Template::named("portal-live").unwrap();
    let body = json!({"to": "ada@customer.example", "template": {"name": "portal-live", "locale": "de-AT", "variables": template.examples()}});
    let sent = admin.post("/v1/messages", body).await;
    assert_eq!(sent.status, 202, "{sent:?}");
    let seen = admin.get(&format!("/v1/messages/{}", id(&sent))).await;
    assert_eq!((&seen.body["template"], &seen.body["locale"]), (&json!("portal-live"), &json!("de")));
    let content = admin.get(&format!("/v1/messages/{}/content", id(&sent))).await;
    let german = tenantry_templates::render(template, "de", &template.examples()).unwrap();
    assert_eq!((&content.body["subject"], &content.body["text"]), (&json!(german.subject), &json!(german.text)));
}

#[tokio::test]
async fn a_user_stands_for_their_address_and_of_another_tenant_is_not_there() {
    let stack = TestStack::start().await;
    let (tenant, _) = super::active_tenant(&stack).await;
    let (user, address): (uuid::Uuid, String) = sqlx::query_as("select id, email from users where tenant_id = $1")
        .bind(tenant.0)
        .fetch_one(&stack.sql)
        .await
        .unwrap();
    let user = tenantry_model::UserId(user);
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    let sent = admin.post("/v1/messages", json!({"userId": user, "subject": "s", "text": "t"})).await;
    assert_eq!(sent.status, 202, "{sent:?}");
    let seen = admin.get(&format!("/v1/messages/{}", id(&sent))).await;
    assert_eq!((&seen.body["recipients"], &seen.body["userId"]), (&json!([address.to_lowercase()]), &json!(user)));
    let (_, stranger) = self::tenant(&stack).await;
    let got = stranger.post("/v1/messages", json!({"userId": user, "subject": "s", "text": "t"})).await;
    assert_eq!((got.status, got.pointers()), (422, vec!["/userId"]));
}

#[tokio::test]
async fn a_suspended_tenant_sends_nothing() {
    let stack = TestStack::with(&[], API).await;
    let (tenant, admin) = tenant(&stack).await;
    sqlx::query("update tenants set status = 'suspended', suspended_at = now(), suspended_reason = 'r' where id = $1")
        .bind(tenant.0)
        .execute(&stack.sql)
        .await
        .unwrap();
    assert_eq!(admin.post("/v1/messages", message(json!({}))).await.problem(), (403, "tenant_suspended"));
    let operator = Caller::operator(&stack);
    let wanted = message(json!({"tenantId": tenant.to_string()}));
    assert_eq!(operator.post("/v1/messages", wanted.clone()).await.problem(), (403, "tenant_suspended"));
    let batch = json!({"mode": "permissive", "messages": [wanted]});
    let got = operator.post("/v1/messages/batch", batch).await;
    assert_eq!((got.status, &got.body["data"][0]["error"]["code"]), (202, &json!("tenant_suspended")), "{got:?}");
    assert_eq!(stack.count("messages").await, 0);
}

#[tokio::test]
async fn a_scheduled_message_waits_is_rescheduled_and_called_off() {
    let stack = TestStack::start().await;
    let (_, admin) = tenant(&stack).await;
    let sent = admin.post("/v1/messages", message(json!({"sendAt": in_an_hour(&stack)}))).await;
    assert_eq!((&sent.body["status"], sent.body["sendAt"].is_null()), (&json!("scheduled"), false), "{sent:?}");
    let path = format!("/v1/messages/{}", id(&sent));
    let seen = admin.get(&path).await;
    assert_eq!((&seen.body["status"], &seen.body["next"]["code"]), (&json!("scheduled"), &json!("schedule")));
    let before = seen.body["next"]["at"].as_str().unwrap().to_owned();

    let later = ahead(&stack, Duration::from_secs(7200));
    let moved = admin.post(&format!("{path}/reschedule"), json!({"sendAt": later})).await;
    assert_eq!(moved.status, 200, "{moved:?}");
    assert!(*moved.body["next"]["at"].as_str().unwrap() > *before, "{moved:?}");
    let cancelled = admin.post(&format!("{path}/cancel"), json!({})).await;
    assert_eq!(
        (cancelled.status, &cancelled.body["status"], &cancelled.body["next"]),
        (200, &json!("cancelled"), &Value::Null)
    );
    let got = admin.post(&format!("{path}/reschedule"), json!({"sendAt": later})).await;
    assert_eq!(got.problem(), (409, "signal_refused"), "{got:?}");
    assert_eq!(stack.count("audit where action like 'message.%'").await, 2);

    let gone = id(&admin.post("/v1/messages", message(json!({}))).await);
    has_status(&admin, &gone, "sent").await;
    let got = admin.post(&format!("/v1/messages/{gone}/cancel"), json!({})).await;
    assert_eq!(got.problem(), (409, "signal_refused"));
    assert!(got.body["detail"].as_str().unwrap().contains("cannot be called back"), "{got:?}");
}

#[tokio::test]
async fn a_scheduled_message_leaves_when_its_time_has_come() {
    let stack = TestStack::start().await;
    let (_, admin) = tenant(&stack).await;
    let sent = admin.post("/v1/messages", message(json!({"sendAt": in_an_hour(&stack)}))).await;
    stack.pass(Duration::from_secs(3601));
    has_status(&admin, &id(&sent), "sent").await;
}

#[tokio::test]
async fn a_credential_is_shown_to_nobody_and_erased_as_soon_as_it_has_left() {
    let stack = TestStack::start().await;
    let (_, admin) = tenant(&stack).await;
    let body = message(
        json!({"sensitive": true, "category": "authentication", "text": "Your code is 117", "sendAt": in_an_hour(&stack)}),
    );
    let waiting = id(&admin.post("/v1/messages", body.clone()).await);
    let got = admin.get(&format!("/v1/messages/{waiting}/content")).await;
    assert_eq!(got.problem(), (403, "content_sensitive"));
    assert_eq!(admin.get(&format!("/v1/messages/{waiting}")).await.body["contentAvailable"], false);
    stack.pass(Duration::from_secs(3601));
    has_status(&admin, &waiting, "sent").await;
    let got = admin.get(&format!("/v1/messages/{waiting}/content")).await;
    assert_eq!(got.problem(), (410, "content_erased"));
    assert_eq!(stack.count("message_contents").await, 0);
}

#[tokio::test]
async fn a_template_that_holds_a_credential_makes_a_message_one_whoever_forgets_to_say_so() {
    let stack = TestStack::start().await;
    let (_, admin) = tenant(&stack).await;
    let variables = json!({
        "tenant_name": "Acme", "first_name": "Ada", "support_email": "support@acme.example", "login_email": "ada@acme.example",
        "reset_url": "https://acme.example/reset/117", "expires_hours": 2,
    });
    let body = json!({
        "to": "ada@acme.example", "sendAt": in_an_hour(&stack),
        "template": { "name": "password-reset", "locale": "de", "variables": variables },
    });
    let waiting = id(&admin.post("/v1/messages", body).await);
    let shown = admin.get(&format!("/v1/messages/{waiting}")).await.body;
    assert_eq!(
        (shown["category"].as_str(), shown["contentAvailable"].as_bool()),
        (Some("authentication"), Some(false))
    );
    assert_eq!(admin.get(&format!("/v1/messages/{waiting}/content")).await.problem(), (403, "content_sensitive"));
}

#[tokio::test]
async fn a_tenant_reads_nothing_of_the_platforms_account_in_a_messages_run() {
    let settings = [("EMAIL_PROVIDER", "smtp"), ("EMAIL_HOST", "127.0.0.1"), ("EMAIL_PORT", "1")];
    let stack = TestStack::with(&settings, Run::ALL).await;
    let tenant = stack.tenants(1).await[0];
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    let run = stack.post(vec![stack.draft(tenant, "ada@customer.example")]).await[0];
    stack.settles(run, "deferred").await;
    let path = format!("/v1/runs/{run}");
    let told = |body: &Value| body["error"]["message"].as_str().unwrap_or_default().to_owned();
    assert!(told(&Caller::operator(&stack).get(&path).await.body).contains("refused the connection"));
    assert!(told(&admin.get(&path).await.body).contains("for a reason on our side"));
}
