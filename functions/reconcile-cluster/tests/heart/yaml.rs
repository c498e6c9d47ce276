use std::collections::BTreeMap;

use reconcile_cluster::{render::Service, yaml};
use serde_json::Value;
use tenantry_cluster::{Key, Kind, Object};

use crate::given::{hostname, named, rendering, row};

#[test]
fn a_file_holds_three_documents_for_a_hostname() {
    let mut rendering = rendering();
    rendering.challenge = Some(Service { host: "acme.msp.svc.cluster.local".to_owned(), port: 8089 });
    let files = yaml::files(&rendering, &[named(1, "portal.acme.test")]).unwrap();

    insta::assert_snapshot!("a_tenants_file", files["acme1.yaml"]);
}

#[test]
fn during_a_change_of_hostname_a_file_holds_six_the_older_row_first() {
    let mut newer = named(2, "www.acme.test");
    newer.slug = "acme1".to_owned();
    let older = named(1, "portal.acme.test");
    let files = yaml::files(&rendering(), &[newer.clone(), older.clone()]).unwrap();
    let other_way_round = yaml::files(&rendering(), &[older, newer]).unwrap();

    assert_eq!(files, other_way_round);
    assert_eq!(files.len(), 1);
    let text = &files["acme1.yaml"];
    assert_eq!(text.matches("\n---\n").count(), 6);
    assert!(text.find("portal.acme.test").unwrap() < text.find("www.acme.test").unwrap());
}

#[test]
fn what_is_written_is_read_back_as_it_was() {
    let objects = rendering().objects(&hostname(1)).unwrap();
    let text = yaml::file(&objects).unwrap();

    let read: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
    assert_eq!(read.len(), 3);
    for (read, object) in read.iter().zip(&objects) {
        assert_eq!(read["apiVersion"], object.key.kind.api_version());
        assert_eq!(read["kind"], object.key.kind.as_str());
        assert_eq!(read["metadata"]["name"], object.key.name);
        assert_eq!(read["metadata"]["namespace"], object.key.namespace);
        assert_eq!(read["metadata"]["labels"], serde_json::to_value(&object.labels).unwrap());
        assert_eq!(read["metadata"]["annotations"], serde_json::to_value(&object.annotations).unwrap());
        assert_eq!(read["spec"], object.spec);
    }
}

#[test]
fn a_text_that_looks_like_something_else_stays_a_text() {
    let odd = [
        "no",
        "on.example",
        "y",
        "true",
        "null",
        "~",
        "1e3",
        "0o7",
        "0x1f",
        "012",
        "1_000",
        "12:30:45",
        "2026-01-02",
        "",
        " ",
        "a: b",
        "a #b",
        "- a",
        "*a",
        "&a",
        "!a",
        "%a",
        "@a",
        "`a",
        "{a}",
        "[a]",
        "'a'",
        "\"a\"",
        ".inf",
        "NaN",
        "=",
        "<<",
        "a\nb",
        "a\tb",
        "é",
        "1.5",
        "+1",
        "-",
        "?",
        "|",
        ">",
        "a:",
        ":a",
        "\u{feff}a",
        "\u{85}",
        "a\u{2028}b",
    ];
    let spec = Value::Array(odd.iter().map(|text| Value::from(*text)).collect());
    let key = Key { kind: Kind::Gateway, namespace: "no".to_owned(), name: "1e3".to_owned() };
    let labels: BTreeMap<String, String> = odd.iter().map(|text| (format!("k{text}"), (*text).to_owned())).collect();
    let object = Object { key, labels: labels.clone(), annotations: labels.clone(), spec: spec.clone() };

    let text = yaml::document(&object).unwrap();

    let read: Value = serde_saphyr::from_str(&text).unwrap();
    assert_eq!(read["spec"], spec);
    assert_eq!(read["metadata"]["labels"], serde_json::to_value(labels).unwrap());
    assert_eq!(read["metadata"]["name"], "1e3");
    assert_eq!(read["metadata"]["namespace"], "no");
    // Readers of YAML 1.1, of which there are many, see more in a plain text than those of 1.2.
    for plain in ["- no\n", "- y\n", "- 0o7\n", "- 012\n", "- 12:30:45\n", "- 2026-01-02\n", "- 1_000\n"] {
        assert!(!text.contains(plain), "{plain:?} is not quoted");
    }
}

#[test]
fn keys_are_sorted_and_no_line_says_when_or_ends_in_a_space() {
    let objects = rendering().objects(&hostname(1)).unwrap();
    let text = yaml::file(&objects).unwrap();

    assert!(text.starts_with(yaml::FIRST_LINE) && text.ends_with('\n') && !text.ends_with("\n\n"));
    for (number, line) in text.lines().enumerate() {
        assert_eq!(line.trim_end(), line, "line {number}");
    }
    for document in text.split("---\n").skip(1) {
        let keys: Vec<&str> = document.lines().filter(|line| !line.starts_with(' ')).collect();
        assert!(keys.is_sorted(), "{keys:?}");
    }
}

#[test]
fn no_slug_leads_out_of_the_folder() {
    for slug in ["../acme", "a/b", "", ".hidden", "-rf", "Acme", "a b", "acmé"] {
        let mut hostname = hostname(1);
        hostname.slug = slug.to_owned();
        assert_eq!(yaml::file_name(&hostname), format!("{}.yaml", hostname.tenant), "{slug}");
    }
    assert_eq!(yaml::file_name(&hostname(1)), "acme1.yaml");
    assert_ne!(row(1), row(2));
}
