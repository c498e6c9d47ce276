-- People look for runs, and hold them: pauses, what a run is about, who has taken a task.

-- A paused run begins nothing: what it asks of the world and what it waits for is held until it is resumed. What is under way
-- when it is paused may end, and its answer is written.
alter table runs
    add column paused_at  timestamptz,
    add column paused_by  text,
    add column paused_why text check (paused_why <> ''),
    -- What it is about, as a person would type it: a domain, a hostname, the name of a tenant.
    add column entity     text check (entity <> ''),
    add constraint a_pause_has_an_author check ((paused_at is null) = (paused_by is null)),
    add constraint a_reason_belongs_to_a_pause check (paused_why is null or paused_at is not null);

update runs set entity = nullif(case kind
    when 'tenant_onboarding' then life #>> '{data,own,input,tenantName}'
    when 'email_domain' then life #>> '{data,domain}'
    when 'portal_domain' then life #>> '{data,domain}' end, '')
where kind in ('tenant_onboarding', 'email_domain', 'portal_domain');

-- Held rows are not due, however long they have been: they leave the indexes by which what is due is found, so that a pause costs
-- the sweeper and the lanes nothing.
alter table commands add column held boolean not null default false;
alter table commands add constraint a_notice_is_never_held check (not held or role = 'command');
alter table timers add column held boolean not null default false;
drop index commands_wake;
create index commands_wake on commands (wake_at) where ended_at is null and not held;
drop index timers_due;
create index timers_due on timers (due_at) where not in_lane and not held;
drop index timers_in_lane;
create index timers_in_lane on timers (tenant_id, due_at) where in_lane and not held;

-- Each way of looking for runs has an index, newest first; messages have lists of their own.
create index runs_by_time on runs (id desc) where kind <> 'email_delivery';
create index runs_by_kind on runs (kind, id desc) where kind <> 'email_delivery';
create index runs_by_state on runs (state, id desc) where kind <> 'email_delivery';
create index runs_by_error on runs (error_class, id desc) where error_class is not null and kind <> 'email_delivery';
create index runs_by_key on runs (external_key, id desc) where external_key is not null and kind <> 'email_delivery';
create index runs_by_entity on runs (lower(entity) text_pattern_ops) where entity is not null and kind <> 'email_delivery';
create index runs_paused on runs (id desc) where paused_at is not null;
create index tenants_by_name on tenants (lower(name) text_pattern_ops);
create index tenants_by_slug on tenants (slug text_pattern_ops);

-- Taking a task says that somebody is at it; anybody who may can answer all the same.
alter table tasks
    add column claimed_by text,
    add column claimed_at timestamptz,
    -- The order of the inbox: what has a deadline comes first, the nearest before the others; then what is newest.
    add column place      timestamptz generated always as (
        case when ended_at is null then coalesce(due_at, 'infinity'::timestamptz) else 'infinity'::timestamptz end) stored,
    add constraint a_claim_has_an_author check ((claimed_by is null) = (claimed_at is null));
drop index tasks_by_tenant;
create index tasks_by_place on tasks (status, place, id desc);
create index tasks_by_tenant on tasks (tenant_id, place, id desc);
create index tasks_claimed on tasks (claimed_by, place, id desc) where claimed_by is not null;
