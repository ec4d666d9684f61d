//! One look at an Airflow: its questions, sent at the same time, and the table that tells passing states from final
//! ones. It keeps nothing but what the next look needs to ask less.

use std::rc::Rc;

use super::before::PARTS;
use super::{Health, Line, Part, Row, plain_version, read_health, read_jobs, read_starts};
use crate::address::Address;
use crate::error::Error;
use crate::foreign::visible;
use crate::http::Ask;
use crate::io::{Io, Response};
use crate::retry::Limits;
use crate::send::ask;
use crate::text::{decimal, filled};
use crate::token::{Redactor, Token};
use crate::value::Value;
use crate::wait::{Task, all};

/// The most bytes of one answer: a hundred rows of jobs.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// What one question brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen<T> {
    /// An answer.
    Here(T),
    /// Nobody answers there yet, as is normal while it rolls: 404, 502, 503, 504.
    NotYet(String),
    /// It is kept from us: 401, 403, a login page.
    Denied(String),
    /// The question or its answer failed in another way.
    Failed(String),
}

impl<T> Seen<T> {
    /// The answer, if there is one.
    pub fn here(&self) -> Option<&T> {
        match self {
            Self::Here(value) => Some(value),
            Self::NotYet(_) | Self::Denied(_) | Self::Failed(_) => None,
        }
    }

    /// Why there is no answer; empty where there is one.
    pub fn why(&self) -> &str {
        match self {
            Self::Here(_) => "",
            Self::NotYet(why) | Self::Denied(why) | Self::Failed(why) => why,
        }
    }

    /// Whether there is no such page: the other line's paths may be there.
    fn is_not_there(&self) -> bool {
        matches!(self, Self::NotYet(why) if why == NOT_THERE)
    }

    fn map<U>(&self, read: fn(&T) -> Option<U>) -> Seen<U> {
        match self {
            Self::Here(value) => match read(value) {
                Some(read) => Seen::Here(read),
                None => Seen::Failed("an answer that is not Airflow's".into()),
            },
            Self::NotYet(why) => Seen::NotYet(why.clone()),
            Self::Denied(why) => Seen::Denied(why.clone()),
            Self::Failed(why) => Seen::Failed(why.clone()),
        }
    }
}

/// All that one look brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Which paths were answered.
    pub line: Line,
    /// Its health.
    pub health: Seen<Health>,
    /// Its version, without the vendor's suffix.
    pub version: Option<String>,
    /// Who runs in it.
    pub rows: Rows,
}

/// The rows of schedulers, triggerers and dag processors, where they can be read; of an Airflow 2 the starts of
/// schedulers alone.
pub type Rows = [Option<Vec<Row>>; 3];

/// Looks at the Airflow of one Deployment.
pub struct Looker<'a, I> {
    /// How it asks.
    pub io: &'a I,
    /// Where it is, without a slash at the end.
    pub base: Address,
    /// The token, where it may go there.
    pub token: Option<&'a Token>,
    /// Takes secrets out of what is quoted.
    pub redactor: &'a Redactor,
    /// Which paths to ask first.
    pub line: Line,
    /// Whether this Airflow wants `Bearer ` before the token.
    pub bearer: std::cell::Cell<bool>,
    /// Whether it asks for the version as well, which is a request of each look.
    pub asks_version: bool,
}

