//! A sending domain that a tenant brings: from claimed to mail that leaves from it, and until it is gone again.
//!
//! The life decides; it does not look. What a look has found is told to it in a few words, and stands whole in the domain's row.
//! Nothing is taken away because something was not found: a look that could not be made changes nothing.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry_kernel::{
    Form, Heard, Retry, Status, Step, View, Workflow, named,
    workflow::{Ask, AskOf, HeardBy, StepOf},
};
use tenantry_model::{Domain, ErrorClass, Fault, TenantId};

mod form;
mod words;

pub use words::{About, AtProvider, Command, DomainStatus, Event, Notice, Records, Task, Timer};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Minutes before each look for records that are not all there; the last one goes on.
const LOOKS: [u32; 5] = [5, 10, 20, 40, 60];
/// So long the records may stay away before the set-up has failed.
const GUARD: Duration = Duration::from_secs(7 * 24 * 3600);
/// The first polls of the provider, and the wait between them; later ones wait `LATER_POLL`.
const POLL: Duration = Duration::from_secs(30);
const FAST_POLLS: u32 = 20;
const LATER_POLL: Duration = Duration::from_secs(1800);
/// A provider that has not decided after so many polls (about six hours) is a case for an operator.
const MOST_POLLS: u32 = FAST_POLLS + 12;
/// How often the provider may say no before nobody's answer means that the set-up has failed.
const MOST_REFUSALS: u32 = 3;
/// So long a tenant's answer to a refusal is waited for.
const REFUSAL_OPEN: Duration = Duration::from_secs(2 * 3600);
/// Records that vanished from a domain in use, and stay away so long, degrade it.
const TOLERANCE: Duration = Duration::from_secs(48 * 3600);
/// So long messages that were accepted already may leave from a domain that is removed.
const DRAIN: Duration = Duration::from_secs(15 * 60);

/// The workflow.
pub struct EmailDomain;

/// Where a domain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Is the name free for this tenant?
    Claiming,
    /// Another tenant has it, or had it until a moment ago.
    Disputed,
    /// It is made at the provider.
    Creating,
    /// The tenant is to publish records; we look for them.
    AwaitingDns,
    /// All are there; the provider looks.
    Verifying,
    /// The provider says no.
    Refused,
    /// The provider says nothing.
    Undecided,
    /// Sending is switched on.
    Activating,
    /// Mail leaves from it.
    Verified,
    /// Sending is switched off, since it would not work.
    Degrading,
    /// Mail falls back to the platform's domain; we look for the records.
    Degraded,
    /// Something went wrong that a person must look at.
    Broken,
    /// The records never came.
    Failed,
    /// New mail leaves by the platform's domain.
    Stopping,
    /// What was accepted already may still leave.
    Draining,
    /// It is deleted at the provider.
    Deleting,
    /// It could not be removed.
    DeletionStuck,
    /// It is gone.
    Deactivated,
}
named!(State: Claiming, Disputed, Creating, AwaitingDns, Verifying, Refused, Undecided, Activating, Verified, Degrading, Degraded,
    Broken, Failed, Stopping, Draining, Deleting, DeletionStuck, Deactivated);

/// What a domain's life knows. Records and findings are in the domain's row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Data {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub domain: Domain,
    /// Seconds without a word of the tenant, after which it is asked.
    pub patience: u64,
    /// Seconds added to each daily look, so that not all domains are looked at in the same minute.
    pub jitter: u64,
    /// Mail has left from it.
    #[serde(default)]
    pub was_active: bool,
    /// Looks in a row that found something missing, as far as it matters for the next wait.
    #[serde(default)]
    pub looks: u32,
    /// Polls of the provider since it was asked.
    #[serde(default)]
    pub polls: u32,
    /// How often the provider has said no.
    #[serde(default)]
    pub refusals: u32,
    /// The records of a domain in use have been away for too long: the next look decides.
    #[serde(default)]
    pub overdue: bool,
    /// Looks that found records of a domain in use missing: none, one, more.
    #[serde(default)]
    pub missing: u32,
    /// The provider has it no more.
    #[serde(default)]
    pub lost: bool,
    /// The tenant has shown that the zone is its own, and claims a name that somebody else has not.
    #[serde(default)]
    pub proven: bool,
    /// An operator says that the name may be claimed in spite of who had it last.
    #[serde(default)]
    pub allowed: bool,
    /// An operator says that it is verified, whatever the provider says.
    #[serde(default)]
    pub overridden: bool,
    /// What to go back to when what went wrong is mended.
    #[serde(default)]
    pub broken_in: Option<State>,
    /// What stands in the way.
    #[serde(default)]
    pub fault: Option<Fault>,
}

