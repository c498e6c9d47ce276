-- A platform that has been busy for a while: tenants with their names, other runs over 90 days, messages over 30. For looking at
-- plans and for benchmarks. In one transaction; the numbers and the moment it is now may be set before: set fill.tenants = 10000;
-- set fill.messages = 1000000; set fill.runs = 100000; set fill.now = '2026-03-01T12:00Z'.
-- Nothing in it is due, so that nothing of it is worked on.
-- Also: fill.tasks = 2000 (open), fill.deliveries = 100000 (of webhooks), fill.audit = 100000 (lines). Run it in one transaction, and analyze.

create function pg_temp.wanted(what text, usual int) returns int language sql stable as
$$ select coalesce(nullif(current_setting('fill.' || what, true), '')::int, usual) $$;

create function pg_temp.moment() returns timestamptz language sql stable as
$$ select coalesce(nullif(current_setting('fill.now', true), '')::timestamptz, now()) $$;

-- A UUIDv7 of a moment, the same for the same number.
create function pg_temp.id_at(at timestamptz, n bigint, what text) returns uuid language sql immutable as
$$
    select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid
    from md5(what || n) as h
$$;

create temporary table t on commit drop as
select n, pg_temp.moment() - interval '360 days' * (1 - n::float8 / pg_temp.wanted('tenants', 10000)) - interval '1 hour' as at, null::uuid as id, null::uuid as run
from generate_series(1, pg_temp.wanted('tenants', 10000)) as n;
update t set id = pg_temp.id_at(at, n, 'tenant'), run = pg_temp.id_at(at, n, 'onboarding');
create unique index on t (n);
analyze t;

insert into tenants (id, run_id, name, slug, email, contract_line, status, portal_host, created_at, updated_at, activated_at,
                     suspended_at, suspended_reason)
select id, run, 'Filled ' || n, 'filled-' || n, 'admin@filled-' || n || '.test', case when n % 10 = 0 then 'enterprise' else 'basic' end,
       case when n % 50 = 0 then 'suspended' else 'active' end, 'filled-' || n || '.portal.test', at, at, at + interval '300 ms',
       case when n % 50 = 0 then at + interval '1 minute' end, case when n % 50 = 0 then 'does not pay' end
from t;
insert into tenant_email_settings (tenant_id, created_at, updated_at) select id, at, at from t;
insert into roles (tenant_id, name, created_at, updated_at) select id, 'tenant_admin', at, at from t;
insert into users (id, tenant_id, first_name, last_name, email, must_change_password, created_at, updated_at)
select pg_temp.id_at(at, n, 'user'), id, 'Ada', 'Filled', 'admin@filled-' || n || '.test', false, at, at from t;
insert into user_roles (tenant_id, user_id, role, created_at, updated_at)
select id, pg_temp.id_at(at, n, 'user'), 'tenant_admin', at, at from t;
-- One in five hundred is paused.
insert into lanes (tenant_id, paused) select id, case when n % 500 = 0 then 'too much of its mail comes back' end from t
on conflict (tenant_id) do update set paused = excluded.paused;

-- Onboardings, the names of tenants, and drills for the rest.
insert into runs (id, kind, tenant_id, entity, external_key, version, epoch, seq, state, status, step, progress, error, result, life,
                  started_by, started_at, updated_at, ended_at)
select run, 'tenant_onboarding', id, 'Filled ' || n, null, 1, 5, 6, 'completed', 'completed', 'completed', 100, null,
       jsonb_build_object('tenantId', 'ten_' || replace(id::text, '-', ''), 'emailSent', true, 'success', true, 'createdAt', at),
       jsonb_build_object('version', 1, 'epoch', 5, 'state', 'completed', 'progress', 100, 'data',
                          jsonb_build_object('tenantName', 'Filled ' || n, 'adminUser', jsonb_build_object('firstName', 'Ada', 'lastName', 'Filled'))),
       'filled', at, at + interval '2 s', at + interval '700 ms' + random() * interval '2 s'
from t;

create temporary table d on commit drop as
select n, id as tenant, t.at + interval '1 hour' as at, pg_temp.id_at(t.at + interval '1 hour', n, 'domain') as id,
       (array['verified', 'verified', 'verified', 'verified', 'verified', 'verified', 'awaiting_dns', 'awaiting_dns', 'verifying',
              'failed', 'degraded'])[1 + n % 11] as word
