//! The hosts that are reached without a proxy of the environment: `NO_PROXY`.

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;

use super::target::Target;

/// A name that never exists (RFC 2606).
const NOWHERE: &str = "http://nowhere.invalid";

/// Hosts, domains and networks, each with an optional port. There is no standard. The syntax is the union of curl, Go, Python
/// and Java: commas or spaces between entries, `host:port`, `[v6]`, `[v6]:port`; `*.domain` and `.domain` mean `domain`, and a
/// dot at the end has no meaning.
#[derive(Debug)]
pub(super) struct Exceptions {
    at_any_port: Matcher,
    at_one_port: Vec<(Matcher, u16)>,
}

impl Exceptions {
    pub(super) fn none() -> Self {
        Self::parse("")
    }

    pub(super) fn parse(list: &str) -> Self {
        let entries = list.split([',', ' ', '\t', '\r', '\n']).filter(|entry| !entry.is_empty()).map(entry);
        let (with_port, without): (Vec<_>, Vec<_>) = entries.partition(|(_, port)| port.is_some());
        let hosts: Vec<_> = without.into_iter().map(|(host, _)| host).collect();
        let at_one_port = with_port.into_iter().filter_map(|(host, port)| Some((matcher(&host), port?)));
        Self { at_any_port: matcher(&hosts.join(",")), at_one_port: at_one_port.collect() }
    }

    pub(super) fn contain(&self, target: &Target<'_>) -> bool {
        let host = target.host.strip_suffix('.').unwrap_or(target.host).to_ascii_lowercase();
        let authority = if host.contains(':') { format!("[{host}]") } else { host };
        let Ok(uri) = format!("http://{authority}/").parse::<Uri>() else { return false };
        let is_excepted = |matcher: &Matcher| matcher.intercept(&uri).is_none();
        is_excepted(&self.at_any_port)
            || self.at_one_port.iter().any(|(matcher, port)| *port == target.port && is_excepted(matcher))
    }
}

/// Intercepts all but these.
fn matcher(hosts: &str) -> Matcher {
    Matcher::builder().all(NOWHERE).no(hosts).build()
}

/// An entry as [`Matcher`] knows it, and its port.
fn entry(text: &str) -> (String, Option<u16>) {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => (address, rest.strip_prefix(':')),
        // With more colons it is an address, or a network.
        None if text.matches(':').count() == 1 => {
            text.split_once(':').map_or((text, None), |(h, p)| (h, Some(p)))
        }
        None => (text, None),
    };
    match port.map(str::parse) {
        // Without a valid port it matches no host.
        Some(Err(_)) => (text.to_owned(), None),
        Some(Ok(port)) => (name(host), Some(port)),
        None => (name(host), None),
    }
}

fn name(host: &str) -> String {
    let host = host.strip_suffix('.').unwrap_or(host);
    host.strip_prefix("*.").unwrap_or(host).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excepts(list: &str, destination: &str) -> bool {
        let uri: Uri = destination.parse().unwrap();
        Exceptions::parse(list).contain(&Target::of(&uri).unwrap())
    }

    #[test]
    fn every_known_form_of_an_entry_is_read() {
        for (list, destination, excepted) in [
            ("", "https://slack.test/", false),
            ("*", "https://slack.test/", true),
            ("slack.test", "https://slack.test/", true),
            ("slack.test", "https://a.slack.test/", true),
            ("slack.test", "https://notslack.test/", false),
            (".slack.test", "https://a.slack.test/", true),
            ("*.slack.test", "https://a.slack.test/", true),
            ("*.slack.test", "https://notslack.test/", false),
            ("SLACK.test", "https://slack.TEST/", true),
            ("slack.test.", "https://slack.test/", true),
            ("slack.test", "https://slack.test./", true),
            ("slack.test:443", "https://slack.test/", true),
            ("slack.test:443", "https://slack.test:8443/", false),
            ("slack.test:80", "http://slack.test/", true),
            ("slack.test:80", "https://slack.test/", false),
            ("*.slack.test:8443", "https://a.slack.test:8443/", true),
            ("*:8443", "https://slack.test:8443/", true),
            ("*:8443", "https://slack.test/", false),
            ("slack.test:70000", "https://slack.test/", false),
            ("slack.test:", "https://slack.test/", false),
            ("10.0.0.0/8", "https://10.1.2.3/", true),
            ("10.0.0.1:443", "https://10.0.0.1/", true),
            ("10.0.0.1:443", "http://10.0.0.1/", false),
            ("2001:db8::1", "https://[2001:db8::1]/", true),
            ("[2001:db8::1]", "https://[2001:db8::1]:8443/", true),
            ("[2001:db8::1]:8443", "https://[2001:db8::1]:8443/", true),
            ("[2001:db8::1]:8443", "https://[2001:db8::1]/", false),
            ("2001:db8::/32", "https://[2001:db8::1]/", true),
            ("2001:db8::/32", "https://[2001:db9::1]/", false),
        ] {
            assert_eq!(excepts(list, destination), excepted, "{list:?} {destination}");
        }
    }

    #[test]
    fn entries_are_separated_by_commas_or_spaces() {
        for list in
            ["a.test,slack.test", "a.test slack.test", " a.test ,\tslack.test , ", ",,slack.test:443,"]
        {
            assert!(excepts(list, "https://slack.test/"), "{list:?}");
            assert!(!excepts(list, "https://b.test/"), "{list:?}");
        }
    }
}
