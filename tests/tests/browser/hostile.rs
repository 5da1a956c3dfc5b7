//! What is sent to harm the page is shown as the text that it is.

use crate::blocks::post;
use crate::bot::Bot;
use crate::page::{Page, patient};
use serde_json::json;
use socketmode_simulator::{CHANNEL, Envelope, Options, PERSON, Simulator};

#[test]
fn markup_in_a_message_is_text() {
    let slack = Simulator::start(patient()).unwrap();
    let Some(mut page) = Page::open("markup_in_a_message_is_text", &slack) else { return };
    for text in [
        "<img src=x onerror=\"globalThis.harmed = 1\">",
        "&lt;script&gt;globalThis.harmed = 1&lt;/script&gt;",
        "<javascript:globalThis.harmed=1|click me>",
        "<data:text/html,hello|and me>",
        "<https://example.com/\" onmouseover=\"globalThis.harmed=1|quotes>",
        "before <iframe srcdoc=\"x\"> after",
    ] {
        slack.say(PERSON, CHANNEL, text);
    }
    page.until_text("#messages .message", "<img src=x onerror=\"globalThis.harmed = 1\">");
    page.until_text("#messages .message", "<script>globalThis.harmed = 1</script>");
    page.until_text("#messages .message", "before <iframe srcdoc=\"x\"> after");
    page.until_text("#messages .link-refused", "click me");
    page.until_text("#messages .link-refused", "and me");
    assert_eq!(page.js("globalThis.harmed ?? null"), json!(null));
    let elements = "document.querySelectorAll('#messages :is(img, script, iframe, [onerror], [onmouseover], [style])').length";
    assert_eq!(page.js(elements), json!(0));
    let links = "[...document.querySelectorAll('#messages a')].every((a) => a.protocol === 'https:' && a.rel === 'noopener noreferrer')";
    assert_eq!(page.js(links), json!(true));
    page.check();
}

#[test]
fn hidden_characters_are_shown_by_their_numbers() {
    let slack = Simulator::start(patient()).unwrap();
    let Some(mut page) = Page::open("hidden_characters_are_shown_by_their_numbers", &slack) else { return };
    slack.say(PERSON, CHANNEL, "invoice\u{202e}fdp.exe and a\u{200b}b");
    page.until_text("#messages .message", "invoiceU+202Efdp.exe and aU+200Bb");
    assert_eq!(page.js("document.querySelector('#messages').textContent.includes('\\u202e')"), json!(false));
    page.check();
}

#[test]
fn a_huge_text_is_cut_until_it_is_asked_for() {
    let slack = Simulator::start(patient()).unwrap();
    let Some(mut page) = Page::open("a_huge_text_is_cut_until_it_is_asked_for", &slack) else { return };
    // Each sign could open a style: no text may take long.
    slack.say(PERSON, CHANNEL, &format!("{}{}", "*_~`".repeat(5_000), "the end"));
    page.until("Boolean(document.querySelector('#messages .message button.link'))");
    assert_eq!(page.js("document.querySelector('#messages').textContent.includes('the end')"), json!(false));
    page.click_with("#messages .message button.link", "Show all");
    page.until_text("#messages .message", "the end");
    page.check();
}

#[test]
fn a_flood_of_messages_keeps_the_page_small() {
    let slack = Simulator::start(patient()).unwrap();
    let Some(mut page) = Page::open("a_flood_of_messages_keeps_the_page_small", &slack) else { return };
    for number in 0..700 {
        slack.say(PERSON, CHANNEL, &format!("number {number}"));
    }
    page.until_text("#messages .message", "number 699");
    page.until_text("#messages .list-note", "older messages are not shown");
    assert_eq!(page.js("document.querySelectorAll('#messages .message').length <= 300"), json!(true));
    assert_eq!(page.js("document.querySelectorAll('.envelope').length <= 200"), json!(true));
    page.check();
}

#[test]
fn no_token_is_in_the_page() {
    let slack = Simulator::start(patient()).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("no_token_is_in_the_page", &slack) else { return };
    page.write("hello");
    page.until_text("#messages .message", "You said: hello");
    page.click("#tab-entries");
    page.until_text(".entry", "chat.postMessage");
    let entries = page.js("fetch('/_control/journal').then((answer) => answer.text())");
    let html = page.js("document.documentElement.outerHTML");
    for text in [entries, html] {
        for token in [slack.app_token(), slack.bot_token()] {
            assert!(!text.as_str().unwrap().contains(&token));
        }
    }
    page.check();
}

