//! Any workflow behind one object-safe face, in JSON, so that the store and the sweeper need not know which it is.

use std::marker::PhantomData;

use serde_json::Value;

use crate::{
    advance::{self, Deaf, plain, read},
    life::{Change, Input, Life, Preview},
    retry::Retry,
    workflow::Workflow,
};

/// A workflow, whichever it is.
pub trait Kind: Send + Sync {
    /// The kind of run.
    fn kind(&self) -> &'static str;

    /// The version of this code.
    fn version(&self) -> u32;

    /// What one input does to a life.
    ///
    /// # Errors
    /// See [`advance::advance`].
    fn advance(&self, life: &Life, input: Input) -> Result<Change, Deaf>;

    /// What a wish would do, without its being told.
    ///
    /// # Errors
    /// See [`advance::preview`].
    fn preview(&self, life: &Life, event: Value) -> Result<Preview, Deaf>;

    /// The function that gives turns, where this timer waits in its tenant's lane; none also where this version cannot read it.
    fn lane(&self, timer: &Value) -> Option<&'static str>;

    /// How patiently a command is tried again.
    ///
    /// # Errors
    /// The command cannot be read by this version.
    fn retry(&self, command: &Value) -> Result<Retry, Deaf>;

    /// The event that a signal means.
    ///
    /// # Errors
    /// A sentence for the caller.
    fn signal(&self, name: &str, body: Value) -> Result<Value, String>;

    /// The signals there are, each with one line of help.
    fn signals(&self) -> &'static [(&'static str, &'static str)];

    /// The event that a person's answer means.
    ///
    /// # Errors
    /// A sentence for the person.
    fn answered(&self, task: &Value, answer: Value, by: &str) -> Result<Value, String>;
}

/// The [`Kind`] of a workflow.
pub struct Of<W>(PhantomData<W>);

impl<W> Of<W> {
    /// The one value there is.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<W> Default for Of<W> {
    fn default() -> Self {
        Self::new()
    }
}

impl<W: Workflow> Kind for Of<W> {
    fn kind(&self) -> &'static str {
        W::KIND
    }

    fn version(&self) -> u32 {
        W::VERSION
    }

    fn advance(&self, life: &Life, input: Input) -> Result<Change, Deaf> {
        advance::advance::<W>(life, input)
    }

    fn preview(&self, life: &Life, event: Value) -> Result<Preview, Deaf> {
        advance::preview::<W>(life, event)
    }

    fn lane(&self, timer: &Value) -> Option<&'static str> {
        read::<W, W::Timer>(timer.clone()).ok().and_then(|timer| W::lane(&timer))
    }

    fn retry(&self, command: &Value) -> Result<Retry, Deaf> {
        Ok(W::retry(&read::<W, _>(command.clone())?))
    }

    fn signal(&self, name: &str, body: Value) -> Result<Value, String> {
        W::signal(name, body).map(|event| plain(&event))
    }

    fn signals(&self) -> &'static [(&'static str, &'static str)] {
        W::signals()
    }

    fn answered(&self, task: &Value, answer: Value, by: &str) -> Result<Value, String> {
        let task = read::<W, W::Task>(task.clone()).map_err(|deaf| deaf.to_string())?;
        W::answered(&task, answer, by).map(|event| plain(&event))
    }
}
