//! The promises, each proven by programs in C that link to the shared library. Every test is a process of its own.

mod common;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use common::c::{self, compile, run, text};

/// Programs end by themselves after a minute; this is for those that cannot.
const LIMIT: Duration = Duration::from_secs(90);

/// Which test proves which promise: programs of tests/c with the tests in them.
macro_rules! promises {
    ($($(#[$promise:meta])* $program:ident: $($name:ident),+;)+) => {
        $($(#[test] fn $name() { prove(stringify!($program), stringify!($name)) })+)+

        /// The same with a thread of the library's own: the same events, in the same order, with the same codes.
        mod with_io_thread {
            $($(#[test] fn $name() { super::prove_with_io_thread(stringify!($program), stringify!($name)) })+)+
        }

        const PROVEN: &[(&str, &[&str])] = &[$((stringify!($program), &[$(stringify!($name)),+])),+];
    };
}

promises! {
    /// 1. One loop does all work, whatever the size of its batches; and the host's own loop over poll(2).
    promise_loop:
        one_loop_serves_both_ends,
        the_capacity_changes_nothing,
        capacity_0_writes_and_loses_nothing,
        a_host_that_sleeps_gets_all_of_a_batch,
        a_host_that_sleeps_may_send_between_polls,
        a_host_that_sleeps_closes_and_frees,
        a_host_that_sleeps_does_not_hold_up_other_threads,
        a_host_that_sleeps_is_woken_by_other_threads;
    /// 2. Handles are values, and nothing new is ever taken for what is over.
    promise_handles:
        a_connection_is_stale_at_the_poll_after_its_last_event,
        a_listener_is_stale_at_the_poll_after_its_last_event,
        a_last_event_that_was_put_by_keeps_its_handle_alive,
        closing_twice_is_no_error_and_freeing_twice_is,
        a_new_engine_revives_no_handle,
        a_new_connection_revives_no_handle,
        of_two_threads_that_free_an_engine_one_does,
        of_two_threads_that_free_an_error_one_does;
    /// 3. Events come in wire order, messages before the one last event, whatever way a connection ends or pauses.
    promise_order:
        messages_come_in_order_and_then_one_close,
        every_connection_ends_exactly_once,
        a_close_right_behind_the_messages_hides_none,
        an_end_right_behind_the_messages_hides_none,
        a_reset_right_behind_the_messages_hides_none,
        a_write_that_fails_hides_no_message,
        a_host_that_closes_still_hears_what_was_said,
        a_call_that_failed_causes_no_event,
        pauses_keep_the_order_and_lose_nothing,
        a_paused_connection_ends_after_its_messages,
        what_is_queued_leaves_a_paused_connection,
        a_flood_drowns_nobody,
        a_host_with_enough_to_do_hears_of_others,
        the_users_number_is_in_every_event;
    /// 1, 3. hws_recv takes one connection's messages and leaves everything else in order.
    promise_recv:
        messages_of_others_wait_in_order,
        receives_and_polls_in_turn_keep_the_order,
        other_events_of_its_own_wait_too,
        without_a_message_it_times_out_and_takes_nothing,
        the_end_is_the_calls_own_status,
        an_end_that_was_put_by_is_the_calls_own_status_too,
        a_client_that_does_not_open_is_its_status,
        fragments_are_received_one_by_one,
        a_receive_that_is_refused_takes_nothing;
    /// 4. Sends are all or nothing, and what is passed in is copied; fragments, pings, tokens.
    promise_sending:
        a_refused_send_leaves_nothing_and_writable_follows,
        a_message_larger_than_the_queue_is_refused_for_good,
        tokens_come_back_in_order,
        a_token_comes_when_the_message_has_left,
        what_was_sent_may_be_overwritten_at_once,
        fragments_are_one_message_with_pings_between,
        a_fragment_that_is_refused_leaves_nothing,
        fragments_are_delivered_on_request,
        pings_and_unasked_pongs_are_delivered_on_request,
        a_pong_tells_its_ping_and_how_long_it_took,
        without_auto_pong_the_host_answers,
        a_long_answer_to_a_single_message_leaves_at_once;
    /// 4. The same for many messages with one call, to whomever they are for.
    promise_batch:
        each_goes_to_whom_it_is_for_in_its_order,
        what_was_received_is_sent_on_from_where_it_lies,
        a_batch_may_hold_whatever_hws_send_takes,
        much_leaves_at_once,
        long_ones_leave_at_once,
        long_ones_to_one_that_has_gone,
        long_ones_stop_at_the_first_that_is_refused,
        long_ones_fill_the_queue,
        a_batch_stops_at_the_first_that_is_refused,
        a_full_queue_ends_a_batch,
        an_array_of_another_header,
        a_batch_of_another_thread_leaves_at_once,
        batches_of_four_threads_keep_each_its_order;
    /// 5. Any thread may call anything; a poller that is blocked hears of it.
    promise_threads:
        messages_of_four_threads_arrive_whole,
        a_second_poller_is_refused_and_a_wake_ends_the_first,
        a_wake_before_the_poll_is_not_lost,
        a_send_goes_out_while_the_poller_sleeps,
        a_token_reaches_the_poller_that_sleeps,
        an_abort_wakes_the_poller,
        a_close_goes_out_and_ends_while_the_poller_sleeps,
        a_deadline_from_another_thread_is_kept,
        a_connect_from_another_thread_is_carried_out,
        a_name_is_resolved_while_the_poller_sleeps,
        the_end_of_a_listener_wakes_the_poller,
        the_end_of_a_pause_wakes_the_poller,
        freeing_the_engine_ends_the_poll,
        the_last_error_is_the_threads_own,
        the_last_error_outlives_one_more,
        a_storm_of_calls_leaves_nothing_open;
    /// 6. Deadlines live in the engine.
    promise_deadlines:
        an_opening_that_is_never_answered,
        a_handshake_that_is_never_answered,
        a_request_that_never_comes,
        a_close_that_is_never_answered,
        a_peer_that_takes_nothing,
        a_peer_has_its_time_from_when_something_is_sent,
        a_connection_that_is_idle,
        a_ping_that_is_never_answered,
        a_deadline_wakes_a_poll_without_end,
        what_came_in_time_is_told_first,
        a_pong_that_came_in_time_counts,
        what_came_in_time_counts_each_time,
        a_host_without_room_takes_nobody_for_dead;
    /// A peer that is dead is noticed, and one that lives is left alone.
    promise_liveness:
        a_heartbeat_is_answered_behind_the_hosts_back,
        an_answer_is_delivered_on_request,
        any_message_is_a_sign_of_life,
        heartbeats_may_be_large,
        each_route_has_its_own,
        a_heartbeat_rests_during_a_pause,
        an_answer_is_one_when_a_pause_is_cut_short,
        a_dead_peer_is_noticed_whichever_is_longer,
        a_flood_hides_no_death,
        one_that_takes_nothing_is_dead_too,
        half_a_close_is_noticed_at_once,
        half_a_close_is_no_answer,
        a_host_that_only_receives_hears_of_it,
        a_pause_only_puts_it_off,
        resuming_what_is_not_paused_puts_nothing_off,
        a_round_trip_is_told;
    /// Presets are plain data; tests/presets.rs compares them with their page.
    promise_presets:
        presets_are_as_the_page_says,
        presets_are_accepted_as_options,
        a_preset_fills_what_there_is,
        a_preset_that_fails_writes_nothing;
    /// Hooks that do what they must not: nothing deadlocks, nothing recurses, nothing is lost in silence.
    promise_hooks:
        an_allocator_that_calls_the_library_is_refused,
        an_exception_that_leaves_a_hook_ends_the_process_in_words,
        other_threads_go_on_while_a_hook_runs;
    /// 7, 8. Zero is the default; a failure explains itself.
    promise_errors:
        nothing_but_zeros_is_a_server_and_a_client,
        an_older_header_is_understood,
        a_refused_connection_says_by_whom,
        the_chain_of_causes_is_one_line,
        the_line_begins_with_the_name_of_the_status,
        a_kept_error_crosses_threads_and_outlives_its_engine,
        a_refusal_is_kept_with_its_headers_and_body,
        a_connection_knows_what_ended_it,
        using_a_closed_connection_says_how_it_closed,
        a_handshake_can_be_looked_at_when_it_is_done;
    /// 9. Nothing grows without a bound.
    promise_bounds:
        pings_of_a_peer_that_does_not_read,
        empty_pings_of_a_peer_that_does_not_read,
        delivered_pings_of_a_peer_that_does_not_read,
        messages_for_a_paused_connection,
        pings_for_a_paused_connection,
        small_messages_for_batches_of_one,
        large_messages_for_batches_of_one,
        large_messages_for_large_batches,
        messages_put_by_while_receiving,
        echoes_to_a_peer_that_does_not_read,
        a_header_that_claims_much,
        room_is_not_touched_before_it_is_used,
        a_thousand_connections_leave_nothing,
        deadlines_go_with_their_connections;
    /// 9. What nobody takes is bounded, too, and what is lost is told where it was.
    promise_queues:
        backpressure_loses_nothing,
        a_peer_that_is_held_back_is_not_dead,
        the_newest_are_kept,
        the_oldest_are_kept,
        each_gap_before_the_rest_is_counted,
        each_gap_behind_the_rest_is_counted,
        a_small_batch_gets_fresh_data,
        only_messages_are_dropped,
        one_message_always_has_room,
        what_waits_comes_before_the_end,
        a_pause_holds_what_waits,
        what_waits_and_what_is_lost_is_counted,
        a_queue_that_cannot_be_is_refused;
    /// 10. A bug in hawser does not kill the host.
    promise_panic:
        a_panic_is_a_code_and_poisons_its_engine_only,
        a_poller_that_sleeps_comes_back;
    /// With a thread of its own an engine lives while its host stalls.
    promise_io_thread:
        a_host_that_stalls_looks_alive,
        a_host_that_stalls_finds_everything_in_order,
        connections_open_and_end_while_the_host_stalls,
        deadlines_are_kept_while_the_host_stalls,
        what_came_before_a_close_can_be_answered,
        a_close_is_answered_though_the_host_stalls,
        sends_leave_at_once,
        the_descriptor_tells_of_events_and_wakes,
        the_descriptor_tells_of_nothing_that_is_held,
        the_wake_hook_tells_of_events,
        a_receive_takes_what_waits,
        its_log_is_written_by_the_thread,
        the_thread_has_a_name_and_ends_with_its_engine,
        the_logger_cannot_free_the_engine,
        a_storm_of_threads_hears_everything,
        what_belongs_to_nobody_is_bounded,
        requests_that_nobody_takes_are_answered,
        an_engine_follows_one_without_a_thread,
        without_a_thread_there_is_no_engine;
    /// Counters add up; the log, wake and allocator hooks are called and nothing else is.
    promise_inspect:
        what_one_end_sends_the_other_receives,
        an_engine_remembers_connections_that_are_gone,
        pings_pongs_queues_and_failures_are_counted,
        the_log_is_told_up_to_its_level,
        the_wake_hook_is_called_when_a_poll_is_due,
        a_host_that_asks_for_no_time_is_woken_too,
        the_wake_hook_is_called_when_a_name_is_resolved,
        all_memory_is_the_hosts_and_comes_back,
        the_memory_of_the_resolver_comes_back,
        an_allocator_comes_first_or_not_at_all,
        an_allocator_is_set_once,
        half_an_allocator_is_none,
        the_library_says_what_it_can;
    /// What the system does to a process: no descriptors, signals in every call, SIGPIPE.
    promise_faults:
        without_descriptors_guests_wait_and_are_let_in_later,
        guests_are_let_in_when_the_host_has_closed_something,
        without_descriptors_calls_say_so,
        signals_in_every_call_change_nothing,
        signals_do_not_hold_up_a_deadline,
        an_engine_belongs_to_the_parent_and_goes_on,
        no_descriptor_survives_exec,
        a_peer_that_resets_does_not_kill_the_host,
        peers_that_come_and_go_do_not_kill_the_host;
    /// Messages are compressed where both ends agree to it, and the host knows what that costs and saves.
    promise_compression:
        both_ends_compress_unless_told_otherwise,
        either_end_may_decline,
        windows_and_takeover_are_agreed,
        what_cannot_be_is_refused;
    /// Each path is answered as its routes say; what the host wants to decide, it decides when and where it likes.
    promise_routes:
        each_path_has_its_route,
        there_is_nothing_elsewhere,
        each_route_admits_whom_it_likes,
        a_server_goes_by_its_names,
        a_route_has_so_many_places,
        pages_are_answered_without_an_event,
        a_page_reaches_who_has_nothing_more_to_say,
        a_request_is_granted_later_by_any_thread,
        a_request_may_be_answered,
        plain_requests_are_put_to_the_host_too,
        a_mistaken_decision_decides_nothing,
        a_peer_that_has_left_is_a_stale_request,
        who_leaves_with_the_request_is_reported_too,
        a_decision_has_its_time,
        who_is_granted_and_gone_is_opened_and_closed,
        a_listener_that_is_closed_leaves_its_requests,
        adopted_sockets_have_routes_too,
        routes_that_cannot_be_are_refused,
        routes_of_another_size_are_read_as_they_lie;
    /// What is published reaches everybody who has subscribed, once, whole and in order; who cannot take it is counted.
    promise_topics:
        wildcards_stand_for_levels,
        what_is_no_topic_is_refused,
        however_many_fit_it_comes_once,
        one_may_be_left_out,
        subscriptions_end_with_the_connection,
        clients_may_subscribe_too,
        who_is_slow_goes_without,
        who_is_slow_may_be_closed,
        what_fits_into_no_queue_makes_nobody_slow,
        no_message_stands_inside_another,
        what_is_sent_and_what_is_published_keep_their_order,
        a_megabyte_for_everybody,
        a_list_may_have_anybody_in_it;
    /// A message for many is made once, whatever its receivers have agreed on; engines may share topics, hosts hear of it.
    promise_publish:
        every_window_gets_the_same,
        what_does_not_get_shorter_goes_as_it_is,
        tls_gets_the_same,
        any_thread_publishes_while_another_polls,
        engines_share_their_topics,
        an_engine_that_is_freed_leaves_the_others,
        an_engine_may_be_freed_meanwhile,
        the_host_hears_what_is_published,
        receives_leave_what_is_published,
        what_waits_unpolled_is_bounded,
        a_frame_is_made_once,
        who_leaves_a_group_leaves_nothing;
    /// Pools: sockets are counted, every call is answered once and in its turn, and no holder hears of another.
    promise_pool:
        what_comes_back_is_lent_again_under_another_name,
        two_sockets_serve_fifty_in_turn,
        another_target_makes_room,
        each_has_its_own_target,
        a_batch_has_leases_before_what_their_connections_say,
        connections_over_tls_are_lent_too,
        one_that_breaks_while_leased_is_replaced,
        one_that_is_not_released_after_its_end_takes_no_place,
        one_that_dies_at_rest_is_nobodys_affair,
        one_that_does_not_answer_is_replaced_unseen,
        one_that_answers_is_lent,
        one_that_speaks_while_nobody_listens_is_closed,
        what_was_not_delivered_is_for_nobody,
        what_was_put_by_is_for_nobody,
        what_a_holder_has_begun_ends_with_it,
        what_a_holder_wanted_to_know_is_nothing_to_the_next,
        rest_and_age_end,
        one_that_is_not_reusable_is_closed_in_order,
        nobody_there_is_told_to_each,
        an_engine_that_is_full_says_so,
        patience_ends_and_the_next_is_served,
        what_is_there_in_time_counts_however_late_it_is_read,
        answers_that_nobody_reads_count_as_waiting,
        a_lease_that_was_put_by_comes_before_its_messages,
        a_leased_one_may_be_received_from,
        what_is_not_of_the_pool_is_refused,
        a_pool_that_is_freed_leaves_its_leases,
        a_pool_that_is_freed_while_it_opens_leaves_nothing,
        an_engine_that_is_freed_ends_its_pools,
        a_bug_elsewhere_is_told_by_pools_too,
        two_threads_take_ten_thousand_turns;
    /// Pools get along with servers that greet, refuse, redirect, close or stop in the middle of a message.
    promise_pool_peers:
        a_greeting_is_for_the_first_holder,
        a_greeting_for_nobody_closes,
        a_greeting_that_may_be_dropped_waits_for_its_holder,
        what_opens_late_is_for_the_next,
        one_that_closes_at_once_is_lent_and_closes,
        a_refusal_is_for_the_one_it_was_opened_for,
        redirects_lead_a_pool_too,
        half_a_message_at_rest_is_not_lent,
        a_late_pong_is_for_nobody,
        pings_at_rest_are_answered,
        a_close_at_rest_is_answered,
        what_was_sent_leaves_in_order,
        one_that_does_not_part_makes_room,
        much_that_is_unsent_closes;
    /// TLS is a transport like any other: the same events, the same order, the same end.
    promise_tls:
        messages_of_every_size_come_back,
        messages_pass_the_eye_of_a_needle,
        large_sends_arrive_whole_and_their_tokens_in_order,
        the_size_of_the_batch_changes_nothing,
        a_pause_holds_what_is_decrypted_too,
        a_flood_over_tls_drowns_nobody,
        a_clean_close_is_clean_in_tls_too,
        a_wire_that_is_cut_is_no_end,
        an_abort_is_no_clean_end,
        one_that_stalls_holds_up_nobody,
        a_damaged_record_ends_the_connection,
        failed_handshakes_leave_nothing;
    /// Certificates of both sides, names, protocols, sessions, new certificates while it runs.
    promise_trust:
        both_ends_say_what_they_agreed_on,
        without_tls_nothing_is_said_of_it,
        keys_of_every_format_will_do,
        certificates_may_be_in_memory,
        a_client_shows_who_it_is,
        an_optional_certificate_is_optional_and_good,
        a_server_of_many_names_shows_the_right_one,
        the_expected_name_may_be_told,
        the_server_chooses_the_protocol,
        the_newest_version_is_spoken_whatever_the_oldest,
        sessions_go_on,
        a_session_is_no_way_around_a_root,
        whoever_skips_verification_takes_anybody,
        secrets_are_written_by_option_only,
        a_new_certificate_is_for_new_connections,
        a_bad_certificate_changes_nothing,
        files_may_change_behind_the_servers_back;
    /// Proxies hear what their protocols say, and nobody else hears their credentials.
    promise_proxy:
        each_proxy_hears_what_its_protocol_says,
        answers_may_come_byte_by_byte,
        what_comes_in_one_piece_is_not_lost,
        a_refusal_behind_the_tunnel_is_the_servers,
        each_gets_its_own_credentials,
        tls_goes_through_every_kind,
        the_environment_names_a_proxy,
        the_environment_is_asked_by_option_only;
    /// On the way to a WebSocket nothing spins, waits for another poll, or passes a pause by.
    promise_opening:
        an_address_that_refuses_late_keeps_nobody_busy,
        the_answer_leaves_with_the_poll_that_opens,
        a_pause_also_holds_what_came_behind_the_handshake,
        a_hundred_redirects_are_enough,
        what_is_said_to_proxies_is_counted;
    /// Redirects are followed as far as they are allowed, and nothing secret goes along.
    promise_redirect:
        every_kind_of_redirect_leads_there,
        as_many_are_followed_as_are_allowed,
        at_the_same_server_everything_goes_along,
        another_server_is_told_nothing,
        credentials_of_the_options_stay_at_home,
        a_location_may_bring_credentials,
        a_detour_is_for_home_only,
        a_proxy_is_for_every_stop,
        from_one_tls_server_to_another,
        from_plain_to_tls,
        the_deadline_holds_at_every_stop,
        a_host_may_give_up_on_the_way;
    /// Names, addresses and options of sockets.
    promise_names:
        an_address_that_refuses_makes_room_for_the_next,
        an_address_that_is_silent_makes_room_for_the_next,
        a_name_may_have_a_thousand_addresses,
        addresses_and_detours_ask_no_resolver,
        names_are_told_as_they_are_known,
        names_may_have_253_bytes,
        a_proxy_is_told_the_whole_name,
        a_resolver_that_hangs_leaves_nothing,
        nobody_waits_for_a_resolver_that_hangs,
        options_reach_the_kernel,
        a_client_may_choose_its_own_address,
        an_address_that_cannot_be_used_is_an_error;
    /// Unix sockets, and sockets that the host brings.
    promise_unix:
        a_path_is_as_good_as_a_port,
        a_name_without_a_file_is_as_good,
        large_messages_pass_it_too,
        tls_passes_it_too,
        a_full_queue_is_no_refusal,
        a_stale_file_gives_way,
        a_server_that_lives_keeps_its_file,
        a_file_that_is_no_socket_stays,
        the_file_goes_with_the_listener,
        a_file_of_somebody_else_stays,
        what_cannot_be_reached_says_why,
        the_system_says_whose_process_it_is,
        both_ends_of_a_socketpair,
        tls_over_a_socketpair,
        a_connected_tcp_socket,
        an_adopted_server_tells_how_it_failed,
        what_is_no_connected_stream_stays_the_hosts,
        a_socket_survives_wrong_options,
        an_engine_that_is_full_adopts_nothing;
    /// Basic authentication.
    promise_basic:
        a_client_says_who_it_is,
        what_cannot_be_said_is_refused,
        a_malformed_uri_is_masked,
        those_who_are_known_are_let_in,
        strangers_are_asked_who_they_are,
        a_realm_is_quoted,
        a_server_refuses_what_nobody_can_say,
        a_client_of_ours_is_let_in;
    /// Ports that engines share, limits that say which they are, sockets that somebody else has bound.
    promise_serving:
        engines_share_a_port,
        a_port_is_shared_by_those_who_ask_to,
        one_accepts_for_many,
        an_address_may_have_so_many,
        a_unix_socket_has_no_address,
        so_many_may_be_opening,
        who_is_refused_takes_no_place,
        an_engine_has_a_limit_too,
        who_is_refused_takes_no_place_of_the_engine,
        a_crowd_that_is_refused_is_counted,
        failures_are_counted_by_their_kind,
        a_socket_may_be_inherited,
        what_is_no_bound_socket_stays_the_hosts,
        who_waits_at_an_inherited_socket_is_served_by_the_next;
    /// A listener closes gracefully: everybody is told, and its last event is the last.
    promise_draining:
        the_open_are_told_goodbye,
        another_code_may_be_said,
        who_does_not_answer_is_cut_off,
        a_closing_handshake_has_its_own_time,
        an_answer_in_time_counts_however_late_it_is_read,
        a_listener_without_guests_ends_at_once,
        who_waits_is_told_to_come_back,
        a_flood_does_not_keep_it_open,
        who_is_inside_tls_is_told_too,
        who_is_silent_inside_tls_is_cut_off,
        nobody_comes_any_more_and_others_stay,
        a_listener_closes_once,
        freeing_the_engine_ends_it,
        a_poller_that_sleeps_says_goodbye,
        the_last_event_waits_for_the_others;
    /// A client that is to come back does, when and where its host and its policy say, and ends exactly once.
    promise_reconnect:
        what_is_lost_comes_back,
        the_close_code_decides,
        a_reset_is_a_loss,
        messages_come_before_the_loss,
        a_peer_that_is_silent_is_lost,
        nothing_is_attempted_before_the_host_has_heard,
        a_pause_that_comes_too_late_is_none,
        a_server_that_is_not_up_yet_is_waited_for,
        each_attempt_has_its_deadline,
        what_lasts_starts_anew,
        redirects_are_forgotten,
        counters_go_on,
        subscriptions_stay,
        what_had_not_left_is_counted,
        receives_wait_for_it,
        a_message_in_fragments_ends_with_its_session,
        the_host_says_now,
        the_host_says_when,
        the_host_says_where,
        the_host_says_with_which_headers,
        secrets_stay_where_they_were_told,
        an_attempt_is_given_up_for_another,
        what_makes_no_sense_changes_nothing,
        a_close_ends_it_while_it_is_down,
        an_abort_ends_it_while_it_is_down,
        a_close_ends_it_before_it_was_open,
        a_close_ends_an_attempt,
        a_close_by_the_host_is_the_end,
        an_engine_may_be_freed_while_it_is_down,
        an_open_connection_is_opened_anew,
        it_is_opened_anew_at_a_time,
        a_paused_connection_is_opened_anew_in_order,
        it_has_a_maximum_age,
        a_peer_that_does_not_answer_is_left,
        a_planned_return_may_be_called_off,
        tls_comes_back_too,
        elsewhere_may_be_secure,
        a_crowd_does_not_come_back_at_once,
        options_that_cannot_be_are_refused,
        a_socket_that_is_brought_does_not_come_back;
    /// What is sent while a client is down leaves when it is back; what may have been lost is sent again if that is wanted.
    promise_replay:
        what_is_sent_while_down_leaves_when_it_is_back,
        what_is_sent_before_it_was_open_too,
        what_is_sent_while_it_closes_too,
        only_whole_messages_wait,
        the_oldest_are_dropped,
        the_newest_are_dropped,
        more_than_the_queue_leaves_in_order,
        what_never_leaves_is_told,
        a_host_that_closes_is_told_too,
        without_replay_nothing_is_sent_twice,
        what_was_not_acknowledged_is_sent_again,
        what_was_acknowledged_is_not,
        the_keepalive_acknowledges,
        each_token_comes_once,
        the_host_may_say_what_is_sent_again,
        replay_is_on_request_only,
        the_peer_is_asked_before_the_room_ends,
        the_oldest_are_unprotected,
        subscriptions_are_sent_first,
        subscriptions_need_no_buffer,
        what_cannot_be_sent_again_is_refused,
        a_thousand_losses_lose_nothing,
        options_for_buffers_that_cannot_be_are_refused;
    /// What comes back, waits, pauses, is lent and is done by a thread keeps its promises where these meet.
    promise_meeting:
        a_pause_before_a_loss_that_waits_changes_nothing,
        a_pause_while_it_is_down_changes_nothing,
        what_waits_comes_before_the_last_words,
        a_loss_is_told_before_the_next_attempt,
        each_open_has_its_own_handshake,
        each_session_has_its_own_gap,
        one_that_is_held_back_is_asked_nothing,
        others_do_not_starve_the_one_that_is_received_from,
        a_storm_with_backpressure_loses_nothing,
        a_storm_counts_the_oldest,
        a_storm_counts_the_newest,
        the_hook_tells_of_everything,
        every_state_ends_once,
        an_engine_may_go_at_any_time,
        a_pool_in_a_storm;
    /// An open connection costs no memory, no look at the clock and no change of what the kernel watches with each message.
    promise_steady:
        a_message_takes_no_memory,
        many_at_a_time_take_no_memory,
        a_crowd_takes_no_memory,
        messages_in_parts_take_no_memory,
        reports_take_no_memory,
        compressed_messages_take_no_memory,
        what_the_kernel_watches_stays,
        a_poll_looks_at_the_clock_and_a_message_does_not;
    /// A connection on which nothing happens costs its place in the engine and nothing besides, whatever has happened before.
    promise_rest:
        an_engine_at_rest_has_no_buffers,
        an_idle_connection_is_its_place_and_nothing_else,
        a_burst_leaves_nothing,
        reports_leave_nothing,
        what_is_pushed_leaves_nothing,
        a_keepalive_costs_little;
    /// Thousands that never say what they want are cut off in time, and others are served.
    promise_siege:
        ten_thousand_that_say_nothing_are_cut_off,
        a_crowd_is_let_in_by_parts;
}

/// The compiled program; compiled once, whichever test is first.
fn program(name: &str) -> PathBuf {
    static COMPILED: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    compiled.entry(name.to_owned()).or_insert_with(|| compile(&format!("{name}.c"))).clone()
}

/// What cannot hold with a thread of the library's own, each with its reason.
const NOT_WITH_IO_THREAD: &[(&str, &str)] = &[
    ("a_frame_is_made_once", "what the thread takes for the events meanwhile is counted, too"),
    ("a_pause_also_holds_what_came_behind_the_handshake", "OPEN may wait for the host before it asks for the pause"),
    ("a_poll_looks_at_the_clock_and_a_message_does_not", "what the host sends leaves at once, and that takes a look"),
    ("a_pong_that_came_in_time_counts", "the thread pings while the host stalls, and sees that nobody answers"),
    ("a_crowd_does_not_come_back_at_once", "the thread may try before the server is there again"),
    ("a_flood_does_not_keep_it_open", "the thread tells them before more can come"),
    ("a_heartbeat_rests_during_a_pause", "an answer may be overdue before the host asks for the pause"),
    ("a_host_that_asks_for_no_time_is_woken_too", "what is published comes by the thread, a little later"),
    ("a_host_without_room_takes_nobody_for_dead", "the thread has room, and goes on pinging a peer that answers once"),
    ("a_pause_only_puts_it_off", "an answer may be overdue before the host asks for the pause"),
    ("a_peer_has_its_time_from_when_something_is_sent", "the thread sees how long nothing is said"),
    (
        "an_exception_that_leaves_a_hook_ends_the_process_in_words",
        "the process may end before the thread calls the hook",
    ),
    ("nobody_comes_any_more_and_others_stay", "the thread stops listening a little later"),
    ("other_threads_go_on_while_a_hook_runs", "the thread calls the hook, behind the end of the connection"),
    ("what_came_in_time_counts_each_time", "the thread hears it as it comes"),
    ("each_attempt_has_its_deadline", "the thread may give an attempt up before the peer has answered it"),
    ("failures_are_counted_by_their_kind", "the client that is aborted may be open already"),
    ("guests_are_let_in_when_the_host_has_closed_something", "the thread accepts before there are no descriptors"),
    ("without_descriptors_guests_wait_and_are_let_in_later", "the thread accepts before there are no descriptors"),
    ("the_answer_leaves_with_the_poll_that_opens", "the thread opens it: no poll is needed"),
    ("the_wake_hook_is_called_when_a_poll_is_due", "the hook tells of events: promise_io_thread has its promise"),
    ("what_never_leaves_is_told", "the thread may give up before anything is sent"),
    ("who_is_inside_tls_is_told_too", "the handshake does not take its turns from the host's polls"),
    ("who_waits_is_told_to_come_back", "the thread accepts whoever comes: nobody waits"),
    ("who_waits_at_an_inherited_socket_is_served_by_the_next", "the thread accepts whoever comes: nobody waits"),
];

fn prove(name: &str, test: &str) {
    judge(test, &run(c::program(&program(name)).arg(test), LIMIT));
}

fn prove_with_io_thread(name: &str, test: &str) {
    match NOT_WITH_IO_THREAD.iter().find(|(not, _)| *not == test) {
        Some((_, why)) => println!("not with io_thread: {why}"),
        None => judge(test, &run(c::program(&program(name)).arg(test).env("HAWSER_TEST_IO_THREAD", "1"), LIMIT)),
    }
}

fn judge(test: &str, output: &Output) {
    let said = text(output);
    assert!(output.status.success() && said.contains(&format!("proven: {test}")), "{}\n{said}", output.status);
}

#[test]
fn every_test_of_the_programs_is_run() {
    for (name, tests) in PROVEN {
        let output = run(&mut Command::new(program(name)), LIMIT);
        let all = text(&output);
        assert_eq!(all.lines().collect::<Vec<_>>(), *tests, "the tests of {name}.c");
    }
}
