//! One session as a state machine: a line in, an answer out. It knows no socket (RFC 5321, 3207, 4954).

use super::command::{Command, Wrong};
use super::options::{Auth, Login, Tls};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Recipients of one message (RFC 5321 asks for at least 100).
const MAX_RECIPIENTS: usize = 1_000;
/// Refused commands before the client is sent away.
const MAX_ERRORS: u32 = 20;

/// What the server offers and asks for.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    pub(super) tls: Tls,
    pub(super) auth: Auth,
    pub(super) max_size: usize,
}

/// What to do after a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// Say this and read on.
    Say(String),
    /// Say this, then speak TLS.
    Upgrade(String),
    /// Say this, then read the message.
    ReadData(String),
    /// Say this and close.
    Close(String),
}

/// Where an exchange of AUTH stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Exchange {
    Plain,
    LoginName,
    LoginPassword(String),
}

/// The state of one session.
#[derive(Debug)]
pub(super) struct Session {
    policy: Policy,
    encrypted: bool,
    greeted: bool,
    authenticated: bool,
    exchange: Option<Exchange>,
    from: Option<String>,
    recipients: Vec<String>,
    errors: u32,
}

impl Session {
    pub(super) fn new(policy: Policy, encrypted: bool) -> Session {
        Session {
            policy,
            encrypted,
            greeted: false,
            authenticated: false,
            exchange: None,
            from: None,
            recipients: Vec::new(),
            errors: 0,
        }
    }

    /// The recipients so far.
    pub(super) fn recipients(&self) -> &[String] {
        &self.recipients
    }

    /// Whether the next line belongs to an AUTH exchange rather than being a command.
    pub(super) fn in_exchange(&self) -> bool {
        self.exchange.is_some()
    }

    /// Sender and recipients of the message just read; the session is ready for the next.
    pub(super) fn take_envelope(&mut self) -> (String, Vec<String>) {
        (self.from.take().unwrap_or_default(), std::mem::take(&mut self.recipients))
    }

    /// After TLS was negotiated, everything before is forgotten (RFC 3207 section 4.2).
    pub(super) fn encrypted(&mut self) {
        *self = Session::new(self.policy.clone(), true);
    }

    /// Takes back the recipient just accepted, when a rule refuses it after all.
    pub(super) fn forget_recipient(&mut self) {
        self.recipients.pop();
    }

    /// Takes back the sender just accepted.
    pub(super) fn forget_sender(&mut self) {
        self.from = None;
    }

    /// Answers one line of an AUTH exchange.
    pub(super) fn exchange(&mut self, line: &str) -> Next {
        match self.exchange.take() {
            _ if line == "*" => self.refuse("501 5.7.0 Authentication cancelled"),
            Some(step) => self.credentials(step, line),
            None => self.refuse("503 5.5.1 Nothing to authenticate"),
        }
    }

    /// Answers one command.
    pub(super) fn command(&mut self, read: Result<Command, Wrong>) -> Next {
        let command = match read {
            Ok(command) => command,
            Err(Wrong::Unknown) => return self.refuse("500 5.5.2 Command not recognised"),
            Err(Wrong::Arguments) => return self.refuse("501 5.5.4 Syntax error in the arguments"),
            Err(Wrong::Parameter) => return self.refuse("555 5.5.4 Unknown parameter"),
        };
        match command {
            Command::Helo(_) => {
                self.reset();
                self.greeted = true;
                say("250 localhost")
            }
            Command::Ehlo(_) => {
                self.reset();
                self.greeted = true;
                Next::Say(self.extensions())
            }
            Command::Quit => Next::Close("221 2.0.0 Bye".to_owned()),
            Command::Noop => say("250 2.0.0 OK"),
            Command::Help => say("214 2.0.0 See RFC 5321"),
            Command::Vrfy => say("252 2.1.5 Send some mail, it will be taken"),
            Command::Rset => {
                self.reset();
                say("250 2.0.0 OK")
            }
            Command::StartTls => self.start_tls(),
            _ if self.policy.tls == Tls::Required && !self.encrypted => {
                self.refuse("530 5.7.0 Must issue a STARTTLS command first")
            }
            Command::Auth(mechanism, initial) => self.auth(&mechanism, initial),
            Command::Mail { from, size } => self.mail(from, size),
            Command::Rcpt { to } => self.rcpt(to),
            Command::Data => self.data(),
        }
    }

