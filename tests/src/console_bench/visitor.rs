//! Somebody at the console: keeps cookies, and follows nothing.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result, ensure};
use reqwest::{
    Response,
    header::{COOKIE, LOCATION, SET_COOKIE},
    redirect::Policy,
};
use tenantry_standins::issuer::Person;
use url::Url;

use super::took;

/// Somebody who is signed in.
pub(super) struct Visitor {
    base: String,
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    /// Signs in, by the development issuer's form.
    pub(super) async fn is(console: &str, person: &Person) -> Result<Self> {
        let http = reqwest::Client::builder().redirect(Policy::none()).build()?;
        let mut visitor = Self { base: console.to_owned(), http, cookies: BTreeMap::new() };
        let choice = visitor.led("/sign-in").await?;
        let mut form: Vec<(String, String)> = choice.query_pairs().into_owned().collect();
        form.push(("person".to_owned(), serde_json::to_string(person)?));
        let mut issuer = choice;
        issuer.set_query(None);
        let chosen = visitor.http.post(issuer).form(&form).send().await?;
        let back = leads(&chosen).context("nobody can be chosen")?;
        let back = back.strip_prefix(console).context("it leads elsewhere")?.to_owned();
        visitor.led(&back).await?;
        Ok(visitor)
    }

    /// Opens what leads on, and keeps its cookies.
    async fn led(&mut self, path: &str) -> Result<Url> {
        let answer = self.get(path).await?;
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').context("a cookie has a name")?;
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let to = leads(&answer).with_context(|| format!("{} on the way in", answer.status()))?;
        Ok(Url::parse(&self.base)?.join(&to)?)
    }

    /// The status of a page, and how long until it began to come.
    pub(super) async fn open(&self, path: &str) -> Result<(u16, Duration)> {
        timed(self.get(path)).await
    }

    async fn get(&self, path: &str) -> Result<Response> {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.http.get(format!("{}{path}", self.base)).header(COOKIE, cookies.join("; "));
        Ok(request.send().await?)
    }
}

fn leads(answer: &Response) -> Option<String> {
    answer.headers().get(LOCATION)?.to_str().ok().map(str::to_owned)
}

/// The status of an answer, and how long until it began; the rest is read, for the sake of the connection.
pub(super) async fn timed(answer: impl Future<Output = Result<Response>>) -> Result<(u16, Duration)> {
    let (answer, begun) = took(answer).await?;
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await?;
    ensure!(!bytes.is_empty(), "an answer says nothing");
    Ok((status, begun))
}
