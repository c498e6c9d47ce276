//! What a domain's life hears, asks, waits for and tells.

use serde::{Deserialize, Serialize};
use tenantry_model::{Domain, TenantId};

/// What people are shown of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DomainStatus {
    /// It is being set up; there is nothing to publish yet.
    Created,
    /// The records are to be published.
    AwaitingDns,
    /// The provider is asked.
    Verifying,
    /// Mail leaves from it.
    Verified,
    /// Mail has left from it, and cannot for the moment.
    Degraded,
    /// It could not be set up.
    Failed,
    /// It is removed, or about to be.
    Deactivated,
}

/// How the records stand, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Records {
    /// All that are required are there.
    Complete,
    /// At least one is certainly not.
    Incomplete,
    /// Nobody could say.
    Unclear,
}

/// How the provider stands to the domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AtProvider {
    /// Mail may be sent from it.
    Verified,
    /// It is looking, or about to.
    Pending,
    /// It has looked and says no.
    Failed,
}

/// What a domain's life hears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Event {
    /// The name is claimed.
    NameClaimed {
        /// It may be made at the provider, or is this tenant's there. If not, somebody else's is there: the zone must be shown to be
        /// this tenant's first.
        clear: bool,
    },
    /// Another tenant has the name.
    NameTaken {
        /// What the tenant is told.
        why: String,
    },
    /// Another tenant had the name until a moment ago.
    NameCoolsDown {
        /// For how many seconds more.
        seconds: u64,
    },
    /// The provider has it, and has named its records.
    DomainCreated,
    /// The DNS was looked at.
    DnsSeen {
        /// All required records.
        all: Records,
        /// Those without which mail does not arrive: all but the one that shows whose the zone is.
        sending: Records,
        /// The tenant's own text was there.
        proven: bool,
        /// The provider's domain of this name is this tenant's.
        held: bool,
        /// What is missing, as `TXT send.example.com`.
        missing: Vec<String>,
    },
    /// The provider was asked to verify.
    VerificationAsked,
    /// The provider was asked how far it is.
    ProviderSeen {
        /// How far.
        status: AtProvider,
        /// What it says of the records that are not verified.
        reason: String,
    },
    /// The provider has no such domain.
    ProviderLost,
    /// Mail leaves from it.
    Activated,
    /// Something that it needs to be active is not there any more.
    NotActivated,
    /// Mail leaves by the platform's domain again.
    FellBack,
    /// New mail leaves by the platform's domain, for good.
    Stopped,
    /// So many messages are still leaving from it.
    Leaving {
        /// Messages.
        messages: u32,
    },
    /// The provider has it no more, and the name is free after a while.
    Deleted,
    /// The owner says that the records are in place.
    DnsConfigured {
        /// Who.
        by: String,
    },
    /// Somebody wants it looked at now.
    RefreshAsked {
        /// Who.
        by: String,
    },
    /// The provider tells by itself that something has changed.
    ProviderTold,
    /// Somebody wants it removed.
    RemovalAsked {
        /// Who.
        by: String,
    },
    /// A person says: go on waiting.
    WaitChosen {
        /// Who.
        by: String,
    },
    /// A person wants help of the platform.
    HelpAsked {
        /// Who.
        by: String,
    },
    /// A person says: try again.
    RetryChosen {
        /// Who.
        by: String,
    },
    /// An operator says: it is verified, whatever the provider says.
    OverrideChosen {
        /// Who.
        by: String,
    },
    /// An operator says: the name may be claimed.
    ClaimAllowed {
        /// Who.
        by: String,
    },
}

/// What a domain asks. All of it is about the row of the run's own id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Command {
    /// `create-domain`: may this tenant have the name?
    ClaimName {
        /// Its zone was shown to be this tenant's.
        proven: bool,
        /// An operator has said that the name may be claimed.
        allowed: bool,
    },
    /// `create-domain`: make it at the provider, or find it there.
    CreateDomain,
    /// `check-dns`: look for its records.
    CheckDns,
    /// `activate-domain`: ask the provider to verify, unless it has or is about to.
    AskProvider,
    /// `activate-domain`: ask the provider how far it is.
    LookAtProvider,
    /// `activate-domain`: mail leaves from it.
    Activate,
    /// `activate-domain`: mail leaves by the platform's domain.
    FallBack,
    /// `delete-domain`: the same, for good.
    StopSending,
    /// `delete-domain`: what is still leaving from it?
    CountLeaving,
    /// `delete-domain`: delete it at the provider, and let go of the name.
    DeleteDomain,
}

/// What a domain waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
pub enum Timer {
    /// Another tenant's time with the name is over.
    CoolDownOver,
    /// The records are to be looked for.
    LookAgain,
    /// The tenant has said nothing for a while.
    Unheard,
    /// A day has passed.
    FirstReminder,
    /// Three days have passed.
    SecondReminder,
    /// Seven days have passed.
    GuardOver,
    /// The provider is to be asked how far it is.
    Poll,
    /// Nobody has answered.
    AnswerOver,
    /// A domain in use is to be looked at.
    DailyLook,
    /// Its records have been away for too long.
    VanishedTooLong,
    /// What is still leaving is to be counted.
    CountAgain,
    /// Nothing more is waited for.
    DrainOver,
    /// The removal is to be tried again.
    TryAgain,
}

/// What somebody is told about a domain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Notice {
    /// `email_domain.records_ready`: these records are to be published.
    DomainRecordsReady(About),
    /// `email_domain.reminded`: they are still to be published.
    DomainReminded(About),
    /// `email_domain.verified`: mail leaves from it.
    DomainVerified(About),
    /// `email_domain.records_vanished`: it will be degraded unless they come back.
    DomainRecordsVanished(About),
    /// `email_domain.degraded`: mail falls back to the platform's domain.
    DomainDegraded(About),
    /// `email_domain.refused`: the provider says no; the tenant is asked what to do.
    DomainRefused(About),
    /// `email_domain.failed`: it could not be set up.
    DomainFailed(About),
    /// `email_domain.deactivated`: it is gone.
    DomainDeactivated(About),
    /// The platform's operators are asked something.
    OperatorAsked {
        /// What.
        title: String,
        /// What happened.
        text: String,
    },
}

/// Which domain, and what there is to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub domain: Domain,
    /// What is missing, or why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

/// What a person is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
pub enum Task {
    /// Operators: whose is the name?
    SettleDispute,
    /// The tenant: shall we go on waiting for the records?
    StillWaiting,
    /// The tenant: the provider says no.
    VerificationFailed,
    /// Operators: the provider says nothing.
    VerificationUndecided,
    /// Anybody: something unexpected went wrong.
    SomethingBroke,
    /// The tenant: the records never came.
    SetupFailed,
    /// Operators: it cannot be removed.
    RemovalStuck,
}
