//! The one template engine: Handlebars in strict mode, with limits to what a template can make of its variables.

use std::{
    fmt, io,
    sync::atomic::{AtomicUsize, Ordering},
};

use handlebars::{
    BlockContext, Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderError,
    RenderErrorReason, Renderable, no_escape, to_json,
};

use crate::{Part, TemplateError};

/// The most bytes that a rendered part may have: 2 MiB.
pub const MAX_RENDERED: usize = 2 * 1024 * 1024;

/// How often all loops of a part together may go round.
pub const MAX_ROUNDS: usize = 10_000;

/// A mail, ready to be sent. Its `Debug` form does not show the body, which may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line, not empty, without control characters.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The locale whose words these are.
    pub locale: String,
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered").field("locale", &self.locale).finish_non_exhaustive()
    }
}

/// A registry in which a variable that is missing is an error. `escapes`: for HTML.
pub(crate) fn strict(escapes: bool) -> Handlebars<'static> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    if !escapes {
        engine.register_escape_fn(no_escape);
    }
    engine
}

/// Renders a part, with `helpers` that live as long as this call.
pub(crate) fn run<'a>(
    engine: &'a Handlebars<'a>,
    part: Part,
    template: &'a handlebars::Template,
    context: &'a Context,
    helpers: Vec<(&str, Box<dyn HelperDef + Send + Sync + 'a>)>,
) -> Result<String, TemplateError> {
    let mut rendering = RenderContext::new(None);
    rendering.register_local_helper("each", Box::new(Each::default()));
    for (name, helper) in helpers {
        rendering.register_local_helper(name, helper);
    }
    let mut out = Limited::default();
    match template.render(engine, context, &mut rendering, &mut out) {
        Ok(()) => Ok(out.text),
        Err(_) if out.full => Err(TemplateError::TooLarge { part }),
        Err(error) => Err(explain(&error, part)),
    }
}

fn explain(error: &RenderError, part: Part) -> TemplateError {
    match error.reason() {
        RenderErrorReason::MissingVariable(Some(variable)) => {
            TemplateError::MissingVariable { variable: variable.clone() }
        }
        RenderErrorReason::Other(reason) if reason == TOO_MANY_ROUNDS => TemplateError::TooManyRounds { part },
        _ => TemplateError::Broken { part },
    }
}

/// A subject must be one line of something.
pub(crate) fn one_line(subject: String) -> Result<String, TemplateError> {
    if subject.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        return Err(TemplateError::SubjectBreaksLine);
    }
    if subject.trim().is_empty() {
        return Err(TemplateError::SubjectEmpty);
    }
    Ok(subject)
}

/// What was written so far, up to [`MAX_RENDERED`] bytes.
#[derive(Default)]
struct Limited {
    text: String,
    full: bool,
}

impl Output for Limited {
    fn write(&mut self, segment: &str) -> io::Result<()> {
        if self.text.len() + segment.len() > MAX_RENDERED {
            self.full = true;
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.text.push_str(segment);
        Ok(())
    }
}

const TOO_MANY_ROUNDS: &str = "too many rounds";

/// `each`, counting its rounds: loops within loops that write nothing would pass by the limit of size. Lists only.
#[derive(Default)]
struct Each {
    rounds: AtomicUsize,
}

impl HelperDef for Each {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        engine: &'reg Handlebars<'reg>,
        context: &'rc Context,
        rendering: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let list = helper.param(0).ok_or(RenderErrorReason::ParamNotFoundForIndex("each", 0))?;
        let Some(entries) = list.value().as_array() else {
            return Err(RenderError::strict_error(list.relative_path()));
        };
        if entries.is_empty() {
            let otherwise = helper.inverse();
            return otherwise.map_or(Ok(()), |template| template.render(engine, context, rendering, out));
        }
        let Some(template) = helper.template() else { return Ok(()) };
        rendering.push_block(BlockContext::new());
        for (index, entry) in entries.iter().enumerate() {
            if self.rounds.fetch_add(1, Ordering::Relaxed) >= MAX_ROUNDS {
                return Err(RenderErrorReason::Other(TOO_MANY_ROUNDS.to_owned()).into());
            }
            if let Some(block) = rendering.block_mut() {
                block.set_local_var("index", to_json(index));
                block.set_local_var("first", to_json(index == 0));
                block.set_local_var("last", to_json(index + 1 == entries.len()));
                match list.context_path() {
                    Some(path) => *block.base_path_mut() = path.iter().cloned().chain([index.to_string()]).collect(),
                    None => block.set_base_value(entry.clone()),
                }
            }
            template.render(engine, context, rendering, out)?;
        }
        rendering.pop_block();
        Ok(())
    }
}
