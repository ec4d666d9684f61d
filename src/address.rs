//! An absolute address of a server, http or https, and what secrets need to know of it: its origin, and whether its
//! host is this machine or inside a private network. Parsing only; names are never resolved.

use crate::endpoint::{check_authority, host_of, is_ipv4, is_loopback};
use crate::text::{cut, filled, has, parts, replaced, whole};

/// `https://host[:port]/path`, without user, password and fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    url: String,
    /// How many bytes of the URL are the origin.
    origin: usize,
    host: String,
}

impl Address {
    /// Reads an absolute address; nothing if it is none, or has a user, a password, a fragment or steps of dots in it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = cut(text, "://")?;
        let scheme = scheme.to_ascii_lowercase();
        let end = rest.bytes().position(|byte| byte == b'/' || byte == b'?').unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        let plain = |byte: u8| byte.is_ascii_graphic() && !has("\"'`<>\\^{|}#", char::from(byte));
        if !matches!(scheme.as_str(), "https" | "http") || text.len() > 4096 || !path.bytes().all(plain) {
            return None;
        }
        // Whoever fetches it would go elsewhere than this path says.
        let way = path.bytes().position(|byte| byte == b'?').and_then(|end| path.get(..end)).unwrap_or(path);
        let dots =
            |step: &str| matches!(replaced(&step.to_ascii_lowercase(), "%2e", ".").as_str(), "." | "..");
        if parts(way, "/").into_iter().any(dots) {
            return None;
        }
        check_authority(authority).ok()?;
        let origin = filled("{}://{}", &[&scheme, &authority.to_ascii_lowercase()]);
        Some(Self {
            host: host_of(&authority.to_ascii_lowercase()).to_owned(),
            url: filled("{}{}{}", &[&origin, if path.starts_with('/') { "" } else { "/" }, path]),
            origin: origin.len(),
        })
    }

    /// The address that `location` means here: an absolute one, or a path of this origin.
    #[must_use]
    pub fn join(&self, location: &str) -> Option<Self> {
        let (location, _) = cut(location, "#").unwrap_or((location, ""));
        match (location.starts_with("//"), location.starts_with('/')) {
            (true, _) => Self::parse(&filled("{}:{}", &[self.scheme(), location])),
            (false, true) => Self::parse(&filled("{}{}", &[self.origin(), location])),
            (false, false) => Self::parse(location),
        }
    }

    /// The whole address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.url.get(..self.origin).unwrap_or(&self.url)
    }

    /// The host, with its port where one was written.
    #[must_use]
    pub fn authority(&self) -> &str {
        cut(self.origin(), "://").map_or(&self.host, |(_, authority)| authority)
    }

    /// The path, with its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url.get(self.origin..).unwrap_or_default()
    }

    /// The host, in lower case and without port and brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is https.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.scheme() == "https"
    }

    /// Whether its host is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// Whether its host is written as an address that is not of the public internet: link-local, private, shared,
    /// this machine, a group or reserved.
    ///
    /// Source: the IANA special-purpose address registries, for IPv4; for IPv6 only `2000::/3` is public, less `2002::/16`,
    /// which leads to an IPv4 address.
    #[must_use]
    pub fn is_private(&self) -> bool {
        if has(&self.host, ':') {
            let first = cut(&self.host, ":").map_or("", |(first, _)| first);
            return first.len() != 4 || !matches!(first.as_bytes(), [b'2' | b'3', ..]) || first == "2002";
        }
        if !is_ipv4(&self.host) {
            return self.host == "localhost" || self.host.ends_with(".localhost");
        }
        let numbers = parts(&self.host, ".");
        let number = |index: usize| numbers.get(index).and_then(|number| whole(number)).unwrap_or_default();
        match (number(0), number(1), number(2)) {
            (0 | 10 | 127 | 224.., _, _)
            | (169, 254, _)
            | (192, 168, _)
            | (192, 0, 0)
            | (198, 18 | 19, _) => true,
            (172, second, _) => (16..32).contains(&second),
            (100, second, _) => (64..128).contains(&second),
            _ => false,
        }
    }

    fn scheme(&self) -> &str {
        if self.url.starts_with("https") { "https" } else { "http" }
    }
}
