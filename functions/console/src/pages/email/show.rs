//! The page.

use axum::extract::{Path, Query};
use maud::{Markup, html};
use serde::Deserialize;
use tenantry_model::Permission;

use super::{
    explain::{self, Explanation},
    form,
    notifications::{self, Defaults},
    sending,
    settings::Settings,
};
use crate::{
    form::Fields,
    page::{Page, Place, Refusal, Tab},
    parts::{said, segment, when},
    trouble::Trouble,
    visit::Visit,
};

/// Which form of the page something is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Settings,
    Notifications,
    Sending,
    Explain,
}

/// What the page has to say besides the settings.
#[derive(Default)]
pub(super) struct More<'a> {
    /// The word of what was done.
    pub(super) said: Option<&'a str>,
    /// A form that was sent and refused, with what is wrong.
    pub(super) refused: Option<(Part, &'a Fields, &'a Trouble)>,
    /// What would happen to a message, and which was asked about.
    pub(super) explained: Option<(&'a Fields, &'a Explanation)>,
}

impl<'a> More<'a> {
    /// What was sent, if it was this form.
    pub(super) fn sent(&self, part: Part) -> Option<(&'a Fields, &'a Trouble)> {
        self.refused.filter(|(which, ..)| *which == part).map(|(_, fields, trouble)| (fields, trouble))
    }
}

/// What the address carries.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    said: Option<String>,
}

/// The page as it is.
pub(super) async fn show(
    visit: Visit,
    Path(tenant): Path<String>,
    Query(which): Query<Which>,
) -> Result<Page, Refusal> {
    draw(&visit, &tenant, &More { said: which.said.as_deref(), ..More::default() }).await
}

/// The page with more.
pub(super) async fn draw(visit: &Visit, tenant: &str, more: &More<'_>) -> Result<Page, Refusal> {
    let head = visit.tenant(tenant).await?;
    let settings = Settings::read(visit, tenant).await?;
    let defaults = Defaults::read(visit, tenant).await?;
    let may = visit.person.may(Permission::SettingsManageEmail);
    let body = html! {
        (said(more.said))
        (stands(&settings, tenant))
        @if visit.person.may(Permission::TenantsManage) {
            (sending::form(visit, tenant, settings.paused.is_some(), more.sent(Part::Sending)))
        }
        (form::form(visit, tenant, &settings, &defaults, may, more.sent(Part::Settings)))
        @if visit.person.may(Permission::MessagesSend) { (explain::form(visit, tenant, &defaults, more)) }
        (notifications::form(visit, tenant, &defaults, may, more.sent(Part::Notifications)))
    };
    Ok(visit.tenant_page(Place::Tenant(Tab::Email), &head, "Email settings", &body))
}

fn stands(settings: &Settings, tenant: &str) -> Markup {
    html! {
        @if let Some(why) = &settings.paused {
            div.card.trouble #sending-paused role="alert" {
                p { strong { "Sending is paused." } " What is accepted waits, and leaves when sending is resumed. Why: " (why) }
            }
        }
        @if settings.tier != "platform" && !settings.domain_verified {
            div.card.warned #domain-not-verified {
                p {
                    "The domain of its own is not verified, so mail leaves by the platform's domain for the time being. "
                    a href={ "/tenants/" (segment(tenant)) "/email/domains" } { "See what is missing" } "."
                }
            }
        }
        p.help {
            "Last changed " (when(&settings.updated_at)) @if let Some(by) = &settings.updated_by { " by " (by) } "."
        }
    }
}
