//! Tenants: none twice, none half, none left over.

use super::{Breach, Seen, found};

/// No two living tenants share an address, an external key, a slug, a portal or a run; no two living runs an external key.
pub(super) async fn no_tenant_is_doubled(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "with living as (select * from tenants where status <> 'offboarded'),
         shared as (
             select 'address' as what, lower(email) as by, run_id from living
             union all select 'external key', external_key, run_id from living where external_key is not null
             union all select 'slug', slug, run_id from living
             union all select 'portal', portal_host, run_id from living where portal_host is not null
             union all select 'run', run_id::text, run_id from living)
         select min(run_id::text)::uuid, format('%s tenants share the %s %s', count(*), what, by)
         from shared group by what, by having count(*) > 1
         union all
         select min(id::text)::uuid, format('%s living runs share the external key %s', count(*), external_key)
         from runs where external_key is not null and status in ('running', 'waiting', 'completed')
         group by kind, external_key having count(*) > 1",
    )
    .await
}

/// A run that completed has made the one tenant that it names, and that tenant is active.
pub(super) async fn every_completed_run_has_its_tenant(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "select r.id, format('has completed, and its tenant is %s', coalesce(t.status, 'not there'))
         from runs r left join tenants t on t.id = r.tenant_id and t.run_id = r.id
         where r.kind = 'tenant_onboarding' and r.status = 'completed' and t.status is distinct from 'active'
         union all
         select t.run_id, format('made a tenant %s that is not the one it names', t.id)
         from tenants t left join runs r on r.id = t.run_id where r.tenant_id is distinct from t.id",
    )
    .await
}

/// A run that was rolled back or cancelled has left no row in any table of tenants.
pub(super) async fn what_was_rolled_back_left_no_row(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "with gone as (select id, tenant_id, status from runs where kind = 'tenant_onboarding' and status in ('rolled_back', 'cancelled')),
         rows as (
             select id as tenant_id, 'tenants' as name from tenants
             union all select tenant_id, 'companies' from companies
             union all select tenant_id, 'tenant_companies' from tenant_companies
             union all select tenant_id, 'users' from users
             union all select tenant_id, 'roles' from roles
             union all select tenant_id, 'user_roles' from user_roles
             union all select tenant_id, 'credentials' from credentials
             union all select tenant_id, 'invitations' from invitations
             union all select tenant_id, 'tenant_email_settings' from tenant_email_settings
             union all select tenant_id, 'notification_defaults' from notification_defaults
             union all select tenant_id, 'messages' from messages
             union all select tenant_id, 'message_finds' from message_finds
             union all select tenant_id, 'message_contents' from message_contents
             union all select tenant_id, 'sends' from sends
             union all select tenant_id, 'lanes' from lanes
             union all select tenant_id, 'mail_stats' from mail_stats)
         select gone.id, format('is %s, and left %s rows in %s', gone.status, count(*), rows.name)
         from gone join rows using (tenant_id) group by gone.id, gone.status, rows.name",
    )
    .await
}

/// Every row of a tenant has its tenant, also where no foreign key says so.
pub(super) async fn every_row_has_its_tenant(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "with rows as (
             select tenant_id, null::uuid as run_id, 'companies' as name from companies
             union all select tenant_id, null, 'tenant_companies' from tenant_companies
             union all select tenant_id, null, 'users' from users
             union all select tenant_id, null, 'roles' from roles
             union all select tenant_id, null, 'user_roles' from user_roles
             union all select tenant_id, run_id, 'credentials' from credentials
             union all select tenant_id, null, 'invitations' from invitations
             union all select tenant_id, null, 'tenant_email_settings' from tenant_email_settings
             union all select tenant_id, null, 'notification_defaults' from notification_defaults
             union all select tenant_id, coalesce(caused_by, id), 'messages' from messages
             union all select tenant_id, message_id, 'message_finds' from message_finds
             union all select tenant_id, message_id, 'message_contents' from message_contents
             union all select tenant_id, message_id, 'sends' from sends
             union all select tenant_id, null, 'lanes' from lanes
             union all select tenant_id, null, 'suppressions' from suppressions
             union all select tenant_id, null, 'mail_stats' from mail_stats)
         select rows.run_id, format('a row of %s belongs to the tenant %s, which is not there', rows.name, rows.tenant_id)
         from rows left join tenants t on t.id = rows.tenant_id where t.id is null",
    )
    .await
}

