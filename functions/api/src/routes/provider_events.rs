//! What providers tell us about mail. Their signature is the credential.

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use tenantry_events::{self as events, EventKind, ProviderEvent, Rejected, sns::Message};
use tenantry_mail::BounceKind;
use tenantry_store::{
    Scope, StoreError, Timing, Tx,
    domains::domain_of_provider,
    mail::{Happened, Heard, MailEvent, hear},
    runs::{Hint, run, signal},
};
use tenantry_workflows::email_domain::Event;

use crate::{
    error::Result,
    problem::{Code, Problem},
    state::ApiState,
    write::{commit, retrying},
};

/// Take an event of Resend
///
/// Signed by the endpoint's secret (Svix). Answered with success once it is stored; told again, nothing is done.
#[utoipa::path(post, path = "/v1/provider-events/resend", tag = "Mail", operation_id = "tellResendEvent",
    request_body(content = Object, content_type = "application/json", description = "The event as Resend sends it."),
    responses(
        (status = 200, description = "It is stored."),
        (status = 401, description = "`event_refused`."),
        (status = 404, description = "`route_not_found`: no secret is configured here."),
    ))]
pub(crate) async fn resend(State(state): State<ApiState>, headers: HeaderMap, body: Bytes) -> Result<StatusCode> {
    let Some(secrets) = &state.events.resend else { return Err(nobody().into()) };
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let event = events::resend::read(header, &body, secrets, state.db.clock().now()).map_err(refused)?;
    store(&state, event, false).await
}

/// Take an event of Amazon SES
///
/// A message of SNS, signed by SNS, of a configured topic. The subscription is confirmed here, too.
#[utoipa::path(post, path = "/v1/provider-events/ses", tag = "Mail", operation_id = "tellSesEvent",
    request_body(content = Object, content_type = "application/json", description = "The message as SNS sends it."),
    responses(
        (status = 200, description = "It is stored, or the subscription is confirmed."),
        (status = 401, description = "`event_refused`."),
        (status = 404, description = "`route_not_found`: no topic is configured here."),
        (status = 503, description = "`event_unavailable`: SNS cannot be reached."),
    ))]
pub(crate) async fn ses(State(state): State<ApiState>, body: Bytes) -> Result<StatusCode> {
    let Some(topics) = &state.events.ses else { return Err(nobody().into()) };
    match topics.sns.read(&body, state.db.clock().now()).await.map_err(refused)? {
        Message::Notification(notification) => store(&state, events::ses::read(&notification), true).await,
        Message::SubscriptionConfirmation(asked) => {
            let confirmed = topics.calls.fetch(&asked.subscribe_url).await;
            confirmed.map_err(|error| refused(Rejected::CertificateUnavailable(error)))?;
            tracing::info!(topic = %asked.topic, "the subscription to a topic is confirmed");
            Ok(StatusCode::OK)
        }
        Message::UnsubscribeConfirmation(asked) => {
            // Somebody with the right to has ended it: a person decides whether it is to come back.
            tracing::error!(topic = %asked.topic, "the subscription to a topic was ended; no events come from it any more");
            Ok(StatusCode::OK)
        }
    }
}

async fn store(state: &ApiState, event: ProviderEvent, exact: bool) -> Result<StatusCode> {
    let about =
        matches!(event.kind, EventKind::Domain(_)).then(|| event.detail["id"].as_str().map(str::to_owned)).flatten();
    let event = in_our_words(event, exact);
    retrying(|| tell(state, &event, about.as_deref())).await?;
    Ok(StatusCode::OK)
}

/// `about` is the provider's id of the sending domain that the event is about, if it is about one.
async fn tell(state: &ApiState, event: &MailEvent, about: Option<&str>) -> Result<()> {
    let timing = state.db.timing();
    // Whose message it is shows only when it is found, so this speaks for the platform.
    let mut tx = state.db.begin_as(Scope::Platform).await?;
    let heard = hear(&mut tx, event, timing).await?;
    let hints = match about {
        Some(about) if heard != Heard::Before => tell_domain(&mut tx, event, about, timing).await?,
        _ => Vec::new(),
    };
    commit(tx).await?;
    state.hints.send(hints).await;
    let (provider, id, kind) = (&event.provider, &event.id, event.what.word());
    match heard {
        Heard::Before => tracing::debug!(provider, id, kind, "an event was told again"),
        Heard::Unmatched => tracing::info!(provider, id, kind, "an event is about no message that is known"),
        Heard::Now { message, hints } => {
            tracing::info!(provider, id, kind, %message, "an event was told");
            state.hints.send(hints).await;
        }
    }
    Ok(())
}

/// Tells the life of the sending domain that the provider has something to say; what it says is not believed, the provider is asked.
async fn tell_domain(tx: &mut Tx, event: &MailEvent, about: &str, timing: Timing) -> Result<Vec<Hint>> {
    let Some(id) = domain_of_provider(tx, &event.provider, about).await? else { return Ok(Vec::new()) };
    let told = serde_json::to_value(Event::ProviderTold).unwrap_or_default();
    let run = run(tx, id).await?;
    match signal(tx, &run, told, event.id.clone(), timing).await {
        Ok(hints) => Ok(hints),
        // It is over, or does not care now.
        Err(StoreError::Deaf(why)) => {
            tracing::debug!(domain = %id, %why, "a domain does not hear its provider");
            Ok(Vec::new())
        }
        Err(error) => Err(error.into()),
    }
}

/// As a row keeps it, whichever provider it came from.
fn in_our_words(event: ProviderEvent, exact: bool) -> MailEvent {
    let what = match event.kind {
        EventKind::Sent => Happened::Sent,
        EventKind::Delivered => Happened::Delivered,
        EventKind::Delayed => Happened::Delayed,
        EventKind::Bounced(bounce) => Happened::Bounced {
            bounce: match bounce.kind {
                events::BounceKind::Hard => BounceKind::Hard,
                events::BounceKind::Soft => BounceKind::Soft,
                events::BounceKind::Infrastructure => BounceKind::Infrastructure,
            },
            reason: bounce.reason,
        },
        EventKind::Complained => Happened::Complained,
        EventKind::Failed { reason } => Happened::Failed { reason },
        EventKind::Suppressed => Happened::Suppressed,
        EventKind::Opened => Happened::Opened,
        EventKind::Clicked => Happened::Clicked,
        EventKind::Unsubscribed => Happened::Unsubscribed,
        ref other => Happened::Other { word: other.word().to_owned() },
    };
    MailEvent {
        provider: event.provider.to_owned(),
        id: event.id,
        what,
        provider_message_id: event.provider_message_id,
        message: event.message,
        recipients: event.recipients.iter().map(tenantry_model::EmailAddress::key).collect(),
        exact,
        at: event.at,
        detail: event.detail,
    }
}

/// The reason is for our log alone.
fn refused(why: Rejected) -> Problem {
    tracing::warn!(%why, "an event was not believed");
    if why.is_temporary() {
        Problem::new(Code::EventUnavailable, "The event cannot be checked now; send it again.").after(30)
    } else {
        Problem::new(Code::EventRefused, "The event is not signed as it should be, or not now.")
    }
}

fn nobody() -> Problem {
    Problem::new(Code::RouteNotFound, "There is nothing at this path.")
}
