//! Files of tenants: what cannot be used, what is there already, the throttle, a cancel, and a death in the middle.

use std::time::Duration;

use futures::join;
use local::Run;
use serde_json::{Value, json};
use tenantry_model::RunId;
use tenantry_runtime::Message;
use tenantry_tests::{TestStack, wait::PATIENCE};
use tokio::time::Instant;

use crate::api::{Caller, Got};

const HEADER: &str = "tenantName,firstName,lastName,email,companyName,contractLine,externalKey";
const NOBODY_WORKS: Run = Run { workers: false, ..Run::ALL };

fn csv(rows: impl IntoIterator<Item = String>) -> Vec<u8> {
    rows.into_iter().fold(HEADER.to_owned(), |file, row| format!("{file}\n{row}")).into_bytes()
}

fn row(n: usize) -> String {
    format!("\"Tenant, {n}\",Ada,Lovelace,admin@tenant-{n}.example,Company {n},pro,")
}

async fn upload(operator: &Caller, file: &[u8]) -> Got {
    operator.upload("/v1/tenant-imports", "text/csv", file, None).await
}

/// The counts of an import, those that are not zero.
async fn counts(operator: &Caller, import: RunId) -> Value {
    let got = operator.get(&format!("/v1/tenant-imports/{import}")).await;
    assert_eq!(got.status, 200, "{got:?}");
    let mut body = got.body;
    let counts = body.as_object_mut().unwrap();
    counts.remove("run");
    counts.retain(|_, n| *n != json!(0));
    body
}

async fn rows(operator: &Caller, import: RunId, query: &str) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let got = operator.get(&format!("/v1/tenant-imports/{import}/rows?limit=100{query}{after}")).await;
        assert_eq!(got.status, 200, "{got:?}");
        all.extend(got.body["data"].as_array().unwrap().clone());
        match got.body["next_cursor"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return all,
        }
    }
}

