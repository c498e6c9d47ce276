//! Templates of a tenant's own: what is accepted, what is refused and where, and what cannot be done with them.

use serde_json::{Value, json};
use tenantry_templates::{
    Compiled, Finding, Part, Published, Source, SourceError, Template, TemplateError, TemplateName, Variable, publish,
};

fn variable(name: &str, required: bool, example: Value) -> Variable {
    Variable { name: name.to_owned(), meaning: format!("the {name}"), required, example }
}

fn variables() -> Vec<Variable> {
    vec![
        variable("name", true, json!("Ada")),
        variable("note", false, json!("Leave it at the door.")),
        variable("total", true, json!(19.5)),
        variable("shop_url", true, json!("https://shop.example/?a=1&b=2")),
        variable("customer", true, json!({"city": "Graz", "tags": ["new"]})),
        variable(
            "items",
            true,
            json!([
                {"title": "Tea & cake", "parts": [{"size": 1}, {"size": 2}], "page_url": "https://shop.example/tea"},
                {"title": "Cup", "parts": [], "page_url": "https://shop.example/cup"},
            ]),
        ),
    ]
}

fn examples() -> Value {
    variables().into_iter().map(|variable| (variable.name, variable.example)).collect()
}

fn source(html: &str) -> Source {
    Source { subject: "Hello {{name}}".to_owned(), html: html.to_owned(), text: Some("Hello {{name}}".to_owned()) }
}

fn findings(result: Result<Published, SourceError>) -> Vec<Finding> {
    result.unwrap_err().findings
}

/// The codes with which an HTML part is refused.
fn refused(html: &str) -> Vec<&'static str> {
    let findings = findings(publish(&source(html), &variables()));
    assert!(findings.iter().all(|finding| finding.part == Some(Part::Html) && !finding.detail.is_empty()));
    // What the API refuses when it is saved, the send path does not take from the database either.
    let published = Published { subject: "Hi".to_owned(), html: html.to_owned(), text: "Hi".to_owned() };
    assert!(html.contains("<mj") || Compiled::new(&published, &variables()).is_err(), "{html}");
    findings.into_iter().map(|finding| finding.code).collect()
}

fn rendered(html: &str) -> String {
    let published = publish(&source(html), &variables()).unwrap_or_else(|error| panic!("{html}: {error}"));
    Compiled::new(&published, &variables()).unwrap().render("de", &examples()).unwrap().html
}

#[test]
fn what_a_tenant_may_write_means_what_it_says() {
    for (html, expected) in [
        ("{{name}} {{ name }} {{~name~}} x", "Ada AdaAdax"),
        ("{{total}} {{locale}} {{customer.city}}", "19.5 de Graz"),
        ("{{#if note}}{{note}}{{else}}none{{/if}}", "Leave it at the door."),
        ("{{#unless note}}no{{else if name}}{{name}}{{^}}x{{/unless}}", "Ada"),
        ("{{#with customer}}{{city}} for {{../name}}{{/with}}", "Graz for Ada"),
        ("{{#with customer}}{{#each tags}}{{this}}-{{../city}}-{{../../name}}{{/each}}{{/with}}", "new-Graz-Ada"),
        ("{{#each items}}{{@index}}{{title}}{{#unless @last}}, {{/unless}}{{/each}}", "0Tea &amp; cake, 1Cup"),
        (
            "{{#each items}}{{#if @first}}{{../name}}{{/if}}{{#each parts}}{{this.size}}{{../title}}{{else}}-{{title}}{{/each}}{{/each}}",
            "Ada1Tea &amp; cake2Tea &amp; cake-Cup",
        ),
        ("a{{! a note }}b{{!-- {{#if}} }} --}}c", "abc"),
        ("<a href=\"{{shop_url}}\">x</a>", "<a href=\"https://shop.example/?a&#x3D;1&amp;b&#x3D;2\">x</a>"),
        ("<a href=\"https://shop.example/{{name}}\">x</a>", "<a href=\"https://shop.example/Ada\">x</a>"),
        ("} }} { {name}", "} }} { {name}"),
    ] {
        assert_eq!(rendered(html), expected, "{html}");
    }
}

