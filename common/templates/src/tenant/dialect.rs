//! The Handlebars that a tenant may write, read before the engine reads it: values, `if`, `unless`, `each`, `with`,
//! `else`, comments. Everything else is refused here, with its place. What is accepted is written anew in one spelling,
//! so that the engine can never understand a tag in another way than the checks did.

use super::scope::{Path, Scopes};
use crate::{Finding, Part, variable::Shape};

/// How deep blocks may stand in one another, each `else if` counting as one more.
const DEEPEST: usize = 16;

/// How many tags a part may have.
const MOST_TAGS: usize = 2_000;

/// How many findings are worth reading at once.
const MOST_FINDINGS: usize = 20;

/// The helpers that open a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Block {
    If,
    Unless,
    Each,
    With,
}

impl Block {
    fn named(name: &str) -> Option<Self> {
        [Self::If, Self::Unless, Self::Each, Self::With].into_iter().find(|block| block.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::If => "if",
            Self::Unless => "unless",
            Self::Each => "each",
            Self::With => "with",
        }
    }
}

/// A part that was read.
#[derive(Debug)]
pub(crate) struct Read {
    /// The part in the engine's one spelling.
    pub(crate) source: String,
    /// Its tags in order, comments left out.
    pub(crate) tags: Vec<String>,
}

/// A block that is open.
struct Open {
    block: Block,
    at: usize,
    /// How many `else if` it has had.
    branches: usize,
    /// Whether the last `else` has come.
    closed: bool,
}

/// Reads one part. `root` is the form of all variables together.
pub(crate) fn read(part: Part, text: &str, root: &Shape) -> Result<Read, Vec<Finding>> {
    let mut reader = Reader {
        part,
        text,
        scopes: Scopes::new(root),
        open: Vec::new(),
        read: Read { source: String::with_capacity(text.len()), tags: Vec::new() },
        plain: String::new(),
        findings: Vec::new(),
    };
    reader.all();
    if reader.findings.is_empty() { Ok(reader.read) } else { Err(reader.findings) }
}

struct Reader<'a> {
    part: Part,
    text: &'a str,
    scopes: Scopes<'a>,
    open: Vec<Open>,
    read: Read,
    /// The text so far without its tags: what an attribute holds before a value.
    plain: String,
    findings: Vec<Finding>,
}

impl<'a> Reader<'a> {
    fn all(&mut self) {
        let mut at = 0;
        let text = self.text;
        while let Some(found) = text[at..].find("{{") {
            let start = at + found;
            self.literal(&text[at..start]);
            if self.findings.len() >= MOST_FINDINGS {
                return;
            }
            if self.read.tags.len() >= MOST_TAGS {
                return self.find(start, "too_many_tags", format!("a part may have at most {MOST_TAGS} tags"));
            }
            if text[..start].ends_with('\\') {
                self.find(start, "backslash", "a backslash before {{ has no meaning here; remove it".to_owned());
            }
            at = self.tag(start);
        }
        self.literal(&text[at..]);
        while let Some(open) = self.open.pop() {
            let name = open.block.name();
            self.find(open.at, "unclosed_block", format!("{{{{#{name}}}}} is never closed; add {{{{/{name}}}}}"));
        }
    }

    fn literal(&mut self, text: &str) {
        self.read.source.push_str(text);
        self.plain.push_str(text);
    }

    fn find(&mut self, at: usize, code: &'static str, detail: String) {
        self.findings.push(finding_at(self.part, self.text, at, code, detail));
    }

