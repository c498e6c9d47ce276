-- tenantry_worker: the functions. Every row, no delete where rows are history.
-- tenantry_operator: the API for people of the platform. Every row.
-- tenantry_tenant: the API for a tenant. The rows of app.current_tenant, and no others.

grant select, insert, update on runs, commands, tasks to tenantry_worker, tenantry_operator, tenantry_tenant;
grant select, insert on history to tenantry_worker, tenantry_operator, tenantry_tenant;
-- Locking a due timer asks for the right to update it.
grant select, insert, update, delete on timers to tenantry_worker, tenantry_operator, tenantry_tenant;
grant select, insert on audit to tenantry_worker, tenantry_operator, tenantry_tenant;

grant select, insert, update, delete on
    tenants, companies, tenant_companies, users, roles, user_roles, credentials, invitations, tenant_email_settings,
    notification_defaults, messages to tenantry_worker;
grant select on
    tenants, companies, tenant_companies, roles, user_roles, tenant_email_settings, notification_defaults, messages
    to tenantry_operator, tenantry_tenant;
-- Of a user everything but the password's hash.
grant select (id, tenant_id, first_name, last_name, email, must_change_password, password_expires_at, last_login_at, created_at, updated_at)
    on users to tenantry_operator, tenantry_tenant;
-- Reading a temporary password once, and accepting an invitation.
grant select, update on credentials to tenantry_operator, tenantry_tenant;
grant select, update on invitations to tenantry_operator;
grant update on users to tenantry_operator;

grant select, insert, update, delete on idempotency_keys, rate_limits to tenantry_worker;
grant select, insert on idempotency_keys to tenantry_operator, tenantry_tenant;
grant select, insert, update on rate_limits, api_keys to tenantry_operator, tenantry_tenant;

do $$
declare
    t text;
begin
    foreach t in array array [
        'runs', 'history', 'commands', 'timers', 'tasks', 'audit', 'api_keys', 'companies', 'tenant_companies', 'users',
        'roles', 'user_roles', 'credentials', 'invitations', 'tenant_email_settings', 'notification_defaults', 'messages'] loop
        execute format('alter table %I enable row level security', t);
        execute format('create policy everything on %I to tenantry_worker, tenantry_operator using (true) with check (true)', t);
        execute format('create policy own_tenant on %I to tenantry_tenant using (tenant_id = current_tenant()) with check (tenant_id = current_tenant())', t);
    end loop;
end
$$;

alter table tenants enable row level security;
create policy everything on tenants to tenantry_worker, tenantry_operator using (true) with check (true);
create policy own_tenant on tenants to tenantry_tenant using (id = current_tenant());

alter table idempotency_keys enable row level security;
create policy everything on idempotency_keys to tenantry_worker, tenantry_operator using (true) with check (true);
create policy own_tenant on idempotency_keys to tenantry_tenant
    using (scope = current_tenant()::text) with check (scope = current_tenant()::text);
