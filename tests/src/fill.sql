-- A platform that has been busy for a while: tenants with their names, other runs over 90 days, messages over 30. For looking at
-- plans and for benchmarks. The numbers may be set before: set fill.tenants = 10000; set fill.messages = 1000000; set fill.runs = 100000.
-- Nothing in it is due, so that nothing of it is worked on.

create function pg_temp.wanted(what text, usual int) returns int language sql stable as
$$ select coalesce(nullif(current_setting('fill.' || what, true), '')::int, usual) $$;

-- A UUIDv7 of a moment, the same for the same number.
create function pg_temp.id_at(at timestamptz, n bigint, what text) returns uuid language sql immutable as
$$
    select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid
    from md5(what || n) as h
$$;

create temporary table t on commit drop as
select n, now() - interval '360 days' * (1 - n::float8 / pg_temp.wanted('tenants', 10000)) - interval '1 hour' as at, null::uuid as id, null::uuid as run
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
insert into runs (id, kind, tenant_id, external_key, version, epoch, seq, state, status, step, progress, error, result, life, started_by,
                  started_at, updated_at, ended_at)
select run, 'tenant_onboarding', id, null, 1, 5, 6, 'completed', 'completed', 'completed', 100, null,
       jsonb_build_object('tenantId', 'ten_' || replace(id::text, '-', ''), 'emailSent', true, 'success', true, 'createdAt', at),
       jsonb_build_object('version', 1, 'epoch', 5, 'state', 'completed', 'progress', 100, 'data',
                          jsonb_build_object('tenantName', 'Filled ' || n, 'adminUser', jsonb_build_object('firstName', 'Ada', 'lastName', 'Filled'))),
       'filled', at, at + interval '2 s', at + interval '700 ms' + random() * interval '2 s'
from t;

create temporary table d on commit drop as
select n, id as tenant, t.at + interval '1 hour' as at, pg_temp.id_at(t.at + interval '1 hour', n, 'domain') as id,
       (array['verified', 'verified', 'verified', 'verified', 'verified', 'verified', 'awaiting_dns', 'awaiting_dns', 'verifying',
              'failed', 'degraded'])[1 + n % 11] as word
from t where n % 10 < 6;
insert into runs (id, kind, tenant_id, version, epoch, seq, state, status, step, progress, error, result, life, started_by, started_at,
                  updated_at)
select id, 'email_domain', tenant, 1, 7, 20, word, case when word = 'failed' then 'waiting' else 'running' end, word, 60,
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
from t where n % 10 > 5;
insert into runs (id, kind, tenant_id, version, epoch, seq, state, status, step, progress, result, life, started_by, started_at, updated_at)
select id, 'portal_domain', tenant, 1, 7, 20, state, case when state like '%failed' then 'waiting' else 'running' end, state, 60,
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
from (select n, now() - interval '90 days' * (1 - n::float8 / greatest(1, many)) - interval '1 minute' as at
      from (select pg_temp.wanted('runs', 100000) - (select count(*) from runs)::int as many) left_over, generate_series(1, many) as n) drills;
insert into runs (id, kind, version, epoch, seq, state, status, step, progress, error, result, life, started_by, started_at, updated_at,
                  ended_at)
select id, 'drill', 1, 4, 8, word, word, word, 100, case when word = 'failed' then '{"class": "TimeoutError", "message": "No answer came."}'::jsonb end,
       '{}', jsonb_build_object('version', 1, 'epoch', 4, 'state', word, 'progress', 100, 'data', '{}'::jsonb), 'filled', at,
       at + interval '2 s', at + interval '2 s'
from r;
-- A few that ask a person.
create temporary table k on commit drop as
select n, at, pg_temp.id_at(at, n, 'asks') as id from (select n, now() - interval '1 hour' * n as at from generate_series(1, 200) as n) asked;
insert into runs (id, kind, tenant_id, version, epoch, seq, state, status, step, progress, error, result, life, started_by, started_at, updated_at)
select k.id, 'tenant_onboarding', t.id, 1, 4, 8, 'asking_about_sending_welcome_email', 'waiting', 'sending_welcome_email', 85,
       '{"class": "EmailRefused", "message": "The mailbox does not exist."}',
       '{}', jsonb_build_object('version', 1, 'epoch', 4, 'state', 'asking_about_sending_welcome_email', 'progress', 85, 'data', '{}'::jsonb), 'filled',
       k.at, k.at
