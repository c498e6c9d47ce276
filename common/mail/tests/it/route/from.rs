//! Which address.

use super::*;

#[test]
fn without_any_set_up_mail_comes_from_the_platform_domain() {
    let route = sent(decided(&sender(), &[view("alpha"), view("standby")], |_| {}));
    assert_eq!(route.from, Mailbox::named("Acme", address("noreply@acme.example.com")));
    assert_eq!(route.reply_to, Some(address("office@acme.org").into()));
    assert_eq!((route.domain, route.tier), (domain("acme.example.com"), DomainTier::Platform));
    assert_eq!((route.provider.as_str(), route.fallback_for), ("alpha", None));
    assert_eq!(route.why.iter().map(|reason| &*reason.code).collect::<Vec<_>>(), ["tier_platform", "provider"]);
}

#[test]
fn the_default_address_is_used_only_at_its_own_domain() {
    let at = |default_from: &str| {
        let sender = Sender { default_from: Some(address(default_from)), ..sender() };
        sent(decided(&sender, &[view("alpha")], |_| {})).from.address
    };
    assert_eq!(at("hello@acme.example.com"), address("hello@acme.example.com"));
    assert_eq!(at("hello@other.example.com"), address("noreply@acme.example.com"));
    assert_eq!(at("hello@acme.example.com.attacker.net"), address("noreply@acme.example.com"));
    let mut sender = with_own_domain(Tier::Custom, true);
    let mut at = |from: &str| {
        sender.custom.as_mut().unwrap().from = Some(address(from));
        sent(decided(&sender, &[view("alpha")], |_| {})).from.address
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
        let decision = route(&Asked::of(&draft, 0), &sender, &[view("alpha")]);
        let fell_back = codes(&decision).contains(&"custom_domain_not_verified");
        assert_eq!(fell_back, !verified && expected.ends_with("example.com"), "{tier:?} {verified} {category}");
        assert_eq!(sent(decision).from.address, address(expected), "{tier:?} {verified} {category}");
    }
    let none = Sender { tier: Tier::Custom, ..sender() };
    assert_eq!(
        codes(&decided(&none, &[view("alpha")], |_| {})),
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
        let decision = asking(&parsed.clone().into(), &sender, &[view("alpha")], true);
        assert_eq!(codes(&decision), ["from_not_allowed"], "{attack}");
        let replaced = asking(&parsed.into(), &sender, &[view("alpha")], false);
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
    let refused = asking(&address("x@acme.org").into(), &sender, &[view("alpha")], true);
    assert_eq!(codes(&refused), ["from_not_allowed"]);
    assert!(refused.why()[0].text.contains("acme.org is not verified yet"), "{:?}", refused.why());
}

#[test]
fn an_allowed_address_is_kept_whatever_the_tier() {
    let views = [view("alpha")];
    let wish = Mailbox::named("Billing", address("billing@acme.org"));
    let route = sent(asking(&wish, &with_own_domain(Tier::Platform, true), &views, false));
    assert_eq!((route.from, route.tier), (wish, DomainTier::Custom));
    let wish = address("hello@acme.example.com");
    let route = sent(asking(&wish.clone().into(), &with_own_domain(Tier::Custom, true), &views, true));
    assert_eq!((route.from, route.tier), (Mailbox::named("Acme", wish), DomainTier::Platform));
}

#[test]
fn the_name_of_the_settings_is_shown_unless_the_message_has_its_own() {
    let office = Sender { from_name: Some("Acme Office".to_owned()), ..sender() };
    let views = [view("alpha")];
    assert_eq!(sent(decided(&office, &views, |_| {})).from.name.as_deref(), Some("Acme Office"));
    let wish = address("hello@acme.example.com");
    let bare = sent(asking(&wish.clone().into(), &office, &views, true));
    assert_eq!(bare.from.name.as_deref(), Some("Acme Office"));
    let named = sent(asking(&Mailbox::named("Billing", wish), &office, &views, true));
    assert_eq!(named.from.name.as_deref(), Some("Billing"));
    let shared =
        ProviderView { may_send_for: ACME_ORG, default_domain: Some(domain("mail.example.net")), ..view("alpha") };
    let shared = sent(decided(&office, &[shared], |_| {}));
    assert_eq!(shared.from.name.as_deref(), Some("Acme"), "at a shared domain it is the tenant's own, always");
}

#[test]
fn answers_go_where_the_message_says_or_else_the_settings() {
    let wish: Mailbox = "Help <help@acme.org>".parse().unwrap();
    let draft = Draft {
        reply_to: Some(wish.clone()),
        ..Draft::new(TenantId::new(), address("ada@example.org").into(), "invoices".parse().unwrap(), "Hi")
    };
    assert_eq!(sent(route(&Asked::of(&draft, 0), &sender(), &[view("alpha")])).reply_to, Some(wish));
    let silent = Sender { reply_to: None, ..sender() };
    assert_eq!(sent(decided(&silent, &[view("alpha")], |_| {})).reply_to, None);
}

#[test]
fn an_own_domain_that_nobody_carries_gives_way_to_the_platform_domain() {
    let sender = with_own_domain(Tier::Custom, true);
    const PLATFORM: &(dyn Fn(&Domain) -> bool + Send + Sync) = &|domain| domain.as_str() == "acme.example.com";
    let views = [ProviderView { may_send_for: PLATFORM, ..view("alpha") }];
    let decision = decided(&sender, &views, |_| {});
    assert_eq!(codes(&decision), ["tier_custom", "custom_domain_not_sendable", "provider"]);
    assert_eq!(sent(decision).from.address, address("noreply@acme.example.com"));
    let insisted = asking(&address("x@acme.org").into(), &sender, &views, true);
    assert!(matches!(insisted, Decision::Refuse { .. }));
    assert_eq!(codes(&insisted), ["from_allowed", "domain_not_sendable"]);
}

#[test]
fn where_platform_domains_cannot_be_sent_for_the_shared_address_carries_the_tenants_name() {
    let shared =
        || ProviderView { may_send_for: ACME_ORG, default_domain: Some(domain("mail.example.net")), ..view("alpha") };
    let route = sent(decided(&sender(), &[shared(), view("standby")], |_| {}));
    assert_eq!(route.from, Mailbox::named("Acme", address("noreply@mail.example.net")));
    assert_eq!(
        (route.domain, route.tier, route.provider.as_str()),
        (domain("mail.example.net"), DomainTier::Platform, "alpha")
    );
    // Nobody's name but the tenant's stands beside an address that tenants share.
    let wish = Mailbox::named("Your bank", address("hello@acme.example.com"));
    assert_eq!(sent(asking(&wish, &sender(), &[shared()], false)).from.name.as_deref(), Some("Acme"));
    // Who insists gets a provider that may send for it, or nothing.
    assert_eq!(sent(asking(&wish, &sender(), &[shared(), view("standby")], true)).provider, "standby");
    assert_eq!(codes(&asking(&wish, &sender(), &[shared()], true)), ["from_allowed", "domain_not_sendable"]);
    // Nobody may ask for the shared address.
    let shared_address = address("noreply@mail.example.net");
    assert_eq!(codes(&asking(&shared_address.into(), &sender(), &[shared()], true)), ["from_not_allowed"]);
    // An own domain is not replaced by it.
    let route = sent(decided(&with_own_domain(Tier::Custom, true), &[shared()], |_| {}));
    assert_eq!(route.domain, domain("acme.org"));
}
