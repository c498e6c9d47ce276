//! Every mail as it is sent.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};
use tenantry_templates::{Template, TemplateError, render};

/// The examples of a template with some of them replaced.
fn with(template: Template, changes: Value) -> Value {
    let mut variables = template.examples();
    for (name, value) in changes.as_object().unwrap() {
        variables[name] = value.clone();
    }
    variables
}

#[test]
fn every_mail_reads_as_agreed() {
    for &template in Template::ALL {
        let mail = render(template, "en", &template.examples()).unwrap();
        let name = template.name();
        insta::assert_snapshot!(format!("{name}.txt"), format!("Subject: {}\n\n{}", mail.subject, mail.text));
        insta::assert_snapshot!(format!("{name}.html"), mail.html);
    }
}

#[test]
fn what_may_be_empty_leaves_no_gap() {
    let again = with(Template::WelcomeAgain, json!({"support_email": ""}));
    let mail = render(Template::WelcomeAgain, "en", &again).unwrap();
    assert!(!mail.html.contains("Questions?") && !mail.html.contains("mailto:"));
    assert!(mail.text.ends_with("Nothing about your account has changed.\n"), "{}", mail.text);
    let task = with(Template::TaskOpened, json!({"tenant_name": "", "deadline": ""}));
    let mail = render(Template::TaskOpened, "en", &task).unwrap();
    assert!(!mail.html.contains("class=\"box\"") && !mail.text.contains("\n\n\n"), "{}\n{}", mail.text, mail.html);
}

#[test]
fn an_hour_is_one_hour() {
    let mail = render(Template::Welcome, "en", &with(Template::Welcome, json!({"expires_hours": 1}))).unwrap();
    for body in [&mail.html, &mail.text] {
        assert!(body.contains("1 hour") && !body.contains("1 hours"), "{body}");
    }
}

#[test]
fn each_variable_is_needed_documented_and_used() {
    for &template in Template::ALL {
        for variable in template.variables() {
            assert!(!variable.meaning.is_empty());
            let mut without = template.examples();
            without.as_object_mut().unwrap().remove(variable.name);
            let missing = TemplateError::MissingVariable { template: template.name(), variable: variable.name.into() };
            assert_eq!(render(template, "en", &without), Err(missing.clone()));
            let null = with(template, json!({variable.name: null}));
            assert_eq!(render(template, "en", &null), Err(missing.clone()));
            let empty = render(template, "en", &with(template, json!({variable.name: ""})));
            assert_eq!(empty.is_ok(), variable.may_be_empty, "{} of {}", variable.name, template.name());

            let marked = if variable.name.ends_with("_url") { "https://marked.example" } else { "marked-4242" };
            let mail = render(template, "en", &with(template, json!({variable.name: marked}))).unwrap();
            assert!(mail.html.contains(marked), "{} is not in the HTML of {}", variable.name, template.name());
            assert!(mail.text.contains(marked), "{} is not in the text of {}", variable.name, template.name());
        }
    }
}

#[test]
fn a_name_can_never_become_markup() {
    for &template in Template::ALL {
        for variable in template.variables().iter().filter(|v| !v.name.ends_with("_url")) {
            let nasty = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
            let mail = render(template, "en", &with(template, json!({variable.name: nasty}))).unwrap();
            assert!(!mail.html.contains("<script") && !mail.html.contains("<img"), "{}", mail.html);
            assert!(mail.html.contains("&lt;script&gt;") && !mail.html.contains("\"'>"), "{}", mail.html);
            assert!(mail.text.contains("<script>"), "text is text");
        }
    }
}

#[test]
fn a_name_can_never_become_a_template() {
    let nasty = with(Template::Welcome, json!({"tenant_name": "{{temporary_password}}"}));
    let mail = render(Template::Welcome, "en", &nasty).unwrap();
    assert_eq!(mail.subject, "Your {{temporary_password}} account is ready");
}

#[test]
fn a_link_leads_to_the_web_and_nowhere_else() {
    let unsafe_url = TemplateError::UnsafeUrl { template: "welcome", variable: "login_url" };
    for url in
        ["javascript:alert(1)", "data:text/html,x", "//evil.example", "acme.example.com", "https://a.example/\r\nx"]
    {
        let result = render(Template::Welcome, "en", &with(Template::Welcome, json!({"login_url": url})));
        assert_eq!(result, Err(unsafe_url.clone()), "{url}");
    }
}

#[test]
fn a_subject_is_one_line() {
    for name in ["Acme\r\nBcc: everybody@example.com", "Acme\n", "Acme\0"] {
        let result = render(Template::Welcome, "en", &with(Template::Welcome, json!({"tenant_name": name})));
        assert_eq!(result, Err(TemplateError::SubjectBreaksLine { template: "welcome" }), "{name:?}");
    }
}

#[test]
fn a_locale_that_is_not_written_falls_back_to_english() {
    for locale in ["en", "en-GB", "EN_us", "tlh", ""] {
        assert_eq!(render(Template::Welcome, locale, &Template::Welcome.examples()).unwrap().locale, "en");
    }
}

#[test]
fn variables_are_an_object() {
    assert_eq!(render(Template::Welcome, "en", &json!(["Acme"])), Err(TemplateError::NotAnObject));
}

#[test]
fn nothing_is_loaded_from_elsewhere_and_no_source_is_raw() {
    for &template in Template::ALL {
        let mail = render(template, "en", &template.examples()).unwrap();
        for tag in ["<img", "<script", "<link", "<iframe", "<form", "url(", "@import", "src=", "{{"] {
            assert!(!mail.html.contains(tag), "{tag} in {}", template.name());
        }
        // Gmail cuts a mail after 102 kB.
        assert!(mail.html.len() < 20_000 && mail.html.is_ascii(), "{} bytes", mail.html.len());
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("system");
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                let source = std::fs::read_to_string(entry.path()).unwrap();
                assert!(!source.contains("{{{") && !source.contains("{{&"), "{:?} renders raw", entry.path());
            }
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
