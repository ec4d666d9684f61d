//! Faults that are planted on purpose, so that the simulation can show that it finds them (`docs/outcomes.md`, part 3).
//! All of it is behind the feature `mutants`, which the tests alone turn on: the module has none of it.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;

use crate::error::{Doubt, Error};
use crate::houston::Shown;
use crate::io::Head;
use crate::send::{Changed, Look};

/// One fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// Row 21 dropped: after a send that may have arrived, the last ending counts as if it were the only one.
    Row21Dropped,
    /// Sends again although the Deployment moved (row 19).
    ResendWhenMoved,
    /// What was written counts as unwritten, and the other way round.
    UnsentInverted,
    /// M is one too low: the newest process from before counts as new.
    MarkTooLow,
    /// M is one too high: the first new process counts as from before.
    MarkTooHigh,
    /// H is skipped: a pod from before the change counts as new.
    HostsSkipped,
    /// A Deployment that moved counts as Houston's yes.
    GreenOnRead,
    /// `upsertDeployment` wherever Houston does not know a mutation.
    UpsertAnywhere,
}

/// All of them.
pub const MUTANTS: [Mutant; 8] = [
    Mutant::Row21Dropped,
    Mutant::ResendWhenMoved,
    Mutant::UnsentInverted,
    Mutant::MarkTooLow,
    Mutant::MarkTooHigh,
    Mutant::HostsSkipped,
    Mutant::GreenOnRead,
    Mutant::UpsertAnywhere,
];

thread_local! {
    static PLANTED: Cell<Option<Mutant>> = const { Cell::new(None) };
}

/// Plants a fault, or none, in all that this thread runs from now on.
pub fn plant(mutant: Option<Mutant>) {
    PLANTED.set(mutant);
}

pub(crate) fn is(mutant: Mutant) -> bool {
    PLANTED.get() == Some(mutant)
}

/// Whether a head was written, or under [`Mutant::UnsentInverted`] the opposite.
pub(crate) fn planted_head(head: Head) -> Head {
    match head {
        Head::Written if is(Mutant::UnsentInverted) => Head::Unwritten,
        Head::Unwritten if is(Mutant::UnsentInverted) => Head::Written,
        Head::Written | Head::Unwritten | Head::Unknown => head,
    }
}

/// What a look shows, or under [`Mutant::ResendWhenMoved`] that nothing moved.
pub(crate) fn planted_look<'a>(
    look: impl Future<Output = Look> + 'a,
) -> Pin<Box<dyn Future<Output = Look> + 'a>> {
    Box::pin(async {
        match look.await {
            Look::Moved if is(Mutant::ResendWhenMoved) => Look::Unmoved,
            shown => shown,
        }
    })
}

/// How the sends ended, or under [`Mutant::GreenOnRead`] a yes where the Deployment moved.
pub(crate) fn planted_yes(sent: &mut Changed, shown: &mut Option<Shown>, version: &str) {
    if let Err(error) = &sent.outcome
        && is(Mutant::GreenOnRead)
        && matches!(**error, Error::OutcomeUnknown { doubt: Doubt::Moved, .. })
    {
        *shown = Some(Shown { deployment_id: None, version: version.to_owned() });
        sent.outcome = Ok(());
    }
}
