//! A hostname that a tenant's portal is to answer under: from the wish to a portal that is live, watched, and taken down again.
//!
//! The life decides; it does not look. What is live is only ever taken down because somebody wants that, or because the hostname
//! certainly points elsewhere and has for a week: never because something was not found.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry_kernel::{
    Form, Heard, Retry, Status, Step, View, Workflow, named,
    workflow::{Ask, AskOf, HeardBy, StepOf},
};
use tenantry_model::{ErrorClass, Fault};

mod axes;
mod data;
mod form;
mod gone;
mod watch;
mod words;

pub use axes::{Axes, Certificate, Ownership, PortalStatus, Routing};
pub use data::Data;
pub use words::{About, Command, Event, Issuing, Notice, Pointing, SyncedTo, Task, Timer};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Minutes before each look for a CNAME that is not there; the last one goes on.
const LOOKS: [u32; 4] = [1, 3, 5, 15];
/// The CNAME must be seen twice in a row, usually so far apart.
const CONFIRM: Duration = Duration::from_secs(5 * 60);
/// So long the CNAME, or a way for the authority, is waited for.
const GUARD: Duration = Duration::from_secs(72 * 3600);
/// So long a tenant waits for a name that another one has: longer than a name that has moved is kept.
const HELD_OPEN: Duration = Duration::from_secs(9 * 24 * 3600);
/// Seconds before each look at a certificate or a gateway that is not ready; the last one goes on.
const POLLS: [u32; 4] = [2, 5, 15, 60];
/// After so long the operators are told that a certificate or a gateway is slow.
const SLOW: Duration = Duration::from_secs(1800);
/// Another reconcile is at work, or the brake holds: so long until the next try.
const BUSY: Duration = Duration::from_secs(5);
/// So long a hostname that points elsewhere goes on being served.
const MOVED: Duration = Duration::from_secs(7 * 24 * 3600);

/// What a tenant is told while we cannot write.
const OURS: &str = "Our gateway cannot be changed at the moment. We try again by ourselves.";

/// ... and the operators.
const CANNOT: &str = "the cluster or the repository cannot be changed";
/// What a tenant reads while it is taken down at its wish, and afterwards.
const REMOVING: &str = "It is being removed.";
const REMOVED: &str = "It was removed. The canonical host serves the portal.";

/// The workflow.
pub struct PortalDomain;

/// Where a hostname is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The tenant is to create the CNAME; we look for it.
    AwaitingDns,
    /// Is the name free for this tenant?
    Claiming,
    /// Another tenant has it.
    Held,
    /// Can the authority reach it, and may it issue?
    Preflighting,
    /// Do the authority's limits let us order?
    Ordering,
    /// What it needs is applied to the cluster.
    Applying,
    /// The certificate is waited for.
    Issuing,
    /// The authority has refused.
    CertificateFailed,
    /// The cluster has refused what we write.
    Refused,
    /// The portal is visited until it answers with our certificate.
    Deploying,
    /// It becomes the tenant's portal.
    Activating,
    /// The portal answers.
    Active,
    /// It answers, and the hostname points elsewhere.
    Moved,
    /// It is not wanted any more.
    Withdrawing,
    /// Its objects are taken down.
    Pruning,
    /// It is down.
    Disabled,
    /// It is wanted again.
    Reopening,
    /// The CNAME never came.
    DnsFailed,
    /// Something went wrong that an operator must look at.
    Broken,
    /// It is let go of for good.
    Closing,
    /// It is over.
    Closed,
}
named!(State: AwaitingDns, Claiming, Held, Preflighting, Ordering, Applying, Issuing, CertificateFailed, Refused, Deploying, Activating, Active,
    Moved, Withdrawing, Pruning, Disabled, Reopening, DnsFailed, Broken, Closing,
    Closed);

impl Workflow for PortalDomain {
    const KIND: &'static str = "portal_domain";
    const VERSION: u32 = 1;

    type State = State;
    type Data = Data;
    type Event = Event;
    type Command = Command;
    type Timer = Timer;
    type Notice = Notice;
    type Task = Task;

    fn begin(_: &Data) -> State {
        State::AwaitingDns
    }

