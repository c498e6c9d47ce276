//! Every kind of run there is.

use tenantry_kernel::{Kind, Of, line::Lined};

use crate::{
    drill::Drill, email_delivery::EmailDelivery, email_domain::EmailDomain, orphan_report::OrphanReport,
    portal_domain::PortalDomain, portal_sync::PortalSync, sending_pause::SendingPause, tenant_change::TenantChange,
    tenant_export::TenantExport, tenant_import::TenantImport, tenant_offboarding::TenantOffboarding,
    tenant_onboarding::TenantOnboarding, webhook_delivery::WebhookDelivery,
};

static KINDS: [&dyn Kind; 13] = [
    &Of::<Lined<TenantOnboarding>>::new(),
    &Of::<EmailDelivery>::new(),
    &Of::<EmailDomain>::new(),
    &Of::<OrphanReport>::new(),
    &Of::<PortalDomain>::new(),
    &Of::<PortalSync>::new(),
    &Of::<SendingPause>::new(),
    &Of::<TenantChange>::new(),
    &Of::<WebhookDelivery>::new(),
    &Of::<TenantImport>::new(),
    &Of::<TenantExport>::new(),
    &Of::<TenantOffboarding>::new(),
    &Of::<Drill>::new(),
];

/// Every kind of run, for the store and the sweeper.
#[must_use]
pub fn kinds() -> &'static [&'static dyn Kind] {
    &KINDS
}

/// The kind of that name; none when a newer version of the software wrote it.
#[must_use]
pub fn kind(name: &str) -> Option<&'static dyn Kind> {
    KINDS.into_iter().find(|kind| kind.kind() == name)
}