impl Data {
    /// A domain that nobody has looked at yet.
    #[must_use]
    pub fn new(tenant: TenantId, domain: Domain, patience: Duration, jitter: Duration) -> Self {
        Self {
            tenant,
            domain,
            patience: patience.as_secs(),
            jitter: jitter.as_secs(),
            was_active: false,
            looks: 0,
            polls: 0,
            refusals: 0,
            overdue: false,
            missing: 0,
            lost: false,
            proven: false,
            allowed: false,
            overridden: false,
            broken_in: None,
            fault: None,
        }
    }

    /// Forgets what was counted and what stood in the way: something new begins.
    fn settle(&mut self) {
        (self.looks, self.polls, self.refusals, self.missing, self.overdue) = (0, 0, 0, 0, false);
        (self.lost, self.proven, self.allowed, self.overridden) = (false, false, false, false);
        (self.broken_in, self.fault) = (None, None);
    }
}

impl Workflow for EmailDomain {
    const KIND: &'static str = "email_domain";
    const VERSION: u32 = 1;

    type State = State;
    type Data = Data;
    type Event = Event;
    type Command = Command;
    type Timer = Timer;
    type Notice = Notice;
    type Task = Task;

    fn begin(_: &Data) -> State {
        State::Claiming
    }

    fn enter(state: State, data: &Data) -> Vec<AskOf<Self>> {
        use State as S;
        let command = |command| vec![Ask::Command(command)];
        match state {
            S::Claiming => command(Command::ClaimName { proven: data.proven, allowed: data.allowed }),
            S::Disputed => vec![Ask::Task(Task::SettleDispute)],
            S::Creating => command(Command::CreateDomain),
            S::AwaitingDns => vec![
                Ask::Timer(Timer::GuardOver, GUARD),
                Ask::Timer(Timer::Unheard, Duration::from_secs(data.patience)),
                Ask::Timer(Timer::FirstReminder, DAY),
            ],
            S::Verifying => command(Command::AskProvider),
            S::Refused => vec![Ask::Task(Task::VerificationFailed), Ask::Timer(Timer::AnswerOver, REFUSAL_OPEN)],
            S::Undecided => vec![Ask::Task(Task::VerificationUndecided)],
            S::Activating => command(Command::Activate),
            S::Verified => vec![Ask::Timer(Timer::DailyLook, DAY + Duration::from_secs(data.jitter))],
            S::Degrading => command(Command::FallBack),
            S::Broken => vec![Ask::Task(Task::SomethingBroke)],
            S::Failed => vec![Ask::Task(Task::SetupFailed)],
            S::Stopping => command(Command::StopSending),
            S::Draining => vec![Ask::Command(Command::CountLeaving), Ask::Timer(Timer::DrainOver, DRAIN)],
            S::Deleting => command(Command::DeleteDomain),
            S::DeletionStuck => vec![Ask::Task(Task::RemovalStuck), Ask::Timer(Timer::TryAgain, DAY)],
            // The first look is asked for by whoever comes here: at once, or after a while.
            S::Degraded | S::Deactivated => Vec::new(),
        }
    }

