//! Tenants that leave, and what they take with them.

use std::time::Duration;

use serde_json::{Value, json};
use tenantry_kernel::{
    Status,
    sim::{Rehearsal, Theatre},
};
use tenantry_model::{ErrorClass, Fault, TenantId};
use tenantry_workflows::{
    tenant_export::{self, TenantExport, Written},
    tenant_offboarding::{Command, Data, Event, Task, TenantOffboarding},
};

use super::page;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// All that may happen to an export.
struct Exports;

impl Rehearsal for Exports {
    type Life = TenantExport;

    fn starts() -> Vec<tenant_export::Data> {
        vec![tenant_export::Data::new(nobody())]
    }

    fn answers(command: &tenant_export::Command) -> Vec<tenant_export::Event> {
        let tenant_export::Command::ExportPage { page, .. } = command;
        pages(*page).map(|(written, complete)| tenant_export::Event::PageWritten { written, complete }).collect()
    }

    fn wishes() -> Vec<tenant_export::Event> {
        vec![tenant_export::Event::CancelAsked { by: "ada".into() }]
    }

    fn replies((): &()) -> Vec<Value> {
        Vec::new()
    }
}

/// All that may happen to an offboarding.
struct Offboardings;

impl Rehearsal for Offboardings {
    type Life = TenantOffboarding;
    const ANY_ORDER: bool = true;

    fn starts() -> Vec<Data> {
        [0, 2, 30].map(leaves).into()
    }

    fn answers(command: &Command) -> Vec<Event> {
        match command {
            Command::ExportPage { page, .. } => {
                pages(*page).map(|(written, complete)| Event::PageWritten { written, complete }).collect()
            }
            Command::RestoreTenant { .. } => vec![Event::Restored],
            Command::Withdraw { .. } => {
                [vec!["mail.acme.test".to_owned()], Vec::new()].map(|left| Event::Withdrawn { left }).into()
            }
            Command::RemoveRows { batch, .. } => {
                let complete = Event::RowsRemoved { rows: 1, complete: true };
                let more = (*batch < 2).then_some(Event::RowsRemoved { rows: 1, complete: false });
                let added = Event::Withdrawn { left: vec!["mail.acme.test".to_owned()] };
                more.into_iter().chain([complete, added]).collect()
            }
        }
    }

    fn wishes() -> Vec<Event> {
        vec![Event::RestoreAsked { by: "ada".into() }, Event::RemoveNowAsked { by: "ada".into() }]
    }

    fn replies(task: &Task) -> Vec<Value> {
        let actions: &[&str] = match task {
            Task::ExportStuck => &["try_again", "go_on", "call_off"],
            Task::RowsStuck => &["try_again"],
        };
        actions.iter().map(|action| json!({ "action": action })).collect()
    }
}

fn nobody() -> TenantId {
    TenantId(uuid::Uuid::nil())
}

fn leaves(days: u32) -> Data {
    Data::new(nobody(), "Acme".into(), "rehearsed".into(), days)
}

/// The page is written, and is the last one or not; no story writes more than two.
fn pages(page: u32) -> impl Iterator<Item = (Written, bool)> {
    let written = Written { pages: page, parts: page, rows: u64::from(page) };
    [false, true].into_iter().filter(move |complete| *complete || page < 2).map(move |complete| (written, complete))
}

fn told(run: &Theatre<TenantOffboarding>) -> Vec<&str> {
    run.notices().iter().map(|notice| notice["name"].as_str().unwrap()).collect()
}

fn whole() -> Event {
    Event::PageWritten { written: Written { pages: 1, parts: 1, rows: 9 }, complete: true }
}

#[test]
fn every_story_of_an_export_ends() {
    let explored = page::<Exports>();
    assert_eq!(explored.ends.iter().map(String::as_str).collect::<Vec<_>>(), ["cancelled", "exported", "failed"]);
}

#[test]
fn every_story_of_an_offboarding_ends_or_waits_for_somebody() {
    let explored = page::<Offboardings>();
    assert_eq!(explored.ends.iter().map(String::as_str).collect::<Vec<_>>(), ["offboarded", "restored"]);
    assert_eq!(explored.states.len(), 9, "every state is reached: {:?}", explored.states);
    // Nothing of the tenant goes before everything that was asked to go has gone.
    let to_removing: Vec<&str> =
        explored.rows.iter().filter(|row| row.follows == "-> removing").map(|row| row.state.as_str()).collect();
    assert!(to_removing.iter().all(|state| ["withdrawing", "removing", "stuck"].contains(state)), "{to_removing:?}");
    let restored = |state: &str| -> Vec<&str> {
        let heard = explored.rows.iter().filter(|row| row.heard == "RestoreAsked" && row.state == state);
        heard.map(|row| row.follows.as_str()).collect()
    };
    for state in ["exporting", "export_stuck", "grace"] {
        assert_eq!(restored(state), ["-> restoring"], "{state}");
    }
    for state in ["withdrawing", "removing", "offboarded"] {
        assert_eq!(restored(state), ["refused"], "{state}");
    }
}

