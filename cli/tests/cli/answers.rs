//! What the API of the tests answers.

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use serde_json::{Value, json};

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    manner: Manner,
}

#[derive(Debug, PartialEq)]
enum Manner {
    Whole,
    Broken,
    Never,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), manner: Manner::Whole }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) async fn respond(self) -> Response {
        if self.manner == Manner::Never {
            std::future::pending::<()>().await;
        }
        let body = match self.manner {
            Manner::Whole => Body::from(self.body),
            _ => Body::from_stream(futures::stream::iter([Ok(Bytes::from("{")), Err("the line is cut")])),
        };
        let builder = Response::builder().status(self.status);
        let builder = self.headers.into_iter().fold(builder, |builder, (name, value)| builder.header(name, value));
        builder.body(body).unwrap()
    }
}

/// 200 with a document.
pub(crate) fn ok(body: &Value) -> Reply {
    Reply::new(200, body.to_string())
}

/// A problem as the API tells it.
pub(crate) fn problem(status: u16, code: &str, more: Value) -> Reply {
    let mut body = json!({
        "type": format!("https://tenantry.example/problems/{code}"), "title": "It did not work", "status": status,
        "code": code, "request_id": "req_7", "retryable": status >= 429,
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Reply::new(status, body.to_string()).header("content-type", "application/problem+json")
}

/// An answer whose connection breaks in the middle.
pub(crate) fn broken() -> Reply {
    Reply { manner: Manner::Broken, ..Reply::new(200, "") }
}

/// An answer that never comes.
pub(crate) fn never() -> Reply {
    Reply { manner: Manner::Never, ..Reply::new(200, "") }
}

/// A page of a list.
pub(crate) fn list(data: &[Value], next: Option<&str>) -> Reply {
    ok(&json!({ "data": data, "has_more": next.is_some(), "next_cursor": next }))
}

/// An onboarding.
pub(crate) fn run(status: &str, step: &str, progress: u8, seq: u32) -> Value {
    let ended = !matches!(status, "running" | "waiting");
    json!({
        "id": "run_1", "kind": "tenant_onboarding", "tenantId": "ten_1", "externalKey": null, "status": status,
        "state": step, "step": step, "progress": progress, "seq": seq, "error": null,
        "result": { "tenantId": "ten_1", "adminUserId": "usr_1", "companyId": null, "emailSent": status == "completed",
                    "success": status == "completed", "createdAt": null },
        "startedBy": "ada@platform.example", "startedAt": "2026-11-21T03:25:36Z", "updatedAt": "2026-11-21T03:25:37Z",
        "endedAt": ended.then_some("2026-11-21T03:25:36.421Z"),
    })
}

/// A run with a fault.
pub(crate) fn with_fault(mut run: Value, class: &str, message: &str) -> Value {
    run["error"] = json!({ "class": class, "message": message });
    run
}

/// The question about a welcome mail that could not be delivered.
pub(crate) fn task(status: &str) -> Value {
    json!({
        "id": "tsk_1", "runId": "run_1", "tenantId": "ten_1", "name": "Decide", "status": status,
        "title": "The welcome mail could not be delivered: Acme",
        "text": "The welcome mail could not be delivered. What we saw: no such mailbox.\nThe tenant is active whatever you choose.",
        "schema": {
            "type": "object",
            "properties": {
                "action": { "enum": ["resend", "correct_address", "give_up"], "title": "What shall be done?" },
                "email": { "type": "string", "format": "email", "title": "The right address" },
            },
            "required": ["action"],
            "additionalProperties": false,
            "if": { "properties": { "action": { "const": "correct_address" } } },
            "then": { "required": ["email"] },
        },
        "context": { "email": "ada@acme.example", "tenantName": "Acme" },
        "dueAt": null,
        "answer": (status == "answered").then(|| json!({ "action": "resend" })),
        "answeredBy": (status == "answered").then_some("ada@platform.example"),
        "createdAt": "2026-11-21T03:25:40Z", "endedAt": null,
    })
}