    fn step(state: State, data: &mut Data, heard: &HeardBy<Self>) -> StepOf<Self> {
        use State as S;
        match (state, heard) {
            (S::Stopping | S::Draining | S::Deleting | S::DeletionStuck | S::Deactivated, heard) => {
                gone(state, data, heard)
            }
            // A domain that the provider is about to make would be nobody's: we wait for the answer.
            (S::Creating, Heard::Event(Event::RemovalAsked { .. })) => Step::Postpone,
            (_, Heard::Event(Event::RemovalAsked { .. })) => {
                data.settle();
                Step::go(S::Stopping)
            }
            (S::Claiming | S::Disputed | S::Creating, heard) => begun(state, data, heard),
            (S::AwaitingDns | S::Degraded, heard) => awaited(state, data, heard),
            (S::Verifying | S::Refused | S::Undecided, heard) => verified(state, data, heard),
            (S::Activating | S::Degrading, heard) => switched(state, data, heard),
            (S::Verified, heard) => watched(data, heard),
            (S::Broken | S::Failed, heard) => mended(state, data, heard),
        }
    }

    fn view(state: State, data: &Data) -> View {
        let status = if state == State::Deactivated {
            Status::Completed
        } else if matches!(
            state,
            State::Disputed | State::Refused | State::Undecided | State::Broken | State::Failed | State::DeletionStuck
        ) {
            Status::Waiting
        } else {
            Status::Running
        };
        let shown = shown(state, data);
        let progress = match shown {
            DomainStatus::Created => 10,
            DomainStatus::AwaitingDns | DomainStatus::Failed => 30,
            DomainStatus::Verifying => 60,
            _ => 100,
        };
        let result = json!({ "tenantId": data.tenant, "domain": data.domain, "status": shown });
        View {
            status,
            step: tenantry_kernel::life::name_of(&state),
            progress: Some(progress),
            error: data.fault.clone(),
            result,
        }
    }

    fn entity(data: &Data) -> Option<String> {
        Some(data.domain.to_string())
    }

    fn undoes(state: State, data: &Data) -> Vec<String> {
        form::undone(state, &data.domain)
    }

    fn retry(command: &Command) -> Retry {
        match command {
            // Rows, or a look that can be made again soon.
            Command::ClaimName { .. } | Command::Activate | Command::FallBack | Command::StopSending => {
                Retry::new(8, MINUTE / 60, MINUTE)
            }
            Command::CheckDns | Command::CountLeaving | Command::LookAtProvider => {
                Retry::new(4, MINUTE / 12, 5 * MINUTE)
            }
            Command::CreateDomain | Command::AskProvider => Retry::new(10, MINUTE / 30, 10 * MINUTE),
            // Nobody waits for it, and it must not be forgotten.
            Command::DeleteDomain => Retry::new(20, MINUTE / 30, HOUR),
        }
    }

    fn performer(command: &Command) -> &'static str {
        match command {
            Command::ClaimName { .. } | Command::CreateDomain => "create-domain",
            Command::CheckDns => "check-dns",
            Command::AskProvider | Command::LookAtProvider | Command::Activate | Command::FallBack => "activate-domain",
            Command::StopSending | Command::CountLeaving | Command::DeleteDomain => "delete-domain",
        }
    }

    fn form(task: &Task, data: &Data) -> Form {
        form::form(task, data)
    }

    fn answered(task: &Task, answer: Value, by: &str) -> Result<Event, String> {
        form::answered(task, &answer, by)
    }

    fn signal(name: &str, body: Value) -> Result<Event, String> {
        let by =
            ["by", "cancelledBy"].into_iter().find_map(|name| body[name].as_str()).unwrap_or("somebody").to_owned();
        match name {
            "dnsConfigured" => Ok(Event::DnsConfigured { by }),
            "refreshStatus" => Ok(Event::RefreshAsked { by }),
            "remove" | "cancel" => Ok(Event::RemovalAsked { by }),
            _ => Err(format!(
                "a domain knows no signal {name:?}; it knows: dnsConfigured, refreshStatus, remove, cancel"
            )),
        }
    }

    fn signals() -> &'static [(&'static str, &'static str)] {
        &[
            ("dnsConfigured", "the records are in place: look now"),
            ("refreshStatus", "look now"),
            ("remove", "stop sending from it, and delete it"),
            ("cancel", "the same as remove"),
        ]
    }
}

