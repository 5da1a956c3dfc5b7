//! Files. `files.info` tells what is in one.

use alloc::string::String;
use alloc::vec::Vec;

use super::{FileId, events};

events! { ($) files
    /// A file was changed. <https://docs.slack.dev/reference/events/file_change>
    FileChange is "file_change" by user_id {
        /// The file.
        show file_id: Option<String>,
        /// Who changed it.
        show user_id: Option<String>,
        /// The file again.
        show file: Option<FileId>,
    }

    /// A comment on a file was deleted. <https://docs.slack.dev/reference/events/file_comment_deleted>
    FileCommentDeleted is "file_comment_deleted" {
        /// The comment.
        show comment: Option<String>,
        /// The file.
        show file_id: Option<String>,
        /// The file again.
        show file: Option<FileId>,
    }

    /// A file was created. <https://docs.slack.dev/reference/events/file_created>
    FileCreated is "file_created" by user_id {
        /// The file.
        show file_id: Option<String>,
        /// Who created it.
        show user_id: Option<String>,
        /// The file again.
        show file: Option<FileId>,
    }

    /// A file was deleted. <https://docs.slack.dev/reference/events/file_deleted>
    FileDeleted is "file_deleted" by user_id {
        /// The file.
        show file_id: Option<String>,
        /// Who deleted it.
        show user_id: Option<String>,
        /// Where it was shared.
        show channel_ids: Vec<String>,
    }

    /// A file can be seen by everybody now. <https://docs.slack.dev/reference/events/file_public>
    FilePublic is "file_public" by user_id {
        /// The file.
        show file_id: Option<String>,
        /// Who published it.
        show user_id: Option<String>,
        /// The file again.
        show file: Option<FileId>,
    }

    /// A file was shared in a channel. <https://docs.slack.dev/reference/events/file_shared>
    FileShared is "file_shared" by user_id in channel_id {
        /// The file.
        show file_id: Option<String>,
        /// Who shared it.
        show user_id: Option<String>,
        /// The file again.
        show file: Option<FileId>,
        /// Where.
        show channel_id: Option<String>,
    }

    /// A file is no longer shared in a channel. <https://docs.slack.dev/reference/events/file_unshared>
    FileUnshared is "file_unshared" by user_id in channel_id {
        /// The file.
        show file_id: Option<String>,
        /// Who withdrew it.
        show user_id: Option<String>,
        /// The file again.
        show file: Option<FileId>,
        /// Where.
        show channel_id: Option<String>,
    }
}
