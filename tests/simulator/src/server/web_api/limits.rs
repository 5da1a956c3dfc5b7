//! What Slack documents as too long, one limit a row, each with the page that says so.
//!
//! It is a table of the simulator's own, and not that of a client: the two shall not share a mistake.

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit {
    Characters,
    Elements,
}

/// A maximum: of what (the `type` of a block or an element, or the name of another object; `*` is each that has a type),
/// which field, how many, and of what.
pub(super) type Limit = (&'static str, &'static str, usize, Unit);

use Unit::{Characters, Elements};

/// The pages are below <https://docs.slack.dev/reference/>; each row's is named before it.
#[rustfmt::skip]
pub(super) const LIMITS: &[Limit] = &[
    // block-kit/blocks, block-kit/block-elements
    ("*", "block_id", 255, Characters),
    ("*", "action_id", 255, Characters),
    ("*", "placeholder", 150, Characters),
    // views/modal-views
    ("view", "title", 24, Characters),
    ("view", "submit", 24, Characters),
    ("view", "close", 24, Characters),
    ("view", "callback_id", 255, Characters),
    ("view", "external_id", 255, Characters),
    ("view", "private_metadata", 3_000, Characters),
    ("view", "blocks", 100, Elements),
    // block-kit/blocks
    ("message", "blocks", 50, Elements),
    // block-kit/blocks/section-block
    ("section", "text", 3_000, Characters),
    ("section", "fields", 10, Elements),
    ("field", "text", 2_000, Characters),
    // block-kit/blocks/header-block
    ("header", "text", 150, Characters),
    // block-kit/blocks/markdown-block
    ("markdown", "text", 12_000, Characters),
    // block-kit/blocks/context-block, context-actions-block, actions-block
    ("context", "elements", 10, Elements),
    ("context_actions", "elements", 5, Elements),
    ("actions", "elements", 25, Elements),
    // block-kit/blocks/input-block
    ("input", "label", 2_000, Characters),
    ("input", "hint", 2_000, Characters),
    // block-kit/blocks/image-block
    ("image", "image_url", 3_000, Characters),
    ("image", "alt_text", 2_000, Characters),
    ("image", "title", 2_000, Characters),
    // block-kit/blocks/video-block
    ("video", "title", 200, Characters),
    ("video", "author_name", 50, Characters),
    // block-kit/blocks/table-block
    ("table", "rows", 100, Elements),
    ("table", "column_settings", 20, Elements),
    // block-kit/block-elements/button-element
    ("button", "text", 75, Characters),
    ("button", "value", 2_000, Characters),
    ("button", "url", 3_000, Characters),
    ("button", "accessibility_label", 75, Characters),
    // block-kit/block-elements/checkboxes-element, radio-button-group-element, overflow-menu-element
    ("checkboxes", "options", 10, Elements),
    ("radio_buttons", "options", 10, Elements),
    ("overflow", "options", 5, Elements),
    // block-kit/block-elements/select-menu-element, multi-select-menu-element
    ("static_select", "options", 100, Elements),
    ("static_select", "option_groups", 100, Elements),
    ("multi_static_select", "options", 100, Elements),
    ("multi_static_select", "option_groups", 100, Elements),
    // block-kit/composition-objects/option-object, option-group-object
    ("option", "text", 75, Characters),
    ("option", "value", 150, Characters),
    ("option", "description", 75, Characters),
    ("option_group", "label", 75, Characters),
    ("option_group", "options", 100, Elements),
    // block-kit/composition-objects/confirmation-dialog-object
    ("confirm", "title", 100, Characters),
    ("confirm", "text", 300, Characters),
    ("confirm", "confirm", 30, Characters),
    ("confirm", "deny", 30, Characters),
];
