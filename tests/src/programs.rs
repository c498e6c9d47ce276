//! The programs of other packages, built once when a test first needs them.

use std::{path::PathBuf, process::Command, sync::OnceLock};

/// The local stack's binary.
pub fn local() -> &'static PathBuf {
    static LOCAL: OnceLock<PathBuf> = OnceLock::new();
    LOCAL.get_or_init(|| built("local", "tenantry-local"))
}

/// The command line's binary.
pub fn cli() -> &'static PathBuf {
    static CLI: OnceLock<PathBuf> = OnceLock::new();
    CLI.get_or_init(|| built("tenantry", "tenantry"))
}

/// The benchmark of mail.
pub fn mail_bench() -> &'static PathBuf {
    static MAIL_BENCH: OnceLock<PathBuf> = OnceLock::new();
    MAIL_BENCH.get_or_init(|| built("tenantry-tests", "mail-bench"))
}

/// Builds a binary beside the running test's own, and says where it is.
fn built(package: &str, binary: &str) -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status =
        Command::new(cargo).args(["build", "--quiet", "--package", package, "--bin", binary]).status().expect("cargo");
    assert!(status.success(), "{binary} does not build");
    // target/debug/deps/<test binary>
    let here = std::env::current_exe().expect("this test's own path");
    here.ancestors().nth(2).expect("target/debug").join(binary)
}
