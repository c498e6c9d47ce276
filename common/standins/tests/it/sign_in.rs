//! Signing in at the issuer, as any relying party would.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Client, Response, Url, redirect};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use tenantry_standins::issuer::{Issuer, Options, Person, SignInFlaw};

const BACK: &str = "http://127.0.0.1:1/sign-in/callback";
const VERIFIER: &str = "a-verifier-of-more-than-forty-three-letters-and-digits";

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()))
}

fn asked() -> HashMap<&'static str, String> {
    let pairs = [
        ("response_type", "code"),
        ("client_id", "console"),
        ("redirect_uri", BACK),
        ("scope", "openid email"),
        ("state", "s 1&2"),
        ("nonce", "n-1"),
        ("code_challenge_method", "S256"),
    ];
    let mut asked: HashMap<_, _> = pairs.map(|(name, value)| (name, value.to_owned())).into();
    asked.insert("code_challenge", challenge());
    asked
}

fn client() -> Client {
    Client::builder().redirect(redirect::Policy::none()).build().unwrap()
}

fn ada() -> Person {
    Person {
        sub: "usr_1".to_owned(),
        name: "Ada <Lovelace>".to_owned(),
        email: "ada@acme.example".to_owned(),
        tenant: Some("ten_1".to_owned()),
        tenant_name: Some("Acme".to_owned()),
        roles: vec!["tenant_admin".to_owned()],
    }
}

/// What the answer's query says, and where it goes.
fn led_to(response: &Response) -> (String, HashMap<String, String>) {
    let to = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    let query = to.query_pairs().into_owned().collect();
    (format!("{}{}", to.origin().ascii_serialization(), to.path()), query)
}

async fn choose(issuer: &Issuer, person: &Person) -> HashMap<String, String> {
    let mut form = asked();
    form.insert("person", json!(person).to_string());
    let response = client().post(format!("{}/authorize", issuer.url())).form(&form).send().await.unwrap();
    let (to, query) = led_to(&response);
    assert_eq!(to, BACK);
    query
}

