//! Which provider.

use super::*;

#[test]
fn the_table_of_providers() {
    // main, standby: who carries it, or how long it waits (patience: 30 s).
    for (main, standby, expected) in [
        (Available::Yes, Available::Yes, "alpha"),
        (Available::Yes, down(60), "alpha"),
        (down(60), Available::Yes, "standby"),
        (blocked(30), Available::Yes, "wait 30"),
        (blocked(31), Available::Yes, "standby"),
        (blocked(0), Available::Yes, "wait 1"),
        (down(60), blocked(20), "wait 20"),
        (down(60), blocked(40), "wait 40"),
        (blocked(31), down(0), "wait 31"),
        (down(0), down(0), "wait 60"),
        (down(5), down(7), "wait 5"),
    ] {
        let label = format!("{main:?}, {standby:?}");
        let views =
            [ProviderView { available: main, ..view("alpha") }, ProviderView { available: standby, ..view("standby") }];
        let decision = decided(&sender(), &views, |_| {});
        let fallback = codes(&decision).contains(&"fallback");
        let outcome = match decision {
            Decision::Send(route) => {
                assert_eq!(route.fallback_for.as_deref(), fallback.then_some("alpha"), "{label}");
                route.provider
            }
            Decision::Hold { seconds, .. } => format!("wait {seconds}"),
            other => panic!("{label}: {other:?}"),
        };
        assert_eq!(outcome, expected, "{label}");
        assert_eq!(fallback, expected == "standby", "{label}");
    }
}

#[test]
fn a_provider_that_is_no_fallback_stands_in_for_nobody() {
    let views = [ProviderView { available: down(60), ..view("alpha") }, view("special")];
    assert!(matches!(decided(&sender(), &views, |_| {}), Decision::Hold { seconds: 60, .. }));
    let special = Sender { provider: Some("special".to_owned()), ..sender() };
    assert_eq!(sent(decided(&special, &views, |_| {})).provider, "special");
    // The platform's own stands in for a tenant's preferred one.
    let views = [view("alpha"), ProviderView { available: down(60), ..view("special") }];
    let route = sent(decided(&special, &views, |_| {}));
    assert_eq!((route.provider.as_str(), route.fallback_for.as_deref()), ("alpha", Some("special")));
    let gone = Sender { provider: Some("gone".to_owned()), ..sender() };
    assert_eq!(sent(decided(&gone, &views, |_| {})).provider, "alpha");
}

#[test]
fn a_standby_that_may_not_send_for_the_domain_is_none_and_that_is_said() {
    let views =
        [ProviderView { available: down(60), ..view("alpha") }, ProviderView { may_send_for: NONE, ..view("standby") }];
    let decision = decided(&sender(), &views, |_| {});
    assert!(matches!(decision, Decision::Hold { seconds: 60, .. }), "{decision:?}");
    let said = decision.why().iter().find(|reason| reason.code == "no_fallback_for_domain").unwrap();
    assert!(said.text.contains("acme.example.com"), "{said:?}");
    assert!(said.operator.as_ref().unwrap().contains("standby"), "{said:?}");
    assert_eq!(said.public().operator, None);
}

#[test]
fn an_own_domain_goes_only_by_the_provider_whose_keys_it_publishes() {
    let mut sender = with_own_domain(Tier::Custom, true);
    sender.custom.as_mut().unwrap().provider = Some("standby".to_owned());
    let route =
        sent(decided(&sender, &[view("alpha"), ProviderView { may_send_for: NONE, ..view("standby") }], |_| {}));
    assert_eq!((route.provider.as_str(), route.fallback_for), ("standby", None));
    assert_eq!(route.from.address, address("noreply@acme.org"));
    let views = [view("alpha"), ProviderView { available: down(60), ..view("standby") }];
    assert!(matches!(decided(&sender, &views, |_| {}), Decision::Hold { .. }));
    // The platform domain is not bound by that.
    sender.tier = Tier::Platform;
    assert_eq!(sent(decided(&sender, &views, |_| {})).provider, "alpha");
}

