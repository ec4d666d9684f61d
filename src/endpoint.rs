//! Where Houston is: its URL, the platform's base domain, and the Airflow addresses that follow from them. A hand
//! parser for the little of URLs that is needed, since a URL crate brings Unicode tables.

use std::fmt;

use crate::address::Address;
use crate::malformed::{Malformed, every};
use crate::release::ReleaseName;
use crate::text::{cut, cut_last, filled, has, parts, whole};

/// The path of Houston's GraphQL endpoint.
const PATH: &str = "/v1";

/// Houston's address, and the base domain where one is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    address: Address,
    base_domain: Option<String>,
}

impl Endpoint {
    /// Houston at the platform's base domain: `https://houston.<base-domain>/v1`.
    ///
    /// # Errors
    /// A text that is no plain domain name.
    pub fn at_base_domain(text: &str) -> Result<Self, Malformed> {
        check_plain(text)?;
        if let Some((scheme, _)) = cut(text, "://") {
            return Err(Malformed::around("is a URL: leave out \"", scheme, "://\""));
        }
        let colons = parts(text, ":").len() - 1;
        let why = if has(text, '/') {
            "has a path: give the domain alone"
        } else if has(text, '[') || colons > 1 || (colons == 0 && ends_in_a_number(text)) {
            "is an IP address: a base domain is a name, such as astro.example.com"
        } else if colons == 1 {
            "has a port: give the domain alone, or all of `houston-url` instead"
        } else {
            ""
        };
        if !why.is_empty() {
            return Err(Malformed::new(why));
        }
        check_host(text)?;
        let domain = text.to_ascii_lowercase();
        let host = filled("houston.{}", &[&domain]);
        check_host(&host)?;
        Ok(Self { address: Address::at("https", &host, &host, PATH), base_domain: Some(domain) })
    }

    /// Houston at a whole URL; `http://` is taken for a loopback host only.
    ///
    /// # Errors
    /// A text that is no URL of a host, or that would send the token unprotected.
    pub fn at_url(text: &str) -> Result<Self, Malformed> {
        check_plain(text)?;
        let Some((scheme, rest)) = cut(text, "://") else {
            return Err(Malformed::new("is no URL: it needs the form https://houston.<base-domain>/v1"));
        };
        if has(rest, '@') {
            return Err(Malformed::new("has a user name or password in it: credentials go into `token`"));
        }
        let (authority, path) = match cut(rest, "/") {
            Some((authority, _)) => rest.split_at_checked(authority.len()).unwrap_or((rest, "/")),
            None => (rest, "/"),
        };
        if has(text, '?') || has(text, '#') {
            return Err(Malformed::new("has a query or fragment: leave it out"));
        }
        let address = Address::at(scheme, authority, check_authority(authority)?, path);
        let why = match scheme.to_ascii_lowercase().as_str() {
            "https" => "",
            "http" if address.is_loopback() => "",
            "http" => "would send the token unprotected: use https:// (http:// is for loopback)",
            _ => "has a scheme other than https://",
        };
        if !why.is_empty() {
            return Err(Malformed::new(why));
        }
        // Otherwise `https://houston.com/…` would make "com" a base domain.
        let domain = address.host().strip_prefix("houston.").filter(|domain| has(domain, '.'));
        Ok(Self { base_domain: domain.map(str::to_owned), address })
    }

    /// The URL that requests are posted to.
    #[must_use]
    pub fn url(&self) -> &str {
        self.address.as_str()
    }

    /// Houston's host name, without port, in lower case.
    #[must_use]
    pub fn host(&self) -> &str {
        self.address.host()
    }

    /// Whether the token may go to an Airflow at `address`: https (or this machine), under the path of `release`, and
    /// a host that is Houston's own or lies under the base domain.
    #[must_use]
    pub fn trusts(&self, address: &Address, release: &ReleaseName) -> bool {
        let under = |domain: &str| {
            let before = address.host().strip_suffix(domain);
            before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
        };
        // What leads up again leads out of the path, and is followed wherever it is written.
        let leads_up = has(address.path(), '%') || parts(address.path(), "/").contains(&"..");
        !leads_up
            && (address.is_secure() || address.is_loopback())
            && address.path().starts_with(&filled("/{}/", &[release.as_str()]))
            && (address.host() == self.host() || self.base_domain.as_deref().is_some_and(under))
    }

