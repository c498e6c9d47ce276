//! A mail server that follows a script, one script per connection.

use std::sync::{Arc, Mutex};

use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// Greets and answers EHLO.
pub(super) const HELLO: &str = "> 220 mx ESMTP\n< EHLO\n> 250 mx";
/// Takes sender and recipient and asks for the content.
pub(super) const ENVELOPE: &str =
    "< MAIL FROM:<noreply@mail.example.com>\n> 250 ok\n< RCPT TO:<ada@example.com>\n> 250 ok\n< DATA\n> 354 go";
/// Takes the content and accepts the message.
pub(super) const ACCEPT: &str = "dot\n> 250 2.0.0 queued as 4711";

/// Joins parts of a script.
pub(super) fn script(parts: &[&str]) -> String {
    parts.join("\n")
}

/// A script has one act a line:
/// `> text` says a line, `<> text` says two lines in one packet (separated by `|`), `< prefix` hears a line,
/// `dot` takes a message's content, `tls` becomes encrypted, `hang` says nothing until the client leaves, `stall` does
/// not even read, `close` and `reset` end the connection.
pub(super) struct Server {
    pub(super) port: u16,
    /// The certificate to trust, PEM.
    pub(super) certificate: String,
    contents: Arc<Mutex<Vec<String>>>,
    connections: JoinSet<()>,
}

impl Server {
    /// Serves one connection per script, in order; the certificate is made out to `name`.
    pub(super) async fn start_as(name: &str, scripts: &[String]) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // Small, so that a message can be larger than what the kernel takes off the client's hands.
        socket.set_recv_buffer_size(4096).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(8).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (acceptor, certificate) = certificate(name);
        let contents = Arc::new(Mutex::new(Vec::new()));
        let mut connections = JoinSet::new();
        let (scripts, shared) = (scripts.to_vec(), Arc::clone(&contents));
        connections.spawn(async move {
            let mut served = JoinSet::new();
            for script in scripts {
                let (tcp, _) = listener.accept().await.unwrap();
                let connection = Connection { wire: Wire::Tcp(tcp), contents: Arc::clone(&shared) };
                served.spawn(connection.play(script, acceptor.clone()));
            }
            drop(listener);
            while let Some(result) = served.join_next().await {
                result.unwrap();
            }
        });
        Self { port, certificate, contents, connections }
    }

    /// Serves one connection per script, with a certificate for 127.0.0.1.
    pub(super) async fn start(scripts: &[String]) -> Self {
        Self::start_as("127.0.0.1", scripts).await
    }

    /// Waits until every script has been played to its end, and panics when a client left its script.
    /// Returns the contents of the messages, as they were on the wire.
    pub(super) async fn finish(mut self) -> Vec<String> {
        while let Some(result) = self.connections.join_next().await {
            result.expect("the dialogue went differently");
        }
        std::mem::take(&mut *self.contents.lock().unwrap())
    }
}

fn certificate(name: &str) -> (TlsAcceptor, String) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), made.cert.pem())
}

enum Wire {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

struct Connection {
    wire: Wire,
    contents: Arc<Mutex<Vec<String>>>,
}

impl Connection {
    async fn play(mut self, script: String, acceptor: TlsAcceptor) {
        for act in script.lines() {
            match act.split_once(' ').unwrap_or((act, "")) {
                (">", text) => self.say(&format!("{text}\r\n")).await,
                ("<>", texts) => self.say(&format!("{}\r\n", texts.replace('|', "\r\n"))).await,
                ("<", prefix) => {
                    let line = self.line().await;
                    assert!(line.starts_with(prefix), "expected {prefix:?}, heard {line:?}");
                }
                ("dot", _) => self.content().await,
                ("tls", _) => match self.wire {
                    Wire::Tcp(tcp) => match acceptor.accept(tcp).await {
                        Ok(tls) => self.wire = Wire::Tls(Box::new(tls)),
                        // The client did not like the certificate.
                        Err(_) => return,
                    },
                    Wire::Tls(_) => panic!("encrypted already"),
                },
                ("hang", _) => while self.byte().await.is_some() {},
                ("stall", _) => std::future::pending().await,
                ("close", _) => return,
                ("reset", _) => {
                    if let Wire::Tcp(tcp) = &self.wire {
                        tcp.set_zero_linger().unwrap();
                    }
                    return;
                }
                _ => panic!("no such act: {act}"),
            }
        }
    }

    async fn say(&mut self, text: &str) {
        // A client that has left already shows in what it says next, or in the test's own assertions.
        let _ = match &mut self.wire {
            Wire::Tcp(tcp) => tcp.write_all(text.as_bytes()).await,
            Wire::Tls(tls) => tls.write_all(text.as_bytes()).await,
        };
    }

    async fn byte(&mut self) -> Option<u8> {
        match &mut self.wire {
            Wire::Tcp(tcp) => tcp.read_u8().await.ok(),
            Wire::Tls(tls) => tls.read_u8().await.ok(),
        }
    }

    /// The next line without its end; empty when the client has left.
    async fn line(&mut self) -> String {
        let mut line = Vec::new();
        while let Some(byte) = self.byte().await {
            if byte == b'\n' {
                break;
            }
            line.push(byte);
        }
        String::from_utf8(line).unwrap().trim_end_matches('\r').to_owned()
    }

    async fn content(&mut self) {
        let mut content = Vec::new();
        while !content.ends_with(b"\r\n.\r\n") {
            content.push(self.byte().await.expect("the client left within the content"));
        }
        self.contents.lock().unwrap().push(String::from_utf8(content).unwrap());
    }
}
