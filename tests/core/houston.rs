//! Houston's calls by themselves: which fields are asked for, what is read of an answer, and the row and the words of
//! each refusal.

use houston_deploy::call::{Answered, Call};
use houston_deploy::endpoint::Endpoint;
use houston_deploy::error::About;
use houston_deploy::houston::{
    AskDeployment, AskVersion, AskedVersion, By, Dialect, Fields, Houston, UpdateImage,
};
use houston_deploy::io::{RequestId, Response};
use houston_deploy::retry::Row;
use houston_deploy::token::{Redactor, Token};
use serde_json::{Value, json};

use crate::world::{TOKEN, WALL};

fn houston() -> Houston {
    let redactor = Redactor::default();
    redactor.add_text(TOKEN);
    Houston {
        endpoint: Endpoint::at_base_domain("astro.example.com").expect("a domain"),
        token: Token::parse(TOKEN).expect("a token"),
        proxy_ignored: false,
        redactor,
    }
}

/// Judges an answer: nothing where it is good, else its row and its words.
fn judged(call: &mut dyn Call, status: u16, body: &Value) -> Option<(Row, String)> {
    let about = About { host: call.host().to_owned(), request: RequestId::new(1, 2) };
    let response = Box::new(Response { status, body: body.to_string().into(), ..Response::default() });
    let miss = call.read(Answered { response, about, wall: WALL }).err()?;
    Some((miss.row, miss.error.message().replace(&RequestId::new(1, 2).text(), "ID")))
}

/// What a change is told by these errors, beside this `data` where there is any.
fn change(status: u16, data: Option<Value>, errors: &[Value]) -> (Row, String) {
    let houston = houston();
    let mut call = UpdateImage {
        houston: &houston,
        dialect: Dialect::RuntimeVersion,
        platform: None,
        release: &"dev".parse().expect("a release"),
        image: "registry.example.com/acme/airflow:1.4.2",
        version: &AskedVersion::Runtime("11.3.0".parse().expect("a version")),
        pull_secret: None,
        shown: None,
    };
    let mut body = json!({ "errors": errors });
    if let Some(data) = data {
        body["data"] = data;
    }
    judged(&mut call, status, &body).expect("a miss")
}

fn asked(fields: &Fields) -> String {
    let houston = houston();
    let release = "dev".parse().expect("a release");
    let call = AskDeployment::new(&houston, By::Id("ck1"), &release, fields);
    let body = call.request(RequestId::new(1, 2)).body.expect("a body");
    let query: Value = serde_json::from_str(body.on_the_wire()).expect("JSON");
    let query = query["query"].as_str().expect("a query").to_owned();
    let start = "query Deployment($id: String) { deployment(where: {id: $id}) { id releaseName";
    query.strip_prefix(start).expect("its start").strip_suffix(" } }").expect("its end").to_owned()
}

#[test]
fn fields_go_by_the_platform() {
    let of = |platform: Option<&str>| {
        let platform = platform.map(|text| text.parse().expect("a version"));
        asked(&Fields::default().of(platform.as_ref()))
    };
    assert_eq!(of(Some("0.37.9")), " airflowVersion runtimeVersion updatedAt urls { type url }");
    let both = " airflowVersion runtimeVersion updatedAt urls { type url } runtimeAirflowVersion";
    assert_eq!(of(Some("1.0.0")), both);
    assert_eq!(of(None), both);
    assert_eq!(of(Some("1.0.1")), " runtimeVersion updatedAt urls { type url } runtimeAirflowVersion");
    let rights =
        " airflowVersion runtimeVersion updatedAt urls { type url } deploymentCapabilities { canDeploy }";
    assert_eq!(asked(&Fields::default().with_rights()), rights);
}

#[test]
fn a_field_that_a_platform_does_not_have_stays_away() {
    let unknown = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let fields = Fields::default().without(&unknown(&["airflowVersion", "urls"])).expect("fewer");
    assert_eq!(asked(&fields), " runtimeVersion updatedAt");
    let old = "0.34.1".parse().expect("a version");
    assert_eq!(asked(&fields.of(Some(&old))), " runtimeVersion updatedAt");
    assert_eq!(fields.without(&unknown(&["airflowVersion", "type", "x"])), None);
    let none = fields.without(&unknown(&["runtimeVersion", "updatedAt"])).expect("fewer");
    assert_eq!(asked(&none), "");
}