from t where n % 10 < 6 or n <= 10;
insert into runs (id, kind, tenant_id, entity, version, epoch, seq, state, status, step, progress, error, result, life, started_by,
                  started_at, updated_at)
select id, 'email_domain', tenant, 'mail.filled-' || n || '.test', 1, 7, 20, word, case when word = 'failed' then 'waiting' else 'running' end, word, 60,
       case when word = 'degraded' then '{"class": "ValidationError", "message": "The DKIM record is gone."}'::jsonb end,
       jsonb_build_object('tenantId', 'ten_' || replace(tenant::text, '-', ''), 'domain', 'mail.filled-' || n || '.test', 'status', word),
       jsonb_build_object('version', 1, 'epoch', 7, 'state', word, 'progress', 60, 'data', jsonb_build_object('domain', 'mail.filled-' || n || '.test')),
       'filled', at, at + interval '2 hours'
from d;
insert into email_domains (id, tenant_id, name, mailbox, token, holds, sends, verified_at, created_by, created_at)
select id, tenant, 'mail.filled-' || n || '.test', 'hello', md5('d' || n), word in ('verified', 'degraded'), word = 'verified',
       case when word in ('verified', 'degraded') then at + interval '5 minutes' + random() * random() * interval '2 days' end, 'filled', at
from d;

create temporary table p on commit drop as
select n, id as tenant, t.at + interval '2 hours' as at, pg_temp.id_at(t.at + interval '2 hours', n, 'portal') as id,
       (array['active', 'active', 'active', 'active', 'active', 'active', 'active', 'awaiting_dns', 'issuing', 'dns_failed',
              'certificate_failed'])[1 + n % 11] as state
from t where n % 10 > 5 or n <= 10;
insert into runs (id, kind, tenant_id, entity, version, epoch, seq, state, status, step, progress, result, life, started_by, started_at,
                  updated_at)
select id, 'portal_domain', tenant, 'portal.filled-' || n || '.test', 1, 7, 20, state, case when state like '%failed' then 'waiting' else 'running' end, state, 60,
       jsonb_build_object('tenantId', 'ten_' || replace(tenant::text, '-', ''), 'domain', 'portal.filled-' || n || '.test', 'message', 'All is well.',
                          'status', case state when 'awaiting_dns' then 'pending_dns' when 'issuing' then 'certificate_issuing' else state end,
                          'axes', jsonb_build_object('ownership', 'verified', 'certificate', 'ready', 'routing',
                                                     case when state = 'active' then 'live' else 'none' end)),
       jsonb_build_object('version', 1, 'epoch', 7, 'state', state, 'progress', 60, 'data', jsonb_build_object('domain', 'portal.filled-' || n || '.test')),
       'filled', at, at + interval '2 hours'
from p;
insert into portal_domains (id, tenant_id, domain, canonical_host, token, secret_name, holds, serves, active, activated_at, created_by,
                            created_at)
select id, tenant, 'portal.filled-' || n || '.test', 'filled-' || n || '.portal.test', md5('p' || n), 'portal-' || n, state = 'active',
       state = 'active', state = 'active',
       case when state = 'active' then at + interval '6 minutes' + random() * random() * interval '1 day' end, 'filled', at
from p;

create temporary table r on commit drop as
select n, at, pg_temp.id_at(at, n, 'run') as id, case when n % 1000 = 0 then 'failed' else 'completed' end as word
from (select n, pg_temp.moment() - interval '90 days' * (1 - n::float8 / greatest(1, many)) - interval '1 minute' as at
      from (select pg_temp.wanted('runs', 100000) - (select count(*) from runs)::int as many) left_over, generate_series(1, many) as n) drills;
insert into runs (id, kind, version, epoch, seq, state, status, step, progress, error, result, life, started_by, started_at, updated_at,
                  ended_at)
select id, 'drill', 1, 4, 8, word, word, word, 100, case when word = 'failed' then '{"class": "TimeoutError", "message": "No answer came."}'::jsonb end,
       '{}', jsonb_build_object('version', 1, 'epoch', 4, 'state', word, 'progress', 100, 'data', '{}'::jsonb), 'filled', at,
       at + interval '2 s', at + interval '2 s'
