//! Comma-separated values (RFC 4180) with a header row, as spreadsheets write them.

use ::csv::{ByteRecord, ReaderBuilder};
use serde_json::{Map, Value, json};

use super::file::{MOST, Row, too_many};
use crate::problem::{Code, FieldError, Problem};

/// The columns there may be, where their values go, and whether they must be there.
const COLUMNS: [(&str, &str, bool); 7] = [
    ("tenantName", "/tenantName", true),
    ("firstName", "/adminUser/firstName", true),
    ("lastName", "/adminUser/lastName", true),
    ("email", "/adminUser/email", true),
    ("companyName", "/companyName", false),
    ("contractLine", "/contractLine", false),
    ("externalKey", "/externalKey", false),
];

/// The rows. One that cannot be read is a row that is told so; a header that cannot be used is a problem of the whole file.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Row>, Problem> {
    let mut reader = ReaderBuilder::new().flexible(true).has_headers(false).from_reader(bytes);
    let mut record = ByteRecord::new();
    if !next(&mut reader, &mut record)? {
        return Err(Problem::new(Code::InvalidBody, "The file is empty; it begins with a row of column names."));
    }
    let columns = header(&record)?;
    let (mut rows, mut lines) = (Vec::new(), Lines { bytes, at: 0, line: 1 });
    while next(&mut reader, &mut record)? {
        if rows.len() == MOST {
            return Err(too_many());
        }
        let line = lines.of(record.position().map_or(0, ::csv::Position::byte));
        rows.push(row(line, &record, &columns));
    }
    Ok(rows)
}

/// Counts lines as an editor does. The reader's own count is one behind where lines end with two characters, or where some are empty.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
}

impl Lines<'_> {
    /// The line of the first row at or after this place; places only grow.
    fn of(&mut self, place: u64) -> u32 {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        while let Some(byte) = self.bytes.get(self.at)
            && (self.at < place || matches!(byte, b'\r' | b'\n'))
        {
            // A carriage return alone ends a line, too.
            let ends = *byte == b'\n' || (*byte == b'\r' && self.bytes.get(self.at + 1) != Some(&b'\n'));
            self.line += u32::from(ends);
            self.at += 1;
        }
        self.line
    }
}

fn next(reader: &mut ::csv::Reader<&[u8]>, record: &mut ByteRecord) -> Result<bool, Problem> {
    // What is in memory cannot fail to be read, and any number of fields is taken.
    reader.read_byte_record(record).map_err(|_| Problem::new(Code::InvalidBody, "The file cannot be read as CSV."))
}

/// Which of [`COLUMNS`] each column is.
fn header(record: &ByteRecord) -> Result<Vec<usize>, Problem> {
    let known = || COLUMNS.map(|(name, ..)| name).join(", ");
    let names: Vec<String> = record.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
    if let [only] = names.as_slice()
        && let Some(mark) = [';', '\t', '|'].into_iter().find(|mark| only.contains(*mark))
    {
        let mark = match mark {
            ';' => "semicolons",
            '\t' => "tabs",
            _ => "bars",
        };
        let words = format!("The columns are separated by {mark}; save the file with commas between them.");
        return Err(Problem::new(Code::InvalidBody, words));
    }
    let mut errors = Vec::new();
    let mut columns = Vec::with_capacity(names.len());
    for name in &names {
        match COLUMNS.iter().position(|(known, ..)| known == name) {
            Some(at) if columns.contains(&at) => {
                errors.push(wrong(name, "invalid_value", "This column is there twice.".to_owned()));
            }
            Some(at) => columns.push(at),
            None => {
                let words = format!("There is no such column; known here: {}.", known());
                errors.push(wrong(name, "unknown_field", words));
            }
        }
    }
    for (at, (name, ..)) in COLUMNS.iter().enumerate().filter(|(_, (.., needed))| *needed) {
        if !columns.contains(&at) {
            errors.push(wrong(name, "missing_field", "This column is required.".to_owned()));
        }
    }
    if errors.is_empty() {
        return Ok(columns);
    }
    let words = |error: &FieldError| {
        let name = error.pointer.as_deref().unwrap_or_default().trim_start_matches('/');
        format!("{}: {}", if name.is_empty() { "a column without a name" } else { name }, error.detail)
    };
    let detail = format!("The header row cannot be used. {}", errors.iter().map(words).collect::<Vec<_>>().join(" "));
    Err(Problem::new(Code::InvalidBody, detail).with(errors))
}

fn wrong(column: &str, code: &str, words: String) -> FieldError {
    let column: String = column.chars().filter(|c| !c.is_control()).take(60).collect();
    FieldError::at(format!("/{column}"), code, words)
}

fn row(line: u32, record: &ByteRecord, columns: &[usize]) -> Row {
    if record.len() != columns.len() {
        let words = format!(
            "This row has {} fields, and the header has {}; look for a comma or a quotation mark too many or too few.",
            record.len(),
            columns.len()
        );
        return Row::unreadable(line, &words);
    }
    let mut tenant = json!({ "adminUser": Map::new() });
    for (field, at) in record.iter().zip(columns) {
        let (name, pointer, needed) = COLUMNS[*at];
        let Ok(text) = std::str::from_utf8(field) else {
            return Row::unreadable(line, &format!("{name}: This is not text in UTF-8; save the file as UTF-8."));
        };
        let text = text.trim();
        // An empty field is one that is not given; where it must be, the rules say so.
        if needed || !text.is_empty() {
            put(&mut tenant, pointer, text);
        }
    }
    Row::read(line, tenant, |pointer| {
        COLUMNS.iter().find(|(_, at, _)| *at == pointer).map_or(pointer, |(name, ..)| name).to_owned()
    })
}

fn put(tenant: &mut Value, pointer: &str, text: &str) {
    match pointer.strip_prefix("/adminUser/") {
        Some(name) => tenant["adminUser"][name] = json!(text),
        None => tenant[pointer.trim_start_matches('/')] = json!(text),
    }
}
