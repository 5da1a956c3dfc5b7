//! The life of a link, from the accepted handshake to the end of its TCP connection.

pub(crate) use super::orders::{Order, Orders};

use super::orders::Queued;
use super::timers::{Deadline, TimerKey};
use super::{Shared, State};
use crate::record::{Direction, FrameRecord, LinkEnd, LinkId, LinkInfo, LinkState};
use crate::{Opcode, raw};
use serde_json::json;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

/// Closed links that are remembered.
const KEPT_LINKS: usize = 10_000;
/// The shortest time between two pings: less would leave time for nothing else.
const SHORTEST_PING: Duration = Duration::from_millis(1);
/// The longest life of a link dialled with `debug_reconnects=true`.
const DEBUG_LIFETIME: Duration = Duration::from_secs(360);
/// What hello announces where links live for ever.
const USUAL_LIFETIME: Duration = Duration::from_secs(18_060);
/// The code of a close that is nobody's fault.
pub(crate) const NORMAL_CLOSE: u16 = 1000;

/// How a link begins.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Greeting {
    Hello,
    HelloThen(String),
    Text(String),
    Silence,
    TooMany,
}

/// The links; of closed ones the last [`KEPT_LINKS`].
#[derive(Default)]
pub(crate) struct Links {
    links: BTreeMap<LinkId, Link>,
    /// Those not closed, by app.
    live: BTreeMap<String, Vec<LinkId>>,
    /// Those whose TCP is gone, oldest first.
    gone: VecDeque<LinkId>,
    last: u64,
    open: usize,
    pub(crate) dark_since: Option<Instant>,
}

pub(crate) struct Link {
    pub(crate) info: LinkInfo,
    orders: mpsc::UnboundedSender<Order>,
    queued: Arc<Queued>,
    ping: Option<TimerKey>,
    /// When something came from its client last, or it was opened.
    pub(crate) heard: Instant,
    /// Whether it rotates, and has not been told that it is to be left at once.
    pub(super) refresh_due: bool,
    /// When it is given up, unless something comes.
    pub(crate) sign_due: Option<TimerKey>,
    /// The next thing that time alone will do to it: the rotation, the cut, the end of the close.
    pub(super) fate: Option<TimerKey>,
}

impl Links {
    pub(crate) fn all(&self) -> Vec<LinkInfo> {
        self.links.values().map(|link| link.info.clone()).collect()
    }

    /// Those whose TCP is there, and the last ones that are gone.
    pub(crate) fn there(&self) -> impl Iterator<Item = &Link> {
        /// Links that are gone and still shown.
        const SHOWN: usize = 8;
        let hidden = self.gone.len().saturating_sub(SHOWN);
        let oldest_shown = self.gone.get(hidden).copied();
        self.links.values().filter(move |link| {
            link.info.gone_at.is_none() || oldest_shown.is_some_and(|oldest| link.info.id >= oldest)
        })
    }

    pub(crate) fn get(&self, id: LinkId) -> Option<&Link> {
        self.links.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: LinkId) -> Option<&mut Link> {
        self.links.get_mut(&id)
    }

    pub(crate) fn live_of(&self, app_id: &str) -> &[LinkId] {
        self.live.get(app_id).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn open(&self) -> usize {
        self.open
    }
}

impl Shared {
    /// A message is about to be handed to the wire.
    pub(crate) fn sending(&self, id: LinkId, message: &Message) {
        let record = |state: &mut State| {
            state.note_sent(id, message);
            if state.options.record_frames {
                state.record_frame(id, Direction::ToClient, message.clone());
            }
        };
        if message.is_ping() {
            self.change(|state| {
                state.counters.pings_sent += 1;
                record(state);
            });
        } else {
            // No snapshot shows it: nobody needs to be woken.
            self.look(record);
        }
    }
}

impl State {
    /// Accepts a dial; the link counts from now on.
    pub(crate) fn admit(&mut self, app_id: &str, debug_reconnects: bool) -> (LinkId, Orders, bool) {
        self.links.last += 1;
        let id = LinkId(self.links.last);
        let (sender, receiver) = mpsc::unbounded_channel();
        let queued = Arc::<Queued>::default();
        let info = LinkInfo {
            id,
            app_id: app_id.to_owned(),
            state: LinkState::Greeting,
            opened_at: self.now(),
            hello_at: None,
            warned_at: None,
            closed_at: None,
            gone_at: None,
            end: None,
            frozen: false,
            debug_reconnects,
            envelopes: 0,
            acks: 0,
        };
        let link = Link {
            info,
            orders: sender,
            queued: Arc::clone(&queued),
            ping: None,
            heard: Instant::now(),
            refresh_due: false,
            sign_due: None,
            fate: None,
        };
        self.links.links.insert(id, link);
        let counted = self.counted(app_id);
        let live = self.links.live.entry(app_id.to_owned()).or_default();
        let too_many = counted >= self.options.max_links;
        if !too_many {
            live.push(id);
        }
        let all = self.links.live.values().map(Vec::len).sum();
        self.counters.most_links_at_once = self.counters.most_links_at_once.max(all);
        (id, Orders { receiver, queued }, too_many)
    }