    fn enter(state: State, data: &Data) -> Vec<AskOf<Self>> {
        use State as S;
        let command = |command| vec![Ask::Command(command)];
        match state {
            S::AwaitingDns => {
                let requested = data.fresh.then(|| Ask::Notice(Notice::PortalRequested(about(data))));
                let timers = [Ask::Timer(Timer::GuardOver, GUARD), Ask::Timer(Timer::Reminder, DAY)];
                [Ask::Command(Command::CheckHost)].into_iter().chain(timers).chain(requested).collect()
            }
            S::Claiming => command(Command::ClaimName),
            S::Held => vec![Ask::Timer(Timer::LookAgain, CONFIRM), Ask::Timer(Timer::GuardOver, HELD_OPEN)],
            S::Preflighting => vec![Ask::Command(Command::Preflight), Ask::Timer(Timer::GuardOver, GUARD)],
            S::Ordering => command(Command::TakeOrder),
            S::Applying if data.again => command(Command::Reissue),
            S::Applying => command(Command::Sync),
            S::Issuing => vec![Ask::Command(Command::LookAtCertificate), Ask::Timer(Timer::Slow, SLOW)],
            S::CertificateFailed => vec![Ask::Timer(Timer::LookAgain, 15 * MINUTE)],
            S::Refused => vec![Ask::Task(Task::ClusterRefuses), Ask::Timer(Timer::LookAgain, HOUR)],
            S::Deploying => vec![Ask::Command(Command::Visit), Ask::Timer(Timer::Slow, SLOW)],
            S::Activating => command(Command::Activate),
            S::Active => vec![watch::rest(data)],
            S::Moved => {
                vec![watch::rest(data), Ask::Timer(Timer::MovedTooLong, if data.rival { CONFIRM } else { MOVED })]
            }
            S::Withdrawing => command(Command::Withdraw),
            S::Pruning => command(Command::Sync),
            S::Disabled => vec![Ask::Timer(Timer::Forgotten, 30 * DAY)],
            S::Reopening => command(Command::Reopen),
            S::Closing => command(Command::Close),
            S::Broken => vec![Ask::Task(Task::SomethingBroke)],
            // Somebody may create the CNAME after all, and tell nobody.
            S::DnsFailed => vec![Ask::Timer(Timer::LookAgain, DAY), Ask::Timer(Timer::Forgotten, 30 * DAY)],
            S::Closed => Vec::new(),
        }
    }

    fn step(state: State, data: &mut Data, heard: &HeardBy<Self>) -> StepOf<Self> {
        use State as S;
        // Whoever is to be told of it was told when it began.
        data.fresh = false;
        match (state, heard) {
            (S::Withdrawing | S::Pruning | S::Disabled | S::Reopening | S::Closing | S::Closed, heard) => {
                gone::gone(state, data, heard)
            }
            (_, Heard::Event(Event::RemovalAsked { .. })) => withdraw(data, REMOVING),
            (_, Heard::Event(Event::Superseded { by })) => {
                data.superseded = Some(by.clone());
                withdraw(data, "Another hostname has taken its place.")
            }
            (S::AwaitingDns | S::Claiming | S::Held | S::DnsFailed, heard) => pointed(state, data, heard),
            (S::Preflighting | S::Ordering, heard) => prepared(state, data, heard),
            (S::Applying | S::Refused, heard) => applied(data, heard),
            (S::Issuing | S::CertificateFailed, heard) => issued(state, data, heard),
            (S::Deploying | S::Activating, heard) => deployed(state, data, heard),
            (S::Active | S::Moved, heard) => watch::watched(state, data, heard),
            (S::Broken, Heard::Event(Event::RefreshAsked { .. } | Event::RetryAsked { .. })) => {
                data.fault = None;
                data.words.clear();
                Step::go(data.broken_in.take().unwrap_or(S::AwaitingDns))
            }
            (S::Broken, Heard::Event(Event::RivalSeen)) => Step::Ignore("an operator is asked"),
            (S::Broken, _) => Step::Unexpected,
        }
    }

