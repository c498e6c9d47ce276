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

/// Builds a binary beside the running test's own, and says where it is. `TENANTRY_BUILT` says that all of them were built a moment ago, with the
/// tests: built alone, a package has its libraries with other features, and they are compiled once more.
fn built(package: &str, binary: &str) -> PathBuf {
    // target/debug/deps/<test binary>
    let here = std::env::current_exe().expect("this test's own path");
    let binary_path = here.ancestors().nth(2).expect("target/debug").join(binary);
    if std::env::var_os("TENANTRY_BUILT").is_some() && binary_path.is_file() {
        return binary_path;
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status =
        Command::new(cargo).args(["build", "--quiet", "--package", package, "--bin", binary]).status().expect("cargo");
    assert!(status.success(), "{binary} does not build");
    binary_path
}