    /// Where the platform serves the Airflow of `release`, if its base domain is known:
    /// `https://deployments.<base-domain>/<release>/airflow`.
    #[must_use]
    pub fn airflow_url(&self, release: &ReleaseName) -> Option<String> {
        let domain = self.base_domain.as_deref()?;
        Some(filled("https://deployments.{}/{}/airflow", &[domain, release.as_str()]))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.url())
    }
}

fn check_plain(text: &str) -> Result<(), Malformed> {
    if text.is_empty() {
        return Err(Malformed::new("is empty"));
    }
    if text.len() > 1024 {
        return Err(Malformed::counting("has ", text.len(), " characters, 1024 at most"));
    }
    every(text, "address", |character| character.is_ascii_graphic() && !has("\"'`<>\\^{|}", character))
}

/// Checks `host[:port]`, where the host is a name, an IPv4 address, or an IPv6 address in brackets; the host of it,
/// without the brackets.
pub(crate) fn check_authority(authority: &str) -> Result<&str, Malformed> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let Some((address, rest)) = cut(rest, "]") else {
            return Err(Malformed::new("has an IPv6 address without a closing bracket"));
        };
        if !is_ipv6(address) {
            return Err(Malformed::around("has \"[", address, "]\" for a host, which is no IPv6 address"));
        }
        match rest.strip_prefix(':') {
            Some(port) => (address, Some(port)),
            None if rest.is_empty() => (address, None),
            None => return Err(Malformed::new("has something behind the IPv6 address that is no port")),
        }
    } else {
        let (host, port) = cut(authority, ":").map_or((authority, None), |(host, port)| (host, Some(port)));
        check_host(host)?;
        if ends_in_a_number(host) && ipv4(host).is_none() {
            return Err(Malformed::new("has a host that ends in a number and is no IPv4 address"));
        }
        (host, port)
    };
    match port {
        Some(port)
            if !port.bytes().all(|byte| byte.is_ascii_digit())
                || !(1..=65535).contains(&whole(port).unwrap_or(0)) =>
        {
            Err(Malformed::around("has \"", port, "\" for a port, which must be a number from 1 to 65535"))
        }
        _ => Ok(host),
    }
}

/// Labels of letters, digits and inner hyphens, 63 characters each, 253 together (RFC 1123).
fn check_host(host: &str) -> Result<(), Malformed> {
    if host.is_empty() {
        return Err(Malformed::new("has no host"));
    }
    every(host, "host", |character| character.is_ascii_alphanumeric() || has(".-", character))?;
    if host.len() > 253 {
        return Err(Malformed::counting("has a host of ", host.len(), " characters, 253 at most"));
    }
    for label in parts(host, ".") {
        if label.is_empty() || label.len() > 63 || label.starts_with('-') || label.ends_with('-') {
            return Err(Malformed::around(
                "has the label \"",
                label,
                "\" in its host, which no host name may have",
            ));
        }
    }
    Ok(())
}

/// Whether the last label is a number, which makes the whole an IPv4 address or nothing (WHATWG URL, section 3.5).
fn ends_in_a_number(host: &str) -> bool {
    let is_number = |last: &str| match last.strip_prefix("0x").or_else(|| last.strip_prefix("0X")) {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()),
    };
    is_number(cut_last(host, b'.').map_or(host, |(_, last)| last))
}

/// The IPv4 address of four numbers from 0 to 255. One with a leading zero would be octal to some, and is none.
pub(crate) fn ipv4(host: &str) -> Option<u32> {
    let parts = parts(host, ".");
    let mut address = 0;
    for part in &parts {
        let number: u32 = whole(part)?;
        if number > 255 || (part.len() > 1 && matches!(part.as_bytes(), [b'0' | b'+', ..])) {
            return None;
        }
        address = address << 8 | number;
    }
    (parts.len() == 4).then_some(address)
}

/// Eight groups of up to four hexadecimal digits, or fewer around one `::`; an IPv4 address may stand for the last
/// two (RFC 4291, section 2.2).
fn is_ipv6(address: &str) -> bool {
    let address = match cut_last(address, b':') {
        Some((groups, last)) if ipv4(last).is_some() => &filled("{}:0:0", &[groups]),
        _ => address,
    };
    let groups = |part: &str| {
        let sound = |group: &&str| {
            (1..=4).contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        let groups = if part.is_empty() { Vec::new() } else { parts(part, ":") };
        groups.iter().all(sound).then_some(groups.len())
    };
    match cut(address, "::") {
        Some((before, behind)) => groups(before).zip(groups(behind)).is_some_and(|(a, b)| a + b < 8),
        None => groups(address) == Some(8),
    }
}
