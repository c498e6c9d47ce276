//! The mail server, spoken to by lettre and by hand.

use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, Tls as ClientTls, TlsParameters};
use lettre::{AsyncTransport, Message, Tokio1Executor};
use std::time::Duration;
use tenantry_standins::smtp::{Auth, Fault, Login, Options, Rule, Smtp, Stage, Tls};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

type Transport = AsyncSmtpTransport<Tokio1Executor>;

fn plain(smtp: &Smtp) -> Transport {
    Transport::builder_dangerous("127.0.0.1").port(smtp.address().port()).timeout(Some(Duration::from_secs(2))).build()
}

fn parameters(smtp: &Smtp) -> TlsParameters {
    let ca = Certificate::from_pem(smtp.ca_pem().as_bytes()).unwrap();
    TlsParameters::builder("localhost".to_owned()).add_root_certificate(ca).build().unwrap()
}

fn mail(to: &str, number: u32) -> Message {
    Message::builder()
        .from("Tenantry <welcome@tenantry.example>".parse::<Mailbox>().unwrap())
        .to(to.parse().unwrap())
        .subject("Grüße aus der Ferne")
        .message_id(Some(format!("<m{number}@tenantry.example>")))
        .multipart(MultiPart::alternative_plain_html(
            format!("Hallo {number}\r\n.\r\n..zwei Punkte"),
            format!("<p>Hallö {number}</p>"),
        ))
        .unwrap()
}

fn login() -> Login {
    Login::new("tenantry", "open sesame")
}

#[tokio::test]
async fn a_mail_arrives_whole_and_can_be_waited_for() {
    let smtp = Smtp::start(Options::default()).await.unwrap();
    let transport = plain(&smtp);
    let (found, sent) = tokio::join!(
        smtp.mailbox().wait_for(|mail| mail.to.contains(&"ann@a.example".to_owned()), Duration::from_secs(10)),
        transport.send(mail("Ann <ann@a.example>", 1)),
    );
    sent.unwrap();
    let found = found.unwrap();
    assert_eq!(
        (found.from.as_str(), found.to.as_slice()),
        ("welcome@tenantry.example", &["ann@a.example".to_owned()][..])
    );
    assert_eq!(found.subject(), Some("Grüße aus der Ferne"));
    assert_eq!(found.text().unwrap().trim_end(), "Hallo 1\r\n.\r\n..zwei Punkte");
    assert_eq!(found.html().unwrap().trim_end(), "<p>Hallö 1</p>");
    assert_eq!(smtp.mailbox().accepted("m1@tenantry.example"), 1);
    transport.send(mail("ann@a.example", 1)).await.unwrap();
    assert_eq!(smtp.mailbox().accepted("m1@tenantry.example"), 2);
    assert!(smtp.mailbox().wait_for(|mail| mail.to.is_empty(), Duration::from_millis(20)).await.is_none());
}

#[tokio::test]
async fn tls_and_login_are_spoken_both_ways_and_asked_for_when_required() {
    for tls in [Tls::Required, Tls::Implicit] {
        for mechanism in [Mechanism::Plain, Mechanism::Login] {
            let smtp = Smtp::start(Options { tls, auth: Auth::Required(login()), ..Options::default() }).await.unwrap();
            let build = |password: &str| {
                let wanted = parameters(&smtp);
                let wanted =
                    if tls == Tls::Implicit { ClientTls::Wrapper(wanted) } else { ClientTls::Required(wanted) };
                let builder = Transport::builder_dangerous("127.0.0.1").port(smtp.address().port()).tls(wanted);
                let credentials = Credentials::new("tenantry".to_owned(), password.to_owned());
                builder.credentials(credentials).authentication(vec![mechanism]).build()
            };
            build("open sesame").send(mail("ann@a.example", 1)).await.unwrap();
            let error = build("guess").send(mail("ann@a.example", 2)).await.unwrap_err();
            assert_eq!(error.status().map(|code| code.to_string()), Some("535".to_owned()), "{error:?}");
            assert_eq!(smtp.mailbox().messages().len(), 1);
        }
    }
    let smtp = Smtp::start(Options { tls: Tls::Required, ..Options::default() }).await.unwrap();
    let error = plain(&smtp).send(mail("ann@a.example", 1)).await.unwrap_err();
    assert_eq!(error.status().map(|code| code.to_string()), Some("530".to_owned()), "{error:?}");
}

