//! The invariants' names and sentences.

use std::fmt;

macro_rules! invariants {
    ($($name:ident: $sentence:literal,)*) => {
        /// Something that must hold after every step.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Invariant {
            $(#[doc = $sentence] $name,)*
        }

        impl Invariant {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// What must hold.
            #[must_use]
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

invariants! {
    TenConnectionsAtMost: "Connections opening, open and closing are never more than ten.",
    TwoConnectionsASlot: "A slot never has more than two connections that are not waiting.",
    OneCurrentASlot: "While it runs, each slot has exactly one connection that is not leaving.",
    IdsAreNew: "The id of a connection is never used again.",
    PhasesGoForward: "A connection's phase only moves forward, along the edges of its life.",
    PhasesEndInTime: "Every attempt, drain and close ends within its time-out, and a link that is silent within its own.",
    SilentLinksWereSilent: "A link is given up as silent only if nothing lies in its socket, however late time is told.",
    DrainsUntilItsHeirIsUp: "A link that drains is kept until its heir's hello and its own acknowledgements, or its deadline.",
    ConnectedOnceByItsHello: "A connection is Connected at most once, by a message on it.",
    DisconnectedOnceAfterConnected: "A connection is Disconnected at most once, and only after Connected.",
    ActionsInOrder: "A connection is opened, dialed, written to, closed and dropped in that order; only writes repeat.",
    NothingAfterTheEnd: "Nothing is asked of a connection that was dropped or is gone.",
    NothingIsLeftOpen: "What a connection had open when it went was dropped, or had ended by itself.",
    UrlsAreDialedOnce: "A URL is dialed at most once, by the connection that got it.",
    OnePingAtATime: "A second ping waits until something arrived after the first.",
    AcknowledgedWhatCame: "What was not received is not acknowledged, and what was, once only.",
    RiskedOnOneLink: "An acknowledgement that was handed over is made again only when it is known not to be written, or after the close time-out.",
    OneOutcomeForEachAck: "Each acknowledgement that was taken gets exactly one outcome, and no other does.",
    OutcomesAreTrue: "Whether an acknowledgement was late or went elsewhere is told as it was.",
    UnwrittenAcksGoElsewhere: "An acknowledgement in time that its link took with it goes out at once on one that is up.",
    EnvelopesHaveOneFate: "An envelope, before the hello or after, is delivered, or counted as a copy, as waiting, as shed or as left.",
    CopiesWait: "A copy of an outstanding delivery is not delivered beside it.",
    CopiesTakeOver: "What ends without an acknowledgement hands over to a copy, unless envelopes are refused then.",
    OnlyTheAcknowledgedIsSwallowed: "A copy is acknowledged once its first delivery was acknowledged and written, and not before.",
    TheAcknowledgedIsDeliveredOnce: "What was acknowledged and written is not delivered again within the window.",
    CopiesAreAcknowledgedOnTheirLink: "A copy is acknowledged on the link that it came by, if that can be written to.",
    OverdueIsToldOnce: "What the application has not acknowledged is told to be overdue after Slack's 3 s, and once.",
    DeliveriesEndInTime: "Nothing is outstanding for longer than a late acknowledgement may take.",
    EveryDeliveryIsAccountedFor: "delivered = acknowledged + ack_lost + declined + expired + outstanding.",
    CountersCountWhatHappened: "A counter of what can be seen from outside counts what was asked, told and put in.",
    AlwaysADeadline: "There is a deadline, or it has stopped.",
    DeadlinesLieAhead: "After the timeouts were handled, the next deadline is later.",
    WakingEarlyChangesNothing: "A wake-up before the deadline changes nothing.",
    AttemptsAreCounted: "An attempt's number is one more than the failures since the slot's last stable link.",
    BackoffIsKept: "A back-off lies within its bounds, nothing is attempted before it is over, and it is not zero twice.",
    GhostsAloneAddSlots: "There are more connections than configured only while Slack counts those of others, and there is room for a rotation.",
    LinksEndWithACloseFrame: "No link is dropped without a close frame before.",
    DarkForAShareOfTheLastLife: "After a link that was up for a useful while, the next attempt of its slot begins within a share of that while, unless the budget, Retry-After or room forbid it.",
    RetryAfterIsHonoured: "Nothing is opened before Slack's Retry-After.",
    OpensStayWithinTheBudget: "Opens over any window stay within the budget.",
    AStepOpensOncePerSlot: "One step opens at most as many connections as there are slots.",
    NothingOpensWhileStopping: "After a fatal verdict or a shutdown nothing is opened or dialed.",
    StopsInTime: "Once the grace of a shutdown is over, nothing is left but links that are closing.",
    StoppedOnceAndLast: "Stopped comes once, and nothing is left or comes after it.",
    StrayInputsChangeNothing: "An input for a connection that is gone changes nothing but a counter.",
    OutputsAreBounded: "A step has a bounded number of outputs.",
    NothingPanics: "No input and no moment makes it panic.",
    NoSecretIsShown: "No ticket and no payload is in what Debug shows.",
    ComesUpAgain: "From every state that does not stop, every slot comes up when Slack, the network and time are kind.",
    StopsInTheEnd: "From every state that stops, the end comes by time alone.",
    ConnectedWhenSlackBehaves: "Once Slack behaves for a while, every slot has its link.",
    DeliveredWhenSlackBehaves: "Once Slack and the application behave, every envelope is delivered and acknowledged.",
    WakeUpsAreHeard: "A poll that nobody asked for changes nothing.",
    NoHotLoop: "The client is polled no more often than something happens.",
    QueuesAreBounded: "What waits inside the client and its transport stays within bounds.",
    ReplayIsTheSame: "The same seed and steps give the same outputs, if they are fetched at the same times.",
}

/// An invariant that does not hold.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Which.
    pub invariant: Invariant,
    /// How it was found.
    pub detail: String,
}

impl Violation {
    /// Found so.
    #[must_use]
    pub fn new(invariant: Invariant, detail: String) -> Self {
        Self { invariant, detail }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({})\n{}", self.invariant, self.invariant.sentence(), self.detail)
    }
}
