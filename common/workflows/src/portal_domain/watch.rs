//! A hostname in use.

use std::time::Duration;

use tenantry_kernel::{
    Heard, Step,
    workflow::{Ask, AskOf, HeardBy, StepOf},
};

use super::{
    CONFIRM, Certificate, Command, DAY, Data, Event, HOUR, Issuing, Notice, Ownership, Pointing, PortalDomain, Routing,
    State, Timer, about, operators, withdraw,
};

/// A hostname in use. One look is three: at the DNS, at the portal, at the certificate; then it rests.
pub(super) fn watched(state: State, data: &mut Data, heard: &HeardBy<PortalDomain>) -> StepOf<PortalDomain> {
    use State as S;
    let then = |command| Step::Stay(vec![Ask::Command(command)]);
    match heard {
        Heard::Fired(Timer::LookAgain) => {
            data.may_confirm = true;
            then(Command::CheckHost)
        }
        Heard::Event(Event::RefreshAsked { .. } | Event::RetryAsked { .. }) => then(Command::CheckHost),
        Heard::Fired(Timer::MovedTooLong) => {
            data.overdue = true;
            then(Command::CheckHost)
        }
        Heard::Event(Event::RivalSeen) => {
            data.rival = true;
            let soon = (state == S::Moved).then_some(Ask::Timer(Timer::MovedTooLong, CONFIRM));
            Step::Stay([Ask::Command(Command::CheckHost)].into_iter().chain(soon).collect())
        }
        Heard::Event(Event::HostSeen { pointing, words }) => {
            data.words.clone_from(words);
            let confirmed = std::mem::take(&mut data.may_confirm) && data.agreed > 0;
            match pointing {
                Pointing::Here => {
                    (data.agreed, data.overdue, data.rival) = (0, false, false);
                    data.axes.ownership = Ownership::Verified;
                    if state == S::Moved { Step::go(S::Active) } else { then(Command::Visit) }
                }
                Pointing::Elsewhere if state == S::Moved && data.overdue => withdraw(
                    data,
                    "It has pointed elsewhere for too long, so we have taken it down. The canonical host goes on serving.",
                ),
                Pointing::Elsewhere if state == S::Active && confirmed => {
                    (data.agreed, data.axes.ownership) = (0, Ownership::Moved);
                    Step::Go(S::Moved, vec![Ask::Notice(Notice::PortalMoved(about(data)))])
                }
                Pointing::Elsewhere => {
                    data.agreed = u32::from(state == S::Active);
                    then(Command::Visit)
                }
                Pointing::Proxied | Pointing::Unclear => {
                    if state == S::Active {
                        let proxied = *pointing == Pointing::Proxied;
                        data.axes.ownership = if proxied { Ownership::Proxied } else { Ownership::Unclear };
                    }
                    then(Command::Visit)
                }
            }
        }
        Heard::Event(Event::Visited { live, words, concerns }) => {
            let mut asks = vec![Ask::Command(Command::LookAtCertificate)];
            if !leads_here(data) {
                return Step::Stay(asks);
            }
            data.concerned = concerns.is_some();
            if let Some(concerns) = concerns {
                asks.extend(failing(data, "its certificate needs a look", concerns));
            }
            if *live {
                (data.troubles, data.axes.routing) = (0, Routing::Live);
                if !words.is_empty() {
                    data.words.clone_from(words);
                }
                return Step::Stay(asks);
            }
            data.words.clone_from(words);
            data.troubles += 1;
            if data.troubles > 1 && data.axes.routing == Routing::Live {
                data.axes.routing = Routing::Troubled;
                asks.push(operators(data, "the portal does not answer as it should", words));
            }
            data.troubles = data.troubles.min(2);
            Step::Stay(asks)
        }
        Heard::Event(Event::CertificateSeen { issuing, words, detail }) => {
            let mut asks = vec![rest(data)];
            // What is missing, the standing reconcile brings back.
            if *issuing == Issuing::Refused && leads_here(data) {
                data.words.clone_from(words);
                asks.extend(failing(data, "its certificate is not renewed", detail));
            } else if *issuing != Issuing::Refused && !data.concerned {
                data.axes.certificate = Certificate::Ready;
            }
            Step::Stay(asks)
        }
        // Nobody could say: soon again, and nothing else.
        Heard::GaveUp(..) | Heard::Unknown(..) => Step::Stay(vec![Ask::Timer(Timer::LookAgain, HOUR)]),
        _ => Step::Unexpected,
    }
}

/// Something is wrong with the certificate: the operators are told when it begins, and not at each look.
fn failing(data: &mut Data, title: &str, text: &str) -> Option<AskOf<PortalDomain>> {
    let first = data.axes.certificate != Certificate::RenewalFailing;
    data.axes.certificate = Certificate::RenewalFailing;
    first.then(|| operators(data, title, text))
}

/// What answers under a name that leads elsewhere is none of ours, and where nobody can say, a visit finds nobody: neither says
/// anything about our gateway, and what the DNS said is what the tenant is to read.
fn leads_here(data: &Data) -> bool {
    data.agreed == 0 && matches!(data.axes.ownership, Ownership::Verified | Ownership::Proxied)
}

/// Until a hostname in use is looked at again: a day, or less where something is not as it should be.
pub(super) fn rest(data: &Data) -> AskOf<PortalDomain> {
    let wait = match (data.agreed, data.axes.ownership, data.troubles) {
        (1.., ..) if data.rival => CONFIRM,
        (1.., ..) | (_, Ownership::Unclear, _) => HOUR,
        (.., 1) => CONFIRM,
        _ => DAY + Duration::from_secs(data.jitter),
    };
    Ask::Timer(Timer::LookAgain, wait)
}
