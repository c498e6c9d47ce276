//! Two tenants that want one name, and what must be true of them whatever they do.

use std::{collections::HashMap, time::Duration};

use serde_json::json;
use tenantry_dns::{Purpose, Wanted};
use tenantry_model::{RunId, TenantId};
use uuid::Uuid;

use crate::{TestStack, wait::PATIENCE};

/// A tenant's claim to the name, as its row says.
#[derive(Debug, sqlx::FromRow)]
struct Claim {
    id: Uuid,
    tenant_id: Uuid,
    token: String,
    holds: bool,
    sends: bool,
    verified: bool,
    provider_domain_id: Option<String>,
}

/// Two tenants, one name, one zone.
pub struct Rivals<'a> {
    pub stack: &'a TestStack,
    pub zone: String,
    pub name: String,
    pub tenants: [TenantId; 2],
    /// The last domain of each.
    pub runs: [Option<RunId>; 2],
    /// Domains that were verified when we looked last, and those from which mail left, with the provider's ids.
    verified: Vec<Uuid>,
    sending: HashMap<Uuid, String>,
    steps: Vec<String>,
}

impl<'a> Rivals<'a> {
    /// Two tenants that want `mail.<zone>`. Nobody has published anything.
    pub fn new(stack: &'a TestStack, zone: &str, tenants: [TenantId; 2]) -> Self {
        stack.dns().add_zone(zone).expect("a zone");
        Self {
            stack,
            zone: zone.to_owned(),
            name: format!("mail.{zone}"),
            tenants,
            runs: [None; 2],
            verified: Vec::new(),
            sending: HashMap::new(),
            steps: Vec::new(),
        }
    }

    /// The domain of one of them.
    pub fn run(&self, who: usize) -> RunId {
        self.runs[who].unwrap_or_else(|| panic!("{who} has added nothing yet: {:?}", self.steps))
    }

    /// The state of its life.
    pub async fn state(&self, who: usize) -> String {
        self.stack.state(self.run(who)).await
    }

    /// One of them adds the name, and is told what to publish, or why not.
    pub async fn adds(&mut self, who: usize) {
        self.runs[who] = Some(self.stack.add_domain(self.tenants[who], &self.name).await);
        self.rests(&format!("{who} adds")).await;
    }

    /// Whoever runs the zone publishes what one of them is shown, until it is shown nothing new, and says so. What the other has
    /// published stays where both can stand.
    pub async fn publishes(&mut self, who: usize) {
        for _ in 0..3 {
            let wanted = self.stack.wanted(self.run(who)).await;
            self.puts(&wanted);
            // Refused while it is being removed.
            let _ = self.stack.signal(self.run(who), "dnsConfigured", json!({})).await;
            self.stack.rest(&self.name).await;
            if self.stack.wanted(self.run(who)).await == wanted {
                break;
            }
        }
        self.rests(&format!("{who} publishes")).await;
    }

    /// Puts records there; each tenant's text stands beside the others'.
    pub fn puts(&self, wanted: &[Wanted]) {
        let (texts, others): (Vec<_>, Vec<_>) =
            wanted.iter().cloned().partition(|record| record.purpose == Purpose::Ownership);
        self.stack.publish(&self.zone, &others);
        for text in texts {
            self.stack.dns().add(&text.name, "TXT", 300, &text.value).expect("a record");
        }
    }

    /// The zone says of nobody any more that it is its own.
    pub fn forgets_texts(&self) {
        self.stack.dns().remove(&format!("_tenantry.{}", self.name), "TXT").expect("a zone");
    }

    /// One of them asks to look again.
    pub async fn refreshes(&mut self, who: usize) {
        let _ = self.stack.signal(self.run(who), "refreshStatus", json!({})).await;
        self.rests(&format!("{who} refreshes")).await;
    }

    /// One of them removes its domain; one that is gone already, or was never there, is left alone.
    pub async fn removes(&mut self, who: usize) {
        if let Some(run) = self.runs[who] {
            let _ = self.stack.signal(run, "remove", json!({ "by": "somebody" })).await;
        }
        self.rests(&format!("{who} removes")).await;
    }

