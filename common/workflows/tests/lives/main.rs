//! Every life told in all its stories; the printed tables and diagrams are kept true.
#![allow(clippy::unwrap_used, missing_docs)]

mod domains;
mod imports;
mod leaving;
mod portal_rehearsals;
mod portals;
mod portals_live;
mod rehearsals;
mod stored;
mod tenant_changes;
mod webhooks;

use std::{path::Path, time::Duration};

use serde_json::json;
use tenantry_kernel::{
    Status, Workflow,
    line::{Cancel, LineEvent, Lined},
    sim::{Explored, Rehearsal, Theatre, explore},
    table::{diagram, table},
};
use tenantry_model::{ErrorClass, Fault, MessageId};
use tenantry_workflows::{
    drill::{self, Drill},
    sending_pause::{self, SendingPause},
    tenant_onboarding::{Event, TenantOnboarding},
};

type Onboarding = Lined<TenantOnboarding>;

/// Every story of the life; the page in `tables/` must say exactly this (`UPDATE_TABLES=1` writes it anew).
fn page<R: Rehearsal>() -> Explored {
    let explored = explore::<R>().unwrap_or_else(|broken| panic!("{broken}"));
    let page = format!(
        "# {}\n\nPrinted from the code by `common/workflows/tests/lives`, after telling all {} stories between its {} moments.\n\n```text\n{}```\n\n```mermaid\n{}```\n",
        R::Life::KIND,
        explored.steps,
        explored.moments,
        table::<R>(&explored),
        diagram::<R>(&explored)
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tables").join(format!("{}.md", R::Life::KIND));
    if std::env::var_os("UPDATE_TABLES").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "{} is not what the code does; run with UPDATE_TABLES=1 and read the difference:\n{page}",
        path.display()
    );
    explored
}

#[test]
fn every_story_of_an_onboarding_ends_well_or_waits_for_somebody() {
    let explored = page::<rehearsals::Onboardings>();
    assert_eq!(
        explored.ends.iter().map(String::as_str).collect::<Vec<_>>(),
        ["cancelled", "completed", "failed", "rolled_back"]
    );
    for state in ["undoing_sending_welcome_email", "stuck_undoing_sending_welcome_email"] {
        assert!(!explored.states.contains(state), "an active tenant must never be rolled back");
    }
}

#[test]
fn every_story_of_a_message_ends() {
    let explored = page::<rehearsals::Deliveries>();
    assert_eq!(explored.states.len(), 13, "every state is reached: {:?}", explored.states);
}

#[test]
fn every_story_of_a_pause_ends_resumed_or_asks_somebody() {
    let explored = page::<rehearsals::Pauses>();
    assert_eq!(explored.ends.iter().map(String::as_str).collect::<Vec<_>>(), ["resumed"]);
}

#[test]
fn who_keeps_a_tenant_paused_is_asked_again_a_day_later() {
    let mut pause = Theatre::<SendingPause>::new(rehearsals::pause());
    pause.reply(json!({ "action": "keep_paused" })).unwrap();
    assert_eq!(pause.status(), Status::Running);
    pause.pass(Duration::from_secs(24 * 3600)).unwrap();
    assert_eq!(pause.status(), Status::Waiting);
    pause.reply(json!({ "action": "resume" })).unwrap();
    assert_eq!(pause.commands(), ["ResumeSending"]);
    pause.answer(&sending_pause::Event::Opened { by: None }).unwrap();
    assert_eq!(pause.status(), Status::Completed, "{}", pause.transcript());
    assert_eq!(pause.result()["why"], "rehearsed");
}

#[test]
fn a_message_that_may_have_been_sent_is_never_said_to_have_failed_when_it_cannot_be_asked_for_again() {
    use tenantry_workflows::email_delivery::{Data, EmailDelivery, Event as Heard};
    for answer in [
        Heard::Refused(Fault::new(ErrorClass::EmailRefused, "the provider is not configured any more")),
        Heard::Suppressed { reason: "mail is switched off".into() },
    ] {
        let mut message = Theatre::<EmailDelivery>::new(Data::default());
        message.turn(&Heard::Admitted(rehearsals::plan("primary", true))).unwrap();
        message.answer(&Heard::NotAccepted(Fault::new(ErrorClass::UnknownOutcome, "no answer"))).unwrap();
        message.pass(Duration::from_secs(60)).unwrap();
        message.turn(&answer).unwrap();
        assert_eq!(message.status(), Status::Waiting, "{}", message.transcript());
    }
}

#[test]
fn a_message_outlives_an_account_that_is_refused_for_a_week() {
    use tenantry_workflows::email_delivery::{Data, EmailDelivery, Event as Heard};
    let mut message = Theatre::<EmailDelivery>::new(Data::default());
    while message.now() < Duration::from_secs(7 * 86_400) {
        message.turn(&Heard::Admitted(rehearsals::plan("only", false))).unwrap();
        message.answer(&Heard::NotAccepted(Fault::new(ErrorClass::AccountRefused, "wrong key"))).unwrap();
        message.pass(Duration::from_secs(300)).unwrap();
    }
    message.turn(&Heard::Admitted(rehearsals::plan("only", false))).unwrap();
    message.answer(&Heard::Accepted).unwrap();
    assert_eq!(message.status(), Status::Completed);
}

