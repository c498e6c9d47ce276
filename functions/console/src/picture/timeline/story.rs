//! What happened, read from the API's answers. What is missing or not understood is left out.

use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

use super::super::text::words;

/// How something went, from calm to bad: where several are one mark, the worst is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Look {
    /// It happened.
    Calm,
    /// A person.
    Person,
    /// It is still to come, or under way.
    Open,
    /// As wished.
    Good,
    /// Not as wished.
    Bad,
}

/// Something that took a while.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Span {
    pub(super) from: OffsetDateTime,
    /// None: it goes on.
    pub(super) to: Option<OffsetDateTime>,
    pub(super) look: Look,
    pub(super) words: String,
}

/// Something that happened at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    pub(super) at: OffsetDateTime,
    pub(super) look: Look,
    pub(super) words: String,
}

/// A line of the picture.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) group: Group,
    pub(super) name: String,
    pub(super) spans: Vec<Span>,
    pub(super) marks: Vec<Mark>,
}

/// What kind of line, in the order from top to bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    State,
    Work,
    Told,
    Waits,
    People,
}

/// A run and what happened to it.
#[derive(Debug, Clone)]
pub(super) struct Story {
    pub(super) kind: String,
    pub(super) status: String,
    pub(super) began: OffsetDateTime,
    pub(super) ended: Option<OffsetDateTime>,
    pub(super) now: OffsetDateTime,
    /// When it changed its state.
    pub(super) changes: Vec<OffsetDateTime>,
    /// When anything else happened.
    pub(super) others: Vec<OffsetDateTime>,
    /// When it goes on by itself, and why.
    pub(super) next: Option<(OffsetDateTime, String)>,
    pub(super) rows: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Happened {
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    kind: String,
    name: String,
    from_state: String,
    to_state: String,
    #[serde(default)]
    outcome: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    role: String,
    name: String,
    status: String,
    #[serde(default)]
    attempt: i64,
    #[serde(with = "time::serde::rfc3339")]
    due_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(default, with = "time::serde::rfc3339::option")]
    ended_at: Option<OffsetDateTime>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Timer {
    name: String,
    #[serde(with = "time::serde::rfc3339")]
    due_at: OffsetDateTime,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Task {
    title: String,
    status: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(default, with = "time::serde::rfc3339::option")]
    ended_at: Option<OffsetDateTime>,
}

impl Story {
    pub(super) fn read(run: &Value, entries: &Value, now: OffsetDateTime) -> Self {
        let text = |name: &str| run[name].as_str().unwrap_or_default().to_owned();
        let history: Vec<Happened> = read(&entries["history"]);
        let (commands, timers, tasks) =
            (read::<Asked>(&entries["commands"]), read::<Timer>(&entries["timers"]), read::<Task>(&entries["tasks"]));
        let began = moment(&run["startedAt"]).or_else(|| history.first().map(|row| row.at)).unwrap_or(now);
        let ended = moment(&run["endedAt"]);
        let changes = history.iter().filter(|row| row.from_state != row.to_state).map(|row| row.at).collect();
        let others = history.iter().filter(|row| row.from_state == row.to_state).map(|row| row.at);
        let others = others.chain(commands.iter().filter_map(|command| command.ended_at));
        let others =
            others.chain(tasks.iter().flat_map(|task| [Some(task.created_at), task.ended_at]).flatten()).collect();
        let mut rows = states(&history, began, ended, &text("state"));
        rows.extend(work(&commands, &history));
        rows.extend(waits(&history, &timers));
        rows.extend(people(&history, &tasks));
        rows.sort_by_key(|row| row.group);
        let next = ended.is_none().then(|| next(run, &commands, &timers)).flatten();
        Self {
            kind: text("kind"),
            status: text("status"),
            began,
            ended,
            now: now.max(began),
            changes,
            others,
            next,
            rows,
        }
    }
}

/// Those of a list's rows that can be read.
fn read<'a, T: Deserialize<'a>>(list: &'a Value) -> Vec<T> {
    let rows = list.as_array().map(Vec::as_slice).unwrap_or_default();
    rows.iter().filter_map(|row| T::deserialize(row).ok()).collect()
}

fn moment(value: &Value) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(value.as_str()?, &time::format_description::well_known::Rfc3339).ok()
}

/// A line for each state, in the order in which they were first reached.
fn states(history: &[Happened], began: OffsetDateTime, ended: Option<OffsetDateTime>, state: &str) -> Vec<Row> {
    let first =
        history.first().map_or(state, |row| if row.kind == "started" { &row.to_state } else { &row.from_state });
    let mut visits: Vec<(&str, OffsetDateTime, Option<OffsetDateTime>)> = vec![(first, began, None)];
    for row in history {
        if let Some(last) = visits.last_mut().filter(|last| last.0 != row.to_state) {
            last.2 = Some(row.at);
            visits.push((&row.to_state, row.at, None));
        }
    }
    if let Some(last) = visits.last_mut() {
        last.2 = ended;
    }
    let mut rows: Vec<Row> = Vec::new();
    for (state, from, to) in visits {
        let name = words(state);
        let look = if to.is_none() { Look::Open } else { Look::Calm };
        let span = Span { from, to, look, words: name.clone() };
        row(&mut rows, Group::State, &name).spans.push(span);
    }
    rows
}

