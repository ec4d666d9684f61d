//! The report as `JUnit` XML: a test case for each release.

use super::{all_checks, before};
use crate::report::{Failure, Report, Status, Verdict};
use crate::text::{decimal, digits, fill, filled};

/// The report in `JUnit`'s format; wrong input is a test case of its own.
#[must_use]
pub fn junit(report: &Report) -> String {
    let mut cases = String::new();
    let (mut failures, mut skipped, mut total) = (0_u32, 0_u32, 0);
    let checks = all_checks(report);
    for (release, check) in &checks {
        let (bad, skip) = (check.verdict == Verdict::Bad, check.verdict == Verdict::Unknown);
        failures += u32::from(bad);
        skipped += u32::from(skip);
        case(
            &mut cases,
            &(before(release, ": ") + check.what),
            0,
            check.failure.as_ref().filter(|_| bad),
            skip,
        );
    }
    // What was looked at says it all.
    let results = if checks.is_empty() { report.results.as_slice() } else { &[] };
    for result in results {
        let skip = result.status == Status::Skipped;
        failures += u32::from(result.error.is_some());
        skipped += u32::from(skip);
        total += result.milliseconds;
        case(&mut cases, &result.release, result.milliseconds, result.error.as_ref(), skip);
    }
    if report.results.is_empty() {
        failures += u32::from(report.error.is_some());
        skipped += u32::from(report.error.is_none());
        case(&mut cases, "input", 0, report.error.as_ref(), report.error.is_none());
    }
    let tests = checks.len().max(results.len()).max(1);
    filled(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"houston-deploy\" \
         tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{}\">\n{}  \
         </testsuite>\n</testsuites>\n",
        &[&decimal(tests), &decimal(failures), &decimal(skipped), &seconds(total), &cases],
    )
}

fn case(cases: &mut String, name: &str, milliseconds: u64, error: Option<&Failure>, skipped: bool) {
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
