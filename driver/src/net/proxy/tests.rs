//! Which setting or variable leads where.

use super::*;

fn at(url: &str) -> Uri {
    url.parse().unwrap()
}

#[test]
fn a_given_proxy_leads_everywhere_and_shows_no_password() {
    let network = Network::default().proxy("http://aladdin:open%20sesame@proxy.test:3128");
    let proxies = Proxies::new(&network).unwrap();
    for destination in ["https://slack.com/api/", "http://127.0.0.1:8/api/"] {
        let proxy = proxies.proxy_for(&at(destination)).unwrap().unwrap();
        assert_eq!(proxy.uri(), &at("http://proxy.test:3128/"));
        assert_eq!(proxy.authorization().unwrap(), "Basic YWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        let target = at(destination);
        let request = proxy.connect_request(&Target::of(&target).unwrap()).unwrap();
        assert_eq!(request.headers()[PROXY_AUTHORIZATION], proxy.authorization().unwrap());
        assert!(!format!("{request:?}").contains("YWxh"), "{request:?}");
        for shown in [format!("{proxy:?} {proxies:?} {network:?}"), proxy.refused("x", None).to_string()] {
            assert!(!shown.contains("sesame") && !shown.contains("YWxh"), "{shown}");
        }
    }
    assert!(
        Proxies::new(&Network::default().no_proxy()).unwrap().proxy_for(&at("https://a")).unwrap().is_none()
    );
}

#[test]
fn a_proxy_that_cannot_be_used_is_refused_without_being_shown() {
    for url in [
        "",
        "socks5://u:secret@proxy.test:1080",
        "ftp://u:secret@proxy.test",
        "http://",
        "not a url",
        "http://u:sec/ret@proxy.test:3128",
        "http://u:sec?ret@proxy.test",
        "http://u:sec#ret@proxy.test",
        "http://u:sec@ret@proxy.test",
        "http://u:12/34@proxy.test",
        "http://u:se cret@proxy.test",
        "http://proxy.test:99999",
        "http://proxy.test:",
        "http://:3128",
    ] {
        let error = Proxies::new(&Network::default().proxy(url)).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Setup, "{url}");
        for hidden in ["secret", "sec", "ret", "12"] {
            assert!(!error.to_string().replace("3128", "").contains(hidden), "{error}");
        }
    }
    for url in ["http://proxy.test:3128/", "HTTPS://proxy.test", "proxy.test:3128", "http://[::1]:3128"] {
        assert!(Proxies::new(&Network::default().proxy(url)).is_ok(), "{url}");
    }
}

fn chosen(network: &Network, variables: &[(&str, &str)]) -> Proxies {
    let value = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    Proxies::by(network, |name| value(name).map(OsString::from)).unwrap()
}

fn environment(variables: &[(&str, &str)]) -> Proxies {
    chosen(&Network::default(), variables)
}

fn way(proxies: &Proxies, destination: &str) -> Option<String> {
    proxies.proxy_for(&at(destination)).unwrap().map(|proxy| proxy.to_string())
}

#[test]
fn a_setting_wins_over_each_variable() {
    let given = Network::default().proxy("http://given.test:1");
    let direct = Network::default().no_proxy();
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"] {
        let variables = [(variable, "http://variable.test:2")];
        for destination in ["https://slack.test/", "http://slack.test/"] {
            assert_eq!(way(&chosen(&given, &variables), destination).unwrap(), "http://given.test:1");
            assert_eq!(way(&chosen(&direct, &variables), destination), None);
        }
    }
    for variable in ["NO_PROXY", "no_proxy"] {
        for list in ["*", "slack.test", "127.0.0.1"] {
            for destination in ["https://slack.test/", "http://127.0.0.1:8/"] {
                let by = way(&chosen(&given, &[(variable, list)]), destination);
                assert_eq!(by.unwrap(), "http://given.test:1", "{variable} {list} {destination}");
            }
        }
    }
}

#[test]
fn an_exception_wins_over_each_proxy_of_the_environment() {
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        for exceptions in ["NO_PROXY", "no_proxy"] {
            let proxies = environment(&[(variable, "http://proxy.test:1"), (exceptions, "slack.test")]);
            assert_eq!(way(&proxies, "https://slack.test/"), None);
            assert_eq!(way(&proxies, "https://other.test/").unwrap(), "http://proxy.test:1");
        }
    }
    let both = [("HTTPS_PROXY", "http://its-own.test:1"), ("ALL_PROXY", "http://all.test:1")];
    assert_eq!(way(&environment(&both), "https://slack.test/").unwrap(), "http://its-own.test:1");
    assert_eq!(way(&environment(&both), "http://slack.test/").unwrap(), "http://all.test:1");
}

