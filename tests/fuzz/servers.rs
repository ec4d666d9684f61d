//! What servers and helper programs send, judged by whoever asked: Houston's calls, the registry's readers, Airflow's.

use houston_deploy::airflow::{read_health, read_jobs, read_starts};
use houston_deploy::call::{Answered, Call};
use houston_deploy::endpoint::Endpoint;
use houston_deploy::error::About;
use houston_deploy::houston::{
    AskDeployment, AskReleases, AskVersion, AskedVersion, By, Dialect, Fields, Houston, UpdateImage,
};
use houston_deploy::image::Digest;
use houston_deploy::io::{RequestId, Response};
use houston_deploy::registry::credentials::{Source, find, in_file, is_helper_name, printed};
use houston_deploy::registry::{Manifest, Platform, parse_challenges, read_config, read_manifest};
use houston_deploy::release::ReleaseName;
use houston_deploy::token::{PullSecret, Redactor, Token, bearer};
use houston_deploy::value::Value;
use houston_deploy::{handover, json};

use crate::shape::{Shape, is_one_line};
use crate::world::{TOKEN, WALL, answer_of};

pub fn challenge(input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let mut shape = Shape::default();
    let challenges = parse_challenges(&text);
    shape.saw(challenges.is_some());
    for (index, challenge) in challenges.into_iter().flatten().enumerate() {
        assert_eq!(challenge.scheme, challenge.scheme.to_ascii_lowercase());
        assert!(!challenge.scheme.is_empty());
        if index > 3 {
            continue;
        }
        shape.saw(matches!(challenge.scheme.as_str(), "bearer" | "basic"));
        shape.saw(challenge.parameter("realm").map_or(0, |realm| 1 + realm.len().min(3)));
    }
    shape.words()
}

/// One answer, as each of Houston's calls takes it.
pub fn houston(input: &[u8]) -> String {
    let mut shape = Shape::default();
    let response = answer_of(&String::from_utf8_lossy(input));
    let redactor = Redactor::default();
    redactor.add_text(TOKEN);
    let houston = Houston {
        endpoint: Endpoint::at_base_domain("astro.example.com").expect("a domain"),
        token: Token::parse(TOKEN).expect("a token"),
        proxy_ignored: false,
        redactor: redactor.clone(),
    };
    let release: ReleaseName = "dev".parse().expect("a release");
    let fields = Fields::default().with_rights();
    judged(&mut AskVersion::new(&houston), &response, &redactor, &mut shape);
    for by in [By::Workspace("w"), By::Id("ck1")] {
        let mut call = AskDeployment::new(&houston, by, &release, &fields);
        judged(&mut call, &response, &redactor, &mut shape);
    }
    let runtime = AskedVersion::Runtime("11.3.0".parse().expect("a version"));
    let airflow = AskedVersion::Airflow("2.9.1".parse().expect("a version"));
    let platform = "1.0.1".parse().expect("a platform");
    for (version, dialect) in
        [(&runtime, Dialect::RuntimeVersion), (&runtime, Dialect::Upsert), (&airflow, Dialect::EitherVersion)]
    {
        judged(&mut AskReleases::new(&houston, version), &response, &redactor, &mut shape);
        let mut call = UpdateImage {
            houston: &houston,
            dialect,
            platform: Some(&platform),
            release: &release,
            image: "registry.example.com/acme/airflow:1.4.2",
            version,
            pull_secret: None,
            shown: None,
        };
        judged(&mut call, &response, &redactor, &mut shape);
    }
    shape.words()
}

fn judged(call: &mut dyn Call, response: &Response, redactor: &Redactor, shape: &mut Shape) {
    let about = About { host: call.host().to_owned(), request: RequestId::new(1, 2) };
    match call.read(Answered { response: Box::new(response.clone()), about, wall: WALL }) {
        Ok(()) => {
            assert!(!(300..=399).contains(&response.status), "a redirect is no answer");
            shape.saw("ok");
        }
        Err(miss) => {
            let said = redactor.clean(&miss.error.message());
            assert!(!said.contains(TOKEN), "the token is in a message");
            assert!(said.len() < 8 * 1024, "a message of {} bytes", said.len());
            is_one_line(&said);
            miss.error.hint().iter().for_each(|hint| is_one_line(hint));
            shape.saw(format!("{:?}{:?}", miss.row, miss.error.code()));
        }
    }
}