#[test]
fn an_own_domain_is_not_replaced_while_somebody_may_send_for_it() {
    let shared = Some(domain("mail.example.net"));
    let views = [
        ProviderView { may_send_for: NONE, default_domain: shared, ..view("alpha") },
        ProviderView { may_send_for: ACME_ORG, ..view("standby") },
    ];
    let route = sent(decided(&with_own_domain(Tier::Custom, true), &views, |_| {}));
    assert_eq!((route.domain, route.provider.as_str()), (domain("acme.org"), "standby"));
    // The usual one was never a way for this domain, so nobody stands in for it.
    assert_eq!(route.fallback_for, None);
}

#[test]
fn a_gap_in_the_configuration_delays_mail_and_loses_none() {
    for views in [vec![], vec![ProviderView { may_send_for: NONE, ..view("alpha") }]] {
        let decision = decided(&sender(), &views, |_| {});
        assert!(matches!(decision, Decision::Hold { seconds: 300, .. }), "{decision:?}");
        assert_eq!(decision.code(), "no_provider_for_domain");
    }
}

#[test]
fn what_a_provider_cannot_carry_it_is_not_given() {
    let small = || ProviderView { capabilities: Capabilities { recipients: 1, bytes: 5_000 }, ..view("alpha") };
    let large = |asked: &mut Asked<'_>| asked.bytes = 5_001;
    let many = |asked: &mut Asked<'_>| asked.recipients = 2;
    assert_eq!(sent(decided(&sender(), &[small(), view("standby")], large)).provider, "standby");
    assert_eq!(sent(decided(&sender(), &[small(), view("standby")], many)).provider, "standby");
    for decision in [decided(&sender(), &[small()], large), decided(&sender(), &[small()], many)] {
        assert!(matches!(decision, Decision::Refuse { .. }));
        assert_eq!(codes(&decision), ["tier_platform", "cannot_carry", "too_large"]);
    }
    assert_eq!(sent(decided(&sender(), &[small()], |asked| asked.bytes = 5_000)).provider, "alpha");
}

#[test]
fn who_refused_a_message_is_asked_last() {
    let avoid = ["alpha".to_owned()];
    let draft = Draft::new(TenantId::new(), address("ada@example.org").into(), "invoices".parse().unwrap(), "Hi");
    let asked = Asked { avoid: &avoid, ..Asked::of(&draft, 30) };
    let second = sent(route(&asked, &sender(), &[view("alpha"), view("standby")]));
    assert_eq!((second.provider.as_str(), second.fallback_for.as_deref()), ("standby", Some("alpha")));
    let alone = sent(route(&asked, &sender(), &[view("alpha")]));
    assert_eq!((alone.provider.as_str(), alone.fallback_for), ("alpha", None));
}

#[test]
fn an_unknown_attempt_is_made_again_in_the_very_same_way_or_not_at_all() {
    let draft = Draft::new(TenantId::new(), address("ada@example.org").into(), "invoices".parse().unwrap(), "Hi");
    let again = |provider: &str, from: &Mailbox, sender: &Sender, views: &[ProviderView<'_>]| {
        let asked = Asked { again: Some(Again { provider, from }), ..Asked::of(&draft, 0) };
        route(&asked, sender, views)
    };
    let ours = Mailbox::named("Acme", address("old-address@acme.example.com"));
    let views = [view("alpha"), view("standby")];
    let same = sent(again("standby", &ours, &sender(), &views));
    assert_eq!((&same.from, same.provider.as_str(), same.fallback_for), (&ours, "standby", None));
    // Never by another one, however long it takes.
    let views = [ProviderView { available: down(400), ..view("alpha") }, view("standby")];
    assert!(matches!(again("alpha", &ours, &sender(), &views), Decision::Hold { seconds: 400, .. }));
    assert_eq!(codes(&again("gone", &ours, &sender(), &views)), ["provider_gone"]);
    // Not from an address that is no longer ours, and as the shared address it was.
    let lost = address("x@acme.org").into();
    assert_eq!(codes(&again("standby", &lost, &sender(), &views)), ["from_not_allowed"]);
    let shared = ProviderView { default_domain: Some(domain("mail.example.net")), ..view("alpha") };
    let from = address("noreply@mail.example.net").into();
    assert_eq!(sent(again("alpha", &from, &sender(), &[shared])).domain, domain("mail.example.net"));
    // A suspended tenant sends nothing, not even again.
    let suspended = Sender { status: TenantStatus::Suspended, ..sender() };
    assert_eq!(codes(&again("standby", &ours, &suspended, &views)), ["suspended"]);
}
