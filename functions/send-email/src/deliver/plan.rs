//! What is to be done with a message whose turn has come: the rules, given the facts.

use std::{collections::HashMap, time::Duration};

use tenantry_mail::{Again, Asked, Decision, Draft, Mailbox, ProviderView, Sender, route, sift};
use tenantry_model::{ErrorClass, Fault, TenantId};
use tenantry_outbox::wishes;
use tenantry_store::mail::{ChoiceRow, SuppressionRow};
use tenantry_workflows::email_delivery::{Data, Event, Plan};
use time::OffsetDateTime;

/// A provider remembers a key for 24 hours; an hour is for clocks that differ and requests under way.
const REMEMBERED: Duration = Duration::from_secs(23 * 3600);

/// What is known about the tenants and recipients of a batch.
pub(super) struct Known {
    pub(super) senders: HashMap<TenantId, Sender>,
    pub(super) suppressions: Vec<SuppressionRow>,
    pub(super) choices: Vec<ChoiceRow>,
    pub(super) enabled: bool,
    pub(super) patience: u64,
    pub(super) now: OffsetDateTime,
}

/// Decides about one message.
pub(super) fn decide(
    known: &Known,
    data: &Data,
    draft: &Draft,
    waited: u64,
    views: &[ProviderView<'_>],
    idempotent: impl Fn(&str) -> bool,
) -> Event {
    let refused = |words: String| Event::Refused(Fault::new(ErrorClass::EmailRefused, words));
    let Some(sender) = known.senders.get(&draft.tenant) else {
        return refused("the tenant is not there any more".to_owned());
    };
    // What was begun is finished in the very same way.
    if let (Some(plan), true) = (&data.plan, data.bound) {
        return again(known, plan, draft, sender, views);
    }
    let (defaults, recipients) = wishes(draft, &known.suppressions, &known.choices);
    let sifted = sift(draft, &defaults, &recipients, known.now);
    if sifted.is_empty() {
        let why: Vec<&str> = sifted.left_out.iter().map(|out| out.why.as_str()).collect();
        return Event::Suppressed { reason: why.first().map_or_else(String::new, |why| (*why).to_owned()) };
    }
    let avoid: Vec<String> = data.avoid.iter().cloned().collect();
    let asked = Asked {
        enabled: known.enabled,
        avoid: &avoid,
        recipients: sifted.to.len() + sifted.cc.len() + sifted.bcc.len(),
        // What it has waited already is patience that it has shown.
        ..Asked::of(draft, known.patience.saturating_sub(waited))
    };
    match route(&asked, sender, views) {
        Decision::Send(route) => {
            let another = |view: &ProviderView<'_>| {
                let may = (view.may_send_for)(&route.domain) || view.default_domain.is_some() && !draft.insist_from;
                view.name != route.provider && may
            };
            Event::Admitted(Plan {
                fallback: views.iter().any(another) && data.avoid.is_none(),
                until: idempotent(&route.provider).then(|| (known.now + REMEMBERED).unix_timestamp()),
                idempotent: idempotent(&route.provider),
                from: route.from.address.as_str().to_owned(),
                from_name: route.from.name,
                reply_to: route.reply_to.map(|mailbox| mailbox.address.as_str().to_owned()),
                batch: None,
                without: sifted.left_out.iter().map(|out| out.address.key()).collect(),
                why: route.why.iter().map(|reason| reason.code.clone().into_owned()).collect(),
                provider: route.provider,
            })
        }
        decision => not_now(&decision),
    }
}

/// The very same attempt, if its provider can be asked.
fn again(known: &Known, plan: &Plan, draft: &Draft, sender: &Sender, views: &[ProviderView<'_>]) -> Event {
    if plan.until.is_some_and(|until| known.now.unix_timestamp() >= until) {
        let words = "the provider may have forgotten the attempt by now; asked again, it could send the message twice";
        return Event::Refused(Fault::new(ErrorClass::UnknownOutcome, words));
    }
    let Ok(address) = plan.from.parse() else {
        return Event::Refused(Fault::new(ErrorClass::EmailRefused, "the address it was sent from cannot be read"));
    };
    let from = Mailbox { name: plan.from_name.clone(), address };
    let asked = Asked {
        enabled: known.enabled,
        again: Some(Again { provider: &plan.provider, from: &from }),
        ..Asked::of(draft, u64::MAX)
    };
    match route(&asked, sender, views) {
        Decision::Send(_) => Event::Admitted(plan.clone()),
        decision => not_now(&decision),
    }
}

fn not_now(decision: &Decision) -> Event {
    // Its lane is shut by the statement that suspends it, so this turn should not have come; it waits until the lane is open again.
    let shut = ["suspended", "leaving"].contains(&decision.code());
    let reason = decision.why().last().map_or_else(String::new, |reason| reason.text.clone());
    match decision {
        Decision::Refuse { .. } if shut => Event::Held { seconds: 900, reason },
        Decision::Suppress { .. } => Event::Suppressed { reason },
        Decision::Hold { seconds, .. } => Event::Held { seconds: *seconds, reason },
        Decision::Refuse { .. } | Decision::Send(_) => Event::Refused(Fault::new(ErrorClass::EmailRefused, reason)),
    }
}
