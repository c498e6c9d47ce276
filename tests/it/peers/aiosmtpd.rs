//! The SMTP provider against aiosmtpd: STARTTLS and AUTH required, refusals at every step.
#![allow(clippy::unwrap_used)]

use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tenantry_model::{EmailAddress, ErrorClass, Fault, MessageId};
use tenantry_provider::{Accepted, Credentials, Header, Mail, Provider, Smtp, SmtpConfig, Tls};
use tenantry_tests::wait::PATIENCE;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::mpsc::{self, UnboundedReceiver},
};

/// A running aiosmtpd with STARTTLS and AUTH required; it ends with this handle.
pub(super) struct Peer {
    port: u16,
    certificate: String,
    lines: UnboundedReceiver<String>,
    files: TempDir,
    process: Child,
}

impl Peer {
    /// A server on a free port; `None` when the peers are left out.
    pub(super) async fn start() -> Option<Self> {
        let python = super::python()?;
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let files = tempfile::tempdir().unwrap();
        std::fs::write(files.path().join("certificate.pem"), made.cert.pem()).unwrap();
        std::fs::write(files.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let (process, lines, port) = Self::run(&python, &files, 0).await;
        Some(Self { port, certificate: made.cert.pem(), lines, files, process })
    }

    async fn run(python: &str, files: &TempDir, port: u16) -> (Child, UnboundedReceiver<String>, u16) {
        let mut process = Command::new(python)
            .arg(super::root().join("tests/peers/aiosmtpd_server.py"))
            .arg("--certificate")
            .arg(files.path().join("certificate.pem"))
            .arg("--key")
            .arg(files.path().join("key.pem"))
            .args(["--username", "tenantry", "--password", "correct horse", "--port", &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("TENANTRY_PEERS_PYTHON={python} cannot be started: {error}"));
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready = lines.next_line().await.unwrap().expect("aiosmtpd did not start; is it installed in that Python?");
        // Read all the time: a full pipe would keep the server from answering.
        let (said, heard) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                if said.send(line).is_err() {
                    return;
                }
            }
        });
        (process, heard, ready.strip_prefix("ready ").unwrap().parse().unwrap())
    }

    /// Ends it at once, whatever it was doing.
    pub(super) async fn kill(&mut self) {
        self.process.kill().await.unwrap();
    }

    /// Another one in its place: the same port, the same certificate, no memory.
    pub(super) async fn restart(&mut self) {
        (self.process, self.lines, _) = Self::run(&super::python().unwrap(), &self.files, self.port).await;
    }

    /// The settings of a stack whose mail leaves through it, by name.
    pub(super) fn settings(&self) -> Vec<(&'static str, String)> {
        let authority = self.files.path().join("certificate.pem");
        vec![
            ("EMAIL_HOST", "127.0.0.1".to_owned()),
            ("EMAIL_PORT", self.port.to_string()),
            ("EMAIL_TLS", "starttls".to_owned()),
            ("EMAIL_CA_FILE", authority.to_str().unwrap().to_owned()),
            ("EMAIL_USERNAME", "tenantry".to_owned()),
            ("EMAIL_PASSWORD", "correct horse".to_owned()),
        ]
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

    /// The next thing the server has to say: a message that it has accepted.
    pub(super) async fn accepted(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.lines.recv()).await.expect("the server says nothing");
        serde_json::from_str(&line.expect("the server has ended")).unwrap()
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
