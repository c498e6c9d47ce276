//! The life of a run in rows.

mod claim;
mod commit;
mod fail;
mod hint;
mod pause;
mod read;
mod search;
mod start;
mod sweep;
mod tasks;
mod together;
mod turn;
mod wait;
mod wish;

pub use claim::{Claimed, Lease, claim};
pub use commit::{Ahead, Committed, Of, Source, advance};
pub use fail::{end_notices, release, retry_later};
pub use hint::Hint;
pub use pause::{pause, resume};
pub use read::{CommandRow, HistoryRow, RunRow, TimerRow, commands_of, history_of, next_wake, run, timers_of};
pub use search::{RunFilter, run_ids, runs};
pub use start::{NewRun, Started, start};
pub use sweep::{DueTimer, Housekept, due_hints, due_timer, housekeep, overdue, overdue_as};
pub use tasks::{TaskFilter, TaskPlace, TaskRow, claim_task, release_task, task, tasks};
pub use together::{Held, Told, advance_together, hold, start_together};
pub use turn::{LaneLimits, Turn, lanes_ready, look_again, take_turns};
pub use wish::{answer_task, retry_now, signal};
