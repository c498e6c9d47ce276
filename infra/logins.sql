-- The logins of the deployed functions, each a member of what it needs and of nothing else (migrations/0001_roles.sql).
-- A member takes a role with `set role`; `noinherit` means that without it a login may do nothing at all.
-- Run after the migrations, as their owner; run it again to change the passwords:
--   psql "$OWNER_URL" -v functions_password=... -v api_password=... -f infra/logins.sql

do $$
declare
    login text;
begin
    foreach login in array array ['tenantry_functions', 'tenantry_api'] loop
        if not exists (select from pg_roles where rolname = login) then
            execute format('create role %I', login);
        end if;
    end loop;
end
$$;

alter role tenantry_functions with login noinherit password :'functions_password';
alter role tenantry_api with login noinherit password :'api_password';

grant tenantry_worker to tenantry_functions;
grant tenantry_tenant, tenantry_operator to tenantry_api;
