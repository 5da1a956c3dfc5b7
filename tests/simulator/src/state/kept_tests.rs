use super::{Kept, Weigh, behind};
use serde_json::json;

impl Weigh for usize {
    fn weigh(&self) -> usize {
        *self
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

#[test]
fn a_record_heavier_than_the_bound_is_not_kept() {
    let mut kept = Kept::within(100, 10);
    kept.push(1);
    assert_eq!(kept.push(11), 1);
    assert!(numbers(&kept).is_empty());
    assert_eq!((kept.push(7), kept.get(2)), (2, Some(&7)));
}

#[test]
fn a_replaced_record_counts_with_its_new_bytes() {
    let mut kept = Kept::within(100, 10);
    for bytes in [1, 2, 3] {
        kept.push(bytes);
    }
    assert_eq!(kept.replace(|known| *known == 9, 4), Err(4));
    assert_eq!(kept.replace(|known| *known == 2, 6), Ok(()));
    assert_eq!(numbers(&kept), [1, 6, 3]);
    assert_eq!(kept.replace(|known| *known == 3, 4), Ok(()));
    assert_eq!((numbers(&kept), kept.get(1)), (vec![6, 4], Some(&6)));
    assert_eq!(kept.replace(|known| *known == 6, 1), Ok(()));
    kept.push(5);
    assert_eq!(numbers(&kept), [1, 4, 5]);
}

#[test]
fn values_weigh_what_they_take() {
    assert_eq!([json!(null), json!(1.5), json!("four")].map(|value| behind(&value)), [0, 0, 4]);
    // Small things in a large number take far more than their text.
    let empty = vec![json!([]); 1_000];
    assert!(behind(&json!(empty)) >= 1_000 * size_of::<serde_json::Value>());
    let objects = vec![json!({"a": 0}); 1_000];
    assert!(behind(&json!(objects)) >= 1_000 * 11 * size_of::<serde_json::Value>());
}
