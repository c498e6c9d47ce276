//! The API, asked in this process in the name of whoever is signed in: the console has no rules of its own.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use http_body_util::BodyExt as _;
use secrecy::ExposeSecret as _;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{person::Person, state::Console, trouble::Trouble};

/// Asks the API for one person.
#[derive(Clone, Copy)]
pub(crate) struct Ask<'a> {
    console: &'a Console,
    person: &'a Person,
}

/// An answer of the API.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Where more of it begins (`x-next-cursor`), where it has a part too much for one answer.
    pub(crate) next: Option<String>,
    /// Its `ETag`, where it has one.
    pub(crate) etag: Option<String>,
    /// The body, as it is.
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null where it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }
}

impl<'a> Ask<'a> {
    /// In the name of this person.
    pub(crate) fn new(console: &'a Console, person: &'a Person) -> Self {
        Self { console, person }
    }

    /// Reads: `path` begins with `/v1/` and may have a query.
    ///
    /// # Errors
    /// [`Trouble`]: the API's problem, in its own words.
    pub(crate) async fn get<T: DeserializeOwned>(self, path: &str) -> Result<T, Trouble> {
        let answer = self.send(Method::GET, path, None, &[]).await?;
        serde_json::from_slice(&answer.bytes).map_err(|error| {
            // Without the query: somebody may be looked for by their address.
            let path = path.split('?').next();
            tracing::error!(path, %error, "the API's answer is not what the console reads");
            Trouble::ours("The answer could not be read.")
        })
    }

    /// Changes something: sends JSON, gives the JSON that is answered. Once however often the same form is sent, where it was drawn with
    /// [`crate::parts::once`]; where not, each call is one wish.
    ///
    /// # Errors
    /// [`Trouble`].
    pub(crate) async fn post(self, path: &str, body: &Value) -> Result<Value, Trouble> {
        let key = self.person.came.once.clone().or_else(fresh_key);
        let key = key.ok_or_else(|| Trouble::ours("No random number could be had."))?;
        Ok(self.send(Method::POST, path, Some(body), &[("idempotency-key", &key)]).await?.json())
    }

    /// Sends anything else.
    ///
    /// # Errors
    /// [`Trouble`].
    pub(crate) async fn send(
        self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Result<Answer, Trouble> {
        let body = body.map(|body| ("application/json", body.to_string().into_bytes()));
        self.send_bytes(method, path, body, headers).await
    }

    /// Sends a body as it is, of this media type.
    ///
    /// # Errors
    /// [`Trouble`].
    pub(crate) async fn send_bytes(
        self,
        method: Method,
        path: &str,
        body: Option<(&str, Vec<u8>)>,
        headers: &[(&str, &str)],
    ) -> Result<Answer, Trouble> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some((media_type, bytes)) => {
                request = request.header(header::CONTENT_TYPE, media_type);
                Body::from(bytes)
            }
            None => Body::empty(),
        };
        let mut request =
            request.body(body).map_err(|_| Trouble::ours("The address of the page has signs that cannot be in it."))?;
        let principal = self
            .person
            .principal()
            .map_err(|_| Trouble::ours("Nobody can act under the name that you are signed in with."))?;
        request.extensions_mut().insert(api::auth::Trusted(principal));
        self.person.came.note(&mut request);
        let Ok(response) = self.console.api.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.map_err(|_| Trouble::ours("The answer broke off."))?.to_bytes().to_vec();
        if parts.status.is_success() {
            let said = |name: &str| parts.headers.get(name).and_then(|text| text.to_str().ok()).map(str::to_owned);
            return Ok(Answer { next: said("x-next-cursor"), etag: said("etag"), bytes });
        }
        Err(Trouble::of(parts.status.as_u16(), &serde_json::from_slice(&bytes).unwrap_or(json!({}))))
    }
}

/// A key for a wish that is told once; none where no random number can be had.
pub(crate) fn fresh_key() -> Option<String> {
    Some(tenantry_secrets::token().ok()?.expose_secret().to_owned())
}
