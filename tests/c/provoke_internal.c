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

static const struct provoked cases[] = {
    { HWS_ERR_PANIC, "engine", bug },
    { HWS_ERR_PANIC, "open", bug_while_open, BOTH },
    { HWS_ERR_FORKED, NULL, used_in_a_child, BOTH },
};

PROVOKE(cases)
