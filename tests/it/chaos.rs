//! A short chaos, and proof that each of its invariants can be broken and is then reported.

use std::collections::HashMap;

use serde_json::json;
use tenantry_model::{MessageId, RunId};
use tenantry_standins::smtp::{Fault, Rule, Stage};
use tenantry_tests::{
    Database, Onboard, TestStack,
    chaos::{
        self, Carrier, Options, Plan,
        invariants::{self, Seen, Told},
    },
    wait::until,
};
use tenantry_workflows::tenant_onboarding::Credential;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_doubled_whatever_is_killed() {
    let plan =
        Plan::draw(Options { seed: 7, seconds: 12, tenants: 50, letters: 60, workers: 3, carrier: Carrier::Smtp });
    let report = chaos::live(&plan, env!("CARGO_BIN_EXE_chaos").into()).await;
    assert!(report.held(), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_twice_where_two_may_carry_it() {
    let plan =
        Plan::draw(Options { seed: 11, seconds: 10, tenants: 10, letters: 80, workers: 3, carrier: Carrier::Resend });
    let report = chaos::live(&plan, env!("CARGO_BIN_EXE_chaos").into()).await;
    assert!(report.held(), "{report}");
}

#[test]
fn the_same_seed_is_the_same_plan_and_another_seed_another() {
    let options = Options { seed: 1, seconds: 30, tenants: 40, letters: 40, workers: 4, carrier: Carrier::Smtp };
    let plan = |seed| format!("{:?}", Plan::draw(Options { seed, ..options }));
    assert_eq!(plan(1), plan(1));
    assert_ne!(plan(1), plan(2));
    let (few, many) = (
        Plan::draw(Options { tenants: 1, letters: 1, ..options }),
        Plan::draw(Options { tenants: 90, letters: 90, ..options }),
    );
    assert_eq!(format!("{:?}", few.blows), format!("{:?}", many.blows), "who comes does not change what is done");
}

/// What runs of every kind of end have left behind, at rest, with nobody connected.
struct Left {
    database: Database,
    accepted: HashMap<(&'static str, MessageId), u32>,
    told: Told,
    completed: RunId,
    cancelled: RunId,
    waiting: RunId,
    /// Messages, by what became of them.
    sent: RunId,
    secret: RunId,
    unknown: RunId,
    called_off: RunId,
    refused: RunId,
}

impl Left {
    async fn behind() -> Self {
        let stack = TestStack::start().await;
        let completed = stack.onboard(&Onboard { external_key: Some("key".to_owned()), ..Onboard::another() }).await;
        stack.ends(completed, "completed").await;
        let invited = stack.onboard(&Onboard { credential: Credential::Invite, ..Onboard::another() }).await;
        stack.ends(invited, "completed").await;

        stack.mail().misbehave(1, [Rule::at(Stage::AfterAccept, Fault::Reset).to("admin").times(1)]);
        let waiting = stack.onboard(&Onboard::another()).await;
        stack.ends(waiting, "waiting").await;

        // No function has heard of it yet, so the cancel comes in time.
        let (cancelled, _hints) = Onboard::another().write(stack.db()).await;
        stack.signal(cancelled, "cancel", json!({ "reason": "typed by mistake" })).await.unwrap();
        stack.ends(cancelled, "cancelled").await;
        let [sent, secret, unknown, called_off, refused] = Self::messages(&stack, completed).await;
        until("every notice to be told", || async {
            (stack.count("commands where status = 'open'").await == 0).then_some(())
        })
        .await;

        let id = |header: &str| header.split('@').next().unwrap().parse::<MessageId>().unwrap();
        let counts = stack.mail().mailbox().counts();
        let accepted = counts.into_iter().map(|(header, times)| (("smtp", id(&header)), times)).collect();
        let acknowledged = [sent, secret, unknown, called_off, refused].map(|run| MessageId(run.0)).to_vec();
        let told = Told { begun: vec![completed, cancelled, waiting], acknowledged, ..Told::default() };
        let TestStack { database, stack, sql, .. } = stack;
        stack.stop().await;
        sql.close().await;
        Self { database, accepted, told, completed, cancelled, waiting, sent, secret, unknown, called_off, refused }
    }

    /// Messages of an onboarded tenant.
    async fn messages(stack: &TestStack, onboarded: RunId) -> [RunId; 5] {
        let tenant = stack.run(onboarded).await.tenant.unwrap();
        stack.mail().misbehave(
            1,
            [Rule::at(Stage::BeforeAccept, Fault::Reset).to("lost"), Rule::reply(Stage::Rcpt, "550 no").to("nobody")],
        );
        let mut secret = stack.draft(tenant, "secret@x.example");
        secret.sensitive = true;
        let others = ["sent@x.example", "lost@x.example", "nobody@x.example"].map(|to| stack.draft(tenant, to));
        let ids = stack.post(others.into_iter().chain([secret]).collect()).await;
        let (later, _) = stack.store(vec![stack.draft(tenant, "later@x.example")], 3600).await;
        stack.signal(later[0], "cancel", json!({})).await.unwrap();
        for (id, state) in
            [(ids[0], "sent"), (ids[1], "unknown"), (ids[2], "failed"), (ids[3], "sent"), (later[0], "cancelled")]
        {
            // A tenant's messages leave one after the other.
            stack.pass(std::time::Duration::from_secs(2));
            stack.settles(id, state).await;
        }
        [ids[0], ids[3], ids[1], later[0], ids[2]]
    }

    /// What is broken in a copy of it, in which this was done to the rows, past every rule of the database, and this to what was seen.
    async fn but(&self, sql: &str, change: &dyn Fn(&mut Seen)) -> Vec<&'static str> {
        let copy = self.database.copy().await;
        let mut sql = sql.to_owned();
        for (name, run) in [
            ("$completed", self.completed),
            ("$cancelled", self.cancelled),
            ("$waiting", self.waiting),
            ("$sent", self.sent),
            ("$secret", self.secret),
            ("$unknown", self.unknown),
            ("$called_off", self.called_off),
            ("$refused", self.refused),
        ] {
            sql = sql.replace(name, &format!("'{}'", run.0));
        }
        let mut seen = Seen {
            sql: copy.superuser(),
            accepted: self.accepted.clone(),
            told: self.told.clone(),
            panics: Vec::new(),
            per_minute: Some(60),
            at_rest: true,
        };
        // As a replica Postgres trusts what it is told: neither foreign keys nor triggers are asked.
        let sql = format!("set session_replication_role = replica; {sql}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&seen.sql).await.unwrap();
        change(&mut seen);
        broken(seen).await
    }
}

/// The invariants that are broken.
async fn broken(seen: Seen) -> Vec<&'static str> {
    let verdicts = invariants::check(&seen).await;
    seen.sql.close().await;
    verdicts.iter().filter(|verdict| !verdict.breaches.is_empty()).map(|verdict| verdict.invariant).collect()
}

/// What is done to the rows, and the invariants that must then be reported, this one and no others.
const BREAKS: [(&str, &[&str]); 35] = [
    ("update tasks set status = 'withdrawn', ended_at = now() where run_id = $waiting", &["every_run_ended_or_is_due"]),
    ("insert into timers (id, run_id, epoch, name, timer, due_at, created_at)
      values (gen_random_uuid(), $completed, 1, 'T', '{}', now() + interval '1 day', now())", &["every_run_ended_or_is_due"]),
    ("update commands set status = 'open', ended_at = null where run_id = $completed and name = 'OnboardingCompleted'",
     &["everything_came_to_rest"]),
    ("delete from commands where run_id = $cancelled; delete from history where run_id = $cancelled; delete from runs where id = $cancelled",
     &["nothing_promised_is_lost"]),
    ("update runs set status = 'rolled_back' where id = $cancelled", &["nothing_promised_is_lost"]),
    ("insert into tenants select gen_random_uuid(), run_id, name, slug || '-2', '2' || email, contract_line, status, null, 'x.example', created_at, updated_at, activated_at
      from tenants where run_id = $completed",
     &["no_tenant_is_doubled", "every_completed_run_has_its_tenant", "an_active_tenant_is_whole"]),
    ("update tenants set status = 'provisioning' where run_id = $completed", &["every_completed_run_has_its_tenant"]),
    ("delete from tenants where run_id = $completed",
     &["every_completed_run_has_its_tenant", "every_row_has_its_tenant"]),
    ("insert into roles select tenant_id, 'tenant_admin', now(), now() from runs where id = $cancelled",
     &["what_was_rolled_back_left_no_row", "every_row_has_its_tenant"]),
    ("update messages set tenant_id = gen_random_uuid() where caused_by = $completed", &["every_row_has_its_tenant"]),
    ("delete from user_roles where tenant_id = (select tenant_id from runs where id = $completed)", &["an_active_tenant_is_whole"]),
    ("delete from tenant_companies where tenant_id = (select tenant_id from runs where id = $completed)", &["an_active_tenant_is_whole"]),
    ("delete from notification_defaults where category = 'security'", &["an_active_tenant_is_whole"]),
    ("delete from credentials where run_id = $completed", &["an_active_tenant_is_whole"]),
    ("update runs set status = 'failed' where id = $completed", &["an_active_tenant_is_never_rolled_back"]),
    ("update tenants set contract_line = 'other' where run_id = $completed", &["rows_say_what_was_wished"]),
    ("alter table credentials drop constraint what_was_read_and_mailed_is_destroyed;
      update credentials set read_at = now() where run_id = $completed", &["a_credential_is_sealed_no_longer_than_needed"]),
    ("delete from messages where caused_by = $waiting", &["an_accepted_mail_is_recorded"]),
    ("update history set to_state = 'failed' where run_id in (select id from messages where caused_by = $completed);
      update runs set state = 'failed', status = 'failed' where id in (select id from messages where caused_by = $completed);
      delete from sends where message_id in (select id from messages where caused_by = $completed)",
     &["an_accepted_mail_is_recorded", "what_is_recorded_as_sent_was_accepted", "a_failed_message_was_never_accepted",
       "the_numbers_are_those_of_the_rows"]),
    ("insert into commands select gen_random_uuid(), run_id, tenant_id, epoch + 5, role, name, performer, command, 'done', 1, due_at, wake_at, null, null, null, null, created_at, now()
      from commands where run_id = $unknown and name = 'Deliver'", &["nothing_is_sent_again_by_itself_after_an_unknown"]),
    ("delete from messages where id = $sent",
     &["an_accepted_mail_is_recorded", "an_acknowledged_message_came_to_rest", "a_sent_message_has_one_row_that_says_so"]),
    ("update history set to_state = 'queued' where run_id = $called_off and seq = (select seq from runs where id = $called_off);
      update runs set state = 'queued' where id = $called_off", &["an_acknowledged_message_came_to_rest"]),
    ("delete from sends where message_id = $sent",
     &["an_accepted_mail_is_recorded", "a_sent_message_has_one_row_that_says_so", "the_numbers_are_those_of_the_rows"]),
    ("insert into sends select $refused, tenant_id, provider, null, 'x', sender, response, attempts, accepted_at from sends where message_id = $sent",
     &["what_is_recorded_as_sent_was_accepted", "a_sent_message_has_one_row_that_says_so", "the_numbers_are_those_of_the_rows"]),
    ("delete from message_contents where message_id = $unknown", &["a_message_that_may_still_leave_has_its_words"]),
    ("insert into message_contents select $secret, tenant_id, sealed, true, erase_at from message_contents where message_id = $sent",
     &["a_secret_is_erased_once_it_was_sent"]),
    ("update mail_stats set sent = sent + 1", &["the_numbers_are_those_of_the_rows"]),
    ("update lanes set ready_at = null;
      insert into timers (id, run_id, tenant_id, epoch, name, timer, due_at, created_at, in_lane)
      select gen_random_uuid(), id, tenant_id, epoch, 'Turn', '{}', now() + interval '1 day', now(), true from runs where id = $unknown",
     &["no_lane_forgets_a_turn"]),
    ("insert into history (run_id, seq, tenant_id, at, kind, name, from_state, to_state, epoch, outcome, detail)
      select gen_random_uuid(), 2, tenant_id, at, 'timer', 'Admitted', 'queued', 'sending', 1, 'moved', '{}'
      from history, generate_series(1, 61) where run_id = $sent and name = 'Admitted'", &["no_lane_gives_more_than_it_may"]),
    ("insert into commands select gen_random_uuid(), run_id, tenant_id, epoch, role, name, performer, command, 'done', 1, due_at, wake_at, null, null, null, null, created_at, now()
      from commands where run_id = $waiting and name = 'SendWelcome'", &["nothing_is_sent_again_by_itself_after_an_unknown"]),
    ("update history set seq = 9 where run_id = $completed and seq = 2", &["history_has_no_gap", "history_is_a_chain", "epochs_never_fall"]),
    ("update history set to_state = 'elsewhere' where run_id = $completed and seq = 2", &["history_is_a_chain"]),
    ("update runs set epoch = 1 where id = $completed", &["epochs_never_fall"]),
    ("update history set outcome = 'unexpected' where run_id = $waiting and seq = (select seq from runs where id = $waiting)",
     &["epochs_never_fall", "nothing_unexpected_happened"]),
    ("drop index history_key; update history set key = 'again' where run_id = $completed and seq in (2, 3)", &["nothing_was_told_twice"]),
];

#[tokio::test]
async fn whatever_is_broken_by_hand_is_reported() {
    let left = Left::behind().await;
    let as_it_was = |_: &mut Seen| {};
    assert_eq!(left.but("select", &as_it_was).await, Vec::<&str>::new(), "all is well before anything is broken");
    for (sql, expected) in BREAKS {
        assert_eq!(left.but(sql, &as_it_was).await, expected, "after: {sql}");
    }
}

#[tokio::test]
async fn what_the_world_saw_otherwise_is_reported() {
    let left = Left::behind().await;
    let other = async |change: &dyn Fn(&mut Seen)| left.but("select", change).await;
    let twice = |seen: &mut Seen| seen.accepted.values_mut().for_each(|times| *times = 2);
    assert_eq!(other(&twice).await, ["no_mail_is_accepted_twice"]);
    let never = |seen: &mut Seen| seen.accepted.clear();
    assert_eq!(other(&never).await, ["what_is_recorded_as_sent_was_accepted"]);
    let by_two = |seen: &mut Seen| seen.accepted.extend([(("resend", MessageId(left.sent.0)), 1)]);
    assert_eq!(other(&by_two).await, ["no_mail_is_accepted_twice"]);
    let unheard_of = |seen: &mut Seen| seen.accepted.extend([(("smtp", MessageId(RunId::new().0)), 1)]);
    assert_eq!(other(&unheard_of).await, ["an_accepted_mail_is_recorded"]);
    let refused = |seen: &mut Seen| seen.accepted.extend([(("smtp", MessageId(left.refused.0)), 1)]);
    assert_eq!(other(&refused).await, ["an_accepted_mail_is_recorded", "a_failed_message_was_never_accepted"]);
    let called_off = |seen: &mut Seen| seen.accepted.extend([(("smtp", MessageId(left.called_off.0)), 1)]);
    assert_eq!(other(&called_off).await, ["an_accepted_mail_is_recorded", "a_message_called_off_never_left"]);
    let never_stored = |seen: &mut Seen| seen.told.acknowledged.push(MessageId(RunId::new().0));
    assert_eq!(other(&never_stored).await, ["an_acknowledged_message_came_to_rest"]);
    let too_many = |seen: &mut Seen| seen.per_minute = Some(1);
    assert_eq!(other(&too_many).await, ["no_lane_gives_more_than_it_may"]);
    let moving = |seen: &mut Seen| seen.at_rest = false;
    assert_eq!(other(&moving).await, ["everything_came_to_rest"]);
    let puzzled = |seen: &mut Seen| seen.told.puzzled.push("500".to_owned());
    assert_eq!(other(&puzzled).await, ["every_caller_got_an_answer"]);
    let panicked = |seen: &mut Seen| seen.panics.push("thread main panicked at".to_owned());
    assert_eq!(other(&panicked).await, ["no_worker_panicked"]);
    let lost: [&dyn Fn(&mut Seen); 4] = [
        &|seen| seen.told.begun.push(RunId::new()),
        &|seen| seen.told.accepted.push((left.completed, "never-heard".to_owned())),
        &|seen| seen.told.answered.push(RunId::new().0),
        &|seen| seen.told.revealed.extend([(left.completed, 2)]),
    ];
    for change in lost {
        assert_eq!(other(change).await, ["nothing_promised_is_lost"]);
    }
}
