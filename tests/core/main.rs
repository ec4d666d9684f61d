//! The whole behaviour of the core, natively and in milliseconds: scripted replies, a virtual clock, no network.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by a panic, and its helpers are for its neighbours"
)]

mod airflow;
mod before;
mod check;
mod flow;
mod houston;
mod inputs;
mod registry;
mod render;
mod setup;
mod table;
mod values;
mod watch;
mod world;