#[tokio::test]
async fn a_client_that_does_not_trust_the_certificate_sends_nothing() {
    let smtp = Smtp::start(Options { tls: Tls::Required, ..Options::default() }).await.unwrap();
    let strict = TlsParameters::new("localhost".to_owned()).unwrap();
    let transport =
        Transport::builder_dangerous("127.0.0.1").port(smtp.address().port()).tls(ClientTls::Required(strict)).build();
    assert!(transport.send(mail("ann@a.example", 1)).await.is_err());
    assert!(smtp.mailbox().messages().is_empty());
}

#[tokio::test]
async fn refusals_per_recipient_are_temporary_or_for_good() {
    let smtp = Smtp::start(Options::default()).await.unwrap();
    smtp.misbehave(
        1,
        [
            Rule::reply(Stage::Rcpt, "450 4.2.1 Mailbox busy").to("slow@").times(1),
            Rule::reply(Stage::Rcpt, "550 5.1.1 No such user").to("gone@"),
            Rule::reply(Stage::BeforeAccept, "554 5.6.0 Refused").to("odd@"),
        ],
    );
    let transport = plain(&smtp);
    let error = transport.send(mail("slow@a.example", 1)).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    transport.send(mail("slow@a.example", 1)).await.unwrap();
    for address in ["gone@a.example", "odd@a.example"] {
        let error = transport.send(mail(address, 2)).await.unwrap_err();
        assert!(error.is_permanent(), "{error:?}");
    }
    smtp.behave();
    transport.send(mail("gone@a.example", 3)).await.unwrap();
    assert_eq!(smtp.mailbox().accepted("m2@tenantry.example"), 0);
    assert_eq!(smtp.mailbox().messages().len(), 2);
}

#[tokio::test]
async fn a_time_out_or_reset_before_accepting_stores_nothing_and_after_accepting_stores() {
    let smtp = Smtp::start(Options::default()).await.unwrap();
    let faults = [Fault::Silence, Fault::Reset, Fault::Close, Fault::Reply("421 4.3.2 Shutting down".to_owned())];
    for (number, fault) in (0u32..).zip(faults) {
        for (stage, stored) in [(Stage::BeforeAccept, 0), (Stage::AfterAccept, 1)] {
            smtp.misbehave(1, [Rule::at(stage, fault.clone())]);
            let number = number * 2 + stored;
            // lettre's own time-out ends with the connection made: whoever sends has to bring one.
            let transport = plain(&smtp);
            let sending = transport.send(mail("ann@a.example", number));
            let sent = tokio::time::timeout(Duration::from_millis(1500), sending).await;
            assert_eq!(sent.is_err(), fault == Fault::Silence, "{fault:?} at {stage:?}");
            assert!(sent.is_err() || sent.unwrap().is_err(), "{fault:?} at {stage:?}");
            let accepted = smtp.mailbox().accepted(&format!("m{number}@tenantry.example"));
            assert_eq!(accepted, stored, "{fault:?} at {stage:?}");
        }
    }
}

#[tokio::test]
async fn every_stage_can_break_and_the_next_session_is_fine() {
    let smtp = Smtp::start(Options { auth: Auth::Offered(login()), ..Options::default() }).await.unwrap();
    let stages = [Stage::Connect, Stage::Hello, Stage::StartTls, Stage::Auth, Stage::Mail, Stage::Rcpt, Stage::Data];
    let builder = || {
        let builder = Transport::builder_dangerous("127.0.0.1").port(smtp.address().port());
        builder
            .tls(ClientTls::Required(parameters(&smtp)))
            .credentials(Credentials::new("tenantry".into(), "open sesame".into()))
    };
    for stage in stages {
        for fault in [Fault::Close, Fault::Reset, Fault::Reply("451 4.3.0 Try later".to_owned())] {
            smtp.misbehave(1, [Rule::at(stage, fault.clone()).times(1)]);
            builder().build().send(mail("ann@a.example", 1)).await.expect_err(&format!("{fault:?} at {stage:?}"));
            builder().build().send(mail("ann@a.example", 1)).await.unwrap();
        }
    }
    assert_eq!(smtp.mailbox().accepted("m1@tenantry.example"), 21);
}

