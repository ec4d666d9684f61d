//! The secrets among the inputs: where they come from, which source goes first, and that they are known before
//! anything is said of any value.

use super::reader::Reader;
use super::{Environment, Files, Surroundings};
use crate::date;
use crate::duration;
use crate::error::Code;
use crate::text::{cut, filled};
use crate::token::{PullSecret, Token, TokenKind};

impl<F: Files> Reader<'_, F> {
    /// Makes every secret known before anything is said of any value.
    pub(super) fn learn_secrets(&mut self, environment: &Environment) {
        for name in &["token", "registry-password"] {
            if let Some(secret) = self.text(name) {
                self.redactor.add_text(secret);
            }
        }
        if let Some(secret) = environment.get("ASTRONOMER_KEY_SECRET") {
            self.redactor.add_text(secret);
        }
        for name in &["token-file", "dockerconfigjson-file"] {
            let Some(path) = self.text(name) else { continue };
            let content = self.content(path);
            if let Ok(text) = &content {
                self.redactor.add_pull_secret(text);
            }
            // A pipe gives its content once.
            self.learned.push((*name, content));
        }
    }

    pub(super) fn ca_cert(&mut self, surroundings: Surroundings) -> Option<String> {
        let pem = self.file("ca-cert")?;
        if cut(&pem, "-----BEGIN CERTIFICATE-----").is_none() || !self.files.is_certificate(&pem) {
            self.wrong(
                "ca-cert",
                "holds no PEM certificate",
                Some("name a file with -----BEGIN CERTIFICATE-----"),
            );
            return None;
        }
        if !surroundings.can_trust {
            self.wrong(
                "ca-cert",
                "cannot be trusted by this program once Node runs: that needs the command line or the action, on Node \
                 22.19, 24.5 or newer",
                Some("set NODE_EXTRA_CA_CERTS to the file before Node starts"),
            );
            return None;
        }
        Some(pem)
    }

    /// The token, from the first of these that has one: `token` or `token-file` where given outright, then
    /// `HOUSTON_TOKEN`, `HOUSTON_TOKEN_FILE` and the vendor's `ASTRONOMER_KEY_SECRET`.
    pub(super) fn token(&mut self, environment: &Environment, surroundings: Surroundings) -> Option<Token> {
        let by_file = self.given.is_explicit("token-file");
        if by_file && self.given.is_explicit("token") {
            self.wrong("token", "is given beside `token-file`", Some("give one of the two"));
            return None;
        }
        let content;
        let (option, text) = if let Some(text) = self.text("token").filter(|_| !by_file) {
            ("token", text)
        } else if self.given.value("token-file").is_some() {
            content = self.file("token-file")?;
            let end = content.bytes().rposition(|byte| byte != b'\n' && byte != b'\r');
            ("token-file", end.and_then(|end| content.get(..end + 1)).unwrap_or_default())
        } else if let Some(text) = environment.get("ASTRONOMER_KEY_SECRET") {
            ("token", text)
        } else {
            self.missing("token", "set HOUSTON_TOKEN, or `token-file`, to a service account's key");
            return None;
        };
        let token = match Token::parse(text) {
            Ok(token) => token,
            Err(why) => {
                self.wrong(option, why.words(), Some("copy the token again, in one line"));
                return None;
            }
        };
        if let TokenKind::User { expires: Some(expires) } = token.kind()
            && expires <= surroundings.wall
        {
            let ago = duration::shown(surroundings.wall.saturating_sub(expires));
            let hint = "log in again for a new token, or use a service account's key, which does not expire";
            self.wrong(option, &filled("expired {} ago, at {}", &[&ago, &date::shown(expires)]), Some(hint));
            if let Some(problem) = self.given.problems.last_mut() {
                problem.code = Code::TokenExpired;
            }
            return None;
        }
        Some(token)
    }

    pub(super) fn pull_secret(&mut self) -> Option<PullSecret> {
        let text = self.file("dockerconfigjson-file")?;
        match PullSecret::parse(&text) {
            Ok(secret) => Some(secret),
            Err(why) => {
                self.wrong("dockerconfigjson-file", why.words(), None);
                None
            }
        }
    }
}
