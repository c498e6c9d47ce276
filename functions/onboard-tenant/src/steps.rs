//! Command in, rows and answer out.

use tenantry_model::{ErrorClass, Fault};
use tenantry_runtime::{Effect, Job, Operation, config};
use tenantry_secrets::{Passwords, Sealer, TemporaryPassword};
use tenantry_store::{
    StoreError, Tx,
    tenancy::{self, Defaults, NewAdmin, NewTenant},
};
use tenantry_workflows::tenant_onboarding::{Command, Credential, Event};
use time::format_description::well_known::Rfc3339;

/// Categories of mail that a new tenant knows: name, switched on, locked.
const CATEGORIES: [(&str, bool, bool); 5] = [
    ("authentication", true, true),
    ("security", true, true),
    ("notifications", true, false),
    ("invoices", true, false),
    ("tickets", true, false),
];

/// The operation.
pub struct Steps {
    passwords: Passwords,
    defaults: Defaults,
    credential_lasts: std::time::Duration,
}

impl Steps {
    /// Steps as the settings say.
    #[must_use]
    pub fn new(settings: config::Onboarding, sealer: Sealer) -> Self {
        let categories = CATEGORIES.map(|(name, enabled, locked)| (name.to_owned(), enabled, locked)).into();
        Self {
            passwords: Passwords { sealer, cost: settings.hash_cost },
            defaults: Defaults { portal_zone: settings.portal_zone, from_pattern: settings.from_pattern, categories },
            credential_lasts: settings.credential_lasts,
        }
    }
}

impl Operation for Steps {
    type Command = Command;
    type Event = Event;
    type Seen = Option<TemporaryPassword>;

    fn effect(&self, _: &Command) -> Effect {
        Effect::Rows
    }

    async fn perform(&self, _: &Job, command: &Command) -> Result<Self::Seen, Fault> {
        match command {
            Command::CreateAdminUser { user, credential: Credential::Password, .. } => {
                let made = self.passwords.make(user.0.as_bytes()).await;
                made.map(Some).map_err(|error| Fault::new(ErrorClass::InternalError, error.to_string()))
            }
            _ => Ok(None),
        }
    }

    async fn record(&self, tx: &mut Tx, job: &Job, command: &Command, seen: &Self::Seen) -> Result<Event, Fault> {
        let (run, now) = (job.run, job.now);
        match command {
            Command::CreateTenant { tenant, name, email, contract_line, external_key, company } => {
                let company = company.as_ref().map(|(id, name)| (*id, name));
                let external_key = external_key.as_ref();
                let new = NewTenant { run, id: *tenant, name, email, contract_line, external_key, company };
                tenancy::create_tenant(tx, &new, now).await.map_err(refused)?;
                Ok(Event::TenantCreated { created_at: now.format(&Rfc3339).unwrap_or_default() })
            }
            Command::CreateAdminUser { tenant, user, admin, .. } => {
                let password = seen.as_ref().map(|password| (password.hash.as_str(), password.sealed.as_slice()));
                let new = NewAdmin {
                    run,
                    tenant: *tenant,
                    id: *user,
                    first_name: &admin.first_name,
                    last_name: &admin.last_name,
                    email: &admin.email,
                    password,
                    expires_at: now + self.credential_lasts,
                };
                tenancy::create_admin(tx, &new, now).await.map_err(refused)?;
                Ok(Event::AdminUserCreated)
            }
            Command::SetUpTenant { tenant, company } => {
                tenancy::set_up(tx, *tenant, *company, &self.defaults, now).await.map_err(refused)?;
                Ok(Event::TenantActivated)
            }
            Command::CorrectAddress { tenant, user, email } => {
                tenancy::correct_address(tx, *tenant, *user, email, now).await.map_err(refused)?;
                Ok(Event::AddressCorrected)
            }
            Command::RemoveSettings { tenant } => {
                tenancy::remove_settings(tx, run, *tenant).await?;
                Ok(Event::SettingsRemoved)
            }
            Command::RemoveAdminUser { tenant, user } => {
                tenancy::remove_admin(tx, run, *tenant, *user).await?;
                Ok(Event::AdminUserRemoved)
            }
            Command::RemoveTenant { tenant, .. } => {
                tenancy::remove_tenant(tx, run, *tenant).await?;
                Ok(Event::TenantRemoved)
            }
            Command::SendWelcome { .. } => {
                Err(Fault::new(ErrorClass::InternalError, "the welcome mail is not sent by this function"))
            }
        }
    }
}

/// What a refused row means to the one who onboards.
fn refused(error: StoreError) -> Fault {
    let exists = |what: &str| Fault::new(ErrorClass::DuplicateError, what);
    match error.constraint() {
        Some("tenants_email") => {
            exists("a tenant with this contact address exists already; use another address, or look the tenant up")
        }
        Some("tenants_external_key") => {
            exists("a tenant with this external key exists already; look it up by that key")
        }
        Some("users_email") => exists("a user with this address exists already in this tenant"),
        Some("companies_name") => exists("a company with this name exists already in this tenant"),
        // Two tenants reached for the same free label at once; the second try sees which is taken.
        Some("tenants_slug" | "tenants_portal_host_key") => {
            Fault::new(ErrorClass::DatabaseError, "another tenant took the same name at this very moment")
        }
        _ => error.into(),
    }
}
