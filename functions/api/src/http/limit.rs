//! A body that says it is too large is not worth reading into memory.

use axum::{
    body::Body,
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt as _;

use crate::{extract::too_large, state::ApiState};

/// So much of a refused body is read and dropped, in bytes: whoever still writes would otherwise see a broken
/// connection instead of the answer.
const DRAINED: usize = 16 * 1024 * 1024;

/// 413 for a `Content-Length` above the limit. Bodies that do not say their length are counted while they are read.
pub(crate) async fn limit_body(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_none_or(|length: usize| length <= state.limits.body) {
        return next.run(request).await;
    }
    drain(request.into_body()).await;
    too_large(state.limits.body).into_response()
}

async fn drain(mut body: Body) {
    let mut seen = 0;
    while let Some(Ok(frame)) = body.frame().await {
        seen += frame.data_ref().map_or(0, bytes_len);
        if seen > DRAINED {
            break;
        }
    }
}

fn bytes_len(bytes: &axum::body::Bytes) -> usize {
    bytes.len()
}