#[test]
fn every_story_of_a_domain_ends_or_waits_for_somebody() {
    let explored = page::<rehearsals::Domains>();
    assert_eq!(explored.ends.iter().map(String::as_str).collect::<Vec<_>>(), ["deactivated"]);
    assert_eq!(explored.states.len(), 18, "every state is reached: {:?}", explored.states);
}

#[test]
fn a_report_of_domains_that_are_nobodys_rests_a_day_and_begins_anew() {
    let explored = page::<rehearsals::Reports>();
    assert_eq!(explored.ends.iter().map(String::as_str).collect::<Vec<_>>(), ["stopped"]);
}

#[test]
fn every_story_of_a_hostname_ends_or_waits_for_somebody() {
    let explored = page::<portal_rehearsals::Portals>();
    assert_eq!(explored.ends.iter().map(String::as_str).collect::<Vec<_>>(), ["closed"]);
    assert_eq!(explored.states.len(), 21, "every state is reached: {:?}", explored.states);
}

#[test]
fn every_story_of_a_reconcile_ends_rests_or_asks_somebody() {
    let explored = page::<portal_rehearsals::Syncs>();
    assert_eq!(explored.ends.iter().map(String::as_str).collect::<Vec<_>>(), ["done", "failed", "stopped"]);
}

#[test]
fn every_story_of_a_drill_ends() {
    let explored = page::<rehearsals::Drills>();
    assert_eq!(explored.ends.iter().map(String::as_str).collect::<Vec<_>>(), ["cancelled", "healthy", "sick"]);
}

#[test]
fn a_drill_rests_on_a_timer_and_notices_silence() {
    let mut drill = Theatre::<Drill>::new(drill::Data::default());
    for _ in 0..11 {
        drill.answer(&drill::Event::Echoed).unwrap();
    }
    assert_eq!(drill.status(), Status::Running);
    drill.pass(Duration::from_secs(1)).unwrap();
    assert_eq!(drill.status(), Status::Completed);

    let mut silent = Theatre::<Drill>::new(drill::Data::default());
    silent.pass(Duration::from_secs(7 * 24 * 3600)).unwrap();
    assert_eq!(silent.status(), Status::Failed, "{}", silent.transcript());
}

#[test]
fn a_failure_before_the_tenant_is_active_removes_what_was_made_last_first() {
    let mut run = Theatre::<Onboarding>::new(rehearsals::onboarding());
    run.answer(&LineEvent::Own(Event::TenantCreated { created_at: "2026-11-21T00:00:00Z".into() })).unwrap();
    run.answer(&LineEvent::Own(Event::AdminUserCreated)).unwrap();
    run.fail(&Fault::new(ErrorClass::DatabaseError, "connection lost")).unwrap();
    assert_eq!(run.now(), Duration::from_secs(3), "tried at 0, 1 and 3 seconds");
    assert_eq!(run.commands(), ["RemoveSettings"]);
    run.answer(&LineEvent::Own(Event::SettingsRemoved)).unwrap();
    assert_eq!(run.commands(), ["RemoveAdminUser"]);
    run.answer(&LineEvent::Own(Event::AdminUserRemoved)).unwrap();
    run.answer(&LineEvent::Own(Event::TenantRemoved)).unwrap();
    assert_eq!(run.status(), Status::RolledBack);
    assert_eq!(run.life().progress, 60, "progress stays as it was");
}

#[test]
fn a_welcome_mail_that_fails_leaves_the_tenant_and_asks_a_person() {
    let mut run = Theatre::<Onboarding>::new(rehearsals::onboarding());
    for event in rehearsals::to_active() {
        run.answer(&LineEvent::Own(event)).unwrap();
    }
    run.fail(&Fault::new(ErrorClass::EmailRefused, "550 no such mailbox")).unwrap();
    assert_eq!(run.status(), Status::Waiting);
    let refused = run.wish(&LineEvent::Common(rehearsals::cancel())).unwrap_err();
    assert!(refused.to_string().contains("never removed automatically"), "{refused}");

    run.reply(json!({ "action": "correct_address", "email": "right@customer.example" })).unwrap();
    assert_eq!(run.commands(), ["CorrectAddress"]);
    run.answer(&LineEvent::Own(Event::AddressCorrected)).unwrap();
    assert_eq!(run.commands(), ["SendWelcome"]);
    run.answer(&LineEvent::Own(Event::WelcomeSent { message: MessageId::new() })).unwrap();
    assert_eq!((run.status(), run.result()["emailSent"].as_bool()), (Status::Completed, Some(true)));
}

#[test]
fn a_cancel_is_obeyed_once_and_its_reason_is_kept() {
    let mut run = Theatre::<Onboarding>::new(rehearsals::onboarding());
    run.wish(&LineEvent::Common(rehearsals::cancel())).unwrap();
    let again = Cancel { reason: "another".into(), cancelled_by: "eve".into() };
    run.wish(&LineEvent::Common(tenantry_kernel::line::Common::CancelAsked(again))).unwrap();
    run.answer(&LineEvent::Own(Event::TenantRemoved)).unwrap();
    assert_eq!(run.status(), Status::Cancelled, "{}", run.transcript());
    assert_eq!(run.result()["cancelled"]["reason"], "typed by mistake");
}
