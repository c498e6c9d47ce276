//! The form of the settings.

use maud::{Markup, html};

use super::{
    notifications::Defaults,
    page_of,
    settings::{ROUTE, Settings},
};
use crate::{
    form::Fields,
    parts::{Field, csrf, hidden, input, select, trouble_card},
    trouble::Trouble,
    visit::Visit,
};

/// What each tier means.
const TIERS: [(&str, &str, &str); 3] = [
    (
        "platform",
        "The platform's domain",
        "Mail comes from the tenant's place in the platform's domain. Nothing has to be set up.",
    ),
    ("custom", "A domain of its own", "Mail comes from the verified domain named below."),
    (
        "hybrid",
        "By category",
        "Some mail comes from the domain of its own, other mail from the platform's: as the routes below say.",
    ),
];
/// Where a category may go.
const WAYS: [(&str, &str); 3] =
    [("", "as usual (platform)"), ("platform", "the platform's domain"), ("custom", "the domain of its own")];

/// The form; with what was sent and what is wrong with it, or as things are.
pub(super) fn form(
    visit: &Visit,
    tenant: &str,
    settings: &Settings,
    defaults: &Defaults,
    may: bool,
    sent: Option<(&Fields, &Trouble)>,
) -> Markup {
    let kept = settings.fields();
    let (fields, trouble) = sent.map_or((&kept, None), |(fields, trouble)| (fields, Some(trouble)));
    let text = |name: &'static str, label: &'static str, help: &'static str, example: &'static str| {
        let field = Field {
            name,
            label,
            value: fields.text(name),
            help: Some(help),
            example: Some(example).filter(|example| !example.is_empty()),
            autocomplete: Some("off"),
            ..Field::default()
        };
        input(&field.judged(trouble, name))
    };
    html! {
        section.card aria-label="Sender, tier and routing" {
            h2 { "Where mail comes from" }
            @if let Some(trouble) = trouble {
                (trouble_card(trouble))
                @if trouble.status == 412 {
                    p { "What you have entered is still here. Saved now, it takes the place of what the other person has saved." }
                }
            }
            form method="post" action=(page_of(tenant)) #email-settings-form {
                (csrf(&visit.person))
                (hidden("version", &settings.etag))
                fieldset disabled[!may] {
                    legend { "Tier" }
                    @for (tier, words, meaning) in TIERS {
                        label.tick {
                            input type="radio" name="tier" id={ "tier-" (tier) } value=(tier) checked[fields.text("tier") == tier]
                                aria-describedby={ "tier-" (tier) "-help" };
                            span { (words) span.help id={ "tier-" (tier) "-help" } { " – " (meaning) } }
                        }
                    }
                    @if let Some(wrong) = trouble.and_then(|trouble| trouble.field("tier")) { p.wrong { (wrong) } }
                }
                fieldset disabled[!may] {
                    legend { "Sender" }
                    p {
                        "Mail leaves from an address only when its domain is the tenant's place in the platform's domain, or a domain of the \
                         tenant's that is verified. In place of any other address the default one is used, or the message is refused if whoever \
                         sends it insists."
                    }
                    (text("fromName", "Name", "What recipients see beside the address; the tenant's name where this is left empty.", "Acme Inc."))
                    (text("defaultFrom", "Address at the platform's domain", "The usual one where this is left empty.", ""))
                    (text("customDomain", "Domain of its own", "One of the domains under Managed sending.", "mail.yourcompany.com"))
                    (text("customFrom", "Address at the domain of its own", "noreply there where this is left empty.", "hello@mail.yourcompany.com"))
                    (text("replyTo", "Answers go to", "To the sender where this is left empty.", "support@yourcompany.com"))
                }
                (routes(fields, trouble, defaults, may))
                details open[fields.some("headers").is_some() || fields.some("tags").is_some() || trouble.is_some()] {
                    summary { "More" }
                    fieldset disabled[!may] {
                        legend { "Headers and tags" }
                        (area("headers", "Headers of all its mail", "One on each line, such as X-Team: billing.", fields, trouble))
                        (area("tags", "Tags of all its mail", "One on each line, such as team=billing. Messages are found by them.", fields, trouble))
                    }
                }
                (limits(visit, fields, trouble))
                @if may { button.main type="submit" #email-settings-save { "Save" } }
            }
        }
    }
}

