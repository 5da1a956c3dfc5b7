//! The limits, one a row, each with the page that documents it.

use std::fmt;

/// A maximum that Slack documents.
#[derive(Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Limit {
    /// What has the field: the `type` of a block or an element, or `message`, `view`, `option`, …
    pub of: &'static str,
    /// The field.
    pub field: &'static str,
    /// The maximum.
    pub max: usize,
    /// Of what.
    pub unit: Unit,
    /// What to do.
    pub advice: &'static str,
    /// The page of Slack's documentation.
    pub source: &'static str,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unit {
    /// The characters of a text, or of the text in a text object: Unicode scalar values.
    Characters,
    /// The elements of an array.
    Elements,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Characters => "characters",
            Self::Elements => "elements",
        })
    }
}

/// `of.field <= max unit, "advice", "page"`; the base of the pages is written once.
macro_rules! limits {
    ($( $of:literal { $( $field:literal <= $max:literal $unit:ident, $advice:literal, $page:literal; )+ } )+) => {
        &[ $($(
            Limit {
                of: $of,
                field: $field,
                max: $max,
                unit: Unit::$unit,
                advice: $advice,
                source: concat!("https://docs.slack.dev/reference/", $page),
            },
        )+)+ ]
    };
}

/// All limits that are checked. `*` is every block and element.
#[rustfmt::skip]
pub const LIMITS: &[Limit] = limits! {
    "message" {
        "text" <= 40_000 Characters, "Slack cuts off the rest; send several messages or a file", "methods/chat.postMessage";
        "markdown_text" <= 12_000 Characters, "send several messages", "methods/chat.postMessage";
        "blocks" <= 50 Elements, "send several messages", "block-kit/blocks";
        "attachments" <= 100 Elements, "send several messages", "methods/chat.postMessage";
    }
    "view" {
        "title" <= 24 Characters, "shorten it", "views/modal-views";
        "submit" <= 24 Characters, "shorten it", "views/modal-views";
        "close" <= 24 Characters, "shorten it", "views/modal-views";
        "callback_id" <= 255 Characters, "shorten it", "views/modal-views";
        "private_metadata" <= 3_000 Characters, "store the data and put in its key", "views/modal-views";
        "blocks" <= 100 Elements, "show fewer, or push a second view", "views/modal-views";
    }
    "*" {
        "block_id" <= 255 Characters, "shorten it", "block-kit/blocks";
        "action_id" <= 255 Characters, "shorten it", "block-kit/block-elements";
        "placeholder" <= 150 Characters, "shorten it", "block-kit/block-elements";
    }
    "section" {
        "text" <= 3_000 Characters, "divide it into several sections", "block-kit/blocks/section-block";
        "fields" <= 10 Elements, "divide them into several sections", "block-kit/blocks/section-block";
    }
    "field" {
        "text" <= 2_000 Characters, "use the text of a section", "block-kit/blocks/section-block";
    }
    "header" {
        "text" <= 150 Characters, "shorten it, or use a section", "block-kit/blocks/header-block";
    }
    "markdown" {
        "text" <= 12_000 Characters, "send several messages", "block-kit/blocks/markdown-block";
    }
    "context" {
        "elements" <= 10 Elements, "divide them into several blocks", "block-kit/blocks/context-block";
    }
    "context_actions" {
        "elements" <= 5 Elements, "divide them into several blocks", "block-kit/blocks/context-actions-block";
    }
    "actions" {
        "elements" <= 25 Elements, "divide them into several blocks", "block-kit/blocks/actions-block";
    }
    "input" {
        "label" <= 2_000 Characters, "shorten it", "block-kit/blocks/input-block";
        "hint" <= 2_000 Characters, "shorten it", "block-kit/blocks/input-block";
    }
    "image" {
        "image_url" <= 3_000 Characters, "use a shorter URL", "block-kit/blocks/image-block";
        "alt_text" <= 2_000 Characters, "shorten it", "block-kit/blocks/image-block";
        "title" <= 2_000 Characters, "shorten it", "block-kit/blocks/image-block";
    }
    "video" {
        "title" <= 200 Characters, "shorten it", "block-kit/blocks/video-block";
        "author_name" <= 50 Characters, "shorten it", "block-kit/blocks/video-block";
    }
    "table" {
        "rows" <= 100 Elements, "send several messages, or a file", "block-kit/blocks/table-block";
        "column_settings" <= 20 Elements, "leave out columns", "block-kit/blocks/table-block";
    }
    "carousel" {
        "elements" <= 10 Elements, "show fewer cards", "block-kit/blocks/carousel-block";
    }
    "mrkdwn" {
        "text" <= 3_000 Characters, "divide it", "block-kit/composition-objects/text-object";
    }
    "plain_text" {
        "text" <= 3_000 Characters, "divide it", "block-kit/composition-objects/text-object";
    }
    "button" {
        "text" <= 75 Characters, "shorten it", "block-kit/block-elements/button-element";
        "value" <= 2_000 Characters, "store the data and put in its key", "block-kit/block-elements/button-element";
        "url" <= 3_000 Characters, "use a shorter URL", "block-kit/block-elements/button-element";
        "accessibility_label" <= 75 Characters, "shorten it", "block-kit/block-elements/button-element";
    }
    "checkboxes" {
        "options" <= 10 Elements, "use a menu", "block-kit/block-elements/checkboxes-element";
    }
    "radio_buttons" {
        "options" <= 10 Elements, "use a menu", "block-kit/block-elements/radio-button-group-element";
    }
    "overflow" {
        "options" <= 5 Elements, "use a menu", "block-kit/block-elements/overflow-menu-element";
    }
    "static_select" {
        "options" <= 100 Elements, "use an external_select", "block-kit/block-elements/select-menu-element";
        "option_groups" <= 100 Elements, "use an external_select", "block-kit/block-elements/select-menu-element";
    }
    "multi_static_select" {
        "options" <= 100 Elements, "use a multi_external_select", "block-kit/block-elements/multi-select-menu-element";
        "option_groups" <= 100 Elements, "use a multi_external_select", "block-kit/block-elements/multi-select-menu-element";
    }
    "suggestions" {
        "options" <= 100 Elements, "return the best 100", "interaction-payloads/block_suggestion-payload";
        "option_groups" <= 100 Elements, "return the best 100", "interaction-payloads/block_suggestion-payload";
    }
    "option" {
        "text" <= 75 Characters, "shorten it", "block-kit/composition-objects/option-object";
        "value" <= 150 Characters, "use a key", "block-kit/composition-objects/option-object";
        "description" <= 75 Characters, "shorten it", "block-kit/composition-objects/option-object";
        "url" <= 3_000 Characters, "use a shorter URL", "block-kit/composition-objects/option-object";
    }
    "option_group" {
        "label" <= 75 Characters, "shorten it", "block-kit/composition-objects/option-group-object";
        "options" <= 100 Elements, "divide them into several groups", "block-kit/composition-objects/option-group-object";
    }
    "confirm" {
        "title" <= 100 Characters, "shorten it", "block-kit/composition-objects/confirmation-dialog-object";
        "text" <= 300 Characters, "shorten it", "block-kit/composition-objects/confirmation-dialog-object";
        "confirm" <= 30 Characters, "shorten it", "block-kit/composition-objects/confirmation-dialog-object";
        "deny" <= 30 Characters, "shorten it", "block-kit/composition-objects/confirmation-dialog-object";
    }
    "stream" {
        "markdown_text" <= 12_000 Characters, "append it in parts", "methods/chat.appendStream";
    }
    "chunk" {
        "blocks" <= 50 Elements, "append them in parts", "methods/chat.appendStream";
    }
    "session" {
        "title" <= 200 Characters, "shorten it", "methods/agents.sessions.rename";
    }
    "thread_status" {
        "loading_messages" <= 10 Elements, "leave some out", "methods/assistant.threads.setStatus";
    }
    "suggested_prompts" {
        "prompts" <= 4 Elements, "leave some out", "methods/assistant.threads.setSuggestedPrompts";
    }
    "file" {
        "alt_txt" <= 1_000 Characters, "shorten it", "methods/files.getUploadURLExternal";
    }
};
