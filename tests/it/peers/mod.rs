//! Our clients and templates against servers and tools that are not ours.
//!
//! `tests/run` installs them all (`tests/peers/requirements.txt`) and says where they are:
//!
//! | variable | what |
//! |---|---|
//! | `TENANTRY_PEERS_PYTHON` | the Python they are installed in; their commands lie beside it |
//! | `TENANTRY_PEERS_NSD` | the command that runs NSD, a name server (`tests/peers/fetch_nsd`) |
//! | `TENANTRY_PEERS_ZIPS` | the folder with what was built for AWS: `<function>/bootstrap.zip` |
//!
//! By hand:
//!
//! ```text
//! python3 -m venv .local/peers && .local/peers/bin/pip install -r tests/peers/requirements.txt
//! export TENANTRY_PEERS_NSD=$(tests/peers/fetch_nsd .local/peers/nsd)
//! TENANTRY_PEERS_PYTHON=$PWD/.local/peers/bin/python cargo test -p tenantry-tests peers
//! ```
//!
//! Without them the tests fail, since a peer that was not asked has agreed to nothing. `TENANTRY_SKIP_PEERS=1` leaves
//! them out on purpose.

mod aiosmtpd;
mod deployed;
mod dns;
mod lint;
mod mail_ses;
mod mail_smtp;
mod ministack;
mod queue;
mod secrets;

use std::path::{Path, PathBuf};

/// The Python that runs the peers; `None` when they are left out on purpose.
///
/// # Panics
/// When nobody has said which Python, and nobody has said to leave the peers out.
fn python() -> Option<String> {
    named(
        "TENANTRY_PEERS_PYTHON must name a Python with the peers installed (python3 -m venv DIR && DIR/bin/pip install \
         -r tests/peers/requirements.txt), or TENANTRY_SKIP_PEERS=1 leave out the servers that are not ours",
    )
}

/// The command that runs NSD; `None` when the peers are left out on purpose.
///
/// # Panics
/// As [`python`].
fn nsd() -> Option<PathBuf> {
    let nsd = named(
        "TENANTRY_PEERS_NSD must name the name server NSD (`tests/peers/fetch_nsd DIR` prints it, and fetches it where it is \
         not installed; on Debian: apt-get install nsd), or TENANTRY_SKIP_PEERS=1 leave out the servers that are not ours",
    );
    nsd.map(PathBuf::from)
}

/// The value of the variable that the words begin with; `None` when the peers are left out on purpose.
fn named(words: &str) -> Option<String> {
    if std::env::var("TENANTRY_SKIP_PEERS").is_ok_and(|value| value == "1") {
        eprintln!("skipped: TENANTRY_SKIP_PEERS=1 leaves out the servers that are not ours");
        return None;
    }
    let variable = words.split(' ').next().unwrap_or_default();
    Some(std::env::var(variable).unwrap_or_else(|_| panic!("{words}")))
}

/// A command that is installed beside the peers' Python; `None` when the peers are left out on purpose.
///
/// # Panics
/// When it is not there.
fn tool(name: &str) -> Option<PathBuf> {
    let tool = Path::new(&python()?).with_file_name(name);
    assert!(tool.is_file(), "{} is missing; install tests/peers/requirements.txt", tool.display());
    Some(tool)
}

/// The repository's root.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
