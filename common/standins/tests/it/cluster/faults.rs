//! Misbehaviour: what a client may see, and what has happened nevertheless.

use crate::cluster::{GATEWAYS, PATIENCE, Stage, gateway, key};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tenantry_standins::cluster::{Fault, Kind, Rule, Verb};

#[tokio::test]
async fn every_fault_strikes_before_or_after_the_effect() {
    for after in [false, true] {
        for fault in [
            Fault::Error(500),
            Fault::Error(503),
            Fault::Error(504),
            Fault::TooManyRequests(7),
            Fault::Reset,
            Fault::Garbage,
            Fault::Silence,
        ] {
            let stage = Stage::open().await;
            let rule = Rule::on(Verb::Apply, fault.clone()).of(Kind::Gateway).times(1);
            stage.cluster.misbehave(1, [if after { rule.after() } else { rule }]);
            let request = stage.applying(GATEWAYS, &gateway("a", "a.test"), "tenantry");
            let answer = request.timeout(Duration::from_millis(300)).send().await;
            match (&fault, answer) {
                (Fault::Error(code), Ok(answer)) => {
                    assert_eq!(answer.status().as_u16(), *code);
                    assert_eq!(answer.json::<Value>().await.unwrap()["kind"], "Status");
                }
                (Fault::TooManyRequests(_), Ok(answer)) => {
                    let header = answer.headers()["retry-after"].clone();
                    assert_eq!((answer.status().as_u16(), header), (429, "7".parse().unwrap()));
                }
                (Fault::Garbage, Ok(answer)) => assert!(answer.json::<Value>().await.is_err()),
                (Fault::Reset, Err(error)) => assert!(!error.is_timeout() && !error.is_connect(), "{error:?}"),
                (Fault::Silence, Err(error)) => assert!(error.is_timeout(), "{error:?}"),
                (_, other) => panic!("{fault:?} after {after}: {other:?}"),
            }
            let there = stage.cluster.get(&key(Kind::Gateway, "istio-system", "a")).is_some();
            assert_eq!(there, after, "{fault:?} after {after}");
            let (status, _) = stage.apply(GATEWAYS, &gateway("a", "a.test"), "tenantry").await;
            assert_eq!(status, if after { 200 } else { 201 }, "{fault:?} after {after}");
        }
    }
}

#[tokio::test]
async fn one_object_is_refused_while_others_pass() {
    let stage = Stage::open().await;
    stage.cluster.misbehave(1, [Rule::refuse("bad", "denied by policy")]);
    let (status, refusal) = stage.apply(GATEWAYS, &gateway("bad", "a.test"), "tenantry").await;
    assert_eq!((status, &refusal["reason"]), (422, &json!("Invalid")));
    assert!(refusal["message"].as_str().unwrap().contains("denied by policy"));
    assert_eq!(stage.apply(GATEWAYS, &gateway("good", "a.test"), "tenantry").await.0, 201);
    stage.cluster.behave();
    assert_eq!(stage.apply(GATEWAYS, &gateway("bad", "a.test"), "tenantry").await.0, 201);
    let seen: Vec<u16> = stage.cluster.requests().iter().map(|seen| seen.status).collect();
    assert_eq!(seen, [422, 201, 201]);
}

#[tokio::test]
async fn a_request_can_be_held_and_let_go() {
    let stage = std::sync::Arc::new(Stage::open().await);
    stage.cluster.misbehave(1, [Rule::on(Verb::Apply, Fault::Hold)]);
    let holding = tokio::spawn({
        let stage = std::sync::Arc::clone(&stage);
        async move { stage.apply(GATEWAYS, &gateway("a", "a.test"), "tenantry").await.0 }
    });
    assert!(stage.cluster.wait_for_held(1, PATIENCE).await);
    assert_eq!(stage.call(Method::GET, &format!("{GATEWAYS}/a"), &Value::Null).await.0, 404);
    assert_eq!(stage.cluster.requests()[0].status, 0);
    stage.cluster.release();
    assert_eq!(holding.await.unwrap(), 201);
}
