//! `tenantry mail`

mod batch;
mod follow;
mod letter;
mod message;
mod provider;
mod settings;
mod template;

use super::whose::tenant;
use crate::{args::MailCommand, client::Client, failure::Failure, output::Output};

pub(super) async fn run(command: MailCommand, client: &Client, output: &Output) -> Result<(), Failure> {
    match command {
        MailCommand::Send(send) => message::send(*send, client, output).await,
        MailCommand::Batch(given) => batch::run(given, client, output).await,
        MailCommand::List(list) => message::list(list, client, output).await,
        MailCommand::Show { id, timeline, content } => message::show(&id, timeline, content, client, output).await,
        MailCommand::Watch(watch) => message::watch(watch, client, output).await,
        MailCommand::Cancel { id, repeat } => message::cancel(&id, repeat, client, output).await,
        MailCommand::Reschedule { id, time, repeat } => message::reschedule(&id, time, repeat, client, output).await,
        MailCommand::Explain(explain) => message::explain(*explain, client, output).await,
        MailCommand::Settings(command) => settings::run(command, client, output).await,
        MailCommand::Suppression(command) => settings::suppression(command, client, output).await,
        MailCommand::Preference(command) => settings::preference(command, client, output).await,
        MailCommand::Template(command) => template::run(command, client, output).await,
        MailCommand::Provider(command) => provider::run(command, client, output).await,
        MailCommand::Stats { tenant, days } => provider::stats(tenant, days, client, output).await,
        MailCommand::Pause(switch) => provider::sending("pause", switch, client, output).await,
        MailCommand::Resume(switch) => provider::sending("resume", switch, client, output).await,
    }
}