pub fn manifest(input: &[u8]) -> String {
    let mut shape = Shape::default();
    for platform in ["linux/amd64", "linux/arm64/v8"] {
        let platform: Platform = platform.parse().expect("a platform");
        match read_manifest(input, &platform) {
            Ok(Manifest::Image(digest) | Manifest::Index(digest) | Manifest::Unnamed(digest)) => {
                shape.saw(digest.algorithm());
                assert_eq!(digest.as_str().parse::<Digest>().as_ref(), Ok(&digest));
            }
            Ok(Manifest::Elsewhere(found)) => {
                is_one_line(&found);
                // A name of at most 400 characters behind at most 200 bytes.
                assert!(found.len() < 8 * 1024, "a list of {} bytes", found.len());
                shape.saw("elsewhere").saw(found.split(", ").count().min(4));
            }
            Err(why) => drop(shape.said(why)),
        }
        match read_config(input, Some(&platform)) {
            Ok(Ok(labels)) => {
                shape
                    .saw(labels.runtime.is_some())
                    .saw(labels.airflow.is_some())
                    .saw(labels.certified.is_some());
            }
            Ok(Err(found)) => is_one_line(&found),
            Err(why) => drop(shape.said(why)),
        }
    }
    shape.words()
}

pub fn airflow(input: &[u8]) -> String {
    let Ok(value) = Value::read(input) else { return "no JSON".into() };
    let mut shape = Shape::default();
    if let Some(health) = read_health(&value) {
        shape.saw(health.database).saw(health.scheduler).saw(health.heartbeat.is_some());
        shape.saw(format!("{:?}", health.others));
    }
    for rows in [read_jobs(&value), read_starts(&value)] {
        shape.saw(rows.as_ref().map_or(9, |rows| rows.len().min(3)));
        for row in rows.into_iter().flatten().take(3) {
            shape.saw(row.running).saw(row.host.is_empty());
            shape.saw(row.heartbeat.bytes().all(|byte| byte.is_ascii_digit()));
        }
    }
    shape.words()
}

/// Docker's config file, a helper's answer, a registry's token and a pull secret.
pub fn docker_config(input: &[u8]) -> String {
    let mut shape = Shape::default();
    let text = String::from_utf8_lossy(input);
    let redactor = Redactor::default();
    let config = Value::read(input).unwrap_or_default();
    for registry in ["registry.example.com", "docker.io", "localhost:5000"] {
        for source in [find(&config, registry, &redactor), in_file(&config, registry, &redactor)] {
            match source {
                Source::Here(login) => {
                    shape.saw("here").saw(login.basic().is_some());
                    shape.saw(login.exchange("s", "repository:a:pull").is_some());
                }
                Source::Helper(name, server) => drop(shape.saw(is_helper_name(name)).saw(server.is_empty())),
                Source::Unreadable => drop(shape.saw("unreadable")),
                Source::Nowhere => drop(shape.saw("nowhere")),
            }
        }
    }
    shape.saw(matches!(printed(&text, &redactor), Source::Here(_)));
    shape.parsed(&bearer(&text, &redactor));
    let secret = PullSecret::parse(&text);
    if secret.is_ok() {
        redactor.add_pull_secret(&text);
    }
    shape.parsed(&secret).saw(redactor.lines().len().min(4));
    shape.words()
}

/// The reader of JSON against another one, and the writer against the reader.
pub fn json(input: &[u8]) -> String {
    let mut shape = Shape::default();
    let ours = Value::read(input);
    let theirs = serde_json::from_slice::<serde_json::Value>(input);
    // An object that looks like the other library's own form of a number is read by neither as what it says.
    let own = b"$serde_json";
    if !input.windows(own.len()).any(|part| part == own) {
        assert_eq!(ours.is_ok(), theirs.is_ok(), "two readers do not agree");
        if let (Ok(ours), Ok(theirs)) = (&ours, &theirs) {
            same(ours, theirs);
        }
    }
    shape.parsed(&ours.map_err(|error| error.classify() as u8));
    let text = String::from_utf8_lossy(input);
    let mut json = json::Json::default();
    json.open('{').field("text", &text).key("list").open('[').string(&text).close(']').close('}');
    let written = json.into_text();
    let read = Value::read(written.as_bytes()).expect("what is written can be read");
    assert_eq!(read.get("text").and_then(Value::as_str), Some(&*text));
    drop(handover::Handover::from_json(&text));
    shape.words()
}

fn same(ours: &Value, theirs: &serde_json::Value) {
    match ours {
        Value::Null => assert!(theirs.is_null()),
        Value::Bool(truth) => assert_eq!(theirs.as_bool(), Some(*truth)),
        Value::Whole(number) => assert_eq!(theirs.as_u64(), Some(*number)),
        Value::Fraction(_) | Value::Other => assert!(theirs.is_number() && !theirs.is_u64(), "{theirs}"),
        Value::String(text) => assert_eq!(theirs.as_str(), Some(text.as_str())),
        Value::Array(items) => {
            let theirs = theirs.as_array().expect("a list");
            assert_eq!(items.len(), theirs.len());
            items.iter().zip(theirs).for_each(|(ours, theirs)| same(ours, theirs));
        }
        Value::Object(object) => {
            let theirs = theirs.as_object().expect("an object");
            // Of two with the same name the last counts, for both.
            for (name, theirs) in theirs {
                same(object.get(name).expect("the name"), theirs);
            }
        }
    }
}
