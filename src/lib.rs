//! houston-deploy: points Deployments of Astronomer Software at an image from a registry of one's own, and says
//! whether that arrived.
//!
//! ```text
//!   command line, action, script          pkg/cli.js, action/, pkg/index.js
//!        │  arguments, environment                                ▲ texts, files, exit code
//!        ▼                                                        │
//!   session ──► inputs ──► fleet ──► deploy ──► report ──► render ┘
//!                (values)  (many)    (one: look up → read → send → watch)
//!                                       │
//!                          houston/  ◄──┤  a call is a value: request, judgement
//!                          retry     ◄──┤  what may be sent again, and when
//!                          send      ◄──┘  makes a call, by an `Io`
//! ```
//!
//! Each command is a shipped module of its own, so that a run loads what it does and nothing else: `deploy`, `check`,
//! which looks at what a deploy would look at, and `setup`, which is a function from options to text.
//!
//! # Scope
//! One step of a pipeline: telling Houston which image a Deployment is to run. It builds and pushes no image, holds
//! no state between runs, undoes nothing, and changes nothing on the platform but that.
//!
//! # Invariants
//! 1. Only `fetch.rs`, `task.rs`, `wasm.rs` and `setup/wasm.rs` know that JavaScript exists. (The crates for it are not there on other targets.)
//! 2. Only an [`io::Io`] has effects. Time is a duration since the start, with the wall clock at the start as a
//!    value; randomness is a number. (Clippy forbids the clocks.)
//! 3. Behind [`inputs`] no function receives a text that could be malformed. (Values parse or do not exist.)
//! 4. Only [`token`] can read a secret; it leaves as a sensitive header or body, and `Debug` shows nothing of it.
//! 5. The shapes on the wire are private to `houston/`.
//! 6. Whether a call may be sent again is decided in [`retry`] alone.
//! 7. Wrappers decide nothing.
//! 8. Process-wide switches belong to the command line and the action.
//! 9. No panic on any input, no unbounded wait, body or list. (Clippy forbids `unwrap`, indexing and `panic!`.)
//! 10. Green is proven: exit code 0 is set at the end of a run that earned it, never by default.

mod base64;
pub mod json;
pub mod malformed;
mod text;
pub mod value;

pub mod address;
pub mod date;
pub mod duration;
pub mod endpoint;
pub mod foreign;
pub mod image;
pub mod release;
pub mod token;
pub mod version;

mod code;
pub mod error;
pub mod event;
pub mod report;

pub mod inputs;

pub mod call;
pub mod cancel;
pub mod io;

pub mod http;

pub mod houston;
pub mod registry;

#[cfg(feature = "mutants")]
pub mod mutant;
pub mod retry;
pub mod send;
mod wait;

pub mod airflow;

pub mod deploy;
pub mod fleet;
pub mod prepare;
pub mod watch;

pub mod check;

pub mod render;

pub mod handover;
#[cfg(any(feature = "deploy", feature = "check"))]
pub mod session;

#[cfg(feature = "setup")]
pub mod setup;

// Each shipped module exports one command, and has in it what that reaches: the linker leaves out all else.
#[cfg(all(target_family = "wasm", any(feature = "deploy", feature = "check")))]
mod fetch;
#[cfg(all(target_family = "wasm", any(feature = "deploy", feature = "check")))]
mod task;
#[cfg(all(target_family = "wasm", any(feature = "deploy", feature = "check")))]
mod wasm;

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What every request calls itself.
pub const USER_AGENT: &str = concat!("houston-deploy/", env!("CARGO_PKG_VERSION"));
