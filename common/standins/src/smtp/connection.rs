//! One connection: lines and data in, answers out, with whatever misbehaviour is in force.

use super::command::{Command, Wrong};
use super::mailbox::Mailbox;
use super::misbehave::{Fault, Rules, Stage};
use super::session::{Next, Session};
use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// The longest command, AUTH included (RFC 4954 section 4).
const MAX_LINE: usize = 12_288;
/// How long a client may be silent (RFC 5321 section 4.5.3.2).
const IDLE: Duration = Duration::from_secs(300);

/// A stream that can be reset.
pub(super) trait Peer: AsyncRead + AsyncWrite + Unpin + Send {
    fn tcp(&self) -> &TcpStream;
}

impl Peer for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Peer for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) mailbox: Mailbox,
    pub(super) rules: Mutex<Rules>,
    pub(super) max_size: usize,
}

/// How a conversation ended.
pub(super) enum End<S> {
    Closed,
    /// STARTTLS was accepted; the stream is to be encrypted.
    Upgrade(S),
}

/// A conversation over one stream.
pub(super) struct Connection<S> {
    reader: BufReader<S>,
    out: Vec<u8>,
    line: Vec<u8>,
    shared: Arc<Shared>,
}

/// Whether the usual answer is still to be given.
enum Struck {
    No,
    Answered,
    Over,
}

impl<S: Peer> Connection<S> {
    pub(super) fn new(stream: S, shared: Arc<Shared>) -> Connection<S> {
        let reader = BufReader::with_capacity(32 * 1024, stream);
        Connection { reader, out: Vec::with_capacity(1024), line: Vec::new(), shared }
    }

    /// Greets, and talks until the end.
    pub(super) async fn greet(&mut self) -> Result<bool> {
        match self.strike(Stage::Connect, &[]).await? {
            Struck::No => self.say("220 localhost ESMTP Tenantry").await.map(|()| true),
            Struck::Answered => Ok(true),
            Struck::Over => Ok(false),
        }
    }

    /// Talks until one side closes or TLS begins.
    pub(super) async fn talk(mut self, session: &mut Session) -> Result<End<S>> {
        loop {
            let read = match self.read_line().await? {
                None => return Ok(End::Closed),
                Some(Err(words)) => {
                    self.say(words).await?;
                    continue;
                }
                Some(Ok(line)) => line,
            };
            if session.in_exchange() {
                let next = session.exchange(&read);
                if !self.answer(next).await? {
                    return Ok(End::Closed);
                }
                continue;
            }
            let command = Command::read(&read);
            let stage = stage(&command);
            let next = session.command(command);
            if let Some(stage) = stage.filter(|stage| would_work(*stage, &next)) {
                // At RCPT a rule is about the recipient just given; later about all of them.
                let recipients = session.recipients();
                let first = if stage == Stage::Rcpt { recipients.len().saturating_sub(1) } else { 0 };
                match self.strike(stage, &recipients[first..]).await? {
                    Struck::No => {}
                    Struck::Over => return Ok(End::Closed),
                    Struck::Answered => {
                        match stage {
                            Stage::Rcpt => session.forget_recipient(),
                            Stage::Mail => session.forget_sender(),
                            _ => {}
                        }
                        continue;
                    }
                }
            }
            match next {
                Next::Upgrade(words) => {
                    self.say(&words).await?;
                    self.flush().await?;
                    // What was sent along with STARTTLS was not encrypted and must not be taken for what was
                    // (RFC 3207 section 6): it is dropped with the buffer.
                    return Ok(End::Upgrade(self.reader.into_inner()));
                }
                Next::ReadData(words) => {
                    self.say(&words).await?;
                    self.flush().await?;
                    if !self.data(session).await? {
                        return Ok(End::Closed);
                    }
                }
                other => {
                    if !self.answer(other).await? {
                        return Ok(End::Closed);
                    }
                }
            }
        }
    }

    /// Gives an answer; false when it was the last one.
    async fn answer(&mut self, next: Next) -> Result<bool> {
        let (words, last) = match next {
            Next::Close(words) => (words, true),
            Next::Say(words) | Next::Upgrade(words) | Next::ReadData(words) => (words, false),
        };
        self.say(&words).await?;
        if last {
            self.close().await?;
        }
        Ok(!last)
    }

    /// Reads a message and takes it in; false when the connection is over.
    async fn data(&mut self, session: &mut Session) -> Result<bool> {
        let message = self.read_data().await?;
        let (from, to) = session.take_envelope();
        let Some(raw) = message else {
            self.say("552 5.3.4 Message too big").await?;
            return Ok(true);
        };
        match self.strike(Stage::BeforeAccept, &to).await? {
            Struck::No => {}
            Struck::Answered => return Ok(true),
            Struck::Over => return Ok(false),
        }
        let recipients = to.clone();
        let Ok(message) = self.shared.mailbox.accept(from, to, raw).await else {
            tracing::warn!("a message could not be kept in the mailbox's folder: is the disk full?");
            self.say("452 4.3.1 Insufficient system storage").await?;
            return Ok(true);
        };
        match self.strike(Stage::AfterAccept, &recipients).await? {
            Struck::No => self.say(&format!("250 2.0.0 OK: queued as {}", message.id)).await.map(|()| true),
            Struck::Answered => Ok(true),
            Struck::Over => Ok(false),
        }
    }

