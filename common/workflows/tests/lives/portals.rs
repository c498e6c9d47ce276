//! Stories of a portal's hostname, in virtual time.

use std::time::Duration;

use serde_json::{Value, json};
use tenantry_kernel::{Status, sim::Theatre};
use tenantry_model::{ErrorClass, Fault};
use tenantry_workflows::portal_domain::{Command, Event, Issuing, Pointing, PortalDomain, SyncedTo};

use crate::portal_rehearsals::{certificate, portal, visited};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

type Story = Theatre<PortalDomain>;

fn by() -> String {
    "ada".to_owned()
}

fn refresh() -> Event {
    Event::RefreshAsked { by: by() }
}

fn remove() -> Event {
    Event::RemovalAsked { by: by() }
}

fn seen(pointing: Pointing, words: &str) -> Event {
    Event::HostSeen { pointing, words: words.to_owned() }
}

fn here() -> Event {
    seen(Pointing::Here, "")
}

fn elsewhere() -> Event {
    seen(Pointing::Elsewhere, "It leads to 203.0.113.7.")
}

fn shown(story: &Story) -> (&str, &str) {
    (story.result()["status"].as_str().unwrap(), story.result()["message"].as_str().unwrap())
}

fn axis<'a>(story: &'a Story, axis: &str) -> &'a str {
    story.result()["axes"][axis].as_str().unwrap()
}

/// How often somebody was told this so far.
fn told(story: &Story, notice: &str) -> usize {
    story.notices().iter().filter(|told| told["name"] == notice).count()
}

/// What the operators were told last.
fn title(story: &Story) -> &str {
    let asked = story.notices().iter().rfind(|told| told["name"] == "OperatorAsked");
    asked.and_then(|told| told["with"]["title"].as_str()).unwrap_or_default()
}

/// The usual answer to a command.
fn usual(command: &str) -> Event {
    match command {
        "CheckHost" => here(),
        "ClaimName" => Event::NameClaimed,
        "Preflight" => Event::PreflightClear,
        "TakeOrder" => Event::OrderGranted,
        "Sync" | "Reissue" => Event::Synced(SyncedTo::Applied),
        "LookAtCertificate" => certificate(Issuing::Ready),
        "Visit" => visited(true, None),
        "Activate" => Event::Activated,
        other => panic!("nobody usually asks for {other} here"),
    }
}

/// Goes as it usually does until it is in this state.
fn until(mut story: Story, state: &str) -> Story {
    let start = story.now();
    while story.life().state != json!(state) {
        match story.commands().first() {
            Some(command) => story.answer(&usual(command)).unwrap(),
            None => story.pass(MINUTE).unwrap(),
        }
        assert!(story.now() - start < HOUR, "it does not come to {state}: {}", story.transcript());
    }
    story
}

fn began() -> Story {
    Story::new(portal())
}

/// In use, and looked at just now.
fn live() -> Story {
    let mut story = until(began(), "active");
    story.pass(DAY + 600 * SECOND).unwrap();
    while let Some(command) = story.commands().first() {
        story.answer(&usual(command)).unwrap();
    }
    story
}

/// Answers looks at the DNS in this way for so long, and everything else as usual. When were they made?
fn looks(story: &mut Story, answer: &Event, long: Duration) -> Vec<Duration> {
    let (end, mut at) = (story.now() + long, Vec::new());
    loop {
        while let Some(command) = story.commands().first() {
            if command == "CheckHost" {
                at.push(story.now());
                story.answer(answer).unwrap();
            } else if command == "Withdraw" {
                return at;
            } else {
                story.answer(&usual(command)).unwrap();
            }
        }
        if story.now() >= end {
            return at;
        }
        story.pass(MINUTE.min(end - story.now())).unwrap();
    }
}

/// Minutes between moments.
fn waits(at: &[Duration]) -> Vec<u64> {
    at.windows(2).map(|pair| (pair[1] - pair[0]).as_secs() / 60).collect()
}