    fn view(state: State, data: &Data) -> View {
        use State as S;
        let status = match state {
            S::Closed => Status::Completed,
            S::DnsFailed | S::CertificateFailed | S::Refused | S::Disabled | S::Broken => Status::Waiting,
            _ => Status::Running,
        };
        let shown = data.axes.status();
        let progress = match shown {
            PortalStatus::PendingDns | PortalStatus::DnsFailed => 10,
            PortalStatus::VerifyingDns => 30,
            PortalStatus::PendingCertificate => 50,
            PortalStatus::CertificateIssuing | PortalStatus::CertificateFailed => 60,
            PortalStatus::Deploying => 80,
            PortalStatus::Active | PortalStatus::Disabled => 100,
        };
        let result = json!({
            "tenantId": data.tenant, "domain": data.domain, "status": shown, "axes": data.axes, "message": data.words,
        });
        let step = tenantry_kernel::life::name_of(&state);
        View { status, step, progress: Some(progress), error: data.fault.clone(), result }
    }

    fn entity(data: &Data) -> Option<String> {
        Some(data.domain.to_string())
    }

    fn undoes(state: State, data: &Data) -> Vec<String> {
        let leads = format!("the portal at {}: the tenant's own address on the platform takes its place", data.domain);
        let certificate = format!("the certificate of {} and everything that serves it", data.domain);
        match state {
            State::Withdrawing => vec![leads, certificate],
            State::Pruning => vec![certificate],
            _ => Vec::new(),
        }
    }

    fn retry(command: &Command) -> Retry {
        match command {
            Command::ClaimName
            | Command::TakeOrder
            | Command::Activate
            | Command::Withdraw
            | Command::Reopen
            | Command::Close => Retry::new(8, SECOND, MINUTE),
            // A look that is made again soon anyway.
            Command::CheckHost | Command::Preflight | Command::Visit | Command::LookAtCertificate => {
                Retry::new(4, 5 * SECOND, 5 * MINUTE)
            }
            Command::Sync | Command::Reissue => Retry::new(8, 2 * SECOND, 5 * MINUTE),
        }
    }

    fn performer(command: &Command) -> &'static str {
        match command {
            Command::Sync | Command::Reissue | Command::LookAtCertificate => "reconcile-cluster",
            _ => "check-portal",
        }
    }

    fn form(task: &Task, data: &Data) -> Form {
        form::form(task, data)
    }

    fn answered(_: &Task, answer: Value, by: &str) -> Result<Event, String> {
        form::answered(&answer, by)
    }

    fn signal(name: &str, body: Value) -> Result<Event, String> {
        let by =
            ["by", "cancelledBy"].into_iter().find_map(|name| body[name].as_str()).unwrap_or("somebody").to_owned();
        match name {
            "refresh" => Ok(Event::RefreshAsked { by }),
            "retry" => Ok(Event::RetryAsked { by }),
            "remove" | "cancel" => Ok(Event::RemovalAsked { by }),
            _ => Err(format!("a hostname knows no signal {name:?}; it knows: refresh, retry, remove, cancel")),
        }
    }

    fn signals() -> &'static [(&'static str, &'static str)] {
        &[
            ("refresh", "look now"),
            ("retry", "try what has failed once more"),
            ("remove", "take it down; the canonical host goes on serving"),
            ("cancel", "the same as remove"),
        ]
    }
}

fn about(data: &Data) -> About {
    let details = Some(data.words.clone()).filter(|words| !words.is_empty());
    About { tenant: data.tenant, domain: data.domain.clone(), details: Vec::from_iter(details) }
}

fn operators(data: &Data, title: &str, text: impl Into<String>) -> AskOf<PortalDomain> {
    Ask::Notice(Notice::OperatorAsked { title: format!("{}: {title}", data.domain), text: text.into() })
}

fn broke(state: State, data: &mut Data, fault: &Fault) -> StepOf<PortalDomain> {
    (data.broken_in, data.fault) = (Some(state), Some(fault.clone()));
    "Something went wrong on our side. The operators have been told.".clone_into(&mut data.words);
    Step::Go(State::Broken, vec![operators(data, "something unexpected went wrong", &*fault.message)])
}

fn withdraw(data: &mut Data, why: &str) -> StepOf<PortalDomain> {
    data.settle();
    data.again = false;
    data.axes.routing = Routing::Withdrawn;
    why.clone_into(&mut data.words);
    Step::go(State::Withdrawing)
}

/// Looks for the CNAME from here on, at once.
fn wait(data: &mut Data) -> StepOf<PortalDomain> {
    data.settle();
    data.axes = Axes::default();
    data.again = false;
    Step::go(State::AwaitingDns)
}

