//! What a record is: its first byte.

macro_rules! tags {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Tag {
            $($(#[$doc])* $name,)*
        }

        impl Tag {
            const ALL: &[Self] = &[$(Self::$name,)*];

            pub(super) fn of(byte: u8) -> Option<Self> {
                Self::ALL.get(usize::from(byte)).copied()
            }
        }
    };
}

tags! {
    // Inputs: time, connection, and more.
    Opened,
    OpenFailed,
    Dialed,
    DialFailed,
    Envelope,
    Hello,
    Disconnect,
    Unreadable,
    Binary,
    Ping,
    Pong,
    CloseFrame,
    Written,
    NotWritten,
    Eof,
    ReadError,
    WriteError,
    // Calls: time, and more.
    Timeout,
    Backlog,
    Acknowledge,
    Decline,
    Withhold,
    Shutdown,
    // Outputs, when they are fetched.
    DoOpen,
    DoDial,
    DoPing,
    DoClose,
    DoAbort,
    Delivered,
    AckSent,
    AckLost,
    Overdue,
    Notice,
    Stopped,
    // A message that is pulled, and that there was none.
    Pulled,
    NothingPulled,
}
