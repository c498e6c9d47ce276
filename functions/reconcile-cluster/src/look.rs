//! How far a hostname's certificate is, and whether what we wrote is there.

use serde_json::{Value, json};
use tenantry_cluster::{Kind, Object};
use tenantry_model::{ErrorClass, Fault, TenantId};
use tenantry_runtime::Job;
use tenantry_store::{
    Tx,
    portal::{self, PortalFacts, Sight},
};
use tenantry_workflows::portal_domain::{Event, Issuing};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    diagnosis::{Phase, Progress, diagnose},
    labels,
    parts::{Parts, said},
    render::Hostname,
};

/// What was seen.
pub struct Looked {
    issuing: Issuing,
    words: String,
    detail: String,
    row: Value,
}

/// Looks. Without a cluster nobody can: another system applies what we commit.
pub(crate) async fn look(parts: &Parts, facts: &PortalFacts, now: OffsetDateTime) -> Result<Looked, Fault> {
    let Some(cluster) = parts.cluster().await.map_err(said)? else {
        return Ok(Looked {
            issuing: Issuing::Unwatched,
            words: String::new(),
            detail: String::new(),
            row: json!({ "phase": "unwatched", "at": stamp(now) }),
        });
    };
    let key = parts.rendering.key(Kind::Certificate, facts.id);
    let chain = cluster.chain(&key).await.map_err(said)?;
    let seen = diagnose(&chain, now);
    let version = chain.certificate.as_ref().and_then(|object| object["metadata"]["resourceVersion"].as_str());
    let row = json!({
        "phase": phase(seen.phase), "words": seen.why, "detail": seen.detail, "since": seen.since.and_then(stamp),
        "notAfter": seen.not_after.and_then(stamp), "renewal": seen.renewal.and_then(stamp), "fingerprint": seen.fingerprint,
        "nextTry": seen.next_try.and_then(stamp), "resourceVersion": version, "at": stamp(now),
    });
    let there = stands(parts, facts).await?;
    Ok(Looked { issuing: issuing(&seen, there, facts.was_active), words: seen.why, detail: seen.detail, row })
}

fn issuing(seen: &Progress, there: bool, was_active: bool) -> Issuing {
    match seen.phase {
        _ if !there => Issuing::Absent,
        Phase::Absent => Issuing::Absent,
        Phase::Waiting | Phase::Issuing => Issuing::Ordered,
        Phase::Failed => Issuing::Refused,
        // It is good still, and its renewal is in trouble.
        Phase::Ready if was_active && !seen.why.is_empty() => Issuing::Refused,
        Phase::Ready => Issuing::Ready,
    }
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Absent => "absent",
        Phase::Waiting => "waiting",
        Phase::Issuing => "issuing",
        Phase::Failed => "failed",
        Phase::Ready => "ready",
    }
}

/// Whether the three objects of a hostname are in the cluster as we want them. Without a cluster: as far as anybody knows.
pub(crate) async fn stands(parts: &Parts, facts: &PortalFacts) -> Result<bool, Fault> {
    let Some(cluster) = parts.cluster().await.map_err(said)? else { return Ok(true) };
    let hostname = Hostname {
        id: facts.id,
        tenant: TenantId(facts.tenant_id),
        slug: facts.slug.clone(),
        host: facts.domain.clone(),
        secret: facts.secret_name.clone(),
    };
    let objects: [Object; 3] = parts
        .rendering
        .objects(&hostname)
        .map_err(|_| Fault::new(ErrorClass::InternalError, "a hostname cannot be written as an object"))?;
    for object in &objects {
        let found = cluster.get(&object.key).await.map_err(said)?;
        let same = found.is_some_and(|(found, _)| {
            !found.deleting && found.annotations.get(labels::HASH) == object.annotations.get(labels::HASH)
        });
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Keeps what was seen, and tells the life.
pub(crate) async fn record(tx: &mut Tx, job: &Job, looked: &Looked) -> Result<Event, Fault> {
    portal::look_at(tx, job.run, Sight::Certificate, &looked.row, job.now).await?;
    if looked.issuing == Issuing::Refused {
        portal::order_failed(tx, job.run, job.now).await?;
    }
    Ok(Event::CertificateSeen { issuing: looked.issuing, words: looked.words.clone(), detail: looked.detail.clone() })
}

fn stamp(at: OffsetDateTime) -> Option<String> {
    at.format(&Rfc3339).ok()
}
