//! What a hostname's life hears, asks, waits for and tells.

use serde::{Deserialize, Serialize};
use tenantry_model::{Domain, Fault, TenantId};

/// Where a hostname points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pointing {
    /// To this tenant's canonical host, and that is shown.
    Here,
    /// Certainly not.
    Elsewhere,
    /// To a proxy; what is behind it cannot be seen.
    Proxied,
    /// Nobody could say.
    Unclear,
}

/// How far a certificate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Issuing {
    /// What orders it is not there.
    Absent,
    /// It is ordered, or about to be.
    Ordered,
    /// The authority has refused.
    Refused,
    /// It is there, and the gateway has what we wrote.
    Ready,
    /// Nobody here can see it: another system applies what we write.
    Unwatched,
}

/// What a reconcile has done for a hostname.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what", content = "with")]
pub enum SyncedTo {
    /// What we want is there.
    Applied,
    /// Something of it was refused.
    Refused {
        /// For the tenant.
        words: String,
        /// For operators.
        detail: String,
    },
    /// Nothing of it is there any more, and the name is free.
    Gone,
    /// It is to be taken down, and the brake holds that until an operator has looked.
    Held,
    /// Another reconcile is at work, and has not come to it.
    Busy,
    /// The reconcile was broken off before it came to it.
    Broken(Fault),
}

/// What a hostname's life hears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Event {
    /// The DNS was looked at.
    HostSeen {
        /// Where it points.
        pointing: Pointing,
        /// What was seen, for the tenant.
        words: String,
    },
    /// The hostname is this tenant's now.
    NameClaimed,
    /// Another tenant has it.
    NameHeld,
    /// Nothing stands in the way of a certificate.
    PreflightClear,
    /// Something does, or nobody could say.
    PreflightBlocked {
        /// What, and what to do.
        words: String,
    },
    /// A certificate may be ordered, and the hostname is wanted in the cluster.
    OrderGranted,
    /// The authority's limits do not let us order yet.
    OrderWaits {
        /// For so many seconds.
        seconds: u64,
        /// Why.
        words: String,
    },
    /// A reconcile has come to it.
    Synced(SyncedTo),
    /// The certificate was looked at.
    CertificateSeen {
        /// How far.
        issuing: Issuing,
        /// For the tenant.
        words: String,
        /// For operators.
        detail: String,
    },
    /// The hostname was visited.
    Visited {
        /// It answers with our certificate.
        live: bool,
        /// What was seen, where something is not as it should be; for the tenant.
        words: String,
        /// The same for operators: a certificate that is not renewed in time, an old one that is still served.
        concerns: Option<String>,
    },
    /// It is the tenant's portal now.
    Activated,
    /// It cannot be: something that it needs is not there any more.
    NotActivated,
    /// It is not wanted in the cluster any more.
    Withdrawn {
        /// It may still be there.
        served: bool,
    },
    /// It is wanted again.
    Reopened,
    /// The tenant has set another one meanwhile.
    NotReopened,
    /// Nothing of it is kept but its row.
    Closed,
    /// Somebody wants it looked at now.
    RefreshAsked {
        /// Who.
        by: String,
    },
    /// Somebody wants what has failed tried again.
    RetryAsked {
        /// Who.
        by: String,
    },
    /// Somebody wants it removed.
    RemovalAsked {
        /// Who.
        by: String,
    },
    /// Another hostname of the tenant takes its place.
    Superseded {
        /// Which.
        by: Domain,
    },
    /// Another tenant has shown that the hostname points to it.
    RivalSeen,
}

/// What a hostname asks. All of it is about the row of the run's own id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Command {
    /// `check-portal`: where does it point?
    CheckHost,
    /// `check-portal`: may this tenant have it?
    ClaimName,
    /// `check-portal`: could the authority reach it, and may it issue?
    Preflight,
    /// `check-portal`: count an order against the authority's limits, and want the hostname in the cluster.
    TakeOrder,
    /// `reconcile-cluster`: bring the cluster to what the rows say.
    Sync,
    /// `reconcile-cluster`: have the certificate ordered again, now.
    Reissue,
    /// `reconcile-cluster`: how far is the certificate?
    LookAtCertificate,
    /// `check-portal`: does it answer, and with what certificate?
    Visit,
    /// `check-portal`: it is the tenant's portal, in place of the one before.
    Activate,
    /// `check-portal`: it is not wanted in the cluster any more.
    Withdraw,
    /// `check-portal`: it is wanted after all.
    Reopen,
    /// `check-portal`: it is over, and the tenant may set it anew.
    Close,
}

/// What a hostname waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
pub enum Timer {
    /// It is to be looked at again.
    LookAgain,
    /// Five minutes have passed since it was first seen to point here.
    Confirm,
    /// A day has passed without the CNAME.
    Reminder,
    /// It has been waited for long enough.
    GuardOver,
    /// The authority's limits may let us order.
    OrderAgain,
    /// What was taken away is to be applied again.
    ApplyAgain,
    /// Something takes longer than it should.
    Slow,
    /// It has pointed elsewhere for long enough.
    MovedTooLong,
    /// Nobody has come back to it.
    Forgotten,
}

/// What somebody is told about a hostname.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Notice {
    /// `portal_domain.requested`.
    PortalRequested(About),
    /// `portal_domain.reminded`: the CNAME is still to be created.
    PortalReminded(About),
    /// `portal_domain.dns_verified`.
    PortalDnsVerified(About),
    /// `portal_domain.cert_ready`.
    PortalCertificateReady(About),
    /// `portal_domain.active`.
    PortalActive(About),
    /// `portal_domain.failed`: the DNS never came, or the authority has refused.
    PortalFailed(About),
    /// `portal_domain.moved`: it points elsewhere, and will be taken down.
    PortalMoved(About),
    /// `portal_domain.removed`.
    PortalRemoved(About),
    /// The platform's operators are told something.
    OperatorAsked {
        /// What.
        title: String,
        /// What happened.
        text: String,
    },
}

/// Which hostname, and what there is to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub domain: Domain,
    /// What was seen, what to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

/// What a person is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
pub enum Task {
    /// Operators: the cluster refuses what we write.
    ClusterRefuses,
    /// Operators: a step failed again and again.
    SomethingBroke,
}
