//! What stands in the way, in the API's own words.

use axum::http::StatusCode;
use serde_json::Value;
use tenantry_model::Permission;

/// A problem of the API (RFC 9457), or one of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// In one word.
    pub(crate) code: String,
    /// In one line.
    pub(crate) title: String,
    /// What happened, and what was seen.
    pub(crate) detail: String,
    /// What to do.
    pub(crate) next_action: String,
    /// What to tell whoever can look into the logs.
    pub(crate) request_id: String,
    /// What is wrong with which field: a JSON pointer (or a parameter's name), and the words.
    pub(crate) fields: Vec<(String, String)>,
}

impl Trouble {
    /// What the API has answered.
    pub(crate) fn of(status: u16, problem: &Value) -> Self {
        let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
        let field = |error: &Value| {
            let place = error["pointer"].as_str().or(error["parameter"].as_str()).unwrap_or_default();
            Some((place.to_owned(), error["detail"].as_str()?.to_owned()))
        };
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code: text("code"),
            title: text("title"),
            detail: text("detail"),
            next_action: text("next_action"),
            request_id: text("request_id"),
            fields: problem["errors"].as_array().into_iter().flatten().filter_map(field).collect(),
        }
    }

    /// Something that is our own mistake.
    pub(crate) fn ours(detail: &str) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: "internal_error".to_owned(),
            title: "Something went wrong here".to_owned(),
            detail: detail.to_owned(),
            next_action: "Load the page again; if it happens again, tell the platform's operators.".to_owned(),
            request_id: String::new(),
            fields: Vec::new(),
        }
    }

    /// A page that is not there.
    pub(crate) fn no_page() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: "not_found".to_owned(),
            title: "There is no such page".to_owned(),
            detail: "Nothing is at this address, or it is not yours to see.".to_owned(),
            next_action: "Go back, or begin at the home page.".to_owned(),
            request_id: String::new(),
            fields: Vec::new(),
        }
    }

    /// A form that the person cannot send, in the API's words.
    pub(crate) fn no_permission(permission: Permission) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            code: "permission_missing".to_owned(),
            title: "A permission is missing".to_owned(),
            detail: format!("This needs the permission {permission}."),
            next_action: "Ask an administrator for the permission named.".to_owned(),
            request_id: String::new(),
            fields: Vec::new(),
        }
    }

    /// A form that was not sent from a page of this session.
    pub(crate) fn foreign_form() -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            code: "foreign_form".to_owned(),
            title: "This form is not from your session".to_owned(),
            detail: "It was sent from another site, or from a page that was open before you signed in.".to_owned(),
            next_action: "Go back, load the page again, and send it once more.".to_owned(),
            request_id: String::new(),
            fields: Vec::new(),
        }
    }

    /// A form with more in it than can be sent at once.
    pub(crate) fn too_large() -> Self {
        Self {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            code: "body_too_large".to_owned(),
            title: "That is too much for one form".to_owned(),
            detail: "A form may have 4 MiB with everything that is in it; nothing was changed.".to_owned(),
            next_action: "Send a long file in parts, or by the command line: tenantry tenant import FILE.".to_owned(),
            request_id: String::new(),
            fields: Vec::new(),
        }
    }

    /// The words for a field, by its JSON pointer without the first slash (`adminUser/email`).
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(place, _)| place.trim_start_matches('/') == name).map(|(_, words)| words.as_str())
    }

    /// Whether somebody has to send the form once more with other values, so that it is drawn again.
    pub(crate) fn is_about_the_form(&self) -> bool {
        matches!(self.status.as_u16(), 400 | 409 | 412 | 413 | 415 | 422)
    }
}
