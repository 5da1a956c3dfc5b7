//! What a beat means as time passes, and as JSON.

use super::pulse::{Pulse, Standing};
use super::*;
use crate::testing::delivering::machine_with;
use socketmode_protocol::limits::SILENCE;

const NOW: Instant = Instant::from_millis(1_000_000);

/// Everything is well: a frame came, and the loop turned, just now; the next turn is due in 12 s.
fn well() -> Beat {
    let mut standing = Standing { delivering: true, since: Some(NOW), ..Standing::default() };
    standing.connections.add(ConnectionPhase::Active);
    Beat {
        turned: Some(NOW),
        due: Some(NOW + Duration::from_secs(12)),
        last_frame: Some(NOW),
        standing,
        ..Beat::default()
    }
}

fn unready(beat: &Beat, after: Duration) -> Option<Unready> {
    Health::of(beat, NOW + after, SILENCE, 0).0.unready
}

fn changed(change: impl FnOnce(&mut Beat)) -> Option<Unready> {
    let mut beat = well();
    change(&mut beat);
    unready(&beat, Duration::ZERO)
}

#[test]
fn the_first_reason_not_to_be_ready_is_told() {
    assert_eq!(changed(|_| {}), None);
    assert_eq!(changed(|beat| *beat = Beat::default()), Some(Unready::NotStarted));
    assert_eq!(changed(|beat| beat.standing.ended = true), Some(Unready::Stopped));
    assert_eq!(changed(|beat| beat.standing.stopping = true), Some(Unready::Stopping));
    assert_eq!(changed(|beat| beat.standing.connections.active = 0), Some(Unready::NotConnected));
    assert_eq!(changed(|beat| beat.last_frame = Some(Instant::ZERO)), Some(Unready::Silent));
    assert_eq!(changed(|beat| beat.standing.delivering = false), Some(Unready::TooManyOutstanding));
    let full = |beat: &mut Beat| (beat.standing.delivering, beat.standing.backlogged) = (false, true);
    assert_eq!(changed(full), Some(Unready::QueueFull));
}

#[test]
fn a_connection_that_drains_is_up() {
    let draining = |beat: &mut Beat| {
        beat.standing.connections = Phases { draining: 1, opening: 1, ..Phases::default() };
    };
    assert_eq!(changed(draining), None);
}

#[test]
fn a_turn_may_be_late_by_less_than_five_seconds() {
    let sleeps = Duration::from_secs(12);
    let almost = STALLED_AFTER - Duration::from_millis(1);
    assert_eq!(unready(&well(), sleeps + almost), None);
    assert_eq!(unready(&well(), sleeps + STALLED_AFTER), Some(Unready::Stalled));
    let (health, until) = Health::of(&well(), NOW + sleeps + almost, SILENCE, 0);
    assert_eq!((health.live, health.overdue), (true, almost));
    assert_eq!(until, Some(NOW + sleeps + STALLED_AFTER));
    let (health, until) = Health::of(&well(), NOW + Duration::from_secs(60), SILENCE, 0);
    assert_eq!((health.live, until), (false, None), "nothing changes by time alone any more");
}

#[test]
fn a_frame_is_a_sign_of_life_for_the_silence() {
    let beat = Beat { due: Some(NOW + Duration::from_secs(60)), ..well() };
    let almost = SILENCE - Duration::from_millis(1);
    assert_eq!(unready(&beat, almost), None);
    assert_eq!(unready(&beat, SILENCE), Some(Unready::Silent));
    assert_eq!(Health::of(&beat, NOW, SILENCE, 0).1, Some(NOW + SILENCE));
}

