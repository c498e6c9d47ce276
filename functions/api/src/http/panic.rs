//! A panic is our mistake, and the caller gets an answer all the same.

use std::panic::AssertUnwindSafe;

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt as _;

use crate::problem::{Code, Problem};

/// 500 for a handler that panicked. (Deployed functions abort instead, and Lambda starts them again.)
pub(crate) async fn catch_panic(request: Request, next: Next) -> Response {
    // What the handler worked with is dropped with it: a transaction is rolled back, nothing half-done is seen again.
    AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let words = words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        tracing::error!(panic = words, "a handler panicked");
        Problem::new(Code::InternalError, "This is our mistake; nothing was changed.").into_response()
    })
}
