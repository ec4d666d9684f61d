//! One registry on the way: authentication where it is asked for, and redirects. Credentials go to the registry and to
//! the realm that it names, by the rules in `docs/outcomes.md`, "Secrets". Pure: it is told what each answer was, and
//! says what follows.

use std::borrow::Cow;
use std::rc::Rc;

use super::challenge::{self, Challenge};
use super::credentials::{self, Source};
use super::{LARGEST_MANIFEST, LookUp, Next};
use crate::address::Address;
use crate::error::{Error, ImageFault};
use crate::foreign::visible;
use crate::http::Ask;
use crate::image::ImageReference;
use crate::io::{Body, Cause, Response};
use crate::text::{decimal, filled, has, replaced};
use crate::token::{HeaderValue, Login, bearer, percent_encoded};
use crate::value::Value;

/// The most bytes of a token's answer and of an error.
const LARGEST_TOKEN: usize = 64 * 1024;

/// How often an answer may lead elsewhere.
const MOST_REDIRECTS: usize = 5;

/// The kinds of manifest that can be read; a registry that is not told them may hide what it has.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
                         application/vnd.docker.distribution.manifest.list.v2+json, \
                         application/vnd.docker.distribution.manifest.v2+json";

/// What to do about a registry that is none, or not ours.
const OTHER_IMAGE: &str = "check that `image` names a registry, reachable without a login page in front";

/// How the registry sees us.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It has asked for nothing.
    Unasked,
    /// It asked, and there was nothing to show.
    Anonymous,
    /// It was shown credentials.
    Shown,
}

/// What a realm is shown, while it is the one to be asked.
struct Shown {
    authorization: Option<HeaderValue>,
    form: Option<Body>,
}

pub(super) struct Client<'a> {
    look_up: &'a LookUp,
    registry: &'a str,
    name: String,
    /// `https://<registry>/v2/<name>/`; on a loopback host it may turn out to be http.
    base: Address,
    /// What is wanted, below the repository, and how.
    method: &'static str,
    path: String,
    /// Where that or, with what it is shown, a realm is asked next.
    at: Address,
    realm: Option<Shown>,
    redirects: usize,
    challenges: Vec<Challenge>,
    authorization: Option<HeaderValue>,
    standing: Standing,
}

impl<'a> Client<'a> {
    pub(super) fn new(look_up: &'a LookUp, image: &'a ImageReference) -> Result<Self, Rc<Error>> {
        let registry = image.registry();
        // Docker Hub's API is elsewhere, and its one-word names have a first word that nobody writes.
        let (host, name) = match registry {
            "docker.io" | "index.docker.io" => {
                let first = if has(image.repository(), '/') { "" } else { "library/" };
                ("registry-1.docker.io", filled("{}{}", &[first, image.repository()]))
            }
            _ => (registry, image.repository().to_owned()),
        };
        let Some(base) = Address::parse(&filled("https://{}/v2/{}/", &[host, &name])) else {
            return Err(Rc::new(Error::Internal { detail: "a registry without an address".into() }));
        };
        Ok(Self {
            look_up,
            registry,
            name,
            at: base.clone(),
            base,
            method: "HEAD",
            path: String::new(),
            realm: None,
            redirects: 0,
            challenges: Vec::new(),
            authorization: None,
            standing: Standing::Unasked,
        })
    }

    /// Whether a 404 means that there is nothing: nobody asked who we are, or we could show it.
    pub(super) fn sees_all(&self) -> bool {
        self.standing != Standing::Anonymous
    }

    /// Turns to `path` below the repository. Whatever comes is the answer, but for a challenge that can be met and
    /// redirects, which are followed.
    pub(super) fn turn_to(&mut self, method: &'static str, path: String) -> Result<Next<'a>, Rc<Error>> {
        (self.method, self.path) = (method, path);
        self.start()
    }

    /// Asks for what is wanted from the start.
    fn start(&mut self) -> Result<Next<'a>, Rc<Error>> {
        (self.realm, self.redirects) = (None, 0);
        match self.base.join(&filled("{}{}", &[self.base.path(), &self.path])) {
            Some(at) => self.at = at,
            None => return Err(self.failed("cannot be asked for this")),
        }
        Ok(Next::Ask)
    }

