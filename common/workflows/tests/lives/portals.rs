//! Stories of a portal's hostname, in virtual time.

use std::time::Duration;

use serde_json::json;
use tenantry_kernel::{Status, sim::Theatre};
use tenantry_workflows::portal_domain::{Event, Issuing, Pointing, PortalDomain, SyncedTo};

use crate::portal_rehearsals::{certificate, portal, visited};

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

pub(crate) type Story = Theatre<PortalDomain>;

pub(crate) fn by() -> String {
    "ada".to_owned()
}

pub(crate) fn refresh() -> Event {
    Event::RefreshAsked { by: by() }
}

pub(crate) fn remove() -> Event {
    Event::RemovalAsked { by: by() }
}

pub(crate) fn seen(pointing: Pointing, words: &str) -> Event {
    Event::HostSeen { pointing, words: words.to_owned() }
}

pub(crate) fn here() -> Event {
    seen(Pointing::Here, "")
}

pub(crate) fn elsewhere() -> Event {
    seen(Pointing::Elsewhere, "It leads to 203.0.113.7.")
}

pub(crate) fn shown(story: &Story) -> (&str, &str) {
    (story.result()["status"].as_str().unwrap(), story.result()["message"].as_str().unwrap())
}

pub(crate) fn axis<'a>(story: &'a Story, axis: &str) -> &'a str {
    story.result()["axes"][axis].as_str().unwrap()
}

/// How often somebody was told this so far.
pub(crate) fn told(story: &Story, notice: &str) -> usize {
    story.notices().iter().filter(|told| told["name"] == notice).count()
}

/// What the operators were told last.
pub(crate) fn title(story: &Story) -> &str {
    let asked = story.notices().iter().rfind(|told| told["name"] == "OperatorAsked");
    asked.and_then(|told| told["with"]["title"].as_str()).unwrap_or_default()
}

/// The usual answer to a command.
pub(crate) fn usual(command: &str) -> Event {
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
pub(crate) fn until(mut story: Story, state: &str) -> Story {
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

pub(crate) fn began() -> Story {
    Story::new(portal())
}

/// In use, and looked at just now.
pub(crate) fn live() -> Story {
    let mut story = until(began(), "active");
    story.pass(DAY + 600 * SECOND).unwrap();
    while let Some(command) = story.commands().first() {
        story.answer(&usual(command)).unwrap();
    }
    story
}

/// Answers looks at the DNS in this way for so long, and everything else as usual. When were they made?
pub(crate) fn looks(story: &mut Story, answer: &Event, long: Duration) -> Vec<Duration> {
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
pub(crate) fn waits(at: &[Duration]) -> Vec<u64> {
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
