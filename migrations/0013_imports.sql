-- Imports: a file of tenants, of which each line becomes an onboarding. They are the platform's; no tenant sees them.

create table imports (
    -- The run that begins the onboardings, one after another.
    run_id     uuid primary key references runs,
    format     text        not null check (format in ('csv', 'ndjson')),
    created_by text        not null check (created_by <> ''),
    created_at timestamptz not null
);

create table import_rows (
    import_id   uuid        not null references imports,
    -- Where it stands in the file, counted from 1.
    line        int         not null check (line > 0),
    -- As it was written; none where not even that can be read.
    tenant_name text,
    status      text        not null
        check (status in ('waiting', 'running', 'succeeded', 'failed', 'invalid', 'duplicate', 'cancelled')),
    -- What the onboarding is begun with: names and addresses. It is gone as soon as the onboarding has it, or never will.
    input       jsonb,
    -- The row's onboarding; for a duplicate the one that was there before.
    run_id      uuid,
    -- Why it was not begun, or what ended it.
    error       text,
    updated_at  timestamptz not null,
    primary key (import_id, line),
    constraint only_what_waits_has_an_input check ((status = 'waiting') = (input is not null)),
    constraint what_was_begun_has_a_run check (status not in ('running', 'succeeded') or run_id is not null),
    constraint what_is_wrong_has_words check (status not in ('failed', 'invalid', 'duplicate') or error is not null)
);
create index import_rows_waiting on import_rows (import_id, line) where status = 'waiting';
create index import_rows_running on import_rows (import_id, run_id) where status = 'running';

grant select, insert, update, delete on imports, import_rows to tenantry_worker;
grant select, insert on imports, import_rows to tenantry_operator;

alter table imports enable row level security;
create policy everything on imports to tenantry_worker, tenantry_operator using (true) with check (true);
alter table import_rows enable row level security;
create policy everything on import_rows to tenantry_worker, tenantry_operator using (true) with check (true);
