//! The simulator ends and begins again under a page that stays open.

use crate::page::{Page, patient};
use socketmode_simulator::{CHANNEL, Options, PERSON, Simulator};

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
    let slack = Simulator::start(Options { port, ..patient() }).unwrap();
    page.until("document.documentElement.dataset.connected === 'true'");
    // It is another workspace now.
    page.until("!document.querySelector('#messages .message')");
    slack.say(PERSON, CHANNEL, "after");
    page.until_text("#messages .message", "after");
    page.check();
}
