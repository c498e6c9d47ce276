//! The SMTP provider against aiosmtpd: STARTTLS and AUTH required, refusals at every step.
#![allow(clippy::unwrap_used)]

use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tenantry_model::{EmailAddress, ErrorClass, Fault, MessageId};
use tenantry_provider::{Accepted, Credentials, Header, Mail, Provider, Smtp, SmtpConfig, Tls};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

struct Peer {
    port: u16,
    certificate: String,
    lines: Lines<BufReader<ChildStdout>>,
    _files: TempDir,
    _process: Child,
}

impl Peer {
    /// A server on a free port; `None` when the peers are left out.
    async fn start() -> Option<Self> {
        let python = super::python()?;
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let files = tempfile::tempdir().unwrap();
        let (certificate, key) = (files.path().join("certificate.pem"), files.path().join("key.pem"));
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let mut process = Command::new(&python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/peers/aiosmtpd_server.py"))
            .arg("--certificate")
            .arg(&certificate)
            .arg("--key")
            .arg(&key)
            .args(["--username", "tenantry", "--password", "correct horse"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("TENANTRY_PEERS_PYTHON={python} cannot be started: {error}"));
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready = lines.next_line().await.unwrap().expect("aiosmtpd did not start; is it installed in that Python?");
        let port = ready.strip_prefix("ready ").unwrap().parse().unwrap();
        Some(Self { port, certificate: made.cert.pem(), lines, _files: files, _process: process })
    }

    fn config(&self) -> SmtpConfig {
        let credentials = Credentials { username: "tenantry".into(), password: "correct horse".into() };
        SmtpConfig {
            tls: Tls::StartTls,
            credentials: Some(credentials),
            extra_roots_pem: Some(self.certificate.clone()),
            ..SmtpConfig::new("127.0.0.1", self.port)
        }
    }

    async fn send(&self, to: &str) -> Result<Accepted, Fault> {
        Smtp::new(self.config()).unwrap().send(&mail(to)).await
    }

    /// The next message the server has accepted.
    async fn accepted(&mut self) -> Value {
        serde_json::from_str(&self.lines.next_line().await.unwrap().unwrap()).unwrap()
    }
}

fn mail(to: &str) -> Mail {
    let from: EmailAddress = "noreply@mail.example.com".parse().unwrap();
    let to = vec![to.parse::<EmailAddress>().unwrap().into()];
    let (subject, text) = ("Grüße an Zoë — 東京 🎉".parse().unwrap(), "Grüße\n.\n.hidden\n".into());
    Mail {
        html: Some("<p>Grüße</p>\n".into()),
        headers: vec![Header::auto_generated()],
        ..Mail::new(MessageId::new(), from.into(), to, subject, text)
    }
}

#[tokio::test]
async fn messages_arrive_encrypted_authenticated_and_as_written() {
    let Some(mut peer) = Peer::start().await else { return };
    let smtp = Smtp::new(peer.config()).unwrap();
    smtp.check().await.unwrap();
    for to in ["ada@example.com", "bob@example.com"] {
        let mail = mail(to);
        let accepted = smtp.send(&mail).await.unwrap();
        assert_eq!(accepted.response.as_deref(), Some("250 2.0.0 queued"));
        let seen = peer.accepted().await;
        assert_eq!((&seen["encrypted"], &seen["authenticated"]), (&true.into(), &true.into()));
        assert_eq!((seen["from"].as_str(), seen["to"][0].as_str()), (Some("noreply@mail.example.com"), Some(to)));
        assert_eq!(seen["headers"]["subject"], mail.subject.as_str());
        assert_eq!(seen["headers"]["message-id"], mail.message_id.as_str());
        assert_eq!(seen["headers"]["auto-submitted"], "auto-generated");
        assert_eq!(seen["text"].as_str().map(str::trim_end), Some("Grüße\n.\n.hidden"));
        assert_eq!(seen["html"].as_str().map(str::trim_end), Some("<p>Grüße</p>"));
    }
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let Some(mut peer) = Peer::start().await else { return };
    for (to, class, words) in [
        ("reject-550@example.com", ErrorClass::EmailRefused, "550 5.1.1 <…@example.com>: as the test wishes"),
        ("defer-451@example.com", ErrorClass::EmailDeferred, "451 4.1.1"),
        ("content-554@example.com", ErrorClass::EmailRefused, "554 5.6.0"),
        ("content-452@example.com", ErrorClass::EmailDeferred, "452 4.6.0"),
        ("vanish@example.com", ErrorClass::UnknownOutcome, "closed the connection"),
    ] {
        let fault = peer.send(to).await.unwrap_err();
        assert_eq!(fault.class, class, "{to}: {fault}");
        assert!(fault.message.contains(words), "{to}: {fault}");
    }
    peer.send("ada@example.com").await.unwrap();
    assert_eq!(peer.accepted().await["to"][0], "ada@example.com", "the first that was accepted");
}

#[tokio::test]
async fn a_wrong_password_a_strange_certificate_and_an_open_wire_are_refused_in_clear_words() {
    let Some(peer) = Peer::start().await else { return };
    let good = peer.config();
    let stranger = Credentials { username: "tenantry".into(), password: "wrong horse".into() };
    for (config, words) in [
        (SmtpConfig { credentials: Some(stranger), ..good.clone() }, "refuses our account"),
        (SmtpConfig { extra_roots_pem: None, ..good.clone() }, "no trusted authority has signed"),
        (SmtpConfig { host: "localhost".into(), ..good.clone() }, "not made out to its host name"),
        (SmtpConfig { tls: Tls::None, credentials: None, ..good }, "refuses our account"),
    ] {
        let fault = Smtp::new(config).unwrap().send(&mail("ada@example.com")).await.unwrap_err();
        assert_eq!(fault.class, ErrorClass::AccountRefused, "{fault}");
        assert!(fault.message.contains(words) && !fault.message.contains("horse"), "{fault}");
    }
}