/// What people are shown in a state.
fn shown(state: State, data: &Data) -> DomainStatus {
    use State as S;
    match state {
        S::Verified => DomainStatus::Verified,
        S::Stopping | S::Draining | S::Deleting | S::DeletionStuck | S::Deactivated => DomainStatus::Deactivated,
        S::Disputed | S::Failed => DomainStatus::Failed,
        S::Broken => {
            data.broken_in.filter(|state| *state != S::Broken).map_or(DomainStatus::Created, |state| shown(state, data))
        }
        // Whatever it goes through, mail has left from it and does not for the moment.
        _ if data.was_active => DomainStatus::Degraded,
        S::Claiming | S::Creating => DomainStatus::Created,
        S::AwaitingDns => DomainStatus::AwaitingDns,
        S::Verifying | S::Refused | S::Undecided | S::Activating => DomainStatus::Verifying,
        S::Degrading | S::Degraded => DomainStatus::Degraded,
    }
}

fn about(data: &Data, details: &[String]) -> About {
    About { tenant: data.tenant, domain: data.domain.clone(), details: details.to_vec() }
}

fn operators(data: &Data, title: &str, text: impl Into<String>) -> AskOf<EmailDomain> {
    Ask::Notice(Notice::OperatorAsked { title: format!("{}: {title}", data.domain), text: text.into() })
}

/// Looks for the records from here on, the first time after `first`, or at once.
fn wait(data: &mut Data, first: Option<Duration>, mut told: Vec<AskOf<EmailDomain>>) -> StepOf<EmailDomain> {
    (data.looks, data.polls, data.broken_in, data.fault) = (u32::from(first.is_some()), 0, None, None);
    told.push(first.map_or(Ask::Command(Command::CheckDns), |after| Ask::Timer(Timer::LookAgain, after)));
    Step::Go(if data.was_active { State::Degraded } else { State::AwaitingDns }, told)
}

fn next_look(data: &mut Data) -> AskOf<EmailDomain> {
    let minutes = LOOKS[(data.looks as usize).min(LOOKS.len() - 1)];
    data.looks = (data.looks + 1).min(LOOKS.len() as u32);
    Ask::Timer(Timer::LookAgain, minutes * MINUTE)
}

fn broke(state: State, data: &mut Data, fault: &Fault) -> StepOf<EmailDomain> {
    (data.broken_in, data.fault) = (Some(state), Some(fault.clone()));
    Step::Go(State::Broken, vec![operators(data, "something unexpected went wrong", &*fault.message)])
}

/// Claiming the name, and making it at the provider.
fn begun(state: State, data: &mut Data, heard: &HeardBy<EmailDomain>) -> StepOf<EmailDomain> {
    use State as S;
    match (state, heard) {
        (S::Claiming, Heard::Event(Event::NameClaimed { clear: true })) => {
            (data.lost, data.proven, data.allowed, data.fault) = (false, false, false, None);
            Step::go(S::Creating)
        }
        // Another tenant has shown the zone to be its own while the provider was being told.
        (S::Claiming | S::Creating, Heard::Event(Event::NameClaimed { clear: false })) => {
            // An operator's word counts until the zone is shown.
            data.proven = false;
            let told = vec![Ask::Notice(Notice::DomainRecordsReady(about(data, &[])))];
            wait(data, Some(LOOKS[0] * MINUTE), told)
        }
        (S::Claiming, Heard::Event(Event::NameTaken { why })) => disputed(data, why, None),
        (S::Claiming, Heard::Event(Event::NameCoolsDown { seconds })) => {
            let why = "Another account has used this domain until a moment ago. It can be added when its time is over; this is done by \
                       itself.";
            disputed(data, why, Some(Duration::from_secs(*seconds)))
        }
        (
            S::Disputed,
            Heard::Fired(Timer::CoolDownOver) | Heard::Event(Event::RefreshAsked { .. } | Event::DnsConfigured { .. }),
        ) => Step::go(S::Claiming),
        (S::Disputed, Heard::Event(Event::ClaimAllowed { .. })) => {
            data.allowed = true;
            Step::go(S::Claiming)
        }
        (S::Creating, Heard::Event(Event::DomainCreated)) => {
            let told = vec![Ask::Notice(Notice::DomainRecordsReady(about(data, &[])))];
            wait(data, Some(LOOKS[0] * MINUTE), told)
        }
        (_, Heard::Event(Event::RefreshAsked { .. } | Event::DnsConfigured { .. })) => {
            Step::Ignore("it is being set up")
        }
        (_, Heard::Event(Event::ProviderTold)) => Step::Ignore("nothing is asked of the provider"),
        (_, Heard::GaveUp(_, fault) | Heard::Unknown(_, fault)) => broke(state, data, fault),
        _ => Step::Unexpected,
    }
}

