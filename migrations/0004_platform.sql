-- What the API needs around the workflows.

-- The first insert wins, and it commits together with what the request did.
create table idempotency_keys (
    scope      text        not null,
    route      text        not null,
    key        text        not null check (length(key) between 1 and 255),
    body_hash  bytea       not null check (length(body_hash) = 32),
    status     smallint    not null check (status between 200 and 599),
    location   text,
    body       jsonb       not null,
    created_at timestamptz not null,
    primary key (scope, route, key)
);
create index idempotency_keys_old on idempotency_keys (created_at);

create table api_keys (
    id           uuid primary key,
    -- None: the platform's own.
    tenant_id    uuid references tenants,
    name         text        not null check (name <> ''),
    secret_hash  bytea       not null unique check (length(secret_hash) = 32),
    permissions  text[]      not null check (cardinality(permissions) > 0),
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz,
    created_by   text        not null,
    created_at   timestamptz not null
);
create index api_keys_by_tenant on api_keys (tenant_id, id desc);

-- GCRA: the theoretical arrival time of the next request.
create table rate_limits (
    key text primary key,
    tat timestamptz not null
);

create index rate_limits_idle on rate_limits (tat);

-- Who did what. Append-only; each row's hash covers the row before it in the same chain.
create table audit (
    chain      text        not null,
    seq        bigint      not null check (seq > 0),
    at         timestamptz not null,
    tenant_id  uuid,
    actor      text        not null,
    action     text        not null,
    subject    text        not null,
    before     jsonb,
    after      jsonb,
    request_id text,
    run_id     uuid,
    source_ip  text,
    prev_hash  bytea       not null,
    hash       bytea       not null check (length(hash) = 32),
    primary key (chain, seq)
);
create index audit_by_tenant on audit (tenant_id, at desc);

create function audit_hash(prev bytea, a audit) returns bytea
    language sql immutable parallel safe
    return sha256(prev || convert_to(
            jsonb_build_array(a.chain, a.seq, extract(epoch from a.at)::text, a.tenant_id, a.actor, a.action, a.subject,
                              a.before, a.after, a.request_id, a.run_id, a.source_ip)::text, 'UTF8'));

-- Writers name what happened; place and hash are given here, where nobody can leave them out.
create function audit_chain() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as
$$
declare
    head record;
begin
    new.chain := coalesce(new.tenant_id::text, 'platform');
    perform pg_advisory_xact_lock(hashtextextended('audit:' || new.chain, 0));
    select seq, hash into head from audit where chain = new.chain order by seq desc limit 1;
    new.seq := coalesce(head.seq, 0) + 1;
    new.prev_hash := coalesce(head.hash, sha256('tenantry audit'::bytea));
    new.hash := audit_hash(new.prev_hash, new);
    return new;
end
$$;
create trigger audit_chain before insert on audit for each row execute function audit_chain();

create function audit_is_append_only() returns trigger
    language plpgsql as
$$
begin
    raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_is_append_only before update or delete on audit for each row execute function audit_is_append_only();
create trigger audit_is_never_emptied before truncate on audit for each statement execute function audit_is_append_only();

-- The first row of a chain that is not what was written, or whose predecessor is missing; none when all is well.
create function audit_broken(of_chain text) returns bigint
    language sql stable
    return (select min(seq) from (
        select a.seq, a.seq <> row_number() over (order by a.seq)
                   or a.prev_hash <> coalesce(lag(a.hash) over (order by a.seq), sha256('tenantry audit'::bytea))
                   or a.hash <> audit_hash(a.prev_hash, a) as broken
        from audit a where a.chain = of_chain) rows where broken);

-- Looks a key up before it is known whose it is, and notes the use (at most once a minute, to spare the row).
create function api_key_used(secret bytea, at timestamptz)
    returns table (id uuid, tenant_id uuid, name text, permissions text[], expires_at timestamptz, revoked_at timestamptz)
    language sql volatile security definer set search_path = public, pg_temp as
$$
    update api_keys k set last_used_at = $2
    where k.secret_hash = $1 and (k.last_used_at is null or k.last_used_at < $2 - interval '1 minute');
    select k.id, k.tenant_id, k.name, k.permissions, k.expires_at, k.revoked_at from api_keys k where k.secret_hash = $1;
$$;
revoke all on function api_key_used(bytea, timestamptz) from public;
grant execute on function api_key_used(bytea, timestamptz) to tenantry_operator, tenantry_tenant;
