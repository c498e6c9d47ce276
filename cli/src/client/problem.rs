//! What the API refuses: problem documents (RFC 9457).

use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::{Value, json};

use crate::failure::repeat_with;

/// A problem as the API told it.
#[derive(Debug)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// What happened, in one line.
    pub title: String,
    /// What was seen.
    pub detail: Option<String>,
    /// For programs: `validation_failed`, `task_closed`, ...
    pub code: Option<String>,
    /// What to do.
    pub next_action: Option<String>,
    /// What the operators of the API can find it by.
    pub request_id: Option<String>,
    /// What is wrong where (JSON Pointer, parameter or header), in words, for programs.
    pub errors: Vec<(String, String, Option<String>)>,
    /// How long the API asks to wait, in seconds.
    pub retry_after: Option<u64>,
    /// Whether we said who we are.
    pub had_token: bool,
    /// The key to repeat the request with, when repeating it may help.
    pub idempotency_key: Option<String>,
    /// What goes on whatever became of this request.
    pub besides: Option<String>,
    document: Option<Value>,
}

impl Problem {
    /// Reads what came with a status of 300 and above, whatever it is.
    #[must_use]
    pub fn new(status: u16, headers: &HeaderMap, body: &str) -> Self {
        let document = serde_json::from_str::<Value>(body).ok().filter(Value::is_object);
        let member = |name: &str| document.as_ref().and_then(|document| document[name].as_str()).map(str::to_owned);
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let title = member("title").or_else(|| member("message")).unwrap_or_else(|| unexplained(status).to_owned());
        let errors = document.as_ref().and_then(|document| document["errors"].as_array()).into_iter().flatten();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Self {
            status,
            title,
            detail: member("detail"),
            code: member("code"),
            next_action: member("next_action"),
            request_id: member("request_id").or_else(|| header("x-request-id")),
            errors: errors
                .map(|error| {
                    let words = text(&error["detail"]).unwrap_or_else(|| "is not accepted".to_owned());
                    let place = ["pointer", "parameter", "header"].iter().find_map(|name| text(&error[name]));
                    (place.unwrap_or_default(), words, text(&error["code"]))
                })
                .collect(),
            retry_after: header(RETRY_AFTER.as_str()).and_then(|seconds| seconds.trim().parse().ok()),
            had_token: true,
            idempotency_key: None,
            besides: None,
            document,
        }
    }

    /// The problem for people: a headline, then lines.
    #[must_use]
    pub fn words(&self) -> (String, Vec<String>) {
        let code = self.code.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
        // A detail that only repeats the one error is not said twice.
        let repeats =
            |detail: &&String| matches!(&self.errors[..], [(_, words, _)] if detail.ends_with(words.as_str()));
        let mut lines: Vec<String> = self.detail.iter().filter(|detail| !repeats(detail)).cloned().collect();
        for (place, words, code) in &self.errors {
            let place = if place.is_empty() { "(the whole)" } else { place };
            let code = code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
            lines.push(format!("{place}: {words}{code}"));
        }
        if self.status == 401 && !self.had_token {
            lines.push(
                "What to do: No token was found for this address. Give one with TENANTRY_TOKEN, --token or the \
                 configuration file; the local stack writes its own into .local/cli.json, seen from the project's folder."
                    .to_owned(),
            );
        } else if let Some(next) = &self.next_action {
            lines.push(format!("What to do: {next}"));
        }
        lines.extend(self.retry_after.map(|seconds| format!("Try again in {seconds} s.")));
        lines.extend(self.besides.clone());
        lines.extend(self.request_id.as_deref().map(|id| format!("Request id: {id}")));
        lines.extend(self.idempotency_key.as_deref().map(repeat_with));
        (format!("{} ({}{code})", self.title, self.status), lines)
    }

    /// The problem for programs: as the API told it, with the key to repeat the request where that may help.
    #[must_use]
    pub fn document(&self) -> String {
        let mut document = self.document.clone().unwrap_or_else(|| {
            json!({ "type": "about:blank", "title": self.title, "status": self.status, "request_id": self.request_id })
        });
        if let Some(key) = &self.idempotency_key {
            document["idempotency_key"] = Value::from(key.as_str());
        }
        document.to_string()
    }
}

/// Words for an answer that brings none, as a gateway in between may give.
fn unexplained(status: u16) -> &'static str {
    match status {
        300..=399 => "The API answered with a redirect, which it never does: the address may be another service's",
        401 => "The API does not know who you are",
        403 => "You are not allowed to do this",
        404 => "There is nothing at this address: it may not be the API's",
        413 => "The request is too large",
        429 => "Too many requests",
        500..=599 => "The API, or something in front of it, is in trouble",
        _ => "The API refused the request without saying why",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_without_words_still_says_something() {
        let problem = Problem::new(502, &HeaderMap::new(), "<html>Bad Gateway</html>");
        assert_eq!(problem.words().0, "The API, or something in front of it, is in trouble (502)");
        assert!(problem.document().contains(r#""status":502"#), "{}", problem.document());
    }

    #[test]
    fn a_single_error_is_said_once() {
        let error = r#"{"pointer": "/to", "code": "missing_field", "detail": "This is required."}"#;
        let body = format!(r#"{{"detail": "/to: This is required.", "errors": [{error}]}}"#);
        let words = Problem::new(422, &HeaderMap::new(), &body).words().1;
        assert_eq!(words, ["/to: This is required. (missing_field)"]);

        let body = format!(r#"{{"detail": "Nobody is written to.", "errors": [{error}]}}"#);
        assert_eq!(Problem::new(422, &HeaderMap::new(), &body).words().1.len(), 2);
    }

    #[test]
    fn members_of_an_unexpected_type_do_no_harm() {
        let body = r#"{"title": 7, "errors": {"a": 1}, "next_action": ["x"], "detail": "Something."}"#;
        let problem = Problem::new(400, &HeaderMap::new(), body);
        assert_eq!(problem.words().1, ["Something."]);
    }
}
