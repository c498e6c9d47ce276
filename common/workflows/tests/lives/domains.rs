//! Stories of a sending domain, in virtual time.

use std::time::Duration;

use serde_json::json;
use tenantry_kernel::{Status, sim::Theatre};
use tenantry_model::{ErrorClass, Fault};
use tenantry_workflows::email_domain::{AtProvider, EmailDomain, Event, Records};

use crate::rehearsals::{dns, domain, provider};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

type Story = Theatre<EmailDomain>;

fn by() -> String {
    "ada".to_owned()
}

fn instructed() -> Story {
    let mut story = Story::new(domain());
    story.answer(&Event::NameClaimed { clear: true }).unwrap();
    story.answer(&Event::DomainCreated).unwrap();
    story
}

fn verified() -> Story {
    let mut story = instructed();
    story.wish(&Event::DnsConfigured { by: by() }).unwrap();
    story.answer(&dns(Records::Complete)).unwrap();
    story.answer(&Event::VerificationAsked).unwrap();
    story.pass(30 * Duration::from_secs(1)).unwrap();
    story.answer(&provider(AtProvider::Verified)).unwrap();
    story.answer(&Event::Activated).unwrap();
    assert_eq!(story.result()["status"], "verified");
    story
}

/// Answers every look from now on for this long, and says when they were made.
fn looks(story: &mut Story, answer: &Event, long: Duration) -> Vec<Duration> {
    let (until, mut at) = (story.now() + long, Vec::new());
    while story.now() < until {
        story.pass(MINUTE).unwrap();
        while let Some(command) = story.commands().first() {
            match command.as_str() {
                "CheckDns" => {
                    at.push(story.now());
                    story.answer(answer).unwrap();
                }
                "LookAtProvider" => story.answer(&provider(AtProvider::Verified)).unwrap(),
                _ => return at,
            }
        }
    }
    at
}

#[test]
fn records_are_looked_for_after_5_10_20_40_and_then_every_60_minutes_until_seven_days_are_over() {
    let mut story = instructed();
    let at = looks(&mut story, &dns(Records::Incomplete), 8 * DAY);
    let waits: Vec<u64> = std::iter::once(at[0])
        .chain(at.windows(2).map(|pair| pair[1] - pair[0]))
        .map(|wait| wait.as_secs() / 60)
        .collect();
    assert_eq!(waits[..6], [5, 10, 20, 40, 60, 60]);
    assert!(waits[4..].iter().all(|wait| *wait == 60));
    assert_eq!(at.last().unwrap().as_secs() / 3600, 167, "the last look within seven days");
    assert_eq!(
        (story.status(), story.result()["status"].as_str()),
        (Status::Waiting, Some("failed")),
        "{}",
        story.transcript()
    );
    // It is not over: whoever publishes the records after all says so.
    story.wish(&Event::DnsConfigured { by: by() }).unwrap();
    assert_eq!(story.result()["status"], "awaiting_dns");
    assert_eq!(story.commands(), ["CheckDns"]);
}

#[test]
fn a_look_that_could_not_be_made_is_no_missing_record() {
    let mut story = instructed();
    looks(&mut story, &dns(Records::Unclear), 6 * DAY);
    assert_eq!(story.result()["status"], "awaiting_dns");
    let mut story = verified();
    looks(&mut story, &dns(Records::Unclear), 10 * DAY);
    assert_eq!(story.result()["status"], "verified", "{}", story.transcript());
    assert!(!story.transcript().contains("Vanished"));
}

#[test]
fn who_says_that_the_records_are_there_is_looked_at_once_and_the_waits_begin_anew() {
    let mut story = instructed();
    looks(&mut story, &dns(Records::Incomplete), 5 * HOUR);
    story.wish(&Event::DnsConfigured { by: by() }).unwrap();
    // Told again while the look is under way: one look, begun anew.
    story.wish(&Event::RefreshAsked { by: by() }).unwrap();
    assert_eq!(story.commands(), ["CheckDns"]);
    let before = story.now();
    story.answer(&dns(Records::Incomplete)).unwrap();
    let next = looks(&mut story, &dns(Records::Incomplete), HOUR);
    assert_eq!(next[0] - before, 5 * MINUTE);
}

#[test]
fn after_an_hour_without_a_word_the_tenant_is_asked_and_every_answer_does_what_it_says() {
    let mut waits = instructed();
    looks(&mut waits, &dns(Records::Incomplete), HOUR);
    waits.reply(json!({ "action": "continue_waiting" })).unwrap();
    assert_eq!(waits.result()["status"], "awaiting_dns");

    let mut helped = instructed();
    looks(&mut helped, &dns(Records::Incomplete), HOUR);
    helped.reply(json!({ "action": "contact_support" })).unwrap();
    assert_eq!(helped.result()["status"], "awaiting_dns");

    let mut cancelled = instructed();
    looks(&mut cancelled, &dns(Records::Incomplete), HOUR);
    cancelled.reply(json!({ "action": "cancel_setup" })).unwrap();
    assert_eq!(cancelled.result()["status"], "deactivated");
    assert_eq!(cancelled.commands(), ["StopSending"]);
}

