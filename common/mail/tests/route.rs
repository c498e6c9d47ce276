//! Which address and which provider: the decision, branch by branch.
#![allow(clippy::unwrap_used, missing_docs)]

use tenantry_mail::{
    Again, Asked, Available, Capabilities, Category, CustomDomain, Decision, Domain, DomainTier, Draft, Mailbox,
    ProviderView, Route, Sender, TenantStatus, Tier, may_send_as, route,
};
use tenantry_model::{EmailAddress, Slug, TenantId};

const ANY: &(dyn Fn(&Domain) -> bool + Send + Sync) = &|_| true;
const NONE: &(dyn Fn(&Domain) -> bool + Send + Sync) = &|_| false;
const ACME_ORG: &(dyn Fn(&Domain) -> bool + Send + Sync) = &|domain| domain.as_str() == "acme.org";

fn domain(text: &str) -> Domain {
    text.parse().unwrap()
}

fn address(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

fn sender() -> Sender {
    let tenant_name = "Acme".parse().unwrap();
    Sender {
        slug: Slug::of(&tenant_name),
        tenant_name,
        status: TenantStatus::Active,
        paused: None,
        tier: Tier::Platform,
        platform_domain: domain("acme.example.com"),
        default_from: None,
        custom: None,
        reply_to: Some(address("office@acme.org")),
        routing: [].into(),
        headers: [].into(),
        tags: [].into(),
        provider: None,
    }
}

fn with_own_domain(tier: Tier, verified: bool) -> Sender {
    let custom = CustomDomain { domain: domain("acme.org"), from: None, verified, provider: None };
    Sender { tier, custom: Some(custom), ..sender() }
}

fn view(name: &str) -> ProviderView<'_> {
    ProviderView {
        name,
        fallback: name == "standby",
        may_send_for: ANY,
        default_domain: None,
        available: Available::Yes,
        capabilities: Capabilities { recipients: 50, bytes: 1_000_000 },
    }
}

fn blocked(seconds: u64) -> Available {
    Available::Blocked { seconds, why: "429".to_owned() }
}

fn down(seconds: u64) -> Available {
    Available::Down { seconds, why: "the key is refused".to_owned() }
}

/// A message that asks for nothing, changed by `change`, decided.
fn decided(sender: &Sender, views: &[ProviderView<'_>], change: impl FnOnce(&mut Asked<'_>)) -> Decision {
    let draft = Draft::new(TenantId::new(), address("ada@example.org").into(), "invoices".parse().unwrap(), "Hi");
    let mut asked = Asked::of(&draft, 30);
    change(&mut asked);
    let decision = route(&asked, sender, views);
    for reason in decision.why() {
        assert!(views.iter().all(|view| !reason.text.contains(view.name)), "{reason:?} names a provider");
        assert!(reason.text.ends_with('.'), "{reason:?} is no sentence");
    }
    decision
}

fn sent(decision: Decision) -> Route {
    match decision {
        Decision::Send(route) => route,
        other => panic!("{other:?}"),
    }
}

fn codes(decision: &Decision) -> Vec<&str> {
    decision.why().iter().map(|reason| &*reason.code).collect()
}