/// The next of the growing waits.
fn next<const N: usize>(data: &mut Data, waits: [u32; N], unit: Duration, timer: Timer) -> AskOf<PortalDomain> {
    let wait = waits[(data.looks as usize).min(N - 1)];
    data.looks = (data.looks + 1).min(N as u32 - 1);
    Ask::Timer(timer, wait * unit)
}

/// Looking for the CNAME, and claiming the name.
fn pointed(state: State, data: &mut Data, heard: &HeardBy<PortalDomain>) -> StepOf<PortalDomain> {
    use State as S;
    match (state, heard) {
        (S::AwaitingDns, Heard::Event(Event::HostSeen { pointing, words })) => {
            data.words.clone_from(words);
            match pointing {
                Pointing::Here if data.agreed > 0 && data.may_confirm => {
                    (data.looks, data.agreed, data.may_confirm) = (0, 0, false);
                    data.axes.ownership = Ownership::Verified;
                    Step::Go(S::Claiming, vec![Ask::Notice(Notice::PortalDnsVerified(about(data)))])
                }
                Pointing::Here if data.agreed > 0 => Step::stay(),
                Pointing::Here => {
                    (data.looks, data.agreed, data.may_confirm) = (0, 1, false);
                    data.axes.ownership = Ownership::Seen;
                    Step::Stay(vec![Ask::Timer(Timer::Confirm, data.confirm())])
                }
                Pointing::Elsewhere | Pointing::Proxied => {
                    data.agreed = 0;
                    let proxied = *pointing == Pointing::Proxied;
                    data.axes.ownership = if proxied { Ownership::Proxied } else { Ownership::Pending };
                    Step::Stay(vec![next(data, LOOKS, MINUTE, Timer::LookAgain)])
                }
                Pointing::Unclear => Step::Stay(vec![next(data, LOOKS, MINUTE, Timer::LookAgain)]),
            }
        }
        (S::AwaitingDns | S::Held, Heard::GaveUp(Command::CheckHost, _) | Heard::Unknown(Command::CheckHost, _)) => {
            Step::Stay(vec![Ask::Timer(Timer::LookAgain, CONFIRM)])
        }
        (S::AwaitingDns, Heard::Fired(Timer::Confirm)) => {
            data.may_confirm = true;
            Step::Stay(vec![Ask::Command(Command::CheckHost)])
        }
        (S::AwaitingDns, Heard::Event(Event::RefreshAsked { .. } | Event::RetryAsked { .. })) => {
            data.looks = 0;
            Step::Stay(vec![Ask::Command(Command::CheckHost)])
        }
        (
            S::AwaitingDns | S::Held,
            Heard::Fired(Timer::LookAgain) | Heard::Event(Event::RefreshAsked { .. } | Event::RetryAsked { .. }),
        ) => Step::Stay(vec![Ask::Command(Command::CheckHost)]),
        (S::AwaitingDns, Heard::Fired(Timer::Reminder)) => {
            Step::Stay(vec![Ask::Notice(Notice::PortalReminded(about(data)))])
        }
        (S::AwaitingDns | S::Held, Heard::Fired(Timer::GuardOver)) => {
            let why = if state == S::Held {
                "Another account still has this hostname"
            } else {
                "We have looked for three days"
            };
            not_come(data, why)
        }
        (S::Claiming, Heard::Event(Event::NameClaimed)) => {
            data.settle();
            Step::go(S::Preflighting)
        }
        (S::Claiming, Heard::Event(Event::NameHeld)) => {
            let first = data.fault.is_none();
            data.failed(
                ErrorClass::DuplicateError,
                "Another account of this platform has this hostname. It becomes free when that account removes it, or when we have seen \
                 for a while that it does not point there any more.",
            );
            let why = "Two tenants want the same hostname; it points to the one that waits.";
            Step::Go(S::Held, Vec::from_iter(first.then(|| operators(data, "another tenant has it", why))))
        }
        (S::Claiming, Heard::Event(Event::HostSeen { .. })) => wait(data),
        (S::Claiming, Heard::GaveUp(_, fault) | Heard::Unknown(_, fault)) => broke(state, data, fault),
        (S::Held, Heard::Event(Event::HostSeen { pointing: Pointing::Here, .. })) => Step::go(S::Claiming),
        (S::Held, Heard::Event(Event::HostSeen { pointing: Pointing::Elsewhere, .. })) => wait(data),
        (S::Held, Heard::Event(Event::HostSeen { .. })) => Step::Stay(vec![Ask::Timer(Timer::LookAgain, CONFIRM)]),
        (S::DnsFailed, Heard::Fired(Timer::LookAgain)) => Step::Stay(vec![Ask::Command(Command::CheckHost)]),
        (S::DnsFailed, Heard::Event(Event::HostSeen { pointing: Pointing::Here, .. })) => wait(data),
        (S::DnsFailed, Heard::Event(Event::HostSeen { .. }) | Heard::GaveUp(..) | Heard::Unknown(..)) => {
            Step::Stay(vec![Ask::Timer(Timer::LookAgain, DAY)])
        }
        (S::DnsFailed, Heard::Fired(Timer::Forgotten)) => withdraw(data, "Nobody has come back to it for a month."),
        (S::DnsFailed, Heard::Event(Event::RefreshAsked { .. } | Event::RetryAsked { .. })) => wait(data),
        (S::Claiming, Heard::Event(Event::RefreshAsked { .. } | Event::RetryAsked { .. })) => {
            Step::Ignore("it is looked at")
        }
        (S::AwaitingDns, Heard::Event(Event::RivalSeen)) => Step::Stay(vec![Ask::Command(Command::CheckHost)]),
        (_, Heard::Event(Event::RivalSeen)) => Step::Ignore("it is not served"),
        _ => Step::Unexpected,
    }
}

