//! HTML as text, with its tags where they were.

use html2text::render::TextDecorator;

/// Wide enough that no line is broken: mail programs wrap, and a tag must stay whole.
const WIDTH: usize = 100_000;

/// The most bytes of an HTML part that words are read from: 1 MiB.
const LARGEST: usize = 1024 * 1024;

/// The most elements that may stand within each other: reading takes time by the square of their depth.
const MOST_ELEMENTS: usize = 5_000;

/// The words of an HTML part, with the address after each link's words. None where the HTML cannot be read, is larger than 1 MiB,
/// or has more than 5,000 elements besides paragraphs, list items, images and the like.
#[must_use]
pub fn text(html: &str) -> Option<String> {
    if html.len() > LARGEST || elements(html) > MOST_ELEMENTS {
        return None;
    }
    let config =
        html2text::config::with_decorator(Plain::default()).raw_mode(true).allow_width_overflow().use_doc_css();
    let text = config.string_from_read(without_tables(&without_styles(html)).as_bytes(), WIDTH).ok()?;
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    Some(lines.join("\n").trim().to_owned() + "\n")
}

/// How many elements there are that could stand within each other. How deep they do is the parser's to know, and asking it is what
/// takes the time; a guess that follows end tags can be led astray.
fn elements(html: &str) -> usize {
    // They end what they are put into, or hold nothing, in SVG and MathML as well.
    const SHALLOW: [&str; 8] = ["br", "dd", "dt", "hr", "img", "li", "meta", "p"];
    let counts = |tag: &&str| {
        let name = &tag[..tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len())];
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && !SHALLOW.iter().any(|one| one.eq_ignore_ascii_case(name))
    };
    html.split('<').skip(1).filter(counts).count()
}

/// Without style sheets: only what an element says itself (`display: none`) is followed, not thousands of rules.
fn without_styles(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let (mut out, mut at) = (String::with_capacity(html.len()), 0);
    while let Some(start) = lower[at..].find("<style").map(|found| at + found) {
        out.push_str(&html[at..start]);
        at = lower[start..].find("</style>").map_or(html.len(), |found| start + found + "</style>".len());
    }
    out + &html[at..]
}

/// Tables as plain blocks: an HTML parser moves text that stands between rows out of the table, and `{{#each}}` is such
/// text. Most tables of mails are for layout anyway; a cell becomes a line.
fn without_tables(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let inside = tag[1..].strip_prefix('/').unwrap_or(&tag[1..]);
        let name = &inside[..inside.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inside.len())];
        let table = ["table", "thead", "tbody", "tfoot", "tr", "td", "th"].iter().any(|t| t.eq_ignore_ascii_case(name));
        let start = tag.len() - inside.len();
        if table {
            out.push_str(&tag[..start]);
            out.push_str("div");
            rest = &inside[name.len()..];
        } else {
            out.push_str(&tag[..start]);
            rest = inside;
        }
    }
    out + rest
}

/// No marks but the address after a link's words.
#[derive(Debug, Clone, Default)]
struct Plain {
    links: Vec<String>,
}

impl TextDecorator for Plain {
    type Annotation = ();

    fn decorate_link_start(&mut self, url: &str) -> (String, ()) {
        self.links.push(url.to_owned());
        (String::new(), ())
    }

    fn decorate_link_end(&mut self) -> String {
        let url = self.links.pop().unwrap_or_default();
        if url.starts_with("mailto:") || url.starts_with('#') || url.is_empty() {
            String::new()
        } else {
            format!(" ({url})")
        }
    }

    fn decorate_em_start(&self) -> (String, ()) {
        Default::default()
    }

    fn decorate_em_end(&self) -> String {
        String::new()
    }

    fn decorate_strong_start(&self) -> (String, ()) {
        Default::default()
    }

    fn decorate_strong_end(&self) -> String {
        String::new()
    }

    fn decorate_strikeout_start(&self) -> (String, ()) {
        Default::default()
    }

    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }

    fn decorate_code_start(&self) -> (String, ()) {
        Default::default()
    }

    fn decorate_code_end(&self) -> String {
        String::new()
    }

    fn decorate_preformat_first(&self) {}

    fn decorate_preformat_cont(&self) {}

    fn decorate_image(&mut self, _: &str, title: &str) -> (String, ()) {
        (title.to_owned(), ())
    }

    fn header_prefix(&self, _: usize) -> String {
        String::new()
    }

    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }

    fn unordered_item_prefix(&self) -> String {
        "- ".to_owned()
    }

    fn ordered_item_prefix(&self, i: i64) -> String {
        format!("{i}. ")
    }

    fn make_subblock_decorator(&self) -> Self {
        Self::default()
    }

    fn decorate_superscript_start(&self) -> (String, ()) {
        Default::default()
    }

    fn decorate_superscript_end(&self) -> String {
        String::new()
    }

    fn finalise(&mut self, _: Vec<String>) -> Vec<html2text::render::TaggedLine<()>> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_take_the_parser_long_is_not_begun() {
        for tag in ["<div>", "<b></x>", "<b title='</b>'>", "<table><tr><td>", "<svg><link>"] {
            assert_eq!(text(&tag.repeat(MOST_ELEMENTS + 1)), None, "{tag}");
        }
        assert_eq!(text(&"x".repeat(LARGEST + 1)), None);
        let long = "<p>a<br>b</p>".repeat(MOST_ELEMENTS);
        assert!(text(&long).is_some_and(|text| text.starts_with("a\nb\n\na")));
    }
}
