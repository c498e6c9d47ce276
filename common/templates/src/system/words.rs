//! The sentences of a mail in one language: its own, and those that several mails share.

use handlebars::Template;

use super::catalog::{LOCALES, Lazy, Mail, SHARED, Words};

/// What a mail says in one language.
#[derive(Clone, Copy)]
pub(crate) struct Speech {
    own: &'static Words,
    shared: &'static Words,
    pub(crate) locale: &'static str,
}

impl Speech {
    /// The words of a mail in a locale that is one of [`LOCALES`], else English.
    pub(crate) fn of(mail: &'static Mail, locale: &str) -> Self {
        let index = LOCALES.iter().position(|written| *written == locale).unwrap_or(0);
        Self { own: parsed(&mail.words[index]), shared: parsed(&SHARED[index]), locale: LOCALES[index] }
    }

    /// A sentence; the mail's own comes before a shared one of the same key.
    pub(crate) fn say(&self, key: &str) -> Option<&'static Template> {
        self.own.get(key).or_else(|| self.shared.get(key))
    }
}

/// The files are part of the binary, so one that does not parse never leaves the workshop.
fn parsed(file: &'static Lazy<Words>) -> &'static Words {
    file.parsed.get_or_init(|| {
        let words: toml::Table = file.source.parse().expect("the words of the system are well formed");
        let sentence = |(key, sentence): (String, toml::Value)| {
            let sentence = sentence.as_str().expect("a sentence is a text");
            (key, Template::compile(sentence).expect("the words of the system are well formed"))
        };
        words.into_iter().map(sentence).collect()
    })
}
