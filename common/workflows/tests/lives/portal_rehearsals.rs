//! What the world may say to a hostname, and to a reconcile.

use serde_json::{Value, json};
use tenantry_kernel::sim::Rehearsal;
use tenantry_model::TenantId;
use tenantry_workflows::{
    portal_domain::{Command, Data, Event, Issuing, Pointing, PortalDomain, SyncedTo, Task},
    portal_sync::{self, Carry, Held, PortalSync, Summary},
};

/// All that may happen to a hostname.
pub(crate) struct Portals;

pub(crate) fn portal() -> Data {
    Data::new(TenantId::new(), "portal.acme.example".parse().unwrap(), std::time::Duration::from_secs(600))
}

pub(crate) fn host(pointing: Pointing) -> Event {
    Event::HostSeen { pointing, words: String::new() }
}

pub(crate) fn certificate(issuing: Issuing) -> Event {
    Event::CertificateSeen { issuing, words: String::new(), detail: "rehearsed".into() }
}

pub(crate) fn visited(live: bool, concerns: Option<&str>) -> Event {
    Event::Visited { live, words: String::new(), concerns: concerns.map(str::to_owned) }
}

pub(crate) fn broken() -> Event {
    let fault = tenantry_model::Fault::new(tenantry_model::ErrorClass::TimeoutError, "rehearsed");
    Event::Synced(SyncedTo::Broken(fault))
}

pub(crate) fn refused() -> Event {
    Event::Synced(SyncedTo::Refused { words: "refused".into(), detail: "rehearsed".into() })
}

impl Rehearsal for Portals {
    type Life = PortalDomain;

    const ANY_ORDER: bool = true;

    fn starts() -> Vec<Data> {
        vec![portal()]
    }

    fn answers(command: &Command) -> Vec<Event> {
        use Command as C;
        match command {
            C::CheckHost => {
                [Pointing::Here, Pointing::Elsewhere, Pointing::Proxied, Pointing::Unclear].map(host).into()
            }
            C::ClaimName => vec![Event::NameClaimed, Event::NameHeld],
            C::Preflight => {
                let words = String::new();
                vec![Event::PreflightClear, Event::PreflightBlocked { words }, host(Pointing::Elsewhere)]
            }
            C::TakeOrder => {
                vec![Event::OrderGranted, Event::OrderWaits { seconds: 3600, words: String::new() }, Event::NameHeld]
            }
            C::Sync => [SyncedTo::Applied, SyncedTo::Gone, SyncedTo::Held, SyncedTo::Busy]
                .map(Event::Synced)
                .into_iter()
                .chain([refused(), broken()])
                .collect(),
            C::Reissue => vec![Event::Synced(SyncedTo::Applied), Event::Synced(SyncedTo::Busy), refused()],
            C::LookAtCertificate => {
                [Issuing::Absent, Issuing::Ordered, Issuing::Refused, Issuing::Ready, Issuing::Unwatched]
                    .map(certificate)
                    .into()
            }
            C::Visit => vec![visited(true, None), visited(false, None), visited(true, Some("rehearsed"))],
            C::Activate => vec![Event::Activated, Event::NotActivated],
            C::Withdraw => vec![Event::Withdrawn { served: true }, Event::Withdrawn { served: false }],
            C::Reopen => vec![Event::Reopened, Event::NotReopened],
            C::Close => vec![Event::Closed],
        }
    }

    fn wishes() -> Vec<Event> {
        let by = || "ada".to_owned();
        vec![
            Event::RefreshAsked { by: by() },
            Event::RetryAsked { by: by() },
            Event::RemovalAsked { by: by() },
            Event::Superseded { by: "www.acme.example".parse().unwrap() },
            Event::RivalSeen,
        ]
    }

    fn replies(_: &Task) -> Vec<Value> {
        ["retry", "remove"].map(|action| json!({ "action": action })).into()
    }
}

/// All that may happen to a reconcile.
pub(crate) struct Syncs;

pub(crate) fn standing() -> portal_sync::Data {
    let carry = Carry { commit: true, pull_request: false, apply: true };
    portal_sync::Data { every: Some(900), carry, ..portal_sync::Data::default() }
}

pub(crate) fn reconciled(held: Option<&str>, more: bool) -> portal_sync::Event {
    let held = held.map(|digest| Held { objects: 31, digest: digest.into(), words: "these".into() });
    portal_sync::Event::Reconciled { summary: Summary::default(), held, more, broken_off: None }
}

impl Rehearsal for Syncs {
    type Life = PortalSync;

    fn starts() -> Vec<portal_sync::Data> {
        vec![standing(), portal_sync::Data::default()]
    }

    fn answers(_: &portal_sync::Command) -> Vec<portal_sync::Event> {
        vec![
            reconciled(None, false),
            reconciled(None, true),
            reconciled(Some("these"), false),
            reconciled(Some("others"), false),
            portal_sync::Event::Reconciled {
                summary: Summary::default(),
                held: None,
                more: true,
                broken_off: Some(tenantry_model::Fault::new(tenantry_model::ErrorClass::TimeoutError, "rehearsed")),
            },
            portal_sync::Event::Busy,
        ]
    }

    fn wishes() -> Vec<portal_sync::Event> {
        vec![portal_sync::Event::RefreshAsked { by: "ada".into() }, portal_sync::Event::StopAsked]
    }

    fn replies(_: &portal_sync::Task) -> Vec<Value> {
        ["release", "keep"].map(|action| json!({ "action": action })).into()
    }
}