from r;
-- Some ask a person: a third of them until some day, some are overdue, and for a few somebody is at it.
create temporary table k on commit drop as
select n, at, pg_temp.id_at(at, n, 'asks') as id from (select n, pg_temp.moment() - interval '20 minutes' * n as at from generate_series(1, pg_temp.wanted('tasks', 2000)) as n) asked;
insert into runs (id, kind, tenant_id, version, epoch, seq, state, status, step, progress, error, result, life, started_by, started_at, updated_at)
select k.id, 'tenant_onboarding', t.id, 1, 4, 8, 'asking_about_sending_welcome_email', 'waiting', 'sending_welcome_email', 85,
       '{"class": "EmailRefused", "message": "The mailbox does not exist."}',
       '{}', jsonb_build_object('version', 1, 'epoch', 4, 'state', 'asking_about_sending_welcome_email', 'progress', 85, 'data', '{}'::jsonb), 'filled',
       k.at, k.at
from k join t on t.n = 1 + k.n % (select count(*) from t);
insert into tasks (id, run_id, tenant_id, epoch, name, task, title, text, schema, context, created_at, due_at, claimed_by, claimed_at)
select pg_temp.id_at(k.at, k.n, 'task'), k.id, runs.tenant_id, 4, 'Decide', '"Decide"', 'The welcome mail could not be delivered',
       'Choose what is to be done.', '{"type": "object"}', '{}', k.at, case when k.n % 3 = 0 then k.at + interval '20 days' end,
       case when k.n % 20 = 0 then 'operator@tenantry.test' end, case when k.n % 20 = 0 then k.at + interval '1 minute' end
from k join runs on runs.id = k.id;
insert into history (run_id, seq, tenant_id, at, kind, name, from_state, to_state, epoch, outcome, detail)
select id, line, tenant_id, started_at + interval '200 ms' * line, case line when 1 then 'started' else 'answer' end, 'Filled', 'before', state,
       line, 'moved', '{}'
from runs, generate_series(1, 4) as line where started_by = 'filled';
-- What was asked of the world, and what is waited for until next month.
insert into commands (id, run_id, tenant_id, epoch, role, name, performer, command, status, attempt, due_at, wake_at, created_at, ended_at)
select pg_temp.id_at(started_at, line, 'command' || id), id, tenant_id, line, 'command', 'Filled', 'onboard-tenant', '"Filled"', 'done', 1,
       started_at, started_at, started_at, started_at + interval '1 s'
from runs, generate_series(1, 2) as line where started_by = 'filled';
insert into timers (id, run_id, tenant_id, epoch, name, timer, due_at, created_at)
select pg_temp.id_at(started_at, 1, 'timer' || id), id, tenant_id, epoch, 'LookAgain', '"LookAgain"', pg_temp.moment() + interval '30 days' * (1 + random()), updated_at
from runs where started_by = 'filled' and status = 'running' and kind in ('email_domain', 'portal_domain');

-- Messages: most are delivered, and half of them are of ten tenants.
create temporary table m on commit drop as
select n, at, pg_temp.id_at(at, n, 'message') as id,
       1 + (case when n % 2 = 0 then (n / 2) % least(10, tenants) else (n / 2) % tenants end) as tenant,
       (array['delivered', 'delivered', 'delivered', 'delivered', 'delivered', 'delivered', 'delivered', 'sent', 'bounced', 'failed'])[
           1 + case when n / 7 % 20 < 18 then n / 7 % 8 else 8 + n / 7 % 2 end] as state
from (select n, pg_temp.moment() - interval '30 days' * (1 - n::float8 / greatest(1, many)) - interval '1 minute' as at, pg_temp.wanted('tenants', 10000) as tenants
      from pg_temp.wanted('messages', 1000000) as many, generate_series(1, many) as n) sent;
insert into runs (id, kind, tenant_id, version, epoch, seq, state, status, step, progress, error, result, life, started_by, started_at,
                  updated_at, ended_at)
