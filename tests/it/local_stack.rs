//! The one-command start, as a process: what a newcomer does, and what goes wrong on a laptop.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value;
use tenantry_tests::{programs, wait::until};

pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

pub(crate) fn start(data: &Path) -> Running {
    start_with(data, &[])
}

fn start_with(data: &Path, settings: &[(&str, &str)]) -> Running {
    drop(std::fs::remove_file(data.join("cli.json")));
    Running(command(data).envs(settings.iter().copied()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

fn command(data: &Path) -> Command {
    let mut command = Command::new(programs::local());
    command.arg("--data").arg(data).arg("--free-ports");
    let parts = ["DATABASE_URL", "AWS_ENDPOINT_URL", "EMAIL_HOST", "SMTP_HOST", "OIDC_ISSUER"];
    for name in parts.into_iter().chain(["EMAIL_PROVIDER", "EMAIL_FALLBACK_PROVIDER", "RESEND_API_KEY", "PUBLIC_URL"]) {
        command.env_remove(name);
    }
    command
}

/// A folder that Postgres' user may reach, also when the tests run as root.
pub(crate) fn folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

pub(crate) async fn found(data: &Path) -> Value {
    until("the stack to say where it is", || async {
        serde_json::from_str(&std::fs::read_to_string(data.join("cli.json")).ok()?).ok()
    })
    .await
}

/// Runs the command line against the stack, and gives its exit code and what it printed.
pub(crate) fn tenantry(found: &Value, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(programs::cli());
    command
        .args(arguments)
        .env("TENANTRY_URL", found["url"].as_str().unwrap())
        .env("TENANTRY_TOKEN", found["token"].as_str().unwrap());
    command.env("TENANTRY_MAIL_URL", found["mailUrl"].as_str().unwrap());
    command.env("TENANTRY_ZONES_URL", found["zonesUrl"].as_str().unwrap_or_default());
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

pub(crate) fn onboard(found: &Value, name: &str, email: &str) -> (Option<i32>, Value) {
    let arguments = [
        "--json",
        "tenant",
        "onboard",
        "--name",
        name,
        "--admin-first-name",
        "Ada",
        "--admin-last-name",
        "Lovelace",
        "--admin-email",
        email,
    ];
    let (code, out, err) = tenantry(found, &arguments);
    (code, serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}")))
}

#[tokio::test]
async fn a_newcomer_onboards_a_tenant_and_finds_it_again_after_the_power_went() {
    let data = folder();
    let stack = start(data.path());
    let at = found(data.path()).await;
    let (code, run) = onboard(&at, "Acme", "ada@acme.example");
    assert_eq!((code, &run["status"]), (Some(0), &Value::from("completed")), "{run}");
    let (_, mails, _) = tenantry(&at, &["--json", "local", "mail", "list"]);
    assert!(mails.contains("ada@acme.example"), "{mails}");
    let (code, _, _) = tenantry(&at, &["drill"]);
    assert_eq!(code, Some(0));

    // SIGKILL to all of it, without a word.
    drop(stack);
    let again = start(data.path());
    let at = found(data.path()).await;
    let (code, tenants, _) = tenantry(&at, &["--json", "tenant", "list"]);
    assert_eq!(code, Some(0));
    assert!(tenants.contains("\"Acme\""), "{tenants}");
    let (_, mails, _) = tenantry(&at, &["--json", "local", "mail", "list"]);
    assert!(mails.contains("ada@acme.example"), "the mailbox is kept too: {mails}");
    let (code, run) = onboard(&at, "Acme", "ADA@acme.example");
    assert_eq!((code, &run["status"]), (Some(1), &Value::from("rolled_back")));
    drop(again);
}

#[tokio::test]
async fn with_resend_and_no_account_its_stand_in_carries_mail_and_tells_what_became_of_it() {
    let data = folder();
    let stack = start_with(data.path(), &[("EMAIL_PROVIDER", "resend")]);
    let at = found(data.path()).await;
    let (_, run) = onboard(&at, "Acme", "ada@acme.example");
    let tenant = run["tenantId"].as_str().unwrap_or_else(|| panic!("no tenant in {run}")).to_owned();
    let send = |to: &'static str| {
        let words = ["--subject", "Invoice 17", "--text", "Here it is."];
        let arguments = [&["--json", "mail", "send", "--tenant", &tenant, "--to", to], &words[..]].concat();
        let (_, out, err) = tenantry(&at, &arguments);
        let message: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        message["id"].as_str().unwrap_or_else(|| panic!("{message}")).to_owned()
    };
    for (to, became) in [("ada@customer.example", "delivered"), ("bounced@resend.dev", "bounced")] {
        let id = send(to);
        let (_, out, err) = tenantry(&at, &["--json", "mail", "watch", &id, "--past-sent", "--wait", "60"]);
        let message: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        assert_eq!((&message["status"], &message["provider"]), (&became.into(), &"resend".into()), "{message}");
    }
    let (_, providers, _) = tenantry(&at, &["--json", "mail", "provider", "list"]);
    let providers: Value = serde_json::from_str(&providers).unwrap();
    assert_eq!(providers["data"][0]["tellsEvents"], Value::from(true), "{providers}");
    let (keys, kept) = (std::fs::read_to_string(data.path().join("resend.key")).unwrap(), data.path().join("dns"));
    drop(stack);

    // The same account after a restart: functions in another process know its key.
    let again = start_with(data.path(), &[("EMAIL_FALLBACK_PROVIDER", "resend")]);
    let at = found(data.path()).await;
    let (code, _, _) = tenantry(&at, &["mail", "provider", "validate", "resend"]);
    assert_eq!((code, kept.is_dir()), (Some(0), true));
    assert_eq!(std::fs::read_to_string(data.path().join("resend.key")).unwrap(), keys);
    drop(again);
}

#[tokio::test]
async fn two_stacks_on_one_folder_and_a_taken_port_are_told_apart() {
    let data = folder();
    let _first = start(data.path());
    found(data.path()).await;
    let second = command(data.path()).output().unwrap();
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(!second.status.success() && said.contains("already running on this folder"), "{said}");

    let elsewhere = folder();
    let other = start(elsewhere.path());
    let at = found(elsewhere.path()).await;
    let (code, _, _) = tenantry(&at, &["tenant", "list"]);
    assert_eq!(code, Some(0), "on another folder, with free ports, two stacks live side by side");
    drop(other);
}

#[tokio::test]
async fn a_configuration_that_is_not_usable_names_everything_at_once() {
    let data = folder();
    let output = command(data.path())
        .env("PASSWORD_HASH_COST", "99")
        .env("CREDENTIAL", "magic")
        .env("EMAIL_PORT", "many")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    for name in ["PASSWORD_HASH_COST", "CREDENTIAL", "EMAIL_PORT"] {
        assert!(said.contains(name), "{said}");
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_is_named_with_what_to_do() {
    let data = folder();
    let output = command(data.path()).env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("the database cannot be reached"), "{said}");
}

#[tokio::test]
async fn functions_elsewhere_get_the_work_through_lambdas_invocation_url() {
    use axum::{Json, extract::Path as UrlPath, routing::post};
    use tenantry_tests::{Onboard, TestStack};

    // The functions' side: a stack without pumps, whose workers are invoked over HTTP as `cargo lambda watch` does it.
    let behind =
        std::sync::Arc::new(TestStack::with(&[], local::Run { workers: false, sweeper: false, api: false }).await);
    let workers = behind.clone();
    let invoke = move |UrlPath(name): UrlPath<String>, Json(event): Json<Value>| async move {
        let records = event["Records"].as_array().cloned().unwrap_or_default();
        let bodies: Vec<&str> = records.iter().map(|record| record["body"].as_str().unwrap()).collect();
        let done = workers
            .stack
            .worker(&name)
            .unwrap()
            .handle(&bodies, std::time::Instant::now() + Duration::from_secs(50))
            .await;
        let failed: Vec<Value> = records
            .iter()
            .zip(done)
            .filter(|(_, done)| !done)
            .map(|(record, _)| serde_json::json!({ "itemIdentifier": record["messageId"] }))
            .collect();
        Json(serde_json::json!({ "batchItemFailures": failed }))
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().route("/2015-03-31/functions/{name}/invocations", post(invoke));
    tokio::spawn(async move { axum::serve(listener, router).await });

    let bridge = behind.bridge(&url).await;
    let (run, hints) = Onboard::another().write(behind.db()).await;
    behind.hint(hints).await;
    behind.ends(run, "completed").await;
    drop(bridge);
}
