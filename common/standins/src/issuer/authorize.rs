//! Signing in (OpenID Connect Core 1.0, section 3.1.2), where the password is a choice.

use super::claims::SignInFlaw;
use super::codes::Grant;
use super::desk::Desk;
use super::page;
use super::people::Person;
use super::routes::form;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How many people a page shows.
const MOST: usize = 40;

/// What a client asks for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub(super) response_type: String,
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) scope: String,
    pub(super) state: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) code_challenge: String,
    pub(super) code_challenge_method: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Search {
    search: String,
}

/// What the page sends: the request once more, and who was chosen, in JSON.
#[derive(Debug, Deserialize)]
struct Chosen {
    #[serde(flatten)]
    asked: Asked,
    person: String,
}

impl Asked {
    /// Where the answer goes: this machine only, since anybody is whoever they choose here.
    fn redirect(&self) -> Result<Url, &'static str> {
        let url = Url::parse(&self.redirect_uri).map_err(|_| "redirect_uri is not a URL")?;
        let here = url.host_str().is_some_and(|host| ["127.0.0.1", "localhost", "[::1]"].contains(&host));
        if !here || !["http", "https"].contains(&url.scheme()) || url.fragment().is_some() {
            return Err("redirect_uri must lead to this machine, and have no fragment");
        }
        if self.client_id.is_empty() {
            return Err("client_id is missing");
        }
        Ok(url)
    }

    /// The error of a request that cannot be granted: its code, and a sentence.
    fn fault(&self) -> Option<(&'static str, &'static str)> {
        if self.response_type != "code" {
            return Some(("unsupported_response_type", "response_type must be code"));
        }
        if !self.scope.split(' ').any(|scope| scope == "openid") {
            return Some(("invalid_scope", "scope must hold openid"));
        }
        if self.code_challenge_method != "S256" || self.code_challenge.len() != 43 {
            return Some(("invalid_request", "PKCE with S256 is required"));
        }
        None
    }
}

/// Shows the choice.
pub(super) async fn show(
    State(desk): State<Arc<Desk>>,
    Query(asked): Query<Asked>,
    Query(search): Query<Search>,
) -> Response {
    match asked.redirect() {
        Err(why) => (StatusCode::BAD_REQUEST, page::refusal(why)).into_response(),
        Ok(back) => match asked.fault() {
            Some((code, why)) => {
                answer(&desk, back, &asked, &[("error", code), ("error_description", why)]).into_response()
            }
            None => {
                // One more than is shown says whether there are more.
                let found = desk.people().find(&search.search, MOST + 1).await;
                let found = found.map(|mut people| {
                    let more = people.len() > MOST;
                    people.truncate(MOST);
                    (people, more)
                });
                page::choice(&asked, &search.search, found).into_response()
            }
        },
    }
}

/// Somebody has been chosen: back to the client, with a code.
pub(super) async fn choose(State(desk): State<Arc<Desk>>, body: Bytes) -> Response {
    let refuse = |why: &str| (StatusCode::BAD_REQUEST, page::refusal(why)).into_response();
    let chosen: Chosen = match form(&body) {
        Ok(chosen) => chosen,
        Err(why) => return refuse(&why),
    };
    let Ok(person) = serde_json::from_str::<Person>(&chosen.person) else {
        return refuse("nobody was chosen");
    };
    let asked = chosen.asked;
    let back = match (asked.redirect(), asked.fault()) {
        (Ok(back), None) => back,
        (Err(why), _) | (_, Some((_, why))) => return refuse(why),
    };
    let flaw = desk.next_flaw();
    if flaw == Some(SignInFlaw::Refused) {
        let words = [("error", "access_denied"), ("error_description", "The person did not agree.")];
        return answer(&desk, back, &asked, &words).into_response();
    }
    let code = desk.codes.issue(Grant {
        person,
        client: asked.client_id.clone(),
        redirect: asked.redirect_uri.clone(),
        nonce: asked.nonce.clone(),
        challenge: asked.code_challenge.clone(),
        flaw,
    });
    let asked = match flaw {
        Some(SignInFlaw::OtherState) => Asked { state: Some("another-state".to_owned()), ..asked },
        _ => asked,
    };
    let mut answer_with = vec![("code", code.as_str())];
    if flaw == Some(SignInFlaw::OtherIssuer) {
        answer_with.push(("iss", "https://issuer.invalid"));
    }
    answer(&desk, back, &asked, &answer_with).into_response()
}

/// The answer in the query, with the state, and in the issuer's own name (RFC 9207) unless another is given.
fn answer(desk: &Desk, mut back: Url, asked: &Asked, words: &[(&str, &str)]) -> Redirect {
    {
        let mut query = back.query_pairs_mut();
        query.extend_pairs(words);
        if let Some(state) = &asked.state {
            query.append_pair("state", state);
        }
        if !words.iter().any(|(name, _)| *name == "iss") {
            query.append_pair("iss", &desk.mint.issuer);
        }
    }
    Redirect::to(back.as_str())
}

/// What a client asks for that ends a session (OpenID Connect RP-Initiated Logout 1.0).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Ending {
    post_logout_redirect_uri: String,
    state: Option<String>,
}

/// Nobody stays signed in here, so that there is nothing to end; whoever asks is led back.
pub(super) async fn end_session(Query(ending): Query<Ending>) -> Response {
    if ending.post_logout_redirect_uri.is_empty() {
        return page::ended().into_response();
    }
    // The same rule as for every other way back.
    let asked =
        Asked { redirect_uri: ending.post_logout_redirect_uri, client_id: "any".to_owned(), ..Asked::default() };
    match asked.redirect() {
        Err(_) => {
            let why = "post_logout_redirect_uri must lead to this machine, and have no fragment";
            (StatusCode::BAD_REQUEST, page::refusal(why)).into_response()
        }
        Ok(mut back) => {
            if let Some(state) = &ending.state {
                back.query_pairs_mut().append_pair("state", state);
            }
            Redirect::to(back.as_str()).into_response()
        }
    }
}
