//! The companies that host zones, recognised by the names of their servers, and their own words for the fields.

mod proxies;
mod table;

pub(crate) use proxies::is_proxy;
use table::HOSTS;

use crate::{HostHint, Name};

/// What leads the top of a zone to a host elsewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Top {
    /// This record.
    By(&'static str),
    /// Nothing can there.
    Nothing,
    /// It is not known what can there.
    Unknown,
}

/// A company that hosts zones.
#[derive(Debug)]
pub(crate) struct Host {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its name servers: `example.net` is that name and all below, `awsdns-*` a label that begins so, `azure-dns.*` that
    /// label in front of any top level.
    pub(crate) servers: &'static [&'static str],
    /// The field for a record's name.
    pub(crate) name_field: &'static str,
    /// What stands in it for the zone itself: `@`, or nothing.
    pub(crate) apex: &'static str,
    /// The field for a TXT record's text.
    pub(crate) text_field: &'static str,
    /// The field for the host of an MX record.
    pub(crate) mail_field: &'static str,
    /// The field for a CNAME's target.
    pub(crate) alias_field: &'static str,
    /// The field for an MX record's preference; none: it stands in front of the host, in the same field.
    pub(crate) priority_field: Option<&'static str>,
    /// Whether a text must be typed in double quotes, in pieces of at most 255 bytes.
    pub(crate) quotes: bool,
    /// Whether a host must end in a dot, since the zone is appended otherwise.
    pub(crate) dot: bool,
    /// What leads the zone itself to a host elsewhere, where no CNAME can stand.
    pub(crate) top: Top,
    /// Something else to know there.
    pub(crate) note: Option<&'static str>,
}

impl Host {
    /// The hint that people are shown.
    fn hint(&self) -> HostHint {
        let apex = match self.apex {
            "" => "left empty for the zone itself".to_owned(),
            apex => format!("`{apex}` for the zone itself"),
        };
        let value = if self.text_field == self.mail_field {
            self.text_field.to_owned()
        } else {
            format!("{} (TXT), {} (MX)", self.text_field, self.mail_field)
        };
        let value = match (self.quotes, self.dot) {
            (true, _) => format!("{value}: a text stands in double quotes, in pieces of at most 255 characters"),
            (false, true) => format!("{value}: a text without quotes, a host with a final dot"),
            (false, false) => format!("{value}: without quotes, without a final dot"),
        };
        HostHint {
            name: self.name.to_owned(),
            name_field: format!("{}: the part in front of the zone; {apex}", self.name_field),
            value_field: value,
            note: self.note.map(str::to_owned),
        }
    }
}

/// Who hosts the zone that these servers hold: the host that most of them belong to, the first named one where two have as
/// many; none where nobody is recognised.
#[must_use]
pub fn host_of(servers: &[Name]) -> Option<HostHint> {
    recognise(servers.iter().map(String::as_str)).map(Host::hint)
}

/// As [`host_of`], with everything that is known.
pub(crate) fn recognise<'a>(servers: impl Iterator<Item = &'a str>) -> Option<&'static Host> {
    let mut counts = vec![0_usize; HOSTS.len()];
    for server in servers {
        let server = server.trim_end_matches('.').to_ascii_lowercase();
        if let Some(index) = HOSTS.iter().position(|host| host.servers.iter().any(|pattern| matches(pattern, &server)))
        {
            counts[index] += 1;
        }
    }
    let most = *counts.iter().max()?;
    if most == 0 {
        return None;
    }
    counts.iter().position(|count| *count == most).map(|index| &HOSTS[index])
}

fn matches(pattern: &str, server: &str) -> bool {
    let labels: Vec<&str> = server.split('.').collect();
    if let Some(start) = pattern.strip_suffix("-*") {
        return labels.iter().any(|label| label.strip_prefix(start).is_some_and(|rest| rest.starts_with('-')));
    }
    if let Some(label) = pattern.strip_suffix(".*") {
        return labels.len() >= 2 && labels[labels.len() - 2] == label;
    }
    server == pattern || server.strip_suffix(pattern).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_pattern_holds_whole_labels() {
        assert!(matches("ovh.net", "dns12.ovh.net"));
        assert!(!matches("ovh.net", "ns.notovh.net"));
        assert!(matches("awsdns-*", "ns-1.awsdns-12.co.uk"));
        assert!(!matches("awsdns-*", "ns1.awsdns.example"));
        assert!(matches("ui-dns.*", "ns1045.ui-dns.biz"));
        assert!(!matches("ui-dns.*", "ui-dns.biz.example.com"));
        assert!(!matches("hetzner.*", "hetzner"));
    }
}