#[test]
fn the_cname_is_looked_for_after_1_3_5_and_then_every_15_minutes_until_72_hours_are_over() {
    let mut story = began();
    let at = looks(&mut story, &elsewhere(), 4 * DAY);
    assert_eq!(waits(&at)[..6], [1, 3, 5, 15, 15, 15]);
    assert!(waits(&at)[3..].iter().take(280).all(|wait| *wait == 15), "{:?}", waits(&at));
    assert_eq!((story.status(), shown(&story).0), (Status::Waiting, "dns_failed"));
    assert_eq!(
        shown(&story).1,
        "We have looked for three days. What we saw last: It leads to 203.0.113.7.",
        "what was seen last is said"
    );
    assert_eq!((told(&story, "PortalReminded"), told(&story, "PortalFailed")), (1, 1));
    assert_eq!(told(&story, "OperatorAsked"), 0, "nobody here can do anything about it");
    // Exactly three days, and not a look more than one a day after them.
    let last = at.iter().rfind(|at| **at < 3 * DAY).unwrap();
    assert!(3 * DAY - *last <= 15 * MINUTE);
    assert_eq!(at.iter().filter(|at| **at > 3 * DAY).count(), 1);

    // Whoever creates it later tells us, or is found within a day; from there it is as at the beginning.
    story.wish(&Event::RetryAsked { by: by() }).unwrap();
    assert_eq!((shown(&story), story.commands()), (("pending_dns", ""), vec!["CheckHost".to_owned()]));
    assert_eq!(shown(&until(story, "active")).0, "active");
}

#[test]
fn who_fails_for_three_days_is_found_within_a_day_and_forgotten_after_a_month() {
    let mut story = began();
    looks(&mut story, &elsewhere(), 3 * DAY + HOUR);
    assert_eq!(shown(&story).0, "dns_failed");
    looks(&mut story, &here(), DAY);
    assert_eq!(shown(&story).0, "active", "nobody has to press a button: {}", story.transcript());

    let mut story = began();
    let at = looks(&mut story, &elsewhere(), 60 * DAY);
    assert_eq!(at.last().unwrap().as_secs() / 86_400, 32, "a look a day for a month");
    assert_eq!(story.commands(), ["Withdraw"]);
}

#[test]
fn it_must_point_here_twice_in_a_row_and_five_minutes_apart() {
    let mut story = began();
    story.answer(&here()).unwrap();
    assert_eq!(shown(&story).0, "verifying_dns");
    // Impatience proves nothing.
    for _ in 0..10 {
        story.pass(29 * SECOND).unwrap();
        story.wish(&refresh()).unwrap();
        story.answer(&here()).unwrap();
        assert_eq!(story.life().state, json!("awaiting_dns"), "{}", story.transcript());
    }
    story.pass(10 * SECOND).unwrap();
    assert_eq!(story.commands(), ["CheckHost"], "five minutes after the first");
    // It was away in between: once more from the beginning.
    story.answer(&elsewhere()).unwrap();
    assert_eq!(shown(&story), ("pending_dns", "It leads to 203.0.113.7."));
    story.pass(MINUTE).unwrap();
    story.answer(&here()).unwrap();
    assert_eq!((story.life().state.as_str(), told(&story, "PortalDnsVerified")), (Some("awaiting_dns"), 0));
    // Nobody could say: neither for nor against.
    story.pass(5 * MINUTE).unwrap();
    story.answer(&seen(Pointing::Unclear, "No name server could say.")).unwrap();
    assert_eq!(shown(&story), ("verifying_dns", "No name server could say."));
    story.pass(MINUTE).unwrap();
    story.answer(&here()).unwrap();
    assert_eq!((story.commands(), told(&story, "PortalDnsVerified")), (vec!["ClaimName".to_owned()], 1));
}

#[test]
fn a_look_that_is_under_way_when_the_five_minutes_are_over_does_not_count_for_the_second() {
    let mut story = began();
    story.answer(&here()).unwrap();
    story.pass(5 * MINUTE - SECOND).unwrap();
    story.wish(&refresh()).unwrap();
    story.pass(SECOND).unwrap();
    // The one that was begun a second too early is begun anew.
    assert_eq!(story.commands(), ["CheckHost"]);
    story.answer(&here()).unwrap();
    assert_eq!(story.commands(), ["ClaimName"]);
}

