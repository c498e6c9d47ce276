//! Mail: what the mail server saw, against what we have written down.

use serde_json::{Value, json};
use tenantry_model::RunId;
use uuid::Uuid;

use super::{Breach, Seen, found};

/// What the mail server accepted, joined with the command that each Message-ID names, and its row in `messages`.
async fn accepted(seen: &Seen, sql: &'static str) -> Vec<Breach> {
    let accepted: Value =
        seen.accepted.iter().map(|(command, times)| json!({ "id": command.0, "times": times })).collect();
    let rows: Vec<(Option<Uuid>, String)> =
        sqlx::query_as(sql).bind(accepted).fetch_all(&seen.sql).await.expect("the database is there");
    rows.into_iter().map(|(run, what)| Breach { run: run.map(RunId), what }).collect()
}

/// Every welcome mail that was accepted is recorded as sent, or as unknown.
pub(super) async fn an_accepted_mail_is_recorded(seen: &Seen) -> Vec<Breach> {
    accepted(
        seen,
        "select c.run_id, format('the mail of command %s was accepted, and is recorded as %s', a.id, coalesce(m.status, 'nothing'))
         from jsonb_to_recordset($1) as a(id uuid, times int)
         left join commands c on c.id = a.id left join messages m on m.id = a.id
         where c.role is distinct from 'notice' and (m.status is null or m.status = 'failed')",
    )
    .await
}

/// No welcome mail is accepted twice under one Message-ID. (What operators are told may come twice.)
pub(super) async fn no_mail_is_accepted_twice(seen: &Seen) -> Vec<Breach> {
    accepted(
        seen,
        "select c.run_id, format('the mail of command %s was accepted %s times', a.id, a.times)
         from jsonb_to_recordset($1) as a(id uuid, times int) left join commands c on c.id = a.id
         where c.role is distinct from 'notice' and a.times > 1",
    )
    .await
}

/// What is recorded as sent was accepted, and a run says that its mail was sent only if one was.
pub(super) async fn what_is_recorded_as_sent_was_accepted(seen: &Seen) -> Vec<Breach> {
    accepted(
        seen,
        "select m.run_id, format('the message %s is recorded as sent, and was never accepted', m.id)
         from messages m left join jsonb_to_recordset($1) as a(id uuid, times int) on a.id = m.id
         where m.status = 'sent' and a.id is null
         union all
         select r.id, 'says that its mail was sent, and no message is recorded as sent'
         from runs r
         where r.result ->> 'emailSent' = 'true' and not exists (select from messages m where m.run_id = r.id and m.status = 'sent')",
    )
    .await
}

/// After an unknown outcome another mail goes out only because a person said so.
pub(super) async fn nothing_is_sent_again_by_itself_after_an_unknown(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "select c.run_id, format('%s mails were asked for, and people asked for %s', count(*), 1 + (
                    select count(*) from history h
                    where h.run_id = c.run_id and h.kind = 'task_answer' and h.name in ('ResendChosen', 'AddressChosen')))
         from commands c where c.name = 'SendWelcome' group by c.run_id
         having count(*) > 1 + (select count(*) from history h
                                where h.run_id = c.run_id and h.kind = 'task_answer' and h.name in ('ResendChosen', 'AddressChosen'))
         union all
         select c.run_id, format('command %s is %s, and its message is unknown', c.id, c.status)
         from messages m join commands c on c.id = m.id where m.status = 'unknown' and c.status not in ('unknown', 'withdrawn')",
    )
    .await
}
