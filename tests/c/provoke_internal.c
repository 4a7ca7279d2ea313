/* provoke_internal.c -- what must never happen, and what becomes of it: a bug of the library, and a fork in the wrong
 * place, stay what they are and do not spread. */
#include "provoke.h"
#include <sys/wait.h>

/* The connection is used from its first byte to its last. */
static void all_is_well(hws_engine with)
{
    hws_engine before = engine;
    engine = with;
    struct link link = open_link(AS_SERVER);
    peer_message(&link, TEXT, "ahoy");
    CHECK_INT(expect(HWS_EVENT_MESSAGE)->data.len, 4);
    hang_up(&link);
    engine = before;
}

/* The call in which the bug is comes back with the code. The engine is not touched again, by nobody. */
static const hws_error_info *bug(enum role role, const void *row)
{
    hws_engine other;
    uint32_t count = 7;
    hws_conn conn = { 7 };
    (void)role, (void)row;
    OK(hws_engine_new(NULL, &other));
    CHECK(strstr(REFUSED(hws__test_panic(engine))->detail.ptr, "on purpose"));

    client.uri = hws_cstr("ws://127.0.0.1:9/");
    CHECK_INT(REFUSED(hws_poll(engine, &event, sizeof event, 1, 0, &count))->status, HWS_ERR_PANIC);
    CHECK_INT(REFUSED(hws_connect(engine, &client, &conn))->status, HWS_ERR_PANIC);
    CHECK_INT(REFUSED(hws_wake(engine))->status, HWS_ERR_PANIC);
    CHECK_INT(count, 7);
    CHECK_INT(conn.id, 7);

    all_is_well(other);
    return REFUSED(hws_wake(engine));
}

/* Its connections are lost with it, and say so instead of hanging. */
static const hws_error_info *bug_while_open(enum role role, const void *row)
{
    struct link link = open_link(role);
    uint32_t state;
    (void)row;
    CHECK_INT(REFUSED(hws__test_panic(engine))->status, HWS_ERR_PANIC);
    CHECK_INT(REFUSED(hws_close(link.conn, 1000, (hws_str){ 0 }))->status, HWS_ERR_PANIC);
    CHECK_INT(REFUSED(hws_conn_state(link.conn, &state))->status, HWS_ERR_PANIC);
    /* freeing it closes the transport, so that the peer is not kept waiting */
    hws_engine poisoned = engine;
    const hws_error_info *error = REFUSED(hws_send(link.conn, HWS_TEXT, "", 0, NULL));
    OK(hws_engine_free(poisoned));
    char byte;
    CHECK(recv(link.peer, &byte, 1, 0) <= 0);
    OK(hws_engine_new(NULL, &engine));
    return error;
}

/* Goes on in a child of the process; the parent waits for it and ends as the child did. */
static void go_on_in_a_child(void (*parent)(void))
{
    int status;
    fflush(stdout);
    pid_t child = SYS(fork());
    if (child == 0) return;
    SYS(waitpid(child, &status, 0));
    if (!WIFEXITED(status)) fail(__FILE__, __LINE__, "the child ends with signal %d", WTERMSIG(status));
    if (WEXITSTATUS(status) == 0 && parent) parent();
    exit(WEXITSTATUS(status));
}

static struct link before_the_fork;

/* The connection is none the worse for what the child tried. */
static void parent_goes_on(void)
{
    char payload[126];
    OK(hws_send(before_the_fork.conn, HWS_TEXT, "ours", 4, NULL));
    CHECK_INT(peer_read_frame(&before_the_fork, FIN | TEXT, payload), 4);
    peer_message(&before_the_fork, TEXT, "yours");
    CHECK_INT(expect(HWS_EVENT_MESSAGE)->data.len, 5);
}