    /// The handshake is through: says what a link says first.
    pub(crate) fn greet(&mut self, id: LinkId, greeting: &Greeting) {
        match greeting {
            Greeting::Hello => self.hello(id, None),
            Greeting::HelloThen(text) => self.hello(id, Some(text)),
            Greeting::Text(text) => self.order(id, Order::Send(Message::text(text.as_str()))),
            Greeting::Silence => {}
            Greeting::TooMany => {
                self.disconnect(id, "too_many_websockets");
                self.close(id, NORMAL_CLOSE, "too many websockets");
            }
        }
        self.set_ping(id);
    }

    fn hello(&mut self, id: LinkId, then: Option<&str>) {
        let now = self.now();
        let Some(link) = self.links.links.get_mut(&id) else { return };
        if link.info.state != LinkState::Greeting {
            return;
        }
        let lifetime = match self.options.lifetime {
            Some(lifetime) if link.info.debug_reconnects => Some(lifetime.min(DEBUG_LIFETIME)),
            None if link.info.debug_reconnects => Some(DEBUG_LIFETIME),
            lifetime => lifetime,
        };
        link.fate = lifetime.map(|lifetime| self.timers.set(lifetime, Deadline::Rotate(id)));
        link.info.state = LinkState::Open;
        link.info.hello_at = Some(now);
        let app_id = link.info.app_id.clone();
        self.note_link(id, "open", None, None);
        self.counters.hellos += 1;
        self.links.open += 1;
        if let Some(since) = self.links.dark_since.take() {
            self.counters.longest_gap = self.counters.longest_gap.max(since.elapsed());
        }
        let hello = json!({
            "type": "hello",
            "num_connections": self.counted(&app_id),
            "debug_info": {
                "host": id.to_string(),
                "build_number": 14,
                "approximate_connection_time": lifetime.unwrap_or(USUAL_LIFETIME).as_secs(),
            },
            "connection_info": {"app_id": app_id},
        });
        self.order(id, Order::Send(Message::text(hello.to_string())));
        if let Some(text) = then {
            self.order(id, Order::Send(Message::text(text)));
        }
        for other in self.links.live_of(&app_id).to_vec() {
            if other != id {
                self.refresh(other);
            }
        }
        self.deliver_waiting(&app_id);
    }

    /// Sends a `disconnect`.
    pub(crate) fn disconnect(&mut self, id: LinkId, reason: &str) {
        let now = self.now();
        let Some(link) = self.links.get_mut(id) else { return };
        if link.info.state == LinkState::Open {
            link.info.state = LinkState::Warned;
        }
        link.info.warned_at.get_or_insert(now);
        self.note_link(id, "warned", None, Some(reason));
        self.counters.disconnects += 1;
        let message = json!({"type": "disconnect", "reason": reason, "debug_info": {"host": id.to_string()}});
        self.order(id, Order::Send(Message::text(message.to_string())));
    }

    /// Starts the close handshake.
    pub(crate) fn close(&mut self, id: LinkId, code: u16, reason: &str) {
        if self.links.get(id).is_none_or(|link| link.info.state == LinkState::Closed) {
            return;
        }
        self.order(id, Order::Close(code, reason.to_owned()));
        self.note_link(id, "closing", Some(code), Some(reason));
        self.closed(id, LinkEnd::ClosedBySlack(code));
        self.limit_tcp(id);
    }

    /// Ends a link without a close frame.
    pub(crate) fn end(&mut self, id: LinkId, order: Order, end: LinkEnd) {
        self.order(id, order);
        self.closed(id, end);
    }

