//! What a batch says about the providers themselves.

use std::collections::BTreeSet;

use serde_json::json;
use tenantry_provider::{Health, breaker::Turn};
use tenantry_runtime::Drawing;
use tenantry_store::{Result, mail};

use super::{Delivery, hand::Handed};

impl Delivery {
    /// Notes what was heard of the providers. One that is well and was well costs nothing.
    pub(super) async fn note_health(&self, with: &Drawing<'_>, handed: &[Handed], ailing: &[String]) {
        let mut names: Vec<&str> = handed.iter().map(|one| one.plan.provider.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let of_it: Vec<&Handed> = handed.iter().filter(|one| one.plan.provider == name).collect();
            if of_it.iter().all(|one| one.said.is_ok()) && !ailing.iter().any(|known| known == name) {
                continue;
            }
            if let Err(error) = note(with, name, &of_it).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(provider = name, error, "how a provider is could not be written");
            }
        }
        if let Some(first) = self.accounts.0.first().map(|account| account.provider.name()) {
            let others = handed.iter().filter(|one| one.plan.provider != first).count();
            if others > 0 {
                tracing::warn!(target: "alert", fallback_used = others, primary = first, "the fallback carries mail");
            }
        }
    }
}

async fn note(with: &Drawing<'_>, name: &str, handed: &[&Handed]) -> Result<()> {
    let now = with.db.clock().now();
    let mut tx = with.db.begin().await?;
    let before = mail::lock_health(&mut tx, name, now).await?;
    let mut health: Health = before.clone().and_then(|health| serde_json::from_value(health).ok()).unwrap_or_default();
    // A request is one thing that was said, however many messages were in it.
    let mut batches = BTreeSet::new();
    for one in handed.iter().filter(|one| one.plan.batch.is_none_or(|batch| batches.insert(batch))) {
        match health.heard(now, one.said.as_ref().map(|_| ())) {
            Some(Turn::Broke) => {
                tracing::error!(target: "alert", provider = name, "a provider is not asked for a while")
            }
            Some(Turn::Recovered) => tracing::info!(target: "alert", provider = name, "a provider is asked again"),
            None => {}
        }
    }
    let after = json!(health);
    if before.as_ref() != Some(&after) {
        mail::write_health(&mut tx, name, &after, now).await?;
    }
    Ok(tx.commit().await?)
}