#[test]
fn a_runtime_goes_before_an_airflow() {
    let read = |more: &Value| {
        let (houston, fields) = (houston(), Fields::default());
        let release = "dev".parse().expect("a release");
        let mut shown = json!({ "releaseName": "dev" });
        shown.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let mut call = AskDeployment::new(&houston, By::Id("ck1"), &release, &fields);
        assert_eq!(judged(&mut call, 200, &json!({ "data": { "deployment": shown } })), None);
        (call.found.version, call.found.airflow_version)
    };
    let some = |text: &str| Some(text.to_owned());
    let all =
        json!({ "runtimeVersion": "11.3.0", "airflowVersion": "2.9.0", "runtimeAirflowVersion": "2.9.1" });
    assert_eq!(read(&all), (some("11.3.0"), some("2.9.1")));
    assert_eq!(read(&json!({ "airflowVersion": "2.9.0" })), (some("2.9.0"), some("2.9.0")));
    assert_eq!(read(&json!({ "runtimeVersion": "11.3.0" })), (some("11.3.0"), None));
    let odd = read(&json!({ "runtimeVersion": format!("{TOKEN}\u{1b}"), "airflowVersion": 7 }));
    let shown = odd.0.expect("a text");
    assert!(!shown.contains(TOKEN) && !shown.contains('\u{1b}'), "{shown:?}");
}

#[test]
fn a_version_may_have_its_letter() {
    let houston = houston();
    for (version, numbers) in
        [("v2.1.0", Some((2, 1, 0))), ("2.1.0-rc.1", Some((2, 1, 0))), ("vv2.1.0", None)]
    {
        let mut call = AskVersion::new(&houston);
        let body = json!({ "data": { "appConfig": { "version": version } } });
        assert_eq!(judged(&mut call, 200, &body), None);
        assert_eq!(call.version.map(|version| version.numbers()), numbers, "{version}");
    }
}

#[test]
fn the_first_of_several_refusals_is_told() {
    let error = |message: &str, code: &str| json!({ "message": message, "extensions": { "code": code } });
    let errors = [error("no", "BAD_USER_INPUT"), error("never", "FORBIDDEN")];
    let said = "houston.astro.example.com answered \"no\" (request ID)";
    assert_eq!(change(200, Some(Value::Null), &errors), (Row::Refused, said.to_owned()));
    // Where the other leaves it open, all do.
    let errors = [error("no", "BAD_USER_INPUT"), error("boom", "INTERNAL_SERVER_ERROR")];
    let said = "houston.astro.example.com answered \"boom\" (request ID)";
    assert_eq!(change(200, Some(Value::Null), &errors), (Row::ServerFault, said.to_owned()));
}

#[test]
fn a_refusal_without_a_code_is_known_by_its_words() {
    let words = "You do not have the appropriate permissions for that";
    let said = format!("houston.astro.example.com answered \"{words}\" (request ID)");
    let alone = json!({ "message": words });
    assert_eq!(change(200, Some(Value::Null), &[alone]), (Row::Refused, said.clone()));
    let other = json!({ "message": words, "extensions": { "code": "X" } });
    assert_eq!(change(200, Some(Value::Null), &[other]), (Row::ServerFault, said));
}

#[test]
fn errors_that_were_turned_away_unread_are_no_answer() {
    let error = json!({ "message": "slow down", "extensions": { "code": "X" } });
    assert_eq!(change(429, None, std::slice::from_ref(&error)).0, Row::Busy);
    assert_eq!(change(429, Some(Value::Null), &[error]).0, Row::ServerFault);
}

#[test]
fn a_value_beside_an_error_is_a_contradiction() {
    let data =
        json!({ "updateDeploymentImage": { "id": "ck1", "releaseName": "dev", "runtimeVersion": "11.3.0" } });
    let error =
        json!({ "message": "no", "path": ["updateDeploymentImage"], "extensions": { "code": "FORBIDDEN" } });
    assert_eq!(change(200, Some(data), &[error]).0, Row::Contradiction);
}

#[test]
fn what_a_schema_does_not_have_is_named() {
    let error = |field: &str, of: &str| json!({ "message": format!("Cannot query field \"{field}\" on type \"{of}\".") });
    let mutation = error("updateDeploymentImage", "Mutation");
    let said = change(400, None, std::slice::from_ref(&mutation)).1;
    assert_eq!(said, "Houston at houston.astro.example.com does not know the mutation updateDeploymentImage");
    // With another error beside it, it may be something else.
    let said = change(400, None, &[mutation, error("id", "Deployment")]).1;
    assert_eq!(
        said,
        "Houston at houston.astro.example.com does not take the request: \"Cannot query field \
         \"updateDeploymentImage\" on type \"Mutation\".\""
    );
    let many: Vec<_> = (0..20).map(|number| error(&format!("f{number}"), "Deployment")).collect();
    let said = change(400, None, &many).1;
    assert!(said.contains("\"f15\" on a Deployment") && !said.contains("f16"), "{said}");
}
