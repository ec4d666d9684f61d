//! One job's part of the list of releases: stable, disjoint and complete for any number of jobs.

use super::Environment;
use crate::malformed::Malformed;
use crate::text::{cut, decimal, filled, whole};

/// The part `index` of `total`, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    total: u32,
}

impl Shard {
    /// Reads `2/5`, or `auto`, which takes GitLab's `CI_NODE_INDEX` and `CI_NODE_TOTAL`. A job that GitLab does not
    /// run in parallel has neither, and is the whole.
    ///
    /// # Errors
    /// Anything else, and a part that there is not.
    pub fn parse(text: &str, environment: &Environment) -> Result<Self, Malformed> {
        let (index, total) = if text == "auto" {
            let number = |name: &str| environment.get(name).unwrap_or("1");
            (number("CI_NODE_INDEX"), number("CI_NODE_TOTAL"))
        } else {
            cut(text, "/").ok_or_else(|| Malformed::new("is no part of a list, such as 2/5"))?
        };
        match (whole(index), whole(total)) {
            (Some(index), Some(total)) if (1..=total).contains(&index) => Ok(Self { index, total }),
            _ => Err(Malformed::new("is no part of a list: the parts of five are 1/5 to 5/5")),
        }
    }

    /// It, as it is written: `2/5`.
    #[must_use]
    pub fn text(self) -> String {
        filled("{}/{}", &[&decimal(self.index), &decimal(self.total)])
    }

    /// Leaves this part of the list: every `total`-th entry from the `index`-th on.
    pub fn keep<T>(self, list: &mut Vec<T>) {
        let number = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let (mut kept, mut place) = (0, number(self.index - 1));
        while place < list.len() {
            list.swap(kept, place);
            kept += 1;
            place = place.saturating_add(number(self.total));
        }
        list.truncate(kept);
    }
}
