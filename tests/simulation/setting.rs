//! What a schedule takes place in: the options of the run, the platform, the registry, the Airflows. Drawn from the
//! seed, and never changed by shrinking.

use std::time::Duration;

use crate::draw::Draw;

/// How Houston keeps its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    Shown,
    Null,
    Forbidden,
    NoField,
}

/// Whom the registry lets in, and how it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Open,
    Bearer,
    Basic,
}

/// What the registry has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stock {
    Fits,
    Missing,
    OtherPlatform,
    OtherVersion,
    NoLabels,
}

/// What a change does to the Airflow of a Deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Roll {
    /// Every pod is replaced, and all is well.
    Good,
    /// No new pod ever comes up.
    Stuck,
    /// Triggerer and dag processor are replaced, the schedulers never.
    Partial,
    /// The new scheduler starts and dies, again and again; the old one lives on.
    CrashLoop,
    /// Every pod is replaced, and the database is not healthy from then on.
    Sick,
    /// Every pod is replaced, and the schedulers die soon after.
    Dead,
}

/// Who may look at an Airflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// The token opens it raw.
    Raw,
    /// It wants `Bearer `.
    Bearer,
    /// Health alone is open: the rows answer 403.
    HealthAlone,
    /// Everything answers with this status.
    Shut(u16),
    /// There is no way to it from the runner.
    NoRoute,
}

/// One Deployment's Airflow.
#[derive(Debug, Clone)]
pub struct AirflowSetting {
    /// What it runs before: a Runtime version and its Airflow.
    pub before: (&'static str, &'static str),
    /// How many schedulers, triggerers and dag processors.
    pub replicas: [usize; 3],
    /// Whether the pods of each keep their names.
    pub ordinal: [bool; 3],
    /// Rows of processes that ended long ago.
    pub ended: usize,
    /// Between two heartbeats.
    pub beat: Duration,
    /// The run's `stable-for`, in milliseconds.
    pub window: u64,
    /// Whether it runs the image that is asked for already.
    pub unchanged: bool,
    /// How a change goes.
    pub roll: Roll,
    /// From the change to the first new pod.
    pub first: Duration,
    /// From one new pod to the next.
    pub gap: Duration,
    /// How long an old pod lives on beside its new one.
    pub overlap: Duration,
    /// Whether rows of killed processes go on saying that they run.
    pub killed: bool,
    /// Who may look.
    pub sight: Sight,
    /// Whether times have a `T` and an offset, or a space and none.
    pub spaced: bool,
}

/// All of it.
#[derive(Debug, Clone)]
pub struct Setting {
    /// No trouble but such as passes: a good deploy must then end 0.
    pub mild: bool,
    /// The input itself is wrong.
    pub wrong_input: bool,
    pub releases: usize,
    /// Which release Houston does not know, if any.
    pub unknown: Option<usize>,
    pub concurrency: usize,
    pub attempts: u32,
    pub timeout: Duration,
    pub request_timeout: Duration,
    pub poll_interval: Duration,
    pub stable_for: Duration,
    pub workspace: bool,
    pub wait: &'static str,
    pub preflight: &'static str,
    pub unchanged_ok: bool,
    pub fail_fast: bool,
    pub pin: bool,
    pub pull_secret: bool,
    pub credentials: bool,
    /// `runtime-version`, `airflow-version` or neither.
    pub version_option: Option<&'static str>,
    /// The image's Runtime and Airflow version.
    pub image: (&'static str, &'static str),
    /// The platform's true version, and whether the option says it.
    pub platform: &'static str,
    pub platform_told: bool,
    pub version: Version,
    pub has_update: bool,
    pub has_upsert: bool,
    pub token_good: bool,
    pub may_read: bool,
    pub has_updated_at: bool,
    pub door: Door,
    pub stock: Stock,
    pub names_digest: bool,
    pub blobs_elsewhere: bool,
    pub airflows: Vec<AirflowSetting>,
    /// Whether the runtime tells that a head was written.
    pub heads_told: bool,
}

