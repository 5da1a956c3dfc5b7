//! The files that bots upload; their bytes are not kept.

use super::kept::Kept;
use super::weigh::Weigh;
use serde_json::{Value, json};

/// The files, oldest first; bounded like the other records. Older ones count as unknown.
#[derive(Default)]
pub(crate) struct Files(Kept<File>);

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
        self.0.push(file);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&File> {
        self.0.iter().rev().find(|file| file.id == id)
    }

    /// The bytes of a file have come, so many.
    pub(crate) fn uploaded(&mut self, id: &str, length: usize) {
        self.0.update_last(|file| file.id == id, |file| (file.is_uploaded, file.length) = (true, length));
    }

    /// An upload is complete, if its bytes have come.
    pub(crate) fn complete(&mut self, id: &str, title: Option<&str>) -> Option<&File> {
        let is_it = |file: &File| file.id == id && file.is_uploaded;
        self.0.update_last(is_it, |file| file.title = title.map(str::to_owned))?;
        self.get(id)
    }
}

impl Weigh for File {
    fn weigh(&self) -> usize {
        let title = self.title.as_ref().map_or(0, String::len);
        size_of::<Self>() + self.id.len() + self.name.len() + title
    }

    fn shorten(&mut self) {
        self.name.clear();
        self.title = None;
    }
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
