//! Mail: what those that carry it saw, against what we have written down.

use super::{Breach, Seen, found, found_of_accepted};

/// Every mail that was accepted is recorded as sent, or as unknown. (What operators are told is no message.)
pub(super) async fn an_accepted_mail_is_recorded(seen: &Seen) -> Vec<Breach> {
    found_of_accepted(
        seen,
        "select coalesce(m.caused_by, r.id, c.run_id), format('the mail %s was accepted, and is recorded as %s', a.id, coalesce(r.state, 'nothing'))
         from (select distinct id from jsonb_to_recordset($1) as x(id uuid)) a
         left join commands c on c.id = a.id
         left join messages m on m.id = a.id left join runs r on r.id = m.id
         where c.role is distinct from 'notice'
           and not exists (select from sends s where s.message_id = a.id and r.id is not null)
           and r.state is distinct from 'unknown' and r.error_class is distinct from 'UnknownOutcome'
           and not exists (select from tasks t where t.run_id = a.id and t.name = 'SettleUnknown' and t.status = 'answered')",
    )
    .await
}

/// No mail is accepted twice, whoever accepts it, except where a person had it sent again. (What operators are told may come twice.)
pub(super) async fn no_mail_is_accepted_twice(seen: &Seen) -> Vec<Breach> {
    found_of_accepted(
        seen,
        "select coalesce(m.caused_by, m.id, c.run_id), format('the mail %s was accepted %s times, and people had it sent again %s times', a.id, a.times, again.n)
         from (select id, sum(times) as times from jsonb_to_recordset($1) as x(id uuid, times int) group by id) a
         left join commands c on c.id = a.id left join messages m on m.id = a.id
         cross join lateral (select count(*) as n from tasks t
                             where t.run_id = a.id and t.status = 'answered' and t.answer ->> 'action' = 'send_again') again
         where c.role is distinct from 'notice' and a.times > 1 + again.n",
    )
    .await
}

/// What is recorded as sent was accepted by whom it says, or a person says so; and a run says that its mail was sent only if one was.
pub(super) async fn what_is_recorded_as_sent_was_accepted(seen: &Seen) -> Vec<Breach> {
    found_of_accepted(
        seen,
        "with a as (select by, id from jsonb_to_recordset($1) as x(by text, id uuid))
         select coalesce(m.caused_by, m.id), format('the message %s is recorded as sent, and was never accepted', m.id)
         from messages m join runs r on r.id = m.id
         where r.state = 'sent' and not exists (select from a where a.id = m.id)
           and not exists (select from tasks t where t.run_id = m.id and t.status = 'answered' and t.answer ->> 'action' = 'sent')
         union all
         select s.message_id, format('is recorded as accepted by %s, which never did', s.provider)
         from sends s where not exists (select from a where a.id = s.message_id and a.by = s.provider)
         union all
         select r.id, 'says that its mail was sent, and no message is recorded as sent'
         from runs r
         where r.result ->> 'emailSent' = 'true'
           and not exists (select from messages m join runs d on d.id = m.id where m.caused_by = r.id and d.state = 'sent')",
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
         from messages m join runs r on r.id = m.id join commands c on c.id = m.id
         where r.error_class = 'UnknownOutcome' and c.status not in ('unknown', 'gave_up', 'withdrawn')
         union all
         select c.run_id, format('was unknown after the command %s, and was handed over again by the command %s, which nobody wished', c.id, later.id)
         from commands c
         join commands later on later.run_id = c.run_id and later.name = 'Deliver' and later.epoch > c.epoch
         where c.name = 'Deliver' and c.status = 'unknown'
           and not exists (select from tasks t where t.run_id = c.run_id and t.status = 'answered' and t.answer ->> 'action' = 'send_again'
                                                 and t.epoch > c.epoch and t.epoch < later.epoch)",
    )
    .await
}
