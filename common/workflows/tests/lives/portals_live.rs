//! Stories of a hostname that is live, and of how it ends.

use std::time::Duration;

use serde_json::{Value, json};
use tenantry_kernel::Status;
use tenantry_model::{ErrorClass, Fault};
use tenantry_workflows::portal_domain::{Command, Event, Issuing, Pointing, PortalDomain, SyncedTo};

use crate::portal_rehearsals::certificate;
use crate::portals::{
    DAY, HOUR, MINUTE, SECOND, Story, axis, began, elsewhere, here, live, looks, refresh, remove, seen, shown, title,
    told, until, usual, waits,
};

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
