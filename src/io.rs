//! All that the core may ask of the world, and the shapes that cross that line. Nothing in here decides anything.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use crate::duration::shown;
use crate::event::Event;
use crate::text::{decimal, digits, filled, parts};
use crate::token::HeaderValue;

/// The effects. The real one sends with `fetch`; tests script one with a virtual clock.
pub trait Io {
    /// Sends `request` once and reads the whole answer, however long that takes; dropping the future gives the
    /// request up. Redirects are answers, not followed.
    fn send(&self, request: &Request) -> impl Future<Output = Result<Response, Cause>>;

    /// Whether the head of the request with this id was written to a connection.
    fn head(&self, id: RequestId) -> Head;

    /// Ready once `duration` has passed.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()>;

    /// Time since the start of the run.
    fn now(&self) -> Duration;

    /// Time since the Unix epoch: the wall clock at the start of the run, and `now` added to it, so that a clock
    /// that is set while the run goes on changes nothing.
    fn wall(&self) -> Duration;

    /// A number that nobody can guess, all 64 bits of it.
    fn random(&self) -> u64;

    /// Tells whoever watches what is going on.
    fn emit(&self, event: Event);

    /// Ready once the run has been cancelled.
    fn cancelled(&self) -> impl Future<Output = Signal>;

    /// What the run was cancelled by, if it was.
    fn signal(&self) -> Option<Signal>;

    /// What the credential helper `docker-credential-<name>` prints for `server`; dropping the future ends the
    /// program.
    ///
    /// # Errors
    /// A program that fails, with what it printed; nothing where there is none of that name.
    fn credentials(&self, name: &str, server: &str) -> impl Future<Output = Result<String, Option<String>>>;

    /// The hash of `bytes` in hexadecimal digits; nothing where the algorithm is neither `sha256` nor `sha512`.
    fn hash(&self, algorithm: &str, bytes: &[u8]) -> impl Future<Output = Option<String>>;
}

/// Bytes in hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        text.push_str(&digits((*byte).into(), 16, 2));
    }
    text
}

/// What cancels a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT, or a library user's `AbortSignal`.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

/// The id that a request carries as `X-Request-Id`, 32 hexadecimal digits; messages about the request quote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(u64, u64);

impl RequestId {
    /// A new id from two random numbers.
    #[must_use]
    pub fn new(high: u64, low: u64) -> Self {
        Self(high, low)
    }

    /// The id as text.
    #[must_use]
    pub fn text(self) -> String {
        digits(self.0, 16, 16) + &digits(self.1, 16, 16)
    }
}

/// Whether a request's head was written: the fact that decides what may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// It was written: the request may have arrived.
    Written,
    /// It was not written: the request cannot have arrived.
    Unwritten,
    /// The platform that this runs on does not tell.
    Unknown,
}

/// One HTTP request.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET`, `HEAD` or `POST`.
    pub method: &'static str,
    /// The absolute URL; it never holds a secret.
    pub url: String,
    /// Header names in lower case, with their values.
    pub headers: Vec<(&'static str, HeaderValue)>,
    /// The body, where there is one.
    pub body: Option<Body>,
    /// The id, also among the headers.
    pub id: RequestId,
    /// The most bytes of an answer's body that are read, in bytes.
    pub largest_answer: usize,
}

/// Adds a header that anyone may see.
// Every header would bring a copy of this along.
#[inline(never)]
pub(crate) fn add_plain(headers: &mut Vec<(&'static str, HeaderValue)>, name: &'static str, value: &str) {
    headers.push((name, HeaderValue::Plain(value.to_owned())));
}

/// The body of a request: JSON, or for a registry's tokens a form.
#[derive(Clone)]
pub struct Body {
    wire: String,
    shown: Option<String>,
}

impl Body {
    /// A body that anyone may see.
    #[must_use]
    pub fn plain(wire: String) -> Self {
        Self { wire, shown: None }
    }

    /// A body that holds a secret, beside the same body without it.
    #[must_use]
    pub fn sensitive(wire: String, shown: String) -> Self {
        Self { wire, shown: Some(shown) }
    }

    /// The text as it goes over the wire. For an [`Io`] alone.
    #[must_use]
    pub fn on_the_wire(&self) -> &str {
        &self.wire
    }

    /// The text as people may see it.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.shown.as_deref().unwrap_or(&self.wire)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.shown())
    }
}

/// One HTTP answer, read to its end.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// The status, such as 200.
    pub status: u16,
    /// The value of `Content-Type`.
    pub content_type: Option<String>,
    /// The value of `Retry-After`.
    pub retry_after: Option<String>,
    /// The value of `WWW-Authenticate`; several are joined by commas.
    pub challenge: Option<String>,
    /// The value of `Docker-Content-Digest`.
    pub digest: Option<String>,
    /// The value of `Location`.
    pub location: Option<String>,
    /// The body, after any content coding was undone.
    pub body: Vec<u8>,
}

/// Why there is no answer. Holds codes from a fixed list only, since errors of the runtime quote headers and URLs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// No answer within the time that one request has.
    TimedOut(Duration),
    /// The name of the host could not be resolved.
    NameNotFound(String),
    /// No connection came about.
    NotConnected(String),
    /// TLS failed: a certificate that is not trusted, or no common protocol.
    Untrusted(String),
    /// The proxy answered CONNECT with this status.
    Proxy(u16),
    /// The connection broke before there was an answer.
    Broken(String),
    /// It broke in the middle of the answer, or the answer could not be unpacked.
    Cut(String),
    /// The body was longer than this many bytes.
    TooLarge(usize),
    /// Something else; what it said is not repeated, as it could quote a secret.
    Other,
}

