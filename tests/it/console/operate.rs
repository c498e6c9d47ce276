//! What operators do: mend runs, import a file, suspend, look before a tenant leaves, and verify the audit log.

use tenantry_standins::smtp::{Rule, Stage};
use tenantry_store::runs;
use tenantry_tests::{Onboard, browser::left_out, wait::until};

use super::{browser, stack, tenant};

#[tokio::test]
async fn an_operator_mends_runs() {
    if left_out() {
        return;
    }
    let stack = stack(&[]).await;
    stack.mail().misbehave(1, [Rule::reply(Stage::Rcpt, "451 4.3.0 later").to("later").times(1)]);
    let later = stack.onboard(&Onboard { email: "later@acme.example".into(), ..Onboard::another() }).await;
    until("a try that failed, and an hour until the next", || async {
        let waits = "update commands set due_at = due_at + interval '1 hour', wake_at = wake_at + interval '1 hour'
                     where run_id = $1 and ended_at is null and role = 'command' and attempt > 0 and lease_token is null";
        (sqlx::query(waits).bind(later.0).execute(&stack.sql).await.unwrap().rows_affected() == 1).then_some(())
    })
    .await;
    // Begun, and held before anything of it is done.
    let held = Onboard { tenant_name: "Held Back".into(), ..Onboard::another() };
    let (held, _) = held.write(stack.db()).await;
    let mut tx = stack.db().begin().await.unwrap();
    runs::pause(&mut tx, held, "ada", Some("to look at it"), stack.db().clock().now()).await.unwrap();
    tx.commit().await.unwrap();
    let browser = browser(&stack).await;
    browser.be("Platform operator").await;

    // It waits before it tries again; somebody does not want to wait.
    browser.open(&format!("/runs/{later}")).await;
    browser.says("451").await;
    browser.look("run-waiting").await;
    browser.remember().await;
    browser.click("#run-pause").await;
    browser.says("Paused").await;
    browser.click("#run-resume").await;
    browser.says("It goes on").await;
    browser.click("#run-retry").await;
    browser.says("It is tried again now").await;
    browser.becomes("#run-state", "completed").await;

    // From here on nothing is undone any more, and the page says so.
    browser.open(&format!("/runs/{later}/cancel")).await;
    browser.says("cannot be cancelled").await;
    browser.look("cancel-refused").await;

    // What is done to many, and what a cancel would undo, is seen first.
    browser.open("/runs?paused=true").await;
    browser.click("#runs tbody a").await;
    browser.becomes("main .badge", "paused").await;
    browser.look("run-paused").await;
    browser.open("/runs?kind=tenant_onboarding&status=running").await;
    browser.press("Do something with all of these").await;
    browser.press("Show what it would do").await;
    browser.says("1 run is like that").await;
    browser.look("many-runs-preview").await;
    browser.click("main button.danger").await;
    browser.says("done for 1 of 1 runs").await;
    browser.look("many-runs-done").await;
    browser.open(&format!("/runs/{held}")).await;
    browser.click("#run-cancel").await;
    browser.says("If you cancel it now").await;
    browser.look("cancel-preview").await;
    browser.fill("#reason", "It was a test").await;
    browser.click("#run-cancel-now").await;
    browser.says("It is being called off").await;
    if browser.has("#run-resume").await {
        browser.click("#run-resume").await;
    }
    stack.ends(held, "cancelled").await;
    browser.open(&format!("/runs/{held}")).await;
    browser.look("run-cancelled").await;
    browser.close().await;
}

#[tokio::test]
async fn an_operator_imports_suspends_and_verifies() {
    if left_out() {
        return;
    }
    let stack = stack(&[("IMPORT_AT_ONCE", "10")]).await;
    let (acme, ada) = tenant(&stack, "Acme").await;
    let browser = browser(&stack).await;
    browser.be("Platform operator").await;

    // A file with a bad line is looked through before anything begins.
    browser.open("/tenants/import").await;
    let file = "tenantName,firstName,lastName,email\nOne,Ada,Lovelace,one@one.example\nTwo,,Hopper,nobody\nThree,Grace,Hopper,three@three.example";
    browser.fill("#import-file", file).await;
    browser.click("#import-look").await;
    browser.says("2 of 3 tenants can be onboarded").await;
    browser.says("Line 3").await;
    browser.look("import-looked-through").await;
    assert_eq!(stack.count("runs where kind = 'tenant_import'").await, 0);
    browser.press("Onboard 2 tenants").await;
    browser.find("#import-status").await;
    browser.remember().await;
    browser.becomes("#import-status", "completed").await;
    assert!(browser.is_the_same().await, "nobody has loaded it again");
    browser.look("import-completed").await;
    browser.open("/tenants/import").await;
    browser.look("import-again").await;

    // Suspended, its people are not let in; resumed, they are.
    let page = format!("/tenants/{acme}");
    browser.open(&page).await;
    browser.fill("#reason", "The bill of October").await;
    browser.press("Suspend").await;
    browser.becomes("#tenant-status", "suspended").await;
    browser.says("The bill of October").await;
    browser.look("tenant-suspended").await;
    browser.be(&ada).await;
    browser.says("suspended").await;
    browser.look("home-of-a-suspended-tenant").await;
    browser.be("Platform operator").await;
    browser.open(&page).await;
    browser.press("Resume").await;
    browser.becomes("#tenant-status", "active").await;

    // A tenant is renamed, and its page says so; what is wrong stands at its field.
    browser.fill("#name", "Acme & Sons").await;
    browser.fill("#email", "ada@acme").await;
    browser.press("Save").await;
    browser.find("#email-wrong").await;
    browser.look("tenant-wrong").await;
    browser.fill("#email", "ada@acme.example").await;
    browser.press("Save").await;
    browser.says("Saved").await;
    browser.becomes("h1", "Acme & Sons").await;

    // Everything that is its own, as files; and what an offboarding would take down, which does not begin by a slip.
    browser.open(&format!("{page}/exports")).await;
    browser.click("#new-export").await;
    browser.becomes("#export-list .badge", "whole").await;
    browser.look("export-made").await;
    browser.open(&format!("{page}/offboarding")).await;
    browser.find("#offboarding-preview li").await;
    browser.look("offboarding-preview").await;
    browser.fill("#reason", "They leave").await;
    browser.fill("#slug", "another").await;
    browser.press("Begin the offboarding").await;
    browser.find("#slug-wrong").await;
    browser.look("offboarding-wrong").await;
    assert_eq!(stack.count("runs where kind = 'tenant_offboarding'").await, 0);
    let slug: String =
        sqlx::query_scalar("select slug from tenants where id = $1").bind(acme.0).fetch_one(&stack.sql).await.unwrap();
    browser.fill("#slug", &slug).await;
    browser.press("Begin the offboarding").await;
    browser.becomes("#offboarding-state", "grace").await;
    browser.look("offboarding-under-way").await;
    browser.click("#offboarding-restore").await;
    browser.says("Restored").await;
    until("the tenant to be active again", || async {
        (stack.count("tenants where name = 'Acme & Sons' and status = 'active'").await == 1).then_some(())
    })
    .await;
    browser.open(&page).await;
    browser.becomes("#tenant-status", "active").await;

    // All of it stands in the log, and the log is whole.
    browser.open(&format!("/audit?tenant={acme}")).await;
    browser.says("tenant.suspend").await;
    browser.look("audit-of-a-tenant").await;
    browser.click("#audit-verify").await;
    browser.says("The chain is intact").await;
    browser.look("audit-verified").await;
    browser.close().await;
}
