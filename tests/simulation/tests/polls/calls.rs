//! Calls: to open a connection, and of the Web API.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use socketmode_driver::web::MAX_CALLS;
use socketmode_driver::{BotToken, Event, Notice, OpenError};
use socketmode_model::step::{OwnedInput, slack};
use socketmode_protocol::AckPolicy;
use socketmode_simulation::transport::{Asked, Received};

use crate::harness::Up;

fn now<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn response(input: &OwnedInput) -> http::Response<bytes::Bytes> {
    let OwnedInput::Opened { status, retry_after, body } = input else { panic!("an answer") };
    let mut response = http::Response::builder().status(*status);
    if let Some(seconds) = retry_after {
        response = response.header("retry-after", seconds);
    }
    response.body(body.clone().into()).unwrap()
}

#[test]
fn all_tokens_and_clones_of_a_client_share_its_turns() {
    let up = Up::new(1, AckPolicy::Manual);
    let before = up.memory.calls().len();
    let webs = [
        up.client.web(BotToken::new("xoxb-1").unwrap()),
        up.client.web(BotToken::new("xoxb-2").unwrap()),
        up.client.clone().web(BotToken::new("xoxb-1").unwrap()),
    ];
    let webs = webs.iter().cycle().take(2 * MAX_CALLS);
    let mut calls: Vec<_> =
        webs.map(|web| Box::pin(web.call::<BTreeMap<String, bool>>("api.test", &()))).collect();
    for call in &mut calls {
        assert!(now(call.as_mut()).is_pending());
    }
    assert_eq!(up.memory.calls().len() - before, MAX_CALLS);
}

#[test]
fn an_open_call_waits_as_long_as_slack_asks() {
    let mut up = Up::built(|builder| builder);
    up.poll();
    let [call] = up.memory.calls()[..] else { panic!("one call") };
    up.memory.answer(call, Ok(response(&slack::rate_limited("120"))));
    up.poll();
    let wait = Duration::from_secs(120);
    let told = std::iter::from_fn(|| match up.next_event() {
        Poll::Ready(event) => event,
        Poll::Pending => None,
    });
    let retries: Vec<_> = told
        .filter_map(|event| {
            if let Event::Notice(Notice::ConnectionError { retry_in, .. }) = event {
                Some(retry_in)
            } else {
                None
            }
        })
        .collect();
    assert!(matches!(retries[..], [retry_in] if retry_in >= wait), "{retries:?}");
    up.memory.advance(up.memory.time() + (wait - Duration::from_millis(1)));
    up.poll();
    assert!(up.memory.calls().is_empty(), "it is called too early");
}

#[test]
fn a_url_for_the_application_may_lead_where_the_clients_may() {
    let base = "https://slack.test/api/";
    let up = Up::built(|builder| {
        builder.base_url(base).config(|config| config.allowed_hosts.push("links.test".into()))
    });
    for (host, is_good) in [("slack.test", true), ("links.test", true), ("example.com", false)] {
        let mut open = pin!(up.client.open());
        assert!(now(open.as_mut()).is_pending());
        let body = format!(r#"{{"ok":true,"url":"wss://{host}/link/?ticket=t"}}"#);
        for call in up.memory.calls() {
            up.memory.answer(call, Ok(http::Response::new(body.clone().into())));
        }
        let Poll::Ready(opened) = now(open) else { panic!("it was answered") };
        assert_eq!(opened.map(|url| url.host().to_owned()).ok(), is_good.then(|| host.to_owned()));
    }
}

#[test]
fn a_url_for_the_application_is_waited_for_up_to_open_timeout() {
    let after = Duration::from_secs(3);
    let up = Up::built(|builder| builder.config(|config| config.open_timeout = after));
    let mut open = pin!(up.client.open());
    assert!(now(open.as_mut()).is_pending());
    up.memory.advance(up.memory.time() + (after - Duration::from_millis(1)));
    assert!(now(open.as_mut()).is_pending());
    up.memory.advance(up.memory.time() + Duration::from_millis(1));
    assert!(matches!(now(open), Poll::Ready(Err(OpenError::TimedOut))));
}

#[test]
fn an_answer_and_an_event_that_come_together_are_both_read() {
    for polls_before in 0..2 {
        let mut up = Up::new(2, AckPolicy::Manual);
        let [gone, there] = up.links[..] else { panic!("two links") };
        up.memory.deliver(gone, Received::Eof);
        up.poll();
        let [call] = up.memory.calls()[..] else { panic!("one call") };
        // Each poll begins with another connection.
        (0..polls_before).for_each(|_| up.poll());
        up.asked();
        up.memory.answer(call, Ok(response(&slack::rate_limited("120"))));
        up.event(there, "e1");
        up.poll();
        let asked = up.asked();
        let is_heard = asked.iter().any(|asked| matches!(asked, Asked::Heard(_)));
        assert_eq!((is_heard, up.memory.lying(there).0), (true, 0), "{polls_before}");
    }
}

#[test]
fn no_call_follows_an_answer_that_forbids_it() {
    let mut made = 0;
    for first in 0..3 {
        let mut up = Up::new(3, AckPolicy::Manual);
        let links = up.links.clone();
        up.memory.deliver(links[first], Received::Eof);
        up.poll();
        let [call] = up.memory.calls()[..] else { panic!("one call") };
        up.asked();
        up.memory.answer(call, Ok(response(&slack::rate_limited("120"))));
        for &link in links.iter().filter(|&&link| link != links[first]) {
            up.memory.deliver(link, Received::Eof);
        }
        up.poll();
        let asked = up.asked();
        let heard = asked.iter().position(|asked| matches!(asked, Asked::Heard(_)));
        let calls = |asked: &Asked| matches!(asked, Asked::Call(_));
        assert!(!asked.iter().skip(heard.unwrap()).any(calls), "{first}: {asked:?}");
        made += asked.iter().filter(|&asked| calls(asked)).count();
    }
    assert!(made > 0, "a call comes before the answer in one of the orders");
}