fn not_come(data: &mut Data, why: &str) -> StepOf<PortalDomain> {
    let saw = std::mem::take(&mut data.words);
    data.settle();
    data.axes = Axes { ownership: Ownership::Failed, ..Axes::default() };
    let words = if saw.is_empty() { format!("{why}.") } else { format!("{why}. What we saw last: {saw}") };
    data.failed(ErrorClass::ValidationError, &words);
    Step::Go(State::DnsFailed, vec![Ask::Notice(Notice::PortalFailed(about(data)))])
}

/// Whether an order makes sense, and whether we may place it.
fn prepared(state: State, data: &mut Data, heard: &HeardBy<PortalDomain>) -> StepOf<PortalDomain> {
    use State as S;
    match (state, heard) {
        (S::Preflighting, Heard::Event(Event::PreflightClear)) => {
            data.settle();
            Step::go(S::Ordering)
        }
        (S::Preflighting, Heard::Event(Event::PreflightBlocked { words })) => {
            data.words.clone_from(words);
            Step::Stay(vec![next(data, LOOKS, MINUTE, Timer::LookAgain)])
        }
        (S::Preflighting, Heard::GaveUp(..) | Heard::Unknown(..)) => {
            Step::Stay(vec![next(data, LOOKS, MINUTE, Timer::LookAgain)])
        }
        (
            S::Preflighting,
            Heard::Fired(Timer::LookAgain) | Heard::Event(Event::RefreshAsked { .. } | Event::RetryAsked { .. }),
        ) => Step::Stay(vec![Ask::Command(Command::Preflight)]),
        // It was served, or tried to be, and what was applied for it is still there.
        (
            S::Preflighting | S::Ordering,
            Heard::Event(Event::HostSeen { .. } | Event::RivalSeen) | Heard::Fired(Timer::GuardOver),
        ) if data.again => {
            let saw = std::mem::take(&mut data.words);
            withdraw(data, if saw.is_empty() { "It cannot have a certificate, so we have given it up." } else { &saw })
        }
        (S::Preflighting, Heard::Fired(Timer::GuardOver)) => not_come(
            data,
            "The hostname points here, and for three days something has stood in the way of a certificate",
        ),
        // It has moved since, or somebody else has it: once more from the beginning.
        (_, Heard::Event(Event::HostSeen { .. } | Event::RivalSeen)) => wait(data),
        (S::Ordering, Heard::Event(Event::OrderGranted)) => {
            data.axes.certificate = Certificate::Waiting;
            data.looks = 0;
            data.words.clear();
            Step::go(S::Applying)
        }
        (S::Ordering, Heard::Event(Event::OrderWaits { seconds, words })) => {
            data.axes.certificate = Certificate::Waiting;
            data.words.clone_from(words);
            Step::Stay(vec![Ask::Timer(Timer::OrderAgain, Duration::from_secs(*seconds))])
        }
        (
            S::Ordering,
            Heard::Fired(Timer::OrderAgain) | Heard::Event(Event::RefreshAsked { .. } | Event::RetryAsked { .. }),
        ) => Step::Stay(vec![Ask::Command(Command::TakeOrder)]),
        // The name was let go of in between.
        (S::Ordering, Heard::Event(Event::NameHeld)) => wait(data),
        (S::Ordering, Heard::GaveUp(_, fault) | Heard::Unknown(_, fault)) => broke(state, data, fault),
        _ => Step::Unexpected,
    }
}

