//! A message as it is typed.

use clap::Args;

use super::super::{Json, When, assignment};

/// A message.
#[derive(Debug, Args)]
pub struct Letter {
    /// On behalf of this tenant (`ten_...`) [default: your own]
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// To whom: ada@example.com or "Ada <ada@example.com>"; repeat it for several
    #[arg(long, value_name = "ADDRESS", num_args = 1..)]
    pub to: Vec<String>,
    /// Who gets a copy
    #[arg(long, value_name = "ADDRESS", num_args = 1..)]
    pub cc: Vec<String>,
    /// Who gets a copy that the others do not see
    #[arg(long, value_name = "ADDRESS", num_args = 1..)]
    pub bcc: Vec<String>,
    /// For this user (`usr_...`): their address unless --to names another, and their preferences
    #[arg(long, value_name = "ID")]
    pub user: Option<String>,
    /// From this address [default: the tenant's]
    #[arg(long, value_name = "ADDRESS")]
    pub from: Option<String>,
    /// Rather refuse than send from another address than --from
    #[arg(long, requires = "from")]
    pub insist_from: bool,
    /// Where answers go [default: as the tenant's settings say]
    #[arg(long, value_name = "ADDRESS")]
    pub reply_to: Option<String>,
    /// The subject
    #[arg(long)]
    pub subject: Option<String>,
    /// The words
    #[arg(long, conflicts_with = "text_file")]
    pub text: Option<String>,
    /// The words, from a file; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub text_file: Option<String>,
    /// The HTML, from a file; `-` reads standard input. Without words of their own they are made from it
    #[arg(long, value_name = "FILE")]
    pub html_file: Option<String>,
    /// Files that go with it; their kind is told by the end of their names
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub attach: Vec<String>,
    /// A further header, such as: "X-Order: 17"
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    pub header: Vec<(String, String)>,
    /// A label to find it by, such as: order=17
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    pub tag: Vec<(String, String)>,
    /// What it is about, such as: invoices [default: notifications]
    #[arg(long)]
    pub category: Option<String>,
    /// What it is about, more finely
    #[arg(long)]
    pub subtype: Option<String>,
    /// Take subject and words from this template
    #[arg(long, value_name = "NAME", conflicts_with_all = ["subject", "text", "text_file", "html_file"])]
    pub template: Option<String>,
    /// The template's language, such as: de-AT
    #[arg(long, requires = "template")]
    pub locale: Option<String>,
    /// A variable of the template: text
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment, requires = "template")]
    pub var: Vec<(String, String)>,
    /// Variables of the template from a JSON file; `-` reads standard input. --var comes on top
    #[arg(long, value_name = "FILE", requires = "template")]
    pub vars: Option<String>,
    /// When it shall leave: 2026-11-21T09:00:00Z, or +2h [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<When>,
    /// It holds a secret: its words are never shown again, and erased as soon as it has left
    #[arg(long)]
    pub sensitive: bool,
    /// The whole message as the API takes it, from a JSON file; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "tenant", "to", "cc", "bcc", "user", "from", "reply_to", "subject", "text", "text_file", "html_file", "attach",
        "header", "tag", "category", "subtype", "template", "at", "sensitive",
    ])]
    pub file: Option<String>,
}

/// `NAME: VALUE`
pub(super) fn header(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.trim().to_owned())),
        _ => Err("write it as NAME: VALUE".to_owned()),
    }
}

/// Variables of a template.
#[derive(Debug, Args)]
pub struct Variables {
    /// A variable: text
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    pub var: Vec<(String, String)>,
    /// Variables as JSON, such as: '{"count": 3}'. --var comes on top
    #[arg(long, value_name = "JSON", conflicts_with = "vars")]
    pub json_vars: Option<Json>,
    /// Variables from a JSON file; `-` reads standard input. --var comes on top
    #[arg(long, value_name = "FILE")]
    pub vars: Option<String>,
}
