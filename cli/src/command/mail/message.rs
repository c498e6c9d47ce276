//! `tenantry mail send`, and what is done with messages that are there

use std::time::Duration;

use serde_json::json;

use super::{
    super::{now, show_list, with_member},
    follow::{Follow, Seen, look},
    letter,
};
use crate::{
    args::{MailExplain, MailList, MailSend, MailWatch, Repeat, When},
    client::Client,
    failure::Failure,
    output::Output,
    view::mail::{content, explanation, message, timeline},
};

pub(super) async fn send(send: MailSend, client: &Client, output: &Output) -> Result<(), Failure> {
    let body = letter::body(send.letter, output)?;
    if send.dry_run {
        return would(&body, client, output).await;
    }
    let answer = client.post(&["v1", "messages"], &body, &send.repeat.key()).await?;
    if answer.replayed {
        output.aside("This was asked before with the same key; nothing is sent twice.");
    }
    let seen = Seen::new(answer)?;
    let Some(seconds) = send.wait else {
        seen.show(output)?;
        output.aside(&format!("Follow it with: tenantry mail watch {}", seen.message.id));
        return Ok(());
    };
    let follow = Follow { patience: Some(Duration::from_secs(seconds)), past_sent: false };
    let seen = follow.follow(client, seen, output).await?;
    seen.show(output)?;
    seen.judge()
}

pub(super) async fn explain(explain: MailExplain, client: &Client, output: &Output) -> Result<(), Failure> {
    let Some(id) = explain.id else {
        let body = letter::body(explain.letter, output)?;
        return would(&body, client, output).await;
    };
    let answer = client.get(&["v1", "messages", &id, "explain"], &[]).await?;
    let explained = answer.read()?;
    output.answer(&answer.body, |paint| explanation::explanation(&explained, paint))
}

/// What would become of a message.
async fn would(body: &str, client: &Client, output: &Output) -> Result<(), Failure> {
    let answer = client.post(&["v1", "messages", "explain"], body, &uuid::Uuid::new_v4().to_string()).await?;
    let explained = answer.read()?;
    output.answer(&answer.body, |paint| explanation::explanation(&explained, paint))?;
    output.aside("Nothing was sent.");
    Ok(())
}

pub(super) async fn list(list: MailList, client: &Client, output: &Output) -> Result<(), Failure> {
    let filters = [
        ("tenantId", list.tenant),
        ("status", list.status),
        ("recipient", list.recipient),
        ("tag", list.tag.map(|(name, value)| format!("{name}={value}"))),
        ("category", list.category),
        ("template", list.template),
        ("providerMessageId", list.provider_id),
        ("from", list.from),
        ("to", list.until),
    ];
    show_list(&client.list(&["v1", "messages"], &filters, &list.paging).await?, output, message::messages)
}

pub(super) async fn show(
    id: &str,
    timeline: bool,
    content: bool,
    client: &Client,
    output: &Output,
) -> Result<(), Failure> {
    let mut seen = look(id, client).await?;
    let mut parts = Vec::new();
    if timeline {
        let answer = client.get(&["v1", "messages", id, "timeline"], &[]).await?;
        parts.push(timeline::timeline(&answer.read()?, now(), output.paint()));
        seen.body = with_member(&seen.body, "timeline", &answer.body);
    }
    if content {
        let answer = client.get(&["v1", "messages", id, "content"], &[]).await?;
        parts.push(content::content(&answer.read()?, output.paint()));
        seen.body = with_member(&seen.body, "content", &answer.body);
    }
    output.answer(&seen.body, |paint| {
        parts.insert(0, message::message(&seen.message, paint));
        parts.join("\n\n")
    })
}

pub(super) async fn watch(watch: MailWatch, client: &Client, output: &Output) -> Result<(), Failure> {
    let first = look(&watch.id, client).await?;
    let follow = Follow { patience: watch.wait.map(Duration::from_secs), past_sent: watch.past_sent };
    let seen = follow.follow(client, first, output).await?;
    seen.show(output)?;
    seen.judge()
}

pub(super) async fn cancel(id: &str, repeat: Repeat, client: &Client, output: &Output) -> Result<(), Failure> {
    let answer = client.post(&["v1", "messages", id, "cancel"], "{}", &repeat.key()).await?;
    Seen::new(answer)?.show(output)
}

pub(super) async fn reschedule(
    id: &str,
    time: When,
    repeat: Repeat,
    client: &Client,
    output: &Output,
) -> Result<(), Failure> {
    let body = json!({ "sendAt": letter::moment(time, output) }).to_string();
    let answer = client.post(&["v1", "messages", id, "reschedule"], &body, &repeat.key()).await?;
    let seen = Seen::new(answer)?;
    seen.show(output)?;
    output.aside(&format!("Follow it with: tenantry mail watch {}", seen.message.id));
    Ok(())
}
