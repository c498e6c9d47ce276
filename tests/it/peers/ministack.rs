//! AWS services that are not ours, in a process of their own.

use std::process::Stdio;

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

/// The region of everything here.
pub(super) const REGION: &str = "us-east-1";

/// A running MiniStack; it ends with this handle.
pub(super) struct MiniStack {
    /// `http://127.0.0.1:PORT`.
    pub(super) endpoint: String,
    // Its standard input: when that ends, so does it, and all it has started.
    _process: Child,
    home: TempDir,
}

impl MiniStack {
    /// On a free port, with more in its environment, which its functions inherit; `None` when the peers are left out.
    pub(super) async fn start(more: &[(&str, &str)]) -> Option<Self> {
        let python = super::python()?;
        let home = tempfile::tempdir().unwrap();
        let mut process = clean(Command::new(&python), &home)
            .arg(super::root().join("tests/peers/ministack_server.py"))
            .envs(more.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(home.path().join("log")).unwrap())
            .spawn()
            .unwrap_or_else(|error| panic!("TENANTRY_PEERS_PYTHON={python} cannot be started: {error}"));
        let ready = BufReader::new(process.stdout.take().unwrap()).lines().next_line().await.unwrap();
        let log = || std::fs::read_to_string(home.path().join("log")).unwrap_or_default();
        let ready = ready.unwrap_or_else(|| panic!("MiniStack did not start; is it installed?\n{}", log()));
        let port: u16 = ready.strip_prefix("ready ").unwrap().parse().unwrap();
        Some(Self { endpoint: format!("http://127.0.0.1:{port}"), _process: process, home })
    }

    /// The settings of an SDK client that speaks to it, trying once.
    pub(super) async fn sdk(&self) -> SdkConfig {
        aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .endpoint_url(&self.endpoint)
            .test_credentials()
            .retry_config(RetryConfig::disabled())
            .load()
            .await
    }

    /// A command of AWS's that speaks to it.
    pub(super) fn command(&self, tool: &std::path::Path) -> Command {
        let mut command = clean(Command::new(tool), &self.home);
        command.env("AWS_ENDPOINT_URL", &self.endpoint).env("SAM_CLI_TELEMETRY", "0");
        command
    }

    /// What it has said, for a test that failed.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default()
    }
}

/// Nothing of this machine's environment leaks into what is tried, neither settings nor an account.
fn clean(mut command: Command, home: &TempDir) -> Command {
    command.env_clear().env("HOME", home.path()).env("AWS_REGION", REGION).env("AWS_DEFAULT_REGION", REGION);
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}
