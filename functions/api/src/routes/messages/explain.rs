//! Which way a message takes, and why.

use axum::{Json, extract::State};
use serde::Serialize;
use tenantry_mail::{Asked, Decision, Draft, LeftOut, Route, Sender, route, sift};
use tenantry_model::{MessageId, RunId};
use tenantry_outbox::wishes;
use tenantry_store::{
    Scope, Tx,
    mail::{LaneRow, choices, facts, lane, message, providers, suppressed},
    runs::{HistoryRow, history_of},
};
use tenantry_workflows::email_delivery::Plan;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{
    files::Budget,
    parse::parse,
    prepare::{Facts, gather, word},
    show::open,
    wanted::WantedMessage,
    words::{Step, is_operator},
};
use crate::{
    auth::{Caller, May, needs},
    error::{Result, not_found},
    extract::{Body, Id, invalid_body},
    state::ApiState,
    write::commit,
};

/// Which way a message takes, and why.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Explanation {
    /// `send`, `suppress`, `hold` or `refuse`.
    #[schema(example = "send")]
    decision: &'static str,
    /// Whether this is about the future: what would be decided at this moment. Otherwise it is what was decided.
    as_of_now: bool,
    /// The address it comes from.
    from: Option<String>,
    /// The name beside it.
    from_name: Option<String>,
    /// The domain of that address.
    domain: Option<String>,
    /// Whose domain that is: `platform` or `custom`.
    tier: Option<String>,
    /// Where answers go, where that is not `from`.
    reply_to: Option<String>,
    /// Seconds after which it is decided again, when it is held.
    hold_seconds: Option<u64>,
    /// Every step that led there, in order. The last one decided.
    reasons: Vec<Step>,
    /// Recipients that it does not go to.
    left_out: Vec<NotTo>,
    /// What the tenant's limits leave at this moment.
    limits: MailLimits,
    /// What carries it; operators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    /// What that stands in for; operators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback_for: Option<String>,
}

/// A recipient that a message does not go to.
#[derive(Debug, Serialize, ToSchema)]
struct NotTo {
    /// Who.
    address: String,
    /// Why, in one word that programs decide by.
    #[schema(example = "hard_bounce")]
    code: String,
    /// Why, in a sentence.
    why: String,
}

/// What a tenant's limits leave.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MailLimits {
    /// Messages in any minute; none: no limit.
    per_minute: Option<u32>,
    /// Messages on any day (UTC); none: no limit.
    per_day: Option<u32>,
    /// How many have left today.
    used_today: u32,
    /// How many more may leave today; none: no limit.
    left_today: Option<u32>,
    /// How many wait for their turn; 1,000 means as many or more.
    waiting: u32,
    /// When the next one may leave, where that is later than now.
    #[serde(with = "time::serde::rfc3339::option")]
    next_at: Option<OffsetDateTime>,
    /// Nothing leaves until somebody has looked into it.
    paused: bool,
}

/// Explain what would happen to a message
///
/// Takes what sending takes, and stores nothing.
#[utoipa::path(post, path = "/v1/messages/explain", tag = "Messages", operation_id = "explainWantedMessage",
    request_body = WantedMessage,
    responses((status = 200, description = "What would be decided at this moment.", body = Explanation)))]
pub(crate) async fn explain_wanted(
    May(caller, _): May<needs::MessagesSend>,
    State(state): State<ApiState>,
    body: Body<WantedMessage>,
) -> Result<Json<Explanation>> {
    let parsed = parse(body.value, state.db.clock().now()).map_err(invalid_body)?;
    let gathered = gather(&state, &caller, &mut Budget::default(), parsed).await;
    let gathered = gathered.map_err(|refusal| refusal.into_problem())?;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let known = Facts::read(&mut tx, &state, std::iter::once(&gathered)).await?;
    let worded = word(&mut tx, &state, &known, &gathered).await?.map_err(|refusal| refusal.into_problem())?;
    let explanation = as_of_now(&mut tx, &state, &caller, &worded.ready.draft, worded.sender).await?;
    commit(tx).await?;
    Ok(Json(explanation))
}

