//! From a notice to whoever of its tenant wants to be told.

use tenantry_model::CommandId;
use tenantry_tests::{Onboard, wait::until};

use super::*;

#[tokio::test]
async fn a_notice_that_is_told_twice_is_one_event() {
    let receiver = Receiver::start(&[Does::Answers(200)]).await;
    let mut scene = Scene::with(&[], Run::ALL).await;
    let run = scene.stack.onboard(&Onboard::another()).await;
    scene.tenant = scene.stack.ends(run, "completed").await.tenant.unwrap();
    scene.admin = key(&scene.stack, scene.tenant).await;
    let endpoint = scene.add(&receiver.url(), json!(["tenant.created"])).await;
    let notice = json!({ "name": "TenantCreated", "with": { "tenant": scene.tenant } });
    let id = CommandId::new();
    sqlx::query(
        "insert into commands (id, run_id, tenant_id, epoch, role, name, performer, command, due_at, wake_at, created_at)
         values ($1, $2, $3, 1, 'notice', 'TenantCreated', 'notify', $4, $5, $5, $5)",
    )
    .bind(id.0)
    .bind(run.0)
    .bind(scene.tenant.0)
    .bind(&notice)
    .bind(scene.stack.db().clock().now())
    .execute(&scene.stack.sql)
    .await
    .unwrap();
    let done = async || {
        until("the notice to be told", || async {
            scene.stack.count(&format!("commands where id = '{}' and status = 'done'", id.0)).await.eq(&1).then_some(())
        })
        .await;
    };
    done().await;
    // Its own onboarding may be told only now, too.
    let event = WebhookEventId(id.0).to_string();
    let mine = || receiver.seen().into_iter().filter(|delivery| delivery.id() == event).collect::<Vec<_>>();
    let seen = until("the event", || async { Some(mine()).filter(|mine| !mine.is_empty()) }).await;
    assert!(seen[0].is_signed_by(&endpoint.secret));
    let body = seen[0].json();
    assert_eq!((&body["type"], &body["data"]["tenantId"]), (&json!("tenant.created"), &json!(scene.tenant)));

    // The answer of whoever told it was lost.
    let again = "update commands set status = 'open', ended_at = null, wake_at = $2, due_at = $2 where id = $1";
    sqlx::query(again).bind(id.0).bind(scene.stack.db().clock().now()).execute(&scene.stack.sql).await.unwrap();
    done().await;
    assert_eq!(scene.stack.count(&format!("webhook_events where id = '{}'", id.0)).await, 1);
    let deliveries = scene.deliveries(&endpoint).await;
    assert_eq!(deliveries.iter().filter(|delivery| delivery["eventId"] == event.as_str()).count(), 1);
    assert_eq!(mine().len(), 1);
}

#[tokio::test]
async fn a_tenant_hears_of_itself_and_of_nobody_else() {
    let (mine, theirs) = (Receiver::start(&[Does::Answers(200)]).await, Receiver::start(&[Does::Answers(200)]).await);
    let scene = Scene::with(&[], Run::ALL).await;
    scene.add(&mine.url(), json!(["*"])).await;
    let run = scene.stack.onboard(&Onboard::another()).await;
    let other = scene.stack.ends(run, "completed").await.tenant.unwrap();
    let operator = Caller::operator(&scene.stack);
    let wanted = json!({ "url": theirs.url() });
    let path = format!("/v1/tenants/{other}/webhook-endpoints");
    assert_eq!(operator.post(&path, wanted).await.status, 201);

    let patch = Some(json!({ "name": "Another name" }).to_string().into_bytes());
    let changed =
        operator.ask(reqwest::Method::PATCH, &format!("/v1/tenants/{other}"), patch, &[("if-match", "*")]).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let changed = || theirs.seen().into_iter().find(|delivery| delivery.json()["type"] == "tenant.changed");
    let changed = until("the change", || async { changed() }).await;
    assert_eq!(changed.json()["data"]["tenantId"], json!(other));
    assert_eq!(mine.seen().len(), 0);
}

#[tokio::test]
async fn events_of_an_onboarding_that_is_undone_stand_in_nobodys_way() {
    let scene = Scene::with(&[], Run::ALL).await;
    // What is told of a tenant that never came to be has no endpoint, and holds no tenant.
    let event = WebhookEventId(Uuid::now_v7());
    let mut tx = scene.stack.db().begin().await.unwrap();
    let new = NewEvent { id: event, tenant: TenantId::new(), what: "tenant.onboarding_failed", body: "{}" };
    assert_eq!(publish(&mut tx, &new, "test", scene.stack.db().timing()).await.unwrap(), Once::New(Vec::new()));
    tx.commit().await.unwrap();
    assert_eq!(scene.stack.count("webhook_deliveries").await, 0);
}
