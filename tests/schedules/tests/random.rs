//! Lives in random orders: by hand 100,000 of each kind, or as many as `SCHEDULES` says.

mod explore;

use explore::{random_schedules, schedules_with_few_switches};
use socketmode_schedules::schedules::{endings, whole_client};

#[test]
fn whole_clients_in_random_schedules() {
    random_schedules("whole_clients_in_random_schedules", whole_client::a_life);
}

#[test]
fn whole_clients_with_few_switches_at_bad_moments() {
    schedules_with_few_switches("whole_clients_with_few_switches_at_bad_moments", whole_client::a_life);
}

macro_rules! in_both_ways {
    ($($body:ident),* $(,)?) => {
        $(#[test]
        fn $body() {
            random_schedules(stringify!($body), endings::$body);
            schedules_with_few_switches(stringify!($body), endings::$body);
        })*
    };
}

in_both_ways! {
    a_shutdown_waits_for_a_drop_and_no_longer,
    an_ack_before_a_shutdown_goes_out,
    a_dropped_stream_ends_the_client_once_the_rest_is_settled,
}
