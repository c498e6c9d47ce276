#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339, macros::datetime};

use super::{
    super::tests::{check, lines},
    scale::Scale,
    story::Story,
    timeline,
};

const BEGAN: OffsetDateTime = datetime!(2026-03-01 10:00 UTC);

fn at(seconds: i64) -> String {
    (BEGAN + Duration::seconds(seconds)).format(&Rfc3339).unwrap()
}

fn happened(seconds: i64, kind: &str, name: &str, from: &str, to: &str) -> Value {
    json!({ "seq": 1, "at": at(seconds), "kind": kind, "name": name, "fromState": from, "toState": to, "epoch": 1,
            "outcome": if from == to { "stayed" } else { "moved" }, "detail": {} })
}

fn command(name: &str, status: &str, attempt: i64, from: i64, to: Option<i64>) -> Value {
    json!({ "id": "cmd_1", "role": if name.ends_with("Told") { "notice" } else { "command" }, "name": name, "performer": "check-dns", "status": status, "attempt": attempt,
            "dueAt": at(to.unwrap_or(from)), "leaseUntil": null, "lastError": null, "createdAt": at(from), "endedAt": to.map(at) })
}

/// A domain that needed two looks and a person, and waits for the next look.
fn domain() -> (Value, Value) {
    let run = json!({ "kind": "email_domain", "status": "running", "state": "verifying", "startedAt": at(0), "endedAt": null });
    let entries = json!({
        "history": [
            happened(0, "started", "Started", "claiming", "claiming"),
            happened(1, "answer", "NameClaimed", "claiming", "awaiting_dns"),
            happened(3, "attempt", "CheckDns", "awaiting_dns", "awaiting_dns"),
            happened(8, "answer", "RecordsMissing", "awaiting_dns", "awaiting_dns"),
            happened(308, "timer", "LookAgain", "awaiting_dns", "awaiting_dns"),
            happened(90_000, "signal", "CheckAsked", "awaiting_dns", "awaiting_dns"),
            happened(90_002, "answer", "RecordsSeen", "awaiting_dns", "verifying"),
        ],
        "commands": [
            command("ClaimName", "done", 1, 0, Some(1)),
            command("CheckDns", "done", 2, 1, Some(8)),
            command("CheckDns", "done", 1, 308, Some(310)),
            command("RequestedTold", "done", 1, 0, Some(2)),
            command("AskProvider", "open", 1, 90_002, None),
        ],
        "timers": [{ "name": "GuardOver", "dueAt": at(300_000) }],
        "tasks": [{ "id": "tsk_1", "title": "The records are not complete", "status": "answered", "createdAt": at(4000), "endedAt": at(80_000) }],
    });
    (run, entries)
}

#[test]
fn a_run_is_drawn_with_its_states_work_waits_and_people() {
    let (run, entries) = domain();
    let picture = timeline(&run, &entries, BEGAN + Duration::seconds(90_010));
    check(&picture);
    if let Ok(folder) = std::env::var("PICTURES_TO") {
        let page = format!(
            "<!doctype html><style>{}{}</style><body><div class=picture>{}</div>",
            include_str!("../../assets/style.css"),
            include_str!("../../assets/picture.css"),
            picture.0
        );
        std::fs::write(std::path::Path::new(&folder).join("run.html"), page).unwrap();
    }
    insta::assert_snapshot!(lines(&picture));
}

#[test]
fn what_goes_on_by_itself_has_an_open_end_and_what_has_ended_has_none() {
    let (mut run, entries) = domain();
    let now = BEGAN + Duration::seconds(90_010);
    let open = timeline(&run, &entries, now).0;
    assert!(open.contains("goes on now: ask provider"), "{open}");
    run["nextWakeAt"] = json!(at(90_070));
    assert!(timeline(&run, &entries, now).0.contains("goes on in 1 min 0 s: it looks again"));
    (run["endedAt"], run["status"]) = (json!(at(90_005)), json!("completed"));
    let ended = timeline(&run, &entries, now).0;
    assert!(!ended.contains("goes on") && ended.contains("is completed after 1 d 1 h"), "{ended}");
}

#[test]
fn a_long_life_is_drawn_from_its_last_changes_and_says_so() {
    let flaps = (0..500).map(|n| {
        if n % 2 == 0 {
            happened(n * 60, "answer", "Seen", "up", "down")
        } else {
            happened(n * 60, "answer", "Seen", "down", "up")
        }
    });
    let run = json!({ "kind": "email_domain", "status": "running", "state": "up", "startedAt": at(0) });
    let entries = json!({ "history": flaps.collect::<Vec<_>>() });
    let picture = timeline(&run, &entries, BEGAN + Duration::seconds(40_000));
    check(&picture);
    assert!(picture.0.contains("changes are not drawn"), "{}", picture.0);
    assert!(picture.0.len() < 40_000, "{} bytes", picture.0.len());
}