#[test]
fn what_a_tenant_may_not_write_is_refused() {
    for (html, code) in [
        ("{{{name}}}", "raw_output"),
        ("{{&name}}", "not_allowed"),
        ("{{& name}}", "not_allowed"),
        ("{{{{raw}}}}{{name}}{{{{/raw}}}}", "raw_output"),
        ("{{> layout}}", "not_allowed"),
        ("{{#> layout}}{{/layout}}", "not_allowed"),
        ("{{#*inline \"x\"}}{{/inline}}", "not_allowed"),
        ("{{* x}}", "not_allowed"),
        ("{{lookup ../x}}", "not_allowed"),
        ("{{lookup customer \"city\"}}", "not_allowed"),
        ("{{log name}}", "not_allowed"),
        ("{{#eq name name}}x{{/eq}}", "not_allowed"),
        ("{{#if (eq name \"x\")}}{{/if}}", "not_allowed"),
        ("{{#each items as |item|}}{{item.title}}{{/each}}", "not_allowed"),
        ("{{#if name includeZero=true}}{{/if}}", "not_allowed"),
        ("{{@root.name}}", "not_allowed"),
        ("{{items.[0].title}}", "not_allowed"),
        ("{{items.0.title}}", "not_allowed"),
        ("{{name/x}}", "not_allowed"),
        ("{{\"name\"}}", "not_allowed"),
        ("{{if}}", "not_allowed"),
        ("{{this.__proto__}}", "not_allowed"),
        ("{{customer.constructor}}", "unknown_variable"),
        ("{{nmae}}", "unknown_variable"),
        ("{{#each items}}{{name}}{{/each}}", "unknown_variable"),
        ("{{#each items}}{{../../name}}{{/each}}", "unknown_variable"),
        ("{{../name}}", "unknown_variable"),
        ("{{@index}}", "unknown_variable"),
        ("{{#each items}}x{{else}}{{title}}{{/each}}", "unknown_variable"),
        ("{{this}}", "unknown_variable"),
        ("{{name.length}}", "unknown_variable"),
        ("{{items}}", "wrong_kind"),
        ("{{customer}}", "wrong_kind"),
        ("{{#each name}}{{this}}{{/each}}", "wrong_kind"),
        ("{{#with items}}{{/with}}", "wrong_kind"),
        ("{{#if name}}", "unclosed_block"),
        ("{{#if}}{{/if}}", "no_variable"),
        ("{{/if}}", "stray_close"),
        ("{{#if name}}{{/each}}{{/if}}", "stray_close"),
        ("{{else}}", "stray_else"),
        ("{{#if name}}a{{else}}b{{else}}c{{/if}}", "stray_else"),
        ("{{#if name}}a{{else}}b{{else if note}}c{{/if}}", "stray_else"),
        ("{{#if name}}a{{else each items}}c{{/if}}", "not_allowed"),
        ("{{}}", "empty_tag"),
        ("{{ name", "unclosed_tag"),
        ("{{!-- {{name}}", "unclosed_tag"),
        ("\\{{name}}", "backslash"),
        ("<a href=\"{{name}}\">x</a>", "unsafe_address"),
        ("<a HREF = '{{#if name}}{{name}}{{/if}}'>x</a>", "unsafe_address"),
        ("<img src={{customer.city}}>", "unsafe_address"),
        ("<p style=\"background: url('{{name}}')\">x</p>", "unsafe_address"),
        ("<script>alert(1)</script>", "refused_element"),
        ("<IFRAME src=\"https://x.example\"></IFRAME>", "refused_element"),
        ("<mjml><mj-body><mj-include path=\"/etc/passwd\" /></mj-body></mjml>", "refused_element"),
        ("<mjml><mj-body><mj-section></mj-body></mjml>", "invalid_mjml"),
        ("<mjml><mj-body>", "invalid_mjml"),
        ("  ", "empty"),
    ] {
        assert_eq!(refused(html).first(), Some(&code), "{html}");
    }
}

#[test]
fn a_comment_hides_nothing_from_the_checks() {
    // The engine takes `{{! --` for a long comment, which it would end elsewhere than a reader of the source.
    assert_eq!(refused("{{! -- }}{{nmae}}{{! --}}"), ["unknown_variable"]);
    assert_eq!(rendered("{{! -- }}{{name}}{{! --}}x"), "Adax");
}

