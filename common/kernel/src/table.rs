//! Prints a life: as a table of everything that happens in each state, and as a Mermaid diagram.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{
    life::Role,
    sim::{Explored, Rehearsal},
    workflow::{Named, Workflow},
};

/// The life as text: each state with what it asks for, and under it where each event leads.
#[must_use]
pub fn table<R: Rehearsal>(explored: &Explored) -> String {
    let mut out = format!("{} (version {})\n", R::Life::KIND, R::Life::VERSION);
    let width = explored.rows.iter().map(|row| row.heard.len()).max().unwrap_or(0);
    for state in
        <R::Life as Workflow>::State::all().iter().map(Named::name).filter(|state| explored.states.contains(state))
    {
        let _ = writeln!(out, "\n{state}{}", asks::<R>(&state, explored));
        let mut rows: Vec<_> = explored.rows.iter().filter(|row| row.state == state).collect();
        rows.sort_by_key(|row| (rank(&row.follows), row.heard.clone()));
        let mut printed = BTreeSet::new();
        for row in rows.iter().filter(|row| row.follows != "refused" || !explored.ends.contains(&state)) {
            if printed.insert(&row.heard) {
                let follows: Vec<_> =
                    rows.iter().filter(|other| other.heard == row.heard).map(|other| other.follows.as_str()).collect();
                let _ = writeln!(out, "  {:<width$}  {}", row.heard, follows.join(" | "));
            }
        }
    }
    out
}

/// The life as a Mermaid `stateDiagram-v2`.
#[must_use]
pub fn diagram<R: Rehearsal>(explored: &Explored) -> String {
    let mut out = String::from("stateDiagram-v2\n");
    let starts: BTreeSet<_> = R::starts().iter().map(|data| R::Life::begin(data).name()).collect();
    for start in starts {
        let _ = writeln!(out, "  [*] --> {start}");
    }
    for row in &explored.rows {
        if let Some(to) = row.follows.strip_prefix("-> ") {
            let _ = writeln!(out, "  {} --> {to}: {}", row.state, row.heard);
        }
    }
    for end in &explored.ends {
        let _ = writeln!(out, "  {end} --> [*]");
    }
    out
}

fn rank(follows: &str) -> u8 {
    match follows {
        "stays" => 1,
        "postponed" => 2,
        "ignored" => 3,
        "refused" => 4,
        _ => 0,
    }
}

fn asks<R: Rehearsal>(state: &str, explored: &Explored) -> String {
    let Some(asked) = explored.asked.get(state) else { return String::new() };
    let mut parts = Vec::new();
    for (name, command) in &asked.commands {
        parts.push(match command.role {
            Role::Notice => format!("tells {name}"),
            Role::Command => match serde_json::from_value::<<R::Life as Workflow>::Command>(command.command.clone()) {
                Ok(typed) => {
                    let retry = R::Life::retry(&typed);
                    let (tries, first, longest) = (retry.tries, retry.first, retry.longest);
                    format!("asks {} for {name} ({tries} tries, {first:?} to {longest:?})", command.performer)
                }
                Err(_) => format!("asks {} for {name}", command.performer),
            },
        });
    }
    parts.extend(asked.timers.iter().map(|(name, timer)| {
        let lane = if timer.lane.is_some() { " in the tenant's lane" } else { "" };
        format!("waits {:?}{lane} for {name}", timer.after)
    }));
    parts.extend(asked.tasks.iter().map(|name| format!("asks a person to {name}")));
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
}
