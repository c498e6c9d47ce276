//! One person's look at one page.

use axum::{extract::FromRequestParts, http::request::Parts};
use maud::Markup;
use serde::{Deserialize, de::DeserializeOwned};
use tenantry_model::Permission;

use crate::{
    ask::Ask,
    page::{About, Page, Place, Refusal, frame},
    person::Person,
    state::Console,
    trouble::Trouble,
};

/// Somebody who is signed in, and looks at a page.
pub(crate) struct Visit {
    /// Who.
    pub(crate) person: Person,
    console: Console,
}

/// A tenant, as far as every page of it needs to know.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TenantHead {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
}

impl Visit {
    /// A visit by hand: by who has sent a form.
    pub(crate) fn of(console: &Console, person: Person) -> Self {
        Self { person, console: console.clone() }
    }

    /// The API, in this person's name.
    pub(crate) fn ask(&self) -> Ask<'_> {
        Ask::new(&self.console, &self.person)
    }

    /// What time it is.
    pub(crate) fn now(&self) -> time::OffsetDateTime {
        self.console.clock.now()
    }

    /// Reads from the API.
    ///
    /// # Errors
    /// The API's problem, as a page.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Refusal> {
        self.ask().get(path).await.map_err(|trouble| self.refused(trouble))
    }

    /// The tenant that a page is about.
    ///
    /// # Errors
    /// The API's problem, as a page: another tenant is not there.
    pub(crate) async fn tenant(&self, id: &str) -> Result<TenantHead, Refusal> {
        self.get(&format!("/v1/tenants/{}", crate::parts::segment(id))).await
    }

    /// Goes on only with this permission: a form that the API would refuse is not drawn.
    ///
    /// # Errors
    /// The permission is missing, as a page.
    pub(crate) fn needs(&self, permission: Permission) -> Result<(), Refusal> {
        if self.person.may(permission) { Ok(()) } else { Err(self.refused(Trouble::no_permission(permission))) }
    }

    /// What stands in the way, as a page.
    pub(crate) fn refused(&self, trouble: Trouble) -> Refusal {
        Refusal::shown(&self.person, trouble)
    }

    /// A page.
    pub(crate) fn page(&self, place: Place, title: &str, body: &Markup) -> Page {
        frame(Some(&self.person), place, None, title, body)
    }

    /// A page of one tenant.
    pub(crate) fn tenant_page(&self, place: Place, tenant: &TenantHead, title: &str, body: &Markup) -> Page {
        frame(Some(&self.person), place, Some(&About { id: &tenant.id, name: &tenant.name }), title, body)
    }
}

impl FromRequestParts<Console> for Visit {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Refusal> {
        Ok(Self::of(console, Person::from_request_parts(parts, console).await?))
    }
}