#[test]
fn a_finding_names_the_place_and_what_is_known_there() {
    let found = findings(publish(&source("<p>\n  Grüße {{nmae}}</p>\n{{#each items}}{{nmae}}{{/each}}"), &variables()));
    let places: Vec<_> = found.iter().map(|finding| (finding.line, finding.column)).collect();
    assert_eq!(places, [(2, 9), (3, 16)]);
    assert_eq!(
        found[0].to_string(),
        "html, line 2, column 9: nmae is not known here; known are customer, items, locale, name, note, shop_url, total"
    );
    assert!(
        found[1].detail.ends_with("known are page_url, parts, title; what is outside of this block is reached by ../")
    );
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let source = Source { subject: "{{a}}\n".into(), html: "{{b}}<script>".into(), text: Some("{{{c}}}".into()) };
    let codes: Vec<_> =
        findings(publish(&source, &variables())).into_iter().map(|f| (f.part.unwrap().name(), f.code)).collect();
    assert_eq!(
        codes,
        [
            ("subject", "unknown_variable"),
            ("html", "refused_element"),
            ("html", "unknown_variable"),
            ("text", "raw_output")
        ]
    );
}

#[test]
fn size_depth_and_number_have_limits() {
    let deep = |n: usize| format!("{}x{}", "{{#if name}}".repeat(n), "{{/if}}".repeat(n));
    assert_eq!(rendered(&deep(16)), "x");
    assert_eq!(refused(&deep(17))[0], "too_deep");
    assert_eq!(refused(&deep(10_000))[0], "too_deep");
    assert_eq!(refused(&format!("{{{{#if name}}}}{}{{{{/if}}}}", "{{else if note}}".repeat(16)))[0], "too_deep");
    assert_eq!(refused(&"{{name}}".repeat(2_001)), ["too_many_tags"]);
    assert_eq!(refused(&"<div>".repeat(20_000)), ["too_deep"]);
    let nested = |n: usize| format!("<mjml><mj-body>{}", "<mj-section>".repeat(n));
    assert_eq!(refused(&nested(10_000)), ["too_deep"]);
    assert_eq!(findings(publish(&source(&"x".repeat(256 * 1024 + 1)), &variables()))[0].code, "too_large");
    let subject = Source { subject: "x".repeat(513), ..source("x") };
    assert_eq!(findings(publish(&subject, &variables()))[0].code, "too_large");
    assert_eq!(refused(&"<td>".repeat(10_000)), ["too_deep"]);
}