/// Turns the clock from turn to turn until the import has this status; whoever waits for a person is given up. Patience is with each
/// row, not with all of them: how long three hundred take says how busy this machine is.
async fn ends(stack: &TestStack, import: RunId, status: &str) {
    let (mut moved, mut left, mut turned) = (Instant::now(), None, 0);
    loop {
        let Some(run) = stack.run_if_there(import).await else { continue };
        if run.status == status {
            return;
        }
        let open = stack.count("import_rows where status in ('waiting', 'running')").await;
        if left != Some(open) {
            (moved, left) = (Instant::now(), Some(open));
        }
        assert!(moved.elapsed() < PATIENCE * 3, "{import} is {} in {}: {:?}", run.status, run.state, run.result);
        if ["resting", "draining"].contains(&run.state.as_str()) && run.seq != turned {
            turned = run.seq;
            let rest = stack.run(import).await.life.data["rest"].as_u64().unwrap();
            stack.pass(Duration::from_secs(rest));
        }
        let asking: Vec<uuid::Uuid> =
            sqlx::query_scalar("select run_id from tasks where status = 'open'").fetch_all(&stack.sql).await.unwrap();
        for run in asking {
            stack.answer(RunId(run), json!({ "action": "give_up" })).await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn three_hundred_rows_survive_the_death_of_everybody_in_the_middle() {
    let settings = [("IMPORT_AT_ONCE", "10")];
    let first = TestStack::with(&settings, Run::ALL).await;
    let file = csv((0..300).map(|n| match n % 30 {
        7 => format!("Tenant {n},,Lovelace,nobody,,,"),
        // The address of the row before.
        8 => row(n).replace(&format!("tenant-{n}."), &format!("TENANT-{}.", n - 2)),
        _ => row(n),
    }));
    let began = upload(&Caller::operator(&first), &file).await;
    assert_eq!((began.status, began.body["kind"].as_str()), (202, Some("tenant_import")), "{began:?}");
    let import = began.run();
    assert_eq!(began.header("location"), format!("/v1/runs/{import}"));
    while first.count("import_rows where status = 'succeeded'").await < 40 {
        first.pass(Duration::from_millis(100));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    // Functions, sweeper, API, queue and mail server are gone, and every hint with them.
    let TestStack { database, parts, stack, sql } = first;
    drop((stack, parts));
    sql.close().await;
    let second = TestStack::on(database, &settings, Run::ALL).await;
    let open = second.count("import_rows where status in ('waiting', 'running')").await;
    assert!(open > 0, "it died in the middle");
    // The leases of the dead run out.
    second.pass(Duration::from_secs(120));
    ends(&second, import, "completed").await;

    let operator = Caller::operator(&second);
    let expected = json!({ "total": 300, "succeeded": 280, "invalid": 10, "duplicate": 10 });
    assert_eq!(counts(&operator, import).await, expected);
    assert_eq!(second.count("tenants where status = 'active'").await, 280);
    assert_eq!(second.count("runs where kind = 'tenant_onboarding'").await, 280, "nothing was begun twice");
    assert_eq!(second.count("import_rows where input is not null").await, 0, "names and addresses are forgotten");
    let run = operator.get(&format!("/v1/runs/{import}")).await.body;
    assert_eq!((run["progress"].as_i64(), run["result"]["succeeded"].as_i64()), (Some(100), Some(280)));

    let all = rows(&operator, import, "").await;
    let lines: Vec<u64> = all.iter().map(|row| row["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, (2..302).collect::<Vec<_>>(), "every row once, by its line");
    let (fine, invalid, twice) = (&all[0], &all[7], &all[8]);
    assert_eq!((fine["status"].as_str(), fine["tenantName"].as_str()), (Some("succeeded"), Some("Tenant, 0")));
    let tenant = operator.get(&format!("/v1/tenants/{}", fine["tenantId"].as_str().unwrap())).await.body;
    assert_eq!((tenant["runId"].clone(), tenant["contractLine"].as_str()), (fine["runId"].clone(), Some("pro")));
    let words = invalid["error"].as_str().unwrap();
    assert!(words.contains("firstName: ") && words.contains("email: "), "{words}");
    assert_eq!(twice["error"], "the same contact address stands in line 8 already");
    assert_eq!(rows(&operator, import, "&status=invalid").await.len(), 10);
    let logged: String =
        sqlx::query_scalar("select after::text || subject || actor from audit where action = 'tenant_import.start'")
            .fetch_one(&second.sql)
            .await
            .unwrap();
    assert!(logged.contains(r#""invalid": 10"#) && !logged.contains("@tenant-"), "{logged}");
}

#[tokio::test]
async fn the_same_file_again_onboards_nobody_again() {
    let stack = TestStack::start().await;
    let operator = Caller::operator(&stack);
    let file = csv((0..5).map(|n| format!("{}{}", row(n), if n == 4 { "crm-4" } else { "" })));
    let (one, other) = join!(upload(&operator, &file), upload(&operator, &file));
    join!(ends(&stack, one.run(), "completed"), ends(&stack, other.run(), "completed"));
    let both = [counts(&operator, one.run()).await, counts(&operator, other.run()).await];
    let sum = |name: &str| both.iter().filter_map(|counts| counts[name].as_u64()).sum::<u64>();
    assert_eq!((sum("succeeded"), sum("duplicate"), sum("total")), (5, 5, 10), "{both:?}");
    assert_eq!(stack.count("tenants").await, 5);

    let before = stack.count("runs").await;
    let looked = operator.upload("/v1/tenant-imports?dryRun=true", "text/csv", &file, None).await;
    assert_eq!(
        (looked.status, &looked.body["valid"], &looked.body["duplicate"]),
        (200, &json!(0), &json!(5)),
        "{looked:?}"
    );
    assert_eq!(looked.body["rows"][4]["error"], "a tenant with this external key is there already");
    assert_eq!(stack.count("runs").await, before, "a dry run writes nothing");

    let third = operator.upload("/v1/tenant-imports", "text/csv", &file, Some("k")).await;
    ends(&stack, third.run(), "completed").await;
    assert_eq!(counts(&operator, third.run()).await, json!({ "total": 5, "duplicate": 5 }));
    let told = rows(&operator, third.run(), "").await;
    let made = sqlx::query_scalar::<_, uuid::Uuid>("select run_id from tenants where email = 'admin@tenant-0.example'");
    assert_eq!(told[0]["runId"], RunId(made.fetch_one(&stack.sql).await.unwrap()).to_string());
    let again = operator.upload("/v1/tenant-imports", "text/csv", &file, Some("k")).await;
    assert_eq!((again.run(), again.header("idempotent-replayed")), (third.run(), "true"));

    let list = operator.get("/v1/tenant-imports?limit=2").await.body;
    assert_eq!(
        (&list["data"][0]["run"]["id"], &list["data"][0]["total"]),
        (&json!(third.run().to_string()), &json!(5))
    );
    assert_eq!((list["data"].as_array().unwrap().len(), &list["has_more"]), (2, &json!(true)));
}

#[tokio::test]
async fn lines_of_json_are_the_body_of_one_onboarding_each() {
    let stack = TestStack::start().await;
    let operator = Caller::operator(&stack);
    let line = |name: &str, more: &str| {
        format!(
            r#"{{"tenantName":"{name}","adminUser":{{"firstName":"Ada","lastName":"L","email":"a@{name}.example"}}{more}}}"#
        )
    };
    let file = format!(
        "{}\r\n\n{}\n{{nothing\n{}",
        line("acme", r#","externalKey":"crm-1""#),
        line("beta", r#","age":3"#),
        line("gamma", r#","externalKey":"crm-1""#)
    );
    let began = operator.upload("/v1/tenant-imports", "application/x-ndjson", file.as_bytes(), None).await;
    ends(&stack, began.run(), "completed").await;
    let told = rows(&operator, began.run(), "").await;
    let seen: Vec<(u64, &str)> =
        told.iter().map(|row| (row["line"].as_u64().unwrap(), row["status"].as_str().unwrap())).collect();
    assert_eq!(seen, [(1, "succeeded"), (3, "invalid"), (4, "invalid"), (5, "duplicate")]);
    assert!(told[1]["error"].as_str().unwrap().starts_with("age: "), "{}", told[1]);
    let tenant = operator.get("/v1/tenants?externalKey=crm-1").await.body;
    assert_eq!((&tenant["data"][0]["id"], &tenant["data"][0]["name"]), (&told[0]["tenantId"], &json!("acme")));
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_refused_as_a_whole_and_writes_nothing() {
    let stack = TestStack::with(&[], NOBODY_WORKS).await;
    let operator = Caller::operator(&stack);
    let semicolons = upload(&operator, HEADER.replace(',', ";").as_bytes()).await;
    assert_eq!(semicolons.problem(), (422, "invalid_body"));
    assert!(semicolons.body["detail"].as_str().unwrap().contains("semicolons"), "{semicolons:?}");
    let columns = upload(&operator, b"tenantName,mail\r\nAcme,a@b.example\r\n").await;
    assert_eq!(columns.pointers(), ["/email", "/firstName", "/lastName", "/mail"]);
    for empty in [HEADER, ""] {
        assert_eq!(upload(&operator, empty.as_bytes()).await.problem(), (422, "invalid_body"), "{empty:?}");
    }
    let big = upload(&operator, &vec![b'x'; 4 * 1024 * 1024 + 1]).await;
    assert_eq!(big.problem(), (413, "body_too_large"));
    let json = operator.post("/v1/tenant-imports", json!({})).await;
    assert_eq!(json.problem(), (415, "unsupported_file"));
    assert_eq!(stack.count("runs").await + stack.count("imports").await + stack.count("audit").await, 0);

    // Read as spreadsheets write it: a mark at the beginning, quotation marks, and line breaks of two characters.
    let file = format!("\u{feff}{HEADER}\r\n\"Acme, \"\"Ltd\"\"\",Ada,L,a@acme.example,,,\r\n");
    let looked =
        operator.upload("/v1/tenant-imports?dryRun=true", "text/csv; charset=utf-8", file.as_bytes(), None).await;
    assert_eq!(looked.body, json!({ "total": 1, "valid": 1, "invalid": 0, "duplicate": 0, "rows": [] }));
    let drill = operator.post("/v1/drills", json!({})).await.run();
    for path in [format!("/v1/tenant-imports/{drill}"), format!("/v1/tenant-imports/{drill}/rows")] {
        assert_eq!(operator.get(&path).await.problem(), (404, "not_found"), "a drill is no import");
    }
}

/// Gives an import its turn by hand: whatever it has asked for is performed, and nobody else works.
async fn turn(stack: &TestStack, import: RunId) {
    let asked: uuid::Uuid = tenantry_tests::wait::until("the import to ask for a turn", || async {
        let open = "select id from commands where run_id = $1 and ended_at is null";
        sqlx::query_scalar(open).bind(import.0).fetch_optional(&stack.sql).await.unwrap()
    })
    .await;
    let body = Message::new(asked.into(), None).body();
    let until = std::time::Instant::now() + Duration::from_secs(50);
    assert_eq!(stack.stack.worker("onboard-tenant").unwrap().handle(&[&body], until).await, [true]);
    stack.pass(Duration::from_secs(1));
}

/// One onboarding of the import that runs becomes this.
async fn becomes(stack: &TestStack, set: &str) {
    let one = "select run_id from import_rows i join runs r on r.id = i.run_id
               where i.status = 'running' and r.status = 'running' order by line limit 1";
    let update = format!("update runs set {set} where id = ({one})");
    sqlx::query(sqlx::AssertSqlSafe(update)).execute(&stack.sql).await.unwrap();
}

const ENDED: &str = "ended_at = now(), status = ";

#[tokio::test]
async fn no_more_are_under_way_than_may_be_and_who_waits_for_a_person_holds_up_nobody() {
    let stack = TestStack::with(&[("IMPORT_AT_ONCE", "3")], NOBODY_WORKS).await;
    let operator = Caller::operator(&stack);
    let import = upload(&operator, &csv((0..10).map(row))).await.run();
    for _ in 0..3 {
        turn(&stack, import).await;
        assert_eq!(counts(&operator, import).await, json!({ "total": 10, "running": 3, "waiting": 7 }));
    }
    becomes(&stack, &format!("{ENDED} 'completed'")).await;
    becomes(&stack, "status = 'waiting'").await;
    turn(&stack, import).await;
    assert_eq!(counts(&operator, import).await, json!({ "total": 10, "succeeded": 1, "running": 4, "waiting": 5 }));
    let failed = r#"'rolled_back', error = '{"class": "DatabaseError", "message": "the connection was lost"}'"#;
    becomes(&stack, &format!("{ENDED} {failed}")).await;
    turn(&stack, import).await;
    let told = rows(&operator, import, "&status=failed").await;
    assert_eq!(told[0]["error"], "the connection was lost", "{told:?}");
    assert_eq!(stack.count("import_rows where input is not null").await, 4, "only what waits has an input");
}

#[tokio::test]
async fn a_cancelled_import_begins_nobody_and_follows_what_it_has_begun() {
    let stack = TestStack::with(&[("IMPORT_AT_ONCE", "2")], NOBODY_WORKS).await;
    let operator = Caller::operator(&stack);
    let import = upload(&operator, &csv((0..6).map(row))).await.run();
    turn(&stack, import).await;
    let told = operator.post(&format!("/v1/runs/{import}/cancel"), json!({ "reason": "the wrong file" })).await;
    assert_eq!((told.status, told.body["step"].as_str()), (200, Some("cancelling")), "{told:?}");
    turn(&stack, import).await;
    assert_eq!(counts(&operator, import).await, json!({ "total": 6, "running": 2, "cancelled": 4 }));
    assert_eq!(stack.count("import_rows where input is not null").await, 0);
    for _ in 0..2 {
        becomes(&stack, &format!("{ENDED} 'completed'")).await;
    }
    turn(&stack, import).await;
    assert_eq!(stack.run(import).await.status, "cancelled");
    assert_eq!(counts(&operator, import).await, json!({ "total": 6, "succeeded": 2, "cancelled": 4 }));
    assert_eq!(stack.count("runs where kind = 'tenant_onboarding'").await, 2);
}
