//! Every story: all moments a life can be in are visited, and at each of them everything that may happen, happens.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use super::{
    Rehearsal,
    world::{Act, World, outcome},
};
use crate::{
    advance::{Deaf, advance, plain, start},
    life::{Change, Life, NewCommand, NewTimer, Outcome, name_of},
    workflow::{Heard, Workflow},
};

/// More moments than this, and the life's data counts something without end.
const MOST_MOMENTS: usize = 20_000;

/// One arrow of the table: in this state, hearing this, that follows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// The state in which it is heard.
    pub state: String,
    /// What is heard: an event, `... fired`, `... gave up`, `... unknown`.
    pub heard: String,
    /// What follows: `-> state`, `stays`, `postponed`, `ignored`, `refused`.
    pub follows: String,
}

/// What a state asks for when it is entered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub(crate) commands: BTreeMap<String, NewCommand>,
    pub(crate) timers: BTreeMap<String, NewTimer>,
    pub(crate) tasks: BTreeSet<String>,
}

/// All stories of a life, folded together.
#[derive(Debug, Clone, Default)]
pub struct Explored {
    /// How many distinct moments were visited.
    pub moments: usize,
    /// How many stories were continued by one step.
    pub steps: usize,
    /// Every arrow that some story took.
    pub rows: BTreeSet<Row>,
    /// Every state that some story reached.
    pub states: BTreeSet<String>,
    /// Every state in which some story ended.
    pub ends: BTreeSet<String>,
    pub(crate) asked: BTreeMap<String, Asked>,
}

/// A story in which something went wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}\n  the story: {}", story.join(", then "))]
pub struct Broken {
    /// What is wrong.
    pub why: String,
    /// What happened until then.
    pub story: Vec<String>,
}

/// Visits every moment of the life, and demands at each that
/// - a life that has not ended waits for something, and an ended one for nothing;
/// - an answer told twice, or asked for in an older epoch, changes nothing;
/// - a crash after the commit loses nothing: what is stored reads back as it was;
/// - progress never runs backwards;
/// - nothing that was asked for is answered by *unexpected*.
///
/// # Errors
/// The first story in which one of these does not hold.
pub fn explore<R: Rehearsal>() -> Result<Explored, Broken> {
    let mut explored = Explored::default();
    let mut seen = BTreeSet::new();
    let mut queue = VecDeque::new();
    for data in R::starts() {
        let change = start::<R::Life>(data);
        explored.note(&change);
        queue.push_back((World::new(change), vec!["started".to_owned()]));
    }
    while let Some((world, story)) = queue.pop_front() {
        if !seen.insert(key::<R>(&world)) {
            continue;
        }
        if seen.len() > MOST_MOMENTS {
            return Err(Broken { why: format!("more than {MOST_MOMENTS} moments: the data grows without end"), story });
        }
        explored.states.insert(state_of::<R::Life>(&world.life));
        check_waiting(&world, &story)?;
        if world.view.status.ended() {
            explored.ends.insert(state_of::<R::Life>(&world.life));
        }
        for act in acts::<R>(&world) {
            explored.steps += 1;
            if let Some((next, told)) = continue_story::<R>(&world, &act, &story, &mut explored)? {
                queue.push_back((next, [story.clone(), vec![told]].concat()));
            }
        }
    }
    explored.moments = seen.len();
    Ok(explored)
}

fn continue_story<R: Rehearsal>(
    world: &World,
    act: &Act,
    story: &[String],
    explored: &mut Explored,
) -> Result<Option<(World, String)>, Broken> {
    let broken = |why: String| Broken { why, story: story.to_vec() };
    let state = state_of::<R::Life>(&world.life);
    let heard = told::<R::Life>(world, act).map_err(&broken)?;
    let mut next = world.clone();
    let change = match next.act::<R::Life>(act) {
        Ok(change) => change,
        Err(Deaf::Refused(_)) => {
            explored.rows.insert(Row { state, heard, follows: "refused".to_owned() });
            return Ok(None);
        }
        Err(deaf) => return Err(broken(format!("{heard} in {state}: {deaf}"))),
    };
    let outcome = outcome(&change);
    let first_stop = change.entries.first().map_or_else(String::new, |entry| entry.to.clone());
    let follows = match outcome {
        Some(Outcome::Moved) => format!("-> {first_stop}"),
        Some(Outcome::Stayed) => "stays".to_owned(),
        Some(Outcome::Postponed) => "postponed".to_owned(),
        Some(Outcome::Ignored) => "ignored".to_owned(),
        _ => return Err(broken(format!("{heard} in {state} is unexpected"))),
    };
    explored.rows.insert(Row { state, heard: heard.clone(), follows });
    explored.note(&change);
    check_crash(&next.life).map_err(&broken)?;
    check_twice::<R::Life>(world, act, &next, outcome).map_err(&broken)?;
    check_late::<R>(world, &next).map_err(&broken)?;
    if next.life.progress < world.life.progress {
        return Err(broken(format!("progress ran backwards at {heard}")));
    }
    Ok(Some((next, heard)))
}

