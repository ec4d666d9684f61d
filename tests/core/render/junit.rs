//! The XML for test runners (`junit`): its cases and counts, by way of a reader that is as strict as XML.

use houston_deploy::render;
use houston_deploy::report::{Check, Status, Verdict};

use super::{deployed, mixed, of, problem, release, two_problems, wrong};

/// One element as it was read: name, attributes, and the text directly in it.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
}

impl Element {
    #[track_caller]
    fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map_or_else(|| panic!("no {name} in {self:?}"), |(_, value)| value.as_str())
    }
}

/// Resolves the five entities. Anything else that XML would not take as text fails.
#[track_caller]
fn unescaped(text: &str) -> String {
    assert!(!text.contains(['<', '>']), "{text:?}");
    let forbidden = |character| matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    assert!(!text.contains(forbidden), "{text:?}");
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, entity)) = rest.split_once('&') {
        let (name, after) = entity.split_once(';').expect("an entity ends");
        plain += before;
        plain += match name {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "apos" => "'",
            other => panic!("the entity {other}"),
        };
        rest = after;
    }
    plain + rest
}

/// Reads XML as strictly as this program needs it, and gives its elements in the order in which they start.
#[track_caller]
fn elements(xml: &str) -> Vec<Element> {
    let body = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").expect("a declaration");
    let mut elements: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (index, piece) in body.split('<').enumerate() {
        if index == 0 {
            assert_eq!(piece, "", "text before the root");
            continue;
        }
        let (tag, text) = piece.split_once('>').expect("a tag ends");
        if let Some(name) = tag.strip_prefix('/') {
            let ended = open.pop().expect("an open element");
            assert_eq!(elements[ended].name, name, "nesting");
        } else {
            let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let mut element = Element::default();
            let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
            name.clone_into(&mut element.name);
            while let Some((name, value)) = rest.split_once("=\"") {
                let (value, after) = value.split_once('"').expect("a value ends");
                element.attributes.push((name.into(), unescaped(value)));
                rest = after.trim_start();
            }
            assert_eq!(rest, "", "attributes");
            if !is_empty {
                open.push(elements.len());
            }
            elements.push(element);
        }
        match open.last() {
            Some(&inside) => elements[inside].text += &unescaped(text),
            None => assert_eq!(text.trim(), "", "text after the root"),
        }
    }
    assert_eq!(open.len(), 0, "every element ends");
    elements
}

/// tests, failures, skipped, time.
#[track_caller]
fn counts(elements: &[Element]) -> [&str; 4] {
    let suite = elements.iter().find(|element| element.name == "testsuite").expect("a suite");
    ["tests", "failures", "skipped", "time"].map(|name| suite.attribute(name))
}

#[test]
fn junit_of_one_deployed() {
    assert_eq!(
        render::junit(&deployed()),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites>\n  \
         <testsuite name=\"houston-deploy\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\" time=\"8.121\">\n    \
         <testcase classname=\"houston-deploy\" name=\"dev\" time=\"8.121\"/>\n  \
         </testsuite>\n\
         </testsuites>\n"
    );
}

#[test]
fn junit_counts_what_it_holds() {
    let mut report = mixed();
    report.results.push(release("late", Status::Skipped));
    let xml = render::junit(&report);
    let elements = elements(&xml);
    assert_eq!(counts(&elements), ["6", "3", "1", "77.242"]);
    let of = |name: &str| elements.iter().filter(|element| element.name == name).collect::<Vec<_>>();
    let names: Vec<_> = of("testcase").iter().map(|case| case.attribute("name")).collect();
    assert_eq!(names, ["dev", "no-1", "qa", "no-2", "production", "late"]);
    let types: Vec<_> = of("failure").iter().map(|failure| failure.attribute("type")).collect();
    assert_eq!(types, ["DEPLOYMENT_NOT_FOUND", "OUTCOME_UNKNOWN", "DEPLOYMENT_NOT_FOUND"]);
    assert_eq!(of("failure")[0].attribute("message"), "no such Deployment");
    assert_eq!(of("failure")[0].text, "hint: correct `release`");
    assert_eq!(of("skipped").len(), 1);
}

#[test]
fn junit_of_wrong_input_is_a_case_of_its_own() {
    let xml = render::junit(&two_problems());
    let elements = elements(&xml);
    assert_eq!(counts(&elements), ["1", "1", "0", "0.000"]);
    let failure = elements.last().expect("a failure");
    assert_eq!(failure.attribute("type"), "INPUT_INVALID");
    assert_eq!(failure.attribute("message"), "2 problems with the input, nothing was sent");
    assert_eq!(
        failure.text,
        "image: \"a/b\" has neither a tag nor a digest\nrelease: is missing\nhint: correct the options named, then \
         run again"
    );
}

#[test]
fn junit_of_an_empty_shard_is_skipped() {
    let xml = render::junit(&of(Status::Skipped, Vec::new()));
    assert_eq!(counts(&elements(&xml)), ["1", "0", "1", "0.000"]);
}

#[test]
fn junit_counts_every_case_that_it_holds() {
    let mut report = of(Status::Skipped, Vec::new());
    report.checks.push(Check {
        what: "token",
        verdict: Verdict::Good,
        message: "is there".into(),
        failure: None,
    });
    let xml = render::junit(&report);
    assert_eq!(counts(&elements(&xml)), ["2", "0", "1", "0.000"]);
    assert_eq!(xml.matches("<testcase ").count(), 2);
}

#[test]
fn nothing_leaves_its_place_in_junit() {
    let hostile = "]]> \"'<x y=\"z\">&amp;&#10;</failure>\t\u{0}\u{8}\u{b}\u{1b}\u{fffe}\u{ffff}é😀\u{7f}";
    let xml = render::junit(&wrong(vec![problem("image", hostile, None), problem(hostile, hostile, None)]));
    let elements = elements(&xml);
    let kept = "]]> \"'<x y=\"z\">&amp;&#10;</failure>\té😀\u{7f}";
    let failure = elements.last().expect("a failure");
    assert_eq!(failure.text.lines().next(), Some(format!("image: {kept}").as_str()));
    assert_eq!(failure.text.lines().nth(1), Some(format!("{kept}: {kept}").as_str()));
    assert!(!xml.contains("]]>"));
    let one = render::junit(&wrong(vec![problem("image", hostile, None)]));
    assert_eq!(
        self::elements(&one).last().expect("a failure").attribute("message"),
        format!("image: {kept}")
    );
}
