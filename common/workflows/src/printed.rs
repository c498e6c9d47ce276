//! The printed tables, for whoever draws them.

/// A kind's table and diagram as they are committed (Markdown; a test holds them to the code): its states in their order, and in a
/// Mermaid block every arrow between them. None for a kind of another version.
#[must_use]
pub fn printed(kind: &str) -> Option<&'static str> {
    TABLES.iter().find(|(name, _)| *name == kind).map(|(_, table)| *table)
}

macro_rules! tables {
    ($($kind:literal),+ $(,)?) => {
        &[$(($kind, include_str!(concat!("../tables/", $kind, ".md")))),+]
    };
}

static TABLES: &[(&str, &str)] = tables![
    "drill",
    "email_delivery",
    "email_domain",
    "orphan_report",
    "portal_domain",
    "portal_sync",
    "sending_pause",
    "tenant_change",
    "tenant_export",
    "tenant_import",
    "tenant_offboarding",
    "tenant_onboarding",
    "webhook_delivery",
];

#[cfg(test)]
mod tests {
    #[test]
    fn every_kind_is_printed() {
        let missing: Vec<&str> =
            crate::kinds().iter().map(|kind| kind.kind()).filter(|kind| super::printed(kind).is_none()).collect();
        assert!(missing.is_empty(), "add these to the list of tables in printed.rs: {missing:?}");
    }
}
