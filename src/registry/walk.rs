//! The way from what an image is called to its config, and what is found on it. Pure: it is told what each page holds,
//! and says what follows.

use std::rc::Rc;

use super::client::{Client, image_fault};
use super::{Found, LookUp, Manifest, Next, read_config, read_manifest};
use crate::error::{Error, ImageFault};
use crate::image::{Digest, ImageReference};
use crate::io::Response;
use crate::text::filled;
use crate::value::Value;

/// What a page is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// What the tag or digest is called for ever.
    Name,
    /// The manifest or index of that.
    Top,
    /// The same once more, to be set against the digest beside a tag: the two may be of different algorithms.
    Pinned,
    /// The manifest that an index names.
    Inner,
    /// The image's config.
    Config,
}

pub(super) struct Walk<'a> {
    pub(super) client: Client<'a>,
    look_up: &'a LookUp,
    image: &'a ImageReference,
    stage: Stage,
    method: &'static str,
    /// The last answer.
    pub(super) response: Box<Response>,
    /// What its body has to hash to, where that is known.
    wanted: Option<Digest>,
    /// What the first one hashed to.
    top: Option<Digest>,
    /// Whether an index has said that there is an image for the platform.
    is_told: bool,
}

impl<'a> Walk<'a> {
    // Boxed, as it would be copied part by part.
    pub(super) fn new(look_up: &'a LookUp, image: &'a ImageReference) -> Result<Box<Self>, Rc<Error>> {
        Ok(Box::new(Self {
            client: Client::new(look_up, image)?,
            look_up,
            image,
            stage: Stage::Name,
            method: "HEAD",
            response: Box::default(),
            wanted: None,
            top: None,
            is_told: false,
        }))
    }

    /// Asks what the image is called for ever.
    pub(super) fn start(&mut self) -> Result<Next<'a>, Rc<Error>> {
        self.client.turn_to(self.method, filled("manifests/{}", &[self.asked()]))
    }

    fn asked(&self) -> &'a str {
        self.image.tag().or(self.image.digest().map(Digest::as_str)).unwrap_or_default()
    }

    /// What was asked for, in words.
    fn what(&self) -> String {
        let template = if self.image.tag().is_some() { "tag \"{}\"" } else { "digest {}" };
        filled(template, &[self.asked()])
    }

    /// Takes an answer in.
    pub(super) fn page(&mut self) -> Result<Next<'a>, Rc<Error>> {
        let response = &self.response;
        let is_named = self.stage == Stage::Name;
        match response.status {
            200 if is_named => {
                self.wanted = match self.image.tag() {
                    Some(_) => response.digest.as_deref().and_then(|digest| digest.parse().ok()),
                    None => self.image.digest().cloned(),
                };
                self.stage = Stage::Top;
                // By its digest, so that a tag which moves meanwhile cannot mix two images.
                let name = self.wanted.as_ref().map_or(self.asked(), Digest::as_str);
                self.client.turn_to("GET", filled("manifests/{}", &[name]))
            }
            200 => Ok(Next::Hash),
            // An answer to HEAD has no body that could say why it is not 200.
            _ if is_named && self.method == "HEAD" => {
                self.method = "GET";
                self.start()
            }
            // A page that is missing at whatever stands before the registry says nothing of the image.
            404 if is_named
                && Value::read(&response.body).is_ok_and(|value| value.get("errors").is_some()) =>
            {
                Err(image_fault(ImageFault::NotFound {
                    registry: self.image.registry().to_owned(),
                    repository: self.image.repository().to_owned(),
                    what: self.what(),
                    definite: self.client.sees_all(),
                }))
            }
            _ => Err(self.client.refusal(response)),
        }
    }

    /// By what the last body is hashed.
    pub(super) fn algorithm(&self) -> &str {
        self.wanted.as_ref().map_or("sha256", Digest::algorithm)
    }

    /// Takes the hash of the last body in.
    pub(super) fn hashed(&mut self, hash: Option<String>) -> Result<Next<'a>, Rc<Error>> {
        let digest = hash.and_then(|hash| filled("{}:{}", &[self.algorithm(), &hash]).parse::<Digest>().ok());
        let Some(digest) = digest else {
            return Err(self.client.failed("names a digest of a kind that cannot be checked"));
        };
        let fits = self.wanted.as_ref().is_none_or(|wanted| *wanted == digest);
        let top = self.top.get_or_insert(digest).clone();
        match self.stage {
            Stage::Pinned if !fits => Err(image_fault(ImageFault::Differs {
                registry: self.image.registry().to_owned(),
                what: self.what(),
                digest: top.as_str().to_owned(),
            })),
            _ if !fits => Err(self.client.failed("sent a body that does not hash to its digest")),
            Stage::Top if self.image.tag().is_some() && self.image.digest().is_some() => {
                self.stage = Stage::Pinned;
                self.wanted = self.image.digest().cloned();
                Ok(Next::Hash)
            }
            Stage::Config => self.config(top),
            Stage::Name | Stage::Top | Stage::Pinned | Stage::Inner => self.manifest(),
        }
    }

    /// Goes from an index to its image, and from that to its config.
    fn manifest(&mut self) -> Result<Next<'a>, Rc<Error>> {
        let is_inner = self.stage == Stage::Inner;
        let (stage, kind, next) = match read_manifest(&self.response.body, &self.look_up.platform) {
            Ok(Manifest::Image(config)) => (Stage::Config, "blobs/{}", config),
            Ok(Manifest::Index(_) | Manifest::Unnamed(_)) if is_inner => {
                return Err(self.client.failed("sent an index within an index"));
            }
            Ok(Manifest::Index(image)) => {
                self.is_told = true;
                (Stage::Inner, "manifests/{}", image)
            }
            Ok(Manifest::Unnamed(image)) => (Stage::Inner, "manifests/{}", image),
            Ok(Manifest::Elsewhere(found)) => return Err(self.elsewhere(found)),
            Err(what) => return Err(self.client.failed(what)),
        };
        self.stage = stage;
        let path = filled(kind, &[next.as_str()]);
        self.wanted = Some(next);
        self.client.turn_to("GET", path)
    }

    fn config(&self, digest: Digest) -> Result<Next<'a>, Rc<Error>> {
        // The cluster takes the index's word, and so does this: a config may be wrong where its image still runs.
        let platform = Some(&self.look_up.platform).filter(|_| !self.is_told);
        match read_config(&self.response.body, platform) {
            Ok(Ok(labels)) => Ok(Next::End(Box::new(Found { digest, labels }))),
            Ok(Err(found)) => Err(self.elsewhere(found)),
            Err(what) => Err(self.client.failed(what)),
        }
    }

    fn elsewhere(&self, found: String) -> Rc<Error> {
        image_fault(ImageFault::Platform {
            image: self.image.as_str().to_owned(),
            wanted: self.look_up.platform.to_string(),
            found,
        })
    }
}
