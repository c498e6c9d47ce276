-- Sending domains that tenants bring. A domain and its life share their id.

-- Some tasks are for the platform's operators alone.
alter table tasks add column operators_only boolean not null default false;
create index tasks_due on tasks (due_at) where ended_at is null and due_at is not null;
drop policy own_tenant on tasks;
create policy own_tenant on tasks to tenantry_tenant
    using (tenant_id = current_tenant() and not operators_only) with check (tenant_id = current_tenant());

-- Leaving a state withdraws its tasks, also those that the one who makes it leave cannot see.
create function withdraw_tasks(run uuid, before int, names text[], but uuid, at timestamptz) returns void
    language sql security definer set search_path = public as
$$
    update tasks set status = 'withdrawn', ended_at = at
    where run_id = run and ended_at is null and (before is null or epoch < before) and (names is null or name = any(names))
      and id is distinct from but and (current_setting('role') <> 'tenantry_tenant' or tenant_id = current_tenant())
$$;
create function has_open_task(run uuid) returns boolean
    language sql stable security definer set search_path = public as
$$
    select exists (select from tasks where run_id = run and ended_at is null
                   and (current_setting('role') <> 'tenantry_tenant' or tenant_id = current_tenant()))
$$;

create table email_domains (
    id          uuid primary key references runs,
    tenant_id   uuid        not null references tenants,
    -- In lower-case A-labels.
    name        text        not null check (name <> '' and name = lower(name)),
    -- What stands before the @ of the address that mail comes from.
    mailbox     text        not null check (mailbox <> ''),
    region      text,
    -- The account at which it is made.
    provider    text,
    -- What the tenant publishes to show that the zone is its own. Random, and no secret.
    token       text        not null unique check (length(token) >= 26),
    -- The records to publish, and what the last look has found.
    wanted      jsonb       not null default '[]' check (jsonb_typeof(wanted) = 'array'),
    report      jsonb,
    looked_at   timestamptz,
    -- When the token was last seen; none: it was not there when somebody could last say.
    proven_at   timestamptz,
    -- The name is this tenant's, and no other's.
    holds       boolean     not null default false,
    -- Mail leaves from it.
    sends       boolean     not null default false,
    verified_at timestamptz,
    -- The settings of mail before it was activated, for going back.
    previous    jsonb,
    created_by  text        not null,
    created_at  timestamptz not null,
    -- It is over; another tenant may have the name after a while.
    released_at timestamptz,
    constraint only_a_holder_sends check (holds or not sends),
    constraint a_released_name_is_held_by_nobody check (released_at is null or not holds),
    constraint a_holder_was_verified check (not holds or verified_at is not null)
);
create unique index one_claim_of_a_tenant on email_domains (tenant_id, name) where released_at is null;
create unique index one_holder_of_a_name on email_domains (name) where holds;
create index email_domains_released on email_domains (name, released_at) where verified_at is not null;
create index email_domains_by_tenant on email_domains (tenant_id, id desc);

-- An account has each name once: which of the claims has it there. A domain in the account that is not here is nobody's.
create table provider_domains (
    provider           text        not null,
    name               text        not null,
    domain_id          uuid        not null unique references email_domains,
    -- None until the provider has answered.
    provider_domain_id text,
    -- Nobody had it there when it was claimed, or its owner has proved the zone: it may be made, or taken over as it is.
    clear              boolean     not null,
    created_at         timestamptz not null,
    primary key (provider, name)
);
create index provider_domains_by_id on provider_domains (provider, provider_domain_id);

grant select, insert, update, delete on email_domains, provider_domains to tenantry_worker;
grant select on email_domains to tenantry_operator, tenantry_tenant;
grant insert (id, tenant_id, name, mailbox, region, token, created_by, created_at) on email_domains to tenantry_operator, tenantry_tenant;
grant select on provider_domains to tenantry_operator;
grant execute on function withdraw_tasks, has_open_task to tenantry_worker, tenantry_operator, tenantry_tenant;

alter table email_domains enable row level security;
create policy everything on email_domains to tenantry_worker, tenantry_operator using (true) with check (true);
create policy own_tenant on email_domains to tenantry_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
alter table provider_domains enable row level security;
create policy everything on provider_domains to tenantry_worker, tenantry_operator using (true) with check (true);

-- A tenant chooses among the domains it has verified, and verifies none by saying so.
create or replace function a_tenant_verifies_nothing() returns trigger
    language plpgsql as
$$
declare
    carrier text;
begin
    if new.custom_domain is distinct from old.custom_domain then
        select provider into carrier from email_domains where tenant_id = new.tenant_id and name = new.custom_domain and sends;
        if found then
            new.domain_verified := true;
            new.domain_provider := carrier;
            new.dkim_enabled := true;
        elsif current_user = 'tenantry_tenant' and new.domain_verified then
            raise exception 'a domain is verified by looking at it' using errcode = 'insufficient_privilege';
        elsif not new.domain_verified then
            -- What was found out about a domain is not true of another.
            new.dkim_enabled := false;
            new.domain_provider := null;
        end if;
    elsif current_user = 'tenantry_tenant' and new.domain_verified and not old.domain_verified then
        raise exception 'a domain is verified by looking at it' using errcode = 'insufficient_privilege';
    end if;
    return new;
end
$$;
