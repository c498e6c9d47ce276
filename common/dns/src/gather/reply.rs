//! What a server's message says about the question that was put.

use hickory_net::proto::{
    op::{Message, ResponseCode},
    rr::{RData, Record},
};

use super::{
    exchange::kind_on_wire,
    name::{shown, within},
};
use crate::{Name, RecordType, Said, Trouble, Value};

/// CNAMEs that are followed.
pub(super) const ALIASES: usize = 8;
/// Name servers of one delegation that are looked at.
const SERVERS: usize = 16;

/// A message, read. `aliases` are the CNAMEs that it went through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// Records of the name, or of the last alias.
    Records { values: Vec<Value>, ttl: u32, aliases: Vec<Name> },
    /// Aliases whose last one has to be asked for elsewhere.
    Alias { aliases: Vec<Name> },
    /// There is nothing: `said` is `NoData` or `NxDomain`; `zone` is the owner of the SOA that came with it.
    Nothing { said: Said, zone: Option<Name>, aliases: Vec<Name> },
    /// Others hold the name: servers of the zone below, with the addresses that came along.
    Referral { zone: Name, servers: Vec<(Name, Vec<std::net::IpAddr>)> },
    /// Nothing that can be used.
    Failed(Trouble),
}

/// Reads a message. `strict`: a "no" counts only from a server that says it holds the zone (AA).
pub(super) fn read(message: &Message, name: &str, kind: RecordType, strict: bool) -> Heard {
    let missing = match message.metadata.response_code {
        ResponseCode::NoError => false,
        ResponseCode::NXDomain => true,
        ResponseCode::ServFail => return Heard::Failed(Trouble::ServFail),
        ResponseCode::Refused | ResponseCode::NotAuth => return Heard::Failed(Trouble::Refused),
        _ => return Heard::Failed(Trouble::Malformed),
    };
    let (aliases, alias_ttl) = aliases(message, name, kind);
    let last = aliases.last().map_or(name, String::as_str);
    let records: Vec<&Record> = of(&message.answers, last, kind).collect();
    if let Some(ttl) = records.iter().map(|record| record.ttl).min() {
        let values = records.iter().map(|record| value(&record.data)).collect();
        return Heard::Records { values, ttl: ttl.min(alias_ttl), aliases };
    }
    let soa = message.authorities.iter().find_map(|record| match &record.data {
        // RFC 2308 section 5: the smaller of the two.
        RData::SOA(soa) => Some((shown(&record.name), record.ttl.min(soa.minimum))),
        _ => None,
    });
    let soa = soa.filter(|(zone, _)| within(last, zone));
    if !aliases.is_empty() && soa.is_none() {
        return Heard::Alias { aliases };
    }
    if soa.is_none()
        && !missing
        && !message.metadata.authoritative
        && let Some(referral) = referral(message, name)
    {
        return referral;
    }
    if strict && !message.metadata.authoritative {
        return Heard::Failed(Trouble::Refused);
    }
    let (zone, negative_ttl) = soa.unzip();
    let said = if missing { Said::NxDomain { negative_ttl } } else { Said::NoData { negative_ttl } };
    Heard::Nothing { said, zone, aliases }
}

fn of<'a>(records: &'a [Record], name: &'a str, kind: RecordType) -> impl Iterator<Item = &'a Record> {
    records.iter().filter(move |record| record.record_type() == kind_on_wire(kind) && shown(&record.name) == name)
}

/// The chain of CNAMEs in the answer, and the smallest TTL in it. It ends with the name that comes again, or with one too
/// many, where that is how it goes: what follows it sees that by itself.
fn aliases(message: &Message, name: &str, kind: RecordType) -> (Vec<Name>, u32) {
    let (mut found, mut ttl, mut last): (Vec<Name>, u32, Name) = (Vec::new(), u32::MAX, name.to_owned());
    if kind == RecordType::Cname {
        return (found, ttl);
    }
    loop {
        let Some(record) = of(&message.answers, &last, RecordType::Cname).next() else { break };
        let RData::CNAME(target) = &record.data else { break };
        let target = shown(&target.0);
        ttl = ttl.min(record.ttl);
        let end = target == name || found.contains(&target) || found.len() == ALIASES;
        last.clone_from(&target);
        found.push(target);
        if end {
            break;
        }
    }
    (found, ttl)
}

fn referral(message: &Message, name: &str) -> Option<Heard> {
    let servers = message.authorities.iter().filter_map(|record| match &record.data {
        RData::NS(server) => Some((shown(&record.name), shown(&server.0))),
        _ => None,
    });
    let servers: Vec<(Name, Name)> = servers.take(SERVERS).collect();
    let zone = servers.first().map(|(zone, _)| zone.clone()).filter(|zone| within(name, zone))?;
    let servers = servers.into_iter().filter(|(owner, _)| *owner == zone);
    let servers = servers.map(|(_, server)| {
        let glue = message.additionals.iter().filter(|record| shown(&record.name) == server);
        let addresses = glue.filter_map(|record| match &record.data {
            RData::A(address) => Some(address.0.into()),
            RData::AAAA(address) => Some(address.0.into()),
            _ => None,
        });
        let addresses = addresses.collect();
        (server, addresses)
    });
    let servers = servers.collect();
    Some(Heard::Referral { zone, servers })
}

fn value(data: &RData) -> Value {
    match data {
        RData::TXT(text) => {
            Value::Txt(text.txt_data.iter().map(|string| String::from_utf8_lossy(string).into_owned()).collect())
        }
        RData::MX(mx) => Value::Mx(mx.preference, shown(&mx.exchange)),
        RData::CNAME(target) => Value::Cname(shown(&target.0)),
        RData::A(address) => Value::Address(address.0.into()),
        RData::AAAA(address) => Value::Address(address.0.into()),
        RData::NS(server) => Value::Ns(shown(&server.0)),
        RData::CAA(caa) => Value::Caa {
            flags: u8::from(caa.issuer_critical) << 7 | caa.reserved_flags,
            tag: caa.tag.clone(),
            value: String::from_utf8_lossy(&caa.value).into_owned(),
        },
        other => Value::Other(other.to_string()),
    }
}
