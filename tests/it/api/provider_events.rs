//! What providers tell us of mail: believed when signed, stored once, and followed in whatever order it comes.

use reqwest::Method;
use serde_json::{Value, json};
use tenantry_events::signature::Secrets;
use tenantry_model::{MessageId, TenantId};
use tenantry_store::mail::{self, Handled, NewMessage, NewSend};
use tenantry_tests::{TestStack, wait::until};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Caller, Got, active_tenant};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OLD_SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const STRANGERS: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const PATH: &str = "/v1/provider-events/resend";

async fn stack() -> TestStack {
    TestStack::with(&[("RESEND_WEBHOOK_SECRET", &format!("{SECRET},{OLD_SECRET}"))], local::Run::ALL).await
}

/// A message that Resend has accepted, without ever having seen it.
pub(super) async fn sent(stack: &TestStack, tenant: TenantId, to: &[&str]) -> MessageId {
    let (id, timing) = (MessageId::new(), stack.db().timing());
    let new = NewMessage {
        id,
        tenant,
        user: None,
        caused_by: None,
        category: "notifications".into(),
        subtype: None,
        template: None,
        locale: None,
        subject: "Hello".into(),
        recipients: to.iter().map(|to| (*to).to_owned()).collect(),
        tags: json!({}),
        attachments: 0,
        size: 1,
        sealed: None,
        sensitive: false,
        erase_at: timing.now,
        wait: 0,
        started_by: "test".into(),
        trace: None,
    };
    let send = NewSend {
        message: id,
        tenant,
        provider: "resend".into(),
        provider_message_id: Some(format!("re_{}", id.0)),
        message_id_header: format!("<{}@example.com>", id.0),
        sender: "noreply@example.com".into(),
        response: None,
        attempts: 1,
    };
    let mut tx = stack.db().begin().await.unwrap();
    mail::record_handled(&mut tx, &new, &Handled::Sent(send), timing).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// An event of Resend about a message, by its tag.
fn about(message: MessageId, name: &str, to: &[&str], at: OffsetDateTime, more: Value) -> Value {
    let mut data = json!({
        "email_id": format!("re_{}", message.0), "from": "noreply@example.com", "to": to, "subject": "Hello",
        "created_at": at.format(&Rfc3339).unwrap(), "tags": { "message": message.to_string() },
    });
    data.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    json!({ "type": format!("email.{name}"), "created_at": at.format(&Rfc3339).unwrap(), "data": data })
}

fn bounce(kind: &str, words: &str) -> Value {
    json!({ "bounce": { "type": kind, "subType": "General", "message": words } })
}

async fn tell_signed(stack: &TestStack, secret: &str, id: &str, at: OffsetDateTime, body: &Value) -> Got {
    let body = body.to_string().into_bytes();
    let signed = Secrets::parse(&secret.to_owned().into()).unwrap().sign(id, at, &body).unwrap();
    let headers = signed.headers();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Caller::stranger(stack).ask(Method::POST, PATH, Some(body), &headers).await
}

async fn tell(stack: &TestStack, id: &str, body: &Value) -> u16 {
    tell_signed(stack, SECRET, id, stack.db().clock().now(), body).await.status
}

async fn state_of(stack: &TestStack, message: MessageId) -> String {
    stack.run(message.0.into()).await.state
}

async fn listed(stack: &TestStack, tenant: TenantId) -> Vec<(String, String)> {
    sqlx::query_as("select address, reason from suppressions where tenant_id = $1 order by 1, 2")
        .bind(tenant.0)
        .fetch_all(&stack.sql)
        .await
        .unwrap()
}

async fn counted(stack: &TestStack, tenant: TenantId) -> (i64, i64, i64, i64, i64) {
    sqlx::query_as(
        "select coalesce(sum(delivered), 0)::bigint, coalesce(sum(bounced), 0)::bigint, coalesce(sum(hard_bounced), 0)::bigint,
                coalesce(sum(complained), 0)::bigint, coalesce(sum(deferred), 0)::bigint
         from mail_stats where tenant_id = $1 and provider = 'resend'",
    )
    .bind(tenant.0)
    .fetch_one(&stack.sql)
    .await
    .unwrap()
}

#[tokio::test]
async fn an_event_is_followed_once_however_often_it_is_told() {
    let stack = stack().await;
    let (tenant, _) = active_tenant(&stack).await;
    let message = sent(&stack, tenant, &["ada@customer.example"]).await;
    let event = about(
        message,
        "bounced",
        &["ada@customer.example"],
        stack.db().clock().now(),
        bounce("Permanent", "no such mailbox"),
    );
    assert_eq!(tell(&stack, "evt_1", &event).await, 200);
    let history = stack.history(message.0.into()).await.len();
    assert_eq!(tell(&stack, "evt_1", &event).await, 200);
    let again = tell_signed(&stack, OLD_SECRET, "evt_1", stack.db().clock().now(), &event).await;
    assert_eq!(again.status, 200, "while secrets are rotated both are good");

    assert_eq!(state_of(&stack, message).await, "bounced");
    assert_eq!(stack.history(message.0.into()).await.len(), history);
    assert_eq!(stack.count("provider_events").await, 1);
    assert_eq!(listed(&stack, tenant).await, [("ada@customer.example".into(), "hard_bounce".into())]);
    assert_eq!(counted(&stack, tenant).await, (0, 1, 1, 0, 0));
    let told: Option<OffsetDateTime> =
        sqlx::query_scalar("select last_event_at from mail_providers where name = 'resend'")
            .fetch_one(&stack.sql)
            .await
            .unwrap();
    assert!(told.is_some());
}

#[tokio::test]
async fn what_is_not_signed_right_is_not_believed_and_leaves_nothing() {
    let stack = stack().await;
    let now = stack.db().clock().now();
    let event = json!({ "type": "email.delivered", "created_at": now.format(&Rfc3339).unwrap(), "data": {} });
    let refused = |got: Got| assert_eq!(got.problem(), (401, "event_refused"), "{got:?}");
    refused(tell_signed(&stack, STRANGERS, "evt_1", now, &event).await);
    refused(tell_signed(&stack, SECRET, "evt_1", now - Duration::minutes(6), &event).await);
    refused(tell_signed(&stack, SECRET, "evt_1", now + Duration::minutes(6), &event).await);
    let body = event.to_string().into_bytes();
    let signed = Secrets::parse(&SECRET.to_owned().into()).unwrap().sign("evt_1", now, &body).unwrap();
    let headers = signed.headers();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let stranger = Caller::stranger(&stack);
    let mut changed = body.clone();
    changed[2] ^= 1;
    refused(stranger.ask(Method::POST, PATH, Some(changed), &headers).await);
    refused(stranger.ask(Method::POST, PATH, Some(body.clone()), &[]).await);
    assert_eq!(stack.count("provider_events").await, 0);
    assert_eq!(stranger.ask(Method::POST, PATH, Some(body), &headers).await.status, 200);
    assert_eq!(stack.count("provider_events").await, 1);
    let ses = stranger.post("/v1/provider-events/ses", json!({})).await;
    assert_eq!(ses.problem(), (404, "route_not_found"), "no topic is configured");
}

#[tokio::test]
async fn without_a_secret_there_is_no_endpoint() {
    let stack = TestStack::start().await;
    let got = tell_signed(&stack, SECRET, "evt_1", stack.db().clock().now(), &json!({})).await;
    assert_eq!(got.problem(), (404, "route_not_found"));
}

#[tokio::test]
async fn any_order_of_the_same_events_ends_in_the_same_state() {
    let stack = stack().await;
    let now = stack.db().clock().now();
    let to = ["ada@customer.example"];
    let kinds = [
        ("sent", json!({})),
        ("delivery_delayed", json!({})),
        ("delivered", json!({})),
        ("bounced", bounce("Transient", "mailbox full")),
        ("bounced", bounce("Permanent", "no such mailbox")),
        ("complained", json!({})),
    ];
    let mut ends = Vec::new();
    for turn in 0..kinds.len() {
        for backwards in [false, true] {
            let (tenant, _) = active_tenant(&stack).await;
            let message = sent(&stack, tenant, &to).await;
            let mut order: Vec<usize> = (0..kinds.len()).map(|at| (at + turn) % kinds.len()).collect();
            if backwards {
                order.reverse();
            }
            for at in order {
                let (name, more) = &kinds[at];
                let event = about(message, name, &to, now + Duration::seconds(at as i64), more.clone());
                assert_eq!(tell(&stack, &format!("evt_{turn}_{backwards}_{at}"), &event).await, 200);
            }
            ends.push((state_of(&stack, message).await, listed(&stack, tenant).await, counted(&stack, tenant).await));
        }
    }
    let (state, list, counts) = &ends[0];
    assert_eq!(state, "complained");
    assert_eq!(list.iter().map(|(_, reason)| reason.as_str()).collect::<Vec<_>>(), ["complaint", "hard_bounce"]);
    assert_eq!(*counts, (1, 1, 1, 1, 1), "each thing is counted once for a message");
    assert!(ends.iter().all(|end| end == &ends[0]), "{ends:?}");
}

#[tokio::test]
async fn soft_bounces_add_up_and_those_of_our_own_making_suppress_nobody() {
    let stack = stack().await;
    let (tenant, _) = active_tenant(&stack).await;
    let now = stack.db().clock().now();
    let to = ["full@customer.example"];
    // The last one first: what counts is when they happened, and not when they were told.
    for at in (0..5_i64).rev() {
        assert_eq!(listed(&stack, tenant).await, [], "{at} are still to come");
        let message = sent(&stack, tenant, &to).await;
        let event = about(message, "bounced", &to, now - Duration::days(5 - at), bounce("Transient", "mailbox full"));
        tell(&stack, &format!("soft_{at}"), &event).await;
    }
    assert_eq!(listed(&stack, tenant).await, [("full@customer.example".into(), "soft_bounces".into())]);
    let until: OffsetDateTime =
        sqlx::query_scalar("select expires_at from suppressions").fetch_one(&stack.sql).await.unwrap();
    assert_eq!((until - (now + Duration::days(29))).whole_seconds(), 0, "30 days after the last of them");

    let message = sent(&stack, tenant, &["good@customer.example"]).await;
    let blocked = json!({ "bounce": { "type": "Permanent", "subType": "General", "diagnosticCode": ["550 5.7.1 blocked using a block list"] } });
    tell(&stack, "blocked", &about(message, "bounced", &["good@customer.example"], now, blocked)).await;
    assert_eq!(state_of(&stack, message).await, "bounced");
    let two = sent(&stack, tenant, &["one@customer.example", "two@customer.example"]).await;
    let event = about(
        two,
        "bounced",
        &["one@customer.example", "two@customer.example"],
        now,
        bounce("Permanent", "no such mailbox"),
    );
    tell(&stack, "two", &event).await;
    assert_eq!(listed(&stack, tenant).await.len(), 1, "nobody knows which of the two it was");
}

#[tokio::test]
async fn an_event_that_is_quicker_than_the_providers_answer_finds_its_message_later() {
    let stack = stack().await;
    let (tenant, _) = active_tenant(&stack).await;
    let message = MessageId::new();
    let mut event = about(message, "delivered", &["ada@customer.example"], stack.db().clock().now(), json!({}));
    event["data"]["email_id"] = json!("re_later");
    event["data"].as_object_mut().unwrap().remove("tags");
    assert_eq!(tell(&stack, "evt_early", &event).await, 200);
    let message = sent(&stack, tenant, &["ada@customer.example"]).await;
    sqlx::query("update sends set provider_message_id = 're_later' where message_id = $1")
        .bind(message.0)
        .execute(&stack.sql)
        .await
        .unwrap();
    until("the sweep to match it", || async { (state_of(&stack, message).await == "delivered").then_some(()) }).await;
    assert_eq!(counted(&stack, tenant).await.0, 1);
}

#[tokio::test]
async fn a_tenant_whose_mail_comes_back_is_paused_until_an_operator_has_looked() {
    let stack = stack().await;
    let (tenant, _) = active_tenant(&stack).await;
    let now = stack.db().clock().now();
    sqlx::query("insert into mail_stats (tenant_id, day, provider, sent) values ($1, ($2::timestamptz at time zone 'UTC')::date, 'discard', 89)")
        .bind(tenant.0)
        .bind(now)
        .execute(&stack.sql)
        .await
        .unwrap();
    let operator = Caller::operator(&stack);
    let settings = format!("/v1/tenants/{tenant}/email-settings");
    // With the welcome and the ten that follow these are a hundred, of which five come back.
    for nth in 0..10 {
        let to = format!("nobody{nth}@customer.example");
        let message = sent(&stack, tenant, &[&to]).await;
        let came_back = nth >= 5;
        let paused = operator.get(&settings).await.body["paused"].clone();
        assert!(paused.is_null(), "paused too early, before {nth}: {paused}");
        if came_back {
            let event = about(message, "bounced", &[&to], now, bounce("Permanent", "no such mailbox"));
            assert_eq!(tell(&stack, &format!("evt_{nth}"), &event).await, 200);
        }
    }
    let shown = operator.get(&settings).await;
    assert!(shown.body["paused"].as_str().unwrap().contains("the mailbox does not exist"), "{shown:?}");

    let tasks = operator.get("/v1/tasks").await;
    let task = tasks.body["data"].as_array().unwrap().iter().find(|task| task["title"] == "A tenant's mail is paused");
    let id = task.unwrap_or_else(|| panic!("{tasks:?}"))["id"].as_str().unwrap().to_owned();
    let admin = Caller::of(&stack, tenant, "tenant_admin");
    assert_eq!(admin.get(&format!("/v1/tasks/{id}")).await.status, 404, "nobody answers for themselves");
    let answered = operator.post(&format!("/v1/tasks/{id}/answer"), json!({ "answer": { "action": "resume" } })).await;
    assert_eq!(answered.status, 200, "{answered:?}");
    until("the lane to be open", || async { operator.get(&settings).await.body["paused"].is_null().then_some(()) })
        .await;

    // Whoever has looked has seen this day's numbers.
    let message = sent(&stack, tenant, &["another@customer.example"]).await;
    let event = about(message, "bounced", &["another@customer.example"], now, bounce("Permanent", "no such mailbox"));
    tell(&stack, "evt_another", &event).await;
    assert!(operator.get(&settings).await.body["paused"].is_null());
}

#[tokio::test]
async fn an_operator_pauses_and_resumes_by_hand() {
    let stack = TestStack::start().await;
    let (tenant, _) = active_tenant(&stack).await;
    let operator = Caller::operator(&stack);
    let path = |what: &str| format!("/v1/tenants/{tenant}/sending/{what}");
    let body = json!({ "reason": "a spam run" });
    let paused = operator.post(&path("pause"), body.clone()).await;
    assert_eq!((paused.status, &paused.body), (200, &json!({ "paused": true, "changed": true })));
    assert_eq!(operator.post(&path("pause"), body.clone()).await.body["changed"], false);
    let resumed = operator.post(&path("resume"), body.clone()).await;
    assert_eq!(resumed.body, json!({ "paused": false, "changed": true }));
    assert_eq!(operator.post(&path("resume"), body.clone()).await.body["changed"], false);
    assert_eq!(operator.post(&path("pause"), json!({ "reason": " " })).await.pointers(), ["/reason"]);
    let audit = operator.get(&format!("/v1/audit?tenant={tenant}")).await;
    let actions: Vec<&str> =
        audit.body["data"].as_array().unwrap().iter().filter_map(|line| line["action"].as_str()).collect();
    assert_eq!(actions.iter().filter(|action| action.starts_with("sending.")).count(), 2, "{actions:?}");
}

#[tokio::test]
async fn what_a_provider_says_of_a_domain_is_a_hint_for_its_life_and_told_once() {
    let settings = [
        ("RESEND_WEBHOOK_SECRET", SECRET),
        ("EDITION", "enterprise"),
        ("EMAIL_FALLBACK_PROVIDER", "resend"),
        ("EMAIL_DOMAIN_TEST_NAMES", "true"),
    ];
    let stack = TestStack::with(&settings, local::Run { workers: false, sweeper: false, api: true }).await;
    let tenant = stack.tenants(1).await[0];
    let (_, run) = super::email_domains::add(&Caller::operator(&stack), tenant, "mail.acme.test").await;
    sqlx::query(
        "insert into provider_domains (provider, name, domain_id, provider_domain_id, clear, created_at)
         values ('resend', 'mail.acme.test', $1, 'd_1', true, now())",
    )
    .bind(run.0)
    .execute(&stack.sql)
    .await
    .unwrap();
    let at = stack.db().clock().now().format(&Rfc3339).unwrap();
    let about = |id: &str| json!({ "type": "domain.updated", "created_at": at, "data": { "id": id, "name": "mail.acme.test", "status": "verified" } });
    let before = stack.run(run).await;
    assert_eq!(tell(&stack, "evt_1", &about("d_1")).await, 200);
    assert_eq!(tell(&stack, "evt_1", &about("d_1")).await, 200, "told again");
    assert_eq!(tell(&stack, "evt_2", &about("d_2")).await, 200, "a domain that is nobody's");
    let after = stack.run(run).await;
    assert_eq!((after.seq, after.state.as_str()), (before.seq + 1, "claiming"), "its word is not believed");
    assert_eq!(stack.history(run).await.pop().unwrap().name, "ProviderTold");

    // A life that is over does not care.
    sqlx::query("update runs set ended_at = now(), status = 'completed', life = jsonb_set(life, '{state}', '\"deactivated\"') where id = $1")
        .bind(run.0)
        .execute(&stack.sql)
        .await
        .unwrap();
    assert_eq!(tell(&stack, "evt_3", &about("d_1")).await, 200);
}
