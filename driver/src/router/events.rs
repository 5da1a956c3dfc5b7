//! Inner events that a route can be typed by.

use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use socketmode_protocol::payload::{
    AgentSessionStopped, AgentSessionTitleChanged, AppContextChanged, AppDeleted, AppHomeOpened,
    AppInstalled, AppMention, AppRateLimited, AppRequested, AppUninstalled, AppUninstalledTeam,
    AssistantThreadContextChanged, AssistantThreadStarted, CallRejected, ChannelArchive, ChannelCreated,
    ChannelDeleted, ChannelHistoryChanged, ChannelIdChanged, ChannelLeft, ChannelRename, ChannelShared,
    ChannelUnarchive, ChannelUnshared, DndUpdated, DndUpdatedUser, EmailDomainChanged, EmojiChanged,
    EntityDetailsRequested, FileChange, FileCommentDeleted, FileCreated, FileDeleted, FilePublic, FileShared,
    FileUnshared, FunctionExecuted, GridMigrationFinished, GridMigrationStarted, GroupArchive, GroupClose,
    GroupDeleted, GroupHistoryChanged, GroupLeft, GroupOpen, GroupRename, GroupUnarchive, ImClose, ImCreated,
    ImHistoryChanged, ImOpen, InviteRequested, LinkShared, MemberJoinedChannel, MemberLeftChannel,
    MessageEvent, MessageMetadataDeleted, MessageMetadataPosted, MessageMetadataUpdated, PinAdded,
    PinRemoved, ReactionAdded, ReactionRemoved, SharedChannelInviteAccepted, SharedChannelInviteApproved,
    SharedChannelInviteDeclined, SharedChannelInviteReceived, SharedChannelInviteRequested, StarAdded,
    StarRemoved, SubteamCreated, SubteamMembersChanged, SubteamSelfAdded, SubteamSelfRemoved, SubteamUpdated,
    TeamAccessGranted, TeamAccessRevoked, TeamDomainChange, TeamJoin, TeamRename, TokensRevoked, UserChange,
    UserHuddleChanged, UserProfileChanged, UserStatusChanged, WorkflowDeleted, WorkflowPublished,
    WorkflowStepDeleted, WorkflowStepExecute, WorkflowUnpublished,
};

/// An event that [`Router::event`](super::Router::event) can be typed by: the `event` in the payload of an `events_api`
/// envelope. All events of [`payload`](crate::payload) are. Implement it for a type of your own to route an event that has no
/// type there:
///
/// ```
/// use serde::Deserialize;
/// use socketmode_driver::router::EventPayload;
///
/// #[derive(Deserialize)]
/// struct Teleported {
///     user: String,
/// }
///
/// impl EventPayload for Teleported {
///     const TYPE: &'static str = "teleported";
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no event that a route can be typed by",
    note = "implement `EventPayload` for it, or route the event by its name: `event_named(\"channel_rename\", handler)`"
)]
pub trait EventPayload: DeserializeOwned + Send + 'static {
    /// The event's `type`, such as `app_mention`.
    const TYPE: &'static str;
}

/// The kind of a route for an event of this type, in [`Extract`](super::Extract), [`IntoAnswer`](super::IntoAnswer) and
/// [`Ack`](super::Ack). It has no values.
pub struct EventOf<E> {
    event: PhantomData<fn() -> E>,
}

impl<E> fmt::Debug for EventOf<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventOf")
    }
}

macro_rules! events {
    ($($event:ident),+ $(,)?) => {
        $(
            impl EventPayload for $event {
                const TYPE: &'static str = <$event as socketmode_protocol::payload::TypedEvent>::KIND;
            }
        )+

        /// The types of all of them.
        #[cfg(test)]
        pub(super) const TYPES: &[&str] = &[$($event::TYPE),+];
    };
}

events! {
    AgentSessionStopped, AgentSessionTitleChanged, AppContextChanged, AppDeleted, AppHomeOpened, AppInstalled,
    AppMention, AppRateLimited, AppRequested, AppUninstalled, AppUninstalledTeam,
    AssistantThreadContextChanged, AssistantThreadStarted, CallRejected, ChannelArchive, ChannelCreated,
    ChannelDeleted, ChannelHistoryChanged, ChannelIdChanged, ChannelLeft, ChannelRename, ChannelShared,
    ChannelUnarchive, ChannelUnshared, DndUpdated, DndUpdatedUser, EmailDomainChanged, EmojiChanged,
    EntityDetailsRequested, FileChange, FileCommentDeleted, FileCreated, FileDeleted, FilePublic, FileShared,
    FileUnshared, FunctionExecuted, GridMigrationFinished, GridMigrationStarted, GroupArchive, GroupClose,
    GroupDeleted, GroupHistoryChanged, GroupLeft, GroupOpen, GroupRename, GroupUnarchive, ImClose, ImCreated,
    ImHistoryChanged, ImOpen, InviteRequested, LinkShared, MemberJoinedChannel, MemberLeftChannel,
    MessageEvent, MessageMetadataDeleted, MessageMetadataPosted, MessageMetadataUpdated, PinAdded, PinRemoved,
    ReactionAdded, ReactionRemoved, SharedChannelInviteAccepted, SharedChannelInviteApproved,
    SharedChannelInviteDeclined, SharedChannelInviteReceived, SharedChannelInviteRequested, StarAdded,
    StarRemoved, SubteamCreated, SubteamMembersChanged, SubteamSelfAdded, SubteamSelfRemoved, SubteamUpdated,
    TeamAccessGranted, TeamAccessRevoked, TeamDomainChange, TeamJoin, TeamRename, TokensRevoked, UserChange,
    UserHuddleChanged, UserProfileChanged, UserStatusChanged, WorkflowDeleted, WorkflowPublished,
    WorkflowStepDeleted, WorkflowStepExecute, WorkflowUnpublished,
}
