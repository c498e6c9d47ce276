//! Values of records: from the words of a zone file and back (RFC 1035 section 5).

use super::error::Wrong;
use hickory_server::proto::rr::rdata::{CNAME, MX, NS, PTR, SOA, TXT};
use hickory_server::proto::rr::{Name, RData, RecordType};

/// The longest string of a TXT record in bytes (RFC 1035 section 3.3).
const MAX_STRING: usize = 255;

/// An absolute name, whether it was written with its last dot or not.
pub(super) fn name(text: &str) -> Result<Name, Wrong> {
    let wrong = || Wrong::Name(text.to_owned());
    if text.is_empty() {
        return Err(wrong());
    }
    // Underscores begin many a name in DNS, so the strict rules for hosts are not for us.
    let mut name = Name::from_str_relaxed(text).map_err(|_| wrong())?;
    name.set_fqdn(true);
    Ok(name)
}

/// A type that may be set by hand.
pub(super) fn kind(text: &str) -> Result<RecordType, Wrong> {
    let wrong = || Wrong::Kind(text.to_owned());
    let kind: RecordType = text.to_ascii_uppercase().parse().map_err(|_| wrong())?;
    let own = matches!(kind, RecordType::ANY | RecordType::AXFR | RecordType::IXFR | RecordType::OPT);
    if own { Err(wrong()) } else { Ok(kind) }
}

/// Reads a value.
pub(super) fn read(kind: RecordType, value: &str) -> Result<RData, Wrong> {
    let wrong = || Wrong::Value { kind: kind.to_string(), value: value.to_owned() };
    if kind == RecordType::TXT && !value.trim_start().starts_with('"') {
        let strings: Vec<&[u8]> = match value {
            "" => vec![&[]],
            value => value.as_bytes().chunks(MAX_STRING).collect(),
        };
        return Ok(RData::TXT(TXT::from_bytes(strings)));
    }
    let data = RData::try_from_str(kind, value).map_err(|_| wrong())?;
    match data {
        RData::TXT(txt) if txt.txt_data.iter().any(|string| string.len() > MAX_STRING) => Err(wrong()),
        data => Ok(absolute(data)),
    }
}

/// Names inside values are absolute too.
fn absolute(data: RData) -> RData {
    let rooted = |mut name: Name| {
        name.set_fqdn(true);
        name
    };
    match data {
        RData::CNAME(CNAME(name)) => RData::CNAME(CNAME(rooted(name))),
        RData::NS(NS(name)) => RData::NS(NS(rooted(name))),
        RData::PTR(PTR(name)) => RData::PTR(PTR(rooted(name))),
        RData::MX(mx) => RData::MX(MX::new(mx.preference, rooted(mx.exchange))),
        RData::SOA(soa) => {
            let (server, mailbox) = (rooted(soa.mname), rooted(soa.rname));
            RData::SOA(SOA::new(server, mailbox, soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum))
        }
        RData::SRV(mut srv) => {
            srv.target = rooted(srv.target);
            RData::SRV(srv)
        }
        other => other,
    }
}

/// Writes a value as a zone file has it.
pub(super) fn write(data: &RData) -> String {
    let RData::TXT(txt) = data else { return data.to_string() };
    let strings = txt.txt_data.iter().map(|string| {
        let text = String::from_utf8_lossy(string);
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    });
    strings.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_it_must_be_unless_its_strings_are_given() {
        let long = "k".repeat(400);
        for (value, written) in [
            ("v=spf1 -all", r#""v=spf1 -all""#.to_owned()),
            ("", r#""""#.to_owned()),
            (long.as_str(), format!("\"{}\" \"{}\"", "k".repeat(255), "k".repeat(145))),
            (r#""one " "two""#, r#""one " "two""#.to_owned()),
            (r#""\"quoted\"""#, r#""\"quoted\"""#.to_owned()),
        ] {
            assert_eq!(read(RecordType::TXT, value).map(|data| write(&data)), Ok(written), "{value}");
        }
        let too_long = format!("\"{}\"", "k".repeat(256));
        assert!(read(RecordType::TXT, &too_long).is_err());
    }

    #[test]
    fn names_in_values_are_absolute_with_or_without_the_last_dot() {
        for value in ["10 mx.a.example", "10 mx.a.example."] {
            assert_eq!(read(RecordType::MX, value).map(|data| write(&data)), Ok("10 mx.a.example.".to_owned()));
        }
        assert!(read(RecordType::MX, "mx.a.example").is_err());
        assert!(read(RecordType::A, "::1").is_err());
    }

    #[test]
    fn some_types_are_not_set_by_hand() {
        assert_eq!(kind("txt"), Ok(RecordType::TXT));
        for text in ["OPT", "ANY", "AXFR", "COLOUR", ""] {
            assert_eq!(kind(text), Err(Wrong::Kind(text.to_owned())));
        }
    }
}
