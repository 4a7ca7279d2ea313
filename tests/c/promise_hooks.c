/* Hooks that do what they must not: nothing deadlocks, nothing recurses, and what is thrown is not lost in silence. */
#include "expect.h"
#include <sys/wait.h>
#include <unwind.h>

/* --- the allocator ---------------------------------------------------------------------------------------- */

static pair there;
static int calls, refused, odd; /* of the hook into the library */

/* Every kind of call, whatever lock this thread holds; the newest error is there without memory. */
static void call_the_library(void)
{
    static __thread int inside;
    hws_event event;
    hws_engine engine = { 7 };
    hws_error kept = { 7 };
    uint32_t count, i;
    hws_status status[8];
    if (inside++) __atomic_add_fetch(&odd, 1, __ATOMIC_SEQ_CST); /* a refusal must not come back here */
    status[0] = hws_send(there.client, HWS_TEXT, "ahoy", 4, NULL);
    status[1] = hws_poll(there.engine, &event, sizeof event, 1, HWS_NEVER, &count);
    status[2] = hws_engine_new(NULL, &engine);
    status[3] = hws_error_keep(hws_last_error(), &kept);
    status[4] = hws_set_logger(0, NULL, NULL);
    status[5] = hws_engine_free(there.engine);
    status[6] = hws_error_free(kept);
    status[7] = hws_wake(there.engine);
    for (i = 0; i < LENGTH(status); i++) {
        calls++;
        refused += status[i] == HWS_ERR_CALLBACK;
    }
    /* before the engine is there, its handle is none */
    odd += strcmp(hws_last_error()->detail.ptr, there.engine.id ? "the allocator hook calls the library" : "") && there.engine.id;
    inside--;
}

static void *calling_alloc(size_t size, size_t align, void *user)
{
    (void)user;
    call_the_library();
    return aligned_alloc(align, (size + align - 1) / align * align);
}

static void calling_free(void *at, size_t size, size_t align, void *user)
{
    (void)size, (void)align, (void)user;
    call_the_library();
    free(at);
}

static void *calling_realloc(void *at, size_t old_size, size_t align, size_t new_size, void *user)
{
    void *to = calling_alloc(new_size, align, user);
    memcpy(to, at, old_size < new_size ? old_size : new_size);
    calling_free(at, old_size, align, user);
    return to;
}

/* Engines come and go, connections talk and fail, and each piece of memory is an attempt to call. */
static void an_allocator_that_calls_the_library_is_refused(void)
{
    hws_allocator allocator = { .struct_size = sizeof allocator,
                                .alloc = calling_alloc,
                                .realloc = calling_realloc,
                                .free = calling_free };
    hws_client_options options = { .struct_size = sizeof options, .uri = HWS_STR("http://x/") };
    hws_event event;
    hws_error kept;
    hws_conn conn;
    int i, before;
    OK(hws_set_allocator(&allocator));
    there = pair_new(NULL);
    before = calls;
    for (i = 0; i < 3; i++) {
        FAILS(hws_connect(there.engine, &options, &conn), HWS_ERR_INVALID_URI);
        EXPECT(hws_last_error()->status == HWS_ERR_INVALID_URI || hws_last_error()->status == HWS_ERR_CALLBACK);
        OK(hws_error_keep(hws_last_error(), &kept));
        OK(hws_error_free(kept));
        send_text(there.client, "ahoy");
        event = await(there.engine, there.server, HWS_EVENT_MESSAGE);
        EXPECT(is_text(&event, "ahoy"));
    }
    EXPECT(calls > before && odd == 0);
    /* those of before there was an engine were about a handle that is none */
    EXPECT(refused > (calls - before) && refused >= calls / 2);
    before = calls - refused;
    OK(hws_abort(there.client));
    await(there.engine, there.client, HWS_EVENT_CLOSE);
    EXPECT(calls - refused == before);
}

/* --- exceptions ------------------------------------------------------------------------------------------- */

static void none_handles_it(_Unwind_Reason_Code code, struct _Unwind_Exception *exception) { (void)code, (void)exception; }

/* As C++ does it, but without C++. */
static void throws(void)
{
    static struct _Unwind_Exception exception;
    exception.exception_class = 0x5454545454545454;
    exception.exception_cleanup = none_handles_it;
    _Unwind_RaiseException(&exception);
}

