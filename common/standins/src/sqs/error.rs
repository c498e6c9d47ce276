//! Errors as SQS names them: in the body for JSON clients, and by their older name in `x-amzn-query-error`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// One refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The shape's name in the JSON protocol.
    pub(super) name: &'static str,
    /// The name in the query protocol, which SDKs look at first.
    pub(super) query: &'static str,
    /// For the reader.
    pub(super) message: String,
    status: StatusCode,
}

impl Fault {
    fn sender(name: &'static str, query: &'static str, message: impl Into<String>) -> Fault {
        Fault { name, query, message: message.into(), status: StatusCode::BAD_REQUEST }
    }

    pub(super) fn no_queue() -> Fault {
        Fault::sender(
            "QueueDoesNotExist",
            "AWS.SimpleQueueService.NonExistentQueue",
            "The specified queue does not exist.",
        )
    }

    pub(super) fn name_taken(attribute: &str) -> Fault {
        let message =
            format!("A queue already exists with the same name and a different value for attribute {attribute}");
        Fault::sender("QueueNameExists", "QueueAlreadyExists", message)
    }

    pub(super) fn bad_handle(handle: &str) -> Fault {
        let message = format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
        Fault::sender("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", message)
    }

    pub(super) fn not_in_flight() -> Fault {
        Fault::sender(
            "MessageNotInflight",
            "AWS.SimpleQueueService.MessageNotInflight",
            "The message is not in flight.",
        )
    }

    pub(super) fn unknown_attribute(name: &str) -> Fault {
        Fault::sender("InvalidAttributeName", "InvalidAttributeName", format!("Unknown Attribute {name}."))
    }

    pub(super) fn bad_attribute(name: &str) -> Fault {
        let message = format!("Invalid value for the parameter {name}.");
        Fault::sender("InvalidAttributeValue", "InvalidAttributeValue", message)
    }

    pub(super) fn bad_parameter(message: impl Into<String>) -> Fault {
        Fault::sender("InvalidParameterValue", "InvalidParameterValue", message)
    }

    pub(super) fn missing(parameter: &str) -> Fault {
        let message = format!("The request must contain the parameter {parameter}.");
        Fault::sender("MissingRequiredParameterException", "MissingParameter", message)
    }

    pub(super) fn bad_contents() -> Fault {
        let message = "Invalid characters were found: only #x9, #xA, #xD and #x20 and above are allowed in a message.";
        Fault::sender("InvalidMessageContents", "InvalidMessageContents", message)
    }

    pub(super) fn too_long(limit: usize) -> Fault {
        let message =
            format!("One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes.");
        Fault::bad_parameter(message)
    }

    pub(super) fn batch_too_long(limit: usize, sent: usize) -> Fault {
        let message = format!("Batch requests cannot be longer than {limit} bytes. You have sent {sent} bytes.");
        Fault::sender("BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong", message)
    }

    pub(super) fn empty_batch() -> Fault {
        let message = "There should be at least one entry in the batch request.";
        Fault::sender("EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest", message)
    }

    pub(super) fn too_many(sent: usize) -> Fault {
        let message = format!("Maximum number of entries per request are 10. You have sent {sent}.");
        Fault::sender("TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", message)
    }

    pub(super) fn same_ids(id: &str) -> Fault {
        let message = format!("Id {id} repeated.");
        Fault::sender("BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", message)
    }

    pub(super) fn bad_entry_id() -> Fault {
        let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at \
                       most 80 letters long.";
        Fault::sender("InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId", message)
    }

    pub(super) fn unsupported(message: impl Into<String>) -> Fault {
        Fault::sender("UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation", message)
    }

    pub(super) fn unknown_action(action: &str) -> Fault {
        Fault::sender("InvalidAction", "InvalidAction", format!("The action {action} is not part of this stand-in."))
    }

    /// The server's own failure, which clients retry.
    pub(super) fn internal() -> Fault {
        let message = "We encountered an internal error. Please try again.".to_owned();
        Fault { name: "InternalFailure", query: "InternalFailure", message, status: StatusCode::INTERNAL_SERVER_ERROR }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let side = if self.status.is_server_error() { "Receiver" } else { "Sender" };
        let body = serde_json::json!({
            "__type": format!("com.amazonaws.sqs#{}", self.name),
            "message": self.message,
        });
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
        if let Ok(value) = HeaderValue::try_from(format!("{};{side}", self.query)) {
            headers.insert("x-amzn-query-error", value);
        }
        response
    }
}
