//! Who may do what, and who did.

use serde::Deserialize;

use super::{
    moment::Moment,
    table::{Tone, Toned, details, or_dash, table, time_or_dash},
};
use crate::output::Paint;

/// The caller.
#[derive(Debug, Deserialize)]
pub struct Me {
    /// Who.
    pub subject: String,
    /// Whose tenant; none for the platform's own people.
    #[serde(default)]
    pub tenant: Option<String>,
    /// As what.
    #[serde(default)]
    pub roles: Vec<String>,
    /// What that allows.
    #[serde(default)]
    pub permissions: Vec<String>,
}

/// The caller, for people.
#[must_use]
pub fn me(me: &Me, paint: Paint) -> String {
    let pairs = vec![
        ("subject", me.subject.as_str().into()),
        ("tenant", or_dash(me.tenant.as_deref())),
        ("roles", or_dash(Some(&me.roles.join(", ")))),
        ("permissions", or_dash(Some(&me.permissions.join(", ")))),
    ];
    details(pairs, paint)
}

/// An API key.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    /// `key_...`
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    #[serde(default)]
    pub permissions: Vec<String>,
    /// When it stops to work.
    #[serde(default)]
    pub expires_at: Option<Moment>,
    /// When it was revoked.
    #[serde(default)]
    pub revoked_at: Option<Moment>,
    /// When it was last used.
    #[serde(default)]
    pub last_used_at: Option<Moment>,
    /// The secret, only when it was just made.
    #[serde(default)]
    pub secret: Option<String>,
}

impl ApiKey {
    fn standing(&self, now: Moment) -> Toned {
        if self.revoked_at.is_some() {
            Toned("revoked".to_owned(), Tone::Faint)
        } else if self.expires_at.is_some_and(|end| end <= now) {
            Toned("expired".to_owned(), Tone::Faint)
        } else {
            Toned("works".to_owned(), Tone::Good)
        }
    }
}

/// Keys, one per line.
#[must_use]
pub fn keys(keys: &[ApiKey], now: Moment, paint: Paint) -> String {
    let row = |key: &ApiKey| {
        vec![
            key.id.as_str().into(),
            key.name.as_str().into(),
            key.standing(now),
            key.permissions.join(", ").into(),
            time_or_dash(key.expires_at),
            time_or_dash(key.last_used_at),
        ]
    };
    let head = ["KEY", "NAME", "STATUS", "PERMISSIONS", "EXPIRES (UTC)", "LAST USED (UTC)"];
    table(&head, keys.iter().map(row).collect(), "No API keys.", paint)
}

/// A key that was just made.
#[must_use]
pub fn new_key(key: &ApiKey, paint: Paint) -> String {
    let pairs = vec![
        ("key", key.id.as_str().into()),
        ("name", key.name.as_str().into()),
        ("permissions", key.permissions.join(", ").into()),
        ("expires (UTC)", time_or_dash(key.expires_at)),
        ("secret", or_dash(key.secret.as_deref())),
    ];
    details(pairs, paint)
}

/// A line of the audit log.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditLine {
    /// Its place in the log.
    pub seq: i64,
    /// When.
    pub at: Moment,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// To what.
    pub subject: String,
    /// From where.
    #[serde(default)]
    pub source_ip: Option<String>,
    /// In which request.
    #[serde(default)]
    pub request_id: Option<String>,
}

/// A log that was verified.
#[derive(Debug)]
pub struct Verified {
    /// Whose; none: the platform's own.
    pub tenant_id: Option<String>,
    /// How many lines it has.
    pub lines: i64,
    /// The first line that is not what was written.
    pub first_broken: Option<i64>,
}

/// Logs, one per line, with what was found.
#[must_use]
pub fn verified(logs: &[Verified], paint: Paint) -> String {
    let row = |log: &Verified| {
        let found = match log.first_broken {
            None => Toned("intact".to_owned(), Tone::Good),
            Some(seq) => Toned(format!("broken at line {seq}"), Tone::Bad),
        };
        vec![log.tenant_id.as_deref().unwrap_or("the platform").into(), log.lines.to_string().into(), found]
    };
    table(&["LOG OF", "LINES", "FOUND"], logs.iter().map(row).collect(), "There are no logs yet.", paint)
}

/// The audit log, one line each.
#[must_use]
pub fn audit(lines: &[AuditLine], paint: Paint) -> String {
    let row = |line: &AuditLine| {
        vec![
            line.seq.to_string().into(),
            line.at.day_and_time().into(),
            line.actor.as_str().into(),
            line.action.as_str().into(),
            line.subject.as_str().into(),
            or_dash(line.source_ip.as_deref()),
            or_dash(line.request_id.as_deref()),
        ]
    };
    let head = ["SEQ", "AT (UTC)", "ACTOR", "ACTION", "SUBJECT", "FROM", "REQUEST"];
    table(&head, lines.iter().map(row).collect(), "The audit log is empty.", paint)
}