select m.id, 'email_delivery', t.id, 1, 4, 5, m.state, case when m.state in ('bounced', 'failed') then 'failed' else 'completed' end, m.state, 100,
       case when m.state in ('bounced', 'failed') then '{"class": "EmailRefused", "message": "The mailbox does not exist."}'::jsonb end,
       '{}', jsonb_build_object('version', 1, 'epoch', 4, 'state', m.state, 'progress', 100, 'data', '{}'::jsonb), 'filled', m.at,
       m.at + interval '2 s', m.at + interval '2 s'
from m join t on t.n = m.tenant;
insert into messages (id, tenant_id, category, template, subject, recipients, tags, size, created_at)
select m.id, t.id, case when m.n % 5000 = 0 then 'security' else 'notifications' end, case when m.n / 7 % 2 = 0 then 'invoice' end,
       'Your invoice ' || m.n, array['reader-' || m.n % 100000 || '@example.test'], case when m.n / 7 % 2 = 0 then '{"kind": "invoice"}' else '{}' end::jsonb,
       2000, m.at
from m join t on t.n = m.tenant;
insert into message_finds (what, tenant_id, message_id)
select 'to:reader-' || m.n % 100000 || '@example.test', t.id, m.id from m join t on t.n = m.tenant;
insert into message_finds (what, tenant_id, message_id)
select 'tag:kind=invoice', t.id, m.id from m join t on t.n = m.tenant where m.n / 7 % 2 = 0;
insert into sends (message_id, tenant_id, provider, provider_message_id, message_id_header, sender, attempts, accepted_at)
select m.id, t.id, case when m.n % 3 = 0 then 'ses' else 'resend' end, 'filled-' || m.n, '<filled-' || m.n || '@mail.test>', 'hello@mail.test', 1,
       m.at + interval '1 s'
from m join t on t.n = m.tenant where m.state <> 'failed';
insert into mail_stats (tenant_id, day, provider, sent, delivered, bounced, hard_bounced, complained, failed, latency_ms)
select t.id, (m.at at time zone 'UTC')::date, case when m.n % 3 = 0 then 'ses' else 'resend' end, count(*) filter (where m.state <> 'failed'),
       count(*) filter (where m.state = 'delivered'), count(*) filter (where m.state = 'bounced'), 0,
       count(*) filter (where m.n % 5000 = 0), count(*) filter (where m.state = 'failed'), 1000 * count(*)
from m join t on t.n = m.tenant group by 1, 2, 3;
insert into history (run_id, seq, tenant_id, at, kind, name, from_state, to_state, epoch, outcome, detail)
select m.id, line, t.id, m.at + interval '200 ms' * line, case line when 1 then 'started' else 'answer' end, 'Filled', 'before', m.state, line,
       'moved', '{}'
from m join t on t.n = m.tenant, generate_series(1, 3) as line where m.n % 9 = 0;
insert into suppressions (tenant_id, address, reason, created_by, created_at)
select t.id, 'gone-' || line || '@example.test', 'hard_bounce', 'filled', t.at + interval '1 minute' * line
from t, generate_series(1, 2000) as line where t.n <= 50;

-- Webhooks: one tenant in ten has an endpoint, the first ten most of what was delivered.
create temporary table w on commit drop as
select n, id as tenant, t.at + interval '3 hours' as at, pg_temp.id_at(t.at + interval '3 hours', n, 'endpoint') as id
from t where n % 10 = 0 or n <= 10;
insert into webhook_endpoints (id, tenant_id, url, events, secret, failing_since, last_success_at, created_by, created_at, updated_at)
select id, tenant, 'https://hooks.filled-' || n || '.test/', '{*}', sha256('filled'), case when n % 70 = 0 then pg_temp.moment() - interval '1 day' end, pg_temp.moment(),
       'filled', at, at
from w;
create temporary table v on commit drop as
select n, at, case when n % 2 = 0 then 1 + (n / 2) % 10 else 10 * (1 + (n / 2) % greatest(1, tenants / 10)) end as tenant,
       pg_temp.id_at(at, n, 'delivery') as id, pg_temp.id_at(at, n, 'event') as event,
       case when n / 2 % 50 = 0 then 'failed' else 'delivered' end as state
from (select n, pg_temp.moment() - interval '30 days' * (1 - n::float8 / greatest(1, many)) - interval '1 minute' as at, pg_temp.wanted('tenants', 10000) as tenants
      from pg_temp.wanted('deliveries', 100000) as many, generate_series(1, many) as n) told;
