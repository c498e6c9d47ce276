//! `tenantry local`

use crate::{
    args::{LocalCommand, Mailbox, MailboxCommand, Paging},
    client::Client,
    failure::Failure,
    output::Output,
    settings::{Settings, mailbox},
    view::mailbox,
};

pub(super) async fn run(command: LocalCommand, output: &Output) -> Result<(), Failure> {
    let LocalCommand::Mail(Mailbox { mail_url, command }) = command;
    // The mailbox is this machine's own: it wants no token, and gets none.
    let client = Client::new(Settings { url: mailbox(mail_url)?, token: None })?;
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
