//! A browser without a window: it keeps cookies and follows nothing by itself.

use std::{collections::BTreeMap, sync::Arc};

use api::auth::{OidcOptions, Principal, Trusted, Verifier};
use axum::{
    Extension, Json, Router,
    body::Body,
    extract::FromRequest as _,
    http::{Request, Response, header},
    response::IntoResponse as _,
    routing::get,
};
use http_body_util::BodyExt as _;
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use tenantry_secrets::Sealer;
use tenantry_standins::issuer::{self, Issuer, Person};
use tenantry_store::Clock;
use tower::ServiceExt as _;
use url::Url;

use super::super::{Settings, routes};
use crate::{form::Sent, router::guarded, state::Console, visit::Visit};

/// A browser at a console of its own.
pub(super) struct Browser {
    pub(super) issuer: Arc<Issuer>,
    pub(super) clock: Clock,
    pub(super) cookies: BTreeMap<String, String>,
    pub(super) console: Router,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) status: u16,
    /// Where it leads.
    pub(super) to: String,
    pub(super) headers: axum::http::HeaderMap,
    pub(super) body: String,
}

const SEALING_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
pub(super) const HERE: &str = "http://127.0.0.1:8070";

fn person(sub: &str, name: &str, tenant: Option<&str>, role: &str) -> Person {
    Person {
        sub: sub.to_owned(),
        name: name.to_owned(),
        email: format!("{sub}@acme.example"),
        tenant: tenant.map(str::to_owned),
        tenant_name: None,
        roles: vec![role.to_owned()],
    }
}

pub(super) fn ada() -> Person {
    person("usr_ada", "Ada Lovelace", Some("ten_0123456789abcdef0123456789abcdef"), "tenant_admin")
}

pub(super) fn member() -> Person {
    person("usr_bob", "Bob", Some("ten_0123456789abcdef0123456789abcdef"), "tenant_member")
}

pub(super) fn operator() -> Person {
    Person::operator()
}

/// An API that answers who asks it.
fn api_that_says_who_asks() -> Router {
    let who = async |Extension(Trusted(principal)): Extension<Trusted>| Json(said(&principal));
    Router::new().route("/v1/who", get(who))
}

fn said(principal: &Principal) -> Value {
    json!({ "subject": principal.actor(), "tenant": principal.tenant(), "roles": principal.roles })
}

/// Two pages: one that shows who is there and has a form, and the form's.
fn pages() -> Router<Console> {
    let who = async |visit: Visit| {
        let said: Value = visit.get("/v1/who").await?;
        let text = format!("{}\n{}\n{said}", visit.person.name, visit.person.csrf);
        Ok::<_, crate::page::Refusal>(text)
    };
    let act = async |axum::extract::State(console): axum::extract::State<Console>, request: axum::extract::Request| {
        match Sent::from_request(request, &console).await {
            Ok(sent) => sent.person.subject.into_response(),
            Err(refusal) => refusal.into_response(),
        }
    };
    Router::new().route("/who", get(who)).route("/act", axum::routing::post(act))
}

impl Browser {
    pub(super) async fn start() -> Self {
        Self::with_secrets(None, None).await
    }

    /// `theirs` is what the issuer asks of clients, `ours` what the console shows.
    pub(super) async fn with_secrets(theirs: Option<&str>, ours: Option<&str>) -> Self {
        let options = issuer::Options { client_secret: theirs.map(str::to_owned), ..issuer::Options::default() };
        let issuer = Issuer::start(options).await.unwrap();
        let clock = Clock::default();
        let api = Verifier::new(OidcOptions::new(issuer.url(), "tenantry"), clock.clone()).unwrap();
        let settings = Settings {
            client: "console".to_owned(),
            secret: ours.map(|secret| secret.to_owned().into()),
            scopes: "openid profile email".to_owned(),
        };
        let console = Console {
            api: api_that_says_who_asks(),
            sealer: Sealer::new(&SEALING_KEY.to_owned().into()).unwrap(),
            sign_in: Arc::new(settings.at(&api).unwrap()),
            url: Arc::new(HERE.parse().unwrap()),
            clock: clock.clone(),
        };
        let console = guarded(pages().merge(routes()), console);
        Self { issuer: Arc::new(issuer), clock, cookies: BTreeMap::new(), console }
    }

