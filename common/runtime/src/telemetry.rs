//! Structured logs: JSON on a machine, text on a terminal; `RUST_LOG` chooses what.

use std::io::IsTerminal as _;

use tracing_subscriber::{EnvFilter, fmt::format::FmtSpan};

/// Sets the log up for this process; a second call does nothing.
pub fn init() {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,aws_config=warn,aws_smithy_runtime=warn,hyper=warn,sqlx=warn"));
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_span_events(FmtSpan::NONE).with_writer(std::io::stderr);
    let pretty = std::io::stderr().is_terminal() || std::env::var("LOG_FORMAT").is_ok_and(|format| format == "text");
    let set = if pretty {
        log.with_target(false).compact().try_init()
    } else {
        log.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    };
    // Already set up: tests and the local stack run several functions in one process.
    drop(set);
}
