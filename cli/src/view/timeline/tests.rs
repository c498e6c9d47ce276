#![allow(clippy::unwrap_used)]
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::*;

fn drawn(document: Value, now: &str) -> String {
    let read: Timeline = serde_json::from_value(document).unwrap();
    timeline(&read, Moment(OffsetDateTime::parse(now, &Rfc3339).unwrap()), Paint::default())
}

fn line(at: &str, kind: &str, name: &str, states: [&str; 2], outcome: &str, detail: Value) -> Value {
    json!({
        "seq": 1, "at": at, "kind": kind, "name": name, "fromState": states[0], "toState": states[1],
        "epoch": 1, "outcome": outcome, "detail": detail,
    })
}

#[test]
fn a_mail_that_had_to_be_tried_again_shows_tries_rests_and_the_next_wake() {
    let fault = json!({ "class": "EmailError", "message": "The mail server is busy." });
    let sending = ["sending_welcome_email"; 2];
    let document = json!({
        "history": [
            line("2026-11-21T03:25:36Z", "started", "tenant_onboarding", ["creating_tenant"; 2], "moved", json!({})),
            line("2026-11-21T03:25:36.012Z", "answer", "TenantCreated", ["creating_tenant", "creating_admin_user"], "moved", json!({})),
            line("2026-11-21T03:25:36.310Z", "answer", "AdminUserCreated", ["creating_admin_user", "setting_up_data"], "moved", json!({})),
            line("2026-11-21T03:25:36.320Z", "answer", "TenantActivated", ["setting_up_data", sending[0]], "moved", json!({})),
            line("2026-11-21T03:25:36.4Z", "attempt", "SendWelcome", sending, "stayed", json!({"attempt": 1, "fault": fault, "again_in": 1.0})),
            line("2026-11-21T03:25:37.5Z", "attempt", "SendWelcome", sending, "stayed", json!({"attempt": 2, "fault": fault, "again_in": 30.0})),
        ],
        "commands": [
            {"id": "cmd_1", "role": "command", "name": "CreateTenant", "performer": "onboard-tenant", "status": "done",
             "attempt": 1, "dueAt": "2026-11-21T03:25:36Z", "createdAt": "2026-11-21T03:25:36Z"},
            {"id": "cmd_2", "role": "command", "name": "SendWelcome", "performer": "send-email", "status": "open",
             "attempt": 2, "dueAt": "2026-11-21T03:26:07.5Z", "lastError": fault, "createdAt": "2026-11-21T03:25:36Z"},
        ],
        "timers": [], "tasks": [],
    });
    insta::assert_snapshot!(drawn(document, "2026-11-21T03:25:40Z"));
}

#[test]
fn a_person_is_asked_and_a_late_answer_is_told_apart() {
    let asked = ["asking"; 2];
    let document = json!({
        "history": [
            line("2026-11-21T03:25:36Z", "started", "tenant_onboarding", ["sending"; 2], "moved", json!({})),
            line("2026-11-21T03:25:41Z", "unknown", "SendWelcome", ["sending", "asking"], "moved",
                 json!({"fault": {"class": "UnknownOutcome", "message": "The connection broke after the text was sent."}})),
            line("2026-11-21T03:30:00Z", "answer", "WelcomeSent", asked, "late", json!({})),
            line("2026-11-21T04:30:00Z", "signal", "UpdateAsked", asked, "ignored", json!({"reason": "nothing to change"})),
        ],
        "timers": [{"name": "Deadline", "dueAt": "2026-11-24T03:25:41Z"}],
        "tasks": [{"id": "tsk_1", "title": "Nobody knows whether the welcome mail arrived: Acme", "status": "open"}],
    });
    insta::assert_snapshot!(drawn(document, "2026-11-21T05:00:00Z"));
}

#[test]
fn what_is_being_worked_on_is_told_from_what_is_overdue() {
    let command = |lease: Option<&str>| {
        json!({
            "history": [line("2026-11-21T03:25:36Z", "started", "drill", ["resting"; 2], "moved", json!({}))],
            "commands": [{"name": "Echo", "performer": "notify", "status": "open", "attempt": 1,
                          "dueAt": "2026-11-21T03:25:36Z", "leaseUntil": lease}],
        })
    };
    let leased = drawn(command(Some("2026-11-21T03:26:36Z")), "2026-11-21T03:25:40Z");
    assert!(leased.contains("being worked on (try 1), by notify"), "{leased}");
    assert!(leased.contains("Next wake: 2026-11-21 03:26:36 UTC (in 56 s)"), "{leased}");
    let lost = drawn(command(Some("2026-11-21T03:26:36Z")), "2026-11-21T03:30:00Z");
    assert!(lost.contains("try 2 is due, by notify"), "{lost}");
}
