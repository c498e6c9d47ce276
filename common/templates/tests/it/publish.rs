//! MJML becomes HTML, and HTML becomes text.

use serde_json::json;
use tenantry_templates::{Compiled, Published, Source, Variable, is_mjml, publish};

fn variables() -> Vec<Variable> {
    let variable = |name: &str, example| Variable { name: name.into(), meaning: "x".into(), required: true, example };
    vec![
        variable("name", json!("Ada")),
        variable("shop_url", json!("https://shop.example/tea")),
        variable("items", json!([{"title": "Tea", "price": "3 €"}, {"title": "Cake", "price": "4 €"}])),
    ]
}

fn published(html: &str) -> Published {
    let source = Source { subject: "Your order".to_owned(), html: html.to_owned(), text: None };
    publish(&source, &variables()).unwrap_or_else(|error| panic!("{error}"))
}

const MJML: &str = r##"<!-- our order mail -->
<mjml>
  <mj-head><mj-title>Order</mj-title><mj-preview>Thank you, {{name}}</mj-preview></mj-head>
  <mj-body>
    <mj-section>
      <mj-column>
        <mj-text><h1>Thank you, {{name}}!</h1>Your order:</mj-text>
        <mj-table>
          {{#each items}}
          <tr><td>{{title}}</td><td>{{price}}</td></tr>
          {{/each}}
        </mj-table>
        {{#if shop_url}}
        <mj-button href="{{shop_url}}" background-color="#1d4ed8">Open the shop</mj-button>
        {{/if}}
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>"##;

#[test]
fn mjml_is_html_once_it_is_published() {
    assert!(is_mjml(MJML) && is_mjml("\n<MJML>") && !is_mjml("<html>") && !is_mjml("<p><mjml>"));
    let published = published(MJML);
    assert!(!published.html.contains("<mj-") && !is_mjml(&published.html), "{}", published.html);
    // Nothing is loaded from elsewhere that the tenant did not ask for.
    assert!(!published.html.contains("fonts.googleapis") && !published.html.contains("@import"));
    let compiled = Compiled::new(&published, &variables()).unwrap();
    let examples = variables().into_iter().map(|variable| (variable.name, variable.example)).collect();
    let mail = compiled.render("en", &examples).unwrap();
    assert!(mail.html.contains("<td>Cake</td>") && mail.html.contains("href=\"https://shop.example/tea\""));
    insta::assert_snapshot!(mail.text);
}

#[test]
fn what_is_published_is_published_again_as_it_is() {
    let once = published(MJML);
    let source = Source { subject: once.subject.clone(), html: once.html.clone(), text: Some(once.text.clone()) };
    assert_eq!(publish(&source, &variables()).unwrap(), once);
}

#[test]
fn a_tag_that_mjml_drops_is_named() {
    for (inside, named) in [
        ("<mj-text unknown=\"{{name}}\">x</mj-text>", "{{name}}"),
        ("<mj-text unknown=\"{{#if name}}\">x{{/if}}</mj-text>", "a block or its end"),
    ] {
        let html = format!("<mjml><mj-body><mj-section><mj-column>{inside}</mj-column></mj-section></mj-body></mjml>");
        let source = Source { subject: "x".into(), html, text: Some("x".into()) };
        let error = publish(&source, &variables()).unwrap_err();
        assert_eq!((error.findings.len(), error.findings[0].code), (1, "lost_tag"), "{error}");
        assert!(error.findings[0].detail.contains(named), "{error}");
    }
}

#[test]
fn a_place_in_mjml_is_a_place_in_the_source() {
    for (inside, code) in [("<mj-buton>x</mj-buton>", "unknown_element"), ("</mj-body><mj-footer />", "invalid_mjml")] {
        let html = format!("<mjml>\n  <mj-body>\n    ü{inside}\n  </mj-body>\n</mjml>");
        let source = Source { subject: "x".into(), html, text: Some("x".into()) };
        let error = publish(&source, &variables()).unwrap_err();
        assert_eq!((error.findings[0].code, error.findings[0].line), (code, 3), "{error}");
    }
}

#[test]
fn a_text_part_is_made_where_there_is_none() {
    for (html, text) in [
        ("<h1>Hi</h1><p>Dear <b>{{name}}</b>,</p><p>two</p>", "Hi\n\nDear {{name}},\n\ntwo\n"),
        ("<a href=\"{{shop_url}}\">Shop</a>", "Shop ({{shop_url}})\n"),
        ("<a href=\"mailto:a@b.example\">a@b.example</a>", "a@b.example\n"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two\n"),
        ("<div style=\"display: none\">preview</div><p>x</p>", "x\n"),
        ("<style>p { color: red }</style><title>t</title><p>x &amp; y</p>", "x & y\n"),
        ("<p><img src=\"https://a.example/x.png\" alt=\"Our logo\"> x</p>", "Our logo x\n"),
    ] {
        assert_eq!(published(html).text, text, "{html}");
    }
    let table =
        "<table><tr><th>What</th></tr>{{#each items}}<tr><td>{{title}}</td><td>{{price}}</td></tr>{{/each}}</table>";
    let text = published(table).text;
    let order =
        ["What", "{{#each items}}", "{{title}}", "{{price}}", "{{/each}}"].map(|piece| text.find(piece).unwrap());
    assert!(order.is_sorted(), "{text}");
}

#[test]
fn a_text_part_that_cannot_be_made_is_asked_for() {
    for html in ["<p class=\"{{#if name}}a{{/if}}\">x</p>", "<img src=\"https://a.example/x.png\">"] {
        let source = Source { subject: "x".into(), html: html.into(), text: None };
        let error = publish(&source, &variables()).unwrap_err();
        assert_eq!(error.findings[0].code, "text_needed", "{html}: {error}");
        assert!(publish(&Source { text: Some("x".into()), ..source }, &variables()).is_ok());
    }
}
