//! Forms: who sends one, and what is in it.

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde_json::{Value, json};

use crate::{page::Refusal, person::Person, state::Console, trouble::Trouble};

/// The most bytes of a form: in Base64 they have to fit an invocation of a function, as an import of the API has to.
const LARGEST: usize = 4 * 1024 * 1024;

/// A form of this session: sent by who is signed in, with the session's token in its field `csrf` (or in the header `x-csrf-token`,
/// which htmx sends).
pub(crate) struct Sent {
    /// Who.
    pub(crate) person: Person,
    /// What.
    pub(crate) fields: Fields,
}

/// The fields of a form, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields(pub(crate) Vec<(String, String)>);

impl Fields {
    /// The field, without the space around it; empty where there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }

    /// The field; none where it is missing or empty.
    pub(crate) fn some(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Every value of a field that may stand several times.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(field, _)| field == name).map(|(_, value)| value.trim()).collect()
    }

    /// Whether a box is ticked.
    pub(crate) fn on(&self, name: &str) -> bool {
        self.some(name).is_some()
    }

    /// The field as JSON: a text, or null.
    pub(crate) fn json(&self, name: &str) -> Value {
        self.some(name).map_or(Value::Null, |text| json!(text))
    }
}

impl FromRequest<Console> for Sent {
    type Rejection = Refusal;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let mut person = Person::from_request_parts(&mut parts, console).await?;
        let bytes = match Limited::new(body, LARGEST).collect().await {
            Ok(collected) => collected.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return Err(Refusal::shown(&person, Trouble::too_large())),
            Err(_) => return Err(Refusal::shown(&person, Trouble::ours("The form broke off."))),
        };
        let Ok(fields) = serde_urlencoded::from_bytes::<Vec<(String, String)>>(&bytes).map(Fields) else {
            return Err(Refusal::shown(&person, Trouble::ours("The form could not be read.")));
        };
        let header = parts.headers.get("x-csrf-token").and_then(|token| token.to_str().ok()).unwrap_or_default();
        if !person.csrf_is(fields.text("csrf")) && !person.csrf_is(header) {
            return Err(Refusal::shown(&person, Trouble::foreign_form()));
        }
        person.came.once = fields.some("once").map(str::to_owned);
        Ok(Self { person, fields })
    }
}
