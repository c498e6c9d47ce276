//! A hostname on its way out, out, and back.

use tenantry_kernel::{
    Heard, Step,
    workflow::{Ask, HeardBy, StepOf},
};

use super::{
    Axes, BUSY, Command, Data, Event, MINUTE, Notice, PortalDomain, REMOVED, REMOVING, Routing, State, SyncedTo, Timer,
    about, broke, operators, ours, wait,
};

/// On its way out, out, and back.
pub(super) fn gone(state: State, data: &mut Data, heard: &HeardBy<PortalDomain>) -> StepOf<PortalDomain> {
    use State as S;
    match (state, heard) {
        (S::Closing, Heard::Event(Event::Closed)) => Step::go(S::Closed),
        (S::Closed, _) => Step::Ignore("it is over"),
        (
            S::Disabled,
            Heard::Event(Event::Superseded { .. } | Event::RemovalAsked { .. }) | Heard::Fired(Timer::Forgotten),
        ) => Step::go(S::Closing),
        (_, Heard::Event(Event::Superseded { by })) => {
            data.superseded = Some(by.clone());
            Step::stay()
        }
        (_, Heard::Event(Event::RemovalAsked { .. } | Event::RivalSeen)) => {
            Step::Ignore("it is being taken down already")
        }
        (S::Disabled, Heard::Event(Event::RefreshAsked { .. } | Event::RetryAsked { .. })) => Step::go(S::Reopening),
        (S::Reopening, Heard::Event(Event::Reopened)) if data.superseded.is_none() => wait(data),
        // The tenant has another one by now.
        (S::Reopening, Heard::Event(Event::Reopened | Event::NotReopened)) => Step::go(S::Closing),
        (_, Heard::Event(Event::RefreshAsked { .. } | Event::RetryAsked { .. })) => Step::Refuse(
            "The hostname is being taken down. Set it again when that is done; it takes a minute.".to_owned(),
        ),
        (S::Withdrawing, Heard::Event(Event::Withdrawn { served: true })) => Step::go(S::Pruning),
        (S::Withdrawing, Heard::Event(Event::Withdrawn { served: false }))
        | (S::Pruning, Heard::Event(Event::Synced(SyncedTo::Gone))) => {
            (data.axes, data.looks) = (Axes { routing: Routing::Withdrawn, ..Axes::default() }, 0);
            if data.words == REMOVING {
                REMOVED.clone_into(&mut data.words);
            }
            if data.fault.take().is_some() {
                // What stood in the way does not any more.
                data.words.clear();
            }
            let told = Ask::Notice(Notice::PortalRemoved(about(data)));
            Step::Go(if data.superseded.is_some() { S::Closing } else { S::Disabled }, vec![told])
        }
        (S::Pruning, Heard::Event(Event::Synced(SyncedTo::Busy))) => {
            Step::Stay(vec![Ask::Timer(Timer::LookAgain, BUSY)])
        }
        (S::Pruning, Heard::Event(Event::Synced(SyncedTo::Broken(fault)))) => {
            Step::Stay(ours(data, fault, "it cannot be taken down"))
        }
        (S::Pruning, Heard::Event(Event::Synced(SyncedTo::Refused { detail, .. }))) => {
            let told = operators(data, "the cluster does not let us take it down", detail);
            Step::Stay(vec![told, Ask::Timer(Timer::LookAgain, 15 * MINUTE)])
        }
        // Held by the brake until an operator has looked.
        (S::Pruning, Heard::Event(Event::Synced(_))) => Step::Stay(vec![Ask::Timer(Timer::LookAgain, 5 * MINUTE)]),
        (S::Pruning, Heard::GaveUp(_, fault) | Heard::Unknown(_, fault)) => {
            Step::Stay(ours(data, fault, "it cannot be taken down"))
        }
        (S::Pruning, Heard::Fired(Timer::LookAgain)) => Step::Stay(vec![Ask::Command(Command::Sync)]),
        (_, Heard::GaveUp(_, fault) | Heard::Unknown(_, fault)) => broke(state, data, fault),
        _ => Step::Unexpected,
    }
}