#[test]
fn strange_markup_takes_no_time() {
    let started = std::time::Instant::now();
    for piece in ["<", "<li>", "<p>", "<!--", "<br>", "<p><b>x</b>", "&lt;", "{ {", "}}", "<a href=", "x\n", "<style>"]
    {
        let html = piece.repeat(256 * 1024 / piece.len());
        let source = Source { text: None, ..source(&html) };
        let _either = publish(&source, &variables());
    }
    let rules = ".a .b, .c > .d { display: none } ".repeat(3_000);
    let styled = format!("<style>{rules}</style>{}", "<i class=d>x</i>".repeat(8_000));
    let _either = publish(&Source { text: None, ..source(&styled) }, &variables());
    // A text of the square of its length would take minutes.
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn loops_cannot_explode() {
    let compile = |html: &str| {
        let published = Published { subject: "Hi".into(), html: html.into(), text: "Hi".into() };
        Compiled::new(&published, &variables()).unwrap()
    };
    let mut many = examples();
    many["items"] = json!(vec![json!({"title": "x".repeat(1_000), "parts": [], "page_url": "https://a.example"}); 200]);
    // Forty thousand rounds that write nothing, and four that write too much.
    let silent = compile("{{#each items}}{{#each ../items}}{{/each}}{{/each}}");
    assert_eq!(silent.render("en", &many), Err(TemplateError::TooManyRounds { part: Part::Html }));
    let loud = compile(&"{{#each items}}{{title}}{{title}}{{title}}{{title}}{{/each}}".repeat(4));
    assert_eq!(loud.render("en", &many), Err(TemplateError::TooLarge { part: Part::Html }));
    let fine = compile("{{#each items}}{{title}}{{/each}}");
    assert_eq!(fine.render("en", &many).unwrap().html.len(), 200_000);
}

#[test]
fn values_are_checked_when_it_is_sent() {
    let published = publish(&source("{{name}} {{note}} <a href=\"{{shop_url}}\">x</a>"), &variables()).unwrap();
    let compiled = Compiled::new(&published, &variables()).unwrap();
    let with = |name: &str, value: Value| {
        let mut given = examples();
        given[name] = value;
        compiled.render("en", &given)
    };
    assert_eq!(with("note", Value::Null).unwrap().html.split(' ').nth(1), Some(""));
    assert_eq!(with("name", json!("")), Err(TemplateError::MissingVariable { variable: "name".into() }));
    assert_eq!(with("shop_url", json!("javascript:x")), Err(TemplateError::UnsafeUrl { variable: "shop_url".into() }));
    let item = json!([{"title": "a", "parts": [], "page_url": "javascript:x"}]);
    assert_eq!(with("items", item), Err(TemplateError::UnsafeUrl { variable: "items[0].page_url".into() }));
    assert_eq!(with("name", json!("a\nBcc: b")), Err(TemplateError::SubjectBreaksLine));
    let markup = with("name", json!("<b>\"'{{note}}")).unwrap();
    assert!(markup.html.starts_with("&lt;b&gt;&quot;&#x27;{{note}} "), "{}", markup.html);
    assert_eq!((markup.subject.as_str(), markup.locale.as_str()), ("Hello <b>\"'{{note}}", "en"));
}

#[test]
fn a_subject_that_could_be_empty_is_found_when_it_is() {
    let source = Source { subject: "{{#if note}}{{note}}{{/if}}".into(), ..source("x") };
    let compiled = Compiled::new(&publish(&source, &variables()).unwrap(), &variables()).unwrap();
    let mut given = examples();
    given["note"] = json!("");
    assert_eq!(compiled.render("en", &given), Err(TemplateError::SubjectEmpty));
}

#[test]
fn the_documentation_of_variables_is_checked() {
    let code = |variable: Variable| findings(publish(&source("x"), &[variable, variables().remove(0)]))[0].code;
    for name in ["", "1st", "a-b", "a.b", "each", "this", "locale", "ä", &"x".repeat(65)] {
        assert_eq!(code(variable(name, true, json!("x"))), "invalid_name", "{name}");
    }
    assert_eq!(code(variable("name", true, json!("x"))), "twice");
    for example in
        [json!(null), json!([]), json!([null]), json!({"a": null}), json!({"a-b": "x"}), json!([{"this": 1}])]
    {
        assert_eq!(code(variable("x", true, example.clone())), "no_example", "{example}");
    }
    assert_eq!(code(variable("x", true, json!("x".repeat(20_000)))), "too_large");
    let many: Vec<_> = (0..65).map(|n| variable(&format!("v{n}"), false, json!("x"))).collect();
    assert_eq!(findings(publish(&source("x"), &many))[0].code, "too_many_variables");
}

#[test]
fn a_variable_may_be_called_as_a_helper_that_tenants_do_not_have() {
    let names = ["log", "len", "eq", "raw", "lookup", "or"];
    let variables: Vec<_> = names.iter().map(|name| variable(name, true, json!(format!("<{name}>")))).collect();
    let html = names.map(|name| format!("{{{{{name}}}}}{{{{#if {name}}}}}!{{{{/if}}}}")).concat();
    let source = Source { subject: "{{log}}".to_owned(), html, text: None };
    let compiled = Compiled::new(&publish(&source, &variables).unwrap(), &variables).unwrap();
    let mail = compiled.render("en", &variables.into_iter().map(|v| (v.name, v.example)).collect()).unwrap();
    assert_eq!(mail.text.trim(), "<log>!<len>!<eq>!<raw>!<lookup>!<or>!");
    assert_eq!(mail.html, names.map(|name| format!("&lt;{name}&gt;!")).concat());
}

#[test]
fn names_of_templates() {
    for name in ["order-shipped", "2", "welcome"] {
        assert_eq!(name.parse::<TemplateName>().unwrap().as_str(), name);
    }
    for name in ["", "Order", "a b", "a/b", "ä", &"x".repeat(65)] {
        assert!(name.parse::<TemplateName>().is_err(), "{name}");
    }
}

#[test]
fn a_tenant_can_take_the_place_of_a_mail_of_the_system() {
    let source = Source {
        subject: "{{domain}}".to_owned(),
        html: "<p>{{tenant_name}}</p>{{#each records}}<p>{{type}} {{name}} {{value}}</p>{{/each}}".to_owned(),
        text: None,
    };
    let published = publish(&source, Template::DomainRecords.variables()).unwrap();
    let compiled = Compiled::new(&published, Template::DomainRecords.variables()).unwrap();
    let mail = compiled.render("en", &Template::DomainRecords.examples()).unwrap();
    assert!(mail.text.contains("TXT send.mail v=spf1 include:spf.mail-out.example.net ~all"), "{}", mail.text);
}
