//! Which CA may issue (RFC 8659), to which account, and by which way (RFC 8657).

use super::{View, issue::Issue};
use crate::{
    Answer, Caa, Delegation, Finding, Name, RecordType, Said, Severity, Value,
    check::{codes::Code, look::Look, words},
    render::{plain, shown},
};

/// The flag that a tag must be understood.
const CRITICAL: u8 = 128;
/// Tags that the CA knows, besides `issue`: none of them speaks of a single name's certificate for a server.
const KNOWN: [&str; 4] = ["issuewild", "iodef", "issuemail", "issuevmc"];
/// How a certificate is had for a portal (RFC 8555 section 8.3).
const METHOD: &str = "http-01";
/// Records that are shown.
const SHOWN: usize = 10;

/// Why records do not let our CA issue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Refusal {
    /// It may, to another account.
    Account,
    /// It may, by another way.
    Method,
    /// None may, or others.
    Other,
    /// A tag must be understood, and is not.
    Critical(String),
}

/// Climbs from the hostname to the first name that has CAA records, and reads them.
pub(super) fn check(view: &View<'_>) -> (Caa, Option<Finding>) {
    if view.look.seen.delegation != Delegation::Found {
        // Why is said already.
        return (Caa::Unclear { at: view.host.clone() }, None);
    }
    for name in above(&view.host) {
        let answers = view.look.answers(name, RecordType::Caa);
        let said: Vec<&Answer> = match answers {
            Some(answers) if answers.authoritative.is_empty() => answers.public.iter().collect(),
            Some(answers) => answers.authoritative.iter().collect(),
            None => Vec::new(),
        };
        if said.iter().all(|answer| matches!(answer.said, Said::Failed(_))) {
            return (Caa::Unclear { at: name.to_owned() }, Some(unclear(view, name, &said)));
        }
        // The most that any server has against it.
        let sets = said.iter().filter_map(|answer| match &answer.said {
            Said::Records { values, .. } if !values.is_empty() => Some((answer, values, refusal(view, values))),
            _ => None,
        });
        let Some((answer, values, refusal)) = sets.max_by(|one, other| one.2.cmp(&other.2)) else { continue };
        let at = answer.aliases.last().map_or_else(|| name.to_owned(), |alias| plain(alias));
        return match refusal {
            None => (Caa::Allows, None),
            Some(refusal) => {
                let records: Vec<String> = values.iter().take(SHOWN).map(shown).collect();
                let finding = forbids(view, name, &at, &records, &refusal);
                (Caa::Forbids { at, records }, Some(finding))
            }
        };
    }
    (Caa::Allows, None)
}

/// The name and all above it, but for the root, which has no CAA records.
fn above(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| name.split_once('.').map(|(_, above)| above))
}

/// Why a set of records does not let us have a certificate; none: it does.
fn refusal(view: &View<'_>, values: &[Value]) -> Option<Refusal> {
    let mut issues = Vec::new();
    for value in values {
        let Value::Caa { flags, tag, value } = value else { continue };
        let tag = tag.to_ascii_lowercase();
        if tag == "issue" {
            issues.push(value);
        } else if flags & CRITICAL != 0 && !KNOWN.contains(&tag.as_str()) {
            return Some(Refusal::Critical(tag));
        }
    }
    // A set without `issue` says nothing about this.
    let mut refusals = issues.iter().map(|value| one(view, value)).collect::<Vec<_>>();
    if refusals.iter().any(Option::is_none) {
        return None;
    }
    refusals.sort();
    refusals.into_iter().flatten().next()
}

fn one(view: &View<'_>, value: &str) -> Option<Refusal> {
    let issue = Issue::read(value).filter(|issue| issue.ca.eq_ignore_ascii_case(&view.wanted.ca));
    let Some(issue) = issue else { return Some(Refusal::Other) };
    // More than one of a parameter can never be met (RFC 8657 sections 3 and 4).
    let accounts: Vec<&str> = issue.all("accounturi").collect();
    if !accounts.is_empty() && (accounts.len() > 1 || view.wanted.ca_account.as_deref() != Some(accounts[0])) {
        return Some(Refusal::Account);
    }
    let methods: Vec<&str> = issue.all("validationmethods").collect();
    let fits = |list: &str| list.split(',').any(|method| method.eq_ignore_ascii_case(METHOD));
    if !methods.is_empty() && (methods.len() > 1 || !fits(methods[0])) {
        return Some(Refusal::Method);
    }
    None
}

fn forbids(view: &View<'_>, name: &str, at: &Name, records: &[String], refusal: &Refusal) -> Finding {
    let ca = &view.wanted.ca;
    let shown: Vec<String> = records.iter().map(|record| words::code(record)).collect();
    let shown = words::list(&shown);
    let place = match at == name {
        true => format!("`{}`", view.look.typed_name(at)),
        // Records of the name itself go before what it is an alias of; beside a CNAME none can stand.
        false => format!("`{at}`, which `{name}` is an alias of,"),
    };
    let add =
        |value: &str| format!("Add a CAA record at {place} with the flags 0, the tag issue and the value `{value}`");
    let (code, why, advice) = match refusal {
        Refusal::Other => (
            Code::CaaForbids,
            format!("let only others than our certificate authority (`{ca}`) issue, or nobody"),
            format!("{}; the others may stay.", add(ca)),
        ),
        Refusal::Account => (
            Code::CaaAccount,
            format!("let `{ca}` issue to another account only, and not to ours"),
            match &view.wanted.ca_account {
                Some(account) => format!("{}; the other one may stay.", add(&format!("{ca}; accounturi={account}"))),
                None => format!("{}, without `accounturi`; the other one may stay.", add(ca)),
            },
        ),
        Refusal::Method => (
            Code::CaaMethod,
            format!("do not let `{ca}` use `{METHOD}`, in which it sees that the hostname leads to us"),
            format!("Add `{METHOD}` to `validationmethods` in the CAA record at {place}."),
        ),
        Refusal::Critical(tag) => (
            Code::CaaCritical,
            format!(
                "have the tag {}, marked as one that must be understood, and no certificate authority does",
                words::code(tag)
            ),
            format!("Delete the record at {place}, or set its flags to 0."),
        ),
    };
    let saw = format!("The CAA records at `{at}` {why}: {shown}.");
    let mut finding = Look::overall(code, Severity::Error, saw, advice);
    finding.record = Some(format!("CAA {at}"));
    finding
}

fn unclear(view: &View<'_>, name: &str, said: &[&Answer]) -> Finding {
    let mut troubles: Vec<String> = said
        .iter()
        .filter_map(|answer| match answer.said {
            Said::Failed(trouble) if answer.server.is_empty() => Some(format!("a server {}", words::trouble(trouble))),
            Said::Failed(trouble) => Some(format!("{} {}", words::code(&answer.server), words::trouble(trouble))),
            _ => None,
        })
        .collect();
    troubles.sort();
    troubles.dedup();
    let why = if troubles.is_empty() { "nobody was asked".to_owned() } else { words::list(&troubles) };
    let runner = view.look.host.map_or("whoever runs the name servers", |host| host.name);
    let mut finding = Look::overall(
        Code::CaaUnclear,
        Severity::Error,
        format!(
            "Nobody could say whether `{name}` has CAA records: {why}. A certificate authority gets no answer either, and must \
             refuse then."
        ),
        format!(
            "This often passes by itself, and is looked up again. If it stays so, ask {runner} why questions for CAA are not answered."
        ),
    );
    finding.record = Some(format!("CAA {name}"));
    finding
}
