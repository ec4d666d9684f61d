//! `WWW-Authenticate` by RFC 9110: whatever is well formed is read, however odd it looks, and nothing else.

use houston_deploy::registry::{Challenge, parse_challenges};
use proptest::prelude::*;

/// Each challenge as `scheme name=value …`, with the values of these parameters.
#[track_caller]
fn read(header: &str, challenges: &[&str]) {
    let shown = |challenge: &Challenge| {
        let names = ["realm", "service", "scope", "error", "charset", "x"];
        let value = |name: &str| challenge.parameter(name).map(|value| format!(" {name}={value}"));
        names.iter().filter_map(|name| value(name)).fold(challenge.scheme.clone(), |all, one| all + &one)
    };
    let found = parse_challenges(header).unwrap_or_else(|| panic!("{header} cannot be read"));
    assert_eq!(found.iter().map(shown).collect::<Vec<_>>(), challenges, "{header}");
}

#[test]
fn what_registries_send_is_read() {
    read(
        r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull""#,
        &["bearer realm=https://auth.docker.io/token service=registry.docker.io scope=repository:a/b:pull"],
    );
    read(
        r#"Basic realm="https://1.dkr.ecr.eu-central-1.example.com/",service="ecr""#,
        &["basic realm=https://1.dkr.ecr.eu-central-1.example.com/ service=ecr"],
    );
    read(r#"BASIC realm="Registry Realm", charset="UTF-8""#, &["basic realm=Registry Realm charset=UTF-8"]);
    read(
        r#"Bearer realm="r",scope="repository:a:pull,push",error="invalid_token""#,
        &["bearer realm=r scope=repository:a:pull,push error=invalid_token"],
    );
}

#[test]
fn several_challenges_may_stand_in_one_header() {
    read(r#"Basic realm="a", Bearer realm="b",service="c""#, &["basic realm=a", "bearer realm=b service=c"]);
    read(
        r#"Bearer realm="a",service="b", Basic realm="c", charset="UTF-8""#,
        &["bearer realm=a service=b", "basic realm=c charset=UTF-8"],
    );
    read(r#"Negotiate, NTLM, Basic realm="a""#, &["negotiate", "ntlm", "basic realm=a"]);
    read("Negotiate", &["negotiate"]);
    read("", &[]);
    read(" , ,, ", &[]);
}

#[test]
fn what_a_scheme_has_in_the_place_of_parameters_is_passed_over() {
    for token68 in ["YII=", "TlRMTVNTUAAB==", "abc/+~-._def", "abc="] {
        read(&format!(r#"Negotiate {token68}, Basic realm="a""#), &["negotiate", "basic realm=a"]);
        read(&format!("Negotiate {token68}"), &["negotiate"]);
    }
    for gap in [" ,", "\t,", " , ,", ",,"] {
        read(&format!(r#"Negotiate TlRM=={gap} Basic realm="a""#), &["negotiate", "basic realm=a"]);
    }
}

#[test]
fn commas_and_escapes_in_quotes_mean_nothing() {
    read(r#"Basic realm="a, Bearer realm=\"b\"", x="\\""#, &[r#"basic realm=a, Bearer realm="b" x=\"#]);
    read(r#"Basic realm="""#, &["basic realm="]);
    read(r#"Basic realm="\a\b\c""#, &["basic realm=abc"]);
    read(r#"Basic realm="äöü = ,", x=y"#, &["basic realm=äöü = , x=y"]);
}

#[test]
fn case_and_spacing_are_free_where_the_grammar_has_them_free() {
    read(r#"bEaReR ReAlM="R",SERVICE=s"#, &["bearer realm=R service=s"]);
    read("Bearer\trealm = \"r\" ,\t service\t=\ts , scope= \"c\"", &["bearer realm=r service=s scope=c"]);
    read(r#"   Bearer    realm="r",,service=s,  "#, &["bearer realm=r service=s"]);
    // A comma behind an equals sign in quotes ends nothing.
    read(r#"Basic realm="=, a", x=y"#, &["basic realm==, a x=y"]);
    // The first of two of the same name is the one.
    read("Bearer realm=a,realm=b", &["bearer realm=a"]);
}

#[test]
fn what_is_no_challenge_is_none() {
    for header in [
        r#"Bearer realm="https://auth.example.com"#,
        r#"Bearer realm="a\"#,
        r#"Bearer realm="a\""#,
        r#"Bearer realm="a"service="b""#,
        r#"Bearer realm="a" service="b""#,
        r#"realm="a""#,
        "=a",
        r#""Bearer" realm=a"#,
        "Bearer realm=ä",
        "Bearer realm=\"a\", \u{1}",
        "Bearer realm=a=b",
    ] {
        assert_eq!(parse_challenges(header), None, "{header}");
    }
}

fn quiet() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(quiet())]

    #[test]
    fn no_header_is_too_odd_to_be_looked_at(header in "(\\PC|[ ,=\"\\\\a\t]){0,60}") {
        let _ = parse_challenges(&header);
    }

    #[test]
    fn what_is_put_together_is_taken_apart(
        challenges in prop::collection::vec(
            (
                "[a-z]{1,8}",
                prop::collection::vec(("[a-z]{1,8}", "[ -~äß]{0,12}", any::<bool>()), 0..4),
                prop::option::of("[A-Za-z0-9._~+/-]{1,12}={0,2}"),
            ),
            0..4,
        ),
        comma in "[ \t]{0,2},[ \t]{0,2}(,[ ]?)?",
        equals in "[ \t]{0,2}=[ \t]{0,2}",
    ) {
        let mut parts = Vec::new();
        for (scheme, parameters, token68) in &challenges {
            let mut scheme = scheme.clone();
            match (parameters.is_empty(), token68) {
                (true, Some(token68)) => parts.push(format!("{scheme} {token68}")),
                (true, None) => parts.push(scheme),
                (false, _) => {
                    for (name, value, plain) in parameters {
                        let is_token = !value.is_empty()
                            && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
                        let quoted = || format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""));
                        let value = if *plain && is_token { value.clone() } else { quoted() };
                        let before = if scheme.is_empty() { String::new() } else { format!("{scheme} ") };
                        parts.push(format!("{before}{name}{equals}{value}"));
                        scheme.clear();
                    }
                }
            }
        }
        let header = parts.join(&comma);
        let found = parse_challenges(&header);
        prop_assert!(found.is_some(), "{}", header);
        let found = found.unwrap_or_default();
        prop_assert_eq!(found.len(), challenges.len(), "{}", header);
        for (found, (scheme, parameters, _)) in found.iter().zip(&challenges) {
            prop_assert_eq!(&found.scheme, scheme);
            for (name, _, _) in parameters {
                let first = parameters.iter().find(|(other, _, _)| other == name).map(|(_, value, _)| value.as_str());
                prop_assert_eq!(found.parameter(name), first, "{}", header);
            }
        }
    }
}