static void throwing_log(void *user, uint32_t level, uint64_t handle, const char *target, const char *text, size_t len)
{
    (void)user, (void)level, (void)handle, (void)target, (void)text, (void)len;
    throws();
}

static void throwing_wake(void *user)
{
    (void)user;
    throws();
}

static void *throwing_alloc(size_t size, size_t align, void *user)
{
    (void)size, (void)align, (void)user;
    throws();
    return NULL;
}

static void throw_in_the_log(void)
{
    pair pair = pair_new(NULL);
    OK(hws_set_logger(HWS_LOG_TRACE, throwing_log, NULL));
    OK(hws_abort(pair.client));
    await(pair.engine, pair.client, HWS_EVENT_CLOSE);
}

static void throw_when_woken(void)
{
    hws_engine engine;
    OK(hws_engine_new(NULL, &engine));
    OK(hws_engine_on_wake(engine, throwing_wake, NULL));
    OK(hws_wake(engine));
}

static void throw_for_memory(void)
{
    hws_allocator allocator = { .struct_size = sizeof allocator, .alloc = throwing_alloc, .realloc = calling_realloc,
                                .free = calling_free };
    OK(hws_set_allocator(&allocator));
}

/* In a child: it ends by SIGABRT, and has said why. */
static void ends_in_words(void (*act)(void), const char *words)
{
    char said[1024] = "";
    int ends[2], status;
    ssize_t got, len = 0;
    pid_t child;
    EXPECT(!pipe(ends));
    child = fork();
    EXPECT(child >= 0);
    if (child == 0) {
        dup2(ends[1], 2);
        close(ends[1]);
        act();
        _exit(0);
    }
    close(ends[1]);
    while ((got = read(ends[0], said + len, sizeof said - 1 - (size_t)len)) > 0) len += got;
    EXPECT(waitpid(child, &status, 0) == child);
    EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    EXPECT(!strcmp(said, words));
}

static void an_exception_that_leaves_a_hook_ends_the_process_in_words(void)
{
    ends_in_words(throw_in_the_log, "hawser: an exception has left the log hook\n");
    ends_in_words(throw_when_woken, "hawser: an exception has left the wake hook\n");
    ends_in_words(throw_for_memory, "hawser: an exception has left the allocator hook\n");
}

/* --- a hook on one thread is nobody else's affair --------------------------------------------------------- */

static int in_hook, may_leave;

static void waits_in_the_log(void *user, uint32_t level, uint64_t handle, const char *target, const char *text, size_t len)
{
    (void)user, (void)level, (void)handle, (void)target, (void)text, (void)len;
    __atomic_store_n(&in_hook, 1, __ATOMIC_SEQ_CST);
    while (!__atomic_load_n(&may_leave, __ATOMIC_SEQ_CST)) usleep(100);
}

static void *abort_it(void *conn)
{
    hws_event event;
    uint32_t count;
    OK(hws_abort(*(hws_conn *)conn));
    OK(hws_poll(there.engine, &event, sizeof event, 1, 10000, &count));
    return NULL;
}

static void other_threads_go_on_while_a_hook_runs(void)
{
    pthread_t thread;
    pair other = pair_new(NULL);
    there = pair_new(NULL);
    OK(hws_set_logger(HWS_LOG_TRACE, waits_in_the_log, NULL));
    thread = go(abort_it, &there.client);
    while (!__atomic_load_n(&in_hook, __ATOMIC_SEQ_CST)) usleep(100);
    OK(hws_send(there.server, HWS_TEXT, "of the same engine", 18, NULL));
    send_text(other.client, "of another");
    /* its own lines would wait in the same hook */
    OK(hws_set_logger(0, NULL, NULL));
    EXPECT(next(other.engine).kind == HWS_EVENT_MESSAGE);
    __atomic_store_n(&may_leave, 1, __ATOMIC_SEQ_CST);
    done(thread);
}

TESTS(T(an_allocator_that_calls_the_library_is_refused),
      T(an_exception_that_leaves_a_hook_ends_the_process_in_words), T(other_threads_go_on_while_a_hook_runs))