    /// Another browser at the same console.
    pub(super) fn another(&self) -> Self {
        Self {
            issuer: self.issuer.clone(),
            clock: self.clock.clone(),
            cookies: BTreeMap::new(),
            console: self.console.clone(),
        }
    }

    /// The same console, whose identity provider has gone.
    pub(super) async fn whose_issuer_is_gone(self) -> Self {
        let gone = Arc::into_inner(self.issuer).unwrap();
        gone.stop().await;
        Self { issuer: Arc::new(Issuer::start(issuer::Options::default()).await.unwrap()), ..self }
    }

    pub(super) async fn get(&mut self, path: &str) -> Got {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form as a browser does from a page of the console.
    pub(super) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Got {
        self.post_with(path, form, &[("origin", HERE), ("sec-fetch-site", "same-origin")]).await
    }

    pub(super) async fn post_with(&mut self, path: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Got {
        let mut request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(serde_urlencoded::to_string(form).unwrap().into()).unwrap()).await
    }

    pub(super) async fn send(&mut self, mut request: Request<Body>) -> Got {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        let response: Response<Body> = self.console.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for set in parts.headers.get_all(header::SET_COOKIE) {
            let (pair, attributes) = set.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let to = parts.headers.get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default();
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Got { status: parts.status.as_u16(), to, headers: parts.headers, body }
    }

    /// Begins to sign in: where the console leads.
    pub(super) async fn begin(&mut self, back: &str) -> Url {
        let query = serde_urlencoded::to_string([("back", back)]).unwrap();
        let got = self.get(&format!("/sign-in?{query}")).await;
        assert_eq!(got.status, 303, "{}", got.body);
        got.to.parse().unwrap()
    }

    /// Chooses somebody at the issuer: the path of the console that it leads back to.
    pub(super) async fn choose(&self, asked: &Url, person: &Person) -> String {
        let shown = reqwest::get(asked.clone()).await.unwrap();
        assert_eq!(shown.status(), 200);
        let mut form: Vec<(String, String)> = asked.query_pairs().into_owned().collect();
        form.push(("person".to_owned(), json!(person).to_string()));
        let mut there = asked.clone();
        there.set_query(None);
        let client = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        let answer = client.post(there).form(&form).send().await.unwrap();
        let to = answer.headers()["location"].to_str().unwrap();
        to.strip_prefix(HERE).unwrap_or_else(|| panic!("it leads away: {to}")).to_owned()
    }

    /// The whole way.
    pub(super) async fn sign_in(&mut self, back: &str, person: &Person) -> Got {
        let asked = self.begin(back).await;
        let answer = self.choose(&asked, person).await;
        self.get(&answer).await
    }

    /// Where an address outside of the console leads.
    pub(super) async fn away(&self, there: &str) -> String {
        let client = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        let answer = client.get(there).send().await.unwrap();
        answer.headers()["location"].to_str().unwrap().to_owned()
    }
}

impl Got {
    /// Whom the API was asked for, on the page that says it.
    pub(super) fn principal(&self) -> Principal {
        let said: Value = serde_json::from_str(self.body.lines().nth(2).unwrap_or_default()).unwrap();
        let tenant = said["tenant"].as_str().map(|tenant| tenant.parse().unwrap());
        let roles = serde_json::from_value(said["roles"].clone()).unwrap();
        Principal::person(said["subject"].as_str().unwrap(), tenant, roles).unwrap()
    }

    /// The session's token, on the page that says it.
    pub(super) fn csrf(&self) -> String {
        self.body.lines().nth(1).unwrap().to_owned()
    }

    /// Where the page goes on by itself.
    pub(super) fn refresh(&self) -> String {
        self.headers["refresh"].to_str().unwrap().strip_prefix("0;url=").unwrap().to_owned()
    }
}