#[test]
fn what_stands_in_the_way_of_an_order_is_looked_at_again_and_said_and_after_three_days_it_is_over() {
    let forbidden = || Event::PreflightBlocked { words: "The CAA records at acme.example do not let it.".into() };
    let mut story = until(began(), "preflighting");
    let mut at = Vec::new();
    let start = story.now();
    while story.life().state == json!("preflighting") {
        if story.commands() == ["Preflight"] {
            at.push(story.now());
            story.answer(&forbidden()).unwrap();
            assert_eq!(shown(&story), ("verifying_dns", "The CAA records at acme.example do not let it."));
        }
        story.pass(MINUTE).unwrap();
    }
    assert_eq!(waits(&at)[..5], [1, 3, 5, 15, 15]);
    assert_eq!((story.now() - start).as_secs() / 60, 3 * 24 * 60);
    assert_eq!(shown(&story).0, "dns_failed");
    assert!(shown(&story).1.ends_with("What we saw last: The CAA records at acme.example do not let it."));

    // Mended, and told so: it goes on, and the words are gone.
    let mut story = until(began(), "preflighting");
    story.answer(&forbidden()).unwrap();
    story.wish(&refresh()).unwrap();
    story.answer(&Event::PreflightClear).unwrap();
    assert_eq!((shown(&story).1, story.commands()), ("", vec!["TakeOrder".to_owned()]));
}

#[test]
fn an_order_that_must_wait_is_shown_with_why_and_made_by_itself() {
    let mut story = until(began(), "ordering");
    story.answer(&Event::OrderWaits { seconds: 7200, words: "Later: 50 of 50 this week.".into() }).unwrap();
    assert_eq!(shown(&story), ("pending_certificate", "Later: 50 of 50 this week."));
    story.pass(7199 * SECOND).unwrap();
    assert!(story.commands().is_empty());
    story.pass(SECOND).unwrap();
    assert_eq!((story.commands(), shown(&story).1), (vec!["TakeOrder".to_owned()], "Later: 50 of 50 this week."));
    story.answer(&Event::OrderGranted).unwrap();
    assert_eq!((shown(&story).1, story.commands()), ("", vec!["Sync".to_owned()]));
}

#[test]
fn a_certificate_is_polled_after_2_5_15_and_then_every_60_seconds_and_slowness_is_told_once() {
    let mut story = until(began(), "issuing");
    let pending = Event::CertificateSeen {
        issuing: Issuing::Ordered,
        words: "It cannot be reached yet: connection refused.".into(),
        detail: "rehearsed".into(),
    };
    let (start, mut at) = (story.now(), Vec::new());
    while story.now() - start < 2 * HOUR {
        if story.commands() == ["LookAtCertificate"] {
            at.push((story.now() - start).as_secs());
            story.answer(&pending).unwrap();
        }
        story.pass(SECOND).unwrap();
    }
    assert_eq!(at[..6], [0, 2, 7, 22, 82, 142]);
    assert_eq!(shown(&story), ("certificate_issuing", "It cannot be reached yet: connection refused."));
    assert_eq!(told(&story, "OperatorAsked"), 1);
    assert_eq!(title(&story), "portal.acme.example: the certificate takes more than half an hour");
    assert_eq!(story.notices().last().unwrap()["with"]["text"], "It cannot be reached yet: connection refused.");
    // Not ready yet is not failed.
    assert_eq!((told(&story, "PortalFailed"), story.status()), (0, Status::Running));
}

