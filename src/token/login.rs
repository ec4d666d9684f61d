//! What a registry is shown: a user's password, or a token that stands for one. Part of `token.rs`, since it reads
//! secrets.

use super::{HIDDEN, HeaderValue, Redactor, Secret, check_header_safe, percent_encoded};
use crate::base64;
use crate::io::Body;
use crate::malformed::Malformed;
use crate::text::filled;

/// The credentials for a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// A user and a password, for Basic authentication.
    Password(String, Secret),
    /// A refresh token, as `docker login` keeps it: `identitytoken`.
    Refresh(Secret),
}

impl Login {
    /// A user and a password. Both, and the form in which they are sent, are made known to `redactor`.
    #[must_use]
    pub fn password(user: &str, password: &str, redactor: &Redactor) -> Self {
        redactor.add_text(password);
        redactor.add_text(&filled("{}:{}", &[user, password]));
        Self::Password(user.to_owned(), Secret(password.to_owned()))
    }

    /// A refresh token, which is made known to `redactor`.
    #[must_use]
    pub fn refresh(token: &str, redactor: &Redactor) -> Self {
        redactor.add_text(token);
        Self::Refresh(Secret(token.to_owned()))
    }

    /// The value of `Authorization`; a refresh token has none.
    ///
    /// Source: RFC 7617.
    #[must_use]
    pub fn basic(&self) -> Option<HeaderValue> {
        let Self::Password(user, password) = self else { return None };
        let encoded = base64::encode(filled("{}:{}", &[user, &password.0]).as_bytes());
        let padding = ["", "===", "==", "="].get(encoded.len() % 4).copied().unwrap_or_default();
        Some(HeaderValue::Sensitive(Secret(filled("Basic {}{}", &[&encoded, padding]))))
    }

    /// The form by which a refresh token is exchanged for one of `scope` at `service`; a password has none.
    ///
    /// Source: the distribution project, "Docker Registry v2 authentication using `OAuth2`".
    #[must_use]
    pub fn exchange(&self, service: &str, scope: &str) -> Option<Body> {
        let Self::Refresh(token) = self else { return None };
        let form = |token: &str| {
            let encoded = |text: &str| percent_encoded(text, "-._~");
            filled(
                "grant_type=refresh_token&client_id=houston-deploy&service={}&scope={}&refresh_token={}",
                &[&encoded(service), &encoded(scope), token],
            )
        };
        Some(Body::sensitive(form(&percent_encoded(&token.0, "-._~")), form(HIDDEN)))
    }
}

/// The value of `Authorization` for a token that a registry issued, which is made known to `redactor`.
///
/// # Errors
/// A text that cannot be a header value. The error shows nothing of the text.
pub fn bearer(token: &str, redactor: &Redactor) -> Result<HeaderValue, Malformed> {
    redactor.add_text(token);
    check_header_safe(token)?;
    Ok(HeaderValue::Sensitive(Secret(filled("Bearer {}", &[token]))))
}
