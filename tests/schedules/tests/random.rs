//! Whole lives in random orders: by hand 100,000 of them, or as many as `SCHEDULES` says.

mod explore;

use explore::{random_schedules, schedules_with_few_switches};
use socketmode_schedules::schedules::life;

#[test]
fn lives_in_random_orders() {
    random_schedules("lives_in_random_orders", life::a_life);
}

#[test]
fn lives_with_few_switches_at_bad_moments() {
    schedules_with_few_switches("lives_with_few_switches_at_bad_moments", life::a_life);
}