#[test]
fn somebody_is_reminded_three_days_before_the_end_and_nothing_goes_before_it() {
    let mut run = Theatre::<TenantOffboarding>::new(leaves(30));
    run.answer(&whole()).unwrap();
    run.pass(26 * DAY).unwrap();
    assert_eq!(told(&run), ["OffboardingStarted"]);
    run.pass(DAY).unwrap();
    assert_eq!(told(&run), ["OffboardingStarted", "OffboardingReminder"]);
    run.pass(3 * DAY - Duration::from_secs(1)).unwrap();
    assert!(run.commands().is_empty(), "{}", run.transcript());
    run.pass(Duration::from_secs(1)).unwrap();
    assert_eq!(run.commands(), ["Withdraw"]);
    let refused = run.wish(&Event::RestoreAsked { by: "ada".into() }).unwrap_err().to_string();
    assert!(refused.contains("cannot come back any more"), "{refused}");
}

#[test]
fn who_is_restored_within_the_grace_period_loses_nothing() {
    let mut run = Theatre::<TenantOffboarding>::new(leaves(30));
    run.answer(&whole()).unwrap();
    run.pass(29 * DAY).unwrap();
    run.wish(&Event::RestoreAsked { by: "ada".into() }).unwrap();
    assert_eq!(run.commands(), ["RestoreTenant"]);
    run.answer(&Event::Restored).unwrap();
    assert_eq!((run.status(), run.result()["restoredBy"].as_str()), (Status::Cancelled, Some("ada")));
    assert_eq!(told(&run).last(), Some(&"TenantRestored"));
    run.pass(100 * DAY).unwrap();
    assert!(run.commands().is_empty(), "{}", run.transcript());
}

#[test]
fn what_is_not_taken_down_is_looked_at_for_ever_and_told_every_day() {
    let mut run = Theatre::<TenantOffboarding>::new(leaves(0));
    run.answer(&whole()).unwrap();
    let mut looks = 0;
    while run.now() < 2 * DAY + Duration::from_secs(1) {
        assert_eq!(run.commands(), ["Withdraw"], "{}", run.transcript());
        run.answer(&Event::Withdrawn { left: vec!["mail.acme.test".into()] }).unwrap();
        looks += 1;
        while run.commands().is_empty() {
            run.pass(Duration::from_secs(10)).unwrap();
        }
    }
    assert!((280..300).contains(&looks), "every ten minutes after the first: {looks}");
    let asked: Vec<&Value> = run.notices().iter().filter(|notice| notice["name"] == "OperatorAsked").collect();
    assert_eq!(asked.len(), 2);
    assert!(asked[0]["with"]["text"].as_str().unwrap().contains("mail.acme.test"));
    run.answer(&Event::Withdrawn { left: vec![] }).unwrap();
    run.answer(&Event::RowsRemoved { rows: 7, complete: false }).unwrap();
    run.answer(&Event::RowsRemoved { rows: 2, complete: true }).unwrap();
    assert_eq!((run.status(), run.result()["removedRows"].as_u64()), (Status::Completed, Some(9)));
}

#[test]
fn an_export_that_cannot_be_made_is_for_a_person_to_decide_about() {
    let mut run = Theatre::<TenantOffboarding>::new(leaves(30));
    run.wish(&Event::RemoveNowAsked { by: "ada".into() }).unwrap();
    run.fail(&Fault::new(ErrorClass::InternalError, "a row cannot be read")).unwrap();
    assert_eq!((run.status(), told(&run).last()), (Status::Waiting, Some(&"OperatorAsked")));
    run.wish(&Event::RemoveNowAsked { by: "ada".into() }).unwrap_err();
    run.reply(json!({ "action": "try_again" })).unwrap();
    run.fail(&Fault::new(ErrorClass::InternalError, "a row cannot be read")).unwrap();
    run.reply(json!({ "action": "go_on" })).unwrap();
    assert_eq!(run.commands(), ["Withdraw"], "nobody wanted to wait for the grace period");
    assert_eq!(run.result()["withoutExport"], true);
}
