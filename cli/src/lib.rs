#![doc = include_str!("../README.md")]

pub mod archive;
pub mod args;
pub mod client;
pub mod command;
pub mod failure;
pub mod form;
pub mod output;
pub mod settings;
pub mod view;
pub mod watch;

use std::process::ExitCode;

use args::Cli;
use failure::Failure;
use output::Output;

/// Does what was typed and says with which code the process ends. Failures have been shown by then.
pub async fn run(cli: Cli) -> ExitCode {
    let output = Output::of_this_process(cli.global.json);
    match command::run(cli, &output).await {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read our output has seen enough, as in `tenantry run list | head`.
        Err(Failure::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}
