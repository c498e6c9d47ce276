//! Pages of a list, newest first: `limit`, `after`, `before`.

use super::error::Refusal;
use serde::Deserialize;

/// Items of a page unless told otherwise, and at most.
const LIMIT: usize = 20;
const MOST: usize = 100;

/// What of a list is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Paging {
    limit: Option<String>,
    after: Option<String>,
    before: Option<String>,
}

/// A page of these items (newest first), and whether there are more in the direction of reading.
pub(super) fn page<T>(mut items: Vec<T>, id: impl Fn(&T) -> &str, paging: &Paging) -> Result<(Vec<T>, bool), Refusal> {
    let limit = match &paging.limit {
        None => LIMIT,
        Some(text) => {
            let number = text.parse().ok().filter(|number| (1..=MOST).contains(number));
            number.ok_or_else(|| Refusal::invalid(format!("The `limit` must be a number from 1 to {MOST}.")))?
        }
    };
    let place = |wanted: &str| {
        let found = items.iter().position(|item| id(item) == wanted);
        found.ok_or_else(|| Refusal::invalid("The pagination cursor is not an item of this list."))
    };
    let (start, end, more) = match (&paging.after, &paging.before) {
        (Some(_), Some(_)) => return Err(Refusal::invalid("Use `after` or `before`, not both.")),
        (None, None) => (0, limit, items.len() > limit),
        (Some(after), None) => {
            let start = place(after)? + 1;
            (start, start + limit, items.len() > start + limit)
        }
        (None, Some(before)) => {
            let end = place(before)?;
            (end.saturating_sub(limit), end, end > limit)
        }
    };
    items.truncate(end);
    Ok((items.split_off(start.min(items.len())), more))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(limit: Option<&str>, after: Option<&str>, before: Option<&str>) -> Result<(String, bool), String> {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let paging = Paging { limit: own(limit), after: own(after), before: own(before) };
        let items = "abcdef".chars().map(String::from).collect();
        page(items, String::as_str, &paging).map(|(items, more)| (items.concat(), more)).map_err(|why| why.name)
    }

    #[test]
    fn lists_are_read_both_ways_to_their_ends() {
        let is = |text: &str, more| Ok((text.to_owned(), more));
        assert_eq!(read(None, None, None), is("abcdef", false));
        assert_eq!(read(Some("2"), None, None), is("ab", true));
        assert_eq!(read(Some("2"), Some("b"), None), is("cd", true));
        assert_eq!(read(Some("2"), Some("d"), None), is("ef", false));
        assert_eq!(read(Some("2"), Some("f"), None), is("", false));
        assert_eq!(read(Some("2"), None, Some("e")), is("cd", true));
        assert_eq!(read(Some("2"), None, Some("c")), is("ab", false));
        let wrong = Err("invalid_parameter".to_owned());
        for (limit, after, before) in [
            (Some("0"), None, None),
            (Some("101"), None, None),
            (Some("x"), None, None),
            (None, Some("z"), None),
            (None, Some("a"), Some("c")),
        ] {
            assert_eq!(read(limit, after, before), wrong);
        }
    }
}
