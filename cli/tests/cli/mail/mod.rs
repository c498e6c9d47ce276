mod batch;
mod explain;
mod follow;
mod message;
mod provider;
mod send;
mod settings;
mod template;

use serde_json::{Value, json};

use crate::answers::Reply;

/// A message as `POST /v1/messages` answers it.
fn accepted(status: &str) -> Value {
    json!({ "id": "msg_1", "tenantId": "ten_1", "status": status, "sendAt": null, "createdAt": "2026-11-21T03:25:36Z" })
}

/// 202 with a message that was accepted.
fn taken() -> Reply {
    Reply::new(202, accepted("queued").to_string()).header("location", "/v1/messages/msg_1")
}

/// A message as `GET /v1/messages/{id}` answers it.
fn message(status: &str) -> Value {
    let next = match status {
        "queued" => json!({ "at": "2026-11-21T03:26:00Z", "code": "limit", "text": "The tenant's limit is reached." }),
        "unknown" => json!({ "at": null, "code": "person", "text": "A person is asked.", "taskId": "tsk_1" }),
        _ => json!(null),
    };
    let sent = matches!(status, "sent" | "delivered" | "bounced" | "complained");
    json!({
        "id": "msg_1", "tenantId": "ten_1", "userId": null, "causedBy": null, "status": status, "seq": 4, "next": next, "subject": "Invoice 17", "category": "invoices",
        "recipients": ["ada@acme.example", "bob@acme.example"], "from": sent.then_some("noreply@acme.mail.example"),
        "tags": { "order": "17" }, "template": null, "size": 1234, "attachments": 1, "error": null,
        "contentAvailable": true, "sentBy": "ada@acme.example", "updatedAt": "2026-11-21T03:25:37Z",
        "createdAt": "2026-11-21T03:25:36Z", "sentAt": sent.then_some("2026-11-21T03:25:37Z"),
    })
}