fn disputed(data: &mut Data, why: &str, cools_down: Option<Duration>) -> StepOf<EmailDomain> {
    let first = data.fault.is_none();
    (data.proven, data.allowed) = (false, false);
    data.fault = Some(Fault::new(ErrorClass::DuplicateError, why));
    let mut asks = Vec::from_iter(cools_down.map(|wait| Ask::Timer(Timer::CoolDownOver, wait)));
    // Who tries again and again does not write to the operators again and again.
    asks.extend(first.then(|| operators(data, "two tenants want this domain", why)));
    Step::Go(State::Disputed, asks)
}

/// Looking for records that are not all there.
fn awaited(state: State, data: &mut Data, heard: &HeardBy<EmailDomain>) -> StepOf<EmailDomain> {
    let first_setup = state == State::AwaitingDns;
    let quiet = Ask::Timer(Timer::Unheard, Duration::from_secs(data.patience));
    match heard {
        Heard::Event(Event::DnsSeen { proven: true, held: false, .. }) => {
            data.proven = true;
            Step::go(State::Claiming)
        }
        Heard::Event(Event::DnsSeen { all: Records::Complete, held: true, .. }) => {
            (data.polls, data.looks, data.allowed) = (0, 0, false);
            Step::go(if data.overridden { State::Activating } else { State::Verifying })
        }
        Heard::Event(Event::DnsSeen { .. })
        | Heard::GaveUp(Command::CheckDns, _)
        | Heard::Unknown(Command::CheckDns, _) => Step::Stay(vec![next_look(data)]),
        Heard::Fired(Timer::LookAgain) => Step::Stay(vec![Ask::Command(Command::CheckDns)]),
        Heard::Event(Event::RefreshAsked { .. } | Event::DnsConfigured { .. }) => {
            data.looks = 0;
            Step::Stay([Ask::Command(Command::CheckDns)].into_iter().chain(first_setup.then_some(quiet)).collect())
        }
        Heard::Event(Event::ProviderTold) => Step::Ignore("the records are looked for first"),
        Heard::Fired(Timer::Unheard) => Step::Stay(vec![Ask::Task(Task::StillWaiting)]),
        Heard::Event(Event::WaitChosen { .. }) => Step::Stay(vec![Ask::Timer(Timer::Unheard, DAY)]),
        Heard::Event(Event::HelpAsked { by }) => {
            let help = operators(data, "the tenant asks for help with its records", format!("Asked by {by}."));
            Step::Stay(vec![help, Ask::Timer(Timer::Unheard, DAY)])
        }
        Heard::Fired(Timer::FirstReminder) => {
            let told = Ask::Notice(Notice::DomainReminded(about(data, &[])));
            Step::Stay(vec![told, Ask::Timer(Timer::SecondReminder, 2 * DAY)])
        }
        Heard::Fired(Timer::SecondReminder) => {
            let stalled = operators(data, "the set-up stalls", "Its records have not been published for three days.");
            Step::Stay(vec![Ask::Notice(Notice::DomainReminded(about(data, &[]))), stalled])
        }
        Heard::Fired(Timer::GuardOver) => {
            failed(data, "The records were not published within seven days, so we have stopped looking for them.")
        }
        _ => Step::Unexpected,
    }
}

