//! History: complete, in order, and what the run says of itself.

use super::{Breach, Seen, found};

/// Lines are numbered from 1 without a gap, and the run counts as many.
pub(super) async fn history_has_no_gap(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "select r.id, format('counts %s lines of history, and has %s, numbered %s to %s', r.seq, count(h.seq), min(h.seq), max(h.seq))
         from runs r left join history h on h.run_id = r.id group by r.id, r.seq
         having count(h.seq) <> r.seq or min(h.seq) is distinct from 1 or max(h.seq) <> r.seq",
    )
    .await
}

/// Each line begins in the state in which the one before it ended, and the last one ends where the run is.
pub(super) async fn history_is_a_chain(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "with chain as (
             select run_id, seq, kind, from_state, to_state, lag(to_state) over (partition by run_id order by seq) as before,
                    lead(seq) over (partition by run_id order by seq) is null as is_last
             from history)
         select run_id, format('line %s begins in %s, and the one before it ended in %s', seq, from_state, before)
         from chain where from_state <> before
         union all
         select run_id, format('its first line is %s', kind) from chain where seq = 1 and kind <> 'started'
         union all
         select r.id, format('is in %s, and its last line ended in %s', r.state, c.to_state)
         from chain c join runs r on r.id = c.run_id where c.is_last and c.to_state <> r.state",
    )
    .await
}

/// Epochs never fall, change only with a move, and the run and its life are in the last one.
pub(super) async fn epochs_never_fall(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "with chain as (
             select run_id, seq, outcome, epoch, lag(epoch) over (partition by run_id order by seq) as before from history)
         select run_id, format('line %s (%s) is of epoch %s, and the one before it of %s', seq, outcome, epoch, before)
         from chain where epoch < before or (epoch > before and outcome <> 'moved') or (epoch = before and outcome = 'moved')
         union all
         select r.id, format('is in epoch %s, its life in %s, its history in %s', r.epoch, r.life ->> 'epoch', max(h.epoch))
         from runs r join history h on h.run_id = r.id group by r.id
         having r.epoch <> max(h.epoch) or (r.life ->> 'epoch')::int <> r.epoch",
    )
    .await
}

/// Each try of a command, each timer, task and wish stands in the history once.
pub(super) async fn nothing_was_told_twice(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "select run_id, format('%s was told %s times', key, count(*))
         from history where key is not null group by run_id, key having count(*) > 1
         union all
         select run_id, format('the command %s was answered %s times', split_part(key, ':', 1), count(*))
         from history where kind in ('answer', 'gave_up', 'unknown') and outcome <> 'late' and key is not null
         group by run_id, split_part(key, ':', 1) having count(*) > 1",
    )
    .await
}

/// Nothing happened that should not be possible.
pub(super) async fn nothing_unexpected_happened(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "select run_id, format('line %s: %s %s was unexpected in %s', seq, kind, name, from_state)
         from history where outcome = 'unexpected'",
    )
    .await
}