    /// Reads up to the line with the single dot, without the dots that were stuffed; `None` when it was too long, in
    /// which case all of it was read all the same.
    ///
    /// Only CR LF ends a line here: taking a bare LF for one lets a client smuggle a second message in.
    async fn read_data(&mut self) -> Result<Option<Vec<u8>>> {
        let mut message = Vec::new();
        let mut at_start = true;
        let mut cut_after_cr = false;
        let mut fits = true;
        loop {
            self.line.clear();
            let mut limited = (&mut self.reader).take(64 * 1024);
            let reading = limited.read_until(b'\n', &mut self.line);
            let length = tokio::time::timeout(IDLE, reading).await.map_err(|_| Error::from(ErrorKind::TimedOut))??;
            if length == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if at_start && self.line == b".\r\n" {
                return Ok(fits.then_some(message));
            }
            let stuffed = usize::from(at_start && self.line.starts_with(b"."));
            // A line longer than what is read at once may be cut between its CR and its LF.
            at_start = self.line.ends_with(b"\r\n") || (cut_after_cr && self.line == b"\n");
            cut_after_cr = self.line.ends_with(b"\r");
            fits = fits && message.len() + self.line.len() <= self.shared.max_size;
            if fits {
                message.extend_from_slice(&self.line[stuffed..]);
            }
        }
    }

    /// One line without its end; the inner error is the answer to one that is too long or not text.
    async fn read_line(&mut self) -> Result<Option<std::result::Result<String, &'static str>>> {
        // Answers to pipelined commands go out together, when there is nothing left to read (RFC 2920).
        if self.reader.buffer().is_empty() {
            self.flush().await?;
        }
        self.line.clear();
        let mut limited = (&mut self.reader).take(MAX_LINE as u64);
        let reading = limited.read_until(b'\n', &mut self.line);
        let Ok(length) = tokio::time::timeout(IDLE, reading).await else {
            self.say("421 4.4.2 Idle for too long").await?;
            self.close().await?;
            return Ok(None);
        };
        if length? == 0 {
            return Ok(None);
        }
        if !self.line.ends_with(b"\n") {
            self.skip_line().await?;
            return Ok(Some(Err("500 5.5.2 Line too long")));
        }
        let line = std::str::from_utf8(&self.line).map(|line| line.trim_end_matches(['\r', '\n']).to_owned());
        Ok(Some(line.map_err(|_| "500 5.5.2 Not valid UTF-8")))
    }

    async fn skip_line(&mut self) -> Result<()> {
        loop {
            let (used, found) = {
                let buffer = self.reader.fill_buf().await?;
                let end = buffer.iter().position(|byte| *byte == b'\n');
                (end.map_or(buffer.len(), |end| end + 1), end.is_some() || buffer.is_empty())
            };
            self.reader.consume(used);
            if found {
                return Ok(());
            }
        }
    }

    /// Lets the rules have their way at this stage.
    async fn strike(&mut self, stage: Stage, recipients: &[String]) -> Result<Struck> {
        let fault = self.shared.rules.lock().unwrap_or_else(PoisonError::into_inner).strike(stage, recipients);
        let Some(fault) = fault else { return Ok(Struck::No) };
        self.flush().await?;
        match fault {
            Fault::Slow(time) => {
                tokio::time::sleep(time).await;
                return Ok(Struck::No);
            }
            Fault::Reply(words) => {
                self.say(&words).await?;
                if !words.starts_with("421") {
                    return Ok(Struck::Answered);
                }
                self.close().await?;
            }
            Fault::Close => self.close().await?,
            Fault::Reset => self.reader.get_ref().tcp().set_zero_linger()?,
            Fault::Silence => {
                // Read and forget until the client leaves.
                let mut nothing = [0; 1024];
                while self.reader.read(&mut nothing).await.is_ok_and(|length| length > 0) {}
            }
        }
        Ok(Struck::Over)
    }

    async fn say(&mut self, words: &str) -> Result<()> {
        self.out.extend_from_slice(words.as_bytes());
        self.out.extend_from_slice(b"\r\n");
        if self.out.len() > 16 * 1024 { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<()> {
        if !self.out.is_empty() {
            self.reader.get_mut().write_all(&self.out).await?;
            self.reader.get_mut().flush().await?;
            self.out.clear();
        }
        Ok(())
    }

    /// Says what is left to say and closes in order.
    pub(super) async fn close(&mut self) -> Result<()> {
        self.flush().await?;
        self.reader.get_mut().shutdown().await
    }
}

fn stage(command: &std::result::Result<Command, Wrong>) -> Option<Stage> {
    match command.as_ref().ok()? {
        Command::Helo(_) | Command::Ehlo(_) => Some(Stage::Hello),
        Command::StartTls => Some(Stage::StartTls),
        Command::Auth(..) => Some(Stage::Auth),
        Command::Mail { .. } => Some(Stage::Mail),
        Command::Rcpt { .. } => Some(Stage::Rcpt),
        Command::Data => Some(Stage::Data),
        Command::Rset => Some(Stage::Rset),
        Command::Quit => Some(Stage::Quit),
        Command::Noop | Command::Vrfy | Command::Help => None,
    }
}

/// A rule strikes where the usual answer would have been a yes; what is refused anyway stays refused. AUTH is the
/// exception: there the rule comes before the credentials are looked at.
fn would_work(stage: Stage, next: &Next) -> bool {
    match next {
        Next::Say(words) => stage == Stage::Auth || words.starts_with('2'),
        Next::Upgrade(_) | Next::ReadData(_) | Next::Close(_) => true,
    }
}