#[test]
fn a_thousand_looks_are_a_few_marks() {
    let looks = (0..1000).map(|n| happened(10 + n * 3600, "timer", "LookAgain", "live", "live"));
    let run = json!({ "kind": "portal_domain", "status": "running", "state": "live", "startedAt": at(0) });
    let entries = json!({ "history": looks.collect::<Vec<_>>() });
    let picture = timeline(&run, &entries, BEGAN + Duration::days(50));
    check(&picture);
    assert!(picture.0.matches("pic-mark").count() < 60 && picture.0.contains("more</title>"), "{}", picture.0);
}

#[test]
fn what_cannot_be_read_is_left_out() {
    let odd = json!({ "history": [{ "at": "yesterday" }, 7], "commands": null, "timers": [{}], "tasks": "none" });
    check(&timeline(&json!({}), &odd, BEGAN));
    check(&timeline(&Value::Null, &Value::Null, BEGAN));
}

/// Moments of all sizes, in any order.
fn moments() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), 0..10i64, 0..100_000i64, -1_000_000_000..1_000_000_000i64]
}

fn any_history() -> impl Strategy<Value = Vec<Value>> {
    let kind = prop::sample::select(vec![
        "started",
        "answer",
        "signal",
        "task_answer",
        "timer",
        "attempt",
        "gave_up",
        "of_tomorrow",
    ]);
    let word = || "[a-d<>&\"']{1,3}";
    prop::collection::vec((moments(), kind, word(), word(), word()), 0..50).prop_map(|rows| {
        rows.into_iter().map(|(seconds, kind, name, from, to)| happened(seconds, kind, &name, &from, &to)).collect()
    })
}

fn any_commands() -> impl Strategy<Value = Vec<Value>> {
    let status = prop::sample::select(vec!["open", "done", "gave_up", "unknown", "withdrawn", "of_tomorrow"]);
    prop::collection::vec(("[a-d<>&\"']{1,3}(Told)?", status, 0..9i64, moments(), prop::option::of(moments())), 0..30)
        .prop_map(|rows| {
            rows.into_iter()
                .map(|(name, status, attempt, from, to)| command(&name, status, attempt, from, to))
                .collect()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_run_is_drawn_within_its_picture(
        history in any_history(), commands in any_commands(), timers in prop::collection::vec(moments(), 0..4),
        tasks in prop::collection::vec((moments(), prop::option::of(moments()), "[a-z<>& ]{1,60}"), 0..5),
        ended in prop::option::of(moments()), next in prop::option::of(moments()), now in moments(),
    ) {
        let run = json!({ "kind": "any<kind>", "status": "running", "state": "a&b", "startedAt": at(0), "endedAt": ended.map(at), "nextWakeAt": next.map(at) });
        let timers: Vec<Value> = timers.into_iter().map(|due| json!({ "name": "Timer<&", "dueAt": at(due) })).collect();
        let tasks: Vec<Value> = tasks.into_iter()
            .map(|(from, to, title)| json!({ "title": title, "status": if to.is_some() { "answered" } else { "open" }, "createdAt": at(from), "endedAt": to.map(at) }))
            .collect();
        let entries = json!({ "history": history, "commands": commands, "timers": timers, "tasks": tasks });
        check(&timeline(&run, &entries, BEGAN + Duration::seconds(now)));
    }

    #[test]
    fn time_goes_on_to_the_right(mut seconds in prop::collection::vec(moments(), 2..60)) {
        let rows: Vec<Value> = seconds.iter().enumerate().map(|(n, at)| happened(*at, "answer", "Seen", &format!("s{n}"), &format!("s{}", n + 1))).collect();
        let run = json!({ "kind": "k", "status": "running", "state": "s", "startedAt": at(0) });
        let story = Story::read(&run, &json!({ "history": rows }), BEGAN + Duration::seconds(1_000_000_000));
        let scale = Scale::of(&story);
        seconds.sort_unstable();
        for pair in seconds.windows(2) {
            let [from, to] = [pair[0], pair[1]].map(|at| scale.x(BEGAN + Duration::seconds(at)));
            prop_assert!(from <= to && (0.0..=scale.width()).contains(&from), "{from} {to}");
        }
    }
}
