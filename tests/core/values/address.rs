//! Addresses of servers: what is one, where it leads from, and which hosts are inside. What is compared here must be
//! what is fetched later, so that whatever a fetch would read otherwise is none.

use houston_deploy::address::Address;
use proptest::prelude::*;

use super::quiet;

#[track_caller]
fn address(text: &str) -> Address {
    Address::parse(text).unwrap_or_else(|| panic!("{text} is none"))
}

#[track_caller]
fn none(texts: &[&str]) {
    for text in texts {
        assert_eq!(Address::parse(text), None, "{text:?}");
    }
}

#[test]
fn an_address_has_its_parts() {
    let whole = address("HTTPS://Auth.Example.COM:8443/V2/token?Service=x/y");
    assert_eq!(whole.as_str(), "https://auth.example.com:8443/V2/token?Service=x/y");
    assert_eq!(whole.origin(), "https://auth.example.com:8443");
    assert_eq!(whole.authority(), "auth.example.com:8443");
    assert_eq!(whole.host(), "auth.example.com");
    assert_eq!(whole.path(), "/V2/token?Service=x/y");
    assert!(whole.is_secure());
    assert!(!address("http://a.example/").is_secure());
    assert_eq!(address("https://a.example").as_str(), "https://a.example/");
    assert_eq!(address("https://a.example?x=1").as_str(), "https://a.example/?x=1");
    let six = address("https://[2001:DB8::1]:5000/x");
    assert_eq!(
        (six.origin(), six.authority(), six.host()),
        ("https://[2001:db8::1]:5000", "[2001:db8::1]:5000", "2001:db8::1")
    );
}

#[test]
fn what_could_be_read_in_two_ways_is_none() {
    none(&[
        "",
        "https",
        "https:",
        "https:/a.example/",
        "https://",
        "https:///x",
        "//a.example/x",
        "a.example/x",
        "/x",
        "ftp://a.example/",
        "file:///etc/passwd",
        "javascript://a.example/",
        " https://a.example/",
        "https://a.example/ ",
        "https://a.example/\n",
        "https://a.example/\t",
        "https://a.example/\u{0}",
        "https://a.example/ä",
        "https://ä.example/",
        "https://a.example/#x",
        "https://a.example#x",
        "https://a.example\\x",
        "https://a.example/\\x",
        "https://a.example/'",
        "https://a.example/\"",
        "https://a.example/<",
        "https://a.example/`",
        "https://a.example/{",
        "https://a.example/|",
        "https://a.example/^",
        "https://a_b.example/",
        "https://-a.example/",
        "https://a..example/",
        "https://%61.example/",
    ]);
    none(&[&format!("https://a.example/{}", "x".repeat(4096))]);
}

#[test]
fn a_user_or_a_password_is_none() {
    none(&[
        "https://user@a.example/",
        "https://user:password@a.example/",
        "https://:password@a.example/",
        "https://@a.example/",
        "https://a.example@evil.example/",
        "https://a.example:443@evil.example/",
        "https://a.example%40evil.example/",
    ]);
    // Behind the first slash it is no user.
    assert_eq!(address("https://a.example/@b.example").host(), "a.example");
    assert_eq!(address("https://a.example?@b.example").host(), "a.example");
}

#[test]
fn a_port_is_a_number_that_there_is() {
    assert_eq!(address("https://a.example:65535/").authority(), "a.example:65535");
    none(&[
        "https://a.example:/",
        "https://a.example:0/",
        "https://a.example:65536/",
        "https://a.example:x/",
        "https://a.example:+1/",
        "https://a.example:1:2/",
        "https://:443/",
        "https://[::1]x/",
        "https://[::1]:/",
        "https://[::1/",
    ]);
}

#[test]
fn a_trailing_dot_is_none() {
    none(&[
        "https://a.example./",
        "https://localhost./",
        "https://127.0.0.1./",
        "https://10.0.0.1./",
        "https://./",
    ]);
}

#[test]
fn a_path_takes_no_steps_back() {
    none(&[
        "https://a.example/..",
        "https://a.example/a/../b",
        "https://a.example/./a",
        "https://a.example/a/.",
        "https://a.example/%2e%2e/a",
        "https://a.example/.%2E/a",
        "https://a.example/%2E/a",
        "https://a.example/a/..?x",
    ]);
    for path in ["/...", "/a..b", "/..a", "/.well-known/x", "/a?x=/../y", "/%2e%2e%2e"] {
        assert_eq!(address(&format!("https://a.example{path}")).path(), path);
    }
}