fn failed(data: &mut Data, why: &str) -> StepOf<EmailDomain> {
    data.settle();
    data.fault = Some(Fault::new(ErrorClass::ValidationError, why));
    let told = Ask::Notice(Notice::DomainFailed(about(data, &[why.to_owned()])));
    Step::Go(State::Failed, vec![told, operators(data, "the set-up has failed", why)])
}

/// The provider looks.
fn verified(state: State, data: &mut Data, heard: &HeardBy<EmailDomain>) -> StepOf<EmailDomain> {
    use State as S;
    match (state, heard) {
        (_, Heard::Event(Event::ProviderSeen { status: AtProvider::Verified, .. })) => {
            (data.polls, data.refusals, data.fault) = (0, 0, None);
            Step::go(S::Activating)
        }
        (S::Verifying, Heard::Event(Event::ProviderSeen { status: AtProvider::Failed, reason })) => {
            data.polls = 0;
            data.fault = Some(Fault::new(ErrorClass::SenderRefused, reason));
            // Whoever does not answer is not written to for ever.
            let told = (data.refusals < MOST_REFUSALS)
                .then(|| Ask::Notice(Notice::DomainRefused(about(data, std::slice::from_ref(reason)))));
            Step::Go(S::Refused, Vec::from_iter(told))
        }
        (S::Verifying, Heard::Event(Event::VerificationAsked)) => Step::Stay(vec![Ask::Timer(Timer::Poll, POLL)]),
        (S::Verifying, Heard::Event(Event::ProviderSeen { status: AtProvider::Pending, .. })) => {
            data.polls += 1;
            if data.polls < MOST_POLLS {
                let wait = if data.polls < FAST_POLLS { POLL } else { LATER_POLL };
                return Step::Stay(vec![Ask::Timer(Timer::Poll, wait)]);
            }
            data.polls = 0;
            let why = "The records are there, and the mail service has not confirmed them for hours.";
            data.fault = Some(Fault::new(ErrorClass::TimeoutError, why));
            Step::Go(S::Undecided, vec![operators(data, "the provider does not decide", why)])
        }
        (S::Refused | S::Undecided, Heard::Event(Event::ProviderSeen { .. })) => Step::stay(),
        (_, Heard::Event(Event::ProviderLost)) => {
            (data.polls, data.fault) = (0, None);
            Step::go(S::Claiming)
        }
        (
            S::Verifying,
            Heard::Fired(Timer::Poll) | Heard::Event(Event::RefreshAsked { .. } | Event::DnsConfigured { .. }),
        )
        | (_, Heard::Event(Event::ProviderTold)) => Step::Stay(vec![Ask::Command(Command::LookAtProvider)]),
        (S::Verifying, Heard::GaveUp(_, fault) | Heard::Unknown(_, fault)) => {
            data.polls = 0;
            broke(state, data, fault)
        }
        (_, Heard::GaveUp(..) | Heard::Unknown(..)) => Step::Ignore("a person is asked already"),
        (
            S::Refused,
            Heard::Event(Event::RetryChosen { .. } | Event::RefreshAsked { .. } | Event::DnsConfigured { .. }),
        ) => wait(data, None, Vec::new()),
        (S::Refused, Heard::Event(Event::HelpAsked { by })) => {
            let help = operators(data, "the tenant asks for help: the provider says no", format!("Asked by {by}."));
            Step::Go(S::Refused, vec![help])
        }
        (S::Refused, Heard::Fired(Timer::AnswerOver)) => {
            data.refusals += 1;
            if data.refusals >= MOST_REFUSALS && !data.was_active {
                return failed(
                    data,
                    "The mail service has refused the records again and again, and nobody has answered.",
                );
            }
            data.refusals = data.refusals.min(MOST_REFUSALS);
            wait(data, Some(HOUR), Vec::new())
        }
        // The records are looked at once more: the last look may be days ago.
        (S::Undecided, Heard::Event(Event::OverrideChosen { .. })) => {
            data.overridden = true;
            wait(data, None, Vec::new())
        }
        (
            S::Undecided,
            Heard::Event(Event::RetryChosen { .. } | Event::RefreshAsked { .. } | Event::DnsConfigured { .. }),
        ) => {
            data.fault = None;
            Step::go(S::Verifying)
        }
        (S::Undecided, Heard::Event(Event::HelpAsked { by })) => Step::Go(
            S::Undecided,
            vec![operators(data, "escalated: the provider does not decide", format!("By {by}."))],
        ),
        _ => Step::Unexpected,
    }
}

