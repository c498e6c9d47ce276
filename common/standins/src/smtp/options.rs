//! How the mail server is to run.

use std::path::PathBuf;

/// What it offers, asks for and keeps.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port on 127.0.0.1; `None` takes a free one.
    pub port: Option<u16>,
    /// How connections are encrypted.
    pub tls: Tls,
    /// Whether clients may or must log in.
    pub auth: Auth,
    /// The folder the mailbox is kept in, one file per message; `None` keeps it in memory.
    pub folder: Option<PathBuf>,
    /// Messages kept; the oldest go first. Counts of accepted messages are not affected.
    pub keep: usize,
    /// The largest message in bytes, announced by `SIZE` (RFC 1870).
    pub max_size: usize,
    /// Connections at once; the next one is answered with 421.
    pub max_connections: usize,
}

impl Default for Options {
    /// A free port, STARTTLS offered, no login, ten thousand messages of up to 25 MiB in memory.
    fn default() -> Options {
        Options {
            port: None,
            tls: Tls::Offered,
            auth: Auth::Off,
            folder: None,
            keep: 10_000,
            max_size: 25 * 1024 * 1024,
            max_connections: 2_000,
        }
    }
}

/// How connections are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    Off,
    /// `STARTTLS` is offered (RFC 3207).
    Offered,
    /// Nothing goes before `STARTTLS`.
    Required,
    /// From the first byte (RFC 8314).
    Implicit,
}

/// Whether clients may or must log in, by AUTH PLAIN or LOGIN (RFC 4954).
#[derive(Clone, PartialEq, Eq)]
pub enum Auth {
    /// Not offered.
    Off,
    /// Offered; mail is taken without it.
    Offered(Login),
    /// No mail without it.
    Required(Login),
}

impl Auth {
    /// The login, where there is one.
    pub(super) fn login(&self) -> Option<&Login> {
        match self {
            Auth::Off => None,
            Auth::Offered(login) | Auth::Required(login) => Some(login),
        }
    }
}

impl std::fmt::Debug for Auth {
    /// Without the password.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Auth::Off => "Off",
            Auth::Offered(_) => "Offered",
            Auth::Required(_) => "Required",
        })
    }
}

/// The one account of the server.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// Its name.
    pub name: String,
    /// Its password.
    pub password: String,
}

impl Login {
    /// A login of this name and password.
    pub fn new(name: impl Into<String>, password: impl Into<String>) -> Login {
        Login { name: name.into(), password: password.into() }
    }
}