    /// An operator answers what it is asked about one of them.
    pub async fn is_answered(&mut self, who: usize, action: &str) {
        self.stack.answer(self.run(who), json!({ "action": action })).await;
        self.rests(&format!("{who} is answered {action}")).await;
    }

    /// Time passes.
    pub async fn waits(&mut self, time: Duration) {
        self.stack.pass(time);
        self.stack.idle(&self.name).await;
        self.rests(&format!("{time:?} pass")).await;
    }

    /// Comes to rest, and everything is as it must be.
    pub async fn rests(&mut self, step: &str) {
        self.steps.push(step.to_owned());
        self.stack.rest(&self.name).await;
        self.holds_true().await;
    }

    fn text_is_there(&self, token: &str) -> bool {
        let texts = self.stack.dns().get(&format!("_tenantry.{}", self.name), "TXT");
        texts.is_some_and(|texts| texts.values.iter().any(|value| value.contains(token)))
    }

    /// What must be true after every step.
    async fn holds_true(&mut self) {
        let claims: Vec<Claim> = sqlx::query_as(
            "select d.id, d.tenant_id, d.token, d.holds, d.sends, d.verified_at is not null as verified, p.provider_domain_id
             from email_domains d left join provider_domains p on p.domain_id = d.id where d.name = $1",
        )
        .bind(&self.name)
        .fetch_all(&self.stack.sql)
        .await
        .expect("claims");
        let steps = &self.steps;
        assert!(claims.iter().filter(|claim| claim.holds).count() <= 1, "two hold it after {steps:?}: {claims:?}");
        let at_provider: Vec<String> =
            self.stack.resend().domains().into_iter().filter(|d| d.name == self.name).map(|d| d.id).collect();
        assert!(at_provider.len() <= 1, "{at_provider:?}");
        for claim in &claims {
            let shown = self.text_is_there(&claim.token);
            assert!(
                shown || !claim.verified || self.verified.contains(&claim.id),
                "verified without its own text after {steps:?}: {claim:?}"
            );
            let before = self.sending.get(&claim.id);
            assert!(
                shown || !claim.sends || before.is_some(),
                "switched on without its own text after {steps:?}: {claim:?}"
            );
            assert!(claim.holds || !claim.sends);
            if claim.sends {
                let id = claim.provider_domain_id.clone().expect("an id at the provider");
                assert!(at_provider.contains(&id), "the provider's domain is gone after {steps:?}: {claim:?}");
                assert!(before.is_none_or(|before| *before == id), "it became another after {steps:?}: {claim:?}");
            }
        }
        self.verified.extend(claims.iter().filter(|claim| claim.verified).map(|claim| claim.id));
        self.sending = claims
            .iter()
            .filter_map(|claim| Some((claim.id, claim.provider_domain_id.clone().filter(|_| claim.sends)?)))
            .collect();
        let said: Vec<Uuid> = sqlx::query_scalar(
            "select tenant_id from tenant_email_settings where custom_domain = $1 and domain_verified",
        )
        .bind(&self.name)
        .fetch_all(&self.stack.sql)
        .await
        .expect("settings");
        for who in 0..2 {
            let tenant = self.tenants[who];
            let sends = claims.iter().any(|claim| claim.sends && claim.tenant_id == tenant.0);
            assert_eq!(said.contains(&tenant.0), sends, "the settings of {who} after {:?}: {claims:?}", self.steps);
            let from = self.sender(who).await;
            assert_eq!(from.contains(&self.name), sends, "{who} sends as {from} after {:?}: {claims:?}", self.steps);
        }
    }

    /// From where a message of one of them leaves that wants to come from the name.
    pub async fn sender(&self, who: usize) -> String {
        let to = format!("{}@customer.test", Uuid::new_v4().simple());
        let mut draft = self.stack.draft(self.tenants[who], &to);
        draft.from = Some(format!("ceo@{}", self.name).parse().expect("a mailbox"));
        self.stack.post(vec![draft]).await;
        let mail = self.stack.resend().find(|mail| mail.to.iter().any(|one| one.contains(&to)), PATIENCE).await;
        mail.expect("the mail").from.clone()
    }
}
