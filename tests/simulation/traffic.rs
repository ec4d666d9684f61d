//! The way of a request: what the schedule has befall it between its sender and the model that answers, and back.

use std::task::Waker;
use std::time::Duration;

use houston_deploy::io::{Cause, Request, Response};
use serde_json::Value;

use crate::airflow::clock;
use crate::draw::Draw;
use crate::fault::{Class, End, Fault, Page, Target, Trouble, Unsent};
use crate::houston::{answer, field_of, release_name, said};
use crate::registry::{ISSUED, basic};
use crate::setting::{Roll, Sight};
use crate::world::{Action, Ending, PASSWORD, PULL, Sent, State, TOKEN, World};

impl World<'_> {
    /// Whether Houston is away at this time, and behind a gateway.
    fn away(&self, at: Duration) -> Option<bool> {
        self.faults.iter().find_map(|fault| match fault {
            Fault::Restart { at: from, lasts, gateway } if (*from..*from + *lasts).contains(&at) => {
                Some(*gateway)
            }
            _ => None,
        })
    }

    pub fn begin(&self, request: &Request) -> usize {
        let mut state = self.state.borrow_mut();
        let (now, index) = (state.now, state.sent.len());
        if let Some(violation) = misplaced(request) {
            state.violations.push(violation);
        }
        let text = request.body.as_ref().map_or("", |body| body.on_the_wire());
        let at_houston = request.url.starts_with("https://houston.astro.example.com/");
        let body: Value =
            if at_houston { serde_json::from_str(text).expect("the body is JSON") } else { Value::Null };
        let query = body["query"].as_str().unwrap_or_default();
        let field = if at_houston { field_of(query) } else { "" };
        let class = match field {
            "" if request.url.starts_with("https://deployments.") => Class::Airflow,
            "" => Class::Registry,
            "appConfig" => Class::Version,
            "workspaceDeployments" => Class::Read,
            "deployment" => Class::ReadAgain,
            _ => Class::Change,
        };
        let of = |index: &usize| match class {
            Class::Version | Class::Registry => *index == 0,
            Class::Airflow => request.url.contains(&format!("/{}/", release_name(*index))),
            Class::ReadAgain => body["variables"]["id"] == format!("ck{index}").as_str(),
            Class::Read | Class::Change => body["variables"]["releaseName"] == release_name(*index).as_str(),
        };
        let release = (0..self.setting.releases).find(of).unwrap_or(0);
        let count = state.counts.entry((class, release)).or_default();
        let target = Target { class, release, nth: *count };
        *count += 1;
        let fault =
            self.faults.iter().position(|fault| matches!(fault, Fault::Request(to, _) if *to == target));
        let trouble = fault.map(|fault| match self.faults[fault] {
            Fault::Request(_, trouble) => {
                state.happened[fault] = true;
                trouble
            }
            _ => unreachable!(),
        });
        state.by_id.insert(request.id.text(), index);
        state.sent.push(Sent {
            at: now,
            target,
            request: request.clone(),
            field,
            body,
            trouble,
            head: false,
            served: None,
            ending: Ending::Pending,
            waker: None,
        });
        let stream = 100 + class as u64 + 16 * release as u64 + 64 * u64::from(target.nth);
        let mut pace = Draw::new(self.seed, stream);
        let connected = now + pace.time(1, 40);
        let arrival =
            connected + pace.time(1, 60) + Duration::from_millis(if pace.percent(3) { 900 } else { 0 });
        match trouble {
            Some(Trouble::Unsent(unsent)) => {
                let cause = match unsent {
                    Unsent::NoName => Cause::NameNotFound("ENOTFOUND".into()),
                    Unsent::Refused => Cause::NotConnected("ECONNREFUSED".into()),
                    Unsent::Untrusted => Cause::Untrusted("SELF_SIGNED_CERT_IN_CHAIN".into()),
                    Unsent::Proxy(status) => Cause::Proxy(status),
                    Unsent::Reset => Cause::Broken("ECONNRESET".into()),
                    Unsent::Odd => Cause::Other,
                    Unsent::Hangs => return index,
                };
                state.push(connected, Action::Deliver(index, Box::new(Err(cause))));
                return index;
            }
            Some(Trouble::Lost(end)) => state.end(index, connected + pace.time(1, 3000), end),
            Some(Trouble::Late(by, end)) => {
                state.push(connected + by, Action::Arrive(index, false));
                state.end(index, connected + pace.time(1, 3000), end);
            }
            Some(Trouble::Twice(gap, second)) => {
                state.push(arrival, Action::Arrive(index, !second));
                state.push(arrival + gap, Action::Arrive(index, second));
            }
            Some(Trouble::Slow(by)) => state.push(arrival + by, Action::Arrive(index, true)),
            Some(Trouble::AnswerLost(_) | Trouble::Cut(..) | Trouble::Status(..) | Trouble::Graphql(..))
            | None => state.push(arrival, Action::Arrive(index, true)),
        }
        state.push(connected, Action::Head(index));
        index
    }

    pub fn head_of(&self, state: &mut State, index: usize) {
        let houston = !state.sent[index].field.is_empty();
        if matches!(state.sent[index].ending, Ending::GivenUp(_)) {
            return;
        }
        if houston && self.away(state.now) == Some(false) {
            let now = state.now;
            let refused = Err(Cause::NotConnected("ECONNREFUSED".into()));
            state.push(now, Action::Deliver(index, Box::new(refused)));
            return;
        }
        if state.sent[index].target.class == Class::Airflow
            && matches!(self.setting.airflows[state.sent[index].target.release].sight, Sight::NoRoute)
        {
            let now = state.now;
            let refused = Err(Cause::NotConnected("EHOSTUNREACH".into()));
            state.push(now, Action::Deliver(index, Box::new(refused)));
            return;
        }
        state.sent[index].head = true;
    }

    pub fn arrive(&self, state: &mut State, index: usize, counts: bool) {
        // A connection on which nothing was written brings nothing.
        if !state.sent[index].head {
            return;
        }
        let now = state.now;
        let mut pace = Draw::new(self.seed, 1_000_000 + index as u64);
        let back = now + pace.time(1, 200);
        if !state.sent[index].field.is_empty()
            && let Some(gateway) = self.away(now)
        {
            if counts {
                let ended = if gateway { Ok(page(502, Page::Html)) } else { Err(broken()) };
                state.push(back, Action::Deliver(index, Box::new(ended)));
            }
            return;
        }
        state.sent[index].served = Some(now);
        let result = self.serve(state, index);
        let ended = match state.sent[index].trouble {
            Some(Trouble::AnswerLost(end)) => {
                state.end(index, back, end);
                return;
            }
            Some(Trouble::Cut(byte, breaks)) => result.and_then(|mut response| {
                if breaks {
                    return Err(Cause::Cut("UND_ERR_SOCKET".into()));
                }
                let length = usize::from(byte) % (response.body.len() + 1);
                response.body.truncate(length);
                Ok(response)
            }),
            _ => result,
        };
        if counts {
            state.push(back, Action::Deliver(index, Box::new(ended)));
        }
    }

    /// What a server makes of a request.
    fn serve(&self, state: &mut State, index: usize) -> Result<Response, Cause> {
        let now = state.now;
        let Sent { target, field, trouble, .. } = state.sent[index];
        let reaches = match trouble {
            Some(Trouble::Status(.., reaches) | Trouble::Graphql(_, reaches)) => reaches,
            _ => true,
        };
        let answered = if !reaches {
            Ok(Response::default())
        } else if target.class == Class::Airflow {
            let airflow = &state.airflows[target.release];
            Ok(airflow.handle(&state.sent[index].request, now).unwrap_or_default())
        } else if target.class == Class::Registry {
            Ok(state.registry.handle(self.setting, &state.sent[index].request))
        } else {
            let body = std::mem::take(&mut state.sent[index].body);
            let response = state.houston.handle(self.setting, &body);
            state.sent[index].body = body;
            self.roll(state);
            Ok(response)
        };
        match trouble {
            Some(Trouble::Status(status, kind, retry_after, _)) => {
                let location = (300..400).contains(&status).then(|| "https://login.example.com/".to_owned());
                let retry_after = retry_after.map(|wish| wish.to_string());
                Ok(Response { retry_after, location, ..page(status, kind) })
            }
            Some(Trouble::Graphql(kind, _)) if !field.is_empty() => {
                Ok(said(kind, field, &release_name(target.release), TOKEN))
            }
            Some(Trouble::Graphql(..)) => Ok(page(500, Page::Json)),
            _ => answered,
        }
    }

    /// Lets the pods roll after what Houston has accepted.
    pub fn roll(&self, state: &mut State) {
        while let Some(accepted) = state.houston.accepted.get(state.rolled) {
            let (release, rolls, ours) = (accepted.release, accepted.rolls, accepted.ours);
            state.rolled += 1;
            if rolls {
                let setting = &self.setting.airflows[release];
                let (roll, version) =
                    if ours { (setting.roll, self.setting.image.1) } else { (Roll::Good, setting.before.1) };
                let now = clock(state.now);
                state.airflows[release].roll(now, roll, version, ours);
            }
        }
    }

    pub fn deliver(&self, state: &mut State, index: usize, result: Result<Response, Cause>) -> Option<Waker> {
        let now = state.now;
        let sent = &mut state.sent[index];
        if !matches!(sent.ending, Ending::Pending) {
            return None;
        }
        // What Houston was about to answer when it went away is never answered.
        let lost = !sent.field.is_empty()
            && sent.served.is_some_and(|served| {
                self.faults.iter().any(|fault| {
                    matches!(fault, Fault::Restart { at, gateway: false, .. } if served < *at && *at <= now)
                })
            });
        let result = if lost { Err(broken()) } else { result };
        sent.ending = Ending::Ended(now, result);
        sent.waker.take()
    }
}

