-- Hostnames of portals. A hostname and its life share their id.

create table portal_domains (
    id                uuid primary key references runs,
    tenant_id         uuid        not null references tenants,
    -- In lower-case A-labels.
    domain            text        not null check (domain <> '' and domain = lower(domain)),
    -- Where its CNAME must lead: the tenant's own host, which never changes.
    canonical_host    text        not null,
    -- What the tenant publishes where no CNAME can stand, to show that the hostname is meant for it. Random, and no secret.
    token             text        not null unique check (length(token) >= 26),
    secret_name       text        not null,
    -- When it was last seen to point to this tenant; none: it did not when somebody could last say.
    proven_at         timestamptz,
    -- What the last looks have found: at the DNS, before an order, at the cluster, from outside.
    report            jsonb,
    preflight         jsonb,
    certificate       jsonb,
    visit             jsonb,
    looked_at         timestamptz,
    -- The name is this tenant's, and no other's.
    holds             boolean     not null default false,
    -- It is wanted in the cluster.
    serves            boolean     not null default false,
    -- It was wanted, and is not any more: what is left of it in the cluster is taken down. Nothing else is ever taken down.
    retired           boolean     not null default false,
    -- Counts the wishes; the one that the cluster has heard of.
    revision          int         not null default 0,
    synced            int         not null default 0,
    wished_at         timestamptz,
    -- It is the tenant's portal.
    active            boolean     not null default false,
    activated_at      timestamptz,
    created_by        text        not null,
    created_at        timestamptz not null,
    -- It is over.
    closed_at         timestamptz,
    constraint only_a_holder_is_served check (holds or not serves),
    constraint only_what_is_served_is_active check (serves or not active),
    constraint served_or_retired check (not (serves and retired)),
    constraint what_is_over_is_down check (closed_at is null or not (holds or serves or retired)),
    constraint no_more_heard_than_said check (synced <= revision),
    constraint a_wish_has_its_time check (revision = 0 or wished_at is not null)
);
create unique index one_portal_holder_of_a_name on portal_domains (domain) where holds;
create unique index one_active_portal_of_a_tenant on portal_domains (tenant_id) where active;
create unique index one_portal_wish_of_a_tenant on portal_domains (tenant_id, domain) where closed_at is null;
create unique index one_portal_of_a_secret on portal_domains (secret_name) where closed_at is null;
create index portal_domains_by_tenant on portal_domains (tenant_id, id desc);
create index portal_domains_in_cluster on portal_domains (id) where serves or retired;

-- What a reconcile has written, and what became of it.
create table portal_objects (
    domain_id        uuid        not null references portal_domains,
    kind             text        not null,
    namespace        text        not null,
    name             text        not null,
    hash             text        not null,
    uid              text,
    resource_version text,
    generation       bigint,
    -- Why the cluster does not take it, for operators.
    refused          text,
    at               timestamptz not null,
    primary key (domain_id, kind, namespace),
    constraint taken_or_refused check (refused is not null or uid is not null)
);

-- Orders of certificates, to be counted against the authority's limits.
create table certificate_orders (
    id         uuid primary key,
    domain_id  uuid        not null references portal_domains,
    name       text        not null,
    -- The domain below the public suffix.
    registered text        not null,
    at         timestamptz not null,
    failed_at  timestamptz
);
create index certificate_orders_at on certificate_orders (at);
create index certificate_orders_by_registered on certificate_orders (registered, at);
create index certificate_orders_by_domain on certificate_orders (domain_id, at);

-- What operators read of a reconcile.
create table portal_plans (
    run_id   uuid primary key references runs,
    diff     text        not null,
    commands text        not null,
    at       timestamptz not null
);

grant select, insert, update, delete on portal_domains, portal_objects, certificate_orders, portal_plans to tenantry_worker;
grant select on portal_domains to tenantry_operator, tenantry_tenant;
grant insert (id, tenant_id, domain, canonical_host, token, secret_name, created_by, created_at) on portal_domains to tenantry_operator, tenantry_tenant;
grant select on portal_objects, portal_plans to tenantry_operator;

alter table portal_domains enable row level security;
create policy everything on portal_domains to tenantry_worker, tenantry_operator using (true) with check (true);
create policy own_tenant on portal_domains to tenantry_tenant
    using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
alter table portal_objects enable row level security;
create policy everything on portal_objects to tenantry_worker, tenantry_operator using (true) with check (true);
alter table certificate_orders enable row level security;
create policy everything on certificate_orders to tenantry_worker using (true) with check (true);
alter table portal_plans enable row level security;
create policy everything on portal_plans to tenantry_worker, tenantry_operator using (true) with check (true);
