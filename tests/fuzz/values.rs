//! The values that parse or do not exist: what was read is shown as it was written, and what was not is told in one
//! line.

use std::time::Duration;

use houston_deploy::address::Address;
use houston_deploy::endpoint::Endpoint;
use houston_deploy::foreign::{is_plain_id, is_plain_url, visible};
use houston_deploy::image::{Digest, ImageReference};
use houston_deploy::inputs::{Environment, Shard};
use houston_deploy::registry::Platform;
use houston_deploy::release::ReleaseName;
use houston_deploy::retry::retry_after;
use houston_deploy::setup::names::{Namespace, Repository, SecretName, check_email, check_username};
use houston_deploy::token::Token;
use houston_deploy::version::{PlatformVersion, Version};
use houston_deploy::{airflow, date, duration};

use crate::shape::{Shape, is_one_line};
use crate::world::WALL;

pub fn references(input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let mut shape = Shape::default();
    let image = text.parse::<ImageReference>();
    if let Ok(image) = &image {
        assert_eq!(image.to_string(), text);
        assert!(text.starts_with(image.registry()) || image.registry() == "docker.io");
        shape.saw(image.tag().is_some()).saw(image.digest().is_some());
    }
    shape.parsed(&image).parsed(&text.parse::<Digest>()).parsed(&text.parse::<ReleaseName>());
    shape.parsed(&text.parse::<Repository>()).parsed(&text.parse::<Namespace>());
    shape.parsed(&text.parse::<SecretName>()).parsed(&check_username(&text)).parsed(&check_email(&text));
    is_one_line(&visible(&text));
    shape.saw(is_plain_id(&text)).saw(is_plain_url(&text));
    shape.words()
}

pub fn versions(input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let mut shape = Shape::default();
    let version = text.parse::<Version>();
    if let Ok(version) = &version {
        assert!(version.is_same(&text));
    }
    let platform = text.parse::<PlatformVersion>();
    if let Ok(platform) = &platform {
        assert_eq!(platform.as_str(), text);
        shape.saw(platform.is_pre_release());
    }
    shape.parsed(&version).parsed(&platform).parsed(&text.parse::<Platform>());
    shape.saw(airflow::plain_version(&text).len() < text.len());
    shape.words()
}

pub fn addresses(input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let mut shape = Shape::default();
    let (base, location) = text.split_once('\n').unwrap_or((&text, ""));
    let address = Address::parse(base);
    let joined = address.as_ref().and_then(|address| address.join(location));
    for address in address.iter().chain(&joined) {
        assert_eq!(Address::parse(address.as_str()).as_ref(), Some(address), "it is read as it is shown");
        assert_eq!([address.origin(), address.path()].concat(), address.as_str());
        shape.saw(address.is_secure()).saw(address.is_loopback()).saw(address.is_private());
    }
    shape.saw(joined.is_some());
    let release = "dev".parse().expect("a release");
    for endpoint in [Endpoint::at_url(base), Endpoint::at_base_domain(base)] {
        shape.parsed(&endpoint);
        if let Ok(endpoint) = endpoint {
            let trusted = address.iter().chain(&joined).any(|address| endpoint.trusts(address, &release));
            shape.saw(endpoint.airflow_url(&release).is_some()).saw(trusted);
        }
    }
    shape.parsed(&Token::parse(&text));
    shape.words()
}

pub fn dates(input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let mut shape = Shape::default();
    let http = date::parse_http(&text);
    if let Some(moment) = http {
        shape.saw(date::shown(moment).len());
    }
    let moment = date::parse_moment(&text);
    if let Some(moment) = moment {
        shape.saw(date::shown(Duration::from_micros(moment)).len());
    }
    let wait = retry_after(&text, WALL);
    assert!(wait.is_none_or(|wait| wait <= Duration::from_hours(8760)));
    shape.saw(http.is_some()).saw(moment.is_some()).saw(wait.is_some());
    let duration = duration::parse(&text);
    if let Ok(duration) = &duration {
        is_one_line(&duration::shown(*duration));
    }
    shape.parsed(&duration).parsed(&Shard::parse(&text, &Environment::default()));
    shape.words()
}
