/* Presets are plain data: they can be looked at, changed, and passed on; and what the caller knows nothing of is not
 * written. */
#include "expect.h"
#include <stddef.h>

static const char *const names[] = { "realtime", "dashboard", "mobile" };

typedef struct everything {
    hws_timers timers;
    hws_limits limits;
    hws_compression compression;
    hws_reconnect reconnect;
} everything;

static everything get(const char *name)
{
    everything it;
    hws_preset preset = { .struct_size = sizeof preset, .timers = &it.timers, .limits = &it.limits,
                          .compression = &it.compression, .reconnect = &it.reconnect };
    memset(&it, 0xaa, sizeof it); /* all of it is written */
    it.timers.struct_size = sizeof it.timers;
    it.limits.struct_size = sizeof it.limits;
    it.compression.struct_size = sizeof it.compression;
    it.reconnect.struct_size = sizeof it.reconnect;
    OK(hws_preset_get(hws_cstr(name), &preset));
    EXPECT(it.timers.struct_size == sizeof it.timers && it.limits.struct_size == sizeof it.limits);
    EXPECT(it.compression.struct_size == sizeof it.compression && it.reconnect.struct_size == sizeof it.reconnect);
    return it;
}

/* Every field with its value, for tests/presets.rs to compare with the page. */
static void print(const char *name)
{
    const everything it = get(name);
#define SHOW(of, field) printf("%s %s.%s %lld\n", name, #of, #field, (long long)it.of.field)
    SHOW(timers, auto_pong), SHOW(timers, open_ms), SHOW(timers, close_ms), SHOW(timers, send_ms), SHOW(timers, idle_ms);
    SHOW(timers, ping_interval_ms), SHOW(timers, ping_timeout_ms);
    SHOW(limits, deliver_fragments), SHOW(limits, deliver_pings), SHOW(limits, fragments_max), SHOW(limits, message_max);
    SHOW(limits, frame_max), SHOW(limits, send_queue_max), SHOW(limits, send_queue_low), SHOW(limits, head_max);
    SHOW(limits, body_max), SHOW(limits, subscriptions_max), SHOW(limits, slow_subscriber);
    SHOW(limits, receive_rate_min), SHOW(limits, recv_queue_messages), SHOW(limits, recv_queue_max), SHOW(limits, overflow);
    SHOW(compression, enabled), SHOW(compression, level), SHOW(compression, min_size), SHOW(compression, memory_level);
    SHOW(compression, client_max_window_bits), SHOW(compression, server_max_window_bits);
    SHOW(compression, client_no_context_takeover), SHOW(compression, server_no_context_takeover);
    SHOW(reconnect, enabled), SHOW(reconnect, max_attempts), SHOW(reconnect, backoff_min_ms), SHOW(reconnect, backoff_max_ms);
    SHOW(reconnect, backoff_percent), SHOW(reconnect, jitter_percent), SHOW(reconnect, downtime_max_ms);
    SHOW(reconnect, attempt_ms), SHOW(reconnect, stable_ms), SHOW(reconnect, max_age_ms), SHOW(reconnect, ask_ms);
    SHOW(reconnect, buffer_overflow), SHOW(reconnect, replay), SHOW(reconnect, buffer_max), SHOW(reconnect, replay_max);
    SHOW(reconnect, again_max);
}

static void presets_are_as_the_page_says(void)
{
    size_t i;
    for (i = 0; i < LENGTH(names); i++) print(names[i]);
}

/* Every one works on both sides, changed or not. */
static void presets_are_accepted_as_options(void)
{
    size_t i;
    for (i = 0; i < LENGTH(names); i++) {
        everything it = get(names[i]);
        hws_server_options server = { .struct_size = sizeof server, .bind = HWS_STR("127.0.0.1:0"), .timers = &it.timers,
                                      .limits = &it.limits, .compression = &it.compression };
        hws_client_options client = { .struct_size = sizeof client, .timers = &it.timers, .limits = &it.limits,
                                      .compression = &it.compression, .reconnect = &it.reconnect };
        pair pair = { .uri = "ws://" };
        OK(hws_engine_new(NULL, &pair.engine));
        OK(hws_listen(pair.engine, &server, &pair.listener));
        OK(hws_listener_address(pair.listener, pair.uri + 5, sizeof pair.uri - 5, NULL));
        client.uri = hws_cstr(pair.uri);
        it.timers.ping_interval_ms = 1000;
        OK(hws_connect(pair.engine, &client, &pair.client));
        await(pair.engine, pair.client, HWS_EVENT_OPEN);
        OK(hws_engine_free(pair.engine));
    }
}

/* A program with an older header gets what it has room for; what is not wanted is not written. */
static void a_preset_fills_what_there_is(void)
{
    struct {
        hws_timers timers;
        unsigned char behind[16];
    } old;
    hws_preset preset = { .struct_size = sizeof preset, .timers = &old.timers };
    memset(&old, 0xaa, sizeof old);
    old.timers.struct_size = offsetof(hws_timers, ping_interval_ms);
    OK(hws_preset_get(hws_cstr("realtime"), &preset));
    EXPECT(old.timers.struct_size == offsetof(hws_timers, ping_interval_ms) && old.timers.open_ms == 5000);
    EXPECT(((unsigned char *)&old)[offsetof(hws_timers, ping_interval_ms)] == 0xaa);
}

/* Nothing is written unless all can be. */
static void a_preset_that_fails_writes_nothing(void)
{
    hws_timers timers = { .struct_size = sizeof timers, .open_ms = 7 };
    hws_limits limits = { .struct_size = 0 };
    hws_preset preset = { .struct_size = sizeof preset, .timers = &timers, .limits = &limits };
    FAILS(hws_preset_get(hws_cstr("realtime"), &preset), HWS_ERR_STRUCT_SIZE);
    EXPECT(timers.open_ms == 7);
    limits.struct_size = sizeof limits;
    FAILS(hws_preset_get(hws_cstr("Realtime"), &preset), HWS_ERR_INVALID_ARGUMENT);
    EXPECT(!strcmp(hws_last_error()->detail.ptr, "name is none of realtime, dashboard, mobile"));
    EXPECT(timers.open_ms == 7);
}

TESTS(T(presets_are_as_the_page_says), T(presets_are_accepted_as_options), T(a_preset_fills_what_there_is),
      T(a_preset_that_fails_writes_nothing))
