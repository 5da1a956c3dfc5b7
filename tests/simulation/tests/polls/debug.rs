//! What Debug shows.

use socketmode_driver::{AppToken, BotToken, Client, Frame, Response};
use socketmode_protocol::AckPolicy;
use socketmode_simulation::transport::{Memory, Received};

use crate::harness::Up;

#[test]
fn debug_of_the_users_types_shows_no_secret() {
    let mut up = Up::new(1, AckPolicy::Manual);
    while up.next_event().is_ready() {}
    let payload = r#"{"token":"verification-secret"}"#;
    let envelope = format!(r#"{{"type":"events_api","envelope_id":"e","payload":{payload}}}"#);
    up.memory.deliver(up.links[0], Received::Frame(Frame::Text(envelope)));
    up.poll();
    let builder = Client::<Memory>::builder(AppToken::new("xapp-1-secret").unwrap());
    let answer = Response::with_payload("e", "secret").unwrap();
    let web = up.client.web(BotToken::new("xoxb-secret").unwrap());
    for (shown, name) in [
        (format!("{builder:?}"), "Builder { config: Config {"),
        (format!("{:?}", up.client), "Client { stats: Stats {"),
        (format!("{:?}", up.driver), "Some(Driver { stats: Stats {"),
        (format!("{:?}", up.events), "Some(Events"),
        (format!("{answer:?}"), r#"Response { envelope_id: "e", .. }"#),
        (format!("{web:?}"), "Web"),
        (format!("{:?}", up.request()), "Request { envelope: Envelope {"),
    ] {
        assert!(shown.starts_with(name), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");
    }
}
