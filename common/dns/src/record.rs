//! A record that should be in the DNS.

use serde::{Deserialize, Serialize};

/// What a record is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// It shows that the tenant may change the zone: a random text of ours.
    Ownership,
    /// The key that mail is signed with (RFC 6376).
    #[serde(alias = "DKIM")]
    Dkim,
    /// Who may send for the name in the envelope (RFC 7208).
    #[serde(alias = "SPF")]
    Spf,
    /// Where bounces go: the MX of the name in the envelope.
    #[serde(alias = "MX", alias = "MAIL FROM")]
    ReturnPath,
    /// What receivers are to do with mail that fails (RFC 9989). Advised, never required.
    #[serde(alias = "DMARC")]
    Dmarc,
    /// It leads a hostname of the tenant's to its portal.
    Portal,
    /// Anything else that the provider wants.
    #[serde(other)]
    Other,
}

/// The type of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordType {
    /// Text (RFC 1035 section 3.3.14).
    Txt,
    /// Where mail goes (RFC 5321 section 5).
    Mx,
    /// Another name of something (RFC 1034 section 3.6.2).
    Cname,
    /// An IPv4 address.
    A,
    /// An IPv6 address (RFC 3596).
    Aaaa,
    /// A name server (RFC 1035 section 3.3.11).
    Ns,
    /// The start of a zone (RFC 1035 section 3.3.13).
    Soa,
    /// Which CAs may issue (RFC 8659).
    Caa,
}

impl std::fmt::Display for RecordType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(crate::render::kind(*self))
    }
}

/// A record that should be in the DNS. This is the API's shape of a record too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wanted {
    /// What it is for.
    #[serde(alias = "record")]
    pub purpose: Purpose,
    /// Its type: TXT, MX or CNAME.
    #[serde(rename = "type")]
    pub kind: RecordType,
    /// Its absolute name, in lower case, without a final dot.
    pub name: String,
    /// Its value: a TXT record's text without quotes, a host without a final dot.
    pub value: String,
    /// An MX record's preference, 0 to 65535.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u16>,
    /// Its time to live in seconds; none: as the zone likes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// Whether the domain can be used without it.
    #[serde(default = "yes")]
    pub required: bool,
}

fn yes() -> bool {
    true
}
