//! One registry on the way: authentication where it is asked for, redirects, and bodies that hash to their digest.
//! Credentials go to the registry and to the realm that it names, by the rules in `docs/outcomes.md`, "Secrets".

use std::pin::pin;
use std::rc::Rc;

use crate::value::Value;
use futures_util::future::{Either, select};

use super::challenge::{self, Challenge};
use super::credentials::{self, Source};
use super::{HELPER_LIMIT, LARGEST_MANIFEST, LookUp};
use crate::address::Address;
use crate::error::{Error, ImageFault};
use crate::foreign::visible;
use crate::http::Ask;
use crate::image::{Digest, ImageReference};
use crate::io::{Body, Cause, Io, Response};
use crate::retry::Limits;
use crate::send::ask;
use crate::text::{cut, decimal, filled, has, replaced};
use crate::token::{HeaderValue, Login, bearer};

/// The most bytes of a token's answer and of an error.
const LARGEST_TOKEN: usize = 64 * 1024;

/// How often an answer may lead elsewhere.
const MOST_REDIRECTS: usize = 5;

/// The kinds of manifest that can be read; a registry that is not told them may hide what it has.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
                         application/vnd.docker.distribution.manifest.list.v2+json, \
                         application/vnd.docker.distribution.manifest.v2+json";

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

pub(super) struct Client<'a, I> {
    io: &'a I,
    look_up: &'a LookUp,
    registry: &'a str,
    name: String,
    /// `https://<registry>/v2/<name>/`; on a loopback host it may turn out to be http.
    base: Address,
    limits: &'a Limits,
    authorization: Option<HeaderValue>,
    standing: Standing,
}

impl<'a, I: Io> Client<'a, I> {
    pub(super) fn new(
        io: &'a I,
        look_up: &'a LookUp,
        image: &'a ImageReference,
        limits: &'a Limits,
    ) -> Result<Self, Rc<Error>> {
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
        let (authorization, standing) = (None, Standing::Unasked);
        Ok(Self { io, look_up, registry, name, base, limits, authorization, standing })
    }

    /// Whether a 404 means that there is nothing: nobody asked who we are, or we could show it.
    pub(super) fn sees_all(&self) -> bool {
        self.standing != Standing::Anonymous
    }

    /// The body at `path`, whole and hashing to `digest`, with its digest.
    pub(super) async fn content(
        &mut self,
        path: &str,
        digest: Option<&Digest>,
    ) -> Result<(Vec<u8>, Digest), Rc<Error>> {
        let response = self.fetch("GET", path).await?;
        if response.status != 200 {
            return Err(self.refusal(&response));
        }
        let algorithm = digest.map_or("sha256", |digest| digest.algorithm());
        let hashed = self.hashed(algorithm, &response.body).await?;
        if digest.is_some_and(|digest| *digest != hashed) {
            return Err(self.failed("sent a body that does not hash to its digest"));
        }
        Ok((response.body, hashed))
    }

    /// The digest of a body.
    pub(super) async fn hashed(&self, algorithm: &str, body: &[u8]) -> Result<Digest, Rc<Error>> {
        let hash = self.io.hash(algorithm, body).await;
        let digest = hash.and_then(|hash| filled("{}:{}", &[algorithm, &hash]).parse().ok());
        digest.ok_or_else(|| self.failed("names a digest of a kind that cannot be checked"))
    }

