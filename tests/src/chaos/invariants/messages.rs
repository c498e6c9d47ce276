//! Messages: each acknowledged one has come to rest in a state that is true.

use serde_json::json;

use super::{Breach, Seen, found, found_of_accepted};

/// A message that a caller was told is stored is there, and has come to rest.
pub(super) async fn an_acknowledged_message_came_to_rest(seen: &Seen) -> Vec<Breach> {
    let acknowledged = json!(seen.told.acknowledged.iter().map(|id| id.0).collect::<Vec<_>>());
    let rows: Vec<(uuid::Uuid, String)> = sqlx::query_as(
        "select a.id::uuid, format('was acknowledged, and is %s', coalesce(r.state, 'not there'))
         from jsonb_array_elements_text($1) as a(id)
         left join messages m on m.id = a.id::uuid left join runs r on r.id = m.id
         where r.state is null or r.state not in ('sent', 'failed', 'unknown', 'cancelled', 'suppressed')",
    )
    .bind(acknowledged)
    .fetch_all(&seen.sql)
    .await
    .expect("the database is there");
    rows.into_iter().map(|(run, what)| Breach { run: Some(run.into()), what }).collect()
}

/// A message failed only if nobody accepted it, or if a person gave it up or had it sent again.
pub(super) async fn a_failed_message_was_never_accepted(seen: &Seen) -> Vec<Breach> {
    found_of_accepted(
        seen,
        "select m.id, format('has failed (%s), and %s accepted it', r.error_class, a.by)
         from jsonb_to_recordset($1) as a(by text, id uuid) join messages m on m.id = a.id join runs r on r.id = m.id
         where r.state = 'failed' and (m.caused_by is null or r.error_class is distinct from 'UnknownOutcome')
           and not exists (select from tasks t where t.run_id = m.id and t.status = 'answered' and t.answer ->> 'action' in ('send_again', 'give_up'))",
    )
    .await
}

/// A message that was cancelled, or that nobody was to get, was accepted by nobody, unless it had been sent before that.
pub(super) async fn a_message_called_off_never_left(seen: &Seen) -> Vec<Breach> {
    found_of_accepted(
        seen,
        "select m.id, format('is %s, and %s accepted it', r.state, a.by)
         from jsonb_to_recordset($1) as a(by text, id uuid) join messages m on m.id = a.id join runs r on r.id = m.id
         where r.state in ('cancelled', 'suppressed')
           and not exists (select from tasks t where t.run_id = m.id and t.status = 'answered' and t.answer ->> 'action' = 'send_again')",
    )
    .await
}

/// A message is sent if and only if it has a row that says who accepted it, except where a person says what became of it.
pub(super) async fn a_sent_message_has_one_row_that_says_so(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "select m.id, format('is %s, and has %s row of its sending', r.state, case when s.message_id is null then 'no' else 'a' end)
         from messages m join runs r on r.id = m.id left join sends s on s.message_id = m.id
         where (r.state = 'sent') <> (s.message_id is not null)
           and not exists (select from tasks t where t.run_id = m.id and t.name = 'SettleUnknown' and t.status = 'answered')
         union all
         select s.message_id, 'has a row of its sending, and is no message'
         from sends s left join messages m on m.id = s.message_id where m.id is null",
    )
    .await
}

/// Whatever may still be handed over has its words.
pub(super) async fn a_message_that_may_still_leave_has_its_words(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "select m.id, format('is %s, and its words are gone', r.state)
         from messages m join runs r on r.id = m.id
         where r.state in ('scheduled', 'queued', 'sending', 'deferred', 'unknown')
           and not exists (select from message_contents c where c.message_id = m.id)",
    )
    .await
}

/// Words that hold a credential are erased with the answer that they were sent.
pub(super) async fn a_secret_is_erased_once_it_was_sent(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "select c.message_id, 'holds a credential, was sent, and its words are still there'
         from message_contents c join sends s on s.message_id = c.message_id where c.sensitive",
    )
    .await
}

/// What the page of numbers says was sent is what the rows say.
pub(super) async fn the_numbers_are_those_of_the_rows(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "select null::uuid, format('of the tenant %s %s messages were sent by %s, and the numbers say %s', tenant_id, coalesce(s.n, 0), provider, coalesce(m.n, 0))
         from (select tenant_id, provider, count(*) as n from sends group by 1, 2) s
         full join (select tenant_id, provider, sum(sent) as n from mail_stats group by 1, 2) m using (tenant_id, provider)
         where coalesce(s.n, 0) <> coalesce(m.n, 0)",
    )
    .await
}
