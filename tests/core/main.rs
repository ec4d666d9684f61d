//! The whole behaviour of the core, natively and in milliseconds: scripted replies, a virtual clock, no network.

mod flow;
mod inputs;
mod render;
mod table;
mod values;
mod world;