#[test]
fn the_provider_is_polled_every_30_seconds_20_times_then_slower_and_then_an_operator_is_asked() {
    let mut story = instructed();
    story.wish(&Event::DnsConfigured { by: by() }).unwrap();
    story.answer(&dns(Records::Complete)).unwrap();
    story.answer(&Event::VerificationAsked).unwrap();
    let began = story.now();
    let mut at = Vec::new();
    while story.status() == Status::Running {
        story.pass(30 * Duration::from_secs(1)).unwrap();
        if story.commands() == ["LookAtProvider"] {
            at.push((story.now() - began).as_secs());
            story.answer(&provider(AtProvider::Pending)).unwrap();
        }
    }
    assert_eq!(at[..3], [30, 60, 90]);
    assert_eq!(at[19], 600);
    assert_eq!(at[20] - at[19], 1800);
    assert_eq!(at.len(), 32);
    let mut overridden = story;
    overridden.reply(json!({ "action": "override" })).unwrap();
    assert_eq!(overridden.commands(), ["CheckDns"], "once more, since the last look may be days ago");
    overridden.answer(&dns(Records::Complete)).unwrap();
    assert_eq!(overridden.commands(), ["Activate"]);
}

#[test]
fn a_refusal_asks_the_tenant_for_two_hours_and_then_goes_on_by_itself_three_times() {
    let mut story = instructed();
    for round in 1..=3 {
        story.wish(&Event::DnsConfigured { by: by() }).unwrap();
        story.answer(&dns(Records::Complete)).unwrap();
        story.answer(&Event::VerificationAsked).unwrap();
        story.pass(30 * Duration::from_secs(1)).unwrap();
        story.answer(&provider(AtProvider::Failed)).unwrap();
        assert_eq!(story.status(), Status::Waiting);
        story.pass(2 * HOUR).unwrap();
        let expected = if round < 3 { "awaiting_dns" } else { "failed" };
        assert_eq!(story.result()["status"], expected, "{}", story.transcript());
    }
}

#[test]
fn records_that_vanish_warn_at_once_and_degrade_after_two_days_and_recover_by_themselves() {
    let mut story = verified();
    looks(&mut story, &dns(Records::Incomplete), 47 * HOUR);
    assert_eq!(story.result()["status"], "verified");
    let at = looks(&mut story, &dns(Records::Incomplete), 2 * DAY);
    assert_eq!(
        (story.commands(), story.result()["status"].as_str()),
        (vec!["FallBack".to_owned()], Some("degraded")),
        "{at:?} {}",
        story.transcript()
    );
    story.answer(&Event::FellBack).unwrap();
    looks(&mut story, &dns(Records::Incomplete), 30 * DAY);
    assert_eq!(story.result()["status"], "degraded", "a domain that was in use is never given up");
    story.wish(&Event::DnsConfigured { by: by() }).unwrap();
    story.answer(&dns(Records::Complete)).unwrap();
    story.answer(&provider(AtProvider::Verified)).unwrap();
    story.answer(&Event::Activated).unwrap();
    assert_eq!(story.result()["status"], "verified");
}

#[test]
fn records_that_come_back_in_time_are_forgiven() {
    let mut story = verified();
    looks(&mut story, &dns(Records::Incomplete), 30 * HOUR);
    looks(&mut story, &dns(Records::Complete), 20 * DAY);
    looks(&mut story, &dns(Records::Incomplete), 30 * HOUR);
    assert_eq!(story.result()["status"], "verified", "{}", story.transcript());
}

#[test]
fn a_removal_waits_for_a_provider_that_is_making_the_domain() {
    let mut story = Story::new(domain());
    story.answer(&Event::NameClaimed { clear: true }).unwrap();
    story.wish(&Event::RemovalAsked { by: by() }).unwrap();
    assert_eq!(story.commands(), ["CreateDomain"]);
    story.answer(&Event::DomainCreated).unwrap();
    assert_eq!(story.commands(), ["StopSending"], "{}", story.transcript());
}

#[test]
fn what_is_leaving_is_waited_for_a_quarter_of_an_hour_and_a_failed_deletion_is_never_forgotten() {
    let mut story = verified();
    let began = story.now();
    story.wish(&Event::RemovalAsked { by: by() }).unwrap();
    story.answer(&Event::Stopped).unwrap();
    while story.commands() == ["CountLeaving"] || story.commands().is_empty() {
        if !story.commands().is_empty() {
            story.answer(&Event::Leaving { messages: 2 }).unwrap();
        }
        story.pass(30 * Duration::from_secs(1)).unwrap();
    }
    assert_eq!((story.now() - began).as_secs(), 900);
    story.fail(&Fault::new(ErrorClass::EmailError, "500")).unwrap();
    assert_eq!(story.status(), Status::Waiting, "{}", story.transcript());
    story.pass(DAY).unwrap();
    assert_eq!(story.commands(), ["DeleteDomain"], "tried again by itself");
    story.answer(&Event::Deleted).unwrap();
    assert_eq!(story.status(), Status::Completed);
}

#[test]
fn a_domain_that_the_provider_has_lost_is_made_anew_and_mail_falls_back_meanwhile() {
    let mut story = verified();
    story.wish(&Event::ProviderTold).unwrap();
    story.answer(&Event::ProviderLost).unwrap();
    story.answer(&Event::FellBack).unwrap();
    assert_eq!((story.commands(), story.result()["status"].as_str()), (vec!["ClaimName".to_owned()], Some("degraded")));
    story.answer(&Event::NameClaimed { clear: true }).unwrap();
    story.answer(&Event::DomainCreated).unwrap();
    assert_eq!(story.result()["status"], "degraded");
}

#[test]
fn a_domain_that_is_elsewhere_in_the_account_is_only_taken_over_with_proof() {
    let mut story = Story::new(domain());
    story.answer(&Event::NameClaimed { clear: false }).unwrap();
    story.wish(&Event::DnsConfigured { by: by() }).unwrap();
    let complete = |held| Event::DnsSeen {
        all: Records::Complete,
        sending: Records::Complete,
        proven: true,
        held,
        missing: Vec::new(),
    };
    story.answer(&complete(false)).unwrap();
    assert_eq!(story.commands(), ["ClaimName"]);
    assert_eq!(story.life().data["proven"], true);
}
