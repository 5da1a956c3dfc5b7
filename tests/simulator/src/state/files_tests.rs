use super::{File, Files};
use crate::KEPT_BYTES;

fn file(id: &str, name: String) -> File {
    File { id: id.to_owned(), name, length: 0, is_uploaded: false, title: None }
}

#[test]
fn names_and_titles_of_files_are_kept_within_the_bound() {
    const LONG: usize = KEPT_BYTES / 4;
    let mut files = Files::default();
    files.add(file("F0", "a".to_owned()));
    for number in 1..=3 {
        files.add(file(&format!("F{number}"), "x".repeat(LONG)));
    }
    assert!(files.get("F0").is_some());
    files.uploaded("F3", 7);
    assert!(files.complete("F2", None).is_none());
    let title = "x".repeat(LONG);
    assert_eq!(files.complete("F3", Some(&title)).map(|file| file.length), Some(7));
    // The oldest have made room for the title.
    assert!(files.get("F0").is_none() && files.get("F1").is_none() && files.get("F2").is_some());
}
