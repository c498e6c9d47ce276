//! Messages: list and search.

use axum::{Json, extract::State};
use serde::Deserialize;
use tenantry_model::{EmailAddress, MessageId, TenantId};
use tenantry_store::mail::{MessageFilter, messages};
use time::OffsetDateTime;
use utoipa::IntoParams;

use super::{
    shown::Message,
    words::{Status, is_operator, states_of},
};
use crate::{
    auth::{Caller, May, needs},
    error::Result,
    extract::invalid_parameters,
    list::{List, Listing, PageParams},
    problem::{FieldError, Problem},
    state::ApiState,
    write::commit,
};

/// Which messages to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MessagesFilter {
    /// Of this tenant; for operators.
    #[param(value_type = Option<String>)]
    tenant_id: Option<TenantId>,
    /// With this status.
    #[param(inline)]
    status: Option<Status>,
    /// To this address, copies included.
    recipient: Option<String>,
    /// With this tag: `name=value` or `name:value`.
    tag: Option<String>,
    /// Of this category.
    category: Option<String>,
    /// Made of this template.
    template: Option<String>,
    /// To which a provider has given this id; for operators.
    provider_message_id: Option<String>,
    /// Accepted at this moment or later (RFC 3339).
    #[serde(default, with = "time::serde::rfc3339::option")]
    from: Option<OffsetDateTime>,
    /// Accepted before this moment (RFC 3339).
    #[serde(default, with = "time::serde::rfc3339::option")]
    to: Option<OffsetDateTime>,
}

impl MessagesFilter {
    fn parse(self, caller: &Caller) -> Result<MessageFilter, Problem> {
        let wrong =
            |name: &str, code: &str, words: &str| invalid_parameters(vec![FieldError::parameter(name, code, words)]);
        let recipient = match self.recipient.map(|text| text.parse::<EmailAddress>()) {
            None => None,
            Some(Ok(address)) => Some(address.key()),
            Some(Err(_)) => return Err(wrong("recipient", "invalid_value", "This is no e-mail address.")),
        };
        let tag = match self.tag.as_deref().map(|tag| tag.split_once(['=', ':'])) {
            None => None,
            Some(Some((name, value))) => Some((name.to_owned(), value.to_owned())),
            Some(None) => return Err(wrong("tag", "invalid_value", "A tag is looked for as name=value.")),
        };
        if self.provider_message_id.is_some() && !is_operator(caller) {
            return Err(wrong("providerMessageId", "unknown_parameter", "Only operators look for this."));
        }
        Ok(MessageFilter {
            tenant: caller.tenant_or_own(self.tenant_id)?,
            states: self.status.map(states_of),
            recipient,
            tag,
            category: self.category,
            template: self.template,
            provider_message_id: self.provider_message_id,
            since: self.from,
            until: self.to,
            ..MessageFilter::default()
        })
    }
}

/// List messages, newest first
///
/// Every filter that is given holds.
#[utoipa::path(get, path = "/v1/messages", tag = "Messages", operation_id = "listMessages", params(PageParams, MessagesFilter),
    responses((status = 200, description = "Messages that the caller may see.", body = List<Message>)))]
pub(crate) async fn list_messages(
    May(caller, _): May<needs::MessagesRead>,
    State(state): State<ApiState>,
    listing: Listing<MessagesFilter>,
) -> Result<Json<List<Message>>> {
    let (filter, page) = listing.page::<MessageId>()?;
    let filter = MessageFilter { after: page.after, before: page.before, limit: page.rows(), ..filter.parse(&caller)? };
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let rows = messages(&mut tx, &filter).await?;
    commit(tx).await?;
    Ok(Json(page.list(rows, |row| row.id, |row| Message::of(&caller, row, None))))
}
