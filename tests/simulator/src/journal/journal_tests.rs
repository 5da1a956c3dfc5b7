use super::{Fact, HEAVY_ENTRY, JOURNAL_BYTES, JOURNAL_ENTRIES, Journal, Wanted, secrets, without};
use crate::{App, EnvelopeId};
use serde_json::{Value, json};
use std::time::Duration;

const ALL: Wanted<'_> = Wanted { since: 0, entries: usize::MAX, bytes: usize::MAX, kind: None };

fn overdue(id: &str) -> Fact {
    Fact::Overdue { envelope_id: EnvelopeId::new(id) }
}

fn page(journal: &Journal, wanted: &Wanted<'_>) -> (Vec<Value>, u64, u64) {
    let page = journal.page(wanted, &[]);
    let entries = page.entries.iter().map(|(_, text)| serde_json::from_str(text).unwrap()).collect();
    (entries, page.next, page.missed)
}

#[test]
fn entries_are_numbered_from_one() {
    let mut journal = Journal::default();
    assert_eq!(page(&journal, &ALL), (vec![], 0, 0));
    for id in ["a", "b", "c"] {
        journal.push(Duration::from_millis(7), overdue(id));
    }
    let (entries, next, missed) = page(&journal, &Wanted { since: 1, ..ALL });
    assert_eq!(entries[0], json!({"seq": 2, "at_ms": 7, "kind": "overdue", "envelope_id": "b"}));
    assert_eq!((entries.len(), next, missed), (2, 3, 0));
    let page = journal.page(&Wanted { entries: 2, ..ALL }, &[]);
    assert_eq!((page.entries.len(), page.next, page.more), (2, 2, true));
    let far = journal.page(&Wanted { since: 99, ..ALL }, &[]);
    assert_eq!((far.entries.len(), far.next, far.missed), (0, 3, 0));
}

#[test]
fn a_page_has_so_many_bytes_and_one_entry_at_least() {
    let mut journal = Journal::default();
    for id in ["a", "b", "c"] {
        journal.push(Duration::ZERO, overdue(id));
    }
    for (bytes, wanted) in [(0, 1), (1, 1), (100, 2), (usize::MAX, 3)] {
        let page = journal.page(&Wanted { bytes, ..ALL }, &[]);
        assert_eq!(
            (page.entries.len(), page.next, page.more),
            (wanted, wanted as u64, wanted < 3),
            "{bytes}"
        );
    }
}

#[test]
fn objects_become_entries_of_their_kind() {
    let mut journal = Journal::default();
    journal.push(Duration::ZERO, Fact::object("view_closed", &json!({"view_id": "V1"})));
    journal.push(Duration::ZERO, Fact::object("nothing", &json!({})));
    let (entries, ..) = page(&journal, &ALL);
    assert_eq!(entries[0], json!({"seq": 1, "at_ms": 0, "kind": "view_closed", "view_id": "V1"}));
    assert_eq!(entries[1], json!({"seq": 2, "at_ms": 0, "kind": "nothing"}));
}

#[test]
fn one_kind_can_be_asked_for() {
    let mut journal = Journal::default();
    journal.push(Duration::ZERO, overdue("a"));
    journal.push(Duration::ZERO, Fact::object("view", &json!({"id": "V1"})));
    journal.push(Duration::ZERO, overdue("b"));
    let (entries, next, _) = page(&journal, &Wanted { kind: Some("view"), ..ALL });
    assert_eq!((entries.len(), next), (1, 3));
}

#[test]
fn the_oldest_entries_make_room() {
    let mut journal = Journal::default();
    for _ in 0..JOURNAL_ENTRIES + 5 {
        journal.push(Duration::ZERO, overdue("a"));
    }
    let (entries, next, missed) = page(&journal, &ALL);
    assert_eq!((entries.len(), next, missed), (JOURNAL_ENTRIES, JOURNAL_ENTRIES as u64 + 5, 5));
    assert_eq!(entries[0]["seq"], 6);

    let heavy = "x".repeat(HEAVY_ENTRY / 2);
    for _ in 0..100 {
        journal.push(Duration::ZERO, Fact::object("message", &json!({"text": heavy})));
    }
    assert!(journal.bytes <= JOURNAL_BYTES && journal.entries.len() < 100);
    assert_eq!(journal.last(), JOURNAL_ENTRIES as u64 + 105);
}

#[test]
fn an_entry_that_is_too_heavy_is_kept_without_contents() {
    let mut journal = Journal::default();
    journal.push(Duration::ZERO, Fact::object("message", &json!({"text": "x".repeat(HEAVY_ENTRY)})));
    let (entries, ..) = page(&journal, &ALL);
    assert!(entries[0]["not_kept_bytes"].as_u64().unwrap() > HEAVY_ENTRY as u64, "{}", entries[0]);
}

#[test]
fn what_was_withdrawn_is_not_told() {
    let mut journal = Journal::default();
    let first = journal.push(Duration::ZERO, overdue("a"));
    journal.push(Duration::ZERO, overdue("b"));
    journal.withdraw(first);
    let (entries, next, _) = page(&journal, &ALL);
    assert_eq!((entries.len(), entries[0]["envelope_id"].clone(), next), (1, json!("b"), 2));
}

#[test]
fn no_entry_has_the_greatest_number_or_comes_after_it() {
    let mut journal = Journal::default();
    journal.push(Duration::ZERO, overdue("a"));
    let (entries, next, missed) = page(&journal, &Wanted { since: u64::MAX, ..ALL });
    assert_eq!((entries.len(), next, missed), (0, 1, 0));
    assert_eq!(journal.facts_since(u64::MAX).count(), 0);
}

#[test]
fn what_was_withdrawn_takes_no_room() {
    let mut journal = Journal::default();
    journal.push(Duration::ZERO, overdue("a"));
    for _ in 0..JOURNAL_BYTES / HEAVY_ENTRY * 2 {
        let heavy = Fact::object("act", &json!({"text": "x".repeat(HEAVY_ENTRY / 2)}));
        let number = journal.push(Duration::ZERO, heavy);
        journal.withdraw(number);
        // Twice is once.
        journal.withdraw(number);
    }
    let (entries, _, missed) = page(&journal, &ALL);
    assert_eq!((&entries[0]["envelope_id"], missed), (&json!("a"), 0));
}

fn app(bot_token: &str) -> App {
    App {
        app_id: String::new(),
        app_token: "xapp-1".to_owned(),
        bot_token: bot_token.to_owned(),
        bot_user_id: String::new(),
        bot_id: String::new(),
        name: String::new(),
    }
}

#[test]
fn a_token_that_begins_with_another_is_hidden_whole() {
    let apps = [app("xoxb-1"), app("xoxb-1-secret")];
    let text = json!(["xoxb-1-secret", "xoxb-1"]).to_string();
    assert_eq!(without(text, &secrets(apps.iter())), r#"["xoxb-…","xoxb-…"]"#);
}

#[test]
fn a_token_with_a_quotation_mark_leaves_json() {
    let apps = [app("xoxb-\"\\\"")];
    let text = json!([apps[0].bot_token]).to_string();
    assert_eq!(without(text, &secrets(apps.iter())), r#"["xoxb-…"]"#);
}
