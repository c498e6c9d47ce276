//! Who may send for the name in the envelope (RFC 7208): one record, compared by mechanism.

mod count;
mod merge;
mod parse;

use count::{Cost, LOOKUPS, VOIDS};
use parse::{Kind, Spf, Term};

use super::{
    codes::Code,
    judge::{Judged, Standing},
    look::{Known, Look, texts},
    other, text, words,
};
use crate::{Finding, Purpose, RecordType, Severity, Value, Wanted, render::plain};

pub(crate) fn judge(look: &Look<'_>, wanted: &Wanted, values: &[Value]) -> Judged {
    let texts = texts(values);
    let records: Vec<&String> = texts.iter().filter(|text| Spf::is(text)).collect();
    match records[..] {
        [] => none(look, wanted, values, &texts),
        [record] => one(look, wanted, record),
        _ => several(look, wanted, &records),
    }
}

/// Whether the text is an SPF record that lets the mail service send.
pub(crate) fn same(wanted: &Wanted, text: &str) -> bool {
    Spf::parse(text).is_ok_and(|spf| {
        let asked = asked(wanted);
        !asked.is_empty() && asked.iter().all(|term| passes(&spf, term))
    })
}

/// What is wrong with the record of the domain itself, where only the return path's is wanted: all of it only a warning.
pub(crate) fn at_domain(look: &Look<'_>) -> Vec<Finding> {
    let is =
        |wanted: &Wanted| plain(&wanted.name) == look.domain && super::nature::of(wanted) == super::nature::Nature::Spf;
    if look.wanted.iter().any(is) {
        return Vec::new();
    }
    let Known::Here(values) = look.known(&look.domain, RecordType::Txt) else { return Vec::new() };
    if !texts(values).iter().any(|text| Spf::is(text)) {
        return Vec::new();
    }
    let advised = Wanted {
        purpose: Purpose::Spf,
        kind: RecordType::Txt,
        name: look.domain.clone(),
        value: String::new(),
        priority: None,
        ttl: None,
        required: false,
    };
    judge(look, &advised, values).findings
}

fn none(look: &Look<'_>, wanted: &Wanted, values: &[Value], texts: &[String]) -> Judged {
    if let Some(finding) = texts.iter().find_map(|text| text::wrapped(look, wanted, text, |bare| Spf::is(bare.trim())))
    {
        return Judged::mismatch(finding);
    }
    let near = |text: &&String| {
        let text = text.trim().to_ascii_lowercase();
        text.starts_with("v=spf") || text.starts_with("spf") || text.starts_with("v = spf") || text.contains("include:")
    };
    if let Some(text) = texts.iter().find(near) {
        let why = "it does not begin with `v=spf1` and a space";
        return Judged::mismatch(unreadable(look, wanted, text, why));
    }
    let shared = plain(&wanted.name) == look.domain || Some(plain(&wanted.name)) == look.zone;
    if texts.is_empty() || shared { Judged::missing() } else { Judged::mismatch(other::differs(look, wanted, values)) }
}

fn unreadable(look: &Look<'_>, wanted: &Wanted, text: &str, why: &str) -> Finding {
    Look::about(
        wanted,
        Code::SpfSyntax,
        Severity::Error,
        format!("The SPF record at `{}` cannot be read, since {why}: {}.", plain(&wanted.name), words::code(text)),
        match wanted.value.is_empty() {
            true => "Mend that term, or take it out: receivers pass over the whole record.".to_owned(),
            false => format!("Mend that term, or replace the record. {}", look.publish(wanted)),
        },
    )
}

fn several(look: &Look<'_>, wanted: &Wanted, records: &[&String]) -> Judged {
    let shown: Vec<String> = records.iter().map(|text| words::code(text)).collect();
    let read: Vec<Spf> = records.iter().filter_map(|text| Spf::parse(text).ok()).collect();
    let merged = merge::merge(&read, &Spf(asked_record(wanted)));
    Judged::conflict(Look::about(
        wanted,
        Code::SpfTwoRecords,
        Severity::Error,
        format!(
            "`{}` has {} SPF records, and receivers take none of them: {}.",
            plain(&wanted.name),
            records.len(),
            words::list(&shown)
        ),
        format!("Delete them, and merge them into one. {}", look.publish_value(wanted, &merged)),
    ))
}

fn one(look: &Look<'_>, wanted: &Wanted, text: &str) -> Judged {
    let spf = match Spf::parse(text) {
        Ok(spf) => spf,
        Err(why) => return Judged::mismatch(unreadable(look, wanted, text, &why)),
    };
    let mut findings: Vec<Finding> = faults(look, wanted, &spf, text);
    findings.extend(costs(look, wanted, &spf));
    let wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
    findings.extend(habits(wanted, &spf, text));
    Judged { standing: if wrong { Standing::Mismatch } else { Standing::Right }, findings }
}

