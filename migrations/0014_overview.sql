-- What the home page asks: what needs somebody, and what the last days came to. Each question has its index, and none of them
-- looks at messages or at deliveries of webhooks, which outnumber everything else.

create index runs_started on runs (started_at) where kind not in ('email_delivery', 'webhook_delivery');
create index runs_ended on runs (ended_at, status) where ended_at is not null and kind not in ('email_delivery', 'webhook_delivery');
-- What is under way, but for names, which stand for years.
create index runs_under_way on runs (status, id)
    where ended_at is null and kind not in ('email_delivery', 'webhook_delivery', 'email_domain', 'portal_domain');
create index runs_onboarded on runs (ended_at) where kind = 'tenant_onboarding' and status = 'completed';
-- How a name stands, in the word that people read.
create index runs_shown on runs (kind, (result ->> 'status'), id) where kind in ('email_domain', 'portal_domain') and ended_at is null;
-- Hostnames that do not go on by themselves, or have been live and do not answer.
create index runs_of_stuck_portals on runs (id)
    where kind = 'portal_domain' and ended_at is null
      and (state in ('dns_failed', 'certificate_failed', 'refused', 'broken') or result #>> '{axes,routing}' = 'troubled');

create index tenants_by_status on tenants (status);
create index email_domains_verified on email_domains (verified_at) where verified_at is not null;
create index portal_domains_activated on portal_domains (activated_at) where activated_at is not null;
create index lanes_paused on lanes (tenant_id) where paused is not null;
create index webhook_endpoints_failing on webhook_endpoints (failing_since) where failing_since is not null and deleted_at is null;

-- What all tenants together came to on a day (UTC). Counted when it is first asked for, and again while the day goes on or providers
-- may still tell of it.
create table platform_days (
    day        date primary key,
    -- {started, completed, failed}
    runs       jsonb       not null check (jsonb_typeof(runs) = 'object'),
    -- [{provider, sent, delivered, bounced, complained, failed}]
    mail       jsonb       not null check (jsonb_typeof(mail) = 'array'),
    -- How many rows were read for it: what is few is counted each time.
    weight     bigint      not null check (weight >= 0),
    counted_at timestamptz not null
);
grant select, insert, update, delete on platform_days to tenantry_worker;
grant select, insert, update on platform_days to tenantry_operator;
alter table platform_days enable row level security;
create policy everything on platform_days to tenantry_worker, tenantry_operator using (true) with check (true);
