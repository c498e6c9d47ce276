//! The overview, as callers see it.

use std::collections::BTreeMap;

use serde::Serialize;
use tenantry_store::overview::{Counts, DayCame, MOST, Need, ProviderDay, Times};
use time::{Date, macros::format_description};
use utoipa::ToSchema;

use super::words::NeedsAction;

/// What all of a tenant's mail is called there: who carries it is the platform's affair.
const MAIL: &str = "mail";

/// What needs action, how much there is, and what the last days came to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Overview {
    /// What needs action, by its kind; only kinds of which there is something.
    needs_action: Vec<NeedsAction>,
    /// How much there is.
    counts: OverviewCounts,
    /// Counting stops here: a count as high means so many or more. Tenants and mail are counted whole.
    #[schema(example = 1000)]
    counts_stop_at: i64,
    /// Runs by day (UTC), oldest first: 14 days, today included. Without messages and deliveries of webhooks.
    days: Vec<OverviewDay>,
    /// What became of mail by day (UTC), oldest first, and by what carried it; a tenant sees one, `mail`.
    delivery_by_provider: Vec<ProviderDelivery>,
    /// How long email domains took that were verified in the last 30 days, from the wish on.
    time_to_verified: HowLong,
    /// How long portal domains took that became active in the last 30 days, from the wish on.
    time_to_active: HowLong,
    /// How long onboardings took that were completed in the last 30 days.
    onboarding: HowLong,
}

/// How much there is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OverviewCounts {
    /// Tenants by their status; only those of which there are some.
    #[schema(example = json!({ "active": 2 }))]
    tenants: BTreeMap<String, i64>,
    /// Runs.
    runs: OverviewRuns,
    /// Email domains.
    domains: OverviewDomains,
    /// Portal domains.
    portals: OverviewPortals,
    /// Messages that have left today (UTC); only for who may read messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    messages_today: Option<i64>,
    /// ... and yesterday.
    #[serde(skip_serializing_if = "Option::is_none")]
    messages_yesterday: Option<i64>,
}

/// Runs; without messages, deliveries of webhooks, and names, which have numbers of their own.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OverviewRuns {
    /// Under way.
    running: i64,
    /// Waiting for a person.
    waiting: i64,
    /// Failed, or undone since they would have, in the last 24 hours; names among them.
    failed24h: i64,
}

/// Email domains that are not gone.
#[derive(Debug, Serialize, ToSchema)]
struct OverviewDomains {
    /// Mail leaves from them.
    verified: i64,
    /// Being set up.
    pending: i64,
    /// Mail has left from them, and does not for the moment.
    degraded: i64,
}

/// Portal domains that are not gone.
#[derive(Debug, Serialize, ToSchema)]
struct OverviewPortals {
    /// They answer.
    active: i64,
    /// Being set up.
    pending: i64,
    /// Their set-up does not go on by itself.
    failed: i64,
}

/// Runs of one day.
#[derive(Debug, Serialize, ToSchema)]
struct OverviewDay {
    /// The day (UTC).
    #[schema(example = "2026-03-01")]
    day: String,
    /// Began.
    started: i64,
    /// Ended as wished.
    completed: i64,
    /// Failed, or were undone since they would have.
    failed: i64,
}

/// What became of the mail that one provider has carried.
#[derive(Debug, Serialize, ToSchema)]
struct ProviderDelivery {
    /// The provider; `mail` for tenants.
    provider: String,
    /// By day, oldest first, without gaps.
    days: Vec<ProviderDeliveryDay>,
}

/// What became of the mail of one day.
#[derive(Debug, Default, Serialize, ToSchema)]
struct ProviderDeliveryDay {
    /// The day (UTC).
    #[schema(example = "2026-03-01")]
    day: String,
    /// Have left.
    sent: i64,
    /// Were taken by the recipient's server.
    delivered: i64,
    /// Were refused by the recipient's server.
    bounced: i64,
    /// Were called spam.
    complained: i64,
    /// Could not be sent.
    failed: i64,
}