#[test]
fn a_refused_certificate_says_why_and_a_retry_orders_it_anew() {
    let refused = |words: &str| Event::CertificateSeen {
        issuing: Issuing::Refused,
        words: words.into(),
        detail: "Order: invalid".into(),
    };
    let mut story = until(began(), "issuing");
    story.answer(&refused("A CAA record does not allow it.")).unwrap();
    assert_eq!(shown(&story), ("certificate_failed", "A CAA record does not allow it."));
    assert_eq!((told(&story, "PortalFailed"), told(&story, "OperatorAsked")), (1, 1));
    // A refresh looks, and orders nothing; the reason is kept up to date, and nobody is told twice.
    story.wish(&refresh()).unwrap();
    assert_eq!(story.commands(), ["LookAtCertificate"]);
    story.answer(&refused("The name cannot be resolved.")).unwrap();
    assert_eq!(shown(&story), ("certificate_failed", "The name cannot be resolved."));
    assert_eq!((told(&story, "PortalFailed"), told(&story, "OperatorAsked")), (1, 1));
    // A retry: the way is looked at again, the order is counted again, and made anew.
    story.wish(&Event::RetryAsked { by: by() }).unwrap();
    assert_eq!(shown(&story).1, "");
    for command in ["Preflight", "TakeOrder", "Reissue"] {
        assert_eq!(story.commands(), [command]);
        story.answer(&usual(command)).unwrap();
    }
    let story = until(story, "active");
    assert_eq!((shown(&story), story.life().data["fault"].is_null()), (("active", ""), true));

    // And where the authority issues after all, nobody has to press anything.
    let mut story = until(began(), "issuing");
    story.answer(&refused("A CAA record does not allow it.")).unwrap();
    story.pass(15 * MINUTE).unwrap();
    assert_eq!(shown(&until(story, "active")).0, "active");
}

#[test]
fn a_gateway_that_lags_is_waited_for_with_words_and_the_operators_are_told_after_half_an_hour() {
    let mut story = until(began(), "deploying");
    let words = "Our gateway does not serve the hostname yet.";
    let (start, mut at) = (story.now(), Vec::new());
    while story.now() - start < HOUR {
        if story.commands() == ["Visit"] {
            at.push((story.now() - start).as_secs());
            story.answer(&Event::Visited { live: false, words: words.into(), concerns: None }).unwrap();
        }
        story.pass(SECOND).unwrap();
    }
    assert_eq!((at[..5].to_vec(), shown(&story)), (vec![0, 2, 7, 22, 82], ("deploying", words)));
    assert_eq!(title(&story), "portal.acme.example: the gateway does not serve it after half an hour");
    assert_eq!((told(&story, "OperatorAsked"), told(&story, "PortalActive")), (1, 0));
    let story = until(story, "active");
    assert_eq!((shown(&story), told(&story, "PortalActive")), (("active", ""), 1));
}

#[test]
fn a_live_portal_that_breaks_stays_live_and_the_operators_are_told_after_the_second_visit() {
    let mut story = live();
    let words = "The portal behind it does not answer well.";
    let broken = || Event::Visited { live: false, words: words.into(), concerns: None };
    let before = told(&story, "OperatorAsked");
    for (visit, wait, operators) in [(1, 5 * MINUTE, 0), (2, DAY + 600 * SECOND, 1), (3, DAY, 1)] {
        story.wish(&refresh()).unwrap();
        story.answer(&here()).unwrap();
        story.answer(&broken()).unwrap();
        story.answer(&certificate(Issuing::Ready)).unwrap();
        assert_eq!(shown(&story), ("active", words), "visit {visit}");
        assert_eq!(told(&story, "OperatorAsked") - before, operators, "visit {visit}");
        if visit == 1 {
            story.pass(wait).unwrap();
            assert_eq!(story.commands(), ["CheckHost"], "looked at again soon");
        }
    }
    assert_eq!(
        (axis(&story, "routing"), title(&story)),
        ("troubled", "portal.acme.example: the portal does not answer as it should")
    );
    story.wish(&refresh()).unwrap();
    for command in ["CheckHost", "Visit", "LookAtCertificate"] {
        story.answer(&usual(command)).unwrap();
    }
    assert_eq!((shown(&story), axis(&story, "routing")), (("active", ""), "live"));
}

