//! The one way a file is read.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::{
    extract::too_large,
    idempotency::Once,
    problem::{Code, Problem},
    state::ApiState,
};

/// The largest file, in bytes: in Base64 it has to fit an invocation of a function, which may have 6 MB
/// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
const LARGEST: usize = 4 * 1024 * 1024;

/// What a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Comma-separated values with a header row (RFC 4180).
    Csv,
    /// One JSON object per line.
    Ndjson,
}

impl Format {
    /// As it stands in rows.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }

    fn of(headers: &HeaderMap) -> Option<Self> {
        let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        match kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "text/csv" => Some(Self::Csv),
            "application/x-ndjson" | "application/ndjson" => Some(Self::Ndjson),
            _ => None,
        }
    }
}

/// A file, and how to import it once however often it is sent.
pub(crate) struct Upload {
    pub(super) format: Format,
    pub(super) bytes: Bytes,
    pub(super) once: Once,
}

impl FromRequest<ApiState> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &ApiState) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = match Limited::new(body, LARGEST).collect().await {
            Ok(collected) => collected.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return Err(too_large(LARGEST)),
            Err(_) => return Err(Problem::new(Code::MalformedJson, "The body broke off before its end.")),
        };
        let format = Format::of(&parts.headers).ok_or_else(|| {
            Problem::new(Code::UnsupportedFile, "The body is labelled neither text/csv nor application/x-ndjson.")
        })?;
        let once = Once::read(&parts, &bytes)?;
        Ok(Self { format, bytes, once })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_format_is_what_the_label_says() {
        let labelled = |kind: &str| Format::of(&[(header::CONTENT_TYPE, kind.parse().unwrap())].into_iter().collect());
        assert_eq!(labelled("text/csv; charset=utf-8; header=present"), Some(Format::Csv));
        assert_eq!(labelled("Application/X-NDJSON"), Some(Format::Ndjson));
        assert_eq!(labelled("application/json"), None);
        assert_eq!(Format::of(&HeaderMap::new()), None);
    }
}