/// An active tenant has its administrator with role and way in, its settings, its defaults, its company if one was named.
pub(super) async fn an_active_tenant_is_whole(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "with has as (
             select t.run_id,
                    (select count(*) from users u where u.tenant_id = t.id) as users,
                    (select count(*) from user_roles u where u.tenant_id = t.id and u.role = 'tenant_admin') as admins,
                    (select count(*) from credentials c where c.tenant_id = t.id) as credentials,
                    (select count(*) from users u where u.tenant_id = t.id and u.password_hash is not null) as passwords,
                    (select count(*) from tenant_email_settings e where e.tenant_id = t.id) as settings,
                    (select count(*) from notification_defaults n where n.tenant_id = t.id) as defaults,
                    (select count(*) from tenant_companies c where c.tenant_id = t.id and c.is_default) as companies,
                    (select count(r.result ->> 'companyId') from runs r where r.id = t.run_id) as companies_wished
             from tenants t where t.status = 'active')
         select run_id, format('its active tenant has %s users, %s administrators, %s credentials for %s passwords, %s settings, '
                               '%s defaults, %s of %s companies', users, admins, credentials, passwords, settings, defaults,
                               companies, companies_wished)
         from has
         where (users, admins, settings, defaults) <> (1, 1, 1, 5) or credentials <> passwords or companies <> companies_wished",
    )
    .await
}

/// A run whose tenant is active has completed, or is about the welcome mail; it was never rolled back.
pub(super) async fn an_active_tenant_is_never_rolled_back(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "select t.run_id, format('its tenant is active, and the run is %s in %s', coalesce(r.status, 'not there'), coalesce(r.state, 'no state'))
         from tenants t left join runs r on r.id = t.run_id
         where t.status = 'active' and r.status is distinct from 'completed'
           and coalesce(r.state, '') not in ('sending_welcome_email', 'asking_about_sending_welcome_email')
         union all
         select r.id, format('is about the welcome mail, and its tenant is %s', coalesce(t.status, 'not there'))
         from runs r left join tenants t on t.run_id = r.id
         where r.state in ('sending_welcome_email', 'asking_about_sending_welcome_email') and t.status is distinct from 'active'",
    )
    .await
}

/// The rows of an active tenant hold what the run was started with, as updated since.
pub(super) async fn rows_say_what_was_wished(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "with wished as (
             select r.id, r.tenant_id, r.life #> '{data,own,input}' as input from runs r where r.kind = 'tenant_onboarding'),
         compared as (
             select w.id, 'name' as what, t.name as found, w.input ->> 'tenantName' as wanted from wished w join tenants t on t.id = w.tenant_id and t.run_id = w.id
             union all
             select w.id, 'contract line', t.contract_line, w.input ->> 'contractLine' from wished w join tenants t on t.id = w.tenant_id and t.run_id = w.id
             union all
             select w.id, 'contact address', lower(t.email), lower(w.input #>> '{adminUser,email}') from wished w join tenants t on t.id = w.tenant_id and t.run_id = w.id
             union all
             select w.id, 'address', lower(u.email), lower(w.input #>> '{adminUser,email}') from wished w join users u on u.tenant_id = w.tenant_id
             union all
             select w.id, 'administrator', u.first_name || ' ' || u.last_name, (w.input #>> '{adminUser,firstName}') || ' ' || (w.input #>> '{adminUser,lastName}')
             from wished w join users u on u.tenant_id = w.tenant_id
             union all
             select w.id, 'company', c.name, w.input ->> 'companyName' from wished w join companies c on c.tenant_id = w.tenant_id)
         select id, format('the %s is %s, and should be %s', what, found, wanted) from compared where found is distinct from wanted",
    )
    .await
}

/// The clear text of a password is destroyed once it was both mailed and read.
pub(super) async fn a_credential_is_sealed_no_longer_than_needed(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "select run_id, format('its password was mailed at %s and read at %s, and is still sealed', mailed_at, read_at)
         from credentials where sealed is not null and mailed_at is not null and read_at is not null",
    )
    .await
}