    /// Reads the tag that starts at `start` and says where it ends.
    fn tag(&mut self, start: usize) -> usize {
        let rest = &self.text[start..];
        if rest.starts_with("{{{") {
            let detail = "values are always escaped; write {{name}} with two braces".to_owned();
            self.find(start, "raw_output", detail);
            return start + rest.find(|c| c != '{').unwrap_or(rest.len());
        }
        let (opener, end) = if rest.starts_with("{{!--") { ("{{!--", "--}}") } else { ("{{", "}}") };
        let Some(length) = rest[opener.len()..].find(end) else {
            self.find(start, "unclosed_tag", format!("this tag is never closed; add {end}"));
            return self.text.len();
        };
        let inside = &rest[opener.len()..opener.len() + length];
        let end = start + opener.len() + length + end.len();
        if rest.starts_with("{{!") {
            // Kept as a tag, for the engine to take away the line of a comment that stands alone on it.
            self.read.source.push_str("{{!}}");
            return end;
        }
        if let Some(tag) = self.inside(start, inside) {
            let trims = |there: bool| if there { "~" } else { "" };
            let (before, after) = (trims(inside.starts_with('~')), trims(inside.ends_with('~')));
            self.read.source.push_str(&format!("{{{{{before}{tag}{after}}}}}"));
            self.read.tags.push(tag);
        }
        end
    }

    /// What stands between the braces, in one spelling.
    fn inside(&mut self, at: usize, inside: &'a str) -> Option<String> {
        let inside = inside.strip_prefix('~').unwrap_or(inside);
        let inside = inside.strip_suffix('~').unwrap_or(inside).trim();
        let words: Vec<&str> = inside.split_whitespace().collect();
        match words.as_slice() {
            [] => self.refuse(at, "empty_tag", "there is nothing between the braces; name a variable".to_owned()),
            ["else" | "^"] => self.otherwise(at),
            ["else", helper, path] => self.otherwise_if(at, helper, path),
            [word] if word.starts_with('/') => self.close(at, &word[1..]),
            [helper, path] if helper.starts_with('#') => self.begin(at, &helper[1..], path),
            [helper] if helper.starts_with('#') && Block::named(&helper[1..]).is_some() => {
                self.refuse(at, "no_variable", format!("{{{{{helper}}}}} needs a variable: {{{{{helper} name}}}}"))
            }
            [path] if path.starts_with(|c: char| c.is_ascii_alphabetic() || c == '.' || c == '@' || c == '_') => {
                self.value(at, path)
            }
            [word, ..] => {
                let word = if word.len() == 1 && words.len() > 1 {
                    format!("{word} {}", words[1])
                } else {
                    (*word).to_owned()
                };
                let word: String = word.chars().take(40).collect();
                self.refuse(
                    at,
                    "not_allowed",
                    format!("{word:?} is not known here; only variables, if, unless, each, with and else are"),
                )
            }
        }
    }

    fn refuse<T>(&mut self, at: usize, code: &'static str, detail: String) -> Option<T> {
        self.find(at, code, detail);
        None
    }

    fn path(&mut self, at: usize, path: &str) -> Option<(Path, &'a Shape)> {
        let resolved = Path::parse(path).and_then(|path| Ok((self.scopes.resolve(&path)?, path)));
        match resolved {
            Ok((shape, path)) => Some((path, shape)),
            Err((code, detail)) => self.refuse(at, code, detail),
        }
    }

    fn value(&mut self, at: usize, path: &str) -> Option<String> {
        let (path, shape) = self.path(at, path)?;
        let problem = match shape {
            Shape::Scalar => None,
            Shape::List(_) => Some("a list; write {{#each ...}} around what is said of each entry"),
            Shape::Object(_) => Some("an object; name one of its fields after a dot"),
        };
        if let Some(problem) = problem {
            return self.refuse(at, "wrong_kind", format!("{path} is {problem}"));
        }
        if self.part == Part::Html && !path.holds_url() && begins_address(&self.plain) {
            let detail = format!(
                "{path} begins an address, so its name must be url or end in _url; its values are checked then"
            );
            return self.refuse(at, "unsafe_address", detail);
        }
        Some(path.to_string())
    }

