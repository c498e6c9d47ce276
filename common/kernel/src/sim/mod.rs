//! A simulator with virtual time. [`explore`] tells every story a life can live; [`Theatre`] tells one.

mod explore;
mod theatre;
mod world;

use serde_json::Value;
use tenantry_model::{ErrorClass, Fault};

pub use self::{
    explore::{Broken, Explored, Row, explore},
    theatre::Theatre,
};
use crate::workflow::Workflow;

/// What the world may say to a life: the material of its stories.
pub trait Rehearsal {
    /// The life that is rehearsed.
    type Life: Workflow;

    /// Any timer may fire before any other, whatever they say. For a life that looks again and again beside long timers: its
    /// moments would be told apart by the time that is left, without end.
    const ANY_ORDER: bool = false;

    /// Lives to begin with; one for every shape of input that the life tells apart.
    fn starts() -> Vec<<Self::Life as Workflow>::Data>;

    /// Everything a function may answer to a command.
    fn answers(command: &<Self::Life as Workflow>::Command) -> Vec<<Self::Life as Workflow>::Event>;

    /// Everything that may be said when the turn of a timer in a lane has come.
    fn turns(_timer: &<Self::Life as Workflow>::Timer) -> Vec<<Self::Life as Workflow>::Event> {
        Vec::new()
    }

    /// Everything a person may wish, at any moment.
    fn wishes() -> Vec<<Self::Life as Workflow>::Event>;

    /// Everything a person may answer to a task.
    fn replies(task: &<Self::Life as Workflow>::Task) -> Vec<Value>;

    /// The faults with which a command may end.
    fn faults(_command: &<Self::Life as Workflow>::Command) -> Vec<Fault> {
        [ErrorClass::ValidationError, ErrorClass::DatabaseError, ErrorClass::UnknownOutcome]
            .map(|class| Fault::new(class, "rehearsed"))
            .into()
    }
}