    fn extensions(&self) -> String {
        let mut lines = vec!["localhost".to_owned(), format!("SIZE {}", self.policy.max_size)];
        lines.extend(["8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES"].map(str::to_owned));
        if !self.encrypted && matches!(self.policy.tls, Tls::Offered | Tls::Required) {
            lines.push("STARTTLS".to_owned());
        }
        let open = self.encrypted || self.policy.tls != Tls::Required;
        if open && self.policy.auth != Auth::Off {
            lines.push("AUTH PLAIN LOGIN".to_owned());
        }
        let last = lines.len() - 1;
        let mark = |(at, line): (usize, &String)| format!("250{}{line}", if at == last { ' ' } else { '-' });
        lines.iter().enumerate().map(mark).collect::<Vec<_>>().join("\r\n")
    }

    fn start_tls(&mut self) -> Next {
        match self.policy.tls {
            _ if self.encrypted => self.refuse("503 5.5.1 TLS is already on"),
            Tls::Offered | Tls::Required => Next::Upgrade("220 2.0.0 Ready to start TLS".to_owned()),
            Tls::Off | Tls::Implicit => self.refuse("502 5.5.1 TLS is not available"),
        }
    }

    fn auth(&mut self, mechanism: &str, initial: Option<String>) -> Next {
        if self.policy.auth == Auth::Off {
            return self.refuse("502 5.5.1 Authentication is not available");
        }
        if !self.greeted || self.authenticated || self.from.is_some() {
            return self.refuse("503 5.5.1 Not now");
        }
        let (step, prompt) = match mechanism {
            "PLAIN" => (Exchange::Plain, "334 "),
            "LOGIN" => (Exchange::LoginName, "334 VXNlcm5hbWU6"),
            _ => return self.refuse("504 5.5.4 Mechanism not supported: use PLAIN or LOGIN"),
        };
        match initial {
            Some(initial) => self.credentials(step, &initial),
            None => {
                self.exchange = Some(step);
                say(prompt)
            }
        }
    }

    fn credentials(&mut self, step: Exchange, line: &str) -> Next {
        let decoded = STANDARD.decode(line).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let Some(text) = decoded else { return self.refuse("501 5.5.2 Not valid base64") };
        let given = match step {
            Exchange::LoginName => {
                self.exchange = Some(Exchange::LoginPassword(text));
                return say("334 UGFzc3dvcmQ6");
            }
            Exchange::LoginPassword(name) => Login { name, password: text },
            // RFC 4616: authorisation identity, NUL, name, NUL, password.
            Exchange::Plain => match text.split('\0').collect::<Vec<_>>()[..] {
                [_, name, password] => Login::new(name, password),
                _ => return self.refuse("501 5.5.2 Malformed credentials"),
            },
        };
        if self.policy.auth.login() == Some(&given) {
            self.authenticated = true;
            return say("235 2.7.0 Authentication successful");
        }
        self.refuse("535 5.7.8 Authentication credentials invalid")
    }

    fn mail(&mut self, from: String, size: Option<usize>) -> Next {
        if !self.greeted {
            return self.refuse("503 5.5.1 Say hello first");
        }
        if matches!(self.policy.auth, Auth::Required(_)) && !self.authenticated {
            return self.refuse("530 5.7.0 Authentication required");
        }
        if self.from.is_some() {
            return self.refuse("503 5.5.1 A sender was already given");
        }
        if size.is_some_and(|size| size > self.policy.max_size) {
            return self.refuse("552 5.3.4 Message too big");
        }
        self.from = Some(from);
        say("250 2.1.0 OK")
    }

    fn rcpt(&mut self, to: String) -> Next {
        if self.from.is_none() {
            return self.refuse("503 5.5.1 MAIL first");
        }
        if self.recipients.len() == MAX_RECIPIENTS {
            return say("452 4.5.3 Too many recipients");
        }
        self.recipients.push(to);
        say("250 2.1.5 OK")
    }

    fn data(&mut self) -> Next {
        if self.from.is_none() {
            return self.refuse("503 5.5.1 MAIL first");
        }
        if self.recipients.is_empty() {
            return self.refuse("554 5.5.1 No valid recipients");
        }
        Next::ReadData("354 End data with <CR><LF>.<CR><LF>".to_owned())
    }

    fn reset(&mut self) {
        self.from = None;
        self.recipients.clear();
    }

    fn refuse(&mut self, words: &str) -> Next {
        self.errors += 1;
        if self.errors > MAX_ERRORS { Next::Close("421 4.7.0 Too many errors".to_owned()) } else { say(words) }
    }
}

fn say(words: &str) -> Next {
    Next::Say(words.to_owned())
}

#[cfg(test)]
mod tests;
