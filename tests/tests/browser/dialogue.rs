//! A person and a bot meet on the page.

use crate::bot::Bot;
use crate::page::{Page, patient};
use crate::pictures::keep;
use serde_json::json;
use socketmode_simulator::Simulator;

#[test]
fn a_message_is_answered_and_its_envelope_turns_green() {
    let slack = Simulator::start(patient()).unwrap();
    let Some(mut page) = Page::open("a_message_is_answered_and_its_envelope_turns_green", &slack) else {
        return;
    };
    page.until_text(".no-link", "No bot is connected");
    let _bot = Bot::start(&slack);
    page.until_text("#links .link-card[data-state=open]", "Link 1");
    page.write("good morning");
    page.until_text("#messages .message", "good morning");
    page.until_text("#messages .message", "You said: good morning");
    page.until_text(".envelope[data-state=acked]", "good morning");
    page.until_text(".envelope[data-state=acked] .envelope-state", "ack");
    // The inspector has the bot's call, and opens it.
    page.click("#tab-entries");
    page.until_text(".entry[data-kind=call]", "chat.postMessage");
    page.click(".entry[data-kind=call] summary");
    page.until_text(".entry[data-kind=call] .json-text", "You said: good morning");
    page.check();
}

#[test]
fn a_command_is_answered_to_its_person_alone() {
    let slack = Simulator::start(patient()).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("a_command_is_answered_to_its_person_alone", &slack) else { return };
    page.write("/deploy api");
    page.until_text("#messages .message.ephemeral", "Deploying api");
    page.until_text(".envelope[data-state=acked]", "/deploy api");
    page.until_text(".envelope[data-state=acked] .envelope-meta", "answer Deploying api");
    let other = "document.querySelector('#persons option:not(:checked)').value";
    page.js(&format!(
        "(() => {{ const persons = document.querySelector('#persons'); persons.value = {other}; \
         persons.dispatchEvent(new Event('change')); }})()"
    ));
    page.until("!document.querySelector('#messages .message.ephemeral')");
    page.check();
}

#[test]
fn a_posted_button_is_clicked_and_its_message_changes() {
    let slack = Simulator::start(patient()).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("a_posted_button_is_clicked_and_its_message_changes", &slack) else {
        return;
    };
    page.write("status");
    page.until_text("#messages .block-header", "Build 4812");
    page.click_with("#messages .kit-button", "Approve");
    page.until_text("#messages .message", "Approved by @");
    page.until_text(".envelope[data-state=acked]", "press approve");
    page.check();
}

#[test]
fn a_chosen_option_is_told_to_the_bot() {
    let slack = Simulator::start(patient()).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("a_chosen_option_is_told_to_the_bot", &slack) else { return };
    page.write("status");
    page.click("#messages [data-action-id=place] input");
    page.until_text("#messages [role=option]", "Production");
    page.key("ArrowDown");
    page.key("ArrowDown");
    page.key("Enter");
    page.until_text(".envelope[data-state=acked]", "press place");
    page.click_with(".envelope summary", "press place");
    page.click_with(".envelope .json summary", "payload");
    page.until_text(".envelope .json-text", "\"value\": \"production\"");
    page.check();
}

#[test]
fn a_refused_form_shows_the_error_until_it_is_corrected() {
    let slack = Simulator::start(patient()).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("a_refused_form_shows_the_error_until_it_is_corrected", &slack) else {
        return;
    };
    page.write("/order");
    page.until_text("#modal [role=dialog] h2", "Order");
    // Without what is needed nothing is sent.
    page.click_with("#modal button[type=submit]", "Send");
    page.until_text("#modal .invalid[data-block-id=quantity] .error", "fill this in");
    page.focus("#modal [data-action-id=number]");
    page.text("many");
    page.key("Enter");
    page.until_text("#modal .invalid[data-block-id=quantity] .error", "A number, please.");
    page.until(
        "document.activeElement.dataset.actionId === 'number' && document.activeElement.value === 'many'",
    );
    // The bot suggests what fits to what is typed.
    page.focus("#modal [data-action-id=service] input");
    page.text("api");
    page.until_text("#modal [role=option]", "api-worker");
    page.colours("dark");
    keep(&mut page, "modal");
    page.click_with("#modal [role=option]", "api-worker");
    page.js("document.querySelector('#modal [data-action-id=number]').select()");
    page.focus("#modal [data-action-id=number]");
    page.text("3");
    page.key("Enter");
    page.until("document.querySelector('#modal').hidden");
    page.until_text("#messages .message", "3 of api-worker ordered.");
    page.check();
}

#[test]
fn escape_closes_a_modal_and_gives_the_focus_back() {
    let slack = Simulator::start(patient()).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("escape_closes_a_modal_and_gives_the_focus_back", &slack) else { return };
    page.write("/order");
    page.until_text("#modal h2", "Order");
    page.until("document.querySelector('#chat').inert");
    page.key("Escape");
    page.until("document.querySelector('#modal').hidden && !document.querySelector('#chat').inert");
    page.until("document.activeElement.matches('#composer textarea')");
    page.check();
}

#[test]
fn a_pushed_view_lies_on_top_until_it_is_closed() {
    let slack = Simulator::start(patient()).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("a_pushed_view_lies_on_top_until_it_is_closed", &slack) else { return };
    page.write("/order");
    page.until_text("#modal h2", "Order");
    page.focus("#modal [data-action-id=number]");
    page.text("7");
    page.click_with("#modal .kit-button", "More");
    page.until_text("#modal h2", "Details");
    page.until_text("#modal .modal-head small", "view 2 of 2");
    page.click_with("#modal button[type=submit]", "Save");
    page.until_text("#modal h2", "Saved");
    page.key("Escape");
    page.until_text("#modal h2", "Order");
    // What was entered below is still there.
    page.until("document.querySelector('#modal [data-action-id=number]').value === '7'");
    page.check();
}