/// A line for each command by its name, with how it went; and one for what was told.
fn work(commands: &[Asked], history: &[Happened]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for command in commands {
        let name = words(&command.name);
        let (look, how) = match command.status.as_str() {
            "open" => (Look::Open, "under way"),
            "done" => (Look::Good, "done"),
            "gave_up" => (Look::Bad, "given up"),
            "unknown" => (Look::Bad, "nobody knows whether it happened"),
            "withdrawn" => (Look::Calm, "not needed any more"),
            other => (Look::Calm, other),
        };
        let tries = if command.attempt > 1 { format!(", {} tries", command.attempt) } else { String::new() };
        let words = format!("{name}: {how}{tries}");
        if command.role == "notice" {
            let mark = Mark { at: command.ended_at.unwrap_or(command.created_at), look, words };
            row(&mut rows, Group::Told, "told").marks.push(mark);
        } else {
            let row = row(&mut rows, Group::Work, &name);
            row.spans.push(Span { from: command.created_at, to: command.ended_at, look, words: words.clone() });
            if let Some(at) = command.ended_at.filter(|_| look != Look::Calm) {
                row.marks.push(Mark { at, look, words });
            }
        }
    }
    for failed in history.iter().filter(|row| row.kind == "attempt") {
        let name = words(&failed.name);
        let mark = Mark { at: failed.at, look: Look::Bad, words: format!("{name}: a try failed") };
        match rows.iter_mut().find(|row| row.group == Group::Work && row.name == name) {
            Some(row) => row.marks.push(mark),
            None => row(&mut rows, Group::Told, "told").marks.push(mark),
        }
    }
    rows
}

/// What was waited for, and what is.
fn waits(history: &[Happened], timers: &[Timer]) -> Vec<Row> {
    let fired = history.iter().filter(|row| row.kind == "timer").map(|row| Mark {
        at: row.at,
        look: if row.outcome == "unexpected" { Look::Bad } else { Look::Calm },
        words: format!("{} was over", words(&row.name)),
    });
    let set = timers.iter().map(|timer| Mark {
        at: timer.due_at,
        look: Look::Open,
        words: format!("{} is due", words(&timer.name)),
    });
    let marks: Vec<Mark> = fired.chain(set).collect();
    let row = Row { group: Group::Waits, name: "timers".to_owned(), spans: Vec::new(), marks };
    if row.marks.is_empty() { Vec::new() } else { vec![row] }
}

/// What people were asked, and what they said.
fn people(history: &[Happened], tasks: &[Task]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for task in tasks {
        let how = match task.status.as_str() {
            "open" => "waits for an answer",
            "answered" => "answered",
            _ => "not asked any more",
        };
        let look = if task.ended_at.is_none() { Look::Open } else { Look::Person };
        let span = Span { from: task.created_at, to: task.ended_at, look, words: format!("{}: {how}", task.title) };
        row(&mut rows, Group::People, "asked").spans.push(span);
    }
    for said in history.iter().filter(|row| matches!(row.kind.as_str(), "signal" | "task_answer")) {
        let mark = Mark { at: said.at, look: Look::Person, words: words(&said.name) };
        row(&mut rows, Group::People, "people said").marks.push(mark);
    }
    rows
}

/// When it goes on by itself: what the API says, or the first of what is due.
fn next(run: &Value, commands: &[Asked], timers: &[Timer]) -> Option<(OffsetDateTime, String)> {
    let timers = timers.iter().map(|timer| (timer.due_at, words(&timer.name)));
    let commands = commands.iter().filter(|command| command.status == "open" && command.role == "command");
    let first = timers.chain(commands.map(|command| (command.due_at, words(&command.name)))).min();
    match (moment(&run["nextWakeAt"]), first) {
        (Some(at), Some((due, why))) if at == due => Some((at, why)),
        (Some(at), _) => Some((at, "it looks again".to_owned())),
        (None, first) => first,
    }
}

/// The row of that name, which is new where there is none.
fn row<'a>(rows: &'a mut Vec<Row>, group: Group, name: &str) -> &'a mut Row {
    let at = rows.iter().position(|row| row.group == group && row.name == name).unwrap_or_else(|| {
        rows.push(Row { group, name: name.to_owned(), spans: Vec::new(), marks: Vec::new() });
        rows.len() - 1
    });
    &mut rows[at]
}
