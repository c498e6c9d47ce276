//! One file per noun: a command reads its arguments, asks the API, shows the answer.

mod audit;
mod bulk;
mod doctor;
mod domain;
mod end;
mod file;
mod import;
mod key;
mod leaving;
mod local;
mod mail;
mod portal;
mod run;
mod sure;
mod task;
mod tenant;
mod webhook;
mod whose;

use clap::CommandFactory as _;

use crate::{
    args::{Cli, Command},
    client::{Client, List},
    failure::Failure,
    output::{Output, Paint},
    settings::Settings,
    view::{access, moment::Moment},
};

/// Does what was typed.
///
/// # Errors
/// Whatever stood in the way; nothing has been said about it yet.
pub async fn run(cli: Cli, output: &Output) -> Result<(), Failure> {
    let Cli { global, command } = cli;
    // These speak to nobody, or not to the API.
    let command = match command {
        Command::Completion { shell } => return completion(shell, output),
        Command::Doctor(doctor) => return doctor::run(doctor, output).await,
        Command::Local(local) => return local::run(local, global, output).await,
        command => command,
    };
    let client = Client::new(Settings::find(global)?)?;
    match command {
        Command::Tenant(command) => tenant::run(command, &client, output).await,
        Command::Run(command) => run::run(command, &client, output).await,
        Command::Task(command) => task::run(command, &client, output).await,
        Command::Mail(command) => mail::run(command, &client, output).await,
        Command::Domain(command) => domain::run(command, &client, output).await,
        Command::Portal(command) => portal::run(command, &client, output).await,
        Command::Webhook(command) => webhook::run(command, &client, output).await,
        Command::Drill { wait, repeat } => run::drill(&wait, repeat, &client, output).await,
        Command::Audit(command) => audit::run(command, &client, output).await,
        Command::ApiKey(command) => key::run(command, &client, output).await,
        Command::Me => me(&client, output).await,
        Command::Completion { .. } | Command::Doctor(_) | Command::Local(_) => Ok(()),
    }
}

async fn me(client: &Client, output: &Output) -> Result<(), Failure> {
    let answer = client.get(&["v1", "me"], &[]).await?;
    let me = answer.read()?;
    output.answer(&answer.body, |paint| access::me(&me, paint))
}

fn completion(shell: clap_complete::Shell, output: &Output) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "tenantry", &mut script);
    output.line(String::from_utf8_lossy(&script).trim_end())
}

/// Shows a list and says where it goes on.
fn show_list<T>(list: &List<T>, output: &Output, people: impl FnOnce(&[T], Paint) -> String) -> Result<(), Failure> {
    output.answer(&list.body, |paint| people(&list.data, paint))?;
    if let Some(next) = &list.next {
        output.aside(&format!("There is more: --all shows everything, --after {next} what comes next."));
    }
    Ok(())
}

/// A document with one more member, everything else to the letter.
fn with_member(document: &str, name: &str, member: &str) -> String {
    match document.trim_end().strip_suffix('}') {
        Some(open) => format!(r#"{},"{name}":{}}}"#, open.trim_end(), member.trim()),
        None => document.to_owned(),
    }
}

/// What people read is written as of this moment.
fn now() -> Moment {
    Moment::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_gets_one_more_member() {
        let whole = with_member("{\"b\":1,\"a\":2 }\n", "credential", "{\"x\":3}");
        assert_eq!(whole, r#"{"b":1,"a":2,"credential":{"x":3}}"#);
    }
}