#[test]
fn an_agent_shows_its_status_and_what_it_could_be_asked() {
    let slack = Simulator::start(patient()).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("an_agent_shows_its_status_and_what_it_could_be_asked", &slack) else {
        return;
    };
    page.write("think");
    page.click("#messages .message .tool[aria-label='Reply in the thread']");
    page.until_text("#thread-messages .agent-status", "bot is thinking…");
    page.click_with("#thread-messages .agent-prompts button", "A plan");
    page.until_text("#thread-messages .message", "Plan it");
    page.check();
}

#[test]
fn a_stream_grows_in_its_thread() {
    let slack = Simulator::start(patient()).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("a_stream_grows_in_its_thread", &slack) else { return };
    // The bot waits for the answer to its first part.
    slack.hold_answers("chat.appendStream");
    page.write("stream");
    page.click_with("#messages .replies", "1 reply");
    page.until_text("#thread-messages .message .streaming", "the tests pass");
    assert_eq!(
        page.js("document.querySelector('#thread-messages').textContent.includes('runs 4.8.12')"),
        json!(false)
    );
    slack.release_answers("chat.appendStream");
    page.until_text("#thread-messages .message", "runs 4.8.12");
    page.until_text("#thread-messages .message", "All done.");
    page.until("!document.querySelector('#thread-messages .streaming')");
    page.until_text("#thread-messages .message strong", "Summary");
    page.check();
}

#[test]
fn an_open_envelope_counts_down() {
    let slack = Simulator::start(patient()).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("an_open_envelope_counts_down", &slack) else { return };
    page.write("ignore this");
    page.until_text(".envelope[data-state=pending]", "ignore this");
    let left =
        "parseFloat(document.querySelector('.envelope[data-state=pending] .envelope-state').textContent)";
    page.until(&format!("{left} > 0"));
    let first = page.js(left);
    page.until(&format!("{left} < {first}"));
    page.check();
}

#[test]
fn messages_and_entries_are_found() {
    let slack = Simulator::start(patient()).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("messages_and_entries_are_found", &slack) else { return };
    page.write("status");
    page.until_text("#messages .block-header", "Build 4812");
    page.write("good morning");
    page.until_text("#messages .message", "You said: good morning");
    page.focus("#search");
    page.text("412 tests");
    page.until("document.querySelectorAll('#messages .message').length === 1");
    page.until_text("#messages .block-header", "Build 4812");
    page.click("#tab-entries");
    page.focus("#wire-filter");
    page.text("chat.postmessage");
    page.until("document.querySelectorAll('.entry').length === 2");
    page.js("(() => { const group = document.querySelector('#entry-group'); group.value = 'acts'; group.dispatchEvent(new Event('change')); })()");
    page.until("document.querySelectorAll('.entry').length === 0");
    page.check();
}

#[test]
fn reactions_edits_and_deletes_reach_the_bot() {
    let slack = Simulator::start(patient()).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("reactions_edits_and_deletes_reach_the_bot", &slack) else { return };
    page.write("ignore the first");
    page.until_text("#messages .message", "ignore the first");
    page.click_with("#messages .message .tool[aria-label=React]", "");
    page.text("tada");
    page.key("Enter");
    page.until_text(".envelope", "reaction_added");
    page.until_text("#messages .reaction.mine", "1");
    page.click("#messages .reaction.mine");
    page.until_text(".envelope", "reaction_removed");
    page.until("!document.querySelector('#messages .reaction')");
    page.click("#messages .message .tool[aria-label=Edit]");
    page.text(", no, the second");
    page.key("Enter");
    page.until_text("#messages .message", "ignore the first, no, the second");
    page.until_text(".envelope", "message_changed");
    page.click("#messages .message .tool[aria-label=Delete]");
    page.click_with("dialog.question .kit-button", "Delete");
    page.until("!document.querySelector('#messages .message')");
    page.until_text(".envelope", "message_deleted");
    page.check();
}

#[test]
fn the_app_home_is_asked_for_and_shown() {
    let slack = Simulator::start(patient()).unwrap();
    let _bot = Bot::start(&slack);
    let Some(mut page) = Page::open("the_app_home_is_asked_for_and_shown", &slack) else { return };
    page.click(".channel[data-channel^=D]");
    page.click("#tab-home");
    page.until_text("#home .block-header", "Releases");
    page.until_text(".envelope", "app_home_opened");
    page.check();
}

#[test]
fn unread_marks_count_what_others_wrote() {
    let slack = Simulator::start(patient()).unwrap();
    let Some(mut page) = Page::open("unread_marks_count_what_others_wrote", &slack) else { return };
    let other = page.js("document.querySelectorAll('.channel[data-channel^=C]')[1].dataset.channel");
    let other = other.as_str().unwrap().to_owned();
    slack.say("U0PERSON02", &other, "one");
    slack.say("U0PERSON02", &other, "two");
    page.until_text(".unread", "2");
    page.click(&format!(".channel[data-channel={other}]"));
    page.until("!document.querySelector('.unread')");
    page.until_text("#messages .message", "two");
    page.check();
}

#[test]
fn a_permalink_leads_to_its_message() {
    let slack = Simulator::start(patient()).unwrap();
    let Some(mut page) = Page::open("a_permalink_leads_to_its_message", &slack) else { return };
    page.write("ignore this place");
    page.until_text("#messages .message", "ignore this place");
    let ts = page.js("document.querySelector('#messages .message').dataset.ts");
    let path = format!("/archives/C0GENERAL1/p{}", ts.as_str().unwrap().replace('.', ""));
    page.go(&path);
    page.until_text("#messages .message.target", "ignore this place");
    page.check();
}
