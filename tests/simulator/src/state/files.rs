//! The files that bots upload; their bytes are not kept.

use serde_json::{Value, json};
use std::collections::VecDeque;

/// Files remembered; older ones count as unknown.
const KEPT_FILES: usize = 10_000;

/// The files, oldest first.
#[derive(Default)]
pub(crate) struct Files(VecDeque<File>);

/// A file.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) length: usize,
    pub(crate) is_uploaded: bool,
    pub(crate) title: Option<String>,
}

impl File {
    pub(crate) fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "title": self.title.as_ref().unwrap_or(&self.name),
            "size": self.length,
            "mode": "hosted",
        })
    }
}

impl Files {
    pub(crate) fn add(&mut self, file: File) {
        if self.0.len() >= KEPT_FILES {
            self.0.pop_front();
        }
        self.0.push_back(file);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&File> {
        self.0.iter().rev().find(|file| file.id == id)
    }

    /// The bytes of a file have come, so many.
    pub(crate) fn uploaded(&mut self, id: &str, length: usize) {
        if let Some(file) = self.0.iter_mut().rev().find(|file| file.id == id) {
            (file.is_uploaded, file.length) = (true, length);
        }
    }

    /// An upload is complete, if its bytes have come.
    pub(crate) fn complete(&mut self, id: &str, title: Option<&str>) -> Option<&File> {
        let file = self.0.iter_mut().rev().find(|file| file.id == id && file.is_uploaded)?;
        file.title = title.map(str::to_owned);
        Some(file)
    }
}
