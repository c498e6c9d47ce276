//! A template, read for questions. CloudFormation's short tags (`!Ref x`, `!GetAtt x.y`) read as what stands behind them.

use serde_json::{Map, Value};

/// A template.
pub(super) struct Template(Value);

impl Template {
    /// Reads one.
    pub(super) fn read(text: &str) -> Self {
        Self(serde_saphyr::from_str(text).unwrap())
    }

    /// The resources of a type, by logical id, with their properties.
    pub(super) fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let resources = self.0["Resources"].as_object().into_iter().flatten();
        resources
            .filter(move |(_, resource)| resource["Type"] == kind)
            .map(|(id, resource)| (id.as_str(), &resource["Properties"]))
    }

    /// A resource, whole.
    pub(super) fn resource(&self, id: &str) -> &Value {
        &self.0["Resources"][id]
    }

    /// A parameter's default.
    pub(super) fn default(&self, parameter: &str) -> &Value {
        &self.0["Parameters"][parameter]["Default"]
    }

    /// All of it.
    pub(super) fn whole(&self) -> &Value {
        &self.0
    }
}

/// What a reference names: `Queue` for `!Ref Queue`, `!GetAtt Queue.Arn` and their long forms; of `!If`, what it names where its
/// condition holds.
pub(super) fn target(reference: &Value) -> &str {
    if let Some([_, holds, _]) = reference.as_array().map(Vec::as_slice) {
        return target(holds);
    }
    reference.as_str().unwrap_or_default().split('.').next().unwrap_or_default()
}

/// One value or several, as several.
pub(super) fn several(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(values) => values.iter().collect(),
        one => vec![one],
    }
}

/// Every object in a value, itself included.
pub(super) fn objects(value: &Value) -> Vec<&Map<String, Value>> {
    let inner = match value {
        Value::Object(object) => object.values().flat_map(objects).collect(),
        Value::Array(values) => values.iter().flat_map(objects).collect(),
        _ => Vec::new(),
    };
    value.as_object().into_iter().chain(inner).collect()
}
