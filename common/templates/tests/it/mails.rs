//! The system's mails as they are sent.

use serde_json::{Value, json};
use tenantry_templates::{LOCALES, Part, Template, TemplateError, render};

/// The examples of a template with some of them replaced.
fn with(template: Template, changes: Value) -> Value {
    let mut variables = template.examples();
    for (name, value) in changes.as_object().unwrap() {
        variables[name] = value.clone();
    }
    variables
}

fn missing(variable: &str) -> TemplateError {
    TemplateError::MissingVariable { variable: variable.to_owned() }
}

#[test]
fn every_mail_reads_as_agreed_in_every_language() {
    for &template in Template::ALL {
        let name = template.name();
        for locale in LOCALES {
            let mail = render(template, locale, &template.examples()).unwrap();
            assert_eq!(mail.locale, *locale);
            assert!(!mail.text.contains("\n\n\n") && !mail.text.contains(" \n"), "{name} {locale}: {}", mail.text);
            insta::assert_snapshot!(format!("{name}.{locale}"), format!("Subject: {}\n\n{}", mail.subject, mail.text));
        }
        let mail = render(template, "en", &template.examples()).unwrap();
        insta::assert_snapshot!(format!("{name}.en.html"), mail.html);
    }
}

#[test]
fn html_says_what_the_text_says() {
    for &template in Template::ALL {
        for locale in LOCALES {
            let mail = render(template, locale, &template.examples()).unwrap();
            let html = words_of(&mail.html);
            for line in mail.text.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "--") {
                if line.starts_with("https://") {
                    let link = format!("<a href=\"{}\"", line.replace('=', "&#x3D;"));
                    assert!(mail.html.contains(&link), "{link} is not in the HTML of {} {locale}", template.name());
                    continue;
                }
                // A label and its value stand in one line of the text, and in two elements of the HTML.
                for piece in line.trim_start_matches("- ").split(": ") {
                    let piece = piece.trim_end_matches(':').trim();
                    assert!(html.contains(piece), "{piece:?} is not in the HTML of {} {locale}", template.name());
                }
            }
            assert!(mail.html.contains(&format!("<html lang=\"{locale}\">")));
        }
    }
}

