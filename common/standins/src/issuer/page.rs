//! "Choose who to be": a page without a script.

use super::authorize::Asked;
use super::people::Person;
use axum::response::Html;
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = "
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
h2 { font-size: 1.1rem; margin-top: 2rem }
ul { list-style: none; padding: 0 }
li { margin: .5rem 0 }
button, input { font: inherit; padding: .5rem .75rem; border: 1px solid; border-radius: .4rem; box-sizing: border-box }
button { cursor: pointer; background: transparent; color: inherit; text-align: left }
li button { width: 100% }
button strong, button span { display: block }
button:hover, button:focus-visible, input:focus-visible { outline: 3px solid; outline-offset: 1px }
form.search { display: flex; gap: .5rem; align-items: end }
form.search p { margin: 0; flex: 1 }
form.search input { width: 100% }
";

/// The choice; `found` is the people of tenants and whether there are more, or why there are none.
pub(super) fn choice(asked: &Asked, search: &str, found: Result<(Vec<Person>, bool), String>) -> Html<String> {
    page(
        "Choose who to be",
        &html! {
            p { "This is the development stand-in of an identity provider: whom you choose is who you are, without a password." }
            form method="post" action="/authorize" {
                (hidden(asked))
                ul { (person(&Person::operator())) }
            }
            h2 { "People of tenants" }
            form.search method="get" action="/authorize" role="search" {
                (hidden(asked))
                p {
                    label for="search" { "Name, address or tenant" }
                    br;
                    input id="search" type="search" name="search" value=(search);
                }
                button { "Search" }
            }
            @match found {
                Err(why) => p role="alert" { "The people of tenants could not be read: " (why) }
                Ok((people, _)) if people.is_empty() && search.is_empty() => p { "No tenant has anybody yet. Onboard one, and its administrator is here." }
                Ok((people, _)) if people.is_empty() => p { "Nobody is found." }
                Ok((people, more)) => {
                    form method="post" action="/authorize" {
                        (hidden(asked))
                        ul { @for each in &people { (person(each)) } }
                    }
                    @if more { p { "There are more; search for them." } }
                }
            }
        },
    )
}

fn person(person: &Person) -> Markup {
    let json = serde_json::to_string(person).unwrap_or_default();
    let roles: Vec<String> = person.roles.iter().map(|role| role.replace('_', " ")).collect();
    html! {
        li {
            button name="person" value=(json) {
                strong { (person.name) }
                span {
                    @if let Some(tenant) = &person.tenant_name { (roles.join(", ")) " of " (tenant) } @else { (roles.join(", ")) }
                    " \u{b7} " (person.email)
                }
            }
        }
    }
}

/// The request, carried along.
fn hidden(asked: &Asked) -> Markup {
    let Asked { state, nonce, .. } = asked;
    html! {
        @for (name, value) in [
            ("response_type", &asked.response_type),
            ("client_id", &asked.client_id),
            ("redirect_uri", &asked.redirect_uri),
            ("scope", &asked.scope),
            ("code_challenge", &asked.code_challenge),
            ("code_challenge_method", &asked.code_challenge_method),
        ] { input type="hidden" name=(name) value=(value); }
        @if let Some(state) = state { input type="hidden" name="state" value=(state); }
        @if let Some(nonce) = nonce { input type="hidden" name="nonce" value=(nonce); }
    }
}

/// A request that cannot be answered to its client.
pub(super) fn refusal(why: &str) -> Html<String> {
    page("This cannot be answered", &html! { p { (why) "." } })
}

/// Signed out, with nowhere to go back to.
pub(super) fn ended() -> Html<String> {
    page("You are signed out", &html! { p { "This window can be closed." } })
}

fn page(title: &str, content: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { h1 { (title) } (content) } }
        }
    };
    Html(page.into_string())
}
