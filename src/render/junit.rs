//! The report as `JUnit` XML: a test case for each release.

use super::{all_checks, before};
use crate::report::{Failure, Report, Status, Verdict};
use crate::text::{decimal, digits, fill, filled};

/// The report in `JUnit`'s format; wrong input is a test case of its own.
#[must_use]
pub fn junit(report: &Report) -> String {
    let mut suite = Suite::default();
    let checks = all_checks(report);
    for (release, check) in &checks {
        let failure = check.failure.as_ref().filter(|_| check.verdict == Verdict::Bad);
        suite.case(&(before(release, ": ") + check.what), 0, failure, check.verdict == Verdict::Unknown);
    }
    // What was looked at says it all.
    let results = if checks.is_empty() { report.results.as_slice() } else { &[] };
    for result in results {
        let skipped = result.status == Status::Skipped;
        suite.case(&result.release, result.milliseconds, result.error.as_ref(), skipped);
    }
    if report.results.is_empty() {
        suite.case("input", 0, report.error.as_ref(), report.error.is_none());
    }
    let Suite { cases, tests, failures, skipped, milliseconds } = &suite;
    filled(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"houston-deploy\" \
         tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{}\">\n{}  \
         </testsuite>\n</testsuites>\n",
        &[&decimal(*tests), &decimal(*failures), &decimal(*skipped), &seconds(*milliseconds), cases],
    )
}

/// The test cases so far.
#[derive(Default)]
struct Suite {
    cases: String,
    tests: u64,
    failures: u64,
    skipped: u64,
    milliseconds: u64,
}

impl Suite {
    fn case(&mut self, name: &str, milliseconds: u64, error: Option<&Failure>, skipped: bool) {
        self.tests += 1;
        self.failures += u64::from(error.is_some());
        self.skipped += u64::from(skipped);
        self.milliseconds += milliseconds;
        let cases = &mut self.cases;
        let values = [&*escaped(name), &seconds(milliseconds)];
        fill(cases, "    <testcase classname=\"houston-deploy\" name=\"{}\" time=\"{}\"", &values);
        match error {
            Some(error) => {
                let mut details = String::new();
                for problem in &error.problems {
                    fill(&mut details, "{}: {}\n", &[&problem.option, &problem.message]);
                }
                if let Some(hint) = &error.hint {
                    fill(&mut details, "hint: {}", &[hint]);
                }
                fill(
                    cases,
                    ">\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>\n",
                    &[error.code.as_str(), &escaped(&error.message), &escaped(details.trim_end())],
                );
            }
            None if skipped => cases.push_str(">\n      <skipped/>\n    </testcase>\n"),
            None => cases.push_str("/>\n"),
        }
    }
}

fn seconds(milliseconds: u64) -> String {
    filled("{}.{}", &[&decimal(milliseconds / 1000), &digits(milliseconds % 1000, 10, 3)])
}

/// Text for an element or an attribute, without the characters that XML forbids.
///
/// Source: XML 1.0, section 2.2.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        escaped.push_str(match character {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' if character != '\n' && character != '\t' => "",
            _ => {
                escaped.push(character);
                continue;
            }
        });
    }
    escaped
}
