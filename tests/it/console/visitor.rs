//! Somebody at the console without a browser: keeps cookies, follows nothing, and sends forms as a browser does.

use std::collections::BTreeMap;

use reqwest::{Method, Response, header, redirect::Policy};
use tenantry_standins::issuer::Person;
use tenantry_tests::TestStack;
use url::{Url, form_urlencoded};

/// A visitor.
pub(super) struct Visitor {
    base: String,
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
    /// What every form of the session carries; empty where nobody is signed in.
    pub(super) csrf: String,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) status: u16,
    /// Where it leads.
    pub(super) to: String,
    pub(super) headers: header::HeaderMap,
    pub(super) body: String,
}

impl Got {
    async fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let to = headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default().to_owned();
        Self { status, to, headers, body: String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned() }
    }

    /// A header's text.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Visitor {
    /// Nobody in particular.
    pub(super) fn nobody(stack: &TestStack) -> Self {
        let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        Self { base: stack.stack.console_url.clone(), http, cookies: BTreeMap::new(), csrf: String::new() }
    }

    /// Somebody who has signed in, by the development issuer's form.
    pub(super) async fn is(stack: &TestStack, person: &Person) -> Self {
        let mut visitor = Self::nobody(stack);
        let begun = visitor.get("/sign-in").await;
        visitor.keep(&begun);
        let asked = Url::parse(&begun.to).unwrap();
        let person = serde_json::to_string(person).unwrap();
        let form: Vec<(String, String)> =
            asked.query_pairs().into_owned().chain([("person".to_owned(), person)]).collect();
        let mut choice = asked.clone();
        choice.set_query(None);
        let chosen = Got::of(visitor.http.post(choice).form(&form).send().await.unwrap()).await;
        let back = chosen.to.strip_prefix(&visitor.base).unwrap_or_else(|| panic!("{chosen:?}")).to_owned();
        let inside = visitor.get(&back).await;
        assert_eq!((inside.status, inside.to.as_str()), (303, "/"), "{inside:?}");
        visitor.keep(&inside);
        let home = visitor.get("/").await.body;
        let csrf = home.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        visitor.csrf = csrf.unwrap_or_else(|| panic!("no form on {home}")).to_owned();
        visitor
    }

    fn keep(&mut self, got: &Got) {
        for cookie in got.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Opens a page.
    pub(super) async fn get(&self, path: &str) -> Got {
        self.send(Method::GET, path, None, &[]).await
    }

    /// Sends a form as from a page of this session.
    pub(super) async fn post(&self, path: &str, form: &str) -> Got {
        self.post_as(path, form, &self.csrf, &[("origin", &self.base), ("sec-fetch-site", "same-origin")]).await
    }

    /// Sends a form with this token, and these headers.
    pub(super) async fn post_as(&self, path: &str, form: &str, csrf: &str, headers: &[(&str, &str)]) -> Got {
        let csrf: String = form_urlencoded::byte_serialize(csrf.as_bytes()).collect();
        self.send(Method::POST, path, Some(format!("{form}&csrf={csrf}")), headers).await
    }

    /// Asks for a piece of a page, as the page does by itself.
    pub(super) async fn piece(&self, path: &str) -> Got {
        self.send(Method::GET, path, None, &[("hx-request", "true")]).await
    }

    async fn send(&self, method: Method, path: &str, form: Option<String>, headers: &[(&str, &str)]) -> Got {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if let Some(form) = form {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        }
        Got::of(request.send().await.unwrap()).await
    }
}
