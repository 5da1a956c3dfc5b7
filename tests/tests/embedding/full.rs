//! An application that takes no more for a while. The blocking embedding always takes all.

use crate::bot::{Bot, Epoll, LONG, local, ms, until, wait};
use socketmode_protocol::Config;
use socketmode_simulator::{CHANNEL, Options, PERSON, Simulator};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Nothing happens on a link by time.
fn quiet() -> (Options, Config) {
    let slow = Duration::from_secs(300);
    let options = Options { ping_interval: None, ack_deadline: slow, close_tcp: false, ..Options::default() };
    let config = Config { silence: slow, client_ping: None, backoff_base: ms(100), ..local() };
    (options, config)
}

/// mio says once that the socket can be read, while the machine does not want to: then nothing but time passes.
#[test]
fn what_waited_is_read_when_time_alone_lets_it() {
    let (options, config) = quiet();
    let slack = Simulator::start(options).unwrap();
    let bot = Bot::<Epoll>::start(&slack, config);
    let link = wait(slack.wait_for_links(1, LONG)).unwrap()[0].id;
    bot.capacity.store(1, Ordering::SeqCst);
    slack.say(PERSON, CHANNEL, "and no more");
    bot.until(|told| told.deliveries.len() == 1);
    // This comes while nothing is read, and nothing comes after it.
    slack.close(link, 1000).unwrap();
    until(&slack, |now| now.counters.hellos == 2);
    bot.capacity.store(usize::MAX, Ordering::SeqCst);
    let told = bot.stop();
    assert!(told.notices.iter().any(|notice| notice.contains("Closed")), "{:#?}", told.notices);
}

#[test]
fn what_came_while_it_was_full_comes_again() {
    let (quiet, config) = quiet();
    let options = Options {
        ack_deadline: ms(500),
        redelivery: vec![ms(100); 100],
        ping_interval: Some(ms(50)),
        ..quiet
    };
    let slack = Simulator::start(options).unwrap();
    let bot = Bot::<Epoll>::start(&slack, Config { backlog_pause: ms(100), ..config });
    bot.capacity.store(1, Ordering::SeqCst);
    let sent: Vec<_> = (0..100).map(|_| slack.say(PERSON, CHANNEL, "one of many")).collect();
    until(&slack, |now| now.counters.redeliveries > 0);
    bot.capacity.store(usize::MAX, Ordering::SeqCst);
    for id in &sent {
        wait(slack.wait_for_ack(id, LONG)).unwrap();
    }
    assert_eq!(slack.counters().hellos, 1);
    let told = bot.stop();
    assert!(sent.iter().all(|id| told.deliveries.contains_key(id)));
}
