//! The kernel itself, on a small life that uses all of it: postponing, timers, tasks, versions.
#![allow(clippy::unwrap_used, missing_docs)]

use std::time::Duration;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry_kernel::{
    EntryKind, Form, Heard, Input, Life, Outcome, Retry, Status, Step, View, Workflow,
    advance::{Deaf, advance, start},
    life::name_of,
    named,
    sim::{Rehearsal, Theatre, explore},
    workflow::{Ask, AskOf, HeardBy, StepOf},
};
use tenantry_model::{ErrorClass, Fault};

/// A door that is made, opened and closed; a wish to open it while it is being made waits.
struct Door;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Making,
    Closed,
    Open,
    Stuck,
    Gone,
}
named!(State: Making, Closed, Open, Stuck, Gone);

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Data {
    opened: bool,
    painted: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
enum Event {
    Made,
    OpenAsked,
    PaintAsked(String),
    RemoveAsked,
    RetryChosen,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
enum Command {
    Make,
    Paint,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
enum Timer {
    SwingShut,
}

impl Workflow for Door {
    const KIND: &'static str = "door";
    const VERSION: u32 = 2;
    type State = State;
    type Data = Data;
    type Event = Event;
    type Command = Command;
    type Timer = Timer;
    type Notice = String;
    type Task = String;

    fn begin(_: &Data) -> State {
        State::Making
    }

    fn enter(state: State, _: &Data) -> Vec<AskOf<Self>> {
        match state {
            State::Making => vec![Ask::Command(Command::Make)],
            State::Closed => vec![Ask::Timer(Timer::SwingShut, Duration::from_secs(3600))],
            State::Open => vec![Ask::Timer(Timer::SwingShut, Duration::from_secs(60)), Ask::Notice("draught".into())],
            State::Stuck => vec![Ask::Task("unstick".into())],
            State::Gone => vec![],
        }
    }

    fn step(state: State, data: &mut Data, heard: &HeardBy<Self>) -> StepOf<Self> {
        match (state, heard) {
            (State::Making, Heard::Event(Event::Made)) => Step::go(State::Closed),
            (State::Making, Heard::GaveUp(..) | Heard::Unknown(..)) => Step::go(State::Stuck),
            (State::Making, Heard::Event(Event::OpenAsked | Event::RemoveAsked)) => Step::Postpone,
            (State::Stuck, Heard::Event(Event::RetryChosen)) => Step::go(State::Making),
            (State::Stuck, Heard::Event(Event::OpenAsked)) => Step::Refuse("the door is stuck".into()),
            (State::Closed, Heard::Event(Event::OpenAsked)) => {
                data.opened = true;
                Step::go(State::Open)
            }
            (State::Open, Heard::Event(Event::OpenAsked)) => Step::Ignore("it is open"),
            (State::Open, Heard::Fired(Timer::SwingShut)) => Step::go(State::Closed),
            (State::Closed, Heard::Fired(Timer::SwingShut)) => Step::go(State::Gone),
            (_, Heard::Event(Event::RemoveAsked)) => Step::go(State::Gone),
            (_, Heard::Event(Event::PaintAsked(colour))) => {
                data.painted.clone_from(colour);
                Step::Stay(vec![Ask::Notice(format!("painted {colour}"))])
            }
            _ => Step::Unexpected,
        }
    }

    fn view(state: State, data: &Data) -> View {
        let status = match state {
            State::Gone => Status::Completed,
            State::Stuck => Status::Waiting,
            _ => Status::Running,
        };
        let progress = match state {
            State::Making => Some(10),
            State::Closed => Some(40),
            State::Open => Some(60),
            _ => None,
        };
        View { status, step: name_of(&state), progress, error: None, result: json!(data) }
    }

    fn retry(_: &Command) -> Retry {
        Retry::new(5, Duration::from_secs(1), Duration::from_secs(4))
    }

    fn performer(_: &Command) -> &'static str {
        "carpenter"
    }

    fn form(_: &String, _: &Data) -> Form {
        Form {
            title: "The door is stuck".into(),
            text: String::new(),
            schema: json!({}),
            context: json!({}),
            open_for: None,
            operators_only: false,
        }
    }

    fn answered(_: &String, _: Value, _: &str) -> Result<Event, String> {
        Ok(Event::RetryChosen)
    }

    fn signal(_: &str, _: Value) -> Result<Event, String> {
        Ok(Event::OpenAsked)
    }

    fn signals() -> &'static [(&'static str, &'static str)] {
        &[]
    }

    fn upgrade(from: u32, mut life: Value) -> Result<Value, String> {
        // Version 1 had no colours.
        if from != 1 {
            return Err(format!("no upgrade from {from}"));
        }
        life["data"]["painted"] = json!("raw");
        Ok(life)
    }
}

struct Doors;
impl Rehearsal for Doors {
    type Life = Door;
    fn starts() -> Vec<Data> {
        vec![Data::default()]
    }
    fn answers(_: &Command) -> Vec<Event> {
        vec![Event::Made]
    }
    fn wishes() -> Vec<Event> {
        vec![Event::PaintAsked("red".into()), Event::PaintAsked("blue".into()), Event::RemoveAsked]
    }
    fn replies(_: &String) -> Vec<Value> {
        vec![json!("retry")]
    }
}

fn wish(event: &Event) -> Input {
    Input { kind: EntryKind::Signal, epoch: None, heard: Heard::Event(json!(event)) }
}

fn made(life: &Life) -> Input {
    Input { kind: EntryKind::Answer, epoch: Some(life.epoch), heard: Heard::Event(json!(Event::Made)) }
}

#[test]
fn a_postponed_wish_is_heard_once_the_state_has_changed() {
    let begun = start::<Door>(Data::default());
    let waiting = advance::<Door>(&begun.life, wish(&Event::OpenAsked)).unwrap();
    assert_eq!(waiting.entries[0].outcome, Outcome::Postponed);
    assert_eq!((waiting.state.as_str(), waiting.life.postponed.len()), ("making", 1));
    let after = advance::<Door>(&waiting.life, made(&waiting.life)).unwrap();
    let heard: Vec<_> = after.entries.iter().map(|entry| (entry.name.as_str(), entry.to.as_str())).collect();
    assert_eq!(heard, [("Made", "closed"), ("OpenAsked", "open")]);
    assert!(after.life.postponed.is_empty());
    let timers: Vec<_> = after.timers.iter().map(|timer| timer.after).collect();
    assert_eq!(timers, [Duration::from_secs(60)], "the timer of the state that was passed through is withdrawn");
}

#[test]
fn what_was_asked_in_an_older_epoch_is_recorded_and_dropped() {
    let begun = start::<Door>(Data::default());
    let closed = advance::<Door>(&begun.life, made(&begun.life)).unwrap();
    let again = advance::<Door>(&closed.life, made(&begun.life)).unwrap();
    assert_eq!(again.entries[0].outcome, Outcome::Late);
    assert_eq!(again.life, closed.life);
}

#[test]
fn a_refused_wish_leaves_no_trace_and_an_ended_life_refuses_all() {
    let mut door = Theatre::<Door>::new(Data::default());
    door.fail(&Fault::new(ErrorClass::DatabaseError, "no wood")).unwrap();
    assert_eq!(door.now(), Duration::from_secs(1 + 2 + 4 + 4), "five tries, doubling to the longest wait");
    let before = door.life().clone();
    assert_eq!(door.wish(&Event::OpenAsked), Err(Deaf::Refused("the door is stuck".into())));
    assert_eq!(*door.life(), before);
    door.wish(&Event::RemoveAsked).unwrap();
    assert!(matches!(door.wish(&Event::OpenAsked), Err(Deaf::Refused(why)) if why.contains("has ended")));
}

#[test]
fn an_older_life_is_upgraded_and_a_newer_one_is_left_alone() {
    let old = Life { version: 1, data: json!({ "opened": false }), ..start::<Door>(Data::default()).life };
    let change = advance::<Door>(&old, made(&old)).unwrap();
    assert_eq!((change.life.version, &change.life.data["painted"]), (2, &json!("raw")));
    let newer = Life { version: 3, ..old };
    assert!(matches!(advance::<Door>(&newer, made(&newer)), Err(Deaf::Newer { found: 3, known: 2, .. })));
}

#[test]
fn every_story_of_the_door_holds() {
    let explored = explore::<Doors>().unwrap_or_else(|broken| panic!("{broken}"));
    assert!(explored.ends.contains("gone"));
}

#[test]
fn the_simulator_finds_a_life_that_waits_for_nothing() {
    struct Forgotten;
    impl Rehearsal for Forgotten {
        type Life = Door;
        fn starts() -> Vec<Data> {
            vec![Data::default()]
        }
        fn answers(_: &Command) -> Vec<Event> {
            // An answer that the state does not know.
            vec![Event::RetryChosen]
        }
        fn wishes() -> Vec<Event> {
            vec![]
        }
        fn replies(_: &String) -> Vec<Value> {
            vec![]
        }
    }
    let broken = explore::<Forgotten>().unwrap_err();
    assert!(broken.why.contains("RetryChosen in making is unexpected"), "{broken}");
}

#[derive(Debug, Clone)]
enum Act {
    Answer,
    Fail,
    Pass(u64),
    Wish(Event),
    Reply,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        Just(Act::Answer),
        Just(Act::Fail),
        (0u64..5000).prop_map(Act::Pass),
        prop_oneof![Just(Event::OpenAsked), Just(Event::RemoveAsked), "[a-z]{0,3}".prop_map(Event::PaintAsked)]
            .prop_map(Act::Wish),
        Just(Act::Reply),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_epochs_and_progress_never_fall_and_a_living_life_waits_for_something(acts in prop::collection::vec(act(), 0..60)) {
        let mut door = Theatre::<Door>::new(Data::default());
        let (mut epoch, mut progress) = (door.life().epoch, door.life().progress);
        for act in acts {
            // Refusals, and acts for which nothing is open, are part of the play.
            let _ = match act {
                Act::Answer => door.answer(&Event::Made),
                Act::Fail => door.fail(&Fault::new(ErrorClass::EmailError, "later")),
                Act::Pass(seconds) => door.pass(Duration::from_secs(seconds)),
                Act::Wish(event) => door.wish(&event),
                Act::Reply => door.reply(json!("retry")),
            };
            prop_assert!(door.life().epoch >= epoch && door.life().progress >= progress, "{}", door.transcript());
            (epoch, progress) = (door.life().epoch, door.life().progress);
            prop_assert!(door.status().ended() || door.is_waiting(), "{}", door.transcript());
            let stored = serde_json::to_string(door.life()).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Life>(&stored).unwrap(), door.life());
        }
    }
}
