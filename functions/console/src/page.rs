//! The frame of every page.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, html};
use tenantry_model::Permission;

use crate::{assets::href, parts::trouble_card, person::Person, trouble::Trouble};

/// Where a page is: what of the navigation is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The home page.
    Home,
    /// The list of tenants, onboarding, imports.
    Tenants,
    /// Messages.
    Messages,
    /// Runs.
    Runs,
    /// Tasks.
    Tasks,
    /// The audit log.
    Audit,
    /// Providers' health.
    Providers,
    /// API keys.
    Keys,
    /// A page of one tenant.
    Tenant(Tab),
    /// Somewhere else.
    None,
}

/// The pages of one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    /// What it is, and how it stands.
    Overview,
    /// "Managed sending": its domains.
    Domains,
    /// Tiers, routing, sender.
    Email,
    /// Templates.
    Templates,
    /// Suppressions.
    Suppressions,
    /// The portal's hostname.
    Portal,
    /// Webhooks.
    Webhooks,
}

impl Tab {
    const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self::Overview, "", "Overview"),
        (Self::Domains, "/email/domains", "Managed sending"),
        (Self::Email, "/email", "Email settings"),
        (Self::Templates, "/email/templates", "Templates"),
        (Self::Suppressions, "/email/suppressions", "Suppressions"),
        (Self::Portal, "/portal", "Client portal"),
        (Self::Webhooks, "/webhooks", "Webhooks"),
    ];
}

/// A finished page, or a piece of one for htmx.
#[derive(Debug)]
pub(crate) struct Page {
    status: StatusCode,
    html: String,
}

impl Page {
    /// A piece of a page, that htmx puts into its place.
    pub(crate) fn piece(markup: Markup) -> Self {
        Self { status: StatusCode::OK, html: markup.into_string() }
    }

    /// With another status than 200.
    #[must_use]
    pub(crate) fn with(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        // One address answers with a page, or with a piece of it.
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
            (header::VARY, HeaderValue::from_static("hx-request")),
        ];
        (self.status, headers, self.html).into_response()
    }
}

/// Somewhere else to go: after a form (303), so that loading the page again sends nothing twice.
pub(crate) fn see_other(to: &str) -> Response {
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Nobody is signed in.
    SignIn {
        /// The local path to come back to.
        back: String,
        /// Whether htmx asks, for which a redirect is a header of its own.
        part: bool,
    },
    /// What stands in the way, in the frame that the person knows.
    Shown(Box<Page>),
}

impl Refusal {
    /// In the frame of whoever is signed in.
    pub(crate) fn shown(person: &Person, trouble: Trouble) -> Self {
        let body = html! { (trouble_card(&trouble)) p { a href="/" { "To the home page" } } };
        Self::Shown(Box::new(frame(Some(person), Place::None, None, &trouble.title, &body).with(trouble.status)))
    }

    /// For whoever it is.
    pub(crate) fn bare(trouble: Trouble) -> Self {
        let body = html! { (trouble_card(&trouble)) p { a href="/" { "To the home page" } } };
        Self::Shown(Box::new(frame(None, Place::None, None, &trouble.title, &body).with(trouble.status)))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::SignIn { back, part } => {
                let to = format!("/sign-in?{}", serde_urlencoded::to_string([("back", &back)]).unwrap_or_default());
                if !part {
                    return see_other(&to);
                }
                let to = HeaderValue::from_str(&to).unwrap_or(HeaderValue::from_static("/sign-in"));
                (StatusCode::UNAUTHORIZED, [(HeaderName::from_static("hx-redirect"), to)]).into_response()
            }
            Self::Shown(page) => page.into_response(),
        }
    }
}

/// The tenant whose pages these are.
#[derive(Debug, Clone)]
pub(crate) struct About<'a> {
    /// Its id.
    pub(crate) id: &'a str,
    /// Its name.
    pub(crate) name: &'a str,
}

/// A page in its frame: skip link, header, navigation, the one `h1`, and the body.
pub(crate) fn frame(
    person: Option<&Person>,
    place: Place,
    about: Option<&About<'_>>,
    title: &str,
    body: &Markup,
) -> Page {
    let csrf = person.map(|person| format!(r#"{{"x-csrf-token":"{}"}}"#, person.csrf));
    let html = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                // Nothing that our Content-Security-Policy forbids.
                meta name="htmx-config" content=r#"{"includeIndicatorStyles":false,"allowEval":false,"historyCacheSize":0,"selfRequestsOnly":true}"#;
                title { (title) " · Tenantry" }
                link rel="icon" type="image/svg+xml" href=(href("mark.svg"));
                link rel="stylesheet" href=(href("style.css"));
                script src=(href("htmx.js")) defer {}
                script src=(href("app.js")) defer {}
            }
            body hx-headers=[csrf] {
                a.skip href="#content" { "Skip to the content" }
                @if let Some(person) = person { (top(person, place)) }
                main #content tabindex="-1" {
                    @if let (Some(person), Some(about)) = (person, about) { (tabs(person, place, about)) }
                    h1 { (title) }
                    (body)
                }
                div #toast role="status" aria-live="polite" {}
            }
        }
    };
    Page { status: StatusCode::OK, html: html.into_string() }
}

fn top(person: &Person, place: Place) -> Markup {
    html! {
        header.top {
            a.brand href="/" { img src=(href("mark.svg")) alt="" width="24" height="24"; "Tenantry" }
            nav aria-label="Main" { ul {
                @for (at, to, words) in places(person) {
                    @let here = at == place || matches!((at, place), (Place::Tenants, Place::Tenant(_)));
                    li { a href=(to) aria-current=[here.then_some("page")] { (words) } }
                }
            } }
            div.who {
                span title=(person.subject) { (person.name) }
                form method="post" action="/sign-out" {
                    input type="hidden" name="csrf" value=(person.csrf);
                    button.quiet type="submit" { "Sign out" }
                }
            }
        }
    }
}

/// What of the navigation this person has a use for.
fn places(person: &Person) -> Vec<(Place, String, &'static str)> {
    let mut all = vec![(Place::Home, "/".to_owned(), "Home")];
    match person.tenant {
        None => all.push((Place::Tenants, "/tenants".to_owned(), "Tenants")),
        Some(tenant) => all.push((Place::Tenant(Tab::Overview), format!("/tenants/{tenant}"), "Settings")),
    }
    let more = [
        (Place::Messages, "/messages", "Messages", Permission::MessagesRead),
        (Place::Runs, "/runs", "Runs", Permission::TenantsRead),
        (Place::Tasks, "/tasks", "Tasks", Permission::TasksAnswer),
        (Place::Audit, "/audit", "Audit", Permission::AuditRead),
        (Place::Keys, "/keys", "API keys", Permission::KeysManage),
    ];
    all.extend(
        more.into_iter()
            .filter(|(.., needs)| person.may(*needs))
            .map(|(place, to, words, _)| (place, to.to_owned(), words)),
    );
    if person.is_operator() {
        all.push((Place::Providers, "/providers".to_owned(), "Providers"));
    }
    all
}

fn tabs(person: &Person, place: Place, about: &About<'_>) -> Markup {
    html! {
        @if person.is_operator() {
            p.crumbs { a href="/tenants" { "Tenants" } " / " a href={ "/tenants/" (about.id) } { (about.name) } }
        } @else {
            p.crumbs { (about.name) }
        }
        nav.tabs aria-label="This tenant" { ul {
            @for (tab, path, words) in Tab::ALL {
                li { a href={ "/tenants/" (about.id) (path) } aria-current=[(place == Place::Tenant(tab)).then_some("page")] { (words) } }
            }
        } }
    }
}