    /// The client never answered the close frame.
    pub(crate) fn abandon(&mut self, id: LinkId) {
        self.order(id, Order::Drop);
    }

    pub(crate) fn freeze(&mut self, id: LinkId, frozen: bool) {
        self.order(id, if frozen { Order::Freeze } else { Order::Thaw });
        if let Some(link) = self.links.get_mut(id) {
            link.info.frozen = frozen;
        }
        self.note_link(id, if frozen { "frozen" } else { "thawed" }, None, None);
    }

    /// The link is no longer one: nothing is sent to it any more.
    pub(crate) fn closed(&mut self, id: LinkId, end: LinkEnd) {
        let now = self.now();
        let Some(link) = self.links.links.get_mut(&id) else { return };
        if link.info.state == LinkState::Closed {
            return;
        }
        if link.info.is_open() {
            self.links.open -= 1;
            if self.links.open == 0 {
                self.links.dark_since = Some(Instant::now());
            }
        }
        link.info.state = LinkState::Closed;
        link.info.closed_at = Some(now);
        link.info.end = Some(end);
        self.timers.cancel(link.ping.take());
        self.timers.cancel(link.sign_due.take());
        self.timers.cancel(link.fate.take());
        if let Some(live) = self.links.live.get_mut(&link.info.app_id) {
            live.retain(|other| *other != id);
        }
    }

    /// The link's TCP connection is gone.
    pub(crate) fn gone(&mut self, id: LinkId, end: LinkEnd) {
        self.closed(id, end);
        self.note_end(id);
        let now = self.now();
        if let Some(link) = self.links.links.get_mut(&id) {
            self.timers.cancel(link.fate.take());
            link.info.gone_at = Some(now);
            self.links.gone.push_back(id);
        }
        if self.links.gone.len() > KEPT_LINKS {
            if let Some(oldest) = self.links.gone.pop_front() {
                self.links.links.remove(&oldest);
            }
        }
    }

    pub(crate) fn ping(&mut self, id: LinkId) {
        self.order(id, Order::Send(Message::Ping(format!("Ping from {id}").into())));
        self.set_ping(id);
        self.expect_a_sign(id);
    }

    /// Gives a link's socket something to do.
    pub(crate) fn order(&mut self, id: LinkId, order: Order) {
        let Some(link) = self.links.get(id) else { return };
        if !link.queued.takes(&order) {
            let _ = link.orders.send(Order::Reset);
            self.closed(id, LinkEnd::Reset);
            return;
        }
        // A socket that is gone needs no orders.
        let _ = link.orders.send(order);
    }

    /// A message came from the client.
    pub(crate) fn received(&mut self, id: LinkId, message: Message) {
        self.alive(id);
        self.note_received(id, &message);
        match &message {
            Message::Text(text) => self.acknowledged(id, text),
            Message::Ping(_) => self.counters.pings_received += 1,
            Message::Pong(_) => self.counters.pongs_received += 1,
            Message::Close(frame) => {
                let code = frame.as_ref().map(|frame| u16::from(frame.code));
                self.closed(id, LinkEnd::ClosedByClient(code));
                self.limit_tcp(id);
            }
            Message::Binary(_) | Message::Frame(_) => self.counters.strange_messages += 1,
        }
        if self.options.record_frames {
            self.record_frame(id, Direction::FromClient, message);
        }
    }

    fn record_frame(&mut self, link: LinkId, direction: Direction, message: Message) {
        let (opcode, bytes) = raw::describe(message);
        // An inbound frame's bytes pin the whole block they were read into.
        let bytes = match direction {
            Direction::ToClient => bytes,
            Direction::FromClient => bytes::Bytes::copy_from_slice(&bytes),
        };
        debug_assert!(opcode != Opcode::Continuation || direction == Direction::ToClient);
        let at = self.now();
        self.records.frames.push(FrameRecord { link, direction, opcode, bytes, at });
    }

    fn set_ping(&mut self, id: LinkId) {
        let Some(every) = self.options.ping_interval else { return };
        let Some(link) = self.links.links.get_mut(&id) else { return };
        if link.info.state != LinkState::Closed {
            link.ping = Some(self.timers.set(every.max(SHORTEST_PING), Deadline::Ping(id)));
        }
    }
}
