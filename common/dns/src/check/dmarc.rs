//! What receivers are to do with mail that fails (RFC 9989). Advised: nothing here stands in the way.

use super::{
    codes::Code,
    judge::{Judged, Standing},
    look::{Known, Look, texts},
    policy::{Policy, is_policy},
    text, words,
};
use crate::{Finding, Name, Purpose, RecordType, Severity, Value, Wanted, render::plain};

/// The longest name whose every parent is asked for a policy, in labels (RFC 9989 section 4.10).
const LONGEST: usize = 8;

/// The record that is advised for a domain.
pub(crate) fn advised(domain: &str) -> Wanted {
    Wanted {
        purpose: Purpose::Dmarc,
        kind: RecordType::Txt,
        name: format!("_dmarc.{domain}"),
        value: format!("v=DMARC1; p=none; rua=mailto:dmarc@{domain}"),
        priority: None,
        ttl: None,
        required: false,
    }
}

pub(crate) fn judge(look: &Look<'_>, wanted: &Wanted, values: &[Value]) -> Judged {
    let texts = texts(values);
    let records: Vec<&String> = texts.iter().filter(|text| is_policy(text)).collect();
    match records[..] {
        [] => none(look, wanted, &texts),
        [record] => one(look, wanted, record),
        _ => {
            let shown: Vec<String> = records.iter().map(|text| words::code(text)).collect();
            Judged::conflict(Look::about(
                wanted,
                Code::DmarcTwoRecords,
                Severity::Warning,
                format!(
                    "`{}` has {} DMARC records, and receivers take none: {}.",
                    plain(&wanted.name),
                    records.len(),
                    words::list(&shown)
                ),
                "Delete all of them but one.".to_owned(),
            ))
        }
    }
}

/// There is no record at the domain's own name: a policy from above, or none.
pub(crate) fn absent(look: &Look<'_>, wanted: &Wanted) -> Vec<Finding> {
    let name = plain(&wanted.name);
    let Some((above, policy)) = inherited(look) else {
        return vec![Look::about(
            wanted,
            Code::DmarcMissing,
            Severity::Warning,
            format!("There is no DMARC policy at `{name}`, and none above it."),
            format!("It is advised: large receivers want one. {}", look.publish(wanted)),
        )];
    };
    let mut findings = vec![Look::about(
        wanted,
        Code::DmarcInherited,
        Severity::Info,
        format!("There is no DMARC policy at `{name}`; that of `{above}` applies: `p={}`.", policy.below),
        format!(
            "Nothing needs to be done, unless the domain should have a policy of its own. {}",
            look.publish(wanted)
        ),
    )];
    findings.extend(alignment(look, wanted, &policy, &above));
    findings
}

fn none(look: &Look<'_>, wanted: &Wanted, texts: &[String]) -> Judged {
    if let Some(finding) = texts.iter().find_map(|text| text::wrapped(look, wanted, text, is_policy)) {
        return Judged::mismatch(finding);
    }
    match texts.iter().find(|text| text.to_ascii_lowercase().contains("dmarc")) {
        Some(text) => Judged::mismatch(syntax(look, wanted, text, "it does not begin with `v=DMARC1;`")),
        None => Judged::missing(),
    }
}

fn one(look: &Look<'_>, wanted: &Wanted, text: &str) -> Judged {
    let policy = match Policy::parse(text) {
        Ok(policy) => policy,
        Err(why) => return Judged::mismatch(syntax(look, wanted, text, &why)),
    };
    let mut findings: Vec<Finding> = policy.faults.iter().map(|why| syntax(look, wanted, text, why)).take(1).collect();
    if !policy.gone.is_empty() {
        let gone: Vec<String> = policy.gone.iter().map(|tag| format!("`{tag}=`")).collect();
        findings.push(Look::about(
            wanted,
            Code::DmarcGoneTags,
            Severity::Warning,
            format!(
                "The DMARC record at `{}` has {}, which receivers pass over since RFC 9989.",
                plain(&wanted.name),
                words::list(&gone)
            ),
            "Take them out; `t=y` says that a policy is only being tested.".to_owned(),
        ));
    }
    findings.extend(alignment(look, wanted, &policy, &look.domain));
    Judged { standing: Standing::Right, findings }
}

