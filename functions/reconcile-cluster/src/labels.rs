//! What our objects are marked with, and what is read back from it.

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use tenantry_cluster::Found;
use uuid::Uuid;

/// The label that makes an object ours; its value is [`YES`].
pub const MANAGED: &str = "portal.tenantry.dev/managed";
/// The label with the tenant's id.
pub const TENANT: &str = "portal.tenantry.dev/tenant";
/// The label with the id of the row of `portal_domains`.
pub const DOMAIN_ID: &str = "portal.tenantry.dev/domain-id";
/// The label with the hostname as far as a label can hold it; as an annotation, the whole of it.
pub const HOST: &str = "portal.tenantry.dev/host";
/// The annotation with the hash of what we wrote.
pub const HASH: &str = "portal.tenantry.dev/hash";
/// By which name the common tools show who manages an object.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The value of [`MANAGED_BY`].
pub const TENANTRY: &str = "tenantry";
/// The value of [`MANAGED`].
pub const YES: &str = "true";

/// The longest value of a label, in bytes.
const LONGEST: usize = 63;

/// The selector by which all that we manage is listed.
#[must_use]
pub fn selector() -> String {
    format!("{MANAGED}={YES}")
}

/// Whether these labels say that the object is ours.
#[must_use]
pub fn ours(labels: &BTreeMap<String, String>) -> bool {
    labels.get(MANAGED).is_some_and(|value| value == YES)
}

/// The name of a row's objects, of each kind the same: `portal-` and the id in 32 hexadecimal digits.
#[must_use]
pub fn name(row: Uuid) -> String {
    format!("portal-{}", row.simple())
}

/// The row that a name is made of.
#[must_use]
pub fn row_of_name(name: &str) -> Option<Uuid> {
    Uuid::try_parse(name.strip_prefix("portal-")?).ok()
}

/// The row that an object belongs to: its label says so, and its name agrees. A copy under another name belongs to no
/// row, whatever its labels say.
#[must_use]
pub fn row(found: &Found) -> Option<Uuid> {
    let row = found.labels.get(DOMAIN_ID)?.parse().ok()?;
    (found.key.name == name(row)).then_some(row)
}

/// A hostname as the value of a label: itself, or its beginning with a piece of its SHA-256 where it is longer than a
/// label may be or holds what a label may not.
#[must_use]
pub fn host(host: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if host.len() <= LONGEST && host.chars().all(plain) && edge(host.chars().next()) && edge(host.chars().last()) {
        return host.to_owned();
    }
    let digest = hex::encode(&digest::digest(&digest::SHA256, host.as_bytes()).as_ref()[..8]);
    let room = LONGEST - digest.len() - 1;
    let start: String = host.chars().filter(|c| plain(*c)).take(room).collect();
    let start = start.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    if start.is_empty() { digest } else { format!("{start}-{digest}") }
}
