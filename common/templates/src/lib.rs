#![doc = include_str!("../README.md")]

mod engine;
mod error;
mod locale;
mod system;
mod tenant;
mod variable;

pub use engine::{MAX_RENDERED, MAX_ROUNDS, Rendered};
pub use error::{Finding, Part, SourceError, TemplateError};
pub use locale::{ANY_LOCALE, DEFAULT_LOCALE, Owner, canonical, fallback};
pub use system::{LOCALES, Template, render};
pub use tenant::{Compiled, Published, TemplateName, TemplateNameError, is_mjml};
#[cfg(feature = "publish")]
pub use tenant::{Source, plain_text, publish};
pub use variable::Variable;
