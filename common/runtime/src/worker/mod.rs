//! The operation loop: claim, perform, commit, retry, run ahead.

mod attempt;
mod draw;
mod erased;
mod notice;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::future::{join, join_all, join3};
use tenantry_kernel::Role;
use tenantry_model::CommandId;
use tenantry_store::{
    Db, Result,
    runs::{Claimed, Committed, claim, release},
};
use tenantry_workflows::drill::Drill;
use tokio::sync::OnceCell;
use tracing::Instrument as _;

pub use self::draw::{Draw, Drawing};
use self::erased::{Erased, Performer};
use crate::{BadMessage, Echo, Hints, Message, Operation, Tell, config::Limits, trace::TraceParent};

/// When this code cannot work a command (a newer version wrote it), another may: this much later.
const NOT_OURS: Duration = Duration::from_secs(60);

/// A function: its name (and queue), and what it performs.
pub struct Function {
    name: &'static str,
    operations: HashMap<&'static str, Arc<dyn Performer>>,
    tell: Option<Arc<dyn Tell>>,
    draw: Option<Arc<dyn Draw>>,
}

impl Function {
    /// A function that answers drills, and nothing else yet.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self { name, operations: HashMap::new(), tell: None, draw: None }
            .performs(<Drill as tenantry_kernel::Workflow>::KIND, Echo)
    }

    /// It performs the commands of a workflow that are for it.
    #[must_use]
    pub fn performs<O: Operation>(mut self, kind: &'static str, operation: O) -> Self {
        self.operations.insert(kind, Arc::new(Erased(operation)));
        self
    }

    /// It tells notices.
    #[must_use]
    pub fn tells(mut self, tell: impl Tell) -> Self {
        self.tell = Some(Arc::new(tell));
        self
    }

    /// It gives the turns of the lanes.
    #[must_use]
    pub fn draws(mut self, draw: impl Draw) -> Self {
        self.draw = Some(Arc::new(draw));
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }
}

/// A function at work.
pub struct Worker {
    function: Function,
    db: Db,
    hints: Arc<dyn Hints>,
    limits: Limits,
    checked: OnceCell<()>,
}

impl Worker {
    /// Puts a function to work.
    pub fn new(function: Function, db: Db, hints: Arc<dyn Hints>) -> Self {
        Self { function, db, hints, limits: Limits::default(), checked: OnceCell::new() }
    }

    /// The same with other limits than the usual ones.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The function's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.function.name
    }

    /// Works a batch of messages, concurrently, and says for each whether it is done with. One that is not goes back to
    /// its queue.
    ///
    /// No command is begun after `until`; what is left over is hinted anew.
    pub async fn handle(&self, bodies: &[&str], until: Instant) -> Vec<bool> {
        let messages: Vec<Result<Message, BadMessage>> = bodies.iter().map(|body| Message::parse(body)).collect();
        for bad in messages.iter().filter_map(|message| message.as_ref().err()) {
            tracing::error!(function = self.name(), error = %bad, "a message cannot be used; it goes back to its queue");
        }
        let ids: Vec<CommandId> = messages.iter().flatten().map(|message| message.command).collect();
        let claimed = match self.claim(&ids).await {
            Ok(claimed) => claimed,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(function = self.name(), error, "commands cannot be claimed; the messages go back");
                return vec![false; bodies.len()];
            }
        };
        tracing::debug!(function = self.name(), messages = bodies.len(), claimed = claimed.len(), "a batch");
        let (notices, commands): (Vec<_>, Vec<_>) =
            claimed.into_iter().partition(|claimed| claimed.role == Role::Notice);
        let follow = async |claimed: Claimed| (claimed.lease.command, self.follow(claimed, until).await);
        let commands = join_all(commands.into_iter().map(follow));
        let (worked, told, ()) = join3(commands, self.work_notices(notices), self.draw(until)).await;
        let worked: HashMap<CommandId, bool> = worked.into_iter().chain(told).collect();
        let done = |message: Result<Message, BadMessage>| match message {
            // Not claimed: it is answered, or somebody has it, or it is not due. The row knows when to look again.
            Ok(message) => worked.get(&message.command).copied().unwrap_or(true),
            Err(_) => false,
        };
        messages.into_iter().map(done).collect()
    }

    /// Claims, once it is certain that the schema is not behind this code.
    async fn claim(&self, ids: &[CommandId]) -> Result<Vec<Claimed>> {
        self.checked.get_or_try_init(|| self.db.check()).await?;
        claim(&self.db, self.name(), ids, self.lease()).await
    }

    /// Works a command, and those that follow it as long as they are this function's and time is left.
    async fn follow(&self, claimed: Claimed, until: Instant) -> bool {
        let (mut next, mut hints) = (Some(claimed), Vec::new());
        while let Some(claimed) = next.take() {
            let span = self.span(&claimed);
            // The hints of the last commit go out while the next command is worked.
            let sent = self.hints.send(std::mem::take(&mut hints));
            match join(self.work(claimed, until).instrument(span.clone()), sent).await.0 {
                Ok(committed) => (next, hints) = (committed.ahead, committed.hints),
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    span.in_scope(|| {
                        tracing::error!(
                            error,
                            "the answer could not be written; the lease runs out, and it is tried again"
                        )
                    });
                    return false;
                }
            }
        }
        self.hints.send(hints).await;
        true
    }

    fn span(&self, claimed: &Claimed) -> tracing::Span {
        let trace = claimed.trace.as_deref().and_then(TraceParent::parse).map(TraceParent::trace_id);
        tracing::info_span!(
            "command", function = self.name(), run = %claimed.run, command = %claimed.lease.command, name = claimed.name,
            kind = claimed.kind, attempt = claimed.attempt, tenant = claimed.tenant.map(tracing::field::display),
            trace_id = trace,
        )
    }

    /// Works one command, and gives back what follows.
    async fn work(&self, claimed: Claimed, until: Instant) -> Result<Committed> {
        let (Some(operation), Some(kind)) =
            (self.function.operations.get(claimed.kind.as_str()), tenantry_workflows::kind(&claimed.kind))
        else {
            tracing::error!("this version of the function does not know this kind of run; a newer one may");
            release(&self.db, &claimed, NOT_OURS).await?;
            return Ok(Committed::default());
        };
        let attempt = attempt::Attempt { worker: self, operation: operation.as_ref(), kind, until };
        attempt.run(claimed).await
    }

    /// The longest an operation of this function may take, and time to answer.
    fn lease(&self) -> Duration {
        let longest = self.function.operations.values().map(|operation| self.time_out(operation.as_ref())).max();
        let telling = self.function.tell.as_ref().map(|_| notice::TIME_OUT.min(self.limits.operation));
        let drawing = self.function.draw.as_ref().map(|draw| draw.time_out().min(self.limits.operation));
        longest.max(telling).max(drawing).unwrap_or_default() + self.limits.answer
    }

    /// How long this operation may take here.
    fn time_out(&self, operation: &dyn Performer) -> Duration {
        operation.time_out().min(self.limits.operation)
    }
}
