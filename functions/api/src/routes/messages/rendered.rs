//! A message's words out of its template.

use serde_json::json;
use tenantry_model::TenantId;
use tenantry_store::Tx;
use tenantry_templates::{DEFAULT_LOCALE, Rendered};

use super::{
    super::templates::{Words, told, words},
    mailbox::Wrong,
    wanted::WantedTemplate,
};
use crate::{error::Result, problem::FieldError};

/// The words of a message of this tenant, or what is wrong with what they are made of.
pub(super) async fn rendered(
    tx: &mut Tx,
    tenant: TenantId,
    wanted: &WantedTemplate,
) -> Result<std::result::Result<Rendered, Wrong>> {
    let locale = wanted.locale.as_deref().unwrap_or(DEFAULT_LOCALE);
    let variables = if wanted.variables.is_null() { json!({}) } else { wanted.variables.clone() };
    let wrong = match words(tx, tenant, &wanted.name, locale, &variables).await? {
        Words::Made(Ok(made)) => return Ok(Ok(made)),
        Words::Made(Err(error)) => told(&error, &variables, "/template/variables", "/template/name"),
        Words::NoTemplate => FieldError::at("/template/name", "unknown_template", "There is no template of this name."),
        Words::NoLocale(published) => {
            let words = format!(
                "This template has no words in this language and none for default; it is published in {}.",
                published.join(", ")
            );
            FieldError::at("/template/locale", "unknown_locale", words)
        }
    };
    Ok(Err(vec![wrong]))
}