#[test]
fn what_a_visit_to_a_live_portal_has_to_say_is_said() {
    let mut story = live();
    let soon = "The certificate ends in 2 days.";
    for (words, dns, shows) in [(soon, "", soon), ("", "Use a CNAME.", "Use a CNAME."), ("", "", "")] {
        story.wish(&refresh()).unwrap();
        story.answer(&seen(Pointing::Here, dns)).unwrap();
        story.answer(&Event::Visited { live: true, words: words.into(), concerns: None }).unwrap();
        story.answer(&certificate(Issuing::Ready)).unwrap();
        assert_eq!(shown(&story), ("active", shows));
    }
}

#[test]
fn nobody_could_say_for_a_month_and_nothing_live_is_touched() {
    let mut story = live();
    let at = looks(&mut story, &seen(Pointing::Unclear, "No name server could say."), 30 * DAY);
    assert_eq!((shown(&story), axis(&story, "ownership")), (("active", "No name server could say."), "unclear"));
    assert!(waits(&at)[1..].iter().all(|wait| *wait == 60), "looked at every hour: {:?}", waits(&at));
    let mut story = live();
    looks(&mut story, &seen(Pointing::Proxied, "A proxy answers for it."), 30 * DAY);
    assert_eq!((shown(&story), axis(&story, "ownership")), (("active", "A proxy answers for it."), "proxied"));
    // What fails altogether says as little.
    let mut story = live();
    for _ in 0..100 {
        story.wish(&refresh()).unwrap();
        story.fail(&Fault::new(ErrorClass::DatabaseError, "connection lost")).unwrap();
    }
    assert_eq!(shown(&story).0, "active");
    assert_eq!((told(&story, "PortalMoved"), told(&story, "OperatorAsked")), (0, 0));
}

#[test]
fn what_answers_elsewhere_or_nowhere_is_no_trouble_of_ours_and_takes_no_words_away() {
    let nobody =
        || Event::Visited { live: false, words: "It leads to no address.".into(), concerns: Some("old".into()) };
    for (answer, words, hours) in [
        (seen(Pointing::Unclear, "No name server could say."), "No name server could say.", 240),
        (elsewhere(), "It leads to 203.0.113.7.", 150),
    ] {
        let mut story = live();
        for _ in 0..hours {
            story.wish(&refresh()).unwrap();
            story.answer(&answer).unwrap();
            if story.commands() == ["Visit"] {
                story.answer(&nobody()).unwrap();
                story.answer(&certificate(Issuing::Refused)).unwrap();
            }
            assert_eq!(shown(&story), ("active", words), "{}", story.transcript());
            story.pass(HOUR - MINUTE).unwrap();
        }
        assert_eq!((axis(&story, "routing"), axis(&story, "certificate")), ("live", "ready"));
        assert_eq!(told(&story, "OperatorAsked"), 0, "{:?}", story.notices());
    }
}

#[test]
fn who_moves_away_is_warned_after_two_looks_an_hour_apart_and_taken_down_after_seven_days() {
    let mut story = live();
    story.pass(DAY + 600 * SECOND).unwrap();
    let first = story.now();
    looks(&mut story, &elsewhere(), Duration::ZERO);
    assert_eq!((story.life().state.as_str(), told(&story, "PortalMoved")), (Some("active"), 0), "once is not twice");
    // Whoever presses the button does not make it an hour.
    story.wish(&refresh()).unwrap();
    looks(&mut story, &elsewhere(), Duration::ZERO);
    assert_eq!(story.life().state, json!("active"));
    let at = looks(&mut story, &elsewhere(), HOUR);
    assert_eq!((story.life().state.as_str(), told(&story, "PortalMoved")), (Some("moved"), 1));
    assert_eq!((waits(&[first, at[0]]), shown(&story).0), (vec![60], "active"));
    assert_eq!(story.notices().last().unwrap()["with"]["details"], json!(["It leads to 203.0.113.7."]));
    let moved = story.now();
    looks(&mut story, &elsewhere(), 30 * DAY);
    assert_eq!((story.commands(), (story.now() - moved).as_secs() / 3600), (vec!["Withdraw".to_owned()], 7 * 24));
    assert_eq!(shown(&story).0, "disabled");
    assert!(shown(&story).1.contains("pointed elsewhere for too long"));
    story.answer(&Event::Withdrawn { served: true }).unwrap();
    story.answer(&Event::Synced(SyncedTo::Gone)).unwrap();
    assert_eq!((story.life().state.as_str(), told(&story, "PortalRemoved")), (Some("disabled"), 1));
    assert!(shown(&story).1.contains("pointed elsewhere for too long"), "it still says why");
}

