//! The straight way.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use tenantry_model::UserId;
use tenantry_store::tenancy::{self, Revealed};
use tenantry_tests::{Onboard, TestStack, wait::PATIENCE};
use tenantry_workflows::tenant_onboarding::Credential;

#[tokio::test]
async fn a_tenant_is_onboarded_and_its_administrator_welcomed() {
    let stack = TestStack::start().await;
    let onboard = Onboard::another();
    let run = stack.onboard(&onboard).await;
    let run = stack.ends(run, "completed").await;

    assert_eq!((run.progress, run.step.as_str(), run.error), (100, "completed", None));
    assert_eq!((run.result["success"].as_bool(), run.result["emailSent"].as_bool()), (Some(true), Some(true)));
    let (status, host): (String, String) =
        sqlx::query_as("select status, portal_host from tenants").fetch_one(&stack.sql).await.unwrap();
    assert_eq!(status, "active");
    let label = run.tenant.unwrap().0.simple().to_string()[..7].to_owned();
    assert_eq!(host, format!("{label}.portal.tenantry.test"));
    assert_eq!(stack.count("companies").await, 1);
    assert_eq!(stack.count("user_roles").await, 1);
    assert_eq!(stack.count("tenant_email_settings").await, 1);
    assert_eq!(stack.count("tenant_companies where is_default").await, 1);
    assert_eq!(stack.count("messages m join runs r on r.id = m.id where r.state = 'sent'").await, 1);

    let mail = stack
        .mail()
        .mailbox()
        .wait_for(|mail| mail.to.contains(&onboard.email), PATIENCE)
        .await
        .expect("a welcome mail");
    assert!(mail.text().unwrap_or_default().contains(&host), "the mail names the login page");
    assert!(mail.html().is_some());
}

#[tokio::test]
async fn history_is_complete_and_progress_never_runs_backwards() {
    let stack = TestStack::start().await;
    let run = stack.onboard(&Onboard::another()).await;
    stack.ends(run, "completed").await;
    let history = stack.history(run).await;
    assert_eq!(history.iter().map(|row| row.seq).collect::<Vec<_>>(), (1..=history.len() as i32).collect::<Vec<_>>());
    let names: Vec<&str> = history.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["Started", "TenantCreated", "AdminUserCreated", "TenantActivated", "WelcomeSent"]);
    assert!(history.windows(2).all(|pair| pair[0].to_state == pair[1].from_state));
}

#[tokio::test]
async fn the_temporary_password_is_in_the_mail_is_read_once_and_is_nowhere_else() {
    let stack = TestStack::start().await;
    let onboard = Onboard::another();
    let run = stack.onboard(&onboard).await;
    stack.ends(run, "completed").await;
    let now = stack.db().clock().now();

    let mut tx = stack.db().begin().await.unwrap();
    let Revealed::Now { sealed, user, .. } = tenancy::reveal(&mut tx, run, now).await.unwrap() else {
        panic!("it was read before")
    };
    tx.commit().await.unwrap();
    let keys = stack.stack.environment.get("SEALING_KEYS").unwrap();
    let password = tenantry_secrets::Sealer::new(&keys.into()).unwrap().open(&sealed, user.0.as_bytes()).unwrap();
    let clear = password.expose_secret();

    let mail = stack.mail().mailbox().wait_for(|mail| mail.to.contains(&onboard.email), PATIENCE).await.unwrap();
    assert!(mail.text().unwrap().contains(clear));
    let hash: String = sqlx::query_scalar("select password_hash from users where id = $1")
        .bind(user.0)
        .fetch_one(&stack.sql)
        .await
        .unwrap();
    assert!(bcrypt::verify(clear, &hash).unwrap());

    // Read and mailed: destroyed. And no table holds it in the clear, in no column.
    let mut tx = stack.db().begin().await.unwrap();
    assert!(matches!(tenancy::reveal(&mut tx, run, now).await.unwrap(), Revealed::Before(_)));
    assert_eq!(stack.count("credentials where sealed is not null").await, 0);
    for table in ["runs", "history", "commands", "tasks", "audit", "messages", "users", "credentials"] {
        let found = stack.count(&format!("{table} t where t::text like '%{clear}%'")).await;
        assert_eq!(found, 0, "the password stands in {table}");
    }
}