/// What it needs in the cluster.
fn applied(data: &mut Data, heard: &HeardBy<PortalDomain>) -> StepOf<PortalDomain> {
    use State as S;
    match heard {
        Heard::Event(Event::Synced(SyncedTo::Applied)) => {
            (data.again, data.axes.certificate, data.fault) = (false, Certificate::Issuing, None);
            data.words.clear();
            Step::go(S::Issuing)
        }
        Heard::Event(Event::Synced(SyncedTo::Refused { words, detail })) => {
            (data.again, data.axes.certificate) = (false, Certificate::Failed);
            data.failed(ErrorClass::InternalError, words);
            Step::Go(S::Refused, vec![operators(data, "the cluster refuses what we write", detail)])
        }
        Heard::Event(Event::Synced(SyncedTo::Broken(fault))) => Step::Stay(ours(data, fault, CANNOT)),
        Heard::Event(Event::Synced(_)) => Step::Stay(vec![Ask::Timer(Timer::LookAgain, BUSY)]),
        Heard::GaveUp(Command::CheckHost, _) | Heard::Unknown(Command::CheckHost, _) => Step::Ignore("it is applied"),
        Heard::GaveUp(_, fault) | Heard::Unknown(_, fault) => Step::Stay(ours(data, fault, CANNOT)),
        Heard::Fired(Timer::LookAgain) | Heard::Event(Event::RefreshAsked { .. } | Event::RetryAsked { .. }) => {
            data.axes.certificate = Certificate::Waiting;
            Step::go(S::Applying)
        }
        heard => outbid(data, heard),
    }
}

/// We cannot write: the tenant learns that it is on our side, the operators what it is, once.
fn ours(data: &mut Data, fault: &Fault, title: &str) -> Vec<AskOf<PortalDomain>> {
    let first = data.fault.is_none();
    data.failed(fault.class, OURS);
    let again = Ask::Timer(Timer::LookAgain, 5 * MINUTE);
    first.then(|| operators(data, title, &*fault.message)).into_iter().chain([again]).collect()
}

/// The certificate.
fn issued(state: State, data: &mut Data, heard: &HeardBy<PortalDomain>) -> StepOf<PortalDomain> {
    use State as S;
    let later = || Step::Stay(vec![Ask::Timer(Timer::LookAgain, 15 * MINUTE)]);
    match (state, heard) {
        (_, Heard::Event(Event::CertificateSeen { issuing: Issuing::Ready | Issuing::Unwatched, .. })) => {
            data.settle();
            (data.axes.certificate, data.axes.routing) = (Certificate::Ready, Routing::Deploying);
            Step::Go(S::Deploying, vec![Ask::Notice(Notice::PortalCertificateReady(about(data)))])
        }
        // Somebody takes away what we apply: not in a hurry, lest we quarrel.
        (_, Heard::Event(Event::CertificateSeen { issuing: Issuing::Absent, .. })) => {
            Step::Stay(vec![Ask::Timer(Timer::ApplyAgain, 5 * MINUTE)])
        }
        (_, Heard::Fired(Timer::ApplyAgain)) => {
            data.settle();
            data.axes.certificate = Certificate::Waiting;
            Step::go(S::Applying)
        }
        (S::Issuing, Heard::Event(Event::CertificateSeen { issuing: Issuing::Ordered, words, .. })) => {
            data.words.clone_from(words);
            Step::Stay(vec![next(data, POLLS, SECOND, Timer::LookAgain)])
        }
        (_, Heard::Event(Event::CertificateSeen { issuing: Issuing::Ordered, .. })) => later(),
        (_, Heard::Event(Event::CertificateSeen { issuing: Issuing::Refused, words, detail })) => {
            (data.looks, data.axes.certificate) = (0, Certificate::Failed);
            data.failed(ErrorClass::ValidationError, words);
            if state == S::CertificateFailed {
                return later();
            }
            let told = Ask::Notice(Notice::PortalFailed(about(data)));
            Step::Go(S::CertificateFailed, vec![told, operators(data, "the certificate was refused", detail)])
        }
        (S::CertificateFailed, Heard::Event(Event::RetryAsked { .. })) => {
            data.settle();
            (data.again, data.axes.certificate) = (true, Certificate::None);
            Step::go(S::Preflighting)
        }
        (_, Heard::Fired(Timer::LookAgain) | Heard::Event(Event::RefreshAsked { .. } | Event::RetryAsked { .. })) => {
            Step::Stay(vec![Ask::Command(Command::LookAtCertificate)])
        }
        (_, Heard::GaveUp(Command::LookAtCertificate, _) | Heard::Unknown(Command::LookAtCertificate, _)) => {
            Step::Stay(vec![Ask::Timer(Timer::LookAgain, 5 * MINUTE)])
        }
        (_, Heard::GaveUp(..) | Heard::Unknown(..)) => Step::Ignore("the certificate is looked at"),
        (S::Issuing, Heard::Fired(Timer::Slow)) => {
            Step::Stay(vec![operators(data, "the certificate takes more than half an hour", slow(data))])
        }
        (_, heard) => outbid(data, heard),
    }
}

