//! Which address and which provider: the decision, branch by branch. What is common stands here.

mod from;
mod provider;

use tenantry_mail::{
    Again, Asked, Available, Capabilities, Category, CustomDomain, Decision, DomainTier, Draft, Mailbox, ProviderView,
    Route, Sender, TenantStatus, Tier, may_send_as, route,
};
use tenantry_model::{Domain, EmailAddress, Slug, TenantId};

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
        from_name: None,
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
fn asking(wish: &Mailbox, sender: &Sender, views: &[ProviderView<'_>], insist: bool) -> Decision {
    let draft = Draft {
        from: Some(wish.clone()),
        insist_from: insist,
        ..Draft::new(TenantId::new(), address("ada@example.org").into(), "invoices".parse().unwrap(), "Hi")
    };
    route(&Asked::of(&draft, 30), sender, views)
}

#[test]
fn who_may_not_send_sends_nothing() {
    let views = [view("alpha")];
    for (status, code) in [
        (TenantStatus::Suspended, "suspended"),
        (TenantStatus::Leaving, "leaving"),
        (TenantStatus::Offboarded, "offboarded"),
    ] {
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
    let decision = decided(&with_own_domain(Tier::Custom, false), &[view("alpha")], |_| {});
    let stored = serde_json::to_value(&decision).unwrap();
    assert_eq!(stored["decision"], "send");
    assert_eq!(serde_json::from_value::<Decision>(stored).unwrap(), decision);
    let sender = with_own_domain(Tier::Hybrid, true);
    assert_eq!(serde_json::from_value::<Sender>(serde_json::to_value(&sender).unwrap()).unwrap(), sender);
}
