//! The mails there are. Their words and frames are part of the binary; each is parsed when it is first needed.

use std::{collections::BTreeMap, sync::LazyLock, sync::OnceLock};

use serde::Deserialize;
use serde_json::Value;

use crate::{
    Variable,
    variable::{Shape, examples},
};

/// A mail of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Template {
    /// To a new administrator: where to sign in, and the temporary password.
    Welcome,
    /// To a new administrator, where no passwords are sent: a link that works once.
    Invitation,
    /// The welcome once more for somebody who has signed in already: no credentials.
    WelcomeAgain,
    /// A link to choose a new password.
    PasswordReset,
    /// To a tenant: the DNS records to publish for a sending domain.
    DomainRecords,
    /// To a tenant: not all of these records are there yet.
    DomainReminder,
    /// To a tenant: the sending domain is ready.
    DomainVerified,
    /// To a tenant: records of a sending domain in use are not there any more.
    DomainRecordsMissing,
    /// To a tenant: something is wrong with a sending domain that was ready.
    DomainDegraded,
    /// To a tenant: the records of a sending domain are there, and are not accepted.
    DomainRefused,
    /// To a tenant: the set-up of a sending domain has ended without success.
    DomainFailed,
    /// To a tenant: the portal answers under its own name.
    PortalLive,
    /// To a tenant: the set-up of the portal's name has ended without success.
    PortalFailed,
    /// To a tenant: the DNS record of the portal's name is not there yet.
    PortalReminder,
    /// To a tenant: the portal's name points elsewhere, and the portal will be taken down there.
    PortalMoved,
    /// To a tenant: a webhook endpoint has taken no event for days.
    WebhookFailing,
    /// To a tenant: a webhook endpoint was switched off.
    WebhookDisabled,
    /// To the platform's operators: a human task waits for an answer.
    TaskOpened,
    /// A human task still waits for an answer.
    TaskReminder,
}

/// The locales that every mail of the system is written in.
pub const LOCALES: &[&str] = &["en", "de", "es", "fr", "it", "nl", "pl", "pt"];

/// A file that is parsed once, when it is first needed.
pub(crate) struct Lazy<T> {
    pub(crate) source: &'static str,
    pub(crate) parsed: OnceLock<T>,
}

impl<T> Lazy<T> {
    const fn new(source: &'static str) -> Self {
        Self { source, parsed: OnceLock::new() }
    }
}

/// Words by their keys.
pub(crate) type Words = BTreeMap<String, handlebars::Template>;

/// Words in each of [`LOCALES`], in that order.
pub(crate) type Translations = [Lazy<Words>; LOCALES.len()];

/// What belongs to a mail.
pub(crate) struct Mail {
    template: Template,
    name: &'static str,
    pub(crate) html: Lazy<handlebars::Template>,
    pub(crate) text: Lazy<handlebars::Template>,
    pub(crate) words: Translations,
}

/// The words of a folder, one file per locale: adding a locale is adding it here and to [`LOCALES`].
macro_rules! words {
    ($folder:literal) => {
        words!($folder: "en" "de" "es" "fr" "it" "nl" "pl" "pt")
    };
    ($folder:literal: $($locale:literal)*) => {
        [$(Lazy::new(include_str!(concat!("../../system/", $folder, "/", $locale, ".toml")))),*]
    };
}

macro_rules! mail {
    ($template:ident, $name:literal, $frame:literal) => {
        Mail {
            template: Template::$template,
            name: $name,
            html: Lazy::new(include_str!(concat!("../../system/frames/", $frame, ".html"))),
            text: Lazy::new(include_str!(concat!("../../system/frames/", $frame, ".txt"))),
            words: words!($name),
        }
    };
}

/// Every mail: its name, which is its folder's, and the frame that its words stand in.
static MAILS: [Mail; 19] = [
    mail!(Welcome, "welcome", "welcome"),
    mail!(Invitation, "invitation", "invitation"),
    mail!(WelcomeAgain, "welcome-again", "welcome-again"),
    mail!(PasswordReset, "password-reset", "password-reset"),
    mail!(DomainRecords, "domain-records", "records"),
    mail!(DomainReminder, "domain-reminder", "missing"),
    mail!(DomainVerified, "domain-verified", "news"),
    mail!(DomainRecordsMissing, "domain-records-missing", "missing"),
    mail!(DomainDegraded, "domain-degraded", "missing"),
    mail!(DomainRefused, "domain-refused", "missing"),
    mail!(DomainFailed, "domain-failed", "missing"),
    mail!(PortalLive, "portal-live", "news"),
    mail!(PortalFailed, "portal-failed", "trouble"),
    mail!(PortalReminder, "portal-reminder", "trouble"),
    mail!(PortalMoved, "portal-moved", "trouble"),
    mail!(WebhookFailing, "webhook-failing", "endpoint"),
    mail!(WebhookDisabled, "webhook-disabled", "endpoint"),
    mail!(TaskOpened, "task-opened", "task"),
    mail!(TaskReminder, "task-reminder", "task"),
];