impl<I: Io> Looker<'_, I> {
    /// Looks once. `parts` are asked for beside the scheduler. One that is not `whole` is at the rows alone, by the paths
    /// of its line: what most looks of a long watch have to know.
    ///
    /// # Errors
    /// A cancel alone.
    pub async fn look(
        &mut self,
        whole: bool,
        parts: &[Part],
        limits: &Limits,
    ) -> Result<Box<Look>, Rc<Error>> {
        let mut first = None;
        let mut line = self.line;
        loop {
            let mut pages = [const { Seen::Failed(String::new()) }; 5];
            self.pages(line, whole, parts, limits, &mut pages).await?;
            let (look, is_elsewhere) = self.along(line, &pages);
            // The other line's Airflow may answer here by now. Some of Airflow 2 have the health of Airflow 3 as well,
            // and nothing else of it.
            match first {
                None if is_elsewhere => first = Some(look),
                None => return Ok(look),
                Some(first) => return Ok(self.better(first, look)),
            }
            line = line.other();
        }
    }

    /// The look that tells more: the `first`, or the one by the paths of the `other` line.
    fn better(&mut self, first: Box<Look>, other: Box<Look>) -> Box<Look> {
        let is_found = other.health.here().is_some();
        let tells_more = if is_found {
            first.health.here().is_none() || other.version.is_some()
        } else {
            // A page that is there and fails is no page that is still to come.
            first.health.is_not_there() && !other.health.is_not_there()
        };
        if tells_more && is_found {
            self.line = other.line;
        }
        if tells_more { other } else { first }
    }

    /// What the pages of one line show, and whether that line's health or version is not there at all.
    fn along(&self, line: Line, [health, version, rows @ ..]: &[Seen<Value>; 5]) -> (Box<Look>, bool) {
        let is_elsewhere = health.is_not_there() || version.is_not_there();
        let version = version.here().and_then(|value| value.get("version")?.as_str());
        let version =
            version.map(|version| plain_version(&visible(&self.redactor.clean(version))).to_owned());
        let look = Look { line, health: health.map(read_health), version, rows: read_rows(line, rows) };
        (Box::new(look), is_elsewhere)
    }

    /// Asks for the pages of health and version, where the look is `whole`, and for those of the rows, all at the same
    /// time. What is not asked for has failed.
    fn pages<'p>(
        &'p self,
        line: Line,
        whole: bool,
        parts: &[Part],
        limits: &'p Limits,
        pages: &'p mut [Seen<Value>],
    ) -> impl Future<Output = Result<(), Rc<Error>>> + use<'p, I> {
        let (health, version) = if whole { line.paths() } else { ("", "") };
        let mut paths =
            vec![health.to_owned(), if self.asks_version { version.to_owned() } else { String::new() }];
        for part in PARTS {
            let is_asked = part == Part::Scheduler || parts.contains(&part);
            paths.push(if is_asked { line.rows(part) } else { String::new() });
        }
        let mut asked: Vec<Task<'_>> = Vec::new();
        for (path, page) in paths.iter().zip(pages) {
            if path.is_empty() {
                continue;
            }
            match Address::parse(&filled("{}{}", &[self.base.as_str(), path])) {
                Some(address) => asked.push(Box::pin(self.get(address, limits, page))),
                None => *page = Seen::Failed("an address that cannot be asked".into()),
            }
        }
        all(asked)
    }

    async fn get(&self, address: Address, limits: &Limits, page: &mut Seen<Value>) -> Result<(), Rc<Error>> {
        let mut bearer = self.bearer.get();
        let mut turned = false;
        loop {
            let authorization = self.token.map(|token| if bearer { token.bearer() } else { token.header() });
            let mut request =
                Ask::new("GET", &address, "application/json", authorization.as_ref(), LARGEST_ANSWER);
            let answer = ask(self.io, None, &mut request, limits).await;
            let response = request.response;
            match answer {
                Ok(()) if response.status == 401 && self.token.is_some() && !bearer => {
                    // Houston takes the token raw, and so do most Airflows behind it.
                    (bearer, turned) = (true, true);
                }
                Ok(()) => {
                    if turned && response.status != 401 {
                        self.bearer.set(true);
                    }
                    *page = judge(&response);
                    return Ok(());
                }
                Err(error) if matches!(*error, Error::Cancelled { .. }) => return Err(error),
                Err(error) => {
                    *page = Seen::Failed(visible(&self.redactor.clean(&error.message())));
                    return Ok(());
                }
            }
        }
    }
}

/// The rows of the pages that have some.
fn read_rows(line: Line, [schedulers, triggerers, processors]: &[Seen<Value>; 3]) -> Rows {
    let read = match line {
        Line::Two => read_starts,
        Line::Three => read_jobs,
    };
    let rows = |page: &Seen<Value>| page.here().and_then(read);
    [rows(schedulers), rows(triggerers), rows(processors)]
}

/// What a page that is not there says.
const NOT_THERE: &str = "HTTP 404";

/// The table of passing and final states.
fn judge(response: &Response) -> Seen<Value> {
    let status = filled("HTTP {}", &[&decimal(response.status)]);
    match response.status {
        200 => match Value::read(&response.body) {
            Ok(value @ Value::Object(_)) => Seen::Here(value),
            _ => Seen::Denied("a page that is not Airflow's, such as a login's".into()),
        },
        404 | 502..=504 => Seen::NotYet(status),
        401 | 403 => Seen::Denied(status),
        300..=399 => Seen::Denied("a redirect, such as to a login".into()),
        _ => Seen::Failed(status),
    }
}
