//! The faults of a schedule, as data: each can be left out without changing what the others are, which is what
//! shrinking needs.

use std::time::Duration;

use houston_deploy::io::Signal;

use crate::draw::Draw;
use crate::setting::Setting;

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The platform's version.
    Version,
    /// The Deployment by its release name.
    Read,
    /// The Deployment by its id.
    ReadAgain,
    /// The change itself.
    Change,
    /// The registry, its realm, its blobs.
    Registry,
    /// An Airflow.
    Airflow,
}

/// Which request: the `nth` of its class for this release (0 where it is for all).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    pub class: Class,
    pub release: usize,
    pub nth: u32,
}

/// Why nothing was written (rows 1 to 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsent {
    NoName,
    Refused,
    Untrusted,
    Proxy(u16),
    Reset,
    Odd,
    Hangs,
}

/// How a request ends that was written and is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Reset,
    Hangs,
    TooLong,
    BadGzip,
    TlsBreaks,
    Odd,
    /// A proxy has lost patience: this status, as HTML.
    Gateway(u16),
}

/// What a body holds that is no GraphQL answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Html,
    Empty,
    Text,
    Json,
    Bytes,
}

/// The kinds of GraphQL errors, and of answers that are none and no yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Forbidden,
    Unauthenticated,
    BadInput,
    NotFound,
    NoDeployment,
    UnknownArgument,
    ParseFailed,
    OtherField,
    /// `Cannot query field "…" on type "Mutation"`, of the mutation that was sent.
    NoMutation,
    Internal,
    UnknownCode,
    NoCode,
    Mixed,
    Below,
    BesideData,
    OtherRelease,
    OtherVersion,
    NullField,
    NullData,
    /// A refusal that quotes the token back.
    Quotes,
}

/// What befalls a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It never left.
    Unsent(Unsent),
    /// It left and never arrived.
    Lost(End),
    /// It was answered, and the answer never came back.
    AnswerLost(End),
    /// It arrives this much later than anybody waits for.
    Late(Duration, End),
    /// A proxy sends it twice, so far apart, and gives back the answer to the first or the second.
    Twice(Duration, bool),
    /// The answer is cut at a byte (of its length, modulo), with or without a broken connection.
    Cut(u16, bool),
    /// Something in front answers; `true`: after the request had reached Houston.
    Status(u16, Page, Option<u16>, bool),
    /// Houston answers so; `true`: having done what was asked all the same.
    Graphql(Said, bool),
    /// It takes this much longer.
    Slow(Duration),
}

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    Request(Target, Trouble),
    /// Houston is away: no connection, or a gateway that says so.
    Restart {
        at: Duration,
        lasts: Duration,
        gateway: bool,
    },
    /// Somebody else deploys another image.
    Rival {
        at: Duration,
        release: usize,
    },
    /// The wall clocks of runner and servers are set.
    ClockJump {
        at: Duration,
        seconds: i64,
    },
    /// A scheduler dies and starts again in its pod.
    Crash {
        at: Duration,
        release: usize,
    },
    /// The Airflow's web server is away, with this status.
    WebGap {
        at: Duration,
        lasts: Duration,
        release: usize,
        status: u16,
    },
    Cancel {
        at: Duration,
        signal: Signal,
    },
}

const STOPPING: [u16; 12] = [301, 302, 307, 400, 401, 403, 404, 405, 407, 413, 422, 451];
const OPEN: [u16; 8] = [408, 500, 502, 503, 504, 200, 202, 520];
const PASSING: [u16; 3] = [500, 502, 504];
const PAGES: [Page; 5] = [Page::Html, Page::Empty, Page::Text, Page::Json, Page::Bytes];
const ENDS: [End; 9] = [
    End::Reset,
    End::Hangs,
    End::TooLong,
    End::BadGzip,
    End::TlsBreaks,
    End::Odd,
    End::Gateway(502),
    End::Gateway(504),
    End::Gateway(500),
];
const UNSENT: [Unsent; 9] = [
    Unsent::NoName,
    Unsent::Refused,
    Unsent::Refused,
    Unsent::Untrusted,
    Unsent::Proxy(502),
    Unsent::Proxy(407),
    Unsent::Reset,
    Unsent::Odd,
    Unsent::Hangs,
];
const MILD_UNSENT: [Unsent; 5] =
    [Unsent::NoName, Unsent::Refused, Unsent::Proxy(502), Unsent::Reset, Unsent::Odd];
