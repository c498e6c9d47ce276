//! An SPF record, read (RFC 7208 section 12).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::super::words;
use crate::render::plain;

/// A record's terms, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spf(pub(crate) Vec<Term>);

/// A mechanism or a modifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    /// As it was published.
    pub(crate) text: String,
    /// What a match means: `+`, `-`, `~` or `?`.
    pub(crate) qualifier: char,
    /// Which it is.
    pub(crate) kind: Kind,
}

/// Which mechanism or modifier it is. A name is none where the record's own is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    All,
    Include(String),
    A(Option<String>),
    Mx(Option<String>),
    Ptr,
    Ip,
    Exists(String),
    Redirect(String),
    Modifier,
}

impl Term {
    /// As it is compared: in lower case, without a qualifier and a final dot.
    pub(crate) fn canonical(&self) -> String {
        plain(self.text.trim_start_matches(['+', '-', '~', '?']))
    }

    /// Whether a server may be let through by it.
    pub(crate) fn is_mechanism(&self) -> bool {
        !matches!(self.kind, Kind::All | Kind::Redirect(_) | Kind::Modifier)
    }
}

impl Spf {
    /// Whether the text is an SPF record: `v=spf1`, then nothing or a space (RFC 7208 section 4.5).
    pub(crate) fn is(text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        text.strip_prefix("v=spf1").is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    }

    /// Reads a record. Errors: what is wrong, in words.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if !Self::is(text) {
            return Err("it does not begin with `v=spf1` and a space".to_owned());
        }
        let terms = text["v=spf1".len()..].split(' ').filter(|term| !term.is_empty());
        let terms = terms.map(term).collect::<Result<Vec<_>, _>>()?;
        for once in ["redirect=", "exp="] {
            if terms.iter().filter(|term| term.canonical().starts_with(once)).count() > 1 {
                return Err(format!("`{once}` stands in it twice"));
            }
        }
        Ok(Self(terms))
    }

    /// Where `all` stands, if it does.
    pub(crate) fn all(&self) -> Option<usize> {
        self.0.iter().position(|term| term.kind == Kind::All)
    }
}

fn term(text: &str) -> Result<Term, String> {
    let wrong = |why: &str| format!("{} in it {why}", words::code(text));
    if text.chars().any(|letter| !letter.is_ascii_graphic()) {
        return Err(wrong("holds a character that may not stand there"));
    }
    let qualifier = text.chars().next().filter(|letter| "+-~?".contains(*letter));
    let body = text.strip_prefix(['+', '-', '~', '?']).unwrap_or(text);
    let end = body.find([':', '/', '=']).unwrap_or(body.len());
    let (name, rest) = body.split_at(end);
    let kind = if let Some(value) = rest.strip_prefix('=') {
        if qualifier.is_some() {
            return Err(wrong("is a modifier, and those have no sign in front"));
        }
        modifier(name, value).map_err(|why| wrong(&why))?
    } else {
        mechanism(name, rest).map_err(|why| wrong(&why))?
    };
    Ok(Term { text: text.to_owned(), qualifier: qualifier.unwrap_or('+'), kind })
}

fn modifier(name: &str, value: &str) -> Result<Kind, String> {
    let first = name.chars().next().is_some_and(|letter| letter.is_ascii_alphabetic());
    if !first || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter)) {
        return Err("is no term".to_owned());
    }
    match name.to_ascii_lowercase().as_str() {
        "redirect" => domain(value).map(Kind::Redirect),
        "exp" => domain(value).map(|_| Kind::Modifier),
        "include" | "a" | "mx" | "ip4" | "ip6" | "exists" | "all" | "ptr" => {
            Err(format!("has `=` where `{name}:` is meant"))
        }
        _ => Ok(Kind::Modifier),
    }
}

fn mechanism(name: &str, rest: &str) -> Result<Kind, String> {
    let value = rest.strip_prefix(':');
    let only = |kind| if rest.is_empty() { Ok(kind) } else { Err("takes no value".to_owned()) };
    match name.to_ascii_lowercase().as_str() {
        "all" => only(Kind::All),
        "include" => domain(value.unwrap_or_default()).map(Kind::Include),
        "exists" => domain(value.unwrap_or_default()).map(Kind::Exists),
        "a" => host(rest).map(Kind::A),
        "mx" => host(rest).map(Kind::Mx),
        "ptr" if rest.is_empty() => Ok(Kind::Ptr),
        "ptr" => domain(value.unwrap_or_default()).map(|_| Kind::Ptr),
        "ip4" => network::<Ipv4Addr>(value, 32),
        "ip6" => network::<Ipv6Addr>(value, 128),
        _ => Err("is no mechanism that there is".to_owned()),
    }
}

/// `[:domain][/cidr][//cidr]`.
fn host(rest: &str) -> Result<Option<String>, String> {
    let (front, lengths) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let name = match front.strip_prefix(':') {
        Some(name) => Some(domain(name)?),
        None => None,
    };
    let (four, six) = lengths.split_once("//").unwrap_or((lengths, ""));
    let fits = |text: &str, most: u32| text.is_empty() || text.parse::<u32>().is_ok_and(|length| length <= most);
    let four = four.strip_prefix('/').map_or(four.is_empty(), |four| !four.is_empty() && fits(four, 32));
    if !four || !fits(six, 128) || lengths.ends_with('/') {
        return Err("has a wrong length of a network".to_owned());
    }
    Ok(name)
}

fn network<A: std::str::FromStr>(value: Option<&str>, most: u32) -> Result<Kind, String> {
    let (address, length) = match value.unwrap_or_default().split_once('/') {
        Some((address, length)) => (address, length.parse().ok()),
        None => (value.unwrap_or_default(), Some(most)),
    };
    if address.parse::<A>().is_err() {
        return Err("holds no address of that kind".to_owned());
    }
    if length.is_some_and(|length: u32| length <= most) {
        Ok(Kind::Ip)
    } else {
        Err("has a wrong length of a network".to_owned())
    }
}

/// A name, or one with macros (RFC 7208 section 7), which only a receiver can fill in.
fn domain(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("lacks its name (there may be a space in front of it)".to_owned());
    }
    if text.contains('%') {
        return Ok(text.to_owned());
    }
    let name = plain(text);
    let labels = name.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter))
    });
    if labels && name.contains('.') { Ok(name) } else { Err("holds no name of a domain".to_owned()) }
}