/// Words that several mails say.
pub(crate) static SHARED: Translations = words!("shared");

/// What every HTML part may use: the frame around all, and a few pieces in it.
pub(crate) static PIECES: &[(&str, &str)] = &[
    ("layout", include_str!("../../system/layout/layout.html")),
    ("paragraph", include_str!("../../system/layout/paragraph.html")),
    ("button", include_str!("../../system/layout/button.html")),
    ("address", include_str!("../../system/layout/address.html")),
    ("facts", include_str!("../../system/layout/facts.html")),
    ("fact", include_str!("../../system/layout/fact.html")),
    ("cell", include_str!("../../system/layout/cell.html")),
    ("records", include_str!("../../system/layout/records.html")),
    ("finding", include_str!("../../system/layout/finding.html")),
];

/// What every text part ends with.
pub(crate) static FOOTER: &str = include_str!("../../system/layout/footer.txt");

/// `variables.toml`: what the variables mean, and which mail has which.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Documentation {
    mails: BTreeMap<String, Vec<String>>,
    variables: BTreeMap<String, Meaning>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Meaning {
    meaning: String,
    example: Value,
}

/// Each mail's variables, in the order of [`MAILS`].
static VARIABLES: LazyLock<Vec<Documented>> = LazyLock::new(|| {
    let documentation: Documentation =
        toml::from_str(include_str!("../../system/variables.toml")).expect("variables.toml is well formed");
    MAILS.iter().map(|mail| Documented::of(mail.name, &documentation)).collect()
});

struct Documented {
    variables: Vec<Variable>,
    shaped: Vec<(Variable, Shape)>,
}

impl Documented {
    fn of(mail: &str, documentation: &Documentation) -> Self {
        let variable = |listed: &String| {
            let name = listed.trim_end_matches('?');
            let Meaning { meaning, example } = &documentation.variables[name];
            let (meaning, example) = (meaning.clone(), example.clone());
            Variable { name: name.to_owned(), meaning, required: !listed.ends_with('?'), example }
        };
        let variables: Vec<Variable> = documentation.mails[mail].iter().map(variable).collect();
        let shape = |variable: &Variable| Shape::of(&variable.example).expect("every example shows its form");
        let shaped = variables.iter().map(|variable| (variable.clone(), shape(variable))).collect();
        Self { variables, shaped }
    }
}

impl Template {
    /// Every mail of the system.
    pub const ALL: &'static [Self] = &[
        Self::Welcome,
        Self::Invitation,
        Self::WelcomeAgain,
        Self::PasswordReset,
        Self::DomainRecords,
        Self::DomainReminder,
        Self::DomainVerified,
        Self::DomainRecordsMissing,
        Self::DomainDegraded,
        Self::DomainRefused,
        Self::DomainFailed,
        Self::PortalLive,
        Self::PortalFailed,
        Self::PortalReminder,
        Self::PortalMoved,
        Self::WebhookFailing,
        Self::WebhookDisabled,
        Self::TaskOpened,
        Self::TaskReminder,
    ];

    fn index(self) -> usize {
        MAILS.iter().position(|mail| mail.template == self).expect("every template has its row")
    }

    pub(crate) fn mail(self) -> &'static Mail {
        &MAILS[self.index()]
    }

    pub(crate) fn shaped(self) -> &'static [(Variable, Shape)] {
        &VARIABLES[self.index()].shaped
    }

    /// The mail's name, which is its folder's.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.mail().name
    }

    /// The mail of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|template| template.name() == name)
    }

    /// Whether its words hold a password or a link that logs in: they are not kept once they have left.
    #[must_use]
    pub fn holds_credential(self) -> bool {
        matches!(self, Self::Welcome | Self::Invitation | Self::PasswordReset)
    }

    /// The variables the mail needs.
    #[must_use]
    pub fn variables(self) -> &'static [Variable] {
        &VARIABLES[self.index()].variables
    }

    /// The example of every variable: a preview's input.
    #[must_use]
    pub fn examples(self) -> Value {
        examples(self.variables().iter())
    }
}
