//! `tenantry local`

mod dns;
mod publish;

use crate::{
    args::{DnsCommand, Global, LocalCommand, LocalDns, Mailbox, MailboxCommand, Paging},
    client::Client,
    failure::Failure,
    output::Output,
    settings::{Settings, mailbox, zones},
    view::mailbox,
};

pub(super) async fn run(command: LocalCommand, global: Global, output: &Output) -> Result<(), Failure> {
    // Mailbox and zones are this machine's own: they want no token, and get none.
    match command {
        LocalCommand::Mail(Mailbox { mail_url, command }) => {
            mail(command, &Client::new(Settings { url: mailbox(mail_url)?, token: None })?, output).await
        }
        LocalCommand::Dns(LocalDns { zones_url, command }) => {
            let server = Client::new(Settings { url: zones(zones_url)?, token: None })?;
            match command {
                DnsCommand::Publish { which, without } => {
                    let api = Client::new(Settings::find(global)?)?;
                    publish::run(which, &without, &api, &server, output).await
                }
                command => dns::run(command, &server, output).await,
            }
        }
    }
}

async fn mail(command: MailboxCommand, client: &Client, output: &Output) -> Result<(), Failure> {
    match command {
        MailboxCommand::List { to } => {
            let paging = Paging { limit: None, after: None, all: false };
            let mails = client.list(&["mail"], &[("to", to)], &paging).await?;
            output.answer(&mails.body, |paint| mailbox::mails(&mails.data, paint))
        }
        MailboxCommand::Show { id } => {
            let answer = client.get(&["mail", &id], &[]).await?;
            let shown = answer.read()?;
            output.answer(&answer.body, |paint| mailbox::mail(&shown, paint))
        }
    }
}