async fn exchange(issuer: &Issuer, changes: &[(&'static str, &str)]) -> (u16, Value) {
    let mut form: HashMap<&str, &str> = [
        ("grant_type", "authorization_code"),
        ("redirect_uri", BACK),
        ("client_id", "console"),
        ("code_verifier", VERIFIER),
    ]
    .into();
    form.extend(changes.iter().copied());
    let response = client().post(format!("{}/token", issuer.url())).form(&form).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
}

fn said(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[tokio::test]
async fn whoever_is_chosen_is_who_the_tokens_speak_of() {
    let issuer = Issuer::start(Options::default()).await.unwrap();
    let answer = choose(&issuer, &ada()).await;
    assert_eq!((answer["state"].as_str(), answer["iss"].as_str()), ("s 1&2", issuer.url()));
    let (status, tokens) = exchange(&issuer, &[("code", &answer["code"])]).await;
    assert_eq!(status, 200);
    let id = said(&tokens["id_token"]);
    assert_eq!((&id["aud"], &id["nonce"], &id["sub"]), (&json!("console"), &json!("n-1"), &json!("usr_1")));
    assert_eq!(
        (&id["name"], &id["tenant"], &id["roles"]),
        (&json!("Ada <Lovelace>"), &json!("ten_1"), &json!(["tenant_admin"]))
    );
    let access = said(&tokens["access_token"]);
    assert_eq!((&access["aud"], access.get("nonce")), (&json!("tenantry"), None));
}

#[tokio::test]
async fn a_code_is_good_once_and_only_for_whom_it_was_made() {
    let issuer = Issuer::start(Options::default()).await.unwrap();
    for change in [("code_verifier", "another"), ("client_id", "another"), ("redirect_uri", "http://127.0.0.1:2/")] {
        let answer = choose(&issuer, &ada()).await;
        let (status, body) = exchange(&issuer, &[("code", &answer["code"]), change]).await;
        assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")), "{change:?}");
        let (status, _) = exchange(&issuer, &[("code", &answer["code"])]).await;
        assert_eq!(status, 400, "a code that was shown wrongly once is worth nothing");
    }
    let answer = choose(&issuer, &ada()).await;
    assert_eq!(exchange(&issuer, &[("code", &answer["code"])]).await.0, 200);
    assert_eq!(exchange(&issuer, &[("code", &answer["code"])]).await.1["error"], "invalid_grant");
}

#[tokio::test]
async fn a_client_with_a_secret_shows_it() {
    let secret = "a secret/with:signs";
    let options = Options { client_secret: Some(secret.to_owned()), ..Options::default() };
    let issuer = Issuer::start(options).await.unwrap();
    for (shown, status) in [("a+secret%2Fwith%3Asigns", 200), ("another", 401)] {
        let answer = choose(&issuer, &ada()).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
            ("code", &answer["code"]),
        ];
        let request = client().post(format!("{}/token", issuer.url())).basic_auth("console", Some(shown)).form(&form);
        assert_eq!(request.send().await.unwrap().status(), status, "{shown}");
    }
    let answer = choose(&issuer, &ada()).await;
    assert_eq!(exchange(&issuer, &[("code", &answer["code"])]).await.1["error"], "invalid_client");
}

#[tokio::test]
async fn the_page_offers_the_operator_and_the_people_it_was_given_and_finds_them() {
    let issuer = Issuer::start(Options::default()).await.unwrap();
    let page = async |search: &str| {
        let mut query = asked();
        query.insert("search", search.to_owned());
        let response = client().get(format!("{}/authorize", issuer.url())).query(&query).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.text().await.unwrap()
    };
    assert!(page("").await.contains("No tenant has anybody yet"));
    let many = (0..60).map(|n| Person { sub: format!("usr_{n}"), name: format!("Member {n}"), ..ada() });
    issuer.offer(Arc::new([ada()].into_iter().chain(many).collect::<Vec<_>>()));
    let all = page("").await;
    assert!(
        all.contains("Platform operator") && all.contains("Ada &lt;Lovelace&gt;") && all.contains("There are more")
    );
    assert!(!all.contains("Member 50") && !all.contains("<script"));
    let found = page("mEMBER 50").await;
    assert!(
        found.contains("Member 50")
            && !found.contains("Lovelace")
            && found.contains(r#"name="state" value="s 1&amp;2""#)
    );
    assert!(page("nobody at all").await.contains("Nobody is found"));
}

#[tokio::test]
async fn a_request_that_cannot_be_granted_is_refused_where_it_is_safe_to_say_so() {
    let issuer = Issuer::start(Options::default()).await.unwrap();
    let ask = async |name: &'static str, value: &str| {
        let mut query = asked();
        query.insert(name, value.to_owned());
        client().get(format!("{}/authorize", issuer.url())).query(&query).send().await.unwrap()
    };
    for away in ["https://evil.example/", "http://127.0.0.1.evil.example/", "http://127.0.0.1:1/#x", "", "javascript:x"]
    {
        assert_eq!(ask("redirect_uri", away).await.status(), 400, "{away}");
    }
    assert_eq!(ask("client_id", "").await.status(), 400);
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "email", "invalid_scope"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
    ] {
        let (to, query) = led_to(&ask(name, value).await);
        assert_eq!((to.as_str(), query["error"].as_str(), query["state"].as_str()), (BACK, error, "s 1&2"));
    }
}

#[tokio::test]
async fn a_sign_in_goes_wrong_as_it_was_told_and_the_next_one_does_not() {
    let issuer = Issuer::start(Options::default()).await.unwrap();
    issuer.misbehave(SignInFlaw::Refused);
    assert_eq!(choose(&issuer, &ada()).await["error"], "access_denied");
    issuer.misbehave(SignInFlaw::OtherState);
    assert_eq!(choose(&issuer, &ada()).await["state"], "another-state");
    issuer.misbehave(SignInFlaw::OtherIssuer);
    assert_eq!(choose(&issuer, &ada()).await["iss"], "https://issuer.invalid");

    let tokens = async |flaw| {
        issuer.misbehave(flaw);
        let answer = choose(&issuer, &ada()).await;
        exchange(&issuer, &[("code", &answer["code"])]).await
    };
    assert_eq!(tokens(SignInFlaw::ExpiredCode).await.1["error"], "invalid_grant");
    assert_eq!(said(&tokens(SignInFlaw::OtherNonce).await.1["id_token"])["nonce"], "another-nonce");
    assert_eq!(said(&tokens(SignInFlaw::NoNonce).await.1["id_token"]).get("nonce"), None);
    assert_eq!(tokens(SignInFlaw::NoIdToken).await.1.get("id_token"), None);
    assert_eq!(tokens(SignInFlaw::Down).await, (503, Value::Null));
    let good = choose(&issuer, &ada()).await;
    assert_eq!(exchange(&issuer, &[("code", &good["code"])]).await.0, 200);
}

#[tokio::test]
async fn ending_a_session_leads_back_to_this_machine_only() {
    let issuer = Issuer::start(Options::default()).await.unwrap();
    let end = async |query: &[(&str, &str)]| {
        client().get(format!("{}/end-session", issuer.url())).query(query).send().await.unwrap()
    };
    let back = end(&[("post_logout_redirect_uri", "http://127.0.0.1:1/"), ("state", "x")]).await;
    assert_eq!(led_to(&back).1["state"], "x");
    assert_eq!(end(&[("post_logout_redirect_uri", "https://evil.example/")]).await.status(), 400);
    assert!(end(&[]).await.text().await.unwrap().contains("You are signed out"));
}
