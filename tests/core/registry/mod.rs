//! The look-up of an image in its registry: what is read from headers, files and bodies, the requests that go out and
//! what each is shown, and the words in which each ending is told. The registry is a script that answers by request.

mod challenge;
mod credentials;

mod found;
pub mod given;
mod helper;
mod login;
mod manifest;
mod place;
mod realm;
mod redirect;
mod retry;
mod together;
mod versions;
mod world;
