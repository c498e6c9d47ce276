//! What is not let in.

use std::time::Duration;

use tenantry_standins::issuer::{Flaw, Person, SignInFlaw};

use super::browser::{Browser, ada};

/// The answer with one part of its query written anew.
fn with(answer: &str, name: &str, value: &str) -> String {
    let (path, query) = answer.split_once('?').unwrap();
    let mut pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap();
    pairs.retain(|(found, _)| found != name);
    pairs.push((name.to_owned(), value.to_owned()));
    format!("{path}?{}", serde_urlencoded::to_string(pairs).unwrap())
}

/// Nobody is signed in, and the page says why.
async fn nobody(browser: &mut Browser, got: &super::browser::Got, status: u16, words: &str) {
    assert_eq!(got.status, status, "{}", got.body);
    assert!(got.body.contains(words), "{words:?} is missing in {}", got.body);
    assert_eq!(browser.get("/who").await.status, 303, "somebody is signed in: {words}");
}

#[tokio::test]
async fn an_answer_with_another_state_is_nobodys() {
    let mut browser = Browser::start().await;
    for state in ["", "x", "another-state"] {
        let asked = browser.begin("/who").await;
        let answer = browser.choose(&asked, &ada()).await;
        let got = browser.get(&with(&answer, "state", state)).await;
        nobody(&mut browser, &got, 400, "not yours to finish").await;
    }
    browser.issuer.misbehave(SignInFlaw::OtherState);
    let got = browser.sign_in("/who", &ada()).await;
    nobody(&mut browser, &got, 400, "not yours to finish").await;
}

#[tokio::test]
async fn an_answer_to_another_browser_is_refused_in_this_one() {
    let mut attacker = Browser::start().await;
    let asked = attacker.begin("/who").await;
    let answer = attacker.choose(&asked, &ada()).await;

    let mut bare = attacker.another();
    let got = bare.get(&answer).await;
    nobody(&mut bare, &got, 400, "not yours to finish").await;

    let mut begun = attacker.another();
    begun.begin("/who").await;
    let got = begun.get(&answer).await;
    nobody(&mut begun, &got, 400, "not yours to finish").await;

    assert_eq!(attacker.get(&answer).await.to, "/who", "the code was not used up by them");
}

#[tokio::test]
async fn a_stolen_code_is_worth_nothing_without_its_verifier() {
    let mut victim = Browser::start().await;
    let asked = victim.begin("/who").await;
    let answer = victim.choose(&asked, &ada()).await;
    let code = answer.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();

    let mut thief = victim.another();
    let theirs = thief.begin("/who").await;
    let own = thief.choose(&theirs, &Person { sub: "usr_thief".to_owned(), ..ada() }).await;
    let got = thief.get(&with(&own, "code", &code)).await;
    nobody(&mut thief, &got, 400, "This sign-in is over").await;
}

#[tokio::test]
async fn an_answer_is_good_once_and_for_ten_minutes() {
    let mut browser = Browser::start().await;
    let asked = browser.begin("/who").await;
    let kept = browser.cookies.clone();
    let answer = browser.choose(&asked, &ada()).await;
    assert_eq!(browser.get(&answer).await.to, "/who");
    assert_eq!(browser.get(&answer).await.to, "/", "who is signed in goes home");

    let mut again = browser.another();
    again.cookies = kept;
    let got = again.get(&answer).await;
    nobody(&mut again, &got, 400, "This sign-in is over").await;

    let mut slow = browser.another();
    let asked = slow.begin("/who").await;
    let answer = slow.choose(&asked, &ada()).await;
    slow.clock.turn(Duration::from_secs(600));
    let got = slow.get(&answer).await;
    nobody(&mut slow, &got, 400, "This sign-in is over").await;
}

#[tokio::test]
async fn every_flaw_of_the_provider_lets_nobody_in() {
    let mut browser = Browser::start().await;
    let tokens = Flaw::ALL.map(|flaw| (SignInFlaw::IdToken(flaw), 400, "could not be believed"));
    for (flaw, status, words) in [
        (SignInFlaw::Refused, 403, "You were not let in"),
        (SignInFlaw::OtherIssuer, 400, "not yours to finish"),
        (SignInFlaw::ExpiredCode, 400, "This sign-in is over"),
        (SignInFlaw::OtherNonce, 400, "could not be believed"),
        (SignInFlaw::NoNonce, 400, "could not be believed"),
        (SignInFlaw::NoIdToken, 502, "not set up for one another"),
        (SignInFlaw::Down, 503, "does not answer"),
    ]
    .into_iter()
    .chain(tokens)
    {
        browser.issuer.misbehave(flaw);
        let got = browser.sign_in("/who", &ada()).await;
        nobody(&mut browser, &got, status, words).await;
        assert!(got.body.contains(r#"href="/sign-in?back=%2Fwho""#), "{flaw:?} leaves no way on");
    }
    assert_eq!(browser.sign_in("/who", &ada()).await.to, "/who");
}

#[tokio::test]
async fn a_providers_error_is_told_in_our_words_never_in_its_own() {
    let mut browser = Browser::start().await;
    for (error, status) in [
        ("access_denied", 403),
        ("login_required", 400),
        ("temporarily_unavailable", 503),
        ("invalid_scope", 502),
        ("<b>pay here</b>", 502),
    ] {
        let asked = browser.begin("/who").await;
        let state = asked.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let query = [("error", error), ("error_description", "<b>pay here</b>"), ("state", &state)];
        let got = browser.get(&format!("/sign-in/callback?{}", serde_urlencoded::to_string(query).unwrap())).await;
        nobody(&mut browser, &got, status, "Sign in").await;
        assert!(!got.body.contains("pay here"), "{}", got.body);
    }
}

#[tokio::test]
async fn a_role_within_a_tenant_without_a_tenant_is_nobody_here() {
    let mut browser = Browser::start().await;
    let got = browser.sign_in("/who", &Person { tenant: None, ..ada() }).await;
    nobody(&mut browser, &got, 403, "You have no access here").await;
    let got = browser.sign_in("/who", &Person { tenant: Some("acme".to_owned()), ..ada() }).await;
    nobody(&mut browser, &got, 400, "could not be believed").await;
}

#[tokio::test]
async fn nobody_is_led_away_after_signing_in() {
    let mut browser = Browser::start().await;
    for away in ["//evil.example", "/\\evil.example", "https://evil.example/", "/\t/evil.example", "/sign-out"] {
        let mut browser = browser.another();
        assert_eq!(browser.sign_in(away, &ada()).await.to, "/", "{away:?}");
    }
    assert_eq!(browser.sign_in("/tenants?x=//y", &ada()).await.to, "/tenants?x=//y");
    assert_eq!(browser.get("/sign-in?back=//evil.example").await.to, "/", "nor who is signed in already");
}
