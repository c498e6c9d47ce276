//! How long a session is good, and who may send its forms.

use std::time::Duration;

use axum::{body::Body, http::Request};

use super::browser::{Browser, HERE, ada, member};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_session_that_nobody_uses_ends_after_an_hour() {
    let mut browser = Browser::start().await;
    browser.sign_in("/who", &ada()).await;
    browser.clock.turn(59 * MINUTE);
    assert_eq!(browser.get("/who").await.status, 200);
    browser.clock.turn(59 * MINUTE);
    assert_eq!(browser.get("/who").await.status, 200, "its use was noted");
    browser.clock.turn(60 * MINUTE);
    assert_eq!(browser.get("/who").await.status, 303);
}

#[tokio::test]
async fn a_session_ends_after_eight_hours_however_much_it_is_used() {
    let mut browser = Browser::start().await;
    browser.sign_in("/who", &ada()).await;
    for _ in 0..15 {
        browser.clock.turn(30 * MINUTE);
        assert_eq!(browser.get("/who").await.status, 200);
    }
    browser.clock.turn(30 * MINUTE);
    assert_eq!(browser.get("/who").await.status, 303);
}

#[tokio::test]
async fn use_is_noted_every_five_minutes_at_most_and_not_for_what_asks_by_itself() {
    let mut browser = Browser::start().await;
    browser.sign_in("/who", &ada()).await;
    browser.clock.turn(4 * MINUTE);
    assert!(!browser.get("/who").await.headers.contains_key("set-cookie"));
    browser.clock.turn(MINUTE);
    let piece = || Request::get("/who").header("hx-request", "true").body(Body::empty()).unwrap();
    assert!(!browser.send(piece()).await.headers.contains_key("set-cookie"));
    assert!(browser.get("/who").await.headers.contains_key("set-cookie"));
    for _ in 0..60 {
        browser.clock.turn(MINUTE);
        browser.send(piece()).await;
    }
    assert_eq!(browser.send(piece()).await.status, 401, "a page left open keeps nobody signed in");
}

#[tokio::test]
async fn a_piece_leads_back_to_the_page_around_it() {
    let mut browser = Browser::start().await;
    for (around, back) in [
        ("http://127.0.0.1:8070/runs?state=x", "%2Fruns%3Fstate%3Dx"),
        ("http://evil.example/runs", "%2F"),
        ("rubbish", "%2F"),
    ] {
        let request = Request::get("/who").header("hx-request", "true").header("hx-current-url", around);
        let got = browser.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(got.status, 401);
        assert_eq!(got.headers["hx-redirect"].to_str().unwrap(), format!("/sign-in?back={back}"));
    }
}

#[tokio::test]
async fn no_other_cookie_is_a_session() {
    let mut browser = Browser::start().await;
    browser.begin("/who").await;
    let begun = browser.cookies["tenantry-sign-in-8070"].clone();
    browser.sign_in("/who", &ada()).await;
    let session = browser.cookies["tenantry-session-8070"].clone();
    let id_token = browser.cookies["tenantry-id-8070"].clone();
    let (start, end) = session.split_at(session.len() - 1);
    let changed = format!("{start}{}", if end == "A" { "Q" } else { "A" });
    for wrong in [begun, id_token, changed, session[1..].to_owned(), String::new()] {
        let mut other = browser.another();
        other.cookies.insert("tenantry-session-8070".to_owned(), wrong.clone());
        assert_eq!(other.get("/who").await.status, 303, "{wrong}");
    }
    let mut same = browser.another();
    same.cookies.insert("tenantry-session-8070".to_owned(), session);
    assert_eq!(same.get("/who").await.status, 200);
}

#[tokio::test]
async fn a_form_carries_its_sessions_token_in_a_field_or_a_header() {
    let mut ada_at_home = Browser::start().await;
    ada_at_home.sign_in("/who", &ada()).await;
    let csrf = ada_at_home.get("/who").await.csrf();
    let mut bob = ada_at_home.another();
    bob.sign_in("/who", &member()).await;
    let foreign = bob.get("/who").await.csrf();

    assert_eq!(ada_at_home.post("/act", &[("csrf", &csrf)]).await.body, "usr_ada");
    let by_header = [("origin", HERE), ("x-csrf-token", csrf.as_str())];
    assert_eq!(ada_at_home.post_with("/act", &[], &by_header).await.body, "usr_ada");
    for wrong in ["", "x", &csrf[1..], &foreign] {
        assert_eq!(ada_at_home.post("/act", &[("csrf", wrong)]).await.status, 403, "{wrong}");
        assert_eq!(ada_at_home.post("/sign-out", &[("csrf", wrong)]).await.status, 403, "{wrong}");
    }
    assert_eq!(ada_at_home.post("/act", &[]).await.status, 403);
    assert_eq!(ada_at_home.get("/sign-out").await.status, 405, "a link signs nobody out");
    assert_eq!(ada_at_home.get("/who").await.status, 200);
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_even_with_the_token() {
    let mut browser = Browser::start().await;
    browser.sign_in("/who", &ada()).await;
    let csrf = browser.get("/who").await.csrf();
    for foreign in [
        ("origin", "https://evil.example"),
        ("origin", "http://127.0.0.1:8071"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        assert_eq!(browser.post_with("/act", &[("csrf", &csrf)], &[foreign]).await.status, 403, "{foreign:?}");
    }
    assert_eq!(browser.post_with("/act", &[("csrf", &csrf)], &[]).await.status, 200, "an old browser says nothing");
}

#[tokio::test]
async fn a_form_after_the_end_says_that_nothing_was_done() {
    let mut browser = Browser::start().await;
    let got = browser.post("/act", &[("csrf", "x")]).await;
    assert_eq!((got.status, got.body.contains("The form was not sent")), (401, true));
}