#[tokio::test]
async fn an_unread_password_is_destroyed_when_it_expires() {
    let stack = TestStack::start().await;
    let run = stack.onboard(&Onboard::another()).await;
    stack.ends(run, "completed").await;
    stack.pass(Duration::from_secs(73 * 3600));
    tenantry_tests::wait::until("the sweeper to destroy it", || async {
        (stack.count("credentials where sealed is not null").await == 0).then_some(())
    })
    .await;
    let mut tx = stack.db().begin().await.unwrap();
    assert!(matches!(tenancy::reveal(&mut tx, run, stack.db().clock().now()).await.unwrap(), Revealed::Expired(_)));
}

#[tokio::test]
async fn an_invitation_is_a_single_use_link_of_which_only_the_hash_is_kept() {
    let stack = TestStack::start().await;
    let onboard = Onboard { credential: Credential::Invite, ..Onboard::another() };
    let run = stack.onboard(&onboard).await;
    let run = stack.ends(run, "completed").await;
    let mail = stack.mail().mailbox().wait_for(|mail| mail.to.contains(&onboard.email), PATIENCE).await.unwrap();
    let text = mail.text().unwrap();
    let token = text.split("invite#").nth(1).unwrap().split_whitespace().next().unwrap();
    assert_eq!(token.len(), 43);
    assert_eq!(stack.count(&format!("invitations t where t::text like '%{token}%'")).await, 0);
    assert_eq!(stack.count("users where password_hash is not null").await, 0);

    let (hash, now) = (tenantry_secrets::token_hash(token), stack.db().clock().now());
    let mut tx = stack.db().begin().await.unwrap();
    let user: UserId = run.result["adminUserId"].as_str().unwrap().parse().unwrap();
    let first = tenancy::accept_invitation(&mut tx, &hash, "$2b$04$abcdefghijklmnopqrstuv", now).await.unwrap();
    assert_eq!(first, tenancy::Accepted::Now { tenant: run.tenant.unwrap(), user });
    let second = tenancy::accept_invitation(&mut tx, &hash, "$2b$04$abcdefghijklmnopqrstuv", now).await.unwrap();
    assert_eq!(second, tenancy::Accepted::Never);
}

#[tokio::test]
async fn two_tenants_of_one_name_get_two_slugs() {
    let stack = TestStack::start().await;
    let (one, two) = (
        Onboard { tenant_name: "Acme".into(), ..Onboard::another() },
        Onboard { tenant_name: "ACME!".into(), ..Onboard::another() },
    );
    let runs = [stack.onboard(&one).await, stack.onboard(&two).await];
    for run in runs {
        stack.ends(run, "completed").await;
    }
    let slugs: Vec<String> =
        sqlx::query_scalar("select slug from tenants order by length(slug)").fetch_all(&stack.sql).await.unwrap();
    assert_eq!(slugs[0], "acme");
    assert!(slugs[1].starts_with("acme-"), "{slugs:?}");
}

#[tokio::test]
async fn a_drill_goes_through_every_queue_a_timer_and_the_database() {
    use tenantry_kernel::advance::start;
    use tenantry_store::runs::{self, NewRun, Started};
    use tenantry_workflows::drill::{Data, Drill};

    let stack = TestStack::start().await;
    let new = NewRun {
        id: tenantry_model::RunId::new(),
        kind: "drill",
        tenant: None,
        external_key: None,
        started_by: "test".into(),
        trace: None,
        change: start::<Drill>(Data::default()),
    };
    let mut tx = stack.db().begin().await.unwrap();
    let Started::New(hints) = runs::start(&mut tx, &new, stack.db().timing()).await.unwrap() else {
        panic!("a new run")
    };
    tx.commit().await.unwrap();
    stack.hint(hints).await;
    let run = stack.ends(new.id, "completed").await;
    let functions = [
        "onboard-tenant",
        "send-email",
        "create-domain",
        "check-dns",
        "activate-domain",
        "delete-domain",
        "check-portal",
        "reconcile-cluster",
        "deliver-webhook",
        "offboard-tenant",
        "notify",
    ];
    assert_eq!(run.result["echoed"], serde_json::json!(functions));
    assert_eq!(run.state, "healthy");
}
