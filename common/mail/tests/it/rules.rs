//! What holds whatever the settings, the message and the providers are.

use proptest::prelude::*;
use tenantry_mail::{
    Again, Asked, Available, Capabilities, CustomDomain, Decision, DomainTier, Mailbox, ProviderView, Sender,
    TenantStatus, Tier, route,
};
use tenantry_model::{Domain, EmailAddress, Slug};

const OURS: &str = "acme.example.com";
const OWN: &str = "acme.org";
const SHARED: &str = "mail.example.net";

/// Addresses at our domains, at others, and at those that look like ours.
fn address() -> impl Strategy<Value = EmailAddress> {
    let host = prop_oneof![
        Just(OURS.to_owned()),
        Just(OWN.to_owned()),
        Just(SHARED.to_owned()),
        Just("ACME.Example.COM".to_owned()),
        "[a-z]{1,6}\\.(com|org|example\\.com)",
        "[a-z-]{1,4}[.-]?acme\\.(org|example\\.com)",
        "acme\\.(org|example\\.com)[.-]?[a-z]{1,5}(\\.net)?",
        "[aａ\u{0430}]cm[eе]\\.example\\.[cс]om",
    ];
    let local = prop_oneof!["[a-z+.=%-]{1,8}", Just(OURS.to_owned()), Just("noreply".to_owned())];
    (local, host).prop_filter_map("no address", |(local, host)| format!("{local}@{host}").parse().ok())
}

fn mailbox() -> impl Strategy<Value = Mailbox> {
    (proptest::option::of("[A-Z][a-z]{1,6}"), address()).prop_map(|(name, address)| Mailbox { name, address })
}

fn available() -> impl Strategy<Value = Available> {
    prop_oneof![
        Just(Available::Yes),
        (0..90u64).prop_map(|seconds| Available::Blocked { seconds, why: "429".to_owned() }),
        (0..90u64).prop_map(|seconds| Available::Down { seconds, why: "500".to_owned() }),
    ]
}

fn provider() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        Just(Some("alpha".to_owned())),
        Just(Some("beta".to_owned())),
        Just(Some("gone".to_owned()))
    ]
}

prop_compose! {
    fn custom()(
        verified in any::<bool>(), provider in provider(), from in proptest::option::of(address()),
    ) -> CustomDomain {
        CustomDomain { domain: OWN.parse().unwrap(), from, verified, provider }
    }
}

prop_compose! {
    fn sender()(
        status in prop_oneof![
            8 => Just(TenantStatus::Active), 1 => Just(TenantStatus::Suspended), 1 => Just(TenantStatus::Leaving), 1 => Just(TenantStatus::Offboarded),
        ],
        paused in proptest::option::weighted(0.1, Just("paused".to_owned())),
        from_name in proptest::option::of(Just("Office".to_owned())),
        tier in prop_oneof![Just(Tier::Platform), Just(Tier::Custom), Just(Tier::Hybrid)],
        default_from in proptest::option::of(address()),
        custom in proptest::option::of(custom()),
        reply_to in proptest::option::of(address()),
        hybrid in proptest::option::of(prop_oneof![Just(DomainTier::Platform), Just(DomainTier::Custom)]),
        provider in provider(),
    ) -> Sender {
        let tenant_name = "Acme".parse().unwrap();
        Sender {
            slug: Slug::of(&tenant_name),
            tenant_name,
            from_name,
            status,
            paused,
            tier,
            platform_domain: OURS.parse().unwrap(),
            default_from,
            custom,
            reply_to,
            routing: hybrid.map(|tier| ("invoices".parse().unwrap(), tier)).into_iter().collect(),
            headers: [].into(),
            tags: [].into(),
            provider,
        }
    }
}

/// A provider: which of our three domains it may send for, and the rest of it.
#[derive(Debug, Clone)]
struct Carrier {
    name: &'static str,
    fallback: bool,
    domains: Vec<&'static str>,
    shared: bool,
    available: Available,
    bytes: usize,
}