fn acts<R: Rehearsal>(world: &World) -> Vec<Act> {
    let mut acts = Vec::new();
    for (at, open) in world.commands.iter().enumerate() {
        let Ok(command) = serde_json::from_value::<<R::Life as Workflow>::Command>(open.command.clone()) else {
            continue;
        };
        acts.extend(R::answers(&command).iter().map(|event| Act::Answer(at, Heard::Event(plain(event)))));
        for fault in R::faults(&command) {
            let unknown = fault.class.retryable() == tenantry_model::Retryable::Unknown;
            let told = if unknown { Heard::Unknown } else { Heard::GaveUp };
            acts.push(Act::Answer(at, told(open.command.clone(), fault)));
        }
    }
    let next = if R::ANY_ORDER { (0..world.timers.len()).collect() } else { Vec::from_iter(world.next_timer()) };
    for at in next {
        let timer = &world.timers[at].1;
        match serde_json::from_value::<<R::Life as Workflow>::Timer>(timer.timer.clone()) {
            Ok(typed) if timer.lane.is_some() => {
                acts.extend(R::turns(&typed).iter().map(|event| Act::Turn(at, plain(event))));
            }
            _ => acts.push(Act::Fire(at)),
        }
    }
    for (at, (_, task)) in world.tasks.iter().enumerate() {
        let Ok(task) = serde_json::from_value::<<R::Life as Workflow>::Task>(task.task.clone()) else { continue };
        acts.extend(R::replies(&task).into_iter().map(|answer| Act::Reply(at, answer)));
    }
    // Two postponed wishes show every order; a third would only make the story longer, without end.
    if world.life.postponed.len() < 2 {
        acts.extend(R::wishes().iter().map(|event| Act::Wish(plain(event))));
    }
    acts
}

fn told<W: Workflow>(world: &World, act: &Act) -> Result<String, String> {
    Ok(match world.input::<W>(act)?.heard {
        Heard::Event(event) => name_of(&event),
        Heard::Fired(timer) => format!("{} fired", name_of(&timer)),
        Heard::GaveUp(command, _) => format!("{} gave up", name_of(&command)),
        Heard::Unknown(command, _) => format!("{} unknown", name_of(&command)),
    })
}

fn check_waiting(world: &World, story: &[String]) -> Result<(), Broken> {
    let why = match (world.view.status.ended(), world.is_waiting()) {
        (false, false) => "the life waits for nothing and has not ended",
        (true, true) => "the life has ended and still waits for something",
        _ => return Ok(()),
    };
    Err(Broken { why: why.to_owned(), story: story.to_vec() })
}

fn check_crash(life: &Life) -> Result<(), String> {
    let stored = serde_json::to_string(life).map_err(|error| error.to_string())?;
    let read: Life = serde_json::from_str(&stored).map_err(|error| error.to_string())?;
    if read == *life { Ok(()) } else { Err("what was stored reads back differently".to_owned()) }
}

fn check_twice<W: Workflow>(before: &World, act: &Act, after: &World, outcome: Option<Outcome>) -> Result<(), String> {
    if matches!(act, Act::Wish(_)) || outcome != Some(Outcome::Moved) {
        return Ok(());
    }
    let again = before.input::<W>(act)?;
    match advance::<W>(&after.life, again) {
        Ok(change) if change.life == after.life && super::world::outcome(&change) == Some(Outcome::Late) => Ok(()),
        other => Err(format!("the same answer told twice was not dropped: {other:?}")),
    }
}

/// Commands that were withdrawn may still be answered by a function that had begun.
fn check_late<R: Rehearsal>(before: &World, after: &World) -> Result<(), String> {
    for open in before.commands.iter().filter(|open| !after.commands.contains(open)) {
        let withdrawn = World { commands: vec![open.clone()], timers: Vec::new(), tasks: Vec::new(), ..after.clone() };
        for act in acts::<R>(&withdrawn).iter().filter(|act| matches!(act, Act::Answer(..))) {
            let input = withdrawn.input::<R::Life>(act)?;
            if input.epoch >= Some(after.life.epoch) && !after.view.status.ended() {
                continue;
            }
            let change = advance::<R::Life>(&after.life, input).map_err(|deaf| deaf.to_string())?;
            if change.life != after.life {
                return Err(format!("a late answer to {} changed the life", name_of(&open.command)));
            }
        }
    }
    Ok(())
}

impl Explored {
    fn note(&mut self, change: &Change) {
        if !change.left {
            return;
        }
        let asked = self.asked.entry(change.state.clone()).or_default();
        asked.commands.extend(change.commands.iter().map(|command| (command.name.clone(), command.clone())));
        asked.timers.extend(change.timers.iter().map(|timer| (timer.name.clone(), timer.clone())));
        asked.tasks.extend(change.tasks.iter().map(|task| task.name.clone()));
    }
}

fn state_of<W: Workflow>(life: &Life) -> String {
    use crate::workflow::Named;
    serde_json::from_value::<W::State>(life.state.clone()).map_or_else(|_| String::new(), |state| state.name())
}

/// What makes two moments the same: all of the world except the epoch's number.
fn key<R: Rehearsal>(world: &World) -> String {
    let life = Life { epoch: 0, ..world.life.clone() };
    let commands: Vec<&Value> = world.commands.iter().map(|open| &open.command).collect();
    let left = |timer: &NewTimer| (!R::ANY_ORDER).then_some(timer.after);
    let mut timers: Vec<_> = world.timers.iter().map(|(_, timer)| (timer.timer.to_string(), left(timer))).collect();
    if R::ANY_ORDER {
        timers.sort();
    }
    let tasks: Vec<_> = world.tasks.iter().map(|(_, task)| &task.task).collect();
    serde_json::json!([life, commands, timers, tasks]).to_string()
}