#[tokio::test]
async fn refused_connections_are_refused_by_the_system_and_taken_again_on_the_same_port() {
    let smtp = Smtp::start(Options::default()).await.unwrap();
    smtp.refuse_connections(true).await.unwrap();
    smtp.refuse_connections(true).await.unwrap();
    let error = TcpStream::connect(smtp.address()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
    smtp.refuse_connections(false).await.unwrap();
    plain(&smtp).send(mail("ann@a.example", 1)).await.unwrap();
}

/// Sends all of it at once and reads until the server closes.
async fn pipelined(smtp: &Smtp, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(smtp.address()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn codes(answer: &str) -> Vec<&str> {
    answer.lines().filter(|line| line.as_bytes()[3] == b' ').map(|line| &line[..3]).collect()
}

#[tokio::test]
async fn pipelined_commands_are_answered_in_order_and_dots_are_taken_out() {
    let smtp = Smtp::start(Options::default()).await.unwrap();
    let answer = pipelined(
        &smtp,
        b"EHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nRCPT TO:<bad>\r\nDATA\r\nX: y\r\n\r\n..\r\n...two\r\nend\r\n.\r\nQUIT\r\n",
    )
    .await;
    assert_eq!(codes(&answer), ["220", "250", "250", "250", "501", "354", "250", "221"], "{answer}");
    let message = smtp.mailbox().messages().remove(0);
    assert_eq!(message.raw, b"X: y\r\n\r\n.\r\n..two\r\nend\r\n");
}

#[tokio::test]
async fn a_bare_line_feed_neither_ends_a_message_nor_smuggles_one_in() {
    let smtp = Smtp::start(Options::default()).await.unwrap();
    let smuggled = b"EHLO me\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nX: y\r\n\r\none\n.\r\nMAIL FROM:<evil@b.example>\r\n\
        \r\n.\nstill\r\n.\r\nQUIT\r\n";
    let answer = pipelined(&smtp, smuggled).await;
    assert_eq!(codes(&answer), ["220", "250", "250", "250", "354", "250", "221"], "{answer}");
    assert_eq!(smtp.mailbox().messages().len(), 1);
}

#[tokio::test]
async fn what_is_sent_along_with_starttls_is_thrown_away() {
    let smtp = Smtp::start(Options::default()).await.unwrap();
    let mut stream = BufReader::new(TcpStream::connect(smtp.address()).await.unwrap());
    stream.write_all(b"EHLO me\r\nSTARTTLS\r\nMAIL FROM:<injected@b.example>\r\n").await.unwrap();
    let mut line = String::new();
    while !line.contains("Ready to start TLS") {
        line.clear();
        assert!(stream.read_line(&mut line).await.unwrap() > 0);
    }
    // Had the server kept the command, it would answer it in the clear or fail the handshake below.
    let mut roots = rustls::RootCertStore::empty();
    let ca = rustls_pki(smtp.ca_pem());
    roots.add(ca).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config));
    assert!(stream.buffer().is_empty());
    let mut stream = connector.connect("localhost".try_into().unwrap(), stream.into_inner()).await.unwrap();
    stream.write_all(b"NOOP\r\n").await.unwrap();
    let mut answer = [0; 3];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"250");
    stream.write_all(b"RCPT TO:<a@b.example>\r\nQUIT\r\n").await.unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert!(rest.contains("503"), "the injected sender was taken: {rest}");
}

fn rustls_pki(pem: &str) -> rustls::pki_types::CertificateDer<'static> {
    use rustls::pki_types::pem::PemObject;
    rustls::pki_types::CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

