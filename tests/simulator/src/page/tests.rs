use super::{FILES, answer};
use http::Method;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn every_file_of_the_page_is_served() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/page/ui");
    let there: BTreeSet<_> = fs::read_dir(folder)
        .expect("the folder of the page")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name in UTF-8"))
        .collect();
    let served: BTreeSet<_> = FILES.iter().map(|file| file.name.to_owned()).collect();
    assert_eq!(there, served);
}

#[test]
fn every_file_that_the_page_names_is_there() {
    let names: BTreeSet<_> = FILES.iter().map(|file| file.name).collect();
    for file in FILES {
        for part in file.contents.split("\"./").skip(1).chain(file.contents.split("\"/ui/").skip(1)) {
            let name = part.split('"').next().unwrap_or_default();
            assert!(names.contains(name), "{} asks for {name}", file.name);
        }
    }
}

#[test]
fn no_text_of_a_bot_becomes_an_element_or_a_script() {
    for file in FILES {
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
            "srcdoc",
            "DOMParser",
            "createContextualFragment",
            "setHTMLUnsafe",
            "style=\"",
            "onclick=",
            "javascript:",
        ] {
            assert!(!file.contents.contains(word), "{} has {word}", file.name);
        }
    }
}

#[test]
fn the_page_names_no_other_host() {
    for file in FILES {
        for part in file.contents.split("://").skip(1) {
            let host: String = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '.').collect();
            // The name of SVG, and the documentation in comments.
            assert!(
                ["www.w3.org", "docs.slack.dev", ""].contains(&host.as_str()),
                "{} names {host}",
                file.name
            );
        }
    }
}

#[test]
fn files_of_the_page_are_short() {
    for file in FILES {
        assert!(file.contents.lines().count() < 400, "{} is long", file.name);
    }
}

#[test]
fn the_page_may_load_nothing_but_its_own_files() {
    for path in ["/", "/ui/main.js", "/archives/C0GENERAL1/p1700000000000100"] {
        let response = answer(&Method::GET, path).expect("a file of the page");
        let headers = response.headers();
        let policy = headers["content-security-policy"].to_str().expect("a text");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        for directive in [
            "connect-src 'self'",
            "img-src 'self' data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ] {
            assert!(policy.split("; ").any(|part| part == directive), "{policy} without {directive}");
        }
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
    }
}

#[test]
fn what_is_no_file_of_the_page_is_not_answered() {
    for path in ["/ui/", "/ui/../mod.rs", "/ui/nothing.js", "/other", "/index.html"] {
        assert!(answer(&Method::GET, path).is_none(), "{path}");
    }
    assert!(answer(&Method::POST, "/").is_none());
}