fn routes(fields: &Fields, trouble: Option<&Trouble>, defaults: &Defaults, may: bool) -> Markup {
    let routed = fields.0.iter().filter_map(|(name, _)| name.strip_prefix(ROUTE));
    let mut categories: Vec<&str> = defaults.known().chain(routed).collect();
    categories.sort_unstable();
    categories.dedup();
    let chosen = fields.0.iter().any(|(name, value)| name.starts_with(ROUTE) && !value.is_empty());
    html! {
        details #routes open[chosen || fields.text("tier") == "hybrid"] {
            summary { "Routes by category" }
            p.help { "They count in the tier \u{201c}By category\u{201d} only." }
            fieldset disabled[!may] {
                legend { "Routes" }
                div.choices {
                    @for category in categories {
                        @let name = format!("{ROUTE}{category}");
                        @let id = format!("route-{category}");
                        @let field = Field { name: &name, id: Some(&id), label: category, value: fields.text(&name), ..Field::default() };
                        (select(&field.judged(trouble, &format!("routing/{category}")), &WAYS))
                    }
                }
                p.help { "Categories are words, and others than these are as good. Another one:" }
                div.row {
                    (input(&Field {
                        name: "routeMore", label: "Category", value: fields.text("routeMore"), autocomplete: Some("off"), ..Field::default()
                    }.judged(trouble, &format!("routing/{}", fields.text("routeMore")))))
                    (select(&Field { name: "routeMoreTier", label: "Route", value: fields.text("routeMoreTier"), ..Field::default() }, &WAYS))
                }
            }
        }
    }
}

fn area(name: &str, label: &str, help: &str, fields: &Fields, trouble: Option<&Trouble>) -> Markup {
    let about = |place: &str| place.trim_start_matches('/').split('/').next() == Some(name);
    let wrong: Vec<&str> = trouble
        .into_iter()
        .flat_map(|trouble| &trouble.fields)
        .filter(|(place, _)| about(place))
        .map(|(_, words)| words.as_str())
        .collect();
    html! {
        div.field {
            label for=(name) { (label) span.optional { " optional" } }
            textarea id=(name) name=(name) rows="3" aria-describedby={ (name) "-help" @if !wrong.is_empty() { " " (name) "-wrong" } }
                aria-invalid=[(!wrong.is_empty()).then_some("true")] { (fields.text(name)) }
            p.help id={ (name) "-help" } { (help) }
            @if !wrong.is_empty() { p.wrong id={ (name) "-wrong" } { (wrong.join(" ")) } }
        }
    }
}

/// Everybody sees the limits, operators change them.
fn limits(visit: &Visit, fields: &Fields, trouble: Option<&Trouble>) -> Markup {
    html! {
        fieldset disabled[!visit.person.is_operator()] {
            legend { "How much may leave" }
            p {
                "Over a limit, mail leaves later and is never lost."
                @if !visit.person.is_operator() { " The platform's operators change the limits." }
            }
            @for (name, label, help) in [
                ("perMinute", "Messages in any minute", "Emptied: the platform's usual limit."),
                ("perDay", "Messages on any day (UTC)", "Emptied: the platform's usual limit, if there is one."),
            ] {
                (hidden(&format!("{name}Was"), fields.text(&format!("{name}Was"))))
                (input(&Field {
                    name, label, value: fields.text(name), kind: Some("number"), help: Some(help), ..Field::default()
                }.judged(trouble, &format!("limits/{name}"))))
            }
        }
    }
}