/// Switching sending on and off: rows, in one transaction.
fn switched(state: State, data: &mut Data, heard: &HeardBy<EmailDomain>) -> StepOf<EmailDomain> {
    use State as S;
    match (state, heard) {
        (S::Activating, Heard::Event(Event::Activated)) => {
            data.settle();
            data.was_active = true;
            Step::Go(S::Verified, vec![Ask::Notice(Notice::DomainVerified(about(data, &[])))])
        }
        (S::Activating, Heard::Event(Event::NameTaken { why })) => disputed(data, why, None),
        (S::Activating, Heard::Event(Event::NotActivated)) => wait(data, None, Vec::new()),
        (S::Degrading, Heard::Event(Event::FellBack)) => {
            let why = data.fault.take().map(|fault| fault.message);
            let told = Ask::Notice(Notice::DomainDegraded(about(data, &Vec::from_iter(why))));
            (data.missing, data.overdue) = (0, false);
            if data.lost { Step::Go(S::Claiming, vec![told]) } else { wait(data, Some(LOOKS[0] * MINUTE), vec![told]) }
        }
        (_, Heard::Event(Event::RefreshAsked { .. } | Event::DnsConfigured { .. } | Event::ProviderTold)) => {
            Step::Ignore("it is looked at soon")
        }
        (_, Heard::GaveUp(_, fault) | Heard::Unknown(_, fault)) => broke(state, data, fault),
        _ => Step::Unexpected,
    }
}

/// A domain in use.
fn watched(data: &mut Data, heard: &HeardBy<EmailDomain>) -> StepOf<EmailDomain> {
    let daily = Ask::Timer(Timer::DailyLook, DAY + Duration::from_secs(data.jitter));
    match heard {
        Heard::Fired(Timer::DailyLook) | Heard::Event(Event::RefreshAsked { .. } | Event::DnsConfigured { .. }) => {
            Step::Stay(vec![Ask::Command(Command::CheckDns), Ask::Command(Command::LookAtProvider)])
        }
        Heard::Event(Event::ProviderTold) => Step::Stay(vec![Ask::Command(Command::LookAtProvider)]),
        Heard::Event(Event::DnsSeen { sending: Records::Complete, .. }) => {
            if data.missing == 0 {
                return Step::Stay(vec![daily]);
            }
            // They are back: whatever ran against them is over.
            (data.missing, data.overdue) = (0, false);
            Step::go(State::Verified)
        }
        Heard::Event(Event::DnsSeen { sending: Records::Incomplete, missing, .. }) => {
            let first = data.missing == 0;
            data.missing = (data.missing + 1).min(2);
            if data.overdue && !first {
                let words = format!("These records have been missing for two days: {}.", missing.join(", "));
                data.fault = Some(Fault::new(ErrorClass::SenderRefused, words));
                return Step::go(State::Degrading);
            }
            let mut asks = vec![daily];
            if first {
                asks.push(Ask::Notice(Notice::DomainRecordsVanished(about(data, missing))));
                asks.push(Ask::Timer(Timer::VanishedTooLong, TOLERANCE));
            }
            Step::Stay(asks)
        }
        // Nobody could say: soon again, and nothing else.
        Heard::Event(Event::DnsSeen { .. })
        | Heard::GaveUp(Command::CheckDns, _)
        | Heard::Unknown(Command::CheckDns, _) => Step::Stay(vec![Ask::Timer(Timer::DailyLook, HOUR)]),
        Heard::Fired(Timer::VanishedTooLong) => {
            data.overdue = true;
            Step::Stay(vec![Ask::Command(Command::CheckDns)])
        }
        Heard::Event(Event::ProviderSeen { status: AtProvider::Failed, reason }) => {
            data.fault = Some(Fault::new(ErrorClass::SenderRefused, reason));
            Step::go(State::Degrading)
        }
        Heard::Event(Event::ProviderSeen { .. }) => Step::stay(),
        Heard::Event(Event::ProviderLost) => {
            data.lost = true;
            data.fault =
                Some(Fault::new(ErrorClass::SenderRefused, "The mail service does not know the domain any more."));
            Step::go(State::Degrading)
        }
        Heard::GaveUp(..) | Heard::Unknown(..) => Step::Ignore("the provider is asked again with the next look"),
        _ => Step::Unexpected,
    }
}