/// The text of an HTML part: without its elements, its character references resolved.
fn words_of(html: &str) -> String {
    let html = html.replace("<br>", " ");
    let outside = html.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    let text = outside.collect::<String>();
    [("&quot;", "\""), ("&#x27;", "'"), ("&#x3D;", "="), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
        .iter()
        .fold(text, |text, (reference, character)| text.replace(reference, character))
}

#[test]
fn what_may_be_empty_leaves_no_gap() {
    for &template in Template::ALL {
        let mut least = template.examples();
        for variable in template.variables().iter().filter(|variable| !variable.required) {
            least.as_object_mut().unwrap().remove(&variable.name);
        }
        for locale in LOCALES {
            let mail = render(template, locale, &least).unwrap();
            let place = format!("{} {locale}: {}\n{}", template.name(), mail.text, mail.html);
            assert!(!mail.html.contains("mailto:") && !mail.text.contains("\n\n\n"), "{place}");
            assert!(!mail.text.contains(" ,") && !mail.text.contains(" !\n") && !mail.text.contains(",,"), "{place}");
            assert!(!mail.html.contains("border-left"), "no findings: {place}");
        }
    }
    let again =
        render(Template::WelcomeAgain, "en", &with(Template::WelcomeAgain, json!({"support_email": ""}))).unwrap();
    assert!(again.text.ends_with("Nothing about your account has changed.\n"), "{}", again.text);
    let task =
        render(Template::TaskOpened, "en", &with(Template::TaskOpened, json!({"tenant_name": "", "deadline": null})));
    assert!(!task.unwrap().html.contains("class=\"box\""));
}

#[test]
fn each_number_has_the_form_its_language_wants() {
    let hours = |locale, hours| {
        let mail =
            render(Template::Welcome, locale, &with(Template::Welcome, json!({"expires_hours": hours}))).unwrap();
        mail.text.lines().find(|line| line.contains(&format!("{hours} "))).unwrap().to_owned()
    };
    for (locale, number, form) in [
        ("en", 1, "1 hour."),
        ("en", 72, "72 hours."),
        ("de", 1, "1 Stunde."),
        ("de", 2, "2 Stunden."),
        ("fr", 1, "1 heure."),
        ("es", 24, "24 horas."),
        ("it", 1, "1 ora."),
        ("nl", 72, "72 uur geldig"),
        ("pl", 1, "1 godziny."),
        ("pl", 2, "2 godzin."),
        ("pl", 22, "22 godzin."),
        ("pt", 1, "1 hora."),
    ] {
        assert!(hours(locale, number).contains(form), "{locale}: {}", hours(locale, number));
    }
}

#[test]
fn each_variable_is_needed_documented_and_used() {
    for &template in Template::ALL {
        let name = template.name();
        for variable in template.variables() {
            assert!(!variable.meaning.is_empty());
            let mut without = template.examples();
            without.as_object_mut().unwrap().remove(&variable.name);
            for given in
                [without, with(template, json!({&variable.name: null})), with(template, json!({&variable.name: ""}))]
            {
                let rendered = render(template, "en", &given);
                let expected = if variable.required { Some(missing(&variable.name)) } else { None };
                assert_eq!(rendered.err(), expected, "{} of {name}", variable.name);
            }
            let marked = marked(&variable.example, &variable.name);
            let mail = render(template, "en", &with(template, json!({&variable.name: marked.clone()}))).unwrap();
            let marks = |body: &str| body.matches("marked-4242").count();
            let least = marked.to_string().matches("marked-4242").count();
            assert!(marks(&mail.html) >= least, "{} is not in the HTML of {name}", variable.name);
            assert!(marks(&mail.text) >= least, "{} is not in the text of {name}", variable.name);
        }
    }
}

/// A value of an example's form, each of its texts marked.
fn marked(example: &Value, name: &str) -> Value {
    match example {
        Value::Array(entries) => json!([marked(&entries[0], name)]),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), marked(value, name))).collect(),
        _ if name.ends_with("_url") => json!("https://marked-4242.example"),
        _ => json!("marked-4242"),
    }
}

#[test]
fn a_value_must_have_the_form_of_its_example() {
    let wrong = |changes| render(Template::DomainRecords, "en", &with(Template::DomainRecords, changes)).unwrap_err();
    let kind = |variable: &str, expected| TemplateError::WrongKind { variable: variable.to_owned(), expected };
    assert_eq!(wrong(json!({"records": "TXT"})), kind("records", "a list"));
    assert_eq!(wrong(json!({"records": ["TXT"]})), kind("records[0]", "an object"));
    assert_eq!(wrong(json!({"records": [{"type": "TXT", "name": "a", "value": "b"}]})), missing("records[0].priority"));
    assert_eq!(wrong(json!({"domain": {"name": "a.example"}})), kind("domain", "a text, number or boolean"));
    assert_eq!(wrong(json!({"records": []})), missing("records"));
}

#[test]
fn a_name_can_never_become_markup() {
    for &template in Template::ALL {
        for variable in template.variables().iter().filter(|v| !v.name.ends_with("_url") && !v.example.is_array()) {
            let nasty = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
            let mail = render(template, "en", &with(template, json!({&variable.name: nasty}))).unwrap();
            assert!(!mail.html.contains("<script") && !mail.html.contains("<img"), "{}", mail.html);
            assert!(mail.html.contains("&lt;script&gt;") && !mail.html.contains("\"'>"), "{}", mail.html);
            assert!(mail.text.contains("<script>"), "text is text");
        }
    }
    let nasty = json!([{"saw": "<img src=x>", "advice": "<b>"}]);
    let mail = render(Template::DomainFailed, "en", &with(Template::DomainFailed, json!({"findings": nasty}))).unwrap();
    assert!(!mail.html.contains("<img") && !mail.html.contains("<b>") && mail.html.contains("&lt;img"));
}