fn carrier(name: &'static str) -> impl Strategy<Value = Carrier> {
    let domains = proptest::sample::subsequence(vec![OURS, OWN, SHARED], 0..=3);
    (any::<bool>(), domains, any::<bool>(), available(), prop_oneof![3 => Just(1000usize), 1 => Just(10usize)])
        .prop_map(move |(fallback, domains, shared, available, bytes)| Carrier {
            name,
            fallback,
            domains,
            shared,
            available,
            bytes,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_tenant_sends_as_another_and_nothing_goes_where_it_may_not(
        sender in sender(),
        wish in proptest::option::of(mailbox()),
        insist in any::<bool>(),
        enabled in prop_oneof![9 => Just(true), 1 => Just(false)],
        patience in 0..60u64,
        avoid in proptest::sample::subsequence(vec!["alpha".to_owned(), "beta".to_owned()], 0..=2),
        again in proptest::option::weighted(0.2, (mailbox(), prop_oneof![Just("alpha"), Just("gone")])),
        carriers in (carrier("alpha"), carrier("beta"), carrier("gamma")),
        count in 0..=3usize,
    ) {
        let carriers = [carriers.0, carriers.1, carriers.2];
        let carriers = &carriers[..count];
        let may: Vec<_> = carriers.iter().map(|one| move |domain: &Domain| one.domains.contains(&domain.as_str())).collect();
        let views: Vec<ProviderView<'_>> = carriers.iter().zip(&may).map(|(one, may)| ProviderView {
            name: one.name,
            fallback: one.fallback,
            may_send_for: may,
            default_domain: one.shared.then(|| SHARED.parse().unwrap()),
            available: one.available.clone(),
            capabilities: Capabilities { recipients: 50, bytes: one.bytes },
        }).collect();
        let category = "invoices".parse().unwrap();
        let asked = Asked {
            enabled, from: wish.as_ref(), insist, reply_to: None, category: &category, recipients: 1, bytes: 100, patience,
            avoid: &avoid, again: again.as_ref().map(|(from, provider)| Again { provider, from }),
        };
        let decision = route(&asked, &sender, &views);

        prop_assert!(!decision.why().is_empty());
        for reason in decision.why() {
            let named = carriers.iter().any(|one| reason.text.contains(one.name));
            prop_assert!(!named, "{:?} names a provider to a tenant", reason);
        }
        let silent = sender.status != TenantStatus::Active;
        match &decision {
            Decision::Send(found) => {
                prop_assert!(!silent && enabled && sender.paused.is_none());
                // The address: one of three domains, compared as bytes.
                let at = found.from.address.as_str().rsplit_once('@').unwrap().1;
                let own = sender.custom.as_ref().is_some_and(|custom| custom.verified);
                let carrier = carriers.iter().find(|one| one.name == found.provider).unwrap();
                prop_assert!(at == OURS || (own && at == OWN) || (carrier.shared && at == SHARED), "sent as {at}");
                prop_assert_eq!(found.domain.as_str(), at);
                prop_assert_eq!(found.tier == DomainTier::Custom, at == OWN);
                // The shared address belongs to the platform: its name is the tenant's, unless it is repeated as it was.
                if at == SHARED && again.is_none() {
                    prop_assert_eq!(found.from.address.as_str(), "noreply@mail.example.net");
                    prop_assert_eq!(found.from.name.as_deref(), Some("Acme"));
                }
                prop_assert_eq!(&carrier.available, &Available::Yes);
                match &again {
                    Some((from, provider)) => {
                        prop_assert_eq!(&found.from, from);
                        prop_assert_eq!(&found.provider, provider);
                    }
                    None => {
                        prop_assert!(carrier.bytes >= 100);
                        let bound = sender.custom.as_ref().and_then(|custom| custom.provider.as_deref());
                        match bound {
                            Some(bound) if at == OWN => prop_assert_eq!(bound, carrier.name),
                            _ => prop_assert!(carrier.domains.contains(&at) || (carrier.shared && at == SHARED)),
                        }
                        if let (true, Some(wish)) = (insist, &wish) {
                            prop_assert_eq!(&found.from.address, &wish.address);
                        }
                    }
                }
                prop_assert_ne!(found.fallback_for.as_ref(), Some(&found.provider));
            }
            Decision::Hold { seconds, .. } => prop_assert!(*seconds >= 1 && !silent && enabled),
            Decision::Suppress { .. } => prop_assert!(!enabled && !silent),
            Decision::Refuse { .. } => {
                let known = ["suspended", "leaving", "offboarded", "from_not_allowed", "domain_not_sendable", "too_large", "provider_gone"];
                prop_assert!(known.contains(&decision.code()), "{}", decision.code());
            }
        }
    }
}

/// The README lists every code that programs may decide by.
#[test]
fn every_reason_is_documented() {
    let sources = [
        include_str!("../../src/route/decide.rs"),
        include_str!("../../src/route/from.rs"),
        include_str!("../../src/route/pick.rs"),
    ];
    let readme = include_str!("../../README.md");
    let mut found = 0;
    for source in sources {
        for (at, call) in source.match_indices("Reason::new(") {
            let rest = source[at + call.len()..].trim_start();
            // `refuse("suspended", ...)` hands its code on.
            let Some(code) = rest.strip_prefix('"').and_then(|rest| rest.split('"').next()) else { continue };
            assert!(readme.contains(&format!("| `{code}` |")), "the README does not list `{code}`");
            found += 1;
        }
    }
    assert!(found > 15, "found only {found} reasons");
}
