//! The page without a mouse, and on a phone.

use crate::bot::Bot;
use crate::page::{Page, patient};
use crate::pictures::keep;
use serde_json::json;
use socketmode_simulator::Simulator;

#[test]
fn a_completed_name_is_sent_as_a_reference() {
    let slack = Simulator::start(patient()).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("a_completed_name_is_sent_as_a_reference", &slack) else { return };
    page.focus("#composer textarea");
    page.text("ask @");
    page.until("document.querySelectorAll('#composer [role=option]').length > 1");
    page.text("robin");
    page.until_text("#composer [role=option].active", "robin");
    page.key("Tab");
    page.text("in #gen");
    page.until_text("#composer [role=option].active", "general");
    page.key("Enter");
    page.text("a < b & https://example.com/?a=1&b=2.");
    page.key("Shift+Enter");
    page.text("second line :tad");
    page.until_text("#composer [role=option].active", ":tada:");
    page.key("Tab");
    page.key("Enter");
    page.until_text("#messages .message .mention", "@");
    page.until_text("#messages .message button.mention", "#general");
    page.click_with(".envelope summary", "message");
    page.click_with(".envelope .json summary", "payload");
    let sent = "ask <@U0PERSON01> in <#C0GENERAL1> a &lt; b &amp; <https://example.com/?a=1&amp;b=2>.\\nsecond line :tada:";
    page.until_text(".envelope .json-text", sent);
    page.check();
}

#[test]
fn the_focus_goes_through_all_panes() {
    let slack = Simulator::start(patient()).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("the_focus_goes_through_all_panes", &slack) else { return };
    page.until_text(".link-card[data-state=open]", "Link 1");
    page.until("Boolean(document.querySelector('.channel'))");
    let mut panes = Vec::new();
    for _ in 0..60 {
        page.key("Tab");
        let pane = page.js(
            "document.activeElement.closest('.top, .links-bar, .side, .chat, .wire')?.classList[0] ?? ''",
        );
        let pane = pane.as_str().unwrap().to_owned();
        let is_visible = page.js(
            "document.activeElement === document.body || getComputedStyle(document.activeElement).outlineStyle !== 'none' || \
             Boolean(document.activeElement.closest('.composer'))",
        );
        assert_eq!(is_visible, json!(true), "the focus does not show in {pane}");
        if panes.last() != Some(&pane) {
            panes.push(pane);
        }
    }
    let order: Vec<_> = panes.iter().filter(|pane| !pane.is_empty()).take(5).map(String::as_str).collect();
    assert_eq!(order, ["top", "links-bar", "side", "chat", "wire"]);
    page.check();
}

#[test]
fn a_toolbar_is_one_stop_and_arrows_move_in_it() {
    let slack = Simulator::start(patient()).unwrap();
    let Some(mut page) = Page::open("a_toolbar_is_one_stop_and_arrows_move_in_it", &slack) else { return };
    page.write("hello");
    page.until_text("#messages .message", "hello");
    assert_eq!(
        page.js("document.querySelectorAll('#messages .tool:not([tabindex=\"-1\"])').length"),
        json!(1)
    );
    page.focus("#messages .tool");
    page.key("ArrowRight");
    page.until("document.activeElement.getAttribute('aria-label') === 'Reply in the thread'");
    page.key("Enter");
    page.until_text("#thread-messages .message", "hello");
    page.check();
}

#[test]
fn everything_that_is_pressed_has_a_name() {
    let slack = Simulator::start(patient()).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("everything_that_is_pressed_has_a_name", &slack) else { return };
    page.write("status");
    page.until_text("#messages .block-header", "Build 4812");
    let nameless = page.js(
        "[...document.querySelectorAll('button, input, select, textarea, [role=dialog], [role=tab]')].filter((one) => \
         !(one.getAttribute('aria-label') || one.getAttribute('aria-labelledby') || one.textContent.trim() || \
         one.closest('label')?.textContent.trim())).map((one) => one.outerHTML)",
    );
    assert_eq!(nameless, json!([]));
    page.check();
}

#[test]
fn a_phone_shows_one_pane_at_a_time() {
    let slack = Simulator::start(patient()).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("a_phone_shows_one_pane_at_a_time", &slack) else { return };
    page.size(390, 844);
    page.write("status");
    page.until_text("#messages .block-header", "Build 4812");
    page.until("document.documentElement.scrollWidth <= 390");
    keep(&mut page, "phone");
    for (tab, pane) in [("wire", ".wire"), ("links", ".links-bar"), ("side", ".side"), ("chat", ".middle")] {
        page.click(&format!("#pane-tabs [data-pane={tab}]"));
        let shown = page.js(
            "['.wire', '.links-bar', '.side', '.middle'].filter((pane) => document.querySelector(pane).getClientRects().length)",
        );
        assert_eq!(shown, json!([pane]));
        page.until("document.documentElement.scrollWidth <= 390");
    }
    page.check();
}
