//! What breaks on the wire, by the buttons of the page.

use crate::bot::Bot;
use crate::page::{Page, patient};
use socketmode_simulator::{Options, Simulator};
use std::time::Duration;

#[test]
fn a_rotated_and_a_cut_link_are_followed_by_new_ones() {
    let slack =
        Simulator::start(Options { rotation_grace: Duration::from_millis(300), ..patient() }).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("a_rotated_and_a_cut_link_are_followed_by_new_ones", &slack) else {
        return;
    };
    page.click_with(".link-card[data-link='1'] button", "Rotate");
    page.until_text(".link-card[data-state=open]", "Link 2");
    page.until(
        "!document.querySelector('.link-card[data-link=\"1\"]:is([data-state=open], [data-state=warned])')",
    );
    page.click_with(".link-card[data-link='2'] button", "Cut");
    page.until_text(".link-card[data-state=open]", "Link 3");
    page.write("still there?");
    page.until_text("#messages .message", "You said: still there?");
    page.click_with(".link-card[data-link='3'] button", "Garbage");
    page.click("#tab-entries");
    page.until_text(".entry[data-kind=sent]", "UNAUTHENTICATED");
    page.check();
}

#[test]
fn what_a_half_open_link_swallows_turns_red() {
    // Only what is never acknowledged has this deadline.
    let slack = Simulator::start(Options {
        ack_deadline: Duration::from_secs(1),
        redelivery: Vec::new(),
        ..patient()
    })
    .unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("what_a_half_open_link_swallows_turns_red", &slack) else { return };
    page.click_with(".link-card[data-link='1'] button", "Half-open");
    page.until_text(".link-card[data-link='1'][data-state=half-open]", "Thaw");
    page.write("/deploy into the void");
    page.until_text(".envelope:is([data-state=overdue], [data-state=lost])", "/deploy into the void");
    page.until_text("#messages .failure", "/deploy failed");
    page.click_with(".link-card[data-link='1'] button", "Thaw");
    // The same one, or what the bot has opened in its place meanwhile.
    page.until_text(".link-card[data-state=open]", "Half-open");
    page.until("!document.querySelector('.link-card[data-state=half-open]')");
    page.check();
}

#[test]
fn a_late_acknowledgement_and_a_retry_are_shown() {
    let options =
        Options { ack_deadline: Duration::from_millis(600), redelivery: vec![Duration::ZERO], ..patient() };
    let slack = Simulator::start(options).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("a_late_acknowledgement_and_a_retry_are_shown", &slack) else { return };
    page.write("ignore me");
    page.until_text(".envelope:is([data-state=overdue], [data-state=lost], [data-state=late])", "ignore me");
    page.until_text(".envelope .envelope-meta", "retry 1");
    page.check();
}

#[test]
fn ghosts_and_refused_opens_are_switches() {
    let slack = Simulator::start(patient()).unwrap();
    let bot = Bot::start(&slack);
    let Some(mut page) = Page::open("ghosts_and_refused_opens_are_switches", &slack) else { return };
    page.js("(() => { const ghosts = document.querySelector('#ghosts'); ghosts.value = 3; ghosts.dispatchEvent(new Event('change')); })()");
    page.until_text("#connections", "4 counted");
    assert_eq!(slack.ghosts(), 3);
    drop(bot);
    for (control, error) in [("#switch-429", "ratelimited"), ("#switch-auth", "invalid_auth")] {
        page.click(control);
        page.until(&format!("document.querySelector('{control}').checked"));
        assert_eq!(open(&slack).1, error);
        page.click(control);
        page.until(&format!("!document.querySelector('{control}').checked"));
        page.until("fetch('/_control/state').then((answer) => answer.json()).then((state) => state.faults.opens === null)");
    }
    assert_eq!(open(&slack), (200, String::new()));
    page.check();
}

/// Asks for a link: the status and the error.
fn open(slack: &Simulator) -> (u16, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let url = format!("{}apps.connections.open", slack.api_url());
    let token = format!("Bearer {}", slack.app_token());
    let mut answer = agent.post(&url).header("authorization", &token).send_empty().unwrap();
    let body: serde_json::Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
    (answer.status().as_u16(), body["error"].as_str().unwrap_or_default().to_owned())
}
