//! Small cases in every order that their threads can go in.

mod explore;

use explore::every_schedule;
use socketmode_schedules::schedules::{commands, events};

macro_rules! every_schedule {
    ($($module:ident::$body:ident),* $(,)?) => {
        $(#[test]
        fn $body() {
            every_schedule(stringify!($body), $module::$body);
        })*
    };
}

every_schedule! {
    commands::each_command_wakes_the_loop,
    commands::an_acknowledgement_has_an_outcome_when_the_loop_ends,
    commands::each_drop_wakes_a_loop_that_is_ending,
    commands::a_drop_is_taken_with_the_next_acknowledgement,
    commands::an_acknowledgement_and_a_drop_of_one_loop_that_ends,
    commands::a_full_mailbox_has_room_once_the_loop_took,
    commands::a_shutdown_wakes_the_loop_and_has_an_answer,
    commands::the_shortest_grace_is_taken_first_or_last,
    commands::a_shutdown_can_be_awaited_in_another_task,
    events::a_reader_hears_everything_in_order_and_the_end,
    events::a_reader_that_waits_hears_the_end,
    events::a_full_queue_wakes_the_loop_once_half_is_read,
    events::a_reader_can_move_to_another_task,
    events::dropping_the_stream_wakes_the_loop,
    events::dropping_the_stream_while_it_fills_declines_everything,
}