#[test]
fn times_are_seconds_in_json() {
    let mut beat = well();
    beat.standing.gap = Some(Duration::from_millis(12_500));
    beat.standing.backlogged = true;
    let health = Health::of(&beat, NOW + Duration::from_millis(250), SILENCE, 7).0;
    let json = serde_json::to_value(&health).unwrap();
    let phases = serde_json::json!({
        "waiting": 0, "opening": 0, "dialing": 0, "greeting": 0, "active": 1, "draining": 0, "closing": 0,
        "lingering": 0,
    });
    let reconnects = serde_json::json!({
        "rotated": 0, "made_room": 0, "closed": 0, "lost": 0, "silent": 0, "too_many_unwritten": 0,
        "no_server_ping": 0, "too_many_websockets": 0, "surplus": 0, "failed_attempts": 0,
    });
    let wanted = serde_json::json!({
        "ready": false, "unready": "queue_full", "live": true, "last_turn": 0.25, "overdue": 0.0, "up": true,
        "since": 0.25, "gap": 12.5, "last_frame": 0.25, "connections": phases, "reconnects": reconnects,
        "outstanding": 0, "oldest_outstanding": null, "queued": 7, "other_connections": null,
        "stopping": false, "stopped": false,
    });
    assert_eq!(json, wanted);
}

#[test]
fn a_probe_is_told_the_health_by_its_path() {
    // Silent, and so not ready, but live.
    let beat = Beat { last_frame: Some(Instant::ZERO), ..well() };
    let health = Health::of(&beat, NOW, SILENCE, 0).0;
    let status = |path| health.probe(path).status;
    assert_eq!([status("/readyz"), status("/livez"), status("/livez?verbose")], [503, 200, 200]);
    assert_eq!([status("/"), status("/readyz/"), status("livez"), status("")], [404; 4]);
    assert_eq!(Health::of(&well(), NOW, SILENCE, 0).0.probe("/readyz").status, 200);
    assert_eq!(Health::of(&Beat::default(), NOW, SILENCE, 0).0.probe("/livez").status, 503);
    let body = health.probe("/readyz").body;
    assert_eq!(body, serde_json::to_string(&health).unwrap() + "\n");
}

#[test]
fn each_reason_of_an_end_has_a_counter() {
    let mut reconnects = Reconnects::default();
    let reasons = [
        EndReason::Rotated,
        EndReason::MadeRoom,
        EndReason::Closed { code: None },
        EndReason::Lost,
        EndReason::Silent,
        EndReason::TooManyUnwritten,
        EndReason::NoServerPing,
        EndReason::TooManyWebsockets,
        EndReason::Surplus,
        EndReason::Stopped,
    ];
    for (times, reason) in (1..).zip(&reasons) {
        (0..times).for_each(|_| reconnects.ended(reason));
    }
    reconnects.failed();
    let Reconnects {
        rotated,
        made_room,
        closed,
        lost,
        silent,
        too_many_unwritten,
        no_server_ping,
        too_many_websockets,
        surplus,
        failed_attempts,
    } = reconnects;
    assert_eq!([rotated, made_room, closed, lost, silent], [1, 2, 3, 4, 5]);
    assert_eq!([too_many_unwritten, no_server_ping, too_many_websockets, surplus], [6, 7, 8, 9]);
    assert_eq!(failed_attempts, 1);
}

#[test]
fn those_who_watch_are_woken_by_a_change_and_by_nothing_else() {
    let (wakes, task) = crate::testing::wakes::Wakes::task();
    let (pulse, mut standing) = (Pulse::default(), Standing::default());
    let mut machine = machine_with([r#"{"type":"events_api","envelope_id":"e"}"#]);
    let mut places = [None, None];
    for place in &mut places {
        pulse.watch(place, &task);
    }
    pulse.beat(&mut standing, &machine, NOW, None);
    assert_eq!(wakes.count(), 2, "each of them");
    pulse.watch(&mut places[0], &task);
    // An acknowledgement is no change.
    let token = machine.unacknowledged("e").unwrap();
    machine.decline(NOW, token);
    pulse.beat(&mut standing, &machine, NOW, None);
    assert_eq!((wakes.count(), pulse.get().stats.declined), (2, 1));
    machine.shutdown(NOW, Duration::ZERO);
    pulse.beat(&mut standing, &machine, NOW, None);
    assert_eq!(wakes.count(), 3);
    // A place stays with the one that has it.
    let mut third = None;
    pulse.watch(&mut third, &task);
    pulse.watch(&mut places[1], &task);
    assert_eq!(pulse.waiters(), 2);
    pulse.forget(third.unwrap());
    pulse.end(&mut standing, &machine, NOW);
    assert_eq!(wakes.count(), 4);
}