#[test]
fn a_name_can_never_become_a_template() {
    let nasty = with(Template::Welcome, json!({"tenant_name": "{{temporary_password}}"}));
    let mail = render(Template::Welcome, "en", &nasty).unwrap();
    assert_eq!(mail.subject, "Your {{temporary_password}} account is ready");
}

#[test]
fn a_link_leads_to_the_web_and_nowhere_else() {
    let unsafe_url = TemplateError::UnsafeUrl { variable: "login_url".to_owned() };
    for url in
        ["javascript:alert(1)", "data:text/html,x", "//evil.example", "acme.example.com", "https://a.example/\r\nx"]
    {
        let result = render(Template::Welcome, "en", &with(Template::Welcome, json!({"login_url": url})));
        assert_eq!(result, Err(unsafe_url.clone()), "{url}");
    }
}

#[test]
fn a_subject_is_one_line() {
    for name in ["Acme\r\nBcc: everybody@example.com", "Acme\n", "Acme\0", "Acme\u{2028}Sons"] {
        let result = render(Template::Welcome, "en", &with(Template::Welcome, json!({"tenant_name": name})));
        assert_eq!(result, Err(TemplateError::SubjectBreaksLine), "{name:?}");
    }
}

#[test]
fn no_list_makes_a_mail_without_end() {
    let records = |count: usize, value: String| {
        let record = json!({"type": "TXT", "name": "a", "value": value, "priority": ""});
        render(Template::DomainRecords, "en", &with(Template::DomainRecords, json!({"records": vec![record; count]})))
    };
    assert!(records(50, "x".repeat(400)).is_ok());
    assert_eq!(records(3_000, "x".repeat(1_000)), Err(TemplateError::TooLarge { part: Part::Text }));
    let empty = json!({"saw": "", "advice": ""});
    let findings = with(Template::DomainFailed, json!({"findings": vec![empty; 10_001]}));
    let result = render(Template::DomainFailed, "en", &findings);
    assert_eq!(result, Err(TemplateError::TooManyRounds { part: Part::Text }));
}

#[test]
fn a_locale_that_is_not_written_falls_back() {
    for (asked, given) in
        [("en-GB", "en"), ("EN_us", "en"), ("tlh", "en"), ("", "en"), ("de_AT", "de"), ("PT-br", "pt"), ("fr-CA", "fr")]
    {
        assert_eq!(render(Template::Welcome, asked, &Template::Welcome.examples()).unwrap().locale, given, "{asked}");
    }
}

#[test]
fn variables_are_an_object() {
    assert_eq!(render(Template::Welcome, "en", &json!(["Acme"])), Err(TemplateError::NotAnObject));
}

#[test]
fn nothing_is_loaded_from_elsewhere_and_nothing_of_a_source_is_left() {
    for &template in Template::ALL {
        for locale in LOCALES {
            let mail = render(template, locale, &template.examples()).unwrap();
            for tag in ["<img", "<script", "<link", "<iframe", "<form", "url(", "@import", "src=", "{{"] {
                assert!(!mail.html.contains(tag), "{tag} in {}", template.name());
            }
            assert!(!mail.text.contains("{{") && !mail.subject.contains("{{"));
            // Gmail cuts a mail after 102 kB.
            assert!(mail.html.len() < 20_000, "{} bytes", mail.html.len());
        }
    }
}

#[test]
fn a_template_is_found_by_its_name() {
    for &template in Template::ALL {
        assert_eq!(Template::named(template.name()), Some(template));
    }
    assert_eq!(Template::named("no-such-mail"), None);
}

#[test]
fn a_rendered_mail_does_not_show_its_body_when_it_is_logged() {
    let mail = render(Template::Welcome, "en", &Template::Welcome.examples()).unwrap();
    assert!(mail.text.contains("sample-Pass-4711") && !format!("{mail:?}").contains("sample-Pass"));
}