/// Runtime versions and the Airflow in them.
const BEFORE: [(&str, &str); 3] = [("10.0.0", "2.8.0"), ("11.3.0", "2.9.1"), ("3.0-1", "3.0.2")];
const IMAGES: [(&str, &str); 2] = [("11.3.0", "2.9.1"), ("3.0-2", "3.0.2")];

/// Platform versions of the three generations.
const FIRST: [&str; 4] = ["0.29.0", "0.34.1", "0.37.5-rc1", "1.0.0"];
const SECOND: [&str; 4] = ["1.0.1", "1.1.0", "2.0.5", "2.1.0-rc.1"];
const THIRD: [&str; 3] = ["2.1.0", "2.1.1-rc.1", "2.2.0"];

/// The three numbers of a version, and whether it is a pre-release.
pub fn numbers(version: &str) -> ((u32, u32, u32), bool) {
    let (core, _) = version.split_once('-').unwrap_or((version, ""));
    let parts: Vec<u32> = core.split('.').map(|part| part.parse().unwrap()).collect();
    ((parts[0], parts[1], parts[2]), version.contains('-'))
}

impl Setting {
    /// Whether `upsertDeployment` may be sent: from 2.1.0 on, pre-releases of it apart.
    pub fn may_upsert(&self) -> bool {
        let (numbers, pre_release) = numbers(self.platform);
        numbers >= (2, 1, 0) && !(numbers == (2, 1, 0) && pre_release)
    }

    /// Whether the platform takes Runtime versions only.
    pub fn runtime_only(&self) -> bool {
        numbers(self.platform).0 > (1, 0, 0)
    }

    /// What the run watches.
    pub fn watches(&self) -> bool {
        self.wait != "off"
    }

    pub fn draw(seed: u64) -> Self {
        let mut draw = Draw::new(seed, 1);
        let mild = draw.percent(30);
        // In a mild schedule nothing is wrong that would not pass.
        let wrong = |draw: &mut Draw, chance: u64| !mild && draw.percent(chance);
        let generation = draw.index(3);
        let platform = [draw.of(&FIRST), draw.of(&SECOND), draw.of(&THIRD)][generation];
        let releases = draw.of(&[1, 1, 1, 1, 2, 3]);
        let image = draw.of(&IMAGES);
        let stable_for = draw.of(&[6_u64, 10, 20, 60]);
        let poll = if stable_for == 60 { 5 } else { draw.of(&[1, 2]) };
        let timeout = if mild { 600 } else { draw.of(&[70, 90, 120, 300]) };
        let wait = draw.of(&["off", "off", "auto", "auto", "require"]);
        let preflight = draw.of(&["off", "off", "auto", "auto", "require"]);
        let old = generation == 0;
        let version_option = match draw.below(6) {
            0 if preflight != "off" => None,
            1 if old => Some("airflow-version"),
            1 if wrong(&mut draw, 20) => Some("airflow-version"),
            _ => Some("runtime-version"),
        };
        let stock = if wrong(&mut draw, 12) {
            draw.of(&[Stock::Missing, Stock::OtherPlatform, Stock::OtherVersion, Stock::NoLabels])
        } else {
            Stock::Fits
        };
        let version = if wrong(&mut draw, 20) || (mild && generation == 1 && draw.percent(20)) {
            draw.of(&[Version::Null, Version::Forbidden, Version::NoField])
        } else {
            Version::Shown
        };
        let mut setting = Self {
            mild,
            wrong_input: !mild && draw.below(100) == 0,
            releases,
            unknown: wrong(&mut draw, 4).then(|| draw.index(releases)),
            concurrency: draw.of(&[1, 2, 4]),
            attempts: if mild { 4 } else { draw.of(&[1, 2, 3, 4, 4]) },
            timeout: Duration::from_secs(timeout),
            request_timeout: Duration::from_secs(draw.of(&[if mild { 5 } else { 2 }, 5, 5, 30])),
            poll_interval: Duration::from_secs(poll),
            stable_for: Duration::from_secs(stable_for),
            workspace: draw.percent(55),
            wait,
            preflight,
            unchanged_ok: draw.percent(10),
            fail_fast: wrong(&mut draw, 15),
            pin: preflight != "off" && draw.percent(15),
            pull_secret: draw.percent(10),
            credentials: draw.percent(60),
            version_option,
            image,
            platform,
            platform_told: draw.percent(25),
            version,
            has_update: generation < 2 || draw.percent(60),
            has_upsert: true,
            token_good: !wrong(&mut draw, 4),
            may_read: !wrong(&mut draw, 8),
            has_updated_at: mild || draw.percent(90),
            door: draw.of(&[Door::Open, Door::Bearer, Door::Basic]),
            stock,
            names_digest: draw.percent(80),
            blobs_elsewhere: draw.percent(30),
            airflows: Vec::new(),
            heads_told: draw.percent(85),
        };
        if wrong(&mut draw, 8) {
            (setting.has_update, setting.has_upsert) = (false, generation < 2);
        } else if generation == 2 && setting.has_update && draw.percent(30) {
            setting.has_upsert = false;
        }
        if setting.door == Door::Basic && mild {
            setting.credentials = true;
        }
        setting.airflows = (0..releases).map(|_| AirflowSetting::draw(&mut draw, &setting)).collect();
        setting
    }
}