static const hws_error_info *used_in_a_child(enum role role, const void *row)
{
    hws_engine new_one;
    uint32_t count;
    (void)row;
    before_the_fork = open_link(role);
    hws_conn conn = before_the_fork.conn;
    go_on_in_a_child(parent_goes_on);

    CHECK_INT(REFUSED(hws_poll(engine, &event, sizeof event, 1, 0, &count))->status, HWS_ERR_FORKED);
    CHECK_INT(REFUSED(hws_close(conn, 1000, (hws_str){ 0 }))->status, HWS_ERR_FORKED);
    CHECK_INT(REFUSED(hws_abort(conn))->status, HWS_ERR_FORKED);
    CHECK_INT(REFUSED(hws_engine_free(engine))->status, HWS_ERR_FORKED);
    const hws_error_info *error = REFUSED(hws_send(conn, HWS_TEXT, "theirs", 6, NULL));
    OK(hws_engine_new(NULL, &new_one)); /* what the child makes is the child's */
    all_is_well(new_one);
    engine = new_one;
    return error;
}

/* -- Hooks that call back ----------------------------------------------------------------------------------- */

/* What a hook tries: everything that takes a lock, ends things, or calls the hook again. */
static hws_status tried[16];
static hws_conn known;

static void try_everything(void)
{
    hws_event unused;
    hws_engine new_one = { 7 };
    hws_error kept = { 7 };
    hws_conn conn = { 7 };
    hws_raise raise = { .struct_size = sizeof raise, .status = HWS_ERR_INVALID_MESSAGE_DATA };
    uint32_t count = 7;
    char line[100];
    size_t needed = 7;
    int i = 0;
    tried[i++] = hws_listener_close((hws_listener){ 0 }, NULL);
    tried[i++] = hws_poll(engine, &unused, sizeof unused, 1, HWS_NEVER, &count);
    tried[i++] = hws_recv(known, &unused, sizeof unused, HWS_NEVER);
    tried[i++] = hws_send(known, HWS_TEXT, "ahoy", 4, NULL);
    tried[i++] = hws_close(known, 1000, (hws_str){ 0 });
    tried[i++] = hws_wake(engine);
    tried[i++] = hws_engine_free(engine);
    tried[i++] = hws_engine_on_wake(engine, NULL, NULL);
    tried[i++] = hws_set_logger(0, NULL, NULL);
    tried[i++] = hws_engine_new(NULL, &new_one);
    tried[i++] = hws_connect(engine, &client, &conn);
    tried[i++] = hws_error_keep(hws_last_error(), &kept);
    tried[i++] = hws_error_free(kept);
    tried[i++] = hws_error_format(hws_last_error(), line, sizeof line, &needed);
    tried[i++] = hws_error_raise(&raise);
    tried[i++] = hws_set_allocator(NULL);
    CHECK_INT(i, sizeof tried / sizeof *tried);
    CHECK(count == 7 && new_one.id == 7 && kept.id == 7 && conn.id == 7 && needed == 7);
    /* what cannot fail goes on working */
    CHECK(!strcmp(hws_status_name(HWS_ERR_CALLBACK), "HWS_ERR_CALLBACK"));
}

static const hws_error_info *refused_in(const char *detail)
{
    CHECK_INT(tried[0], HWS_ERR_INVALID_HANDLE); /* a handle that is none is none everywhere */
    for (size_t i = 1; i < sizeof tried / sizeof *tried; i++)
        if (tried[i] != HWS_ERR_CALLBACK) fail(__FILE__, __LINE__, "call %zu gives %d", i, tried[i]);
    CHECK(hws_status_is_a(HWS_ERR_CALLBACK, HWS_ERR_INTERNAL));
    const hws_error_info *error = hws_last_error();
    /* the engine is none the worse for it */
    all_is_well(engine);
    CHECK_TEXT(error->detail, detail);
    CHECK_OPERATION(error, "library");
    return error;
}

static void calls_from_the_log(void *user, uint32_t level, uint64_t handle, const char *target, const char *text, size_t len)
{
    (void)user, (void)level, (void)handle, (void)target, (void)text, (void)len;
    if (!tried[0]) try_everything();
}

/* The end of a connection is a line of the log, handed out before the poll returns. */
static const hws_error_info *log_hook_calls(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    known = link.conn;
    OK(hws_set_logger(HWS_LOG_TRACE, calls_from_the_log, NULL));
    peer_reset(link.peer);
    CHECK_INT(expect(HWS_EVENT_CLOSE)->error->cause->status, HWS_ERR_CONNECTION_RESET);
    return refused_in("the log hook calls the library");
}