/// How long something took.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HowLong {
    /// Half of them took at most so many seconds; none where there was none.
    p50_seconds: Option<f64>,
    /// Nineteen of twenty took at most so many seconds.
    p95_seconds: Option<f64>,
    /// How many there were; the newest `countsStopAt` at most.
    count: i64,
    /// By day (UTC), oldest first; only days on which there were some.
    days: Vec<HowLongDay>,
}

/// How long it took on one day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HowLongDay {
    /// The day (UTC) on which it was done.
    #[schema(example = "2026-03-01")]
    day: String,
    /// Half of them took at most so many seconds.
    p50_seconds: f64,
    /// How many.
    count: i64,
}

/// What was read.
pub(super) struct Read {
    pub(super) needs: Vec<Need>,
    pub(super) counts: Counts,
    pub(super) days: Vec<DayCame>,
    pub(super) verified: Times,
    pub(super) active: Times,
    pub(super) onboarded: Times,
}

impl Read {
    /// For somebody who may read of mail or not, and of who carries it or not.
    pub(super) fn shown(self, mail: bool, providers: bool) -> Overview {
        let Self { needs, counts, days, verified, active, onboarded } = self;
        let sent = |back: usize| {
            let day = days.len().checked_sub(1 + back).and_then(|at| days.get(at));
            mail.then(|| day.map_or(0, |day| day.mail.iter().map(|of| of.sent).sum()))
        };
        let numbers = OverviewCounts {
            messages_today: sent(0),
            messages_yesterday: sent(1),
            tenants: counts.tenants.into_iter().collect(),
            runs: OverviewRuns { running: counts.running, waiting: counts.waiting, failed24h: counts.failed_24h },
            domains: OverviewDomains {
                verified: counts.domains_verified,
                pending: counts.domains_pending,
                degraded: counts.domains_degraded,
            },
            portals: OverviewPortals {
                active: counts.portals_active,
                pending: counts.portals_pending,
                failed: counts.portals_failed,
            },
        };
        Overview {
            needs_action: needs.into_iter().map(NeedsAction::from).collect(),
            counts: numbers,
            counts_stop_at: MOST,
            delivery_by_provider: if mail { deliveries(&days, providers) } else { Vec::new() },
            days: days.iter().map(OverviewDay::from).collect(),
            time_to_verified: verified.into(),
            time_to_active: active.into(),
            onboarding: onboarded.into(),
        }
    }
}

/// What became of mail, by who carried it, or all together.
fn deliveries(days: &[DayCame], providers: bool) -> Vec<ProviderDelivery> {
    let name = |of: &ProviderDay| if providers { of.provider.clone() } else { MAIL.to_owned() };
    let mut names: Vec<String> = days.iter().flat_map(|day| day.mail.iter().map(name)).collect();
    names.sort_unstable();
    names.dedup();
    let line = |provider: String| {
        let days = days.iter().map(|day| {
            let start = ProviderDeliveryDay { day: date(day.day), ..ProviderDeliveryDay::default() };
            day.mail.iter().filter(|of| name(of) == provider).fold(start, |sum, of| ProviderDeliveryDay {
                day: sum.day,
                sent: sum.sent + of.sent,
                delivered: sum.delivered + of.delivered,
                bounced: sum.bounced + of.bounced,
                complained: sum.complained + of.complained,
                failed: sum.failed + of.failed,
            })
        });
        ProviderDelivery { days: days.collect(), provider: provider.clone() }
    };
    names.into_iter().map(line).collect()
}

impl From<&DayCame> for OverviewDay {
    fn from(came: &DayCame) -> Self {
        let runs = came.runs;
        Self { day: date(came.day), started: runs.started, completed: runs.completed, failed: runs.failed }
    }
}

impl From<Times> for HowLong {
    fn from(times: Times) -> Self {
        let day = |day: tenantry_store::overview::DayTime| HowLongDay {
            day: date(day.day),
            p50_seconds: day.p50,
            count: day.count,
        };
        Self {
            p50_seconds: times.p50,
            p95_seconds: times.p95,
            count: times.count,
            days: times.days.into_iter().map(day).collect(),
        }
    }
}

fn date(day: Date) -> String {
    day.format(format_description!("[year]-[month]-[day]")).unwrap_or_default()
}
