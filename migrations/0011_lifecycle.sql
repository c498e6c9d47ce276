-- What becomes of a tenant once it is set up: suspended and resumed, changed, and on its way out.

alter table tenants drop constraint tenants_status_check;
alter table tenants add constraint tenants_status_check
    check (status in ('provisioning', 'active', 'suspended', 'offboarding', 'offboarded'));

-- Counts the changes of a row, whoever makes them: what an ETag is made of.
alter table tenants add column version int not null default 1 check (version > 0);
-- Since when, and why, in the words of whoever suspended it. They outlive `offboarding`: a tenant that is restored goes back to
-- being suspended where it was.
alter table tenants add column suspended_at timestamptz;
alter table tenants add column suspended_reason text check (suspended_reason <> '');
-- The run that takes it down.
alter table tenants add column offboarding_run uuid;

update tenants set suspended_at = updated_at, suspended_reason = 'suspended before reasons were written down' where status = 'suspended';

alter table tenants add constraint a_suspension_says_since_when_and_why check ((suspended_at is null) = (suspended_reason is null));
alter table tenants add constraint a_suspended_tenant_says_why check (status <> 'suspended' or suspended_at is not null);
alter table tenants add constraint an_active_tenant_is_not_suspended check (status not in ('provisioning', 'active') or suspended_at is null);
alter table tenants add constraint whoever_leaves_has_a_run check (status <> 'offboarding' or offboarding_run is not null);

-- What is left of a tenant that has gone has neither an address nor a host name: others may have them.
alter table tenants alter column email drop not null;
alter table tenants add constraint a_living_tenant_has_an_address check (email is not null or status = 'offboarded');
alter table tenants drop constraint an_active_tenant_has_a_portal;
alter table tenants add constraint an_active_tenant_has_a_portal
    check (status in ('provisioning', 'offboarded') or (portal_host is not null and activated_at is not null));

create function a_tenant_counts_its_changes() returns trigger
    language plpgsql as
$$
begin
    new.version := old.version + 1;
    return new;
end
$$;
create trigger a_tenant_counts_its_changes before update on tenants
    for each row when (old.* is distinct from new.*) execute function a_tenant_counts_its_changes();

-- The lane of a tenant that is suspended, leaving or gone is shut. A mark of its own: `paused` is the reputation guard's, and
-- lifting one leaves the other.
alter table lanes add column shut boolean not null default false;
insert into lanes as l (tenant_id, shut) select id, true from tenants where status in ('suspended', 'offboarded')
    on conflict (tenant_id) do update set shut = true;

drop index lanes_ready;
create index lanes_ready on lanes (ready_at) where ready_at is not null and paused is null and not shut;

-- Written by the very statement that changes the status. Whoever gives turns holds the lane's lock, so from the commit on no
-- message gets one; that `tenants.status` is looked at there would not be enough, since it may be read a moment before.
create function a_lane_follows_its_tenant() returns trigger
    language plpgsql as
$$
begin
    if new.status in ('suspended', 'offboarding', 'offboarded') then
        insert into lanes as l (tenant_id, shut) values (new.id, true) on conflict (tenant_id) do update set shut = true;
    else
        update lanes set shut = false where tenant_id = new.id;
    end if;
    return null;
end
$$;
create trigger a_lane_follows_its_tenant after update of status on tenants
    for each row
    when ((old.status in ('suspended', 'offboarding', 'offboarded')) <> (new.status in ('suspended', 'offboarding', 'offboarded')))
    execute function a_lane_follows_its_tenant();

-- Whether a tenant's people and keys are let in: asked for each request, before anybody speaks for the tenant.
create function tenant_standing(tenant uuid) returns text
    language sql stable security definer set search_path = public, pg_temp as
$$
    select status from tenants where id = $1;
$$;
revoke all on function tenant_standing(uuid) from public;
grant execute on function tenant_standing(uuid) to tenantry_operator, tenantry_tenant, tenantry_worker;

grant update (name, email, contract_line, status, suspended_at, suspended_reason, offboarding_run, updated_at) on tenants to tenantry_operator;