static void calls_when_woken(void *user)
{
    (void)user;
    if (!tried[0]) try_everything();
}

static const hws_error_info *wake_hook_calls(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    known = link.conn;
    OK(hws_engine_on_wake(engine, calls_when_woken, NULL));
    OK(hws_wake(engine));
    expect_nothing();
    return refused_in("the wake hook calls the library");
}

/* -- What bindings find ------------------------------------------------------------------------------------- */

static const hws_error_info *decoder_gives_up(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    peer_message(&link, TEXT, "{\"a\": nope}");
    const hws_event *message = expect(HWS_EVENT_MESSAGE);
    const hws_raise raise = { .struct_size = sizeof raise, .status = HWS_ERR_INVALID_MESSAGE_DATA, .conn = message->conn,
                              .detail = HWS_STR("JSON: expected a value,\nfound nope"), .opcode = message->opcode,
                              .has_position = 1, .position = 6, .size = message->data.len };
    const hws_error_info *error = REFUSED(hws_error_raise(&raise));
    CHECK_TEXT(error->detail, "JSON: expected a value, found nope");
    CHECK_INT(error->conn.id, link.conn.id);
    CHECK_INT(error->position, 6);
    CHECK_INT(error->size, 11);
    CHECK_INT(error->opcode, HWS_TEXT);
    CHECK_INT(error->retryable, HWS_RETRY_NO);
    CHECK_OPERATION(error, "receive");
    CHECK(hws_status_is_a(error->status, HWS_ERR_PROTOCOL));
    return error;
}

/* Nothing is known but that it happened. */
static const hws_error_info *bindings_callback_fails(enum role role, const void *row)
{
    const hws_raise raise = { .struct_size = sizeof raise, .status = HWS_ERR_CALLBACK };
    (void)role, (void)row;
    const hws_error_info *error = REFUSED(hws_error_raise(&raise));
    CHECK_TEXT(error->detail, "");
    CHECK_INT(error->conn.id, 0);
    CHECK_INT(error->position, -1);
    CHECK_INT(error->size, -1);
    return error;
}

/* Everything else is the library's own to say, and no sentence is worth a malformed struct. */
static const hws_error_info *raised_wrongly(enum role role, const void *row)
{
    const hws_raise *raise = row;
    (void)role;
    return REFUSED(hws_error_raise(raise));
}

static const struct provoked cases[] = {
    { HWS_ERR_CALLBACK, "log", log_hook_calls, BOTH },
    { HWS_ERR_CALLBACK, "wake", wake_hook_calls, BOTH },
    { HWS_ERR_CALLBACK, "raised", bindings_callback_fails },
    { HWS_ERR_INVALID_MESSAGE_DATA, NULL, decoder_gives_up, BOTH },
#define RAISED(status, name, ...) \
    { status, "raise_" name, raised_wrongly, NEITHER, ROW(hws_raise, .struct_size = sizeof(hws_raise), __VA_ARGS__) }
    RAISED(HWS_ERR_INVALID_ARGUMENT, "nothing", 0),
    RAISED(HWS_ERR_INVALID_ARGUMENT, "ok", .status = HWS_OK),
    RAISED(HWS_ERR_INVALID_ARGUMENT, "panic", .status = HWS_ERR_PANIC),
    RAISED(HWS_ERR_INVALID_ARGUMENT, "no_status", .status = -99),
    RAISED(HWS_ERR_INVALID_ARGUMENT, "opcode", .status = HWS_ERR_CALLBACK, .opcode = HWS_PING),
    RAISED(HWS_ERR_INVALID_ARGUMENT, "position", .status = HWS_ERR_CALLBACK, .has_position = 2),
    RAISED(HWS_ERR_INVALID_ARGUMENT, "detail", .status = HWS_ERR_CALLBACK, .detail = { "\xff", 1 }),
    RAISED(HWS_ERR_INVALID_HANDLE, "engine", .status = HWS_ERR_CALLBACK, .conn = { 1 }),
    { HWS_ERR_PANIC, "engine", bug },
    { HWS_ERR_PANIC, "open", bug_while_open, BOTH },
    { HWS_ERR_FORKED, NULL, used_in_a_child, BOTH },
};

PROVOKE(cases)
