//! The simulator ends and begins again under a page that stays open.

use crate::chromium::LONG;
use crate::page::{Page, patient};
use socketmode_simulator::{CHANNEL, Options, PERSON, Simulator};
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn the_page_comes_back_after_a_restart() {
    let slack = Simulator::start(patient()).unwrap();
    let Some(mut page) = Page::open("the_page_comes_back_after_a_restart", &slack) else { return };
    slack.say(PERSON, CHANNEL, "before");
    page.until_text("#messages .message", "before");
    let port = slack.address().port();
    page.may_fail = true;
    slack.stop();
    page.until("document.documentElement.dataset.connected === 'false'");
    let slack = again(port);
    page.until("document.documentElement.dataset.connected === 'true'");
    // It is another workspace now.
    page.until("!document.querySelector('#messages .message')");
    slack.say(PERSON, CHANNEL, "after");
    page.until_text("#messages .message", "after");
    page.check();
}

/// Starts one on this port; some other program may have taken it for a moment.
fn again(port: u16) -> Simulator {
    let start = Instant::now();
    loop {
        match Simulator::start(Options { port, ..patient() }) {
            Ok(slack) => return slack,
            Err(error) => assert!(start.elapsed() < LONG, "{error}"),
        }
        thread::sleep(Duration::from_millis(50));
    }
}
