//! The words of a message.

use serde::Deserialize;

use crate::output::{Paint, printable};

/// The words of a message, and what goes with it.
#[derive(Debug, Deserialize)]
pub struct Content {
    /// The words.
    #[serde(default)]
    pub text: Option<String>,
    /// The HTML.
    #[serde(default)]
    pub html: Option<String>,
    /// The files.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
}

/// A file that goes with a message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// Its name.
    pub filename: String,
    /// Its media type.
    #[serde(default)]
    pub content_type: Option<String>,
    /// Its bytes.
    #[serde(default)]
    pub size: Option<u64>,
}

/// The words as text; the HTML only where there is nothing else.
#[must_use]
pub fn content(content: &Content, paint: Paint) -> String {
    let (words, head) = match (&content.text, &content.html) {
        (Some(text), _) => (lines(text), "Words"),
        (None, Some(html)) => (lines(html), "HTML"),
        (None, None) => ("(There are none.)".to_owned(), "Words"),
    };
    let mut parts = vec![format!("{}\n{words}", paint.head(head))];
    if !content.attachments.is_empty() {
        let files = content.attachments.iter().map(|file| {
            let kind = file.content_type.as_deref().map(|kind| format!("  {kind}")).unwrap_or_default();
            let size = file.size.map(|size| format!("  {size} bytes")).unwrap_or_default();
            printable(&format!("{}{kind}{size}", file.filename))
        });
        parts.push(format!("{}\n{}", paint.head("Files"), files.collect::<Vec<_>>().join("\n")));
    }
    parts.join("\n\n")
}

/// A text that may hold anything, line by line.
#[must_use]
pub fn lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}
