//! Our clients against servers that are not ours.
//!
//! They need a Python with the peer installed, named by `TENANTRY_PEERS_PYTHON`:
//!
//! ```text
//! python3 -m venv .local/peers && .local/peers/bin/pip install aiosmtpd
//! TENANTRY_PEERS_PYTHON=$PWD/.local/peers/bin/python cargo test -p tenantry-tests peers
//! ```
//!
//! Without it they fail, since a peer that was not asked has agreed to nothing. `TENANTRY_SKIP_PEERS=1` leaves them out
//! on purpose.

mod aiosmtpd;

/// The Python that runs the peers; `None` when they are left out on purpose.
///
/// # Panics
/// When nobody has said which Python, and nobody has said to leave the peers out.
fn python() -> Option<String> {
    if std::env::var("TENANTRY_SKIP_PEERS").is_ok_and(|value| value == "1") {
        eprintln!("skipped: TENANTRY_SKIP_PEERS=1 leaves out the servers that are not ours");
        return None;
    }
    let python = std::env::var("TENANTRY_PEERS_PYTHON").ok();
    Some(python.expect(
        "TENANTRY_PEERS_PYTHON must name a Python with aiosmtpd installed (python3 -m venv DIR && DIR/bin/pip install \
         aiosmtpd), or TENANTRY_SKIP_PEERS=1 leave out the servers that are not ours",
    ))
}
