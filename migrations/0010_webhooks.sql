-- Webhooks: where a tenant wants to be told of events, what has happened, and how each delivery went.
-- A delivery and its life share their id.

create table webhook_endpoints (
    id              uuid primary key,
    tenant_id       uuid        not null references tenants,
    url             text        not null check (url <> '' and length(url) <= 2048),
    -- Types of events, or '*' for all.
    events          text[]      not null check (cardinality(events) between 1 and 100),
    description     text        not null default '' check (length(description) <= 500),
    status          text        not null default 'enabled' check (status in ('enabled', 'disabled')),
    disabled_reason text,
    -- Sealed with the endpoint's id; the one before it signs too until its time is over.
    secret          bytea,
    previous_secret bytea,
    previous_until  timestamptz,
    -- When the first delivery failed after the last that did not.
    failing_since   timestamptz,
    warned_at       timestamptz,
    last_success_at timestamptz,
    last_failure_at timestamptz,
    -- Counts the changes, for If-Match.
    version         int         not null default 1,
    created_by      text        not null,
    created_at      timestamptz not null,
    updated_at      timestamptz not null,
    deleted_at      timestamptz,
    constraint only_what_is_disabled_has_a_reason check (status = 'disabled' or disabled_reason is null),
    constraint a_previous_secret_ends check ((previous_secret is null) = (previous_until is null)),
    constraint only_a_failing_endpoint_is_warned_of check (failing_since is not null or warned_at is null),
    constraint what_is_deleted_keeps_no_secret check ((deleted_at is null) = (secret is not null)),
    constraint what_is_deleted_keeps_no_previous_secret check (deleted_at is null or previous_secret is null)
);
create index webhook_endpoints_by_tenant on webhook_endpoints (tenant_id, id desc) where deleted_at is null;
create index webhook_endpoints_with_two_secrets on webhook_endpoints (previous_until) where previous_until is not null;

create table webhook_events (
    -- The id of the command that told it, so that what is told twice is there once.
    id         uuid primary key,
    -- May name a tenant that never came to be, or is no more.
    tenant_id  uuid        not null,
    type       text        not null check (type <> ''),
    -- The very bytes that are signed; none: its time is over.
    body       text        check (octet_length(body) < 20480),
    created_at timestamptz not null,
    erase_at   timestamptz not null
);
create index webhook_events_by_tenant on webhook_events (tenant_id, id desc);
create index webhook_events_to_erase on webhook_events (erase_at) where body is not null;

create table webhook_deliveries (
    id          uuid primary key references runs,
    tenant_id   uuid        not null references tenants,
    endpoint_id uuid        not null references webhook_endpoints,
    event_id    uuid        not null references webhook_events,
    -- A person wanted it: a test, or the same event once more. Says nothing about the endpoint's health.
    by_hand     boolean     not null default false,
    created_at  timestamptz not null
);
create unique index one_delivery_of_an_event on webhook_deliveries (endpoint_id, event_id) where not by_hand;
create index webhook_deliveries_by_endpoint on webhook_deliveries (endpoint_id, id desc);
create index webhook_deliveries_by_event on webhook_deliveries (event_id);
create index webhook_deliveries_by_tenant on webhook_deliveries (tenant_id, id desc);

-- One line for each answer, or for none. Never what a receiver has said beyond its status.
create table webhook_attempts (
    -- The command that was performed.
    id          uuid primary key,
    delivery_id uuid        not null references webhook_deliveries,
    tenant_id   uuid        not null,
    at          timestamptz not null,
    duration_ms int         not null check (duration_ms >= 0),
    status_code smallint    check (status_code between 100 and 999),
    error       text
);
create index webhook_attempts_by_delivery on webhook_attempts (delivery_id, at);

grant select, insert, update, delete on webhook_endpoints, webhook_events, webhook_deliveries, webhook_attempts to tenantry_worker;
grant select, insert, update on webhook_endpoints to tenantry_operator, tenantry_tenant;
grant select, insert on webhook_events, webhook_deliveries to tenantry_operator, tenantry_tenant;
grant select on webhook_attempts to tenantry_operator, tenantry_tenant;

do $$
declare
    t text;
begin
    foreach t in array array ['webhook_endpoints', 'webhook_events', 'webhook_deliveries', 'webhook_attempts'] loop
        execute format('alter table %I enable row level security', t);
        execute format('create policy everything on %I to tenantry_worker, tenantry_operator using (true) with check (true)', t);
        execute format('create policy own_tenant on %I to tenantry_tenant using (tenant_id = current_tenant()) with check (tenant_id = current_tenant())', t);
    end loop;
end
$$;