#[test]
fn a_lower_case_variable_comes_first_and_an_empty_one_is_none() {
    let (lower, upper) = ("http://lower.test:1", "http://upper.test:1");
    for (name, destination) in [
        ("http_proxy", "http://slack.test/"),
        ("https_proxy", "https://slack.test/"),
        ("all_proxy", "http://slack.test/"),
        ("all_proxy", "https://slack.test/"),
    ] {
        let capital = name.to_uppercase();
        let by = |value| way(&environment(&[(&capital, upper), (name, value)]), destination);
        assert_eq!((by(lower).as_deref(), by("").as_deref()), (Some(lower), Some(upper)), "{name}");
        assert_eq!(way(&environment(&[(name, ""), (&capital, "")]), destination), None, "{name}");
    }
    let excepted = |list| {
        let proxies = environment(&[("all_proxy", lower), ("NO_PROXY", "slack.test"), ("no_proxy", list)]);
        way(&proxies, "https://slack.test/").is_none()
    };
    assert_eq!((excepted("other.test"), excepted("")), (false, true));
    // Only of HTTP_PROXY may a stranger have a say.
    let cgi = environment(&[("http_proxy", lower), ("HTTP_PROXY", upper), ("REQUEST_METHOD", "GET")]);
    assert_eq!(way(&cgi, "http://slack.test/").as_deref(), Some(lower));
}

#[test]
fn a_refusal_says_what_the_proxy_wants() {
    let network = Network::default().proxy("http://aladdin:sesame@proxy.test:3128");
    let proxy = Proxies::new(&network).unwrap().proxy_for(&at("https://slack.test/")).unwrap().unwrap();
    for (status, says) in [
        (Some(407), "wants a user and a password (407)"),
        (Some(403), "HTTP status 403; is slack.test allowed there?"),
        (None, "is slack.test allowed there?"),
    ] {
        let error = proxy.refused("slack.test", status);
        assert_eq!(error.kind(), TransportErrorKind::Proxy);
        let text = error.to_string();
        assert!(text.contains("http://proxy.test:3128") && text.contains(says), "{text}");
        assert!(!text.contains("sesame") && !text.contains("aladdin"), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf8_is_an_error_that_names_it() {
    use std::os::unix::ffi::OsStringExt;
    let unreadable = || OsString::from_vec(b"http://u:sec\xffret@proxy.test:3128".to_vec());
    for bad in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"] {
        let proxies = Proxies::of_environment(|name| match name {
            _ if name == bad => Some(unreadable()),
            "HTTPS_PROXY" if bad.eq_ignore_ascii_case("NO_PROXY") => Some("http://proxy.test".into()),
            _ => None,
        });
        let error = proxies.proxy_for(&at("https://slack.test/")).unwrap_err().to_string();
        assert!(error.contains(bad) && error.contains("UTF-8") && !error.contains("sec"), "{error}");
        assert_eq!(way(&proxies, "https://127.0.0.1/"), None);
    }
    // Exceptions from nothing.
    let proxies = Proxies::of_environment(|name| (name == "NO_PROXY").then(unreadable));
    assert_eq!(way(&proxies, "https://slack.test/"), None);
}

#[test]
fn the_environment_chooses_by_scheme_and_excepts_by_host() {
    let proxies = environment(&[
        ("HTTPS_PROXY", "http://secure.test:1"),
        ("ALL_PROXY", "http://all.test:2"),
        ("NO_PROXY", "direct.test, .below.test,10.0.0.0/8"),
        ("https_proxy", ""),
    ]);
    for (destination, by) in [
        ("https://slack.com/", Some("http://secure.test:1")),
        ("http://bench.test/", Some("http://all.test:2")),
        ("https://direct.test/", None),
        ("https://a.below.test/", None),
        ("https://10.1.2.3/", None),
        ("http://localhost:80/", None),
        ("https://127.0.0.2/", None),
        ("https://[::1]:8443/", None),
        ("https://localhost.example.com/", Some("http://secure.test:1")),
    ] {
        let proxy = proxies.proxy_for(&at(destination)).unwrap();
        assert_eq!(proxy.map(|proxy| proxy.to_string()).as_deref(), by, "{destination}");
    }
    let both = environment(&[("https_proxy", "http://lower.test:1"), ("HTTPS_PROXY", "http://upper.test:1")]);
    assert!(both.proxy_for(&at("https://a/")).unwrap().unwrap().to_string().contains("lower"));
    let cgi = environment(&[("HTTP_PROXY", "http://attacker.test:1"), ("REQUEST_METHOD", "GET")]);
    assert!(cgi.proxy_for(&at("http://a/")).unwrap().is_none());
}

#[test]
fn an_unusable_proxy_of_the_environment_is_an_error_of_its_uses() {
    for url in ["socks5://u:secret@proxy.test", "http://u:sec/ret@proxy.test", "ftp://proxy.test"] {
        let proxies = environment(&[("HTTPS_PROXY", url)]);
        let error = proxies.proxy_for(&at("https://a/")).unwrap_err().to_string();
        assert!(
            error.contains("HTTPS_PROXY") && !error.contains("sec") && !error.contains("proxy.test:"),
            "{error}"
        );
        assert!(!format!("{proxies:?}").contains("sec"));
        assert!(proxies.proxy_for(&at("https://127.0.0.1/")).unwrap().is_none());
    }
}

#[test]
fn tls_is_spoken_with_a_proxy_whose_scheme_says_so() {
    for (url, encrypted) in [("http://proxy.test:3128", false), ("https://proxy.test:3128", true)] {
        let proxies = Proxies::new(&Network::default().proxy(url)).unwrap();
        let proxy = proxies.proxy_for(&at("https://slack.com/api/")).unwrap().unwrap();
        assert_eq!(proxy.is_encrypted(), encrypted, "{url}");
    }
}
