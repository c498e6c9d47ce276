//! The life of a run in rows.

mod claim;
mod commit;
mod fail;
mod hint;
mod read;
mod start;
mod sweep;
mod together;
mod turn;
mod wait;
mod wish;

pub use claim::{Claimed, Lease, claim};
pub use commit::{Ahead, Committed, Of, Source, advance};
pub use fail::{end_notices, release, retry_later};
pub use hint::Hint;
pub use read::{
    CommandRow, HistoryRow, RunFilter, RunRow, TaskFilter, TaskRow, TimerRow, commands_of, history_of, run, runs, task,
    tasks, timers_of,
};
pub use start::{NewRun, Started, start};
pub use sweep::{DueTimer, Housekept, due_hints, due_timer, housekeep, overdue, overdue_as};
pub use together::{Held, Told, advance_together, hold, start_together};
pub use turn::{LaneLimits, Turn, lanes_ready, look_again, take_turns};
pub use wish::{answer_task, retry_now, signal};