/// The wanted mechanisms that do not let the mail service through.
fn faults(look: &Look<'_>, wanted: &Wanted, spf: &Spf, text: &str) -> Vec<Finding> {
    let asked = asked(wanted);
    let Some(lacking) = asked.iter().find(|term| !passes(spf, term)) else { return Vec::new() };
    let name = plain(&wanted.name);
    let merged = merge::merge(std::slice::from_ref(spf), &Spf(asked_record(wanted)));
    let term = words::code(&lacking.text);
    let there = spf.0.iter().find(|have| have.canonical() == lacking.canonical());
    let (code, saw) = match there {
        None => (Code::SpfLacksInclude, format!("The SPF record at `{name}` has no {term}: {}.", words::code(text))),
        Some(have) if have.qualifier != '+' => (
            Code::SpfRefuses,
            format!("The SPF record at `{name}` has {}, which refuses what it names.", words::code(&have.text)),
        ),
        Some(_) => {
            (Code::SpfAfterAll, format!("The SPF record at `{name}` has {term} behind `all`, where nobody reads it."))
        }
    };
    let mut advice = format!("Change that record, and add no second one: {}", look.publish_value(wanted, &merged));
    let cost = Spf::parse(&merged).map(|merged| count::count(look, &name, &merged, &names(&asked))).unwrap_or_default();
    if cost.lookups > LOOKUPS {
        advice += &format!(" It would need {} lookups, so take out what is not used any more.", cost.lookups);
    }
    vec![Look::about(wanted, code, Severity::Error, saw, advice)]
}

/// Whether it costs a receiver more than it will pay.
fn costs(look: &Look<'_>, wanted: &Wanted, spf: &Spf) -> Vec<Finding> {
    let name = plain(&wanted.name);
    let cost: Cost = count::count(look, &name, spf, &names(&asked(wanted)));
    let mut findings = Vec::new();
    let mut add = |code, saw: String, advice: &str| {
        findings.push(Look::about(wanted, code, Severity::Error, saw, advice.to_owned()));
    };
    if let Some(looped) = &cost.looped {
        add(
            Code::SpfLoop,
            format!("The SPF record at `{name}` leads to {} again and again.", words::code(looped)),
            "Take the `include:` or `redirect=` out that leads back.",
        );
    } else if cost.lookups > LOOKUPS {
        let mut dear = cost.terms.clone();
        dear.sort_by_key(|(_, lookups)| std::cmp::Reverse(*lookups));
        let dear: Vec<String> = dear.iter().map(|(term, lookups)| format!("{} {lookups}", words::code(term))).collect();
        add(
            Code::SpfTooManyLookups,
            format!(
                "The SPF record at `{name}` needs {} lookups, and receivers stop at {LOOKUPS}: {}.",
                cost.lookups,
                words::list(&dear)
            ),
            "Take out the terms that are not used any more, the dearest first, or replace an `include:` with the addresses it stands for.",
        );
    }
    if cost.voids.len() > VOIDS {
        let voids: Vec<String> = cost.voids.iter().map(|name| words::code(name)).collect();
        add(
            Code::SpfVoidLookups,
            format!(
                "{} names in the SPF record at `{name}` do not exist, and receivers stop after {VOIDS}: {}.",
                cost.voids.len(),
                words::list(&voids)
            ),
            "Take the terms with these names out.",
        );
    }
    if !cost.broken.is_empty() {
        let broken: Vec<String> = cost.broken.iter().map(|name| words::code(name)).collect();
        add(
            Code::SpfIncludeEmpty,
            format!(
                "The SPF record at `{name}` includes {}, where no SPF record that can be read stands.",
                words::list(&broken)
            ),
            "Take that `include:` out: as long as it is there, receivers pass over the whole record.",
        );
    }
    findings
}

/// What works, and should be mended.
fn habits(wanted: &Wanted, spf: &Spf, text: &str) -> Vec<Finding> {
    let name = plain(&wanted.name);
    let mut findings = Vec::new();
    if let Some(all) = spf.all().map(|index| &spf.0[index])
        && all.qualifier == '+'
    {
        let saw = format!(
            "The SPF record at `{name}` ends in {}, which lets everybody send: {}.",
            words::code(&all.text),
            words::code(text)
        );
        let advice = format!("Replace {} with `~all`.", words::code(&all.text));
        findings.push(Look::about(wanted, Code::SpfPlusAll, Severity::Warning, saw, advice));
    }
    if let Some(term) = spf.0.iter().find(|term| term.kind == Kind::Ptr) {
        let saw = format!("The SPF record at `{name}` has {}, which receivers may pass over.", words::code(&term.text));
        findings.push(Look::about(
            wanted,
            Code::SpfPtr,
            Severity::Warning,
            saw,
            "Take it out; name the addresses instead.".to_owned(),
        ));
    }
    findings
}

/// The wanted record's terms.
fn asked_record(wanted: &Wanted) -> Vec<Term> {
    Spf::parse(&wanted.value).map(|spf| spf.0).unwrap_or_default()
}

/// The wanted record's mechanisms.
fn asked(wanted: &Wanted) -> Vec<Term> {
    asked_record(wanted).into_iter().filter(Term::is_mechanism).collect()
}

/// The names that wanted mechanisms lead to.
fn names(asked: &[Term]) -> Vec<String> {
    asked
        .iter()
        .filter_map(|term| match &term.kind {
            Kind::Include(name) => Some(name.clone()),
            _ => None,
        })
        .collect()
}

/// Whether the record lets through what the term names: with a pass, in front of `all`.
fn passes(spf: &Spf, term: &Term) -> bool {
    let all = spf.all().unwrap_or(spf.0.len());
    spf.0[..all].iter().any(|have| have.canonical() == term.canonical() && have.qualifier == '+')
}
