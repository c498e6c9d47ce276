//! One JSON object per line, the same as the body of `POST /v1/tenants`.

use super::file::{MOST, Row, too_many};
use crate::problem::Problem;

/// The rows. A line that cannot be read is a row that is told so.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Row>, Problem> {
    let mut rows = Vec::new();
    for (line, text) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if text.trim_ascii().is_empty() {
            continue;
        }
        if rows.len() == MOST {
            return Err(too_many());
        }
        rows.push(match serde_json::from_slice(text) {
            Ok(value) => Row::read(line, value, |pointer| pointer.trim_start_matches('/').replace('/', ".")),
            Err(error) if std::str::from_utf8(text).is_err() => {
                Row::unreadable(line, &format!("This line is not text in UTF-8 (column {}).", error.column()))
            }
            Err(error) => {
                let what = if error.is_eof() { "ends too early" } else { "cannot be read" };
                Row::unreadable(
                    line,
                    &format!("This line is not a JSON object: it {what} at column {}.", error.column()),
                )
            }
        });
    }
    Ok(rows)
}
