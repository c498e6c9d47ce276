//! Sessions: a sealed cookie, and nothing on our side. So one ends by time, by signing out in its browser, or with the sealing
//! key; what its owner may do is decided by the API at every request, for the roles that the identity provider told when it began.

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::Response,
};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::{came::Came, cookie::Cookie, page::Refusal, person::Person, state::Console, trouble::Trouble};

/// How long a session lasts at most: roles that were taken away are gone by then.
pub(crate) const LASTS: Duration = Duration::hours(8);
/// How long a session lasts that nobody uses.
pub(crate) const IDLE: Duration = Duration::hours(1);
/// How often its use is noted at most.
const NOTED_EVERY: Duration = Duration::minutes(5);
/// The cookie; gone with the browser.
pub(crate) const COOKIE: Cookie =
    Cookie { name: "tenantry-session", context: b"console session", path: "/", lasts: None };

/// Somebody's session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// Whose.
    pub(crate) person: Person,
    #[serde(with = "time::serde::timestamp")]
    began: OffsetDateTime,
    #[serde(with = "time::serde::timestamp")]
    used: OffsetDateTime,
}

impl Session {
    /// A new one.
    pub(crate) fn begin(person: Person, now: OffsetDateTime) -> Self {
        Self { person, began: now, used: now }
    }

    /// The one whose cookie a browser sends, if its time is not over.
    pub(crate) fn read(console: &Console, headers: &HeaderMap) -> Option<Self> {
        let now = console.clock.now();
        COOKIE
            .read::<Self>(&console.sealer, &console.url, headers)
            .filter(|session| now - session.began < LASTS && now - session.used < IDLE)
    }
}

/// Finds out who is there, and notes now and then that the session is used: by loading a page or sending a form, not by a page
/// that asks for itself every few seconds.
pub(crate) async fn keep(State(console): State<Console>, mut request: Request, next: Next) -> Response {
    let Some(mut session) = Session::read(&console, request.headers()) else { return next.run(request).await };
    let now = console.clock.now();
    let by_itself = request.headers().contains_key("hx-request") && request.method() == Method::GET;
    let noted = !by_itself && now - session.used >= NOTED_EVERY;
    request.extensions_mut().insert(session.clone());
    let mut response = next.run(request).await;
    // Signing in and out set the cookie themselves.
    let told = response.headers().contains_key(header::SET_COOKIE);
    if noted && !told {
        session.used = now;
        if let Some(cookie) = COOKIE.set(&console.sealer, &console.url, &session) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

impl FromRequestParts<Console> for Person {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Refusal> {
        match parts.extensions.get::<Session>() {
            Some(session) => Ok(Self { came: Came::read(parts), ..session.person.clone() }),
            None => Err(nobody(parts, console)),
        }
    }
}

/// Nobody is signed in: a page is come back to, and of a form it is said that it was not sent.
fn nobody(parts: &Parts, console: &Console) -> Refusal {
    if parts.headers.contains_key("hx-request") {
        // What asks is a piece; what the person looks at is the page around it.
        return Refusal::SignIn { back: page_around(&parts.headers, &console.url), part: true };
    }
    if parts.method == Method::GET || parts.method == Method::HEAD {
        let back = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        return Refusal::SignIn { back: back.to_owned(), part: false };
    }
    Refusal::bare(Trouble {
        status: StatusCode::UNAUTHORIZED,
        code: "signed_out".to_owned(),
        title: "You are not signed in any more".to_owned(),
        detail: "The form was not sent, and nothing was changed.".to_owned(),
        next_action: "Sign in again, and send it once more.".to_owned(),
        request_id: String::new(),
        fields: Vec::new(),
    })
}

fn page_around(headers: &HeaderMap, console: &Url) -> String {
    let text = headers.get("hx-current-url").and_then(|url| url.to_str().ok()).unwrap_or_default();
    match Url::parse(text) {
        Ok(url) if url.origin() == console.origin() => {
            url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
        }
        _ => "/".to_owned(),
    }
}
