//! Fields of forms.

use maud::{Markup, html};

use crate::{ask::fresh_key, person::Person, trouble::Trouble};

/// A field: its name in the form, its label, what stands in it, and what is wrong with it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Field<'a> {
    /// The name in the form; also the element's id, unless `id` says otherwise.
    pub(crate) name: &'a str,
    /// The element's id, where it is another.
    pub(crate) id: Option<&'a str>,
    /// What people read before it.
    pub(crate) label: &'a str,
    /// What stands in it.
    pub(crate) value: &'a str,
    /// `text`, `email`, `url`, `number`, `search`, `datetime-local`; `text` where none is named.
    pub(crate) kind: Option<&'a str>,
    /// One line of help.
    pub(crate) help: Option<&'a str>,
    /// An example of what it may be.
    pub(crate) example: Option<&'a str>,
    /// The browser's name for it (`email`, `given-name`, `organization`, `off`).
    pub(crate) autocomplete: Option<&'a str>,
    /// It must be filled in.
    pub(crate) required: bool,
    /// What is wrong with it.
    pub(crate) wrong: Option<&'a str>,
}

impl<'a> Field<'a> {
    /// With what the API says of `place` (a JSON pointer without its first slash).
    #[must_use]
    pub(crate) fn judged(mut self, trouble: Option<&'a Trouble>, place: &str) -> Self {
        self.wrong = trouble.and_then(|trouble| trouble.field(place));
        self
    }

    fn id(&self) -> &'a str {
        self.id.unwrap_or(self.name)
    }

    /// The ids of what is said about it.
    fn described(&self) -> Option<String> {
        let ids = [self.help.map(|_| "help"), self.wrong.map(|_| "wrong")];
        let ids: Vec<String> = ids.into_iter().flatten().map(|what| format!("{}-{what}", self.id())).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn around(&self, control: &Markup) -> Markup {
        html! {
            div.field {
                label for=(self.id()) { (self.label) @if !self.required { span.optional { " optional" } } }
                (control)
                @if let Some(help) = self.help { p.help id={ (self.id()) "-help" } { (help) } }
                @if let Some(wrong) = self.wrong { p.wrong id={ (self.id()) "-wrong" } { (wrong) } }
            }
        }
    }
}

/// One line of text.
pub(crate) fn input(field: &Field<'_>) -> Markup {
    field.around(&html! {
        input id=(field.id()) name=(field.name) type=(field.kind.unwrap_or("text")) value=(field.value) placeholder=[field.example]
            autocomplete=[field.autocomplete] required[field.required] aria-invalid=[field.wrong.map(|_| "true")]
            aria-describedby=[field.described()];
    })
}

/// One of several: value and words.
pub(crate) fn select(field: &Field<'_>, choices: &[(&str, &str)]) -> Markup {
    field.around(&html! {
        select id=(field.id()) name=(field.name) required[field.required] aria-invalid=[field.wrong.map(|_| "true")] aria-describedby=[field.described()] {
            @for (value, words) in choices { option value=(value) selected[*value == field.value] { (words) } }
        }
    })
}

/// A box to tick.
pub(crate) fn tick(name: &str, label: &str, on: bool) -> Markup {
    html! { label.tick { input type="checkbox" name=(name) value="on" checked[on]; span { (label) } } }
}

/// The token that every form carries.
pub(crate) fn csrf(person: &Person) -> Markup {
    hidden("csrf", &person.csrf)
}

/// The key of a form that makes something: sent twice by an impatient finger, it is one wish. Not for a piece that draws itself anew.
pub(crate) fn once() -> Markup {
    html! { @if let Some(key) = fresh_key() { (hidden("once", &key)) } }
}

/// A value that goes with a form unseen.
pub(crate) fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}
