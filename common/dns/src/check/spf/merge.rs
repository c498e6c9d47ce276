//! One SPF record out of several: the wanted mechanisms added to what is there.

use super::parse::{Kind, Spf, Term};

/// The record to publish: every mechanism of the records that are there, then the wanted ones that are missing, then one
/// `all`. A `+all` becomes `~all`, what stood behind an `all` comes in front of it, and where several are merged a
/// `redirect` becomes an `include`, since it would be passed over.
pub(crate) fn merge(there: &[Spf], wanted: &Spf) -> String {
    let mut terms: Vec<String> = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    let mut last: Option<String> = None;
    let mut modifiers: Vec<String> = Vec::new();
    let asked: Vec<String> = wanted.0.iter().filter(|term| term.is_mechanism()).map(Term::canonical).collect();
    for (index, spf) in there.iter().chain([wanted]).enumerate() {
        let is_wanted = index == there.len();
        for term in &spf.0 {
            let canonical = term.canonical();
            match &term.kind {
                Kind::All => {
                    let all = if term.qualifier == '+' { "~all".to_owned() } else { term.text.clone() };
                    last.get_or_insert(all);
                }
                Kind::Redirect(name) if there.len() > 1 => {
                    push(&mut terms, &mut seen, format!("include:{name}"), format!("include:{name}"));
                }
                Kind::Redirect(_) | Kind::Modifier => {
                    if !modifiers.contains(&term.text) {
                        modifiers.push(term.text.clone());
                    }
                }
                _ if is_wanted => push(&mut terms, &mut seen, canonical, term.text.clone()),
                // Ours comes with a pass, whatever stood there.
                _ if asked.contains(&canonical) && term.qualifier != '+' => {}
                _ => push(&mut terms, &mut seen, canonical, term.text.clone()),
            }
        }
    }
    let redirects = modifiers.iter().any(|modifier| modifier.to_ascii_lowercase().starts_with("redirect="));
    let own_all = there.iter().any(|spf| spf.all().is_some());
    // Beside a redirect, the `all` of the wanted record would switch it off.
    let all = last.filter(|_| own_all || !redirects);
    let mut words = vec!["v=spf1".to_owned()];
    words.extend(terms);
    words.extend(modifiers);
    words.extend(all);
    words.join(" ")
}

fn push(terms: &mut Vec<String>, seen: &mut Vec<String>, canonical: String, text: String) {
    if !seen.contains(&canonical) {
        seen.push(canonical);
        terms.push(text);
    }
}