fn syntax(look: &Look<'_>, wanted: &Wanted, text: &str, why: &str) -> Finding {
    Look::about(
        wanted,
        Code::DmarcSyntax,
        Severity::Warning,
        format!("The DMARC record at `{}` is not right, since {why}: {}.", plain(&wanted.name), words::code(text)),
        format!("Mend it, or replace it. {}", look.publish(wanted)),
    )
}

/// Whether the policy wants the very same domain where ours is one below, or another.
fn alignment(look: &Look<'_>, wanted: &Wanted, policy: &Policy, at: &str) -> Vec<Finding> {
    let path = look.wanted.iter().find(|record| matches!(record.purpose, Purpose::ReturnPath | Purpose::Spf));
    let path = path.map(|record| plain(&record.name)).filter(|name| *name != look.domain);
    let signer = look.wanted.iter().find(|record| record.purpose == Purpose::Dkim);
    let signer = signer
        .and_then(|record| plain(&record.name).split_once("._domainkey.").map(|(_, signer)| signer.to_owned()))
        .filter(|name| *name != look.domain);
    let no_spf = policy.strict_spf && path.is_some();
    let no_dkim = policy.strict_dkim && signer.is_some();
    let acts = if at == look.domain { &policy.here } else { &policy.below };
    let left = match (no_spf && no_dkim, acts.as_str()) {
        (true, "none") => "with both strict, none of the mail passes DMARC",
        (true, _) => "with both strict, receivers refuse the mail",
        (false, _) => "the other of the two has to carry every message",
    };
    let mut findings = Vec::new();
    if let (true, Some(path)) = (no_spf, path) {
        findings.push(Look::about(
            wanted,
            Code::DmarcStrictSpf,
            Severity::Warning,
            format!("The DMARC policy of `{at}` has `aspf=s`, so SPF of the return path `{path}` does not count for `{}`; {left}.", look.domain),
            "Take `aspf=s` out, or make it `aspf=r`.".to_owned(),
        ));
    }
    if let (true, Some(signer)) = (no_dkim, signer) {
        findings.push(Look::about(
            wanted,
            Code::DmarcStrictDkim,
            Severity::Warning,
            format!("The DMARC policy of `{at}` has `adkim=s`, so the signature of `{signer}` does not count for `{}`; {left}.", look.domain),
            "Take `adkim=s` out, or make it `adkim=r`.".to_owned(),
        ));
    }
    findings
}

/// The policy from above, by the tree walk of RFC 9989 section 4.10: that of the organisation's domain, which is the one
/// that says `psd=n`, the one below a public suffix (`psd=y`), or the highest that has a policy.
fn inherited(look: &Look<'_>) -> Option<(Name, Policy)> {
    let labels: Vec<&str> = look.domain.split('.').collect();
    // Of a long name only the parents of at most seven labels are asked.
    let first = if labels.len() >= LONGEST { labels.len() - (LONGEST - 1) } else { 1 };
    let mut found: Option<(Name, Policy)> = None;
    for cut in first..labels.len() {
        let name = labels[cut..].join(".");
        let Known::Here(texts) = look.texts(&format!("_dmarc.{name}")) else { continue };
        let mut records = texts.iter().filter(|text| is_policy(text));
        let (Some(Ok(policy)), None) = (records.next().map(|text| Policy::parse(text)), records.next()) else {
            continue;
        };
        match policy.suffix.as_str() {
            "n" => return Some((name, policy)),
            // The suffix's own policy counts only where the domain right below it has none.
            "y" => {
                let below = labels[cut - 1..].join(".");
                return found.filter(|(name, _)| *name == below).or(Some((name, policy)));
            }
            _ => found = Some((name, policy)),
        }
    }
    found
}