/// Wants a From address.
fn from(wish: &Mailbox, sender: &Sender, views: &[ProviderView<'_>], insist: bool) -> Decision {
    let draft = Draft {
        from: Some(wish.clone()),
        insist_from: insist,
        ..Draft::new(TenantId::new(), address("ada@example.org").into(), "invoices".parse().unwrap(), "Hi")
    };
    route(&Asked::of(&draft, 30), sender, views)
}

#[test]
fn without_any_set_up_mail_comes_from_the_platform_domain() {
    let route = sent(decided(&sender(), &[view("mainway"), view("standby")], |_| {}));
    assert_eq!(route.from, Mailbox::named("Acme", address("noreply@acme.example.com")));
    assert_eq!(route.reply_to, Some(address("office@acme.org").into()));
    assert_eq!((route.domain, route.tier), (domain("acme.example.com"), DomainTier::Platform));
    assert_eq!((route.provider.as_str(), route.fallback_for), ("mainway", None));
    assert_eq!(route.why.iter().map(|reason| &*reason.code).collect::<Vec<_>>(), ["tier_platform", "provider"]);
}

#[test]
fn the_default_address_is_used_only_at_its_own_domain() {
    let at = |default_from: &str| {
        let sender = Sender { default_from: Some(address(default_from)), ..sender() };
        sent(decided(&sender, &[view("mainway")], |_| {})).from.address
    };
    assert_eq!(at("hello@acme.example.com"), address("hello@acme.example.com"));
    assert_eq!(at("hello@other.example.com"), address("noreply@acme.example.com"));
    assert_eq!(at("hello@acme.example.com.attacker.net"), address("noreply@acme.example.com"));
    let mut sender = with_own_domain(Tier::Custom, true);
    let mut at = |from: &str| {
        sender.custom.as_mut().unwrap().from = Some(address(from));
        sent(decided(&sender, &[view("mainway")], |_| {})).from.address
    };
    assert_eq!(at("hello@acme.org"), address("hello@acme.org"));
    assert_eq!(at("hello@mail.acme.org"), address("noreply@acme.org"));
}

#[test]
fn the_tier_decides_the_domain() {
    let routing = [("invoices".parse::<Category>().unwrap(), DomainTier::Custom)];
    for (tier, verified, category, expected) in [
        (Tier::Platform, true, "invoices", "noreply@acme.example.com"),
        (Tier::Custom, true, "invoices", "noreply@acme.org"),
        (Tier::Custom, false, "invoices", "noreply@acme.example.com"),
        (Tier::Hybrid, true, "invoices", "noreply@acme.org"),
        (Tier::Hybrid, true, "tickets", "noreply@acme.example.com"),
        (Tier::Hybrid, false, "invoices", "noreply@acme.example.com"),
    ] {
        let sender = Sender { routing: routing.clone().into(), ..with_own_domain(tier, verified) };
        let draft = Draft::new(TenantId::new(), address("a@example.org").into(), category.parse().unwrap(), "Hi");
        let decision = route(&Asked::of(&draft, 0), &sender, &[view("mainway")]);
        let fell_back = codes(&decision).contains(&"custom_domain_not_verified");
        assert_eq!(fell_back, !verified && expected.ends_with("example.com"), "{tier:?} {verified} {category}");
        assert_eq!(sent(decision).from.address, address(expected), "{tier:?} {verified} {category}");
    }
    let none = Sender { tier: Tier::Custom, ..sender() };
    assert_eq!(
        codes(&decided(&none, &[view("mainway")], |_| {})),
        ["tier_custom", "custom_domain_not_verified", "provider"]
    );
}

#[test]
fn no_address_of_somebody_else_is_ours() {
    let sender = with_own_domain(Tier::Platform, true);
    for ours in
        ["x@acme.example.com", "X@ACME.Example.COM", "x@ａcme.example.com", "x@acme.org", "x+y@Acme.Org", "x@acme。org"]
    {
        assert!(may_send_as(&sender, &address(ours)).is_some(), "{ours}");
    }
    for attack in [
        "x@acme.example.com.attacker.net",
        "x@acme.example.com.attacker.example.com",
        "x@evil.acme.example.com",
        "x@evil-acme.example.com",
        "x@xacme.example.com",
        "x@acme-example.com",
        "x@acme.example.co",
        "x@acme.example.comm",
        "x@acme.example.com.com",
        "x@other.example.com",
        "x@example.com",
        "x@mail.acme.org",
        "x@acme.org.attacker.net",
        "x@notacme.org",
        "x@acme.orgs",
        "acme.example.com@attacker.net",
        "x%acme.example.com@attacker.net",
        "x=acme.org@attacker.net",
        // Cyrillic а, Greek ο, Latin small letter a with dot, a hyphen that is none.
        "x@\u{0430}cme.example.com",
        "x@acme.example.c\u{03bf}m",
        "x@\u{1ea1}cme.example.com",
        "x@acme.ex\u{2011}ample.com",
        "x@xn--cme-8cd.example.com",
        "x@acme.0rg.example",
    ] {
        // What is no address at all does not get this far.
        let Ok(parsed) = attack.parse::<EmailAddress>() else { continue };
        assert_eq!(may_send_as(&sender, &parsed), None, "{attack}");
        let decision = from(&parsed.clone().into(), &sender, &[view("mainway")], true);
        assert_eq!(codes(&decision), ["from_not_allowed"], "{attack}");
        let replaced = from(&parsed.into(), &sender, &[view("mainway")], false);
        assert_eq!(codes(&replaced)[0], "from_replaced", "{attack}");
        assert_eq!(sent(replaced).from.address, address("noreply@acme.example.com"), "{attack}");
    }
    for no_address in [
        "x@acme.example.com.",
        "\"x@attacker.net\"@acme.example.com",
        "x@attacker.net@acme.example.com",
        "x@acme.example.com\r\n.attacker.net",
        "x@acme.example.com\0.attacker.net",
        "x@acme.example.com,y@attacker.net",
        "x@[acme.example.com]",
        "<x@attacker.net>@acme.example.com",
        "(x@acme.example.com)x@attacker.net",
        "x@acme.example.com;attacker.net",
        "x@acme..example.com",
    ] {
        assert!(no_address.parse::<EmailAddress>().is_err(), "{no_address:?} was accepted");
    }
}

#[test]
fn an_own_domain_that_is_not_verified_is_nobodys() {
    let sender = with_own_domain(Tier::Custom, false);
    assert_eq!(may_send_as(&sender, &address("x@acme.org")), None);
    let refused = from(&address("x@acme.org").into(), &sender, &[view("mainway")], true);
    assert_eq!(codes(&refused), ["from_not_allowed"]);
    assert!(refused.why()[0].text.contains("acme.org is not verified yet"), "{:?}", refused.why());
}

#[test]
fn an_allowed_address_is_kept_whatever_the_tier() {
    let views = [view("mainway")];
    let wish = Mailbox::named("Billing", address("billing@acme.org"));
    let route = sent(from(&wish, &with_own_domain(Tier::Platform, true), &views, false));
    assert_eq!((route.from, route.tier), (wish, DomainTier::Custom));
    let wish = address("hello@acme.example.com");
    let route = sent(from(&wish.clone().into(), &with_own_domain(Tier::Custom, true), &views, true));
    assert_eq!((route.from, route.tier), (Mailbox::named("Acme", wish), DomainTier::Platform));
}

#[test]
fn answers_go_where_the_message_says_or_else_the_settings() {
    let wish: Mailbox = "Help <help@acme.org>".parse().unwrap();
    let draft = Draft {
        reply_to: Some(wish.clone()),
        ..Draft::new(TenantId::new(), address("ada@example.org").into(), "invoices".parse().unwrap(), "Hi")
    };
    assert_eq!(sent(route(&Asked::of(&draft, 0), &sender(), &[view("mainway")])).reply_to, Some(wish));
    let silent = Sender { reply_to: None, ..sender() };
    assert_eq!(sent(decided(&silent, &[view("mainway")], |_| {})).reply_to, None);
}

#[test]
fn who_may_not_send_sends_nothing() {
    let views = [view("mainway")];
    for (status, code) in [(TenantStatus::Suspended, "suspended"), (TenantStatus::Offboarded, "offboarded")] {
        let decision = decided(&Sender { status, ..sender() }, &views, |asked| asked.enabled = false);
        assert!(matches!(decision, Decision::Refuse { .. }), "{decision:?}");
        assert_eq!(codes(&decision), [code]);
    }
    let provisioning = Sender { status: TenantStatus::Provisioning, ..sender() };
    assert!(matches!(decided(&provisioning, &views, |_| {}), Decision::Send(_)));
    let off = decided(&Sender { paused: Some("x".to_owned()), ..sender() }, &views, |asked| asked.enabled = false);
    assert!(matches!(off, Decision::Suppress { .. }), "{off:?}");
    assert_eq!(codes(&off), ["email_off"]);
    let paused = decided(&Sender { paused: Some("5 % bounced".to_owned()), ..sender() }, &views, |_| {});
    assert!(matches!(paused, Decision::Hold { seconds: 900, .. }), "{paused:?}");
    assert_eq!(codes(&paused), ["paused"]);
}

#[test]
fn the_table_of_providers() {
    // main, standby: who carries it, or how long it waits (patience: 30 s).
    for (main, standby, expected) in [
        (Available::Yes, Available::Yes, "mainway"),
        (Available::Yes, down(60), "mainway"),
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
        let views = [
            ProviderView { available: main, ..view("mainway") },
            ProviderView { available: standby, ..view("standby") },
        ];
        let decision = decided(&sender(), &views, |_| {});
        let fallback = codes(&decision).contains(&"fallback");
        let outcome = match decision {
            Decision::Send(route) => {
                assert_eq!(route.fallback_for.as_deref(), fallback.then_some("mainway"), "{label}");
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
    let views = [ProviderView { available: down(60), ..view("mainway") }, view("special")];
    assert!(matches!(decided(&sender(), &views, |_| {}), Decision::Hold { seconds: 60, .. }));
    let special = Sender { provider: Some("special".to_owned()), ..sender() };
    assert_eq!(sent(decided(&special, &views, |_| {})).provider, "special");
    // The platform's own stands in for a tenant's preferred one.
    let views = [view("mainway"), ProviderView { available: down(60), ..view("special") }];
    let route = sent(decided(&special, &views, |_| {}));
    assert_eq!((route.provider.as_str(), route.fallback_for.as_deref()), ("mainway", Some("special")));
    let gone = Sender { provider: Some("gone".to_owned()), ..sender() };
    assert_eq!(sent(decided(&gone, &views, |_| {})).provider, "mainway");
}

#[test]
fn a_standby_that_may_not_send_for_the_domain_is_none_and_that_is_said() {
    let views = [
        ProviderView { available: down(60), ..view("mainway") },
        ProviderView { may_send_for: NONE, ..view("standby") },
    ];
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
        sent(decided(&sender, &[view("mainway"), ProviderView { may_send_for: NONE, ..view("standby") }], |_| {}));
    assert_eq!((route.provider.as_str(), route.fallback_for), ("standby", None));
    assert_eq!(route.from.address, address("noreply@acme.org"));
    let views = [view("mainway"), ProviderView { available: down(60), ..view("standby") }];
    assert!(matches!(decided(&sender, &views, |_| {}), Decision::Hold { .. }));
    // The platform domain is not bound by that.
    sender.tier = Tier::Platform;
    assert_eq!(sent(decided(&sender, &views, |_| {})).provider, "mainway");
}

#[test]
fn an_own_domain_that_nobody_carries_gives_way_to_the_platform_domain() {
    let sender = with_own_domain(Tier::Custom, true);
    const PLATFORM: &(dyn Fn(&Domain) -> bool + Send + Sync) = &|domain| domain.as_str() == "acme.example.com";
    let views = [ProviderView { may_send_for: PLATFORM, ..view("mainway") }];
    let decision = decided(&sender, &views, |_| {});
    assert_eq!(codes(&decision), ["tier_custom", "custom_domain_not_sendable", "provider"]);
    assert_eq!(sent(decision).from.address, address("noreply@acme.example.com"));
    let insisted = from(&address("x@acme.org").into(), &sender, &views, true);
    assert!(matches!(insisted, Decision::Refuse { .. }));
    assert_eq!(codes(&insisted), ["from_allowed", "domain_not_sendable"]);
}

#[test]
fn where_platform_domains_cannot_be_sent_for_the_shared_address_carries_the_tenants_name() {
    let shared =
        || ProviderView { may_send_for: ACME_ORG, default_domain: Some(domain("mail.example.net")), ..view("mainway") };
    let route = sent(decided(&sender(), &[shared(), view("standby")], |_| {}));
    assert_eq!(route.from, Mailbox::named("Acme", address("noreply@mail.example.net")));
    assert_eq!(
        (route.domain, route.tier, route.provider.as_str()),
        (domain("mail.example.net"), DomainTier::Platform, "mainway")
    );
    // Nobody's name but the tenant's stands beside an address that tenants share.
    let wish = Mailbox::named("Your bank", address("hello@acme.example.com"));
    assert_eq!(sent(from(&wish, &sender(), &[shared()], false)).from.name.as_deref(), Some("Acme"));
    // Who insists gets a provider that may send for it, or nothing.
    assert_eq!(sent(from(&wish, &sender(), &[shared(), view("standby")], true)).provider, "standby");
    assert_eq!(codes(&from(&wish, &sender(), &[shared()], true)), ["from_allowed", "domain_not_sendable"]);
    // Nobody may ask for the shared address.
    let shared_address = address("noreply@mail.example.net");
    assert_eq!(codes(&from(&shared_address.into(), &sender(), &[shared()], true)), ["from_not_allowed"]);
    // An own domain is not replaced by it.
    let route = sent(decided(&with_own_domain(Tier::Custom, true), &[shared()], |_| {}));
    assert_eq!(route.domain, domain("acme.org"));
}

#[test]
fn a_gap_in_the_configuration_delays_mail_and_loses_none() {
    for views in [vec![], vec![ProviderView { may_send_for: NONE, ..view("mainway") }]] {
        let decision = decided(&sender(), &views, |_| {});
        assert!(matches!(decision, Decision::Hold { seconds: 300, .. }), "{decision:?}");
        assert_eq!(decision.code(), "no_provider_for_domain");
    }
}

#[test]
fn what_a_provider_cannot_carry_it_is_not_given() {
    let small = || ProviderView { capabilities: Capabilities { recipients: 1, bytes: 5_000 }, ..view("mainway") };
    let large = |asked: &mut Asked<'_>| asked.bytes = 5_001;
    let many = |asked: &mut Asked<'_>| asked.recipients = 2;
    assert_eq!(sent(decided(&sender(), &[small(), view("standby")], large)).provider, "standby");
    assert_eq!(sent(decided(&sender(), &[small(), view("standby")], many)).provider, "standby");
    for decision in [decided(&sender(), &[small()], large), decided(&sender(), &[small()], many)] {
        assert!(matches!(decision, Decision::Refuse { .. }));
        assert_eq!(codes(&decision), ["tier_platform", "cannot_carry", "too_large"]);
    }
    assert_eq!(sent(decided(&sender(), &[small()], |asked| asked.bytes = 5_000)).provider, "mainway");
}

#[test]
fn who_refused_a_message_is_asked_last() {
    let avoid = ["mainway".to_owned()];
    let draft = Draft::new(TenantId::new(), address("ada@example.org").into(), "invoices".parse().unwrap(), "Hi");
    let asked = Asked { avoid: &avoid, ..Asked::of(&draft, 30) };
    let second = sent(route(&asked, &sender(), &[view("mainway"), view("standby")]));
    assert_eq!((second.provider.as_str(), second.fallback_for.as_deref()), ("standby", Some("mainway")));
    let alone = sent(route(&asked, &sender(), &[view("mainway")]));
    assert_eq!((alone.provider.as_str(), alone.fallback_for), ("mainway", None));
}

#[test]
fn an_unknown_attempt_is_made_again_in_the_very_same_way_or_not_at_all() {
    let draft = Draft::new(TenantId::new(), address("ada@example.org").into(), "invoices".parse().unwrap(), "Hi");
    let again = |provider: &str, from: &Mailbox, sender: &Sender, views: &[ProviderView<'_>]| {
        let asked = Asked { again: Some(Again { provider, from }), ..Asked::of(&draft, 0) };
        route(&asked, sender, views)
    };
    let ours = Mailbox::named("Acme", address("old-address@acme.example.com"));
    let views = [view("mainway"), view("standby")];
    let same = sent(again("standby", &ours, &sender(), &views));
    assert_eq!((&same.from, same.provider.as_str(), same.fallback_for), (&ours, "standby", None));
    // Never by another one, however long it takes.
    let views = [ProviderView { available: down(400), ..view("mainway") }, view("standby")];
    assert!(matches!(again("mainway", &ours, &sender(), &views), Decision::Hold { seconds: 400, .. }));
    assert_eq!(codes(&again("gone", &ours, &sender(), &views)), ["provider_gone"]);
    // Not from an address that is no longer ours, and as the shared address it was.
    let lost = address("x@acme.org").into();
    assert_eq!(codes(&again("standby", &lost, &sender(), &views)), ["from_not_allowed"]);
    let shared = ProviderView { default_domain: Some(domain("mail.example.net")), ..view("mainway") };
    let from = address("noreply@mail.example.net").into();
    assert_eq!(sent(again("mainway", &from, &sender(), &[shared])).domain, domain("mail.example.net"));
    // A suspended tenant sends nothing, not even again.
    let suspended = Sender { status: TenantStatus::Suspended, ..sender() };
    assert_eq!(codes(&again("standby", &ours, &suspended, &views)), ["suspended"]);
}

#[test]
fn defaults_of_the_tenant_fill_gaps_and_replace_nothing() {
    let map = |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let sender = Sender {
        headers: map(&[("X-Team", "default"), ("X-More", "default")]),
        tags: map(&[("team", "default"), ("more", "default")]),
        ..sender()
    };
    let mut draft = Draft {
        headers: map(&[("x-team", "own")]),
        tags: map(&[("team", "own")]),
        ..Draft::new(TenantId::new(), address("a@example.org").into(), "invoices".parse().unwrap(), "Hi")
    };
    sender.complete(&mut draft);
    assert_eq!(draft.headers, map(&[("x-team", "own"), ("X-More", "default")]));
    assert_eq!(draft.tags, map(&[("team", "own"), ("more", "default")]));
}

#[test]
fn a_decision_and_a_sender_survive_being_stored() {
    let decision = decided(&with_own_domain(Tier::Custom, false), &[view("mainway")], |_| {});
    let stored = serde_json::to_value(&decision).unwrap();
    assert_eq!(stored["decision"], "send");
    assert_eq!(serde_json::from_value::<Decision>(stored).unwrap(), decision);
    let sender = with_own_domain(Tier::Hybrid, true);
    assert_eq!(serde_json::from_value::<Sender>(serde_json::to_value(&sender).unwrap()).unwrap(), sender);
}