from k join t on t.n = 1 + k.n % (select count(*) from t);
insert into tasks (id, run_id, tenant_id, epoch, name, task, title, text, schema, context, created_at)
select pg_temp.id_at(k.at, k.n, 'task'), k.id, runs.tenant_id, 4, 'Decide', '"Decide"', 'The welcome mail could not be delivered',
       'Choose what is to be done.', '{"type": "object"}', '{}', k.at
from k join runs on runs.id = k.id;
insert into history (run_id, seq, tenant_id, at, kind, name, from_state, to_state, epoch, outcome, detail)
select id, line, tenant_id, started_at + interval '200 ms' * line, case line when 1 then 'started' else 'answer' end, 'Filled', 'before', state,
       line, 'moved', '{}'
from runs, generate_series(1, 4) as line where started_by = 'filled';

-- Messages: most are delivered, to a tenth of the tenants most of them.
create temporary table m on commit drop as
select n, at, pg_temp.id_at(at, n, 'message') as id,
       1 + (case when n % 3 = 0 then n % greatest(1, tenants / 10) else n % tenants end) as tenant,
       (array['delivered', 'delivered', 'delivered', 'delivered', 'delivered', 'delivered', 'delivered', 'sent', 'bounced', 'failed'])[
           1 + case when n % 20 < 18 then n % 8 else 8 + n % 2 end] as state
from (select n, now() - interval '30 days' * (1 - n::float8 / greatest(1, many)) - interval '1 minute' as at, pg_temp.wanted('tenants', 10000) as tenants
      from pg_temp.wanted('messages', 1000000) as many, generate_series(1, many) as n) sent;
insert into runs (id, kind, tenant_id, version, epoch, seq, state, status, step, progress, error, result, life, started_by, started_at,
                  updated_at, ended_at)
select m.id, 'email_delivery', t.id, 1, 4, 5, m.state, case when m.state in ('bounced', 'failed') then 'failed' else 'completed' end, m.state, 100,
       case when m.state in ('bounced', 'failed') then '{"class": "EmailRefused", "message": "The mailbox does not exist."}'::jsonb end,
       '{}', jsonb_build_object('version', 1, 'epoch', 4, 'state', m.state, 'progress', 100, 'data', '{}'::jsonb), 'filled', m.at,
       m.at + interval '2 s', m.at + interval '2 s'
from m join t on t.n = m.tenant;
insert into messages (id, tenant_id, category, template, subject, recipients, size, created_at)
select m.id, t.id, 'notifications', case when m.n % 2 = 0 then 'invoice' end, 'Your invoice ' || m.n, array['reader-' || m.n % 100000 || '@example.test'],
       2000, m.at
from m join t on t.n = m.tenant;
insert into message_finds (what, tenant_id, message_id)
select 'to:reader-' || m.n % 100000 || '@example.test', t.id, m.id from m join t on t.n = m.tenant;
insert into sends (message_id, tenant_id, provider, provider_message_id, message_id_header, sender, attempts, accepted_at)
select m.id, t.id, case when m.n % 3 = 0 then 'ses' else 'resend' end, 'filled-' || m.n, '<filled-' || m.n || '@mail.test>', 'hello@mail.test', 1,
       m.at + interval '1 s'
from m join t on t.n = m.tenant where m.state <> 'failed';
insert into mail_stats (tenant_id, day, provider, sent, delivered, bounced, hard_bounced, complained, failed, latency_ms)
select t.id, (m.at at time zone 'UTC')::date, case when m.n % 3 = 0 then 'ses' else 'resend' end, count(*) filter (where m.state <> 'failed'),
       count(*) filter (where m.state = 'delivered'), count(*) filter (where m.state = 'bounced'), 0,
       count(*) filter (where m.n % 5000 = 0), count(*) filter (where m.state = 'failed'), 1000 * count(*)
from m join t on t.n = m.tenant group by 1, 2, 3;