const SAID: [Said; 20] = [
    Said::Forbidden,
    Said::Unauthenticated,
    Said::BadInput,
    Said::NotFound,
    Said::NoDeployment,
    Said::UnknownArgument,
    Said::ParseFailed,
    Said::OtherField,
    Said::NoMutation,
    Said::Internal,
    Said::UnknownCode,
    Said::NoCode,
    Said::Mixed,
    Said::Below,
    Said::BesideData,
    Said::OtherRelease,
    Said::OtherVersion,
    Said::NullField,
    Said::NullData,
    Said::Quotes,
];

impl Said {
    /// Whether Houston can say so and have done it all the same. What counts as a refusal is taken at its word.
    pub fn may_be_done(self) -> bool {
        match self {
            Self::Internal
            | Self::UnknownCode
            | Self::NoCode
            | Self::Mixed
            | Self::Below
            | Self::BesideData
            | Self::OtherRelease
            | Self::OtherVersion
            | Self::NullField
            | Self::NullData => true,
            Self::Forbidden
            | Self::Unauthenticated
            | Self::BadInput
            | Self::NotFound
            | Self::NoDeployment
            | Self::UnknownArgument
            | Self::ParseFailed
            | Self::OtherField
            | Self::NoMutation
            | Self::Quotes => false,
        }
    }
}

impl Trouble {
    fn draw(draw: &mut Draw) -> Self {
        match draw.below(100) {
            0..16 => Self::Unsent(draw.of(&UNSENT)),
            16..26 => Self::Lost(draw.of(&ENDS)),
            26..46 => Self::AnswerLost(draw.of(&ENDS)),
            46..56 => Self::Late(draw.time(100, 200_000), draw.of(&ENDS)),
            56..61 => Self::Twice(draw.time(0, 60_000), draw.percent(50)),
            61..67 => Self::Cut(u16::try_from(draw.below(65_536)).unwrap(), draw.percent(50)),
            67..73 => Self::Status(draw.of(&STOPPING), draw.of(&PAGES), None, false),
            73..79 => Self::Status(draw.of(&OPEN), draw.of(&PAGES), None, draw.percent(50)),
            79..83 => {
                let wish = u16::try_from(draw.below(40)).unwrap();
                Self::Status(draw.of(&[429, 503]), draw.of(&PAGES), Some(wish), false)
            }
            83..97 => {
                let said = draw.of(&SAID);
                Self::Graphql(said, said.may_be_done() && draw.percent(60))
            }
            _ => Self::Slow(draw.time(0, 6000)),
        }
    }

    /// Such as passes, and leaves a good deploy good.
    fn mild(draw: &mut Draw, class: Class, workspace: bool) -> Self {
        match draw.below(100) {
            0..30 => Self::Unsent(draw.of(&MILD_UNSENT)),
            30..45 => Self::Status(draw.of(&[429, 503]), draw.of(&PAGES), Some(3), false),
            45..65 => Self::Status(draw.of(&PASSING), Page::Html, None, false),
            65..75 => Self::Lost(draw.of(&[End::Reset, End::Hangs, End::Gateway(504)])),
            // Where the Deployment can be read, one that has moved is rightly left alone.
            75..90 if !workspace || class != Class::Change => {
                Self::AnswerLost(draw.of(&[End::Reset, End::Hangs, End::BadGzip]))
            }
            _ => Self::Slow(draw.time(0, 500)),
        }
    }

    /// The name under which it is counted.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unsent(_) => "request lost before its head",
            Self::Lost(_) => "request lost after its head",
            Self::AnswerLost(_) => "answer lost after it was applied",
            Self::Late(..) => "delayed past the deadline",
            Self::Twice(..) => "duplicated by a proxy",
            Self::Cut(_, true) => "cut at a byte, connection broken",
            Self::Cut(_, false) => "cut at a byte, silently",
            Self::Status(300..=399, ..) => "redirect",
            Self::Status(400..=499, ..) => "4xx in front",
            Self::Status(500.., ..) => "5xx in front",
            Self::Status(_, Page::Html, ..) => "HTML with 200",
            Self::Status(..) => "2xx that is no GraphQL",
            Self::Graphql(..) => "GraphQL error",
            Self::Slow(_) => "slow",
        }
    }
}