/// What waits for a person.
fn mended(state: State, data: &mut Data, heard: &HeardBy<EmailDomain>) -> StepOf<EmailDomain> {
    match heard {
        Heard::Event(Event::RetryChosen { .. } | Event::RefreshAsked { .. } | Event::DnsConfigured { .. }) => {
            data.fault = None;
            match data.broken_in.take() {
                Some(state) => Step::go(state),
                None => wait(data, None, Vec::new()),
            }
        }
        Heard::Event(Event::HelpAsked { by }) => {
            let why = data.fault.as_ref().map_or("", |fault| &fault.message);
            let words = format!("Asked by {by}. {why}");
            Step::Go(state, vec![operators(data, "the tenant asks for help", words)])
        }
        Heard::Event(Event::ProviderTold) => Step::Ignore("a person is asked"),
        _ => Step::Unexpected,
    }
}

/// On its way out.
fn gone(state: State, data: &mut Data, heard: &HeardBy<EmailDomain>) -> StepOf<EmailDomain> {
    use State as S;
    match (state, heard) {
        (_, Heard::Event(Event::RemovalAsked { .. } | Event::ProviderTold)) => {
            Step::Ignore("it is being removed already")
        }
        (S::DeletionStuck, Heard::Fired(Timer::TryAgain) | Heard::Event(Event::RetryChosen { .. })) => {
            data.fault = None;
            Step::go(data.broken_in.take().unwrap_or(S::Deleting))
        }
        (S::DeletionStuck, Heard::Event(Event::HelpAsked { by })) => {
            Step::Go(state, vec![operators(data, "escalated: it cannot be removed", format!("By {by}."))])
        }
        (_, Heard::Event(Event::RefreshAsked { .. } | Event::DnsConfigured { .. })) => Step::Refuse(
            "The domain is being removed. Add it again when that is done; it takes a few minutes.".to_owned(),
        ),
        (S::Stopping, Heard::Event(Event::Stopped)) => Step::go(S::Draining),
        (S::Draining, Heard::Event(Event::Leaving { messages: 0 }) | Heard::Fired(Timer::DrainOver)) => {
            Step::go(S::Deleting)
        }
        (S::Draining, Heard::Event(Event::Leaving { .. }) | Heard::GaveUp(..) | Heard::Unknown(..)) => {
            Step::Stay(vec![Ask::Timer(Timer::CountAgain, POLL)])
        }
        (S::Draining, Heard::Fired(Timer::CountAgain)) => Step::Stay(vec![Ask::Command(Command::CountLeaving)]),
        (S::Deleting, Heard::Event(Event::Deleted)) => {
            Step::Go(S::Deactivated, vec![Ask::Notice(Notice::DomainDeactivated(about(data, &[])))])
        }
        (_, Heard::GaveUp(_, fault) | Heard::Unknown(_, fault)) => {
            (data.broken_in, data.fault) = (Some(state), Some(fault.clone()));
            Step::Go(S::DeletionStuck, vec![operators(data, "it cannot be removed", &*fault.message)])
        }
        _ => Step::Unexpected,
    }
}