    /// Asks for `path` below the repository. Whatever comes is the answer, but for a challenge that can be met and
    /// redirects, which are followed.
    pub(super) async fn fetch(
        &mut self,
        method: &'static str,
        path: &str,
    ) -> Result<Box<Response>, Rc<Error>> {
        // Such types are of manifests alone: a server of blobs might know none of them.
        let accept = if path.starts_with("blobs/") { "*/*" } else { MANIFESTS };
        loop {
            let at = self.base.join(&filled("{}{}", &[self.base.path(), path]));
            let Some(mut at) = at else { return Err(self.failed("cannot be asked for this")) };
            let mut redirects = 0;
            let answer = loop {
                let mut request = self.page(method, &at, accept);
                let asked = ask(self.io, None, &mut request, self.limits).await;
                let answer = asked.map(|()| request.response);
                let Ok(response) = &answer else { break answer };
                let Response { status: 301 | 302 | 303 | 307 | 308, location, .. } = &**response else {
                    break answer;
                };
                if redirects == MOST_REDIRECTS {
                    break answer;
                }
                redirects += 1;
                match location.as_deref().and_then(|location| at.join(location)) {
                    Some(next) if self.may_ask(&next) => at = next,
                    _ => break Err(self.failed("redirects to where this program does not go")),
                }
            };
            if let Err(error) = &answer
                && let Error::Image(ImageFault::Untrusted { cause: Cause::Untrusted(code), .. }) = &**error
                && code == "ERR_SSL_WRONG_VERSION_NUMBER"
                && redirects == 0
                && self.base.is_loopback()
                && self.base.is_secure()
                && let Some(plain) = Address::parse(&replaced(self.base.as_str(), "https://", "http://"))
            {
                self.base = plain;
                continue;
            }
            let response = answer?;
            let wrong = match (response.status, &response.challenge) {
                // Once: what was shown then is shown from there on, and would not fare better a second time.
                (401, Some(challenge)) if self.standing == Standing::Unasked && self.is_own(&at) => {
                    self.meet(challenge).await?;
                    continue;
                }
                (300..=399, _) => "redirects again and again",
                // No credentials go to where it was redirected, and none would help there. (That to a HEAD may be an
                // address that is signed for GET alone.)
                (401 | 403, _) if method == "GET" && !self.is_own(&at) => {
                    "redirects to a place that refuses what it gave"
                }
                _ => return Ok(response),
            };
            return Err(self.failed(wrong));
        }
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

    /// Whether an address is the registry's own.
    #[inline(never)]
    fn is_own(&self, at: &Address) -> bool {
        at.origin() == self.base.origin()
    }

    /// The request for a page.
    fn page<'p>(&self, method: &'static str, at: &'p Address, accept: &'static str) -> Ask<'p> {
        let authorization = self.authorization.clone().filter(|_| self.is_own(at));
        let request = Ask::new(method, at, accept, authorization, LARGEST_MANIFEST);
        Ask { patient: true, proxy_ignored: self.look_up.proxy_ignored, ..request }
    }

    /// Gets what the registry wants to be shown.
    async fn meet(&mut self, header: &str) -> Result<(), Rc<Error>> {
        let Some(challenges) = challenge::parse(header) else {
            return Err(self.failed("asks for credentials in a way that cannot be read"));
        };
        let of = |scheme: &str| challenges.iter().find(|challenge| challenge.scheme == scheme);
        let login = self.login().await?;
        self.standing = if login.is_some() { Standing::Shown } else { Standing::Anonymous };
        if let Some(challenge) = of("bearer") {
            // The credentials, or none, are exchanged for a token.
            let (address, form) = self.realm(challenge, login.as_ref())?;
            let method = if form.is_some() { "POST" } else { "GET" };
            let authorization = login.as_ref().and_then(Login::basic);
            let request = Ask::new(method, &address, "application/json", authorization, LARGEST_TOKEN);
            let proxy_ignored = self.look_up.proxy_ignored;
            let mut request = Ask { form, patient: true, proxy_ignored, ..request };
            ask(self.io, None, &mut request, self.limits).await?;
            self.authorization = Some(self.token(&request.response)?);
        } else if of("basic").is_some() {
            // Without any, or with a token that is good for a realm alone, the answer stays what it was.
            self.authorization = login.as_ref().and_then(Login::basic);
            if self.authorization.is_none() {
                self.standing = Standing::Anonymous;
            }
        } else {
            return Err(self.failed("asks for credentials of a kind that this program does not have"));
        }
        Ok(())
    }

    /// The token in the answer of a realm.
    fn token(&self, answer: &Response) -> Result<HeaderValue, Rc<Error>> {
        if answer.status != 200 {
            return Err(self.refusal(answer));
        }
        let value = Value::read(&answer.body).unwrap_or_default();
        let text = |name: &str| value.get(name).and_then(Value::as_str).filter(|token| !token.is_empty());
        let token = text("token").or_else(|| text("access_token"));
        let token = token.and_then(|token| bearer(token, &self.look_up.redactor).ok());
        token.ok_or_else(|| self.failed("got no token from its realm that could be sent"))
    }

    /// Where a token is to be had, and the form in which the credentials are posted there, where they are.
    fn realm(
        &self,
        challenge: &Challenge,
        login: Option<&Login>,
    ) -> Result<(Address, Option<Body>), Rc<Error>> {
        let realm = challenge.parameter("realm").and_then(Address::parse).filter(|realm| self.may_ask(realm));
        let Some(realm) = realm else {
            return Err(self.failed("names a realm to which no credentials may go"));
        };
        let service = challenge.parameter("service").unwrap_or_default();
        let scope = filled("repository:{}:pull", &[&self.name]);
        if let Some(form) = login.and_then(|login| login.exchange(service, &scope)) {
            return Ok((realm, Some(form)));
        }
        let first = if realm.path().bytes().any(|byte| byte == b'?') { "&" } else { "?" };
        let encoded = crate::token::percent_encoded(service, "-._~");
        let (name, next) = if service.is_empty() { ("", "") } else { ("service=", "&") };
        let query = filled("{}{}{}{}{}scope={}", &[realm.as_str(), first, name, &encoded, next, &scope]);
        match Address::parse(&query) {
            Some(whole) => Ok((whole, None)),
            None => Err(self.failed("names a realm that cannot be asked")),
        }
    }

    /// The credentials: of the options, of docker's config file, none.
    async fn login(&self) -> Result<Option<Login>, Rc<Error>> {
        let LookUp { login, config, redactor, .. } = self.look_up;
        if login.is_some() {
            return Ok(login.clone());
        }
        let config = match config {
            Ok(config) => config,
            Err(why) => return Err(self.broken(why)),
        };
        let (name, server) = match credentials::find(config, self.registry, redactor) {
            Source::Helper(name, "") => (name, self.registry),
            Source::Helper(name, server) => (name, server),
            other => return self.written(other),
        };
        if !credentials::is_helper_name(&name) {
            return Err(self.broken("names a credential helper that cannot be one"));
        }
        let limit = HELPER_LIMIT.min(self.limits.deadline.saturating_sub(self.io.now()));
        let (helper, over) = (pin!(self.io.credentials(&name, server)), pin!(self.io.sleep(limit)));
        let why = match select(select(helper, over), pin!(self.io.cancelled())).await {
            Either::Left((Either::Left((Ok(printed), _)), _)) => {
                match credentials::printed(&printed, redactor) {
                    Source::Here(login) => return Ok(Some(login)),
                    Source::Nowhere => "",
                    Source::Unreadable | Source::Helper(..) => "printed no credentials",
                }
            }
            // By its protocol a helper that has none says so with these words and fails.
            Either::Left((Either::Left((Err(Some(said)), _)), _)) => {
                if cut(&said, "credentials not found").is_some() { "" } else { "failed" }
            }
            Either::Left((Either::Left((Err(None), _)), _)) => "is not to be found",
            Either::Left((Either::Right(_), _)) => "did not end in time",
            Either::Right((signal, _)) => {
                let sent = crate::error::Sent::Nothing;
                return Err(Rc::new(Error::Cancelled { signal, sent }));
            }
        };
        if why.is_empty() {
            return self.written(credentials::in_file(config, self.registry, redactor));
        }
        Err(self.broken(&filled("names the credential helper docker-credential-{}, which {}", &[&name, why])))
    }

    /// The credentials that stand in docker's config file itself.
    fn written(&self, source: Source) -> Result<Option<Login>, Rc<Error>> {
        match source {
            Source::Here(login) => Ok(Some(login)),
            Source::Unreadable => Err(self.broken("has an entry for it that cannot be read")),
            Source::Helper(..) | Source::Nowhere => Ok(None),
        }
    }

    /// What is wrong with docker's config file.
    fn broken(&self, what: &str) -> Rc<Error> {
        image_fault(ImageFault::Failed {
            registry: self.registry.to_owned(),
            what: filled("was not asked: docker's config file {}", &[what]).into(),
            hint: "repair docker's config file, or set `registry-username` and HOUSTON_REGISTRY_PASSWORD",
        })
    }

    /// What an answer that is not the wanted one means.
    pub(super) fn refusal(&self, response: &Response) -> Rc<Error> {
        let status = filled("HTTP {}", &[&decimal(response.status)]);
        let value: Value = Value::read(&response.body).unwrap_or_default();
        let first = value.get("errors").and_then(|errors| errors.as_array()?.first());
        let text = |name: &str| first.and_then(|error| error.get(name)?.as_str()).unwrap_or_default();
        let said = filled("{} {} {}", &[&status, text("code"), text("message")]);
        let said = visible(&self.look_up.redactor.clean(said.trim_end()));
        let registry = self.registry.to_owned();
        image_fault(match response.status {
            401 | 403 => ImageFault::Denied { registry, said, shown: self.standing == Standing::Shown },
            _ => ImageFault::Failed {
                registry,
                what: filled("answered {}", &[&said]).into(),
                hint: "check that `image` names a registry, reachable without a login page in front",
            },
        })
    }

    pub(super) fn failed(&self, what: &'static str) -> Rc<Error> {
        image_fault(ImageFault::Failed {
            registry: self.registry.to_owned(),
            what: what.into(),
            hint: "check that `image` names a registry, reachable without a login page in front",
        })
    }
}

/// A fault of the image's.
#[inline(never)]
pub(super) fn image_fault(fault: ImageFault) -> Rc<Error> {
    Rc::new(Error::Image(fault))
}