#[test]
fn blocks_in_no_known_shape_are_shown_as_json() {
    let slack = Simulator::start(Options { lenient: true, ..patient() }).unwrap();
    let Some(mut page) = Page::open("blocks_in_no_known_shape_are_shown_as_json", &slack) else { return };
    let blocks = json!([
        {"type": "constructor"}, {"type": "__proto__"}, {"type": "actions", "elements": "none"},
        {"type": "section", "text": 7, "fields": [null, 1]}, {"type": "input", "block_id": "toString", "element": {"type": "valueOf"}},
        {"type": "table", "rows": [1, [null]]}, {"type": "plan", "tasks": [null, {"status": "constructor"}]},
        {"type": "rich_text", "elements": [{"type": "rich_text_list", "elements": {}}, null, 3]}, {"type": "context", "elements": [null]},
        {"type": "divider"},
    ]);
    post(&slack, &json!({"channel": CHANNEL, "text": "odd", "blocks": blocks}));
    post(&slack, &json!({"channel": CHANNEL, "text": "the next one"}));
    page.until_text("#messages .message", "the next one");
    page.until("Boolean(document.querySelector('#messages .block-divider'))");
    page.until_text("#messages .block-unknown", "constructor (not drawn)");
    page.until_text("#messages .block-unknown", "actions (not drawn)");
    // The wire takes any payload too.
    for payload in [json!(null), json!("text"), json!([1]), json!({"type": "block_actions", "actions": 1})] {
        slack.send_envelope(Envelope::new("interactive", payload));
    }
    let _bot = Bot::start(&slack);
    page.write("hello");
    page.until_text("#messages .message", "You said: hello");
    page.until_text(".envelope", "hello");
    page.check();
}

#[test]
fn names_that_hide_characters_are_shown_by_their_numbers() {
    let slack = Simulator::start(Options { lenient: true, ..patient() }).unwrap();
    let Some(mut page) = Page::open("names_that_hide_characters_are_shown_by_their_numbers", &slack) else {
        return;
    };
    let said = slack.say_in(PERSON, CHANNEL, None, "a message").unwrap();
    slack.react(PERSON, CHANNEL, &said.ts, "thumbs\u{202e}nwod").unwrap();
    let plain = |text: &str| json!({"type": "plain_text", "text": text});
    let confirm =
        json!({"title": plain("Su\u{202e}re?"), "text": plain("x"), "confirm": plain("Ye\u{200b}s")});
    let button = json!({"type": "button", "action_id": "b", "text": plain("Go"), "confirm": confirm});
    let icon =
        json!({"type": "icon_button", "action_id": "i", "icon": "trash", "text": plain("Keep\u{202e}")});
    let blocks = json!([
        {"type": "odd\u{202e}ly"}, {"type": "actions", "elements": [button]}, {"type": "context_actions", "elements": [icon]},
    ]);
    post(&slack, &json!({"channel": CHANNEL, "text": "names", "blocks": blocks}));
    page.until_text("#messages .reaction", "thumbsU+202Enwod");
    page.until_text("#messages .block-unknown", "oddU+202Ely (not drawn)");
    page.until_text("#messages .block-context_actions", "KeepU+202E");
    page.click("#messages [data-action-id=b]");
    page.until_text("dialog h2", "SuU+202Ere?");
    page.until_text("dialog footer", "YeU+200Bs");
    assert_eq!(page.js("/[\\u202e\\u200b]/.test(document.body.textContent)"), json!(false));
    page.check();
}

#[test]
fn a_button_opens_no_address_that_is_a_script() {
    let slack = Simulator::start(patient()).unwrap();
    let Some(mut page) = Page::open("a_button_opens_no_address_that_is_a_script", &slack) else { return };
    let plain = |text: &str| json!({"type": "plain_text", "text": text});
    let button =
        |id: &str, url: &str| json!({"type": "button", "action_id": id, "text": plain(id), "url": url});
    let script = "javascript:globalThis.harmed=1";
    let option = json!({"text": plain("Option"), "value": "1", "url": script});
    let menu = json!({"type": "overflow", "action_id": "menu", "options": [option]});
    let elements = json!([button("bad", script), menu, button("good", "https://example.com/")]);
    let blocks = json!([{"type": "actions", "elements": elements}]);
    post(&slack, &json!({"channel": CHANNEL, "text": "addresses", "blocks": blocks}));
    page.until("Boolean(document.querySelector('#messages [data-action-id=good]'))");
    page.js("globalThis.opened = []; window.open = (url) => opened.push(url); null");
    // By script: what each click changes in the page must not move the next one.
    for element in ["bad", "menu] [role=menuitem", "good"] {
        page.js(&format!("document.querySelector('#messages [data-action-id={element}]').click(); null"));
    }
    page.until("opened.length > 0");
    assert_eq!(page.js("opened"), json!(["https://example.com/"]));
    assert_eq!(page.js("globalThis.harmed ?? null"), json!(null));
    page.check();
}