impl State {
    fn end(&mut self, index: usize, at: Duration, end: End) {
        let ended = match end {
            End::Hangs => return,
            End::TooLong => Err(Cause::TooLarge(self.sent[index].request.largest_answer)),
            End::BadGzip => Err(Cause::Cut("Z_DATA_ERROR".into())),
            // Where nobody tells that the head was written, this could not be told from a certificate's refusal.
            End::TlsBreaks if self.heads_told => Err(Cause::Untrusted("EPROTO".into())),
            End::TlsBreaks | End::Reset => Err(broken()),
            End::Odd => Err(Cause::Other),
            End::Gateway(status) => Ok(page(status, Page::Html)),
        };
        self.push(at, Action::Deliver(index, Box::new(ended)));
    }
}

fn broken() -> Cause {
    Cause::Broken("ECONNRESET".into())
}

fn page(status: u16, page: Page) -> Response {
    let (kind, body): (_, &[u8]) = match page {
        Page::Html => ("text/html", b"<html><body>::add-mask::x</body></html>"),
        Page::Empty => ("text/plain", b""),
        Page::Text => ("text/plain", b"upstream connect error"),
        Page::Json => ("application/json", br#"{"status":"ok","data":[]}"#),
        Page::Bytes => ("application/octet-stream", b"\x1f\x8b\x08\x00\xff\xfe\x00{\"data\":"),
    };
    Response { content_type: Some(kind.to_owned()), ..answer(status, body) }
}

/// A secret where it does not belong.
fn misplaced(request: &Request) -> Option<String> {
    let url = request.url.as_str();
    let at = |hosts: &[&str]| hosts.iter().any(|host| url.starts_with(host));
    let has = |text: &str| [TOKEN, PASSWORD, ISSUED, PULL].into_iter().find(|secret| text.contains(secret));
    if let Some(secret) = has(url) {
        return Some(format!("the secret {secret} is in a URL"));
    }
    for (name, value) in &request.headers {
        let value = value.on_the_wire();
        let fits = if *name == "authorization" {
            (!value.contains(TOKEN)
                || at(&["https://houston.astro.example.com/v1", "https://deployments.astro.example.com/dev"]))
                && (value != basic()
                    || at(&["https://registry.example.com/", "https://auth.example.com/token"]))
                && (!value.contains(ISSUED) || at(&["https://registry.example.com/"]))
        } else {
            has(value).is_none()
        };
        if !fits {
            return Some(format!("a secret is in the header {name} to {url}"));
        }
    }
    let body = request.body.as_ref().map_or("", |body| body.on_the_wire());
    match has(body) {
        Some(PULL) if at(&["https://houston.astro.example.com/v1"]) && body.contains("mutation ") => None,
        Some(secret) => Some(format!("the secret {secret} is in a body to {url}")),
        None => None,
    }
}
