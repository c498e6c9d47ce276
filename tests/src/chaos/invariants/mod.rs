//! What must be true when nothing moves any more, whatever was done to the processes, the database, the queue and the
//! mail server. Each invariant is a function; its name is the sentence that is printed.

mod history;
mod lanes;
mod mail;
mod messages;
mod runs;
mod tenants;

use std::collections::HashMap;

use serde_json::{Value, json};
use sqlx::PgPool;
use tenantry_model::{MessageId, RunId};
use uuid::Uuid;

pub use super::callers::Told;

/// What an invariant looks at.
pub struct Seen {
    /// The database, past every role.
    pub sql: PgPool,
    /// How often each mail was accepted, and by whom.
    pub accepted: HashMap<(&'static str, MessageId), u32>,
    /// What callers were told.
    pub told: Told,
    /// What workers and sweepers said when they stopped by a mistake of ours.
    pub panics: Vec<String>,
    /// How many messages of a tenant may leave in any minute, where that is limited.
    pub per_minute: Option<u32>,
    /// Everything was left alone until nothing moved any more, so nothing may be under way.
    pub at_rest: bool,
}

/// Where an invariant is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The run concerned, if it is one.
    pub run: Option<RunId>,
    /// What we saw.
    pub what: String,
}

/// An invariant, and where it is broken.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The invariant's name.
    pub invariant: &'static str,
    /// Where it is broken; nowhere is good.
    pub breaches: Vec<Breach>,
}

macro_rules! checks {
    ($seen:ident: $($module:ident::$invariant:ident,)*) => {
        vec![$(Verdict { invariant: stringify!($invariant), breaches: $module::$invariant($seen).await }),*]
    };
}

/// Looks at every invariant.
pub async fn check(seen: &Seen) -> Vec<Verdict> {
    checks! { seen:
        runs::every_run_ended_or_is_due,
        runs::everything_came_to_rest,
        runs::no_worker_panicked,
        runs::every_caller_got_an_answer,
        runs::nothing_promised_is_lost,
        tenants::no_tenant_is_doubled,
        tenants::every_completed_run_has_its_tenant,
        tenants::what_was_rolled_back_left_no_row,
        tenants::every_row_has_its_tenant,
        tenants::an_active_tenant_is_whole,
        tenants::an_active_tenant_is_never_rolled_back,
        tenants::rows_say_what_was_wished,
        tenants::a_credential_is_sealed_no_longer_than_needed,
        mail::an_accepted_mail_is_recorded,
        mail::no_mail_is_accepted_twice,
        mail::what_is_recorded_as_sent_was_accepted,
        mail::nothing_is_sent_again_by_itself_after_an_unknown,
        messages::an_acknowledged_message_came_to_rest,
        messages::a_failed_message_was_never_accepted,
        messages::a_message_called_off_never_left,
        messages::a_sent_message_has_one_row_that_says_so,
        messages::a_message_that_may_still_leave_has_its_words,
        messages::a_secret_is_erased_once_it_was_sent,
        messages::the_numbers_are_those_of_the_rows,
        lanes::no_lane_forgets_a_turn,
        lanes::no_lane_gives_more_than_it_may,
        history::history_has_no_gap,
        history::history_is_a_chain,
        history::epochs_never_fall,
        history::nothing_was_told_twice,
        history::nothing_unexpected_happened,
    }
}

/// Breaches as a query finds them: the run, and what we saw.
async fn found(seen: &Seen, sql: &'static str) -> Vec<Breach> {
    let rows: Vec<(Option<Uuid>, String)> =
        sqlx::query_as(sql).fetch_all(&seen.sql).await.expect("the database is there");
    rows.into_iter().map(|(run, what)| Breach { run: run.map(RunId), what }).collect()
}

/// Breaches as a query finds them that is told, as `$1`, which mail was accepted how often by whom.
async fn found_of_accepted(seen: &Seen, sql: &'static str) -> Vec<Breach> {
    let accepted = seen.accepted.iter();
    let accepted: Value = accepted.map(|((by, id), times)| json!({ "by": by, "id": id.0, "times": times })).collect();
    let rows: Vec<(Option<Uuid>, String)> =
        sqlx::query_as(sql).bind(accepted).fetch_all(&seen.sql).await.expect("the database is there");
    rows.into_iter().map(|(run, what)| Breach { run: run.map(RunId), what }).collect()
}
