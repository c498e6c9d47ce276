//! Asking before something that cannot be taken back.

use std::io::{self, IsTerminal as _};

use crate::{failure::Failure, output::Output};

/// Asks `question`; `what` would happen. Without a terminal nobody is asked, and it is refused.
///
/// # Errors
/// [`Failure::Usage`] when nobody is there to be asked, or says no.
pub(super) fn sure(what: &str, question: &str, output: &Output) -> Result<(), Failure> {
    let refused =
        |what: String| Failure::Usage { what, next: "To remove it without being asked, add --yes.".to_owned() };
    if output.json || !io::stdin().is_terminal() || !output.error_terminal {
        return Err(refused(format!("{what}, and nobody is there to ask whether that is meant")));
    }
    let answer = dialoguer::Confirm::new().with_prompt(question).default(false).interact();
    match answer.map_err(|dialoguer::Error::IO(error)| error)? {
        true => Ok(()),
        false => Err(refused("Nothing was removed".to_owned())),
    }
}