/// Explain a message
///
/// For one that has left: the way it took. For one that waits: what would be decided at this moment.
#[utoipa::path(get, path = "/v1/messages/{id}/explain", tag = "Messages", operation_id = "explainMessage",
    params(("id" = String, Path, description = "The message.")),
    responses((status = 200, description = "The decision.", body = Explanation)))]
pub(crate) async fn explain_message(
    May(caller, _): May<needs::MessagesRead>,
    State(state): State<ApiState>,
    Id(id): Id<MessageId>,
) -> Result<Json<Explanation>> {
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let row = message(&mut tx, id).await?;
    if matches!(row.state.as_str(), "scheduled" | "queued" | "deferred")
        && let Some(sealed) = facts(&mut tx, &[id]).await?.pop().and_then(|facts| facts.sealed)
    {
        let draft = open(&state, id, &sealed)?;
        let known = Facts::of_tenant(&mut tx, &state, row.tenant).await?;
        let sender = known.sender(row.tenant).ok_or_else(|| not_found("tenant"))?;
        let explanation = as_of_now(&mut tx, &state, &caller, &draft, sender).await?;
        commit(tx).await?;
        return Ok(Json(explanation));
    }
    let history = history_of(&mut tx, RunId(id.0)).await?;
    let limits = limits(&state, lane(&mut tx, row.tenant, state.db.clock().now()).await?, state.db.clock().now());
    commit(tx).await?;
    Ok(Json(as_it_was(&caller, &history, row.sent.map(|sent| (sent.sender, sent.provider)), limits)))
}

/// What the rules say now.
async fn as_of_now(
    tx: &mut Tx,
    state: &ApiState,
    caller: &Caller,
    draft: &Draft,
    sender: &Sender,
) -> Result<Explanation> {
    let now = state.db.clock().now();
    let pairs: Vec<_> = draft.recipients().map(|one| (draft.tenant, one.address.key())).collect();
    let suppressions = suppressed(tx, &pairs, now).await?;
    let users: Vec<_> = draft.user.into_iter().collect();
    let chosen = choices(tx, &[draft.tenant], &users).await?;
    let (defaults, recipients) = wishes(draft, &suppressions, &chosen);
    let sifted = sift(draft, &defaults, &recipients, now);
    let lane = lane(tx, draft.tenant, now).await?;
    // How the providers are is the platform's affair: what a tenant reads of it names none.
    let mut platform = state.db.begin_as(Scope::Platform).await?;
    let health = providers(&mut platform).await?;
    commit(platform).await?;
    let asked = Asked {
        enabled: state.mail.enabled,
        recipients: sifted.to.len() + sifted.cc.len() + sifted.bcc.len(),
        ..Asked::of(draft, state.mail.patience.as_secs())
    };
    let sender = Sender { paused: lane.as_ref().and_then(|lane| lane.paused.clone()), ..sender.clone() };
    let decision = state.mail.accounts.with_views(&health, now, |views| route(&asked, &sender, views));
    let mut explanation = explained(caller, decision);
    explanation.left_out = sifted.left_out.iter().map(NotTo::of).collect();
    if sifted.is_empty() {
        explanation.decision = "suppress";
        explanation.reasons.push(Step::new("nobody_left", "Nobody is left whom it may go to; it does not leave."));
    }
    explanation.limits = limits(state, lane, now);
    Ok(explanation)
}

fn explained(caller: &Caller, decision: Decision) -> Explanation {
    let operator = is_operator(caller);
    let reasons = decision.why().iter().map(|reason| Step::of(reason, operator)).collect();
    let (name, hold_seconds, route) = match decision {
        Decision::Send(route) => ("send", None, Some(route)),
        Decision::Suppress { .. } => ("suppress", None, None),
        Decision::Hold { seconds, .. } => ("hold", Some(seconds), None),
        Decision::Refuse { .. } => ("refuse", None, None),
    };
    let tier = route.as_ref().and_then(|route| serde_json::to_value(route.tier).ok()?.as_str().map(str::to_owned));
    let Route { from, reply_to, domain, provider, fallback_for, .. } = match route {
        Some(route) => route,
        None => return Explanation { hold_seconds, ..Explanation::only(name, true, reasons) },
    };
    Explanation {
        from: Some(from.address.as_str().to_owned()),
        from_name: from.name,
        domain: Some(domain.as_str().to_owned()),
        tier,
        reply_to: reply_to.map(|mailbox| mailbox.address.as_str().to_owned()),
        provider: operator.then_some(provider),
        fallback_for: fallback_for.filter(|_| operator),
        ..Explanation::only(name, true, reasons)
    }
}

