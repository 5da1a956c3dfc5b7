//! The WebSocket handshake of a link.

use super::reply::{self, Reply, Unanswered};
use super::{Place, link};
use crate::DialAnswer;
use crate::journal::Fact;
use crate::record::{DialRecord, LinkEnd};
use crate::state::Shared;
use crate::state::apps::BAD_TICKET;
use crate::state::links::Greeting;
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Empty;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use hyper::upgrade::{OnUpgrade, Parts};
use hyper_util::rt::TokioIo;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response;

pub(super) async fn answer(
    shared: Arc<Shared>,
    place: Place,
    request: Request<Incoming>,
) -> Result<Reply, Unanswered> {
    let query = request.uri().query().unwrap_or_default().as_bytes();
    let query: BTreeMap<_, _> = form_urlencoded::parse(query).into_owned().collect();
    let field = |name| query.get(name).map_or("", String::as_str);
    let (mut answer, app_id) = shared.change(|state| {
        // Whatever the answer, the ticket is used up.
        let app_id = state.redeem(field("ticket"), field("app_id"));
        let script = &mut state.script;
        let scripted = script.dials.pop_front().or_else(|| script.all_dials.clone());
        let mut answer = scripted.unwrap_or(DialAnswer::Link);
        if app_id.is_none() {
            answer = answer.refusing(BAD_TICKET);
        }
        state.counters.dials += 1;
        let record = DialRecord { at: state.now(), outcome: answer.clone() };
        state.records.dials.push(record);
        (answer, app_id.unwrap_or_default())
    });
    while let DialAnswer::Delay(by, then) = answer {
        tokio::time::sleep(by).await;
        answer = *then;
    }
    let greeting = match answer {
        DialAnswer::Link => Greeting::Hello,
        DialAnswer::HelloThen(text) => Greeting::HelloThen(text),
        DialAnswer::WithoutHello(text) => Greeting::Text(text),
        DialAnswer::NoHello => Greeting::Silence,
        DialAnswer::Status(status) => {
            shared.look(|state| state.note(Fact::Dial { link: None, ok: false, status: Some(status) }));
            return Ok(reply::custom(status, &[], "The link is refused.".to_owned(), false));
        }
        DialAnswer::Hang => std::future::pending().await,
        // A delay was waited for above.
        DialAnswer::Drop | DialAnswer::Delay(..) => return Err(Unanswered),
    };
    Ok(accept(shared, place, request, &app_id, field("debug_reconnects") == "true", greeting))
}

fn accept(
    shared: Arc<Shared>,
    place: Place,
    mut request: Request<Incoming>,
    app_id: &str,
    debug_reconnects: bool,
    greeting: Greeting,
) -> Reply {
    let upgrade = hyper::upgrade::on(&mut request);
    let (parts, _) = request.into_parts();
    let Ok(response) = create_response(&Request::from_parts(parts, ())) else {
        return reply::status(StatusCode::BAD_REQUEST);
    };
    let (id, orders, too_many) = shared.change(|state| {
        let admitted = state.admit(app_id, debug_reconnects);
        state.note(Fact::Dial { link: Some(admitted.0), ok: true, status: None });
        admitted
    });
    let greeting = if too_many { Greeting::TooMany } else { greeting };
    tokio::spawn(async move {
        let end = match upgraded(upgrade).await {
            Ok(Parts { io, read_buf, .. }) => {
                shared.change(|state| state.greet(id, &greeting));
                link::run(&shared, id, io.into_inner(), read_buf.to_vec(), orders).await
            }
            Err(words) => LinkEnd::Lost(words),
        };
        // Before it is told: who has seen the end of a link may take its place.
        drop(place);
        shared.change(|state| state.gone(id, end));
    });
    response.map(|()| UnsyncBoxBody::new(Empty::<Bytes>::new()))
}

async fn upgraded(upgrade: OnUpgrade) -> Result<Parts<TokioIo<TcpStream>>, String> {
    let upgraded = upgrade.await.map_err(|error| format!("the handshake broke off: {error}"))?;
    upgraded.downcast().map_err(|_| "the handshake came by something other than TCP".to_owned())
}
