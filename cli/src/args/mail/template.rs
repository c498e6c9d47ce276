//! `tenantry mail template`

use clap::{Args, Subcommand};

use serde_json::Value;

use super::{
    super::{Paging, Repeat},
    Variables,
};

/// `tenantry mail template`
#[derive(Debug, Subcommand)]
pub enum TemplateCommand {
    /// List a tenant's templates, the system's among them
    List {
        /// Of this tenant (`ten_...`) [default: your own]
        #[arg(long, value_name = "ID", conflicts_with = "system")]
        tenant: Option<String>,
        /// Only the system's, with their variables
        #[arg(long)]
        system: bool,
        /// Which part.
        #[command(flatten)]
        paging: Paging,
    },
    /// Show one template in all its languages, or the tenant's words in one of them
    Show {
        /// Its name
        name: String,
        /// One language: what the tenant has written in it
        locale: Option<String>,
        /// Of this tenant (`ten_...`) [default: your own]
        #[arg(long, value_name = "ID")]
        tenant: Option<String>,
    },
    /// Write a draft; nothing is sent with it until it is published
    Put(Box<TemplatePut>),
    /// Send with the draft from now on
    Publish {
        /// Which.
        #[command(flatten)]
        which: TemplateName,
        /// The key to repeat it with.
        #[command(flatten)]
        repeat: Repeat,
    },
    /// Show how a template looks with these variables, or with the examples
    Preview {
        /// Which.
        #[command(flatten)]
        which: TemplateName,
        /// With what.
        #[command(flatten)]
        variables: Variables,
        /// Which words.
        #[command(flatten)]
        words: WhichWords,
        /// Show the HTML instead of the text
        #[arg(long)]
        html: bool,
    },
    /// Send a preview to one address
    Test {
        /// Which.
        #[command(flatten)]
        which: TemplateName,
        /// To whom
        #[arg(long, value_name = "ADDRESS")]
        to: String,
        /// With what.
        #[command(flatten)]
        variables: Variables,
        /// Which words.
        #[command(flatten)]
        words: WhichWords,
        /// The key to repeat it with.
        #[command(flatten)]
        repeat: Repeat,
    },
    /// List the versions of a template
    Versions {
        /// Which.
        #[command(flatten)]
        which: TemplateName,
        /// Which part.
        #[command(flatten)]
        paging: Paging,
    },
    /// Make an earlier version the draft
    Restore {
        /// Which.
        #[command(flatten)]
        which: TemplateName,
        /// The version's number
        version: u32,
        /// The key to repeat it with.
        #[command(flatten)]
        repeat: Repeat,
    },
    /// Go back to the system's words; what was published is kept among the versions
    Reset {
        /// Which.
        #[command(flatten)]
        which: TemplateName,
    },
}

/// One language of a template.
#[derive(Debug, Args)]
pub struct TemplateName {
    /// Its name, such as: welcome
    pub name: String,
    /// Its language, such as: de; or: default
    pub locale: String,
    /// Of this tenant (`ten_...`) [default: your own]
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
}

/// Which words of a template are looked at.
#[derive(Debug, Args)]
pub struct WhichWords {
    /// draft, published, system, or the number of a version [default: the draft, else what is published, else the system's]
    #[arg(long = "version", value_name = "VERSION")]
    pub version: Option<String>,
}

impl WhichWords {
    /// As the API takes it: numbers are numbers.
    #[must_use]
    pub fn json(self) -> Option<Value> {
        self.version.map(|version| version.parse::<u32>().map_or_else(|_| version.as_str().into(), Value::from))
    }
}

/// `tenantry mail template put`
#[derive(Debug, Args)]
pub struct TemplatePut {
    /// Which.
    #[command(flatten)]
    pub which: TemplateName,
    /// The subject, with {{variables}}
    #[arg(long, required_unless_present = "file")]
    pub subject: Option<String>,
    /// The HTML, from a file
    #[arg(long, value_name = "FILE", conflicts_with = "mjml_file")]
    pub html_file: Option<String>,
    /// MJML, from a file
    #[arg(long, value_name = "FILE")]
    pub mjml_file: Option<String>,
    /// The words, from a file [default: made from the HTML]
    #[arg(long, value_name = "FILE")]
    pub text_file: Option<String>,
    /// What its variables mean, from a JSON file; for names of your own
    #[arg(long, value_name = "FILE")]
    pub variables: Option<String>,
    /// All of the above from a JSON file as the API takes it; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["subject", "html_file", "mjml_file", "text_file", "variables"])]
    pub file: Option<String>,
}