impl AirflowSetting {
    fn draw(draw: &mut Draw, setting: &Setting) -> Self {
        let mild = setting.mild;
        let line = setting.image.1.as_bytes()[0];
        let unchanged = (!mild || setting.unchanged_ok) && draw.percent(6);
        let before = loop {
            if unchanged {
                break setting.image;
            }
            let before = draw.of(&BEFORE);
            // A change of the line is the rarer thing.
            if before.1.as_bytes()[0] == line || draw.percent(15) {
                break before;
            }
        };
        let two = before.1.starts_with('2');
        let stable = u64::try_from(setting.stable_for.as_millis()).unwrap();
        let roll = match draw.below(100) {
            _ if mild => Roll::Good,
            0..45 => Roll::Good,
            60..78 => Roll::Partial,
            // The audit log of an Airflow 2 does not show that what started has died (docs/reliability.md).
            78..88 if !two => Roll::CrashLoop,
            45..60 | 78..88 => Roll::Stuck,
            88..94 => Roll::Sick,
            _ => Roll::Dead,
        };
        // Nor does it show that an old one lives on: there a roll pauses for less than the window.
        let longest = if two { stable / 2 } else { 30_000 };
        let sight = match draw.below(100) {
            0..60 => Sight::Raw,
            60..75 => Sight::Bearer,
            75..85 => Sight::HealthAlone,
            _ if mild => Sight::Raw,
            85..93 => Sight::Shut(draw.of(&[401, 403, 302, 200, 500])),
            93..97 => Sight::NoRoute,
            _ => Sight::Raw,
        };
        let scheduler_ordinal = draw.percent(25);
        Self {
            before,
            replicas: [draw.of(&[1, 1, 2]), draw.of(&[0, 1, 1]), draw.of(&[0, 0, 1])],
            ordinal: [scheduler_ordinal, draw.percent(10), draw.percent(10)],
            ended: if draw.percent(1) { 120 } else { draw.of(&[0, 0, 1, 2, 5]) },
            beat: draw.time(1000, (stable / 2).min(5000)),
            window: stable,
            unchanged,
            roll,
            first: draw.time(500, if mild { 20_000 } else { 40_000 }),
            gap: draw.time(100, longest.min(8000)),
            overlap: draw.time(0, longest),
            killed: draw.percent(50),
            sight,
            spaced: draw.percent(20),
        }
    }
}