#[test]
fn a_location_is_an_address_or_a_path() {
    let from = address("https://a.example:8443/x/y?z");
    let to = |location: &str| from.join(location).map(|to| to.as_str().to_owned());
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(to("/b?c"), some("https://a.example:8443/b?c"));
    assert_eq!(to("/b#c"), some("https://a.example:8443/b"));
    assert_eq!(to("//B.example/b"), some("https://b.example/b"));
    assert_eq!(to("http://b.example/b#c"), some("http://b.example/b"));
    assert_eq!(to("https://a.example/b"), some("https://a.example/b"));
    for location in [
        "",
        "b",
        "./b",
        "../b",
        "?c",
        "#c",
        "b:c",
        "/../b",
        "/\\b.example/",
        "///b.example/",
        "//",
        "//user@b.example/",
    ] {
        assert_eq!(to(location), None, "{location:?}");
    }
    let http = address("http://127.0.0.1:5000/");
    assert_eq!(
        http.join("//127.0.0.1:5001/x").map(|to| to.as_str().to_owned()),
        some("http://127.0.0.1:5001/x")
    );
}

#[test]
fn hosts_inside_are_told() {
    for host in [
        "0.0.0.0",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "224.0.0.1",
        "239.255.255.255",
        "255.255.255.255",
        "localhost",
        "LOCALHOST",
        "a.localhost",
        "[::]",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[fe80::1]",
        "[FE80::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
        "[::ffff:10.0.0.1]",
        "[::ffff:a00:1]",
        "[::ffff:8.8.8.8]",
        "[64:ff9b::a00:1]",
        "[64:ff9b::10.0.0.1]",
        "[2002:a00:1::]",
        "[2::1]",
        "[02::1]",
    ] {
        assert!(address(&format!("https://{host}/")).is_private(), "{host}");
    }
    for host in [
        "1.1.1.1",
        "8.8.8.8",
        "11.0.0.1",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "169.253.0.1",
        "169.255.0.1",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.1",
        "192.167.0.1",
        "192.169.0.1",
        "198.17.0.1",
        "198.20.0.1",
        "223.255.255.255",
        "a.example",
        "localhost.example",
        "notlocalhost",
        "10.example",
        "10.0.0.1.example",
        "[2001:4860:4860::8888]",
        "[2606:4700::1]",
        "[3fff::1]",
    ] {
        assert!(!address(&format!("https://{host}/")).is_private(), "{host}");
    }
}

#[test]
fn this_machine_is_told() {
    for host in ["localhost", "LocalHost:5000", "127.0.0.1:5000", "127.255.0.9", "[::1]:5000"] {
        assert!(address(&format!("http://{host}/")).is_loopback(), "{host}");
    }
    for host in [
        "localhost.example",
        "a.localhost",
        "0.0.0.0",
        "[::]",
        "[::ffff:127.0.0.1]",
        "10.0.0.1",
        "128.0.0.1",
        "127.example",
    ] {
        assert!(!address(&format!("http://{host}/")).is_loopback(), "{host}");
    }
}

#[test]
fn another_spelling_of_a_number_is_no_host() {
    none(&[
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0X7F.0.0.1/",
        "https://0x7f.1/",
        "https://127.0.0.0x1/",
        "https://017700000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.1/",
        "https://10.1/",
        "https://0/",
        "https://00.0.0.0/",
        "https://127.0.0.01/",
        "https://256.0.0.1/",
        "https://1.2.3.4.5/",
        "https://0x/",
        "https://a.0x/",
        "https://a.1/",
        "https://１２７.0.0.1/",
        "https://127。0。0。1/",
    ]);
}

#[test]
fn an_ipv6_address_is_whole() {
    none(&[
        "https://::1/",
        "https://[]/",
        "https://[:]/",
        "https://[:::]/",
        "https://[::1::]/",
        "https://[1:2:3]/",
        "https://[1:2:3:4:5:6:7:8:9]/",
        "https://[12345::]/",
        "https://[g::]/",
        "https://[::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        "https://[::ffff:10.0.0.256]/",
        "https://[::ffff:010.0.0.1]/",
        "https://[1.2.3.4]/",
        "https://[::1]@a.example/",
    ]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..quiet() })]

    #[test]
    fn what_is_an_address_stays_the_same(text in "(https?|HTTPS)://(\\PC|[a-z0-9.:/?@%\\[\\]-]){0,40}") {
        if let Some(address) = Address::parse(&text) {
            prop_assert_eq!(Address::parse(address.as_str()), Some(address.clone()));
            prop_assert_eq!([address.origin(), address.path()].concat(), address.as_str());
            prop_assert!(!address.authority().contains(['@', '/', '?', '#', '\\']));
        }
    }

    #[test]
    fn no_location_is_too_odd_to_be_looked_at(location in "(\\PC|[a-z./:@#?\\\\\t]){0,40}") {
        let from = Address::parse("https://a.example/x").expect("an address");
        if let Some(to) = from.join(&location) {
            prop_assert!(to.as_str().starts_with("http"));
        }
    }
}
