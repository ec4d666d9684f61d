//! The margin: errors and warnings beside the log, and how many of them.

use houston_deploy::error::Code;
use houston_deploy::render;
use houston_deploy::report::Status;

use super::{failed, failure, mixed, of, two_problems, warning};

#[test]
fn the_margin_has_every_error_and_warning_with_its_hint() {
    let mut report = mixed();
    report.warnings = vec![warning(Code::ImageMoves, "the tag may move", Some("use a digest"))];
    let margin: Vec<_> =
        render::margin(&report).into_iter().map(|one| (one.level, one.title.as_str(), one.text)).collect();
    assert_eq!(
        margin,
        [
            (
                "error",
                "DEPLOYMENT_NOT_FOUND",
                "no-1, no-2: no such Deployment\nhint: correct `release`".to_owned()
            ),
            ("error", "OUTCOME_UNKNOWN", "qa: whether qa was changed is not known".to_owned()),
            ("warning", "IMAGE_MOVES", "the tag may move\nhint: use a digest".to_owned()),
        ]
    );
}

#[test]
fn the_margin_of_wrong_input_is_one_entry() {
    let margin = render::margin(&two_problems());
    assert_eq!(margin.len(), 1);
    assert_eq!(
        margin[0].text,
        "2 problems with the input, nothing was sent\n\
         image: \"a/b\" has neither a tag nor a digest\n\
         release: is missing (set it)\n\
         hint: correct the options named, then run again"
    );
}

#[test]
fn the_margin_has_ten_of_a_kind_at_most_and_counts_the_rest() {
    let of = |count: usize| {
        let error = |number| failure(Code::HoustonFailed, &format!("error {number}"), None);
        let results = (0..count)
            .map(|number| failed(&format!("r{number}"), Status::Failed, 4, error(number)))
            .collect();
        let mut report = of(Status::Failed, results);
        report.warnings =
            (0..count).map(|number| warning(Code::ImageMoves, &format!("warning {number}"), None)).collect();
        render::margin(&report)
    };
    let margin = of(10);
    assert_eq!(margin.len(), 20);
    assert!(margin.iter().all(|one| !one.text.contains("more")));
    let margin = of(13);
    let level = |level| margin.iter().filter(|one| one.level == level).collect::<Vec<_>>();
    assert_eq!((level("error").len(), level("warning").len()), (10, 10));
    assert_eq!(level("error")[9].text, "r9: error 9\nand 3 more: see the summary");
    assert_eq!(level("warning")[9].text, "warning 9\nand 3 more: see the summary");
    assert_eq!(level("error")[8].text, "r8: error 8");
}
