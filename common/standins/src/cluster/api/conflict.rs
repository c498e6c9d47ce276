//! An apply's conflicts, in the server's words.

use super::super::fields::Conflict;
use super::Refusal;
use serde_json::json;

/// 409 that names each field and who owns it.
pub(super) fn refusal(conflicts: &[Conflict]) -> Refusal {
    let mut by: Vec<(&str, Vec<&str>)> = Vec::new();
    for conflict in conflicts {
        match by.iter_mut().find(|(with, _)| *with == conflict.with) {
            Some((_, fields)) => fields.push(&conflict.field),
            None => by.push((&conflict.with, vec![&conflict.field])),
        }
    }
    let words: Vec<String> = by
        .iter()
        .map(|(with, fields)| match fields.as_slice() {
            [field] => format!("conflict with {with}: {field}"),
            fields => format!("conflicts with {with}:\n- {}", fields.join("\n- ")),
        })
        .collect();
    let many = if conflicts.len() == 1 { "1 conflict".to_owned() } else { format!("{} conflicts", conflicts.len()) };
    let mut refusal = Refusal::new(409, "Conflict", format!("Apply failed with {many}: {}", words.join("\n")));
    let causes: Vec<_> = conflicts
        .iter()
        .map(|conflict| {
            let message = format!("conflict with {}", conflict.with);
            json!({ "reason": "FieldManagerConflict", "message": message, "field": conflict.field })
        })
        .collect();
    refusal.details = json!({ "causes": causes });
    refusal
}