/// What was decided when its last turn came.
fn as_it_was(
    caller: &Caller,
    history: &[HistoryRow],
    sent: Option<(String, String)>,
    limits: MailLimits,
) -> Explanation {
    let of = |name: &str| history.iter().rev().find(|row| row.name == name).map(|row| &row.detail);
    let plan: Option<Plan> = of("Admitted").and_then(|with| serde_json::from_value(with.clone()).ok());
    let operator = is_operator(caller);
    let mut explanation = match plan {
        Some(plan) => {
            let left_out = plan.without.into_iter().map(|address| NotTo {
                address,
                code: "left_out".to_owned(),
                why: "This address was not to be written to when the message left.".to_owned(),
            });
            Explanation {
                domain: plan.from.rsplit_once('@').map(|(_, domain)| domain.to_owned()),
                from: Some(plan.from),
                from_name: plan.from_name,
                reply_to: plan.reply_to,
                left_out: left_out.collect(),
                provider: operator.then_some(plan.provider),
                ..Explanation::only("send", false, plan.why.iter().map(|code| Step::kept(code)).collect())
            }
        }
        None => match (of("Suppressed"), of("Refused"), sent) {
            (Some(with), ..) => {
                let why = Step::new("suppressed", with["reason"].as_str().unwrap_or_default());
                Explanation::only("suppress", false, vec![why])
            }
            (_, Some(with), _) => {
                let why = Step::new("refused", with["message"].as_str().unwrap_or_default());
                Explanation::only("refuse", false, vec![why])
            }
            (.., Some((from, provider))) => Explanation {
                domain: from.rsplit_once('@').map(|(_, domain)| domain.to_owned()),
                from: Some(from),
                provider: operator.then_some(provider),
                ..Explanation::only("send", false, vec![Step::new("other_run", "Another run has sent it.")])
            },
            _ => {
                let why = Step::new("never_decided", "It ended before its turn came; nothing was decided.");
                Explanation::only("refuse", false, vec![why])
            }
        },
    };
    explanation.limits = limits;
    explanation
}

fn limits(state: &ApiState, lane: Option<LaneRow>, now: OffsetDateTime) -> MailLimits {
    let usual = state.mail.lanes;
    let per_minute = lane.as_ref().and_then(|lane| lane.per_minute).or(usual.per_minute);
    let per_day = lane.as_ref().and_then(|lane| lane.per_day).or(usual.per_day);
    let used_today = lane.as_ref().map_or(0, |lane| lane.today);
    MailLimits {
        per_minute,
        per_day,
        used_today,
        left_today: per_day.map(|limit| limit.saturating_sub(used_today)),
        waiting: lane.as_ref().map_or(0, |lane| lane.waiting),
        next_at: lane.as_ref().and_then(|lane| lane.ready_at).filter(|at| *at > now),
        paused: lane.is_some_and(|lane| lane.paused.is_some()),
    }
}

impl NotTo {
    fn of(left_out: &LeftOut) -> Self {
        let LeftOut { address, code, why } = left_out;
        Self { address: address.as_str().to_owned(), code: code.clone(), why: why.clone() }
    }
}

impl Explanation {
    fn only(decision: &'static str, as_of_now: bool, reasons: Vec<Step>) -> Self {
        Self {
            decision,
            as_of_now,
            from: None,
            from_name: None,
            domain: None,
            tier: None,
            reply_to: None,
            hold_seconds: None,
            reasons,
            left_out: Vec::new(),
            limits: MailLimits::default(),
            provider: None,
            fallback_for: None,
        }
    }
}