fn slow(data: &Data) -> String {
    if data.words.is_empty() { "Nothing was seen yet.".to_owned() } else { data.words.clone() }
}

/// Another tenant says that a hostname that is not live yet points to it: we look for ourselves.
fn outbid(data: &mut Data, heard: &HeardBy<PortalDomain>) -> StepOf<PortalDomain> {
    match heard {
        Heard::Event(Event::RivalSeen) => Step::Stay(vec![Ask::Command(Command::CheckHost)]),
        Heard::Event(Event::HostSeen { pointing: Pointing::Elsewhere, .. }) => {
            withdraw(data, "It points elsewhere, and another account of this platform has shown that it is there.")
        }
        Heard::Event(Event::HostSeen { .. }) => Step::stay(),
        _ => Step::Unexpected,
    }
}

/// The gateway takes it up.
fn deployed(state: State, data: &mut Data, heard: &HeardBy<PortalDomain>) -> StepOf<PortalDomain> {
    use State as S;
    match (state, heard) {
        (S::Deploying, Heard::Event(Event::Visited { live: true, .. })) => {
            data.settle();
            Step::go(S::Activating)
        }
        (S::Deploying, Heard::Event(Event::Visited { words, .. })) => {
            data.words.clone_from(words);
            Step::Stay(vec![next(data, POLLS, SECOND, Timer::LookAgain)])
        }
        (S::Deploying, Heard::GaveUp(Command::Visit, _) | Heard::Unknown(Command::Visit, _)) => {
            Step::Stay(vec![Ask::Timer(Timer::LookAgain, MINUTE)])
        }
        (S::Deploying, Heard::GaveUp(..) | Heard::Unknown(..)) => Step::Ignore("it is visited"),
        (
            S::Deploying,
            Heard::Fired(Timer::LookAgain) | Heard::Event(Event::RefreshAsked { .. } | Event::RetryAsked { .. }),
        ) => Step::Stay(vec![Ask::Command(Command::Visit)]),
        (S::Deploying, Heard::Fired(Timer::Slow)) => {
            Step::Stay(vec![operators(data, "the gateway does not serve it after half an hour", slow(data))])
        }
        (S::Activating, Heard::Event(Event::Activated)) => {
            data.axes.routing = Routing::Live;
            Step::Go(S::Active, vec![Ask::Notice(Notice::PortalActive(about(data)))])
        }
        (S::Activating, Heard::Event(Event::NotActivated)) => withdraw(data, "It was let go of in the meantime."),
        (S::Activating, Heard::Event(Event::RefreshAsked { .. } | Event::RetryAsked { .. } | Event::RivalSeen)) => {
            Step::Ignore("it is live in a moment")
        }
        (S::Activating, Heard::GaveUp(_, fault) | Heard::Unknown(_, fault)) => broke(state, data, fault),
        (S::Deploying, heard) => outbid(data, heard),
        _ => Step::Unexpected,
    }
}
