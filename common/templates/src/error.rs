//! Why a mail cannot be rendered. No error holds a variable's value.

/// A mail that was not rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The variables are not a JSON object.
    #[error("the variables of a mail must be a JSON object")]
    NotAnObject,
    /// A variable is absent, null, or empty although it may not be.
    #[error("the mail {template:?} needs a value for the variable {variable:?}")]
    MissingVariable {
        /// The template's name.
        template: &'static str,
        /// The variable, as the template names it.
        variable: String,
    },
    /// A variable that becomes a link is no web address.
    #[error("the variable {variable:?} of the mail {template:?} must be an http or https address")]
    UnsafeUrl {
        /// The template's name.
        template: &'static str,
        /// The variable's name.
        variable: &'static str,
    },
    /// The rendered subject holds a line break or another control character.
    #[error("the subject of the mail {template:?} would contain a line break or a control character")]
    SubjectBreaksLine {
        /// The template's name.
        template: &'static str,
    },
    /// A variable has a form that the template cannot use.
    #[error("the {part} of the mail {template:?} cannot be rendered with these variables")]
    Broken {
        /// The template's name.
        template: &'static str,
        /// `subject`, `body.txt` or `body.html`.
        part: &'static str,
    },
}