    fn begin(&mut self, at: usize, helper: &str, path: &str) -> Option<String> {
        let Some(block) = Block::named(helper) else {
            let helper: String = helper.chars().take(40).collect();
            return self.refuse(
                at,
                "not_allowed",
                format!("{{{{#{helper}}}}} is not known; only if, unless, each and with are"),
            );
        };
        let resolved = self.path(at, path);
        let inner = match (block, &resolved) {
            (Block::Each, Some((_, Shape::List(entry)))) => Some(&**entry),
            (Block::With, Some((_, shape @ Shape::Object(_)))) => Some(*shape),
            _ => None,
        };
        // Also after a mistake, so that what stands inside and the end of the block are understood.
        self.open.push(Open { block, at, branches: 0, closed: false });
        self.scopes.enter(block, inner);
        self.too_deep(at)?;
        let (path, _) = resolved?;
        match block {
            Block::Each if inner.is_none() => {
                self.refuse(at, "wrong_kind", format!("{path} is not a list, so each cannot go through it"))
            }
            Block::With if inner.is_none() => {
                self.refuse(at, "wrong_kind", format!("{path} is not an object, so with cannot enter it"))
            }
            _ => Some(format!("#{} {path}", block.name())),
        }
    }

    fn too_deep(&mut self, at: usize) -> Option<()> {
        let depth = self.open.iter().map(|open| 1 + open.branches).sum::<usize>();
        if depth <= DEEPEST {
            return Some(());
        }
        self.refuse(at, "too_deep", format!("blocks may stand at most {DEEPEST} deep in one another, else if included"))
    }

    fn otherwise(&mut self, at: usize) -> Option<String> {
        self.branch(at)?.closed = true;
        Some("else".to_owned())
    }

    fn otherwise_if(&mut self, at: usize, helper: &str, path: &str) -> Option<String> {
        if helper != "if" {
            return self.refuse(at, "not_allowed", "after else only if can follow".to_owned());
        }
        self.branch(at)?.branches += 1;
        self.too_deep(at)?;
        let (path, _) = self.path(at, path)?;
        Some(format!("else if {path}"))
    }

    /// The block whose other branch begins here: outside of what `each` and `with` enter.
    fn branch(&mut self, at: usize) -> Option<&mut Open> {
        let Some((block, first, closed)) = self.open.last().map(|open| (open.block, open.branches == 0, open.closed))
        else {
            return self.refuse(at, "stray_else", "this else belongs to no block".to_owned());
        };
        if closed {
            return self.refuse(at, "stray_else", "this block has had its else already".to_owned());
        }
        if first {
            self.scopes.leave(block);
        }
        self.open.last_mut()
    }

    fn close(&mut self, at: usize, name: &str) -> Option<String> {
        let name: String = name.chars().take(40).collect();
        let Some(open) = self.open.last() else {
            return self.refuse(at, "stray_close", format!("{{{{/{name}}}}} closes nothing that is open"));
        };
        let (block, inside) = (open.block, !open.closed && open.branches == 0);
        if name != block.name() {
            let due = block.name();
            return self.refuse(at, "stray_close", format!("{{{{/{name}}}}} stands where {{{{/{due}}}}} is due"));
        }
        if inside {
            self.scopes.leave(block);
        }
        self.open.pop();
        Some(format!("/{name}"))
    }
}

/// Whether what comes next begins an address in HTML or CSS, by the text before it.
fn begins_address(plain: &str) -> bool {
    let before = plain.trim_end_matches(['"', '\'']).trim_end();
    if before.ends_with("url(") || before.ends_with("URL(") {
        return true;
    }
    let Some(before) = before.strip_suffix('=') else { return false };
    let before = before.trim_end();
    let attribute = before.rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    ["href", "src", "action", "background", "formaction", "srcset", "poster", "data"]
        .iter()
        .any(|name| attribute.eq_ignore_ascii_case(name))
}

/// A finding at a byte of a text.
pub(crate) fn finding_at(part: Part, text: &str, at: usize, code: &'static str, detail: String) -> Finding {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Finding { part: Some(part), line, column, code, detail }
}
