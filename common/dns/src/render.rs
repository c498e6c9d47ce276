//! The ways a record is shown: a name as it is typed into a panel, a zone file (RFC 1035 section 5), a line for `dig`.

use std::fmt::Write;

use crate::{RecordType, Value, Wanted};

/// The longest string within a TXT record, in bytes (RFC 1035 section 3.3).
const LONGEST: usize = 255;

/// The absolute name that a name in a file of records means, in lower case and without a final dot.
///
/// The records of a sending domain lie at it or below it, so:
/// a name with a final dot, or one that ends in the domain, in the zone, or in a name above the domain with two labels or
/// more is absolute; `@` is the zone, or the domain where no zone is known; `send.mail` of `mail.example.com` says the
/// domain's first labels again, as providers do who know no zone but the registered domain, and is `send.mail.example.com`;
/// anything else is relative to the zone where that leads to the domain or below it, else to the domain.
#[must_use]
pub fn absolute(name: &str, domain: &str, zone: Option<&str>) -> String {
    let (domain, zone) = (plain(domain), zone.map(plain));
    let given = name.trim();
    let name = plain(given);
    if name.is_empty() || name == "@" {
        return zone.filter(|zone| !zone.is_empty()).unwrap_or(domain);
    }
    if given.ends_with('.') || within(&name, &domain) || zone.as_deref().is_some_and(|zone| within(&name, zone)) {
        return name;
    }
    let labels: Vec<&str> = domain.split('.').collect();
    if (0..labels.len().saturating_sub(1)).any(|cut| within(&name, &labels[cut..].join("."))) {
        return name;
    }
    // How many of its last labels are the domain's first ones.
    let own: Vec<&str> = name.split('.').collect();
    let said_again = |count: &usize| own.len() >= *count && own[own.len() - count..] == labels[..*count];
    let overlap = (1..labels.len()).rev().find(said_again).unwrap_or(0);
    let joined = format!("{name}.{}", labels[overlap..].join("."));
    let literal = zone.map(|zone| format!("{name}.{zone}")).filter(|literal| within(literal, &domain));
    match literal {
        Some(literal) if own.len() <= overlap || overlap == 0 => literal,
        _ => joined,
    }
}

/// What goes into a panel's field for the name: `send.mail` for `send.mail.example.com` in the zone `example.com`, `@` for
/// the zone itself. A name outside the zone stays absolute, with a final dot.
#[must_use]
pub fn relative(name: &str, zone: &str) -> String {
    let (name, zone) = (plain(name), plain(zone));
    if name == zone {
        "@".to_owned()
    } else if zone.is_empty() {
        name
    } else {
        match name.strip_suffix(&zone).and_then(|front| front.strip_suffix('.')) {
            Some(front) => front.to_owned(),
            None => name + ".",
        }
    }
}

/// The records as a zone file: relative to `zone` where one is given, absolute otherwise. A record whose value is not
/// known yet is a comment. Nothing in a name or a value can end its line.
#[must_use]
pub fn zone_file(zone: Option<&str>, records: &[Wanted]) -> String {
    let mut file = String::new();
    if let Some(zone) = zone {
        let _ = writeln!(file, "$ORIGIN {}.", escaped(&plain(zone)));
    }
    file.push_str("$TTL 3600\n");
    for record in records {
        let name = match zone {
            Some(zone) => match relative(&record.name, zone) {
                at if at == "@" => at,
                name => escaped(&name),
            },
            None => escaped(&plain(&record.name)) + ".",
        };
        let ttl = record.ttl.map(|ttl| format!(" {ttl}")).unwrap_or_default();
        let kind = kind(record.kind);
        let _ = match record.value.is_empty() {
            true => writeln!(file, "; {name}{ttl} IN {kind} (the value that is shown for this domain)"),
            false => writeln!(file, "{name}{ttl} IN {kind} {}", data(record)),
        };
    }
    file
}

/// A line that asks for the record: the given server, or the resolver of the machine it is typed at.
#[must_use]
pub fn dig(record: &Wanted, server: Option<&str>) -> String {
    let at = server.map(|server| format!(" @{}", for_shell(server))).unwrap_or_default();
    format!("dig +short{at} {} {}", for_shell(&plain(&record.name)), kind(record.kind))
}

/// In lower case, without white space around it and without a final dot.
pub(crate) fn plain(name: &str) -> String {
    let name = name.trim();
    name.strip_suffix('.').unwrap_or(name).to_lowercase()
}

/// Whether the name is the other one or lies below it. Everything lies below the root.
pub(crate) fn within(name: &str, above: &str) -> bool {
    above.is_empty() || name == above || name.strip_suffix(above).is_some_and(|front| front.ends_with('.'))
}

/// A type, as a zone file calls it.
pub(crate) fn kind(kind: RecordType) -> &'static str {
    match kind {
        RecordType::Txt => "TXT",
        RecordType::Mx => "MX",
        RecordType::Cname => "CNAME",
        RecordType::A => "A",
        RecordType::Aaaa => "AAAA",
        RecordType::Ns => "NS",
        RecordType::Soa => "SOA",
        RecordType::Caa => "CAA",
    }
}

/// A text as a zone file says it: strings of at most 255 bytes, each in quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut strings = vec![String::new()];
    let mut bytes = 0;
    for letter in text.chars() {
        if bytes + letter.len_utf8() > LONGEST {
            strings.push(String::new());
            bytes = 0;
        }
        bytes += letter.len_utf8();
        if let Some(last) = strings.last_mut() {
            escape(last, letter, "\"\\");
        }
    }
    strings.iter().map(|string| format!("\"{string}\"")).collect::<Vec<_>>().join(" ")
}

/// What was seen, as a zone file says it.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Txt(strings) => strings.iter().map(|string| quoted(string)).collect::<Vec<_>>().join(" "),
        Value::Mx(preference, host) => format!("{preference} {}.", escaped(host)),
        Value::Cname(name) | Value::Ns(name) => format!("{}.", escaped(name)),
        Value::Address(address) => address.to_string(),
        Value::Caa { flags, tag, value } => format!("{flags} {} {}", escaped(tag), quoted(value)),
        Value::Other(text) => text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect(),
    }
}

fn data(record: &Wanted) -> String {
    match record.kind {
        RecordType::Txt => quoted(&record.value),
        RecordType::Mx => format!("{} {}.", record.priority.unwrap_or(10), escaped(&plain(&record.value))),
        RecordType::Cname | RecordType::Ns => escaped(&plain(&record.value)) + ".",
        RecordType::A | RecordType::Aaaa | RecordType::Soa | RecordType::Caa => {
            record.value.chars().filter(|letter| !letter.is_control()).collect()
        }
    }
}

/// A name in which nothing has a meaning for a zone file but the dots.
fn escaped(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        escape(&mut out, letter, "\"\\;()@$ ");
    }
    out
}

fn escape(out: &mut String, letter: char, special: &str) {
    if special.contains(letter) && letter != ' ' {
        out.push('\\');
        out.push(letter);
    } else if (letter == ' ' && !special.contains(' ')) || letter.is_ascii_graphic() {
        out.push(letter);
    } else {
        for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
            let _ = write!(out, "\\{byte:03}");
        }
    }
}

/// A word that a shell takes as it is, and that is no option.
fn for_shell(word: &str) -> String {
    let word: String =
        word.chars().filter(|letter| letter.is_ascii_alphanumeric() || "._-:*".contains(*letter)).collect();
    word.trim_start_matches('-').replace('*', "'*'")
}
