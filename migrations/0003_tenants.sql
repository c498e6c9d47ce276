-- What the product is about. Every row carries its tenant.

create table tenants (
    id            uuid primary key,
    -- The run that made it: a rollback removes what its own run has made, and nothing else.
    run_id        uuid        not null,
    name          text        not null check (name <> ''),
    slug          text        not null check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    email         text        not null check (email like '%_@_%'),
    contract_line text        not null check (contract_line <> ''),
    status        text        not null check (status in ('provisioning', 'active', 'suspended', 'offboarded')),
    external_key  text check (external_key <> ''),
    portal_host   text unique,
    created_at    timestamptz not null,
    updated_at    timestamptz not null,
    activated_at  timestamptz,
    constraint an_active_tenant_has_a_portal check (status = 'provisioning' or (portal_host is not null and activated_at is not null))
);
create unique index tenants_email on tenants (lower(email)) where status <> 'offboarded';
create unique index tenants_slug on tenants (slug) where status <> 'offboarded';
create unique index tenants_external_key on tenants (external_key) where external_key is not null and status <> 'offboarded';

create table companies (
    id         uuid primary key,
    tenant_id  uuid        not null references tenants,
    name       text        not null check (name <> ''),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    unique (tenant_id, id)
);
create unique index companies_name on companies (tenant_id, lower(name));

create table tenant_companies (
    tenant_id  uuid        not null references tenants,
    company_id uuid        not null,
    is_default boolean     not null default false,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, company_id),
    foreign key (tenant_id, company_id) references companies (tenant_id, id)
);
create unique index tenant_companies_default on tenant_companies (tenant_id) where is_default;

create table users (
    id                   uuid primary key,
    tenant_id            uuid        not null references tenants,
    first_name           text        not null check (first_name <> ''),
    last_name            text        not null check (last_name <> ''),
    email                text        not null check (email like '%_@_%'),
    -- bcrypt; none until an invitation is accepted.
    password_hash        text check (password_hash like '$2_$%'),
    must_change_password boolean     not null,
    password_expires_at  timestamptz,
    last_login_at        timestamptz,
    created_at           timestamptz not null,
    updated_at           timestamptz not null,
    unique (tenant_id, id),
    constraint a_temporary_password_expires check (not must_change_password or password_hash is null or password_expires_at is not null)
);
create unique index users_email on users (tenant_id, lower(email));

create table roles (
    tenant_id   uuid        not null references tenants,
    name        text        not null check (name in ('tenant_admin', 'tenant_member')),
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    primary key (tenant_id, name)
);

create table user_roles (
    tenant_id  uuid        not null,
    user_id    uuid        not null,
    role       text        not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, user_id, role),
    foreign key (tenant_id, user_id) references users (tenant_id, id),
    foreign key (tenant_id, role) references roles (tenant_id, name)
);

-- The clear text of a temporary password, sealed, until the welcome mail is accepted and the caller has read it once.
create table credentials (
    user_id      uuid primary key,
    tenant_id    uuid        not null,
    run_id       uuid        not null,
    sealed       bytea,
    expires_at   timestamptz not null,
    mailed_at    timestamptz,
    read_at      timestamptz,
    destroyed_at timestamptz,
    created_at   timestamptz not null,
    foreign key (tenant_id, user_id) references users (tenant_id, id),
    constraint what_is_destroyed_is_gone check ((destroyed_at is null) = (sealed is not null)),
    constraint what_was_read_and_mailed_is_destroyed check (mailed_at is null or read_at is null or destroyed_at is not null)
);
create index credentials_of_run on credentials (run_id);
create index credentials_expiring on credentials (expires_at) where sealed is not null;

-- Single-use links; only the SHA-256 of the token is kept.
create table invitations (
    token_hash bytea primary key check (length(token_hash) = 32),
    tenant_id  uuid        not null,
    user_id    uuid        not null,
    expires_at timestamptz not null,
    used_at    timestamptz,
    created_at timestamptz not null,
    foreign key (tenant_id, user_id) references users (tenant_id, id)
);
create index invitations_of_user on invitations (user_id);

create table tenant_email_settings (
    tenant_id            uuid primary key references tenants,
    tier                 text        not null default 'platform' check (tier in ('platform', 'custom', 'hybrid')),
    default_from_address text,
    reply_to             text,
    created_at           timestamptz not null,
    updated_at           timestamptz not null
);

create table notification_defaults (
    tenant_id  uuid        not null references tenants,
    category   text        not null check (category <> ''),
    enabled    boolean     not null,
    -- A locked category cannot be switched off.
    locked     boolean     not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant_id, category),
    constraint what_is_locked_is_on check (enabled or not locked)
);

-- What became of each mail. The id is the id of the command that sends it: one command, one message, ever.
create table messages (
    id                uuid primary key,
    tenant_id         uuid        not null,
    run_id            uuid,
    user_id           uuid,
    template          text        not null,
    recipient         text        not null,
    message_id_header text        not null unique,
    provider          text        not null,
    status            text        not null check (status in ('sent', 'failed', 'unknown')),
    provider_response text,
    error             jsonb,
    attempts          int         not null check (attempts > 0),
    created_at        timestamptz not null,
    updated_at        timestamptz not null
);
create index messages_by_tenant on messages (tenant_id, id desc);
create index messages_unknown on messages (updated_at) where status = 'unknown';
