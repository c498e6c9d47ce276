//! Templates that a tenant gives: what they may say, how they are checked, kept and rendered.

mod compiled;
mod dialect;
mod markup;
mod name;
#[cfg(feature = "publish")]
mod publish;
mod scope;

pub use compiled::{Compiled, Published};
pub use markup::is_mjml;
pub use name::{TemplateName, TemplateNameError};
#[cfg(feature = "publish")]
pub use publish::{Source, plain_text, publish};
