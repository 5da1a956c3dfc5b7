//! How much one poll reads.

use socketmode_driver::Frame;
use socketmode_protocol::AckPolicy;
use socketmode_simulation::transport::Received;

use crate::up::Up;

#[test]
fn the_counters_are_told_though_the_loop_is_never_idle() {
    let mut up = Up::new(1, AckPolicy::OnReceive);
    let link = up.links[0];
    for _ in 0..100_000 {
        up.memory.deliver(link, Received::Frame(Frame::Ping));
    }
    up.poll();
    let told = up.client.stats().pings_received;
    assert!(told > 0 && told == 100_000 - up.memory.lying(link).0 as u64, "{told}");
}
