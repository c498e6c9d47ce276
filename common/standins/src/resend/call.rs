//! One request on its way: who asks, how often, and what goes wrong with it.

use super::account::Account;
use super::answer::Answer;
use super::error::Refusal;
use super::misbehave::{Fault, Route, Strikes};
use super::rate::{self, Allowance};
use crate::wire::Cut;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// A request that has shown a good key.
pub(super) struct Call {
    pub(super) account: Arc<Account>,
    pub(super) headers: HeaderMap,
    cut: Cut,
    allowance: Option<Allowance>,
}

impl FromRequestParts<Arc<Account>> for Call {
    type Rejection = Answer;

    async fn from_request_parts(parts: &mut Parts, account: &Arc<Account>) -> Result<Call, Answer> {
        authorize(&parts.headers, &account.key).map_err(|refusal| refusal.answer())?;
        let allowance = account.allowance();
        if let Some(allowance) = allowance.filter(|allowance| allowance.over) {
            return Err(allowance.on(rate::too_many(1)));
        }
        let cut = parts.extensions.get::<ConnectInfo<Cut>>().map(|info| info.0.clone()).unwrap_or_default();
        Ok(Call { account: Arc::clone(account), headers: parts.headers.clone(), cut, allowance })
    }
}

fn authorize(headers: &HeaderMap, key: &str) -> Result<(), Refusal> {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(given) = given.and_then(|value| value.strip_prefix("Bearer ")) else {
        return Err(Refusal::new(401, "missing_api_key", "Missing API key in the authorization header."));
    };
    if given == key { Ok(()) } else { Err(Refusal::new(403, "invalid_api_key", "API key is invalid")) }
}

impl Call {
    /// What strikes this request; the error is the answer where a rule gives one before the effect.
    pub(super) async fn begin(&self, route: Route, recipients: &[String]) -> Result<Strikes, Response> {
        let strikes = self.account.strike(route, recipients);
        match &strikes.before {
            Some(fault) => Err(self.suffer(fault).await),
            None => Ok(strikes),
        }
    }

    /// Waits as long as the rules say, before the effect.
    pub(super) async fn pause(&self, strikes: &Strikes) {
        if let Some(delay) = strikes.slow {
            tokio::time::sleep(delay).await;
        }
        if strikes.hold {
            self.account.gate.wait().await;
        }
    }

    /// Begins, waits, has the effect and ends: for requests that need nothing else.
    pub(super) async fn run(self, route: Route, act: impl FnOnce(&Call) -> Result<Answer, Refusal>) -> Response {
        let strikes = match self.begin(route, &[]).await {
            Ok(strikes) => strikes,
            Err(answer) => return answer,
        };
        self.pause(&strikes).await;
        let answer = act(&self);
        self.end(&strikes, answer).await
    }

    /// The answer, or what a rule puts in its place after the effect. A request that was refused had none.
    pub(super) async fn end(&self, strikes: &Strikes, answer: Result<Answer, Refusal>) -> Response {
        match (&strikes.after, answer) {
            (Some(fault), Ok(_)) => self.suffer(fault).await,
            (_, answer) => self.rated(answer.unwrap_or_else(|refusal| refusal.answer())),
        }
    }

    async fn suffer(&self, fault: &Fault) -> Response {
        match fault {
            Fault::Error(status, name) => self.rated(Refusal::new(*status, name, "As a rule says.").answer()),
            Fault::RateLimited(seconds) => self.rated(rate::too_many(*seconds)),
            Fault::Garbage => self.rated(Answer::garbage()),
            Fault::Reset => {
                self.cut.cut();
                Answer::garbage().into_response()
            }
            // The others decide about no answer and never come here; silence ends with the server.
            _ => {
                self.account.background.ended().await;
                self.cut.cut();
                Answer::garbage().into_response()
            }
        }
    }

    fn rated(&self, answer: Answer) -> Response {
        match self.allowance {
            Some(allowance) => allowance.on(answer).into_response(),
            None => answer.into_response(),
        }
    }
}
