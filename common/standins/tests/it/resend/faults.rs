//! Misbehaviour: what a client may see, and what has happened nevertheless.

use crate::resend::{Stage, client, mail};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use tenantry_standins::resend::{Fault, Options, Route, Rule};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn every_fault_strikes_before_or_after_the_effect_and_the_key_makes_the_next_try_safe() {
    for after in [false, true] {
        for fault in [
            Fault::Error(500, "application_error".to_owned()),
            Fault::RateLimited(7),
            Fault::Reset,
            Fault::Garbage,
            Fault::Silence,
        ] {
            let stage = Stage::open().await;
            let rule = Rule::on_sending(fault.clone()).to("ann@").times(1);
            stage.resend.misbehave(1, [if after { rule.after() } else { rule }]);
            let impatient = client()
                .post(format!("{}/emails", stage.resend.url()))
                .timeout(Duration::from_millis(300))
                .bearer_auth(stage.resend.key())
                .header("Idempotency-Key", "m1")
                .json(&mail("ann@a.example"))
                .send()
                .await;
            match (&fault, impatient) {
                (Fault::Error(..), Ok(answer)) => {
                    let (status, body) = crate::resend::read(answer).await;
                    assert_eq!((status, &body["name"]), (500, &json!("application_error")));
                }
                (Fault::RateLimited(_), Ok(answer)) => {
                    assert_eq!(
                        (answer.status().as_u16(), &answer.headers()["retry-after"]),
                        (429, &"7".parse().unwrap())
                    );
                }
                (Fault::Garbage, Ok(answer)) => {
                    assert_eq!(answer.status().as_u16(), 200);
                    assert!(answer.json::<serde_json::Value>().await.is_err());
                }
                (Fault::Reset, Err(error)) => assert!(!error.is_timeout() && !error.is_connect(), "{error:?}"),
                (Fault::Silence, Err(error)) => assert!(error.is_timeout(), "{error:?}"),
                (_, other) => panic!("{fault:?} after {after}: {other:?}"),
            }
            assert_eq!(stage.resend.total(), usize::from(after), "{fault:?} after {after}");
            let (status, answer) = stage.keyed("/emails", "m1", &mail("ann@a.example")).await.unwrap();
            assert_eq!((status, stage.resend.accepted_under("m1")), (200, 1), "{fault:?} after {after}");
            assert_eq!(answer["id"], stage.resend.accepted()[0].id);
        }
    }
}

#[tokio::test]
async fn a_reset_is_a_reset_and_not_an_end() {
    let stage = Stage::open().await;
    stage.resend.misbehave(1, [Rule::on(Route::GetEmail, Fault::Reset)]);
    let address = stage.resend.url().strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).await.unwrap();
    let request = format!("GET /emails/x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n", stage.resend.key());
    connection.write_all(request.as_bytes()).await.unwrap();
    let error = connection.read(&mut [0; 64]).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn rules_choose_their_route_their_recipient_and_their_turn() {
    let stage = Stage::open().await;
    stage.resend.misbehave(
        1,
        [
            Rule::error(Route::Send, 403, "suspended_api_key").to("ann@").nth(2),
            Rule::error(Route::ListDomains, 500, "service_unavailable"),
        ],
    );
    let send = async |to: &str| stage.call(Method::POST, "/emails", &mail(to)).await.0;
    let seen = [send("ann@a.example").await, send("bob@a.example").await, send("ann@a.example").await];
    assert_eq!(seen, [200, 200, 403]);
    assert_eq!(send("ann@a.example").await, 200);
    assert_eq!(stage.call(Method::GET, "/domains", &json!(null)).await.0, 500);
    stage.resend.behave();
    assert_eq!(stage.call(Method::GET, "/domains", &json!(null)).await.0, 200);
    assert_eq!((stage.resend.requests(Route::Send), stage.resend.requests(Route::ListDomains)), (4, 2));
}

#[tokio::test]
async fn more_requests_than_the_rate_allows_are_told_so() {
    let stage = Stage::new(Options { any_domain: true, rate: Some(2), ..Options::default() }).await;
    let mut limited = 0;
    // Three in a row may straddle the end of one window, nine cannot.
    for _ in 0..9 {
        let answer = stage.request(Method::POST, "/emails").json(&mail("ann@a.example")).send().await.unwrap();
        assert_eq!(answer.headers()["ratelimit-limit"], "2");
        assert!(
            answer.headers().contains_key("ratelimit-remaining") && answer.headers().contains_key("ratelimit-reset")
        );
        if answer.status() == 429 {
            assert_eq!(answer.headers()["retry-after"], "1");
            assert_eq!(crate::resend::read(answer).await.1["name"], "rate_limit_exceeded");
            limited += 1;
        }
    }
    assert!(limited > 0);
    assert_eq!(stage.resend.total() + limited, 9);
    let free = Stage::open().await;
    let answer = free.request(Method::GET, "/domains").send().await.unwrap();
    assert!(!answer.headers().contains_key("ratelimit-limit"));
}

#[tokio::test]
async fn a_slow_answer_is_late_and_whole() {
    let stage = Stage::open().await;
    let delay = Duration::from_millis(60);
    stage.resend.misbehave(1, [Rule::on(Route::Send, Fault::Slow(delay))]);
    let began = std::time::Instant::now();
    stage.sent(&mail("ann@a.example")).await;
    assert!(began.elapsed() >= delay);
}

#[tokio::test]
async fn stopping_does_not_wait_for_those_who_are_kept_in_silence() {
    let stage = Stage::open().await;
    stage.resend.misbehave(1, [Rule::on(Route::Send, Fault::Silence).after()]);
    let url = format!("{}/emails", stage.resend.url());
    let request = client().post(url).bearer_auth(stage.resend.key()).json(&mail("ann@a.example")).send();
    let waiting = tokio::spawn(request);
    assert!(stage.resend.wait_for(1, crate::resend::PATIENCE).await);
    let began = std::time::Instant::now();
    stage.resend.stop().await;
    assert!(waiting.await.unwrap().is_err());
    assert!(began.elapsed() < Duration::from_secs(2));
}
