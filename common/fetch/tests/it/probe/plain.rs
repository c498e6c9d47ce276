//! Over HTTP.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::{Duration, Instant},
};

use tenantry_fetch::{Attempt, HttpSaw, ProbeTrouble, Prober, Reach};

use crate::probe::server::{Does, HERE, HOST, Server, at_second, no_tls, nobody, only, prober};

const PATH: &str = "/.well-known/acme-challenge/nonce";

async fn http(does: Does) -> Result<HttpSaw, ProbeTrouble> {
    let server = Server::plain(does).await;
    only(prober(server.port, 0, None).http(HOST, &[HERE], PATH).await).outcome
}

#[tokio::test]
async fn an_answer_is_seen_with_what_the_server_says_of_itself() {
    let server = Server::plain(Does::Answers(
        b"HTTP/1.1 404 Not Found\r\nserver: istio-envoy\r\ncontent-length: 4\r\nset-cookie: a=b\r\n\r\nnone",
    ))
    .await;
    let prober = prober(server.port, 0, None);
    let saw = only(prober.http(HOST, &[HERE], PATH).await);
    let expected =
        HttpSaw { status: 404, location: None, server: Some("istio-envoy".to_owned()), body_start: b"none".to_vec() };
    assert_eq!(saw, Attempt { at: HERE, outcome: Ok(expected) });
    only(prober.http(HOST, &[HERE], PATH).await).outcome.unwrap();
    let asked = server.asked();
    assert!(asked[0].starts_with(&format!("GET {PATH} HTTP/1.1\r\nhost: {HOST}\r\n")), "{}", asked[0]);
    assert_eq!(asked[0], asked[1], "nothing is kept from one probe to the next");
    assert!(!asked[1].contains("cookie"), "{}", asked[1]);
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let server = Server::plain(Does::Answers(
        b"HTTP/1.1 301 Moved Permanently\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n",
    ))
    .await;
    let saw = only(prober(server.port, 0, None).http(HOST, &[HERE], PATH).await).outcome.unwrap();
    assert_eq!((saw.status, saw.location.as_deref()), (301, Some("/elsewhere")));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn of_a_body_the_beginning_is_kept_and_its_end_is_not_waited_for() {
    let begun = Instant::now();
    let endless = b"HTTP/1.1 200 OK\r\ncontent-length: 9000000000000\r\n\r\nHTTP/1.1 200 OK\r\n";
    assert_eq!(http(Does::NeverStops(endless)).await.unwrap().body_start.len(), 512);
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    assert_eq!(http(Does::Answers(chunked)).await.unwrap().body_start, b"abcde");
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_body_that_breaks_off_does_not_take_back_the_answer() {
    let saw = http(Does::Answers(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc")).await.unwrap();
    assert_eq!((saw.status, saw.body_start.as_slice()), (200, b"abc".as_slice()));
}

#[tokio::test]
async fn what_a_server_says_of_itself_is_cut_and_holds_nothing_that_a_terminal_obeys() {
    let saw = http(Does::Answers(b"HTTP/1.1 200 OK\r\nserver: a\xe2\x80\xaeb\xff\tc\r\ncontent-length: 0\r\n\r\n"))
        .await
        .unwrap();
    assert_eq!(saw.server.as_deref(), Some("abc"));
    let long: &'static [u8] =
        format!("HTTP/1.1 200 OK\r\nserver: {}\r\ncontent-length: 0\r\n\r\n", "x".repeat(400)).leak().as_bytes();
    assert_eq!(http(Does::Answers(long)).await.unwrap().server.unwrap().len(), 100);
}

#[tokio::test]
async fn why_there_is_no_answer_is_told_apart() {
    assert_eq!(http(Does::Closes).await.unwrap_err(), ProbeTrouble::Reset);
    assert_eq!(http(Does::Answers(b"SSH-2.0-OpenSSH_9.2\r\n")).await.unwrap_err(), ProbeTrouble::Garbled);
    assert_eq!(http(Does::Answers(b"HTTP/1.1 2oo OK\r\n\r\n")).await.unwrap_err(), ProbeTrouble::Garbled);
    // Headers without an end are not read without an end.
    assert_eq!(http(Does::NeverStops(b"HTTP/1.1 200 OK\r\na: ")).await.unwrap_err(), ProbeTrouble::Garbled);
    let port = nobody().await;
    assert_eq!(only(prober(port, 0, None).http(HOST, &[HERE], PATH).await).outcome.unwrap_err(), ProbeTrouble::Refused);
    // A port for https, asked in plain words.
    let port = no_tls(b"\x15\x03\x01\x00\x02\x02\x50").await;
    assert_eq!(only(prober(port, 0, None).http(HOST, &[HERE], PATH).await).outcome.unwrap_err(), ProbeTrouble::Garbled);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_not_waited_for_longer_than_was_said() {
    let server = Server::plain(Does::Waits).await;
    let prober = prober(server.port, 0, None).within(Duration::from_millis(200));
    let addresses = [HERE, IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1)), IpAddr::V4(Ipv4Addr::LOCALHOST)];
    let saw = only(prober.http(HOST, &addresses, PATH).await).outcome;
    assert_eq!(saw.unwrap_err(), ProbeTrouble::TimedOut);
    assert_eq!(server.asked().len(), 1, "it was asked, once");
}

#[tokio::test]
async fn an_answer_whose_body_never_comes_is_an_answer() {
    let server = Server::plain(Does::Begins(b"HTTP/1.1 503 Busy\r\ncontent-length: 100\r\n\r\nabc")).await;
    let prober = prober(server.port, 0, None).within(Duration::from_millis(200));
    let saw = only(prober.http(HOST, &[HERE], PATH).await).outcome.unwrap();
    assert_eq!((saw.status, saw.body_start.as_slice()), (503, b"abc".as_slice()));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn every_address_is_tried_and_what_each_says_is_kept() {
    let second = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
    let (port, _server) = at_second(second, Does::Answers(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")).await;
    let saw = prober(port, 0, None).http(HOST, &[HERE, second], PATH).await;
    let saw: Vec<_> = saw.into_iter().map(|attempt| (attempt.at, attempt.outcome.map(|saw| saw.status))).collect();
    assert_eq!(saw, [(HERE, Err(ProbeTrouble::Refused)), (second, Ok(200))]);
}

#[tokio::test]
async fn no_connection_is_made_to_what_is_not_the_public_s() {
    let server = Server::plain(Does::Answers(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")).await;
    let public = Prober::new(Reach::Public).unwrap();
    for address in
        ["127.0.0.1", "::1", "10.0.0.1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "169.254.169.254", "fd00:ec2::254"]
    {
        let address: IpAddr = address.parse().unwrap();
        let saw = only(public.http(HOST, &[address], PATH).await);
        assert_eq!(saw.outcome.unwrap_err(), ProbeTrouble::NotPublic, "{address}");
        assert_eq!(only(public.https(HOST, &[address], PATH).await).outcome.unwrap_err(), ProbeTrouble::NotPublic);
        assert_eq!(only(public.tls(HOST, &[address]).await).outcome.unwrap_err(), ProbeTrouble::NotPublic);
    }
    // On the laptop: one address that is not of this machine beside one that is.
    let beside: IpAddr = "10.0.0.1".parse().unwrap();
    let saw = prober(server.port, 0, None).http(HOST, &[HERE, beside], PATH).await;
    let saw: Vec<_> = saw.into_iter().map(|attempt| (attempt.at, attempt.outcome.unwrap_err())).collect();
    assert_eq!(saw, [(beside, ProbeTrouble::NotPublic), (HERE, ProbeTrouble::NotTried)]);
    assert!(server.asked().is_empty());
    assert!(public.http(HOST, &[], PATH).await.is_empty());
}

#[tokio::test]
async fn what_is_no_name_or_no_path_is_not_asked_for() {
    let server = Server::plain(Does::Answers(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")).await;
    let prober = prober(server.port, server.port, None);
    for (host, path) in [
        ("127.0.0.1", "/"),
        ("[::1]", "/"),
        ("portal.acme.test:8080", "/"),
        ("portal.acme.test\r\nx: y", "/"),
        ("", "/"),
        (HOST, "nonce"),
        (HOST, "*"),
        (HOST, "http://other.test/"),
        (HOST, "/a b"),
        (HOST, "/\r\nx: y"),
        (HOST, ""),
    ] {
        let saw = only(prober.http(host, &[HERE], path).await).outcome;
        assert_eq!(saw.unwrap_err(), ProbeTrouble::NotAskable, "{host:?} {path:?}");
        assert_eq!(only(prober.https(host, &[HERE], path).await).outcome.unwrap_err(), ProbeTrouble::NotAskable);
    }
    assert!(server.asked().is_empty());
}
