-- Tenants that leave: what they take with them, and how their rows go.

-- Since when its rows are being removed. From then on nothing leads back, and only from then on may history be deleted.
alter table tenants add column removing_at timestamptz;
alter table tenants add constraint only_who_leaves_is_removed check (removing_at is null or status in ('offboarding', 'offboarded'));
alter table tenants add constraint whoever_is_gone_was_removed check (status <> 'offboarded' or removing_at is null or (email is null and portal_host is null));

-- A copy of everything that is a tenant's own. It shares its id with the run that makes it, and outlives that run.
create table exports (
    id           uuid primary key,
    tenant_id    uuid        not null references tenants,
    -- It belongs to an offboarding, and is kept until a while after that.
    leaving      boolean     not null,
    -- Pages that were made, and where the next one begins: the table, and the key of the last row.
    pages        int         not null default 0 check (pages >= 0),
    place        jsonb,
    parts        int         not null default 0 check (parts >= 0),
    -- Rows by table.
    counts       jsonb       not null default '{}' check (jsonb_typeof(counts) = 'object'),
    created_by   text        not null,
    created_at   timestamptz not null,
    completed_at timestamptz,
    -- None: not before the tenant has gone, or has come back.
    expires_at   timestamptz
);
create index exports_by_tenant on exports (tenant_id, id desc);
create index exports_old on exports (expires_at) where expires_at is not null;

-- What was written, in order: each part is a gzip member (RFC 1952), and all of them together are one file.
create table export_parts (
    export_id uuid  not null references exports on delete cascade,
    n         int   not null check (n > 0),
    tenant_id uuid  not null references tenants,
    -- Sealed with the export's id and the part's number: words of messages rest nowhere else in clear text either.
    sealed    bytea not null check (octet_length(sealed) <= 1049600),
    -- Of what was sealed.
    size      int   not null check (size between 1 and 1048576),
    sha256    bytea not null check (length(sha256) = 32),
    primary key (export_id, n)
);

-- An order counts against the authority's limits for a week, whoever is gone by then.
alter table certificate_orders alter column domain_id drop not null;

-- Names from which tenants have sent that are no more: another tenant may have such a name after a while, as after any removal.
create table former_names (
    name        text        not null check (name <> ''),
    tenant_id   uuid        not null references tenants,
    released_at timestamptz not null,
    primary key (name, tenant_id)
);
create index former_names_old on former_names (released_at);

grant select, insert, update, delete on exports, export_parts, former_names to tenantry_worker;
grant select, insert on exports to tenantry_operator;
grant select on export_parts to tenantry_operator;

do $$
declare
    t text;
begin
    foreach t in array array ['exports', 'export_parts', 'former_names'] loop
        execute format('alter table %I enable row level security', t);
        execute format('create policy everything on %I to tenantry_worker, tenantry_operator using (true) with check (true)', t);
        execute format('create policy own_tenant on %I to tenantry_tenant using (tenant_id = current_tenant()) with check (tenant_id = current_tenant())', t);
    end loop;
end
$$;

-- The functions delete no history, but that of a tenant which is being removed.
create function is_being_removed(tenant uuid) returns boolean
    language sql stable
    return exists (select from tenants t where t.id = tenant and t.removing_at is not null and t.status = 'offboarding');

grant delete on runs, history, commands, tasks to tenantry_worker;
grant select, delete on api_keys to tenantry_worker;
do $$
declare
    t text;
begin
    foreach t in array array ['runs', 'history', 'commands', 'tasks', 'api_keys'] loop
        execute format('create policy only_of_who_leaves on %I as restrictive for delete to tenantry_worker using (is_being_removed(tenant_id))', t);
    end loop;
end
$$;