#[test]
fn who_comes_back_within_the_week_leaves_no_trace_and_has_a_whole_week_again() {
    let mut story = live();
    let moves = |story: &mut Story| {
        looks(story, &elsewhere(), 2 * DAY);
        assert_eq!(story.life().state, json!("moved"));
    };
    moves(&mut story);
    looks(&mut story, &elsewhere(), 4 * DAY);
    story.wish(&refresh()).unwrap();
    looks(&mut story, &here(), HOUR);
    assert_eq!((shown(&story), axis(&story, "ownership")), (("active", ""), "verified"));
    looks(&mut story, &here(), 10 * DAY);
    moves(&mut story);
    looks(&mut story, &elsewhere(), 5 * DAY);
    assert_eq!(shown(&story).0, "active", "{}", story.transcript());
    // At the last moment nobody can say: it is not taken down for that.
    looks(&mut story, &seen(Pointing::Unclear, "No name server could say."), 20 * DAY);
    assert_eq!((story.life().state.as_str(), shown(&story).0), (Some("moved"), "active"));
    looks(&mut story, &elsewhere(), 2 * DAY);
    assert_eq!(story.commands(), ["Withdraw"], "and the first certain answer decides");
}

#[test]
fn a_rival_shortens_the_week_and_not_the_two_looks() {
    let mut story = live();
    story.wish(&Event::RivalSeen).unwrap();
    let start = story.now();
    let at = looks(&mut story, &elsewhere(), DAY);
    assert_eq!((waits(&at), story.commands()), (vec![5, 5], vec!["Withdraw".to_owned()]));
    assert_eq!((story.now() - start).as_secs() / 60, 10);
    // A rival that shows nothing changes nothing.
    let mut story = live();
    for _ in 0..50 {
        story.wish(&Event::RivalSeen).unwrap();
        looks(&mut story, &here(), 10 * MINUTE);
    }
    assert_eq!((shown(&story), told(&story, "PortalMoved")), (("active", ""), 0));
    let mut story = live();
    story.wish(&Event::RivalSeen).unwrap();
    looks(&mut story, &seen(Pointing::Unclear, "No name server could say."), 30 * DAY);
    assert_eq!(shown(&story).0, "active");
}

#[test]
fn a_name_that_another_tenant_has_is_waited_for_longer_than_one_that_moved_is_kept() {
    let mut story = until(began(), "claiming");
    story.answer(&Event::NameHeld).unwrap();
    assert_eq!(story.life().state, json!("held"));
    assert!(shown(&story).1.starts_with("Another account of this platform has this hostname."));
    let start = story.now();
    while story.now() - start < 8 * DAY {
        match story.commands().first().map(String::as_str) {
            Some("CheckHost") => story.answer(&here()).unwrap(),
            Some("ClaimName") => story.answer(&Event::NameHeld).unwrap(),
            _ => story.pass(MINUTE).unwrap(),
        }
    }
    assert_eq!(told(&story, "OperatorAsked"), 1, "the operators are told once");
    assert!(shown(&story).1.starts_with("Another account"));
    while story.commands() != ["ClaimName"] {
        match story.commands().first() {
            Some(_) => story.answer(&here()).unwrap(),
            None => story.pass(MINUTE).unwrap(),
        }
    }
    story.answer(&Event::NameClaimed).unwrap();
    assert_eq!((shown(&story).1, story.life().data["fault"].is_null()), ("", true), "it is said no longer");
}

