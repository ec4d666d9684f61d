//! What the schedules reached: counted, printed, and held to not being empty.

use std::collections::BTreeMap;
use std::fmt;

/// The exit codes that a run can have; 1 would be a fault of the program, and is a violation.
const EXITS: [u8; 8] = [0, 2, 3, 4, 5, 6, 130, 143];

/// The counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub schedules: u64,
    pub requests: u64,
    pub faults: BTreeMap<&'static str, u64>,
    pub rows: BTreeMap<u8, u64>,
    pub exits: BTreeMap<u8, u64>,
    pub codes: BTreeMap<&'static str, u64>,
    pub proofs: BTreeMap<&'static str, u64>,
    /// Schedules that had to end 0 whatever befell them.
    pub had_to_be_green: u64,
}

fn add<K: Ord>(to: &mut BTreeMap<K, u64>, from: BTreeMap<K, u64>) {
    for (key, count) in from {
        *to.entry(key).or_default() += count;
    }
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        self.schedules += other.schedules;
        self.requests += other.requests;
        self.had_to_be_green += other.had_to_be_green;
        add(&mut self.faults, other.faults);
        add(&mut self.rows, other.rows);
        add(&mut self.exits, other.exits);
        add(&mut self.codes, other.codes);
        add(&mut self.proofs, other.proofs);
    }

    /// What was never reached: each row of the table, each exit code, each proof.
    pub fn never_reached(&self) -> Vec<String> {
        let rows = (1..=21).filter(|row| !self.rows.contains_key(row)).map(|row| format!("row {row}"));
        let exits = EXITS.into_iter().filter(|exit| !self.exits.contains_key(exit));
        let proofs = ["accepted", "read", "healthy", "restarted"];
        let proofs = proofs.into_iter().filter(|proof| !self.proofs.contains_key(proof));
        rows.chain(exits.map(|exit| format!("exit code {exit}")))
            .chain(proofs.map(|proof| format!("proof {proof}")))
            .collect()
    }
}

fn line<K: fmt::Display>(
    formatter: &mut fmt::Formatter<'_>,
    title: &str,
    counts: &BTreeMap<K, u64>,
) -> fmt::Result {
    writeln!(formatter, "{title}")?;
    for (key, count) in counts {
        writeln!(formatter, "  {count:>9}  {key}")?;
    }
    Ok(())
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (schedules, requests, green) = (self.schedules, self.requests, self.had_to_be_green);
        writeln!(formatter, "schedules: {schedules}, requests: {requests}, had to end 0: {green}")?;
        line(formatter, "faults that came to pass", &self.faults)?;
        line(formatter, "rows of the table", &self.rows)?;
        line(formatter, "exit codes", &self.exits)?;
        line(formatter, "proofs of releases that ended 0", &self.proofs)?;
        line(formatter, "error codes of releases", &self.codes)
    }
}
