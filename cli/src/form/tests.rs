#![allow(clippy::unwrap_used)]
use serde_json::json;

use super::*;

/// Writes down what is asked and answers in turn.
#[derive(Default)]
struct Script {
    answers: Vec<&'static str>,
    asked: Vec<String>,
}

impl Script {
    fn new(answers: &[&'static str]) -> Self {
        Self { answers: answers.iter().rev().copied().collect(), asked: Vec::new() }
    }
}

impl Person for Script {
    fn choose(&mut self, question: &str, options: &[String]) -> io::Result<usize> {
        self.asked.push(format!("{question} {options:?}"));
        let answer = self.answers.pop().unwrap();
        Ok(options.iter().position(|option| option == answer).unwrap())
    }

    fn write(&mut self, question: &str, fits: &dyn Fn(&str) -> Result<(), String>) -> io::Result<String> {
        loop {
            self.asked.push(question.to_owned());
            let answer = self.answers.pop().unwrap();
            match fits(answer) {
                Ok(()) => return Ok(answer.to_owned()),
                Err(why) => self.asked.push(why),
            }
        }
    }
}

/// The form of a welcome mail that could not be delivered.
fn welcome() -> Form {
    Form::new(&json!({
        "type": "object",
        "properties": {
            "email": { "type": "string", "format": "email", "title": "The right address" },
            "action": { "enum": ["resend", "correct_address", "give_up"], "title": "What shall be done?" },
        },
        "required": ["action"],
        "additionalProperties": false,
        "if": { "properties": { "action": { "const": "correct_address" } } },
        "then": { "required": ["email"] },
    }))
}

#[test]
fn a_field_that_another_makes_needed_is_asked_only_then() {
    let mut person = Script::new(&["resend"]);
    assert_eq!(welcome().ask(&mut person).unwrap(), json!({ "action": "resend" }));
    assert_eq!(person.asked.len(), 1);

    let mut person = Script::new(&["correct_address", "", "ada@example.com"]);
    let answer = welcome().ask(&mut person).unwrap();
    assert_eq!(answer, json!({ "action": "correct_address", "email": "ada@example.com" }));
    assert_eq!(person.asked[1..], ["The right address", "this is needed", "The right address"]);
}

#[test]
fn optional_fields_may_be_left_empty_and_numbers_are_numbers() {
    let form = Form::new(&json!({
        "properties": { "days": { "type": "integer" }, "sure": { "type": "boolean" }, "note": { "type": "string" } },
        "required": ["days"],
    }));
    let mut person = Script::new(&["soon", "3", "", "(nothing)"]);
    assert_eq!(form.ask(&mut person).unwrap(), json!({ "days": 3 }));
    assert!(person.asked.contains(&"\"soon\" is not of type integer".to_owned()), "{:?}", person.asked);
}

#[test]
fn a_typed_value_takes_the_type_of_its_field() {
    let form = Form::new(&json!({ "properties": { "days": { "type": "integer" }, "zip": { "type": "string" } } }));
    assert_eq!(form.value("days", "3"), Ok(json!(3)));
    assert_eq!(form.value("zip", "01234"), Ok(json!("01234")));
    assert!(form.value("days", "1.5").unwrap_err().contains("integer"));
    assert!(form.value("dayz", "1").unwrap_err().contains("it has: days, zip"));
    assert!(welcome().value("action", "explode").unwrap_err().contains("resend | correct_address | give_up"));
}

#[test]
fn a_schema_without_fields_asks_nothing() {
    assert_eq!(Form::new(&Value::Null).ask(&mut Script::default()).unwrap(), json!({}));
}

/// The form of a domain whose records nobody has published.
fn still_waiting() -> Form {
    Form::new(&json!({
        "type": "object",
        "properties": {
            "action": { "type": "string", "title": "What shall be done?", "oneOf": [
                { "const": "continue_waiting", "title": "Continue waiting" },
                { "const": "cancel_setup", "title": "Cancel the set-up" },
                { "const": "contact_support" },
            ] },
            "note": { "type": "string", "title": "A note for the record", "maxLength": 1000 },
        },
        "required": ["action"],
        "additionalProperties": false,
    }))
}

#[test]
fn choices_with_names_are_offered_by_name_and_answered_by_value() {
    let mut person = Script::new(&["Cancel the set-up", ""]);
    assert_eq!(still_waiting().ask(&mut person).unwrap(), json!({ "action": "cancel_setup" }));
    let asked = r#"What shall be done? ["Continue waiting", "Cancel the set-up", "contact_support"]"#;
    assert_eq!(person.asked, [asked, "A note for the record (may be left empty)"]);

    let words = still_waiting().fields[0].words();
    let said = "continue_waiting (Continue waiting) | cancel_setup (Cancel the set-up) | contact_support";
    assert_eq!(words, format!("{said} - What shall be done?"));
    assert_eq!(still_waiting().value("action", "cancel_setup"), Ok(json!("cancel_setup")));
    assert!(still_waiting().value("action", "Cancel the set-up").is_err(), "a title is no value");
}

#[test]
fn alternatives_that_are_no_values_are_no_choice() {
    let either = json!({ "properties": { "limit": { "oneOf": [{ "const": 0 }, { "type": "integer" }] } } });
    assert_eq!(Form::new(&either).fields[0].kind, Kind::Text);
}
