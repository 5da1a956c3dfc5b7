use super::{Kept, Weigh};
use crate::record::{Call, TokenKind};
use serde_json::{Value, json};
use std::time::Duration;

impl Weigh for usize {
    fn weigh(&self) -> usize {
        *self
    }

    fn shorten(&mut self) {
        *self = 1;
    }
}

fn numbers(kept: &Kept<usize>) -> Vec<usize> {
    kept.iter().copied().collect()
}

#[test]
fn records_are_kept_up_to_their_number() {
    let mut kept = Kept::within(2, 100);
    assert_eq!((kept.push(1), kept.push(2)), (0, 1));
    assert_eq!((numbers(&kept), kept.first()), (vec![1, 2], 0));
    assert_eq!(kept.push(3), 2);
    assert_eq!((numbers(&kept), kept.first()), (vec![2, 3], 1));
    let since = |mut next| (kept.since(&mut next).copied().collect::<Vec<_>>(), next);
    assert_eq!([0, 1, 2, 3].map(since), [(vec![2, 3], 3), (vec![2, 3], 3), (vec![3], 3), (vec![], 3)]);
    assert_eq!([0, 1, 2, 3].map(|number| kept.get(number).copied()), [None, Some(2), Some(3), None]);
}

#[test]
fn records_are_kept_up_to_their_bytes() {
    let mut kept = Kept::within(100, 10);
    for bytes in [1, 4, 5] {
        kept.push(bytes);
    }
    assert_eq!(numbers(&kept), [1, 4, 5]);
    kept.push(1);
    assert_eq!(numbers(&kept), [4, 5, 1]);
    kept.push(5);
    assert_eq!(numbers(&kept), [1, 5]);
    kept.push(10);
    assert_eq!(numbers(&kept), [10]);
}

fn call(body: Value) -> Call {
    Call {
        method: "chat.postMessage".into(),
        token_kind: TokenKind::Bot,
        body,
        error: None,
        at: Duration::ZERO,
    }
}

#[test]
fn a_record_over_the_bound_is_shortened_and_the_others_stay() {
    let mut kept = Kept::within(100, 2_000);
    let light = call(json!({"text": "light"}));
    assert_eq!(kept.push(light.clone()), 0);
    assert_eq!(kept.push(call(json!({"text": "x".repeat(2_000)}))), 1);
    assert_eq!(kept.push(light.clone()), 2);
    assert_eq!((kept.get(0), kept.get(2)), (Some(&light), Some(&light)));
    let short = kept.get(1).unwrap();
    assert_eq!(short.method, light.method);
    let mark = short.body.as_str().unwrap();
    assert!(mark.contains("bytes are not kept"), "{mark}");
}

#[test]
fn a_shortened_record_weighs_what_is_left_of_it() {
    let mut kept = Kept::within(100, 10);
    for bytes in [11, 8, 100] {
        kept.push(bytes);
    }
    assert_eq!(numbers(&kept), [1, 8, 1]);
    assert_eq!(kept.update(1, |known| *known = 11), Some(()));
    kept.push(7);
    assert_eq!(numbers(&kept), [1, 1, 1, 7]);
    kept.push(1);
    assert_eq!((numbers(&kept), kept.first()), (vec![1, 1, 7, 1], 1));
}

#[test]
fn a_changed_record_counts_with_its_new_bytes() {
    let mut kept = Kept::within(100, 10);
    for bytes in [1, 2, 3] {
        kept.push(bytes);
    }
    assert_eq!(kept.update_last(|known| *known == 9, |known| *known = 4), None);
    assert_eq!(kept.update_last(|known| *known == 2, |known| *known = 6), Some(()));
    assert_eq!(numbers(&kept), [1, 6, 3]);
    assert_eq!(kept.update(2, |known| *known = 4), Some(()));
    assert_eq!((numbers(&kept), kept.get(1)), (vec![6, 4], Some(&6)));
    assert_eq!(kept.update(1, |known| *known = 1), Some(()));
    kept.push(5);
    assert_eq!(numbers(&kept), [1, 4, 5]);
}
