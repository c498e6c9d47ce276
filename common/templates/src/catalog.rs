//! The mails there are, what each needs, and their words.

use serde_json::{Map, Value};

/// A mail of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Template {
    /// To a new administrator: where to sign in, and the temporary password.
    Welcome,
    /// To a new administrator, where no passwords are sent: a link that works once.
    Invitation,
    /// The welcome once more for somebody who has signed in already: no credentials.
    WelcomeAgain,
    /// To the platform's operators: a human task waits for an answer.
    TaskOpened,
}

/// A variable of a mail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variable {
    /// The name in the template.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// A value as it may be.
    pub example: Example,
    /// Whether the text may be empty; the variable must be given all the same.
    pub may_be_empty: bool,
}

/// An example of a variable's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Example {
    /// A text.
    Text(&'static str),
    /// A whole number.
    Number(u32),
}

impl From<Example> for Value {
    fn from(example: Example) -> Self {
        match example {
            Example::Text(text) => text.into(),
            Example::Number(number) => number.into(),
        }
    }
}

/// The words of a mail in one language.
pub(crate) struct Words {
    pub(crate) template: Template,
    pub(crate) locale: &'static str,
    pub(crate) subject: &'static str,
    pub(crate) text: &'static str,
    pub(crate) html: &'static str,
}

macro_rules! words {
    ($template:ident, $folder:literal, $locale:literal) => {
        Words {
            template: Template::$template,
            locale: $locale,
            subject: include_str!(concat!("../system/", $folder, "/", $locale, "/subject")),
            text: include_str!(concat!("../system/", $folder, "/", $locale, "/body.txt")),
            html: include_str!(concat!("../system/", $folder, "/", $locale, "/body.html")),
        }
    };
}

/// Every mail in every language it is written in. Each has English.
pub(crate) static WORDS: &[Words] = &[
    words!(Welcome, "welcome", "en"),
    words!(Invitation, "invitation", "en"),
    words!(WelcomeAgain, "welcome-again", "en"),
    words!(TaskOpened, "task-opened", "en"),
];

/// What every HTML part may use: the frame, and a few pieces in it.
pub(crate) static LAYOUT: &[(&str, &str)] = &[
    ("layout", include_str!("../system/layout/body.html")),
    ("button", include_str!("../system/layout/button.html")),
    ("facts", include_str!("../system/layout/facts.html")),
    ("fact", include_str!("../system/layout/fact.html")),
];

const fn text(name: &'static str, meaning: &'static str, example: &'static str) -> Variable {
    Variable { name, meaning, example: Example::Text(example), may_be_empty: false }
}

const TENANT_NAME: Variable = text("tenant_name", "the tenant's name", "Acme & Sons");
const FIRST_NAME: Variable = text("first_name", "the recipient's given name", "Ada");
const LOGIN_URL: Variable = text("login_url", "where to sign in", "https://acme.example.com/login?from=mail");
const LOGIN_EMAIL: Variable = text("login_email", "the address to sign in with", "ada@acme.example");
const EXPIRES_HOURS: Variable = Variable {
    name: "expires_hours",
    meaning: "how many hours the password or link works, from now",
    example: Example::Number(72),
    may_be_empty: false,
};
const SUPPORT_EMAIL: Variable = Variable {
    name: "support_email",
    meaning: "where questions go; empty when there is no such address",
    example: Example::Text("support@example.com"),
    may_be_empty: true,
};

const WELCOME: &[Variable] = &[
    TENANT_NAME,
    FIRST_NAME,
    LOGIN_URL,
    LOGIN_EMAIL,
    text("temporary_password", "the password for the first sign-in, in clear text", "sample-Pass-4711"),
    EXPIRES_HOURS,
    SUPPORT_EMAIL,
];

const INVITATION: &[Variable] = &[
    TENANT_NAME,
    FIRST_NAME,
    text("invite_url", "the single-use link, token included", "https://acme.example.com/invite/sample-token"),
    LOGIN_EMAIL,
    EXPIRES_HOURS,
    SUPPORT_EMAIL,
];

const WELCOME_AGAIN: &[Variable] = &[TENANT_NAME, FIRST_NAME, LOGIN_URL, LOGIN_EMAIL, SUPPORT_EMAIL];

const TASK_OPENED: &[Variable] = &[
    text("title", "the task in one line", "The welcome mail to Acme & Sons could not be delivered"),
    text(
        "text",
        "what happened and what can be done; line breaks are kept",
        "The mail server refused the recipient.\nSend it again, correct the address, or give up.",
    ),
    Variable { may_be_empty: true, meaning: "the tenant it is about, or empty", ..TENANT_NAME },
    text("answer_url", "where the task is answered", "https://console.example.com/tasks/tsk_4711"),
    Variable {
        may_be_empty: true,
        ..text("deadline", "until when an answer is awaited, or empty", "24 November 2026, 12:00 UTC")
    },
];

impl Template {
    /// Every mail of the system.
    pub const ALL: &'static [Self] = &[Self::Welcome, Self::Invitation, Self::WelcomeAgain, Self::TaskOpened];

    /// The mail's name, which is its folder's.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::Invitation => "invitation",
            Self::WelcomeAgain => "welcome-again",
            Self::TaskOpened => "task-opened",
        }
    }

    /// The mail of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|template| template.name() == name)
    }

    /// The variables the mail needs, all of them.
    #[must_use]
    pub fn variables(self) -> &'static [Variable] {
        match self {
            Self::Welcome => WELCOME,
            Self::Invitation => INVITATION,
            Self::WelcomeAgain => WELCOME_AGAIN,
            Self::TaskOpened => TASK_OPENED,
        }
    }

    /// The example of every variable: a preview's input.
    #[must_use]
    pub fn examples(self) -> Value {
        let examples = self.variables().iter().map(|v| (v.name.to_owned(), v.example.into()));
        Value::Object(examples.collect::<Map<_, _>>())
    }
}