#[test]
fn the_operators_are_told_once_that_we_cannot_write_and_the_tenant_that_it_is_our_side() {
    let mut story = until(began(), "applying");
    let away = Fault::new(ErrorClass::DatabaseError, "connection refused by 10.0.0.1");
    for _ in 0..5 {
        story.fail(&away).unwrap();
        let (status, words) = shown(&story);
        assert_eq!(status, "pending_certificate");
        assert!(words.starts_with("Our gateway cannot be changed") && !words.contains("10.0.0.1"), "{words}");
        story.pass(5 * MINUTE).unwrap();
        assert_eq!(story.commands(), ["Sync"]);
    }
    assert_eq!((told(&story, "OperatorAsked"), told(&story, "PortalFailed")), (1, 0));
    story.answer(&Event::Synced(SyncedTo::Applied)).unwrap();
    assert_eq!(shown(&story), ("certificate_issuing", ""));

    // The same on its way out; in the end nothing is said of it any more.
    let mut story = live();
    story.wish(&remove()).unwrap();
    story.answer(&Event::Withdrawn { served: true }).unwrap();
    for _ in 0..3 {
        story.fail(&away).unwrap();
        story.pass(5 * MINUTE).unwrap();
    }
    assert_eq!(title(&story), "portal.acme.example: it cannot be taken down");
    assert_eq!(told(&story, "OperatorAsked"), 1);
    story.answer(&Event::Synced(SyncedTo::Gone)).unwrap();
    assert_eq!((story.life().state.as_str(), shown(&story)), (Some("disabled"), ("disabled", "")));
}

#[test]
fn a_refused_object_is_tried_again_every_hour_and_its_operators_may_do_so_sooner() {
    let refused = |words: &str| Event::Synced(SyncedTo::Refused { words: words.into(), detail: "422".into() });
    let mut story = until(began(), "applying");
    story.answer(&refused("Our gateway does not take it.")).unwrap();
    assert_eq!(
        (story.status(), shown(&story)),
        (Status::Waiting, ("certificate_failed", "Our gateway does not take it."))
    );
    story.pass(HOUR).unwrap();
    assert_eq!(story.commands(), ["Sync"]);
    assert_eq!(shown(&story).1, "Our gateway does not take it.", "it is said while it is tried");
    story.answer(&refused("Our gateway does not take it.")).unwrap();
    story.reply(json!({ "action": "retry" })).unwrap();
    assert_eq!(story.commands(), ["Sync"]);
    let story = until(story, "active");
    assert_eq!((shown(&story), story.life().data["fault"].is_null()), (("active", ""), true));
}

#[test]
fn what_broke_goes_on_where_it_was_and_says_no_longer_that_it_broke() {
    let mut story = until(began(), "ordering");
    story.fail(&Fault::new(ErrorClass::DatabaseError, "connection lost")).unwrap();
    assert_eq!(
        (story.status(), title(&story)),
        (Status::Waiting, "portal.acme.example: something unexpected went wrong")
    );
    assert_eq!(shown(&story).1, "Something went wrong on our side. The operators have been told.");
    story.reply(json!({ "action": "retry" })).unwrap();
    assert_eq!((story.commands(), shown(&story).1), (vec!["TakeOrder".to_owned()], ""));
    assert_eq!(shown(&until(story, "active")), ("active", ""));
}

#[test]
fn a_refresh_looks_now_from_every_state_in_which_there_is_something_to_look_at() {
    for (state, asks) in [
        ("awaiting_dns", "CheckHost"),
        ("claiming", "ClaimName"),
        ("preflighting", "Preflight"),
        ("ordering", "TakeOrder"),
        ("applying", "Sync"),
        ("issuing", "LookAtCertificate"),
        ("deploying", "Visit"),
        ("activating", "Activate"),
    ] {
        let mut story = until(began(), state);
        story.wish(&refresh()).unwrap();
        assert_eq!((story.commands(), story.life().state.as_str()), (vec![asks.to_owned()], Some(state)), "{state}");
        assert_eq!(shown(&until(story, "active")).0, "active", "{state}");
    }
    let mut story = live();
    story.wish(&refresh()).unwrap();
    assert_eq!(story.commands(), ["CheckHost"]);
    let mut failed = began();
    looks(&mut failed, &elsewhere(), 3 * DAY + MINUTE);
    failed.wish(&refresh()).unwrap();
    assert_eq!(failed.commands(), ["CheckHost"]);
    let mut down = live();
    down.wish(&remove()).unwrap();
    let refused = down.wish(&refresh()).unwrap_err();
    assert!(refused.to_string().contains("being taken down"), "{refused}");
    down.answer(&Event::Withdrawn { served: true }).unwrap();
    assert!(down.wish(&refresh()).is_err());
    down.answer(&Event::Synced(SyncedTo::Gone)).unwrap();
    down.wish(&refresh()).unwrap();
    assert_eq!(down.commands(), ["Reopen"]);
    down.answer(&Event::Reopened).unwrap();
    assert_eq!((shown(&down), down.commands()), (("pending_dns", ""), vec!["CheckHost".to_owned()]));
}

