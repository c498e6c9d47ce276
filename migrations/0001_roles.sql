-- Three roles that no one logs in as; a login is a member of what it needs (see README.md).
-- Roles belong to the whole cluster, so another database may have made them already.
do $$
declare
    role_name text;
begin
    foreach role_name in array array ['tenantry_worker', 'tenantry_operator', 'tenantry_tenant'] loop
        begin
            execute format('create role %I nologin', role_name);
        exception
            when duplicate_object or unique_violation then null;
        end;
    end loop;
end
$$;

grant usage on schema public to tenantry_worker, tenantry_operator, tenantry_tenant;
-- A function checks at its start that the database is not behind the code.
grant select on _sqlx_migrations to tenantry_worker, tenantry_operator, tenantry_tenant;

-- The tenant that a transaction of the API speaks for; none sees nothing.
create function current_tenant() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('app.current_tenant', true), '')::uuid;