impl Fault {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Request(_, trouble) => trouble.name(),
            Self::Restart { .. } => "Houston restarts",
            Self::Rival { .. } => "a rival deploys",
            Self::ClockJump { .. } => "wall clocks jump",
            Self::Crash { .. } => "a scheduler crashes",
            Self::WebGap { .. } => "Airflow's web server is away",
            Self::Cancel { .. } => "cancelled",
        }
    }

    /// The faults of a seed.
    pub fn draw(seed: u64, setting: &Setting) -> Vec<Self> {
        let mut draw = Draw::new(seed, 2);
        let mut faults = if setting.mild { mild(&mut draw, setting) } else { wild(&mut draw, setting) };
        // Two for the same request would hide each other.
        let mut taken: Vec<Target> = Vec::new();
        faults.retain(|fault| match fault {
            Self::Request(target, _) if taken.contains(target) => false,
            Self::Request(target, _) => {
                taken.push(*target);
                true
            }
            _ => true,
        });
        faults
    }
}

fn mild(draw: &mut Draw, setting: &Setting) -> Vec<Fault> {
    let mut faults = Vec::new();
    for _ in 0..draw.below(4) {
        let class = draw.of(&[Class::Version, Class::Read, Class::Change, Class::Change, Class::Airflow]);
        let release = if class == Class::Version { 0 } else { draw.index(setting.releases) };
        // The fourth send is left in peace, whatever befell those before. Of the looks a few go wrong, but not those
        // before the change (two of nine requests at most), without which nothing can be proven.
        let nth = match class {
            Class::Airflow => u32::try_from(20 + draw.below(30)).unwrap(),
            _ => u32::try_from(draw.below(3)).unwrap(),
        };
        let trouble = match class {
            Class::Airflow => Trouble::Unsent(Unsent::Reset),
            _ => Trouble::mild(draw, class, setting.workspace),
        };
        faults.push(Fault::Request(Target { class, release, nth }, trouble));
    }
    if draw.percent(10) {
        faults.push(Fault::ClockJump { at: draw.time(0, 60_000), seconds: 3600 });
    }
    faults
}

fn wild(draw: &mut Draw, setting: &Setting) -> Vec<Fault> {
    let mut faults = Vec::new();
    let time = |draw: &mut Draw| if draw.percent(70) { draw.time(0, 2500) } else { draw.time(0, 90_000) };
    for _ in 0..draw.below(6) {
        let class = match draw.below(20) {
            0 | 1 => Class::Version,
            2..5 => Class::Read,
            5 => Class::ReadAgain,
            6 => Class::Registry,
            7 => Class::Airflow,
            _ => Class::Change,
        };
        let release = match class {
            Class::Version | Class::Registry => 0,
            _ => draw.index(setting.releases),
        };
        let nth = u32::try_from(draw.below(if class == Class::Airflow { 20 } else { 4 })).unwrap();
        let first = if draw.percent(50) { 0 } else { nth };
        let nth = if class == Class::Change { first } else { nth };
        faults.push(Fault::Request(Target { class, release, nth }, Trouble::draw(draw)));
    }
    if draw.percent(10) {
        let (at, lasts) = (time(draw), draw.time(100, 40_000));
        faults.push(Fault::Restart { at, lasts, gateway: draw.percent(50) });
    }
    if draw.percent(20) {
        faults.push(Fault::Rival { at: time(draw), release: draw.index(setting.releases) });
    }
    if draw.percent(8) {
        let seconds = draw.of(&[-7200, -3600, -30, 30, 3600, 86_400]);
        faults.push(Fault::ClockJump { at: time(draw), seconds });
    }
    if setting.watches() && draw.percent(25) {
        faults.push(Fault::Crash { at: time(draw), release: draw.index(setting.releases) });
    }
    if setting.watches() && draw.percent(15) {
        let (at, lasts, release) = (time(draw), draw.time(100, 30_000), draw.index(setting.releases));
        faults.push(Fault::WebGap { at, lasts, release, status: draw.of(&[404, 500, 502, 503, 504]) });
    }
    if draw.percent(12) {
        let signal = draw.of(&[Signal::Interrupt, Signal::Terminate]);
        faults.push(Fault::Cancel { at: time(draw), signal });
    }
    faults
}