#[test]
fn a_removal_at_any_moment_ends_with_nothing() {
    for state in
        ["awaiting_dns", "claiming", "preflighting", "ordering", "applying", "issuing", "deploying", "activating"]
    {
        let mut story = until(began(), state);
        story.wish(&remove()).unwrap();
        assert_eq!(
            (story.commands(), shown(&story)),
            (vec!["Withdraw".to_owned()], ("disabled", "It is being removed."))
        );
        story.answer(&Event::Withdrawn { served: false }).unwrap();
        assert_eq!((story.life().state.as_str(), told(&story, "PortalRemoved")), (Some("disabled"), 1), "{state}");
        // A month later it is forgotten for good.
        story.pass(30 * DAY).unwrap();
        story.answer(&Event::Closed).unwrap();
        assert_eq!((story.status(), story.is_waiting()), (Status::Completed, false));
    }
}

#[test]
fn the_brake_holds_what_is_to_be_taken_down_until_somebody_has_looked() {
    let mut story = live();
    story.wish(&remove()).unwrap();
    story.answer(&Event::Withdrawn { served: true }).unwrap();
    for answer in [SyncedTo::Held, SyncedTo::Busy, SyncedTo::Held] {
        story.answer(&Event::Synced(answer)).unwrap();
        assert_eq!(story.life().state, json!("pruning"));
        story.pass(5 * MINUTE).unwrap();
        assert_eq!(story.commands(), ["Sync"]);
    }
    story.answer(&Event::Synced(SyncedTo::Gone)).unwrap();
    assert_eq!(story.life().state, json!("disabled"));
}

#[test]
fn another_hostname_ends_it_for_good_wherever_it_is() {
    let superseded = || Event::Superseded { by: "www.acme.example".parse().unwrap() };
    let mut story = live();
    story.wish(&superseded()).unwrap();
    story.answer(&Event::Withdrawn { served: true }).unwrap();
    story.answer(&Event::Synced(SyncedTo::Gone)).unwrap();
    assert_eq!(story.commands(), ["Close"]);
    story.answer(&Event::Closed).unwrap();
    assert_eq!(story.status(), Status::Completed);

    // The tenant wanted it back at the same moment: there is one portal, and it is the other.
    let mut story = live();
    story.wish(&remove()).unwrap();
    story.answer(&Event::Withdrawn { served: false }).unwrap();
    story.wish(&refresh()).unwrap();
    story.wish(&superseded()).unwrap();
    story.answer(&Event::Reopened).unwrap();
    assert_eq!(story.commands(), ["Close"], "{}", story.transcript());
}

#[test]
fn every_command_is_done_by_the_function_that_may() {
    use tenantry_kernel::Workflow as _;
    for command in [Command::Sync, Command::Reissue, Command::LookAtCertificate] {
        assert_eq!(PortalDomain::performer(&command), "reconcile-cluster");
    }
    for command in [Command::CheckHost, Command::Preflight, Command::Visit, Command::TakeOrder, Command::Activate] {
        assert_eq!(PortalDomain::performer(&command), "check-portal");
    }
    let known: Vec<Value> = PortalDomain::signals().iter().map(|(name, _)| json!(name)).collect();
    assert_eq!(known, ["refresh", "retry", "remove", "cancel"]);
    assert!(PortalDomain::signal("dance", json!({})).is_err());
}
