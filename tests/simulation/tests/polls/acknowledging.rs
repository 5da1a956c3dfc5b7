//! Where acknowledgements go.

use std::time::Duration;

use socketmode_driver::Frame;
use socketmode_model::step::{Happening, slack};
use socketmode_protocol::AckPolicy;
use socketmode_simulation::transport::Asked;

use crate::up::Up;

#[test]
fn what_moves_to_another_link_as_its_own_closes_is_acknowledged_once() {
    let mut up = Up::new(2, AckPolicy::OnReceive);
    let link = up.links[0];
    up.say(link, Happening::Text(slack::event("e1", "Ev1", 0)));
    up.say(link, slack::disconnect("too_many_websockets"));
    up.poll();
    up.memory.advance(up.memory.time() + Duration::from_secs(1));
    up.poll();
    let asked = up.asked();
    let is_ack = |asked: &&Asked| matches!(asked, Asked::Sent(_, Frame::Text(text)) if text.contains("e1"));
    assert_eq!(asked.iter().filter(is_ack).count(), 1, "{asked:?}");
    let closes = |asked: &Asked| matches!(asked, Asked::Sent(on, Frame::Close(_)) if *on == link);
    assert!(asked.iter().any(closes), "{asked:?}");
}