#[tokio::test]
async fn lines_that_are_too_long_or_no_text_and_messages_that_are_too_big_are_refused_and_the_session_goes_on() {
    let smtp = Smtp::start(Options { max_size: 1000, ..Options::default() }).await.unwrap();
    let mut bytes = vec![b'x'; 200_000];
    bytes.extend(b"\r\n\xff\xfe\r\nEHLO me\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
    bytes.extend(vec![b'y'; 150_000]);
    bytes.extend(b"\r\n.\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nsmall\r\n.\r\nQUIT\r\n");
    let answer = pipelined(&smtp, &bytes).await;
    let expected = ["220", "500", "500", "250", "250", "250", "354", "552", "250", "250", "354", "250", "221"];
    assert_eq!(codes(&answer), expected, "{answer}");
    assert_eq!(smtp.mailbox().messages()[0].raw, b"small\r\n");
}

#[tokio::test]
async fn a_kept_mailbox_survives_and_stays_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { folder: Some(folder.path().to_owned()), keep: 3, ..Options::default() };
    let smtp = Smtp::start(options.clone()).await.unwrap();
    for number in 0..5 {
        plain(&smtp).send(mail(&format!("u{number}@a.example"), number)).await.unwrap();
    }
    assert_eq!(smtp.mailbox().accepted("m0@tenantry.example"), 1);
    smtp.stop().await;

    let smtp = Smtp::start(options).await.unwrap();
    let to: Vec<_> = smtp.mailbox().messages().iter().flat_map(|mail| mail.to.clone()).collect();
    assert_eq!(to, ["u2@a.example", "u3@a.example", "u4@a.example"]);
    assert_eq!(smtp.mailbox().accepted("m4@tenantry.example"), 1);
    smtp.mailbox().clear();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn the_mailbox_is_read_over_http() {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt;
    let smtp = Smtp::start(Options::default()).await.unwrap();
    for (number, to) in [(1, "ann@a.example"), (2, "bob@b.example")] {
        plain(&smtp).send(mail(to, number)).await.unwrap();
    }
    let ask = async |method: &str, path: &str| {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let response = smtp.mailbox_routes().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        (parts, String::from_utf8(to_bytes(body, 1_000_000).await.unwrap().to_vec()).unwrap())
    };
    let json = |body: &str| serde_json::from_str::<serde_json::Value>(body).unwrap();

    let all = json(&ask("GET", "/mail").await.1);
    assert_eq!((all["data"][0]["to"][0].as_str(), all["data"].as_array().unwrap().len()), (Some("bob@b.example"), 2));
    let anns = json(&ask("GET", "/mail?to=ANN@").await.1);
    assert_eq!((anns["data"].as_array().unwrap().len(), anns["has_more"].as_bool()), (1, Some(false)));
    assert_eq!(json(&ask("GET", "/mail?limit=1").await.1)["has_more"].as_bool(), Some(true));
    let id = anns["data"][0]["id"].as_str().unwrap();
    let one = json(&ask("GET", &format!("/mail/{id}")).await.1);
    assert_eq!(one["subject"].as_str(), Some("Grüße aus der Ferne"));
    assert!(one["html"].as_str().unwrap().contains("Hallö 1") && one["headers"].as_array().unwrap().len() > 3);
    let (parts, html) = ask("GET", &format!("/mail/{id}/html")).await;
    assert!(html.contains("Hallö 1"));
    assert!(parts.headers["content-security-policy"].to_str().unwrap().starts_with("sandbox"));
    assert!(ask("GET", &format!("/mail/{id}/raw")).await.1.contains("Message-ID: <m1@"));
    assert_eq!(ask("GET", "/mail/none").await.0.status, 404);
    assert_eq!(ask("DELETE", "/mail").await.0.status, 204);
    assert!(smtp.mailbox().messages().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_connections_at_once_are_served_and_end_with_the_server() {
    let smtp = Smtp::start(Options::default()).await.unwrap();
    let address = smtp.address();
    let one = move |number: u32| async move {
        let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
        let words = format!("HELO me\r\nMAIL FROM:<>\r\nRCPT TO:<u{number}@b.example>\r\nDATA\r\nX: y\r\n.\r\n");
        stream.write_all(words.as_bytes()).await.unwrap();
        let mut answers = String::new();
        while !answers.contains("queued") {
            assert!(stream.read_line(&mut answers).await.unwrap() > 0, "{answers}");
        }
        stream
    };
    let streams = futures::future::join_all((0..300).map(one)).await;
    assert_eq!(smtp.mailbox().total(), 300);
    smtp.stop().await;
    for mut stream in streams {
        let mut rest = Vec::new();
        // Closed or reset, but not open.
        let _ = stream.read_to_end(&mut rest).await;
    }
    assert!(TcpStream::connect(address).await.is_err());
}
