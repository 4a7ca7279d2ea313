/* Promise 10: a bug in hawser does not kill the host. The library is built with a function that panics on purpose. */
#include "raw.h"

/* Everything that can be asked of an engine and what is in it. */
static void all_calls_say_so(const pair *pair)
{
    hws_server_options server = { .struct_size = sizeof server, .bind = HWS_STR("127.0.0.1:0") };
    hws_client_options client = { .struct_size = sizeof client };
    hws_stats stats = { .struct_size = sizeof stats };
    const hws_handshake *handshake;
    const hws_error_info *info;
    hws_listener listener;
    hws_event event;
    hws_conn conn;
    ptrdiff_t fd;
    uint64_t user;
    uint32_t u32;
    int32_t i32;
    char text[64];
    const hws_status statuses[] = {
        hws_poll(pair->engine, &event, sizeof event, 1, 0, &u32),
        hws_poll(pair->engine, &event, sizeof event, 1, HWS_NEVER, &u32),
        hws_wake(pair->engine),
        hws_recv(pair->client, &event, sizeof event, HWS_NEVER),
        hws_engine_pollable(pair->engine, &fd),
        hws_engine_next_timeout(pair->engine, &i32),
        hws_engine_on_wake(pair->engine, NULL, NULL),
        (client.uri = hws_cstr(pair->uri), hws_connect(pair->engine, &client, &conn)),
        hws_listen(pair->engine, &server, &listener),
        hws_listener_address(pair->listener, text, sizeof text, NULL),
        hws_listener_close(pair->listener, NULL),
        hws_send(pair->client, HWS_TEXT, "ahoy", 4, NULL),
        hws_close(pair->client, 1000, hws_cstr("")),
        hws_abort(pair->client),
        hws_conn_pause(pair->client, 1),
        hws_conn_state(pair->client, &u32),
        hws_conn_set_user(pair->client, 1),
        hws_conn_user(pair->client, &user),
        hws_conn_handshake(pair->client, &handshake),
        hws_conn_error(pair->client, &info),
        hws_conn_stats(pair->client, &stats),
        hws_engine_stats(pair->engine, &stats),
        hws__test_panic(pair->engine),
    };
    size_t i;
    for (i = 0; i < LENGTH(statuses); i++) {
        if (statuses[i] != HWS_ERR_PANIC) fprintf(stderr, "call %zu gives %s\n", i, status_name(statuses[i]));
        EXPECT(statuses[i] == HWS_ERR_PANIC);
    }
}

static void echoes(const pair *pair)
{
    hws_event event;
    send_text(pair->client, "ahoy");
    event = await(pair->engine, pair->server, HWS_EVENT_MESSAGE);
    EXPECT(is_text(&event, "ahoy"));
}

static void a_panic_is_a_code_and_poisons_its_engine_only(void)
{
    pair pair = pair_new(NULL), other = pair_new(NULL), new;

    FAILS(hws__test_panic(pair.engine), HWS_ERR_PANIC);
    EXPECT(strstr(hws_last_error()->message.ptr, "on purpose") != NULL);
    all_calls_say_so(&pair);
    echoes(&other);
    new = pair_new(NULL);
    echoes(&new);
    OK(hws_engine_free(pair.engine));
    FAILS(hws_wake(pair.engine), HWS_ERR_INVALID_HANDLE);
    FAILS(hws_abort(pair.client), HWS_ERR_INVALID_HANDLE);
    echoes(&other);
}

static void *poll_for_ever(void *argument)
{
    const pair *pair = argument;
    hws_event event;
    uint32_t count;
    hws_status status;
    do status = hws_poll(pair->engine, &event, sizeof event, 1, HWS_NEVER, &count);
    while (status == HWS_ERR_CONCURRENCY); /* the main thread is just looking */
    EXPECT(status == HWS_ERR_PANIC);
    return NULL;
}

/* A thread that sleeps in the engine is told when it wakes; freeing the engine wakes it at the latest. */
static void a_poller_that_sleeps_comes_back(void)
{
    setup setup = { .server_timers = { .open_ms = HWS_NEVER, .ping_interval_ms = HWS_NEVER } };
    pair pair = serve(&setup);
    pthread_t thread;
    int fd = raw_open(&pair, 0, &pair.server);
    hws_status status;
    hws_event event;
    uint32_t count;

    thread = go(poll_for_ever, &pair);
    do status = hws_poll(pair.engine, &event, sizeof event, 0, 0, &count);
    while (status == HWS_OK);
    FAILS(hws__test_panic(pair.engine), HWS_ERR_PANIC);
    raw_frame(fd, FIN | HWS_TEXT, "ahoy", 4);
    done(thread);
    OK(hws_engine_free(pair.engine));
}

TESTS(T(a_panic_is_a_code_and_poisons_its_engine_only), T(a_poller_that_sleeps_comes_back))
