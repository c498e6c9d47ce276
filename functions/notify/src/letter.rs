//! What every letter to a tenant about a name of its own is made of. Pure.

use serde_json::{Value, json};
use tenantry_dns::{Wanted, relative};
use tenantry_templates::DEFAULT_LOCALE;

/// Whoever is written to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Addressee<'a> {
    /// The tenant's name.
    pub(crate) tenant_name: &'a str,
    /// Where questions go; empty: nowhere.
    pub(crate) support: &'a str,
    /// The language of the mail.
    pub(crate) locale: &'a str,
}

/// Why a life has decided as it has. What a look has found is written in English: a mail in another language leaves it to the page.
pub(crate) fn reasons(details: &[String], to: &Addressee<'_>) -> Vec<Value> {
    let details = details.iter().filter(|_| to.locale == DEFAULT_LOCALE);
    details.map(|detail| json!({ "saw": detail, "advice": "" })).collect()
}

/// The zone that a panel adds to a record's name: the one that was found, else the registered domain.
pub(crate) fn zone(found: Option<&str>, name: &str) -> String {
    let found = found.filter(|zone| !zone.is_empty());
    found.unwrap_or_else(|| psl::domain_str(name).unwrap_or(name)).to_owned()
}

/// A record as a panel wants it.
pub(crate) fn row(wanted: &Wanted, zone: &str) -> Value {
    json!({
        "type": wanted.kind.to_string(),
        "name": relative(&wanted.name, zone),
        "value": wanted.value,
        "priority": wanted.priority.map_or_else(String::new, |priority| priority.to_string()),
    })
}
