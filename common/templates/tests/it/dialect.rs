//! Whatever a tenant writes: what our reading accepts, the engine understands, and renders with nothing missing.

use proptest::prelude::*;
use serde_json::json;
use tenantry_templates::{Compiled, Published, TemplateError, Variable};

fn variables() -> Vec<Variable> {
    let variable = |name: &str, example| Variable { name: name.into(), meaning: "x".into(), required: true, example };
    vec![
        variable("a", json!("A")),
        variable("o", json!({"b": "B", "l": [1, 2]})),
        variable("l", json!([{"b": "B", "l": ["x"]}, {"b": "", "l": []}])),
    ]
}

/// Pieces of templates, most of which mean something to the engine.
fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "{{a}}",
        "{{ a }}",
        "{{~a~}}",
        "{{o.b}}",
        "{{b}}",
        "{{this}}",
        "{{this.b}}",
        "{{../a}}",
        "{{../b}}",
        "{{@index}}",
        "{{#if a}}",
        "{{#if b}}",
        "{{#if @first}}",
        "{{/if}}",
        "{{#unless l}}",
        "{{/unless}}",
        "{{#each l}}",
        "{{#each o.l}}",
        "{{#each ../l}}",
        "{{/each}}",
        "{{#with o}}",
        "{{/with}}",
        "{{else}}",
        "{{else if b}}",
        "{{^}}",
        "{{!x}}",
        "{{!-- -->",
        "--}}",
        "{{! -- }}",
        "{{",
        "}}",
        "{",
        "}",
        "\\",
        "~",
        "!",
        "--",
        "#",
        "/",
        ">",
        "&",
        "\"",
        "'",
        "(",
        ")",
        "|",
        "=",
        "@",
        ".",
        " ",
        "\n",
        "  \n",
        "a",
        "x",
        "ü",
        "{{log a}}",
        "{{lookup o a}}",
        "{{> p}}",
        "{{{a}}}",
        "{{&a}}",
        "{{else",
        "{{#",
    ];
    prop_oneof![
        9 => prop::sample::select(pieces.to_vec()).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ]
}

/// A well-formed template, so that many are accepted.
fn tree() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "{{a}}",
        "x\n",
        "{{o.b}}",
        " {{!-- {{ --}} ",
        "{{#each l}}{{b}}{{/each}}",
        "{{#with o}}{{b}}{{/with}}",
        "\n",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(5, 40, 4, |inner| {
        (prop::collection::vec(inner, 1..4), 0..6_u8).prop_map(|(inner, kind)| {
            let body = inner.concat();
            match kind {
                0 => format!("{{{{#if a}}}}{body}{{{{else}}}}{body}{{{{/if}}}}"),
                1 => format!("{{{{~#unless o}}}}\n{body}\n{{{{/unless~}}}}\n"),
                2 => format!("{{{{#if a}}}}{body}{{{{else if l}}}}{body}{{{{^}}}}x{{{{/if}}}}"),
                3 => format!("{{{{#each l}}}}{{{{@index}}}}{{{{b}}}}{{{{../a}}}}{{{{else}}}}{body}{{{{/each}}}}"),
                4 => format!("{{{{#with o}}}}{{{{#each l}}}}{{{{this}}}}{{{{../b}}}}{{{{../../a}}}}{{{{/each}}}}{{{{else}}}}{body}{{{{/with}}}}"),
                _ => body,
            }
        })
    })
}

fn check(html: &str) -> Result<bool, TestCaseError> {
    let published = Published { subject: "s".to_owned(), html: html.to_owned(), text: "t".to_owned() };
    let compiled = match Compiled::new(&published, &variables()) {
        Ok(compiled) => compiled,
        Err(error) => {
            // The engine's own refusal would mean that our reading is too generous.
            prop_assert!(error.findings.iter().all(|finding| finding.line > 0 || finding.code == "empty"), "{error}");
            return Ok(false);
        }
    };
    let values = variables().into_iter().map(|variable| (variable.name, variable.example)).collect();
    match compiled.render("en", &values) {
        Ok(_) | Err(TemplateError::TooLarge { .. } | TemplateError::TooManyRounds { .. }) => Ok(true),
        Err(error) => Err(TestCaseError::fail(format!("{error}"))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_accepted_renders(pieces in prop::collection::vec(piece(), 0..14)) {
        check(&pieces.concat())?;
    }

    #[test]
    fn what_is_well_formed_is_accepted_and_renders(html in tree()) {
        let accepted = check(&html)?;
        prop_assert!(accepted || html.trim().is_empty(), "{}", html);
    }
}
