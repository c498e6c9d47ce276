//! The words of every language are the same words: same keys, same variables, nothing left over, nothing forgotten.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use tenantry_templates::{LOCALES, Template};

fn system() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("system")
}

/// The folders of words: the mails', and the shared one.
fn folders() -> Vec<&'static str> {
    Template::ALL.iter().map(|template| template.name()).chain(["shared"]).collect()
}

fn words(folder: &str, locale: &str) -> BTreeMap<String, String> {
    let file = system().join(folder).join(format!("{locale}.toml"));
    let table: toml::Table = fs::read_to_string(file).unwrap().parse().unwrap();
    table.into_iter().map(|(key, sentence)| (key, sentence.as_str().unwrap().to_owned())).collect()
}

/// The variables and words that a sentence speaks of, as a set: grammar may need one of them twice.
fn speaks_of(sentence: &str) -> BTreeSet<String> {
    let tags = sentence.split("{{").skip(1).map(|rest| rest.split("}}").next().unwrap());
    let named = tags.filter(|tag| !tag.starts_with('/') && *tag != "else").map(|tag| {
        let tag = tag.strip_prefix("#if ").unwrap_or(tag);
        match tag.split_once(' ') {
            Some(("plural", rest)) => format!("plural {}", rest.split(' ').next().unwrap()),
            _ => tag.to_owned(),
        }
    });
    named.collect()
}

#[test]
fn every_language_has_the_same_sentences_with_the_same_variables() {
    for folder in folders() {
        let english = words(folder, "en");
        for locale in LOCALES {
            let theirs = words(folder, locale);
            assert_eq!(theirs.keys().collect::<Vec<_>>(), english.keys().collect::<Vec<_>>(), "{folder} {locale}");
            for (key, sentence) in &theirs {
                let place = format!("{folder} {locale} {key}");
                assert_eq!(speaks_of(sentence), speaks_of(&english[key]), "{place}");
                assert!(!sentence.trim().is_empty() && sentence.trim_matches(' ') == sentence, "{place}");
                // The frames escape: what is written here is text, never markup.
                assert!(!sentence.contains(['<', '>', '&']) && !sentence.contains("{{{"), "{place}");
            }
        }
    }
}

#[test]
fn a_sentence_is_translated() {
    for folder in folders() {
        let english = words(folder, "en");
        for locale in LOCALES.iter().filter(|locale| **locale != "en") {
            for (key, sentence) in words(folder, locale) {
                // A label may be the same word, and what holds no word is the same everywhere.
                let label = sentence.split_whitespace().count() < 3 || sentence.starts_with("{{title}}");
                assert!(label || sentence != english[&key], "{folder} {locale} {key} is still English");
            }
        }
    }
}

#[test]
fn every_sentence_is_said_and_every_file_is_used() {
    let mut frames = String::new();
    for folder in ["frames", "layout"] {
        for entry in fs::read_dir(system().join(folder)).unwrap() {
            frames += &fs::read_to_string(entry.unwrap().path()).unwrap();
        }
    }
    assert!(!frames.contains("{{{") && !frames.contains("{{&"), "a frame renders raw");
    for folder in folders() {
        let words = words(folder, "en");
        let sentences = words.values().cloned().collect::<String>()
            + &self::words("shared", "en").into_values().collect::<String>();
        for key in words.keys().filter(|key| *key != "subject") {
            let named = format!("\"{key}\"");
            assert!(frames.contains(&named) || sentences.contains(&named), "nobody says {key} of {folder}");
        }
        let files: BTreeSet<String> = fs::read_dir(system().join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let expected: BTreeSet<String> = LOCALES.iter().map(|locale| format!("{locale}.toml")).collect();
        assert_eq!(files, expected, "{folder}");
    }
    let there: BTreeSet<String> =
        fs::read_dir(system()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let known = folders().into_iter().chain(["frames", "layout", "variables.toml"]).map(str::to_owned);
    assert_eq!(there, known.collect());
}

#[test]
fn no_vendor_is_named() {
    for folder in folders() {
        for locale in LOCALES {
            for (key, sentence) in words(folder, locale) {
                let sentence = sentence.to_lowercase();
                for vendor in
                    ["resend", "amazon", " ses ", "sendgrid", "mailgun", "postmark", "tenantry", "encrypt.org"]
                {
                    assert!(!sentence.contains(vendor), "{folder} {locale} {key} names {vendor}");
                }
            }
        }
    }
}