insert into runs (id, kind, tenant_id, version, epoch, seq, state, status, step, progress, error, result, life, started_by, started_at,
                  updated_at, ended_at)
select v.id, 'webhook_delivery', w.tenant, 1, 4, 5, v.state, case v.state when 'failed' then 'failed' else 'completed' end, v.state, 100,
       case v.state when 'failed' then '{"class": "ServiceUnavailable", "message": "The endpoint did not answer."}'::jsonb end, '{}',
       jsonb_build_object('version', 1, 'epoch', 4, 'state', v.state, 'progress', 100, 'data', '{}'::jsonb), 'filled', v.at,
       v.at + interval '2 s', v.at + interval '2 s'
from v join w on w.n = v.tenant;
insert into webhook_events (id, tenant_id, type, body, created_at, erase_at)
select v.event, w.tenant, 'email_domain.verified', '{"type": "email_domain.verified", "data": {}}', v.at, v.at + interval '90 days'
from v join w on w.n = v.tenant;
insert into webhook_deliveries (id, tenant_id, endpoint_id, event_id, created_at)
select v.id, w.tenant, w.id, v.event, v.at from v join w on w.n = v.tenant;
insert into webhook_attempts (id, delivery_id, tenant_id, at, duration_ms, status_code)
select pg_temp.id_at(v.at, v.n, 'attempt'), v.id, w.tenant, v.at, 120, case v.state when 'failed' then 503 else 200 end
from v join w on w.n = v.tenant;

-- Files of tenants, and what was put down: the platform's chain, and those of a thousand tenants. Each line is chained to the one before
-- it by the table itself, which takes most of the time here.
create temporary table i on commit drop as
select n, at, pg_temp.id_at(at, n, 'import') as id from (select n, now() - interval '1 day' * n as at from generate_series(1, 50) as n) files;
insert into runs (id, kind, version, epoch, seq, state, status, step, progress, result, life, started_by, started_at, updated_at, ended_at)
select id, 'tenant_import', 1, 4, 8, 'completed', 'completed', 'completed', 100, '{}',
       jsonb_build_object('version', 1, 'epoch', 4, 'state', 'completed', 'progress', 100, 'data', '{}'::jsonb), 'filled', at, at, at
from i;
insert into imports (run_id, format, created_by, created_at) select id, 'csv', 'filled', at from i;
insert into import_rows (import_id, line, tenant_name, status, run_id, updated_at)
select i.id, line, 'Filled ' || t.n, 'succeeded', t.run, i.at
from i, generate_series(1, 200) as line, lateral (select * from t where t.n = 1 + (i.n * 200 + line) % (select count(*) from t)) as t;
-- The table is empty when the first line looks for the one before it, so that nobody would guess how many there will be.
set local enable_seqscan = off;
set local enable_sort = off;
set local enable_bitmapscan = off;
insert into audit (chain, seq, at, tenant_id, actor, action, subject, after, prev_hash, hash)
select '', 1, pg_temp.moment() - interval '90 days' * (1 - line::float8 / many), null, case when line % 5 = 0 then 'operator@tenantry.test' else 'nightly' end,
       (array['tenant.suspended', 'run.retried', 'task.answered', 'key.made'])[1 + line % 4], 'filled-' || line % 5000, '{"filled": true}', '', ''
from (select pg_temp.wanted('audit', 100000) / 2 as many) half, generate_series(1, many) as line order by line;
insert into audit (chain, seq, at, tenant_id, actor, action, subject, after, prev_hash, hash)
select '', 1, pg_temp.moment() - interval '90 days' * (1 - line::float8 / many), t.id, case when line % 5 = 0 then 'operator@tenantry.test' else 'Ada' end,
       (array['email_domain.added', 'message.cancelled', 'template.published', 'key.made'])[1 + line / 10 % 4], 'filled-' || line % 5000, '{"filled": true}', '', ''
from (select pg_temp.wanted('audit', 100000) / 2 as many) half, generate_series(1, many) as line
     join t on t.n = 1 + (case when line % 2 = 0 then (line / 2) % 10 else (line / 2) % least(1000, pg_temp.wanted('tenants', 10000)) end) order by line;