    /// The request that is next.
    pub(super) fn request(&self) -> Ask<'_> {
        // Such types are of manifests alone: a server of blobs might know none of them.
        let accept = if self.path.starts_with("blobs/") { "*/*" } else { MANIFESTS };
        let authorization = self.authorization.as_ref().filter(|_| self.is_own());
        let mut request = Ask::new(self.method, &self.at, accept, authorization, LARGEST_MANIFEST);
        if let Some(shown) = &self.realm {
            request.method = if shown.form.is_some() { "POST" } else { "GET" };
            request.accept = "application/json";
            request.authorization = shown.authorization.as_ref();
            request.form = shown.form.as_ref();
            request.largest = LARGEST_TOKEN;
        }
        request.patient = true;
        request.proxy_ignored = self.look_up.proxy_ignored;
        request
    }

    /// Whether it is the registry itself that is asked, and not where it led to.
    fn is_own(&self) -> bool {
        self.at.origin() == self.base.origin()
    }

    /// What follows from an answer.
    pub(super) fn judge(&mut self, answer: Result<&Response, Rc<Error>>) -> Result<Next<'a>, Rc<Error>> {
        if let Err(error) = &answer
            && let Error::Image(ImageFault::Untrusted { cause: Cause::Untrusted(code), .. }) = &**error
            && code == "ERR_SSL_WRONG_VERSION_NUMBER"
            && self.redirects == 0
            && self.realm.is_none()
            && self.base.is_loopback()
            && self.base.is_secure()
            && let Some(plain) = Address::parse(&replaced(self.base.as_str(), "https://", "http://"))
        {
            self.base = plain;
            return self.start();
        }
        let response = answer?;
        if self.realm.is_some() {
            return self.token(response);
        }
        let wrong = match (response.status, &response.challenge) {
            (301 | 302 | 303 | 307 | 308, _) if self.redirects < MOST_REDIRECTS => {
                self.redirects += 1;
                match response.location.as_deref().and_then(|location| self.at.join(location)) {
                    Some(next) if self.may_ask(&next) => {
                        self.at = next;
                        return Ok(Next::Ask);
                    }
                    _ => "redirects to where this program does not go",
                }
            }
            // Once: what was shown then is shown from there on, and would not fare better a second time.
            (401, Some(challenge)) if self.standing == Standing::Unasked && self.is_own() => {
                match challenge::parse(challenge) {
                    Some(challenges) => {
                        self.challenges = challenges;
                        return self.login();
                    }
                    None => "asks for credentials in a way that cannot be read",
                }
            }
            (300..=399, _) => "redirects again and again",
            // No credentials go to where it was redirected, and none would help there. (That to a HEAD may be an
            // address that is signed for GET alone.)
            (401 | 403, _) if self.method == "GET" && !self.is_own() => {
                "redirects to a place that refuses what it gave"
            }
            _ => return Ok(Next::Page),
        };
        Err(self.failed(wrong))
    }

    /// Whether a realm or redirect may be asked: https, or http where the registry itself is on this machine; one on
    /// this machine only by a registry that is there, and one that is written as a private address only by a registry
    /// that has such an address as well.
    fn may_ask(&self, address: &Address) -> bool {
        match (address.is_loopback(), self.base.is_loopback()) {
            (true, here) => here,
            (false, here) => {
                address.is_secure() && (!address.is_private() || (self.base.is_private() && !here))
            }
        }
    }

    /// Shows the registry what it wants, or gets it from a realm.
    fn meet(&mut self, login: Option<&Login>) -> Result<Next<'a>, Rc<Error>> {
        self.standing = if login.is_some() { Standing::Shown } else { Standing::Anonymous };
        let of = |scheme: &str| self.challenges.iter().find(|challenge| challenge.scheme == scheme);
        let authorization = login.and_then(Login::basic);
        if let Some(challenge) = of("bearer") {
            let realm = challenge.parameter("realm").and_then(Address::parse);
            let Some(realm) = realm.filter(|realm| self.may_ask(realm)) else {
                return Err(self.failed("names a realm to which no credentials may go"));
            };
            let service = challenge.parameter("service").unwrap_or_default();
            let scope = filled("repository:{}:pull", &[&self.name]);
            let form = login.and_then(|login| login.exchange(service, &scope));
            let whole = if form.is_some() { Some(realm) } else { with_query(&realm, service, &scope) };
            let Some(at) = whole else { return Err(self.failed("names a realm that cannot be asked")) };
            self.at = at;
            self.realm = Some(Shown { authorization, form });
            return Ok(Next::Ask);
        }
        if of("basic").is_none() {
            return Err(self.failed("asks for credentials of a kind that this program does not have"));
        }
        // Without any, or with a token that is good for a realm alone, the answer stays what it was.
        if authorization.is_none() {
            self.standing = Standing::Anonymous;
        }
        self.authorization = authorization;
        self.start()
    }

    /// Takes the token for which the credentials, or none, were exchanged.
    fn token(&mut self, answer: &Response) -> Result<Next<'a>, Rc<Error>> {
        if answer.status != 200 {
            return Err(self.refusal(answer));
        }
        let value = Value::read(&answer.body).unwrap_or_default();
        let text = |name: &str| value.get(name).and_then(Value::as_str).filter(|token| !token.is_empty());
        let token = text("token").or_else(|| text("access_token"));
        self.authorization = token.and_then(|token| bearer(token, &self.look_up.redactor).ok());
        if self.authorization.is_none() {
            return Err(self.failed("got no token from its realm that could be sent"));
        }
        self.start()
    }

    /// The credentials: of the options, of docker's config file, none.
    fn login(&mut self) -> Result<Next<'a>, Rc<Error>> {
        let LookUp { login, redactor, .. } = self.look_up;
        if login.is_some() {
            return self.meet(login.as_ref());
        }
        match credentials::find(self.config()?, self.registry, redactor) {
            Source::Helper(name, _) if !credentials::is_helper_name(name) => {
                Err(self.broken("names a credential helper that cannot be one"))
            }
            Source::Helper(name, "") => Ok(Next::Run(name, self.registry)),
            Source::Helper(name, server) => Ok(Next::Run(name, server)),
            other => self.written(other),
        }
    }

    /// What follows from what the credential helper printed, or from why it did not; empty where it has none.
    pub(super) fn helped(
        &mut self,
        name: &str,
        printed: Result<String, &'static str>,
    ) -> Result<Next<'a>, Rc<Error>> {
        let redactor = &self.look_up.redactor;
        let why = match printed.map(|printed| credentials::printed(&printed, redactor)) {
            Ok(Source::Here(login)) => return self.meet(Some(&login)),
            Ok(Source::Nowhere) | Err("") => {
                return self.written(credentials::in_file(self.config()?, self.registry, redactor));
            }
            Ok(Source::Unreadable | Source::Helper(..)) => "printed no credentials",
            Err(why) => why,
        };
        Err(self.broken(&filled("names the credential helper docker-credential-{}, which {}", &[name, why])))
    }

    /// The credentials that stand in docker's config file itself.
    fn written(&mut self, source: Source<'_>) -> Result<Next<'a>, Rc<Error>> {
        match source {
            Source::Here(login) => self.meet(Some(&login)),
            Source::Unreadable => Err(self.broken("has an entry for it that cannot be read")),
            Source::Helper(..) | Source::Nowhere => self.meet(None),
        }
    }

    fn config(&self) -> Result<&'a Value, Rc<Error>> {
        match &self.look_up.config {
            Ok(config) => Ok(config),
            Err(why) => Err(self.broken(why)),
        }
    }

    /// What is wrong with docker's config file.
    fn broken(&self, what: &str) -> Rc<Error> {
        let hint = "repair docker's config file, or set `registry-username` and HOUSTON_REGISTRY_PASSWORD";
        self.fault(filled("was not asked: docker's config file {}", &[what]).into(), hint)
    }

    /// What an answer that is not the wanted one means.
    pub(super) fn refusal(&self, response: &Response) -> Rc<Error> {
        let value: Value = Value::read(&response.body).unwrap_or_default();
        let first = value.get("errors").and_then(|errors| errors.as_array()?.first()).unwrap_or(&Value::Null);
        let text = |name: &str| first.get(name).and_then(Value::as_str).unwrap_or_default();
        let said = filled("HTTP {} {} {}", &[&decimal(response.status), text("code"), text("message")]);
        let said = visible(&self.look_up.redactor.clean(said.trim_end()));
        if !matches!(response.status, 401 | 403) {
            return self.fault(filled("answered {}", &[&said]).into(), OTHER_IMAGE);
        }
        let (registry, shown) = (self.registry.to_owned(), self.standing == Standing::Shown);
        image_fault(ImageFault::Denied { registry, said, shown })
    }

    pub(super) fn failed(&self, what: &'static str) -> Rc<Error> {
        self.fault(what.into(), OTHER_IMAGE)
    }

    fn fault(&self, what: Cow<'static, str>, hint: &'static str) -> Rc<Error> {
        image_fault(ImageFault::Failed { registry: self.registry.to_owned(), what, hint })
    }
}

/// Where a realm has a token for `scope` at `service`, without credentials in a form.
fn with_query(realm: &Address, service: &str, scope: &str) -> Option<Address> {
    let first = if realm.path().bytes().any(|byte| byte == b'?') { "&" } else { "?" };
    let encoded = percent_encoded(service, "-._~");
    let (name, next) = if service.is_empty() { ("", "") } else { ("service=", "&") };
    Address::parse(&filled("{}{}{}{}{}scope={}", &[realm.as_str(), first, name, &encoded, next, scope]))
}

/// A fault of the image's.
#[inline(never)]
pub(super) fn image_fault(fault: ImageFault) -> Rc<Error> {
    Rc::new(Error::Image(fault))
}
