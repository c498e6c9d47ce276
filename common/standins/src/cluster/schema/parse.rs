//! Reads the notation in which the schemas are written down.
//!
//! | written | is |
//! |---|---|
//! | `name` with lines below it | a struct; `name!` is required in the struct around it |
//! | `name text`, `int`, `u32`, `number`, `bool`, `any`, `duration` | a value |
//! | `name text(A|B)` | one of these texts |
//! | `name [text]`, `name {text}` | a list owned as a whole, a map |
//! | `name []`, `name [by type]`, `name [set]` | a list of structs owned as a whole, one by its field `type`, a list of texts owned one by one |
//! | `name match`, `name {match}` | Istio's `exact`, `prefix` or `regex` |
//! | `?a b` | of the fields `a` and `b` of this struct, at most one |

use super::{Fields, Items, Schema};

/// The schema of a text, a struct.
///
/// # Panics
/// Where the text is not in the notation; it is a constant of this crate, and a test reads all of them.
pub(super) fn parse(text: &str) -> Schema {
    let lines: Vec<(usize, &str)> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| (line.len() - line.trim_start().len(), line.trim()))
        .collect();
    Schema::Struct(fields(&lines))
}

/// The struct whose fields are the least indented of these lines.
fn fields(lines: &[(usize, &str)]) -> Fields {
    let mut found = Fields::default();
    let Some((indent, _)) = lines.first().copied() else { return found };
    let mut rest = lines;
    while let Some(((_, line), below)) = rest.split_first() {
        let children = below.iter().take_while(|(deeper, _)| *deeper > indent).count();
        if let Some(names) = line.strip_prefix('?') {
            found.one_of = names.split_whitespace().map(str::to_owned).collect();
        } else {
            let (name, written) = line.split_once(' ').unwrap_or((line, ""));
            if let Some(name) = name.strip_suffix('!') {
                found.required.push(name.to_owned());
            }
            found.fields.insert(name.trim_end_matches('!').to_owned(), value(written, &below[..children]));
        }
        rest = &below[children..];
    }
    found
}

fn value(written: &str, children: &[(usize, &str)]) -> Schema {
    let inside = || Schema::Struct(fields(children));
    match written {
        "" => inside(),
        "[]" => Schema::List(Box::new(inside()), Items::Atomic),
        "[set]" => Schema::List(Box::new(Schema::Text(Vec::new())), Items::Set),
        "any" => Schema::Any,
        "text" => Schema::Text(Vec::new()),
        "duration" => Schema::Duration,
        "int" => Schema::Integer { least: i64::MIN, most: i64::MAX },
        "u32" => Schema::Integer { least: 0, most: i64::from(u32::MAX) },
        "number" => Schema::Number,
        "bool" => Schema::Boolean,
        "match" => {
            let fields = ["exact", "prefix", "regex"].map(|name| (name.to_owned(), Schema::Text(Vec::new())));
            let one_of = fields.iter().map(|(name, _)| name.clone()).collect();
            Schema::Struct(Fields { fields: fields.into(), required: Vec::new(), one_of })
        }
        other => wrapped(other, children),
    }
}

fn wrapped(written: &str, children: &[(usize, &str)]) -> Schema {
    let within = |open, close| written.strip_prefix(open).and_then(|rest: &str| rest.strip_suffix(close));
    if let Some(key) = within("[by ", "]") {
        return Schema::List(Box::new(Schema::Struct(fields(children))), Items::By(key.to_owned()));
    }
    if let Some(of) = within("[", "]") {
        return Schema::List(Box::new(value(of, children)), Items::Atomic);
    }
    if let Some(of) = within("{", "}") {
        return Schema::Map(Box::new(value(of, children)));
    }
    match within("text(", ")") {
        Some(names) => Schema::Text(names.split('|').map(str::to_owned).collect()),
        None => panic!("no type: {written}"),
    }
}
