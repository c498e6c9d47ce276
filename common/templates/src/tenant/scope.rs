//! Which variable a path means: the scopes that `each` and `with` enter.

use std::fmt;

use super::dialect::Block;
use crate::variable::{Shape, is_url};

/// Words that mean something to the language and can be no variable's name.
pub(crate) const RESERVED: &[&str] =
    &["if", "unless", "each", "with", "else", "as", "this", "true", "false", "null", "locale"];

/// A path: steps out, then names inward. `../tenant_name`, `this`, `customer.name`, `@index`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    out: usize,
    names: Vec<String>,
}

/// A mistake's code and words.
type Mistake = (&'static str, String);

/// Whether a text can be the name of a variable or a field.
pub(crate) fn is_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl Path {
    pub(crate) fn parse(path: &str) -> Result<Self, Mistake> {
        let mut inward = path;
        let mut out = 0;
        while let Some(rest) = inward.strip_prefix("../") {
            (inward, out) = (rest, out + 1);
        }
        let names: Vec<String> = match inward {
            "this" => Vec::new(),
            "@index" | "@first" | "@last" if out == 0 => vec![inward.to_owned()],
            _ => inward.strip_prefix("this.").unwrap_or(inward).split('.').map(str::to_owned).collect(),
        };
        let local = |name: &str| name.starts_with('@') && names.len() == 1;
        if names
            .iter()
            .all(|name| local(name) || (is_name(name) && (name == "locale" || !RESERVED.contains(&name.as_str()))))
        {
            return Ok(Self { out, names });
        }
        let path: String = path.chars().take(60).collect();
        Err((
            "not_allowed",
            format!("{path:?} is no variable; write its name, with dots between a field and its owner"),
        ))
    }

    /// Whether the last name is that of a web address.
    pub(crate) fn holds_url(&self) -> bool {
        self.names.last().is_some_and(|name| is_url(name))
    }
}

/// The one spelling that is given to the engine.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&"../".repeat(self.out))?;
        if self.names.is_empty() { f.write_str("this") } else { f.write_str(&self.names.join(".")) }
    }
}

/// The scopes at a place, outermost first. `None` is the inside of a block that could not be understood.
pub(crate) struct Scopes<'a> {
    entered: Vec<(Option<&'a Shape>, Option<Block>)>,
}

impl<'a> Scopes<'a> {
    pub(crate) fn new(root: &'a Shape) -> Self {
        Self { entered: vec![(Some(root), None)] }
    }

    /// Goes into a block; `if` and `unless` stay where they are.
    pub(crate) fn enter(&mut self, block: Block, inner: Option<&'a Shape>) {
        if matches!(block, Block::Each | Block::With) {
            self.entered.push((inner, Some(block)));
        }
    }

    /// Leaves what was entered for this block.
    pub(crate) fn leave(&mut self, block: Block) {
        if matches!(block, Block::Each | Block::With) && self.entered.len() > 1 {
            self.entered.pop();
        }
    }

    /// The form of what a path means here.
    pub(crate) fn resolve(&self, path: &Path) -> Result<&'a Shape, Mistake> {
        static SCALAR: Shape = Shape::Scalar;
        let innermost = self.entered.len() - 1;
        if let [local] = path.names.as_slice()
            && local.starts_with('@')
        {
            let in_each = self.entered[innermost].1 == Some(Block::Each);
            let mistake = || ("unknown_variable", format!("{local} is known only directly inside of each"));
            return if in_each { Ok(&SCALAR) } else { Err(mistake()) };
        }
        let Some(level) = innermost.checked_sub(path.out) else {
            return Err(("unknown_variable", format!("{path} leads out of the outermost block; use fewer ../")));
        };
        // What an unknown block holds is not known either: one finding for it is enough.
        let Some(mut shape) = self.entered[level].0 else { return Ok(&SCALAR) };
        if path.names.is_empty() && level == 0 {
            return Err(("unknown_variable", "this has a meaning only inside of each or with".to_owned()));
        }
        for name in &path.names {
            let Shape::Object(fields) = shape else {
                return Err(("unknown_variable", format!("{path}: {name} is asked of something that has no fields")));
            };
            let known = || fields.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            shape = fields.get(name).ok_or_else(|| {
                let outer = if level > 0 { "; what is outside of this block is reached by ../" } else { "" };
                ("unknown_variable", format!("{path} is not known here; known are {}{outer}", known()))
            })?;
        }
        Ok(shape)
    }
}
