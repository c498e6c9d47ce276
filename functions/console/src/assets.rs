//! What a page loads, from the binary: named by its hash, so that a browser keeps it for ever.

use std::{fmt::Write as _, sync::LazyLock};

use axum::{
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};

/// The files: name, media type, content.
static FILES: [(&str, &str, &str); 4] = [
    (
        "style.css",
        "text/css; charset=utf-8",
        concat!(include_str!("assets/style.css"), include_str!("assets/picture.css")),
    ),
    ("app.js", "text/javascript; charset=utf-8", include_str!("assets/app.js")),
    // htmx 2.0.11 (Zero-Clause BSD), <https://htmx.org>.
    ("htmx.js", "text/javascript; charset=utf-8", include_str!("assets/htmx.js")),
    ("mark.svg", "image/svg+xml", include_str!("assets/mark.svg")),
];

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut all = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    FILES.iter().for_each(|(_, _, content)| all.update(content.as_bytes()));
    all.finish().as_ref().iter().take(6).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
});

/// Where a page finds a file.
pub(crate) fn href(name: &str) -> String {
    format!("/assets/{}/{name}", *VERSION)
}

/// Serves a file.
pub(crate) async fn serve(Path((version, name)): Path<(String, String)>) -> Response {
    let Some((_, media_type, content)) = FILES.iter().find(|(file, _, _)| *file == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kept = if version == *VERSION { "public, max-age=31536000, immutable" } else { "no-store" };
    (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
            (header::CACHE_CONTROL, HeaderValue::from_static(kept)),
        ],
        *content,
    )
        .into_response()
}