/// One error of the runtime as it shows itself: `code` and `syscall`, each empty where there was none.
#[derive(Debug, Clone, Copy)]
pub struct Coded<'a> {
    /// For instance `ECONNREFUSED`.
    pub code: &'a str,
    /// For instance `connect`.
    pub syscall: &'a str,
}

impl Cause {
    /// Tells the causes apart by the runtime's codes. A connection that was tried at several addresses has one for
    /// each; it counts as not connected only if every one of them does.
    ///
    /// Source: Node's documentation of system, TLS and X.509 error codes, and undici's of its own.
    #[must_use]
    pub fn from_codes(errors: &[Coded<'_>]) -> Self {
        let mut errors = errors.iter();
        let Some(first) = errors.next() else { return Self::Other };
        errors.fold(Self::from_code(*first), |so_far, next| so_far.beside(Self::from_code(*next)))
    }

    /// The cause where the answer had begun.
    #[must_use]
    pub fn in_the_answer(self) -> Self {
        match self {
            Self::Broken(code) => Self::Cut(code),
            other => other,
        }
    }

    /// The cause where another address of the same host failed as well: whatever may have been sent goes first.
    #[must_use]
    pub fn beside(self, other: Self) -> Self {
        match self {
            Self::NotConnected(_) | Self::NameNotFound(_) => match other {
                Self::NotConnected(_) | Self::NameNotFound(_) => self,
                _ => other,
            },
            _ => self,
        }
    }

    /// The cause that one error of the runtime shows.
    #[must_use]
    pub fn from_code(Coded { code, syscall }: Coded<'_>) -> Self {
        let named: fn(String) -> Self = match code {
            "ENOTFOUND" | "EAI_AGAIN" => Self::NameNotFound,
            "UND_ERR_CONNECT_TIMEOUT" => Self::NotConnected,
            // Somebody had begun to answer. (The first is a name: on some releases of Node that one has no code.)
            "HTTPParserError" | "UND_ERR_RES_CONTENT_LENGTH_MISMATCH" => Self::Cut,
            _ if syscall == "connect" && is_among(code, CONNECTING) => Self::NotConnected,
            _ if is_among(code, BREAKING) => Self::Broken,
            _ if is_among(code, CERTIFICATE) => Self::Untrusted,
            _ if !is_code(code) => return Self::Other,
            _ if code.starts_with("ERR_SSL_") || code.starts_with("ERR_TLS_") => Self::Untrusted,
            _ if code.starts_with("HPE_") => Self::Cut,
            _ => return Self::Other,
        };
        named(code.to_owned())
    }
}

/// What the system call `connect` says where no connection came about.
const CONNECTING: &str = "ECONNREFUSED ECONNRESET ECONNABORTED ETIMEDOUT EHOSTUNREACH EHOSTDOWN \
    ENETUNREACH ENETDOWN EADDRNOTAVAIL EACCES EPERM EINVAL";

/// What a connection that broke says, or an answer that could not be unpacked.
const BREAKING: &str = "ECONNRESET ECONNABORTED EPIPE ETIMEDOUT UND_ERR_SOCKET UND_ERR_HEADERS_TIMEOUT \
    UND_ERR_BODY_TIMEOUT UND_ERR_HEADERS_OVERFLOW Z_DATA_ERROR Z_BUF_ERROR";

/// What OpenSSL says of a certificate that it does not take, as Node names it, and of a protocol.
const CERTIFICATE: &str = "EPROTO CERT_CHAIN_TOO_LONG CERT_HAS_EXPIRED CERT_NOT_YET_VALID CERT_REJECTED \
    CERT_REVOKED CERT_SIGNATURE_FAILURE CERT_UNTRUSTED CRL_HAS_EXPIRED CRL_NOT_YET_VALID \
    CRL_SIGNATURE_FAILURE DEPTH_ZERO_SELF_SIGNED_CERT ERROR_IN_CERT_NOT_AFTER_FIELD \
    ERROR_IN_CERT_NOT_BEFORE_FIELD HOSTNAME_MISMATCH INVALID_CA INVALID_PURPOSE PATH_LENGTH_EXCEEDED \
    SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY UNABLE_TO_DECRYPT_CERT_SIGNATURE \
    UNABLE_TO_DECRYPT_CRL_SIGNATURE UNABLE_TO_GET_CRL UNABLE_TO_GET_ISSUER_CERT \
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY UNABLE_TO_VERIFY_LEAF_SIGNATURE OUT_OF_MEM";

/// Whether `code` is one of `codes`, which stand between spaces: a list of texts would weigh twice as much.
fn is_among(code: &str, codes: &str) -> bool {
    parts(codes, " ").contains(&code)
}

fn is_code(text: &str) -> bool {
    text.len() <= 64
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

impl Cause {
    /// The cause, for a sentence.
    #[must_use]
    pub fn words(&self) -> String {
        let template = match self {
            Self::TimedOut(_) => "no answer within {}",
            Self::NameNotFound(_) => "its name could not be resolved ({})",
            Self::NotConnected(_) => "no connection came about ({})",
            Self::Untrusted(_) => "TLS failed ({})",
            Self::Proxy(_) => "the proxy answered CONNECT with HTTP {}",
            Self::Broken(_) | Self::Cut(_) => "the connection broke ({})",
            Self::TooLarge(_) => "the answer was longer than {} bytes",
            Self::Other => "the request failed",
        };
        let what = match self {
            Self::TimedOut(limit) => shown(*limit),
            Self::NameNotFound(code)
            | Self::NotConnected(code)
            | Self::Untrusted(code)
            | Self::Broken(code)
            | Self::Cut(code) => code.clone(),
            Self::Proxy(status) => decimal(*status),
            Self::TooLarge(limit) => decimal(*limit),
            Self::Other => String::new(),
        };
        filled(template, &[&what])
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.words())
    }
}
