/* client.c -- the class HawserClient: a WebSocket that Godot polls once a frame, and that tells by signals what happened. */
#include "dictionaries.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 32, BATCHES_MAX = 64, ARGUMENTS_MAX = 3 };

struct client {
    GDExtensionObjectPtr object;
    _Atomic uint64_t engine; /* 0 before the first connection */
    _Atomic uint64_t conn;   /* 0 without one */
    atomic_flag polled;
};

static GDExtensionClassLibraryPtr library;

/* An error of ours rather than the library's: newest on this thread until a call of the library fails. */
static _Thread_local hws_error_info own;
static _Thread_local char own_text[256];

static hws_status refuse(hws_status status, const char *why)
{
    snprintf(own_text, sizeof own_text, "%s: %s", hws_status_text(status), why);
    memset(&own, 0, sizeof own);
    own.status = status;
    own.timeout_ms = own.position = own.size = own.max_size = own.current_size = own.rcvd_then_sent = -1;
    own.message = hws_cstr(own_text);
    own.message.len = strlen(own_text);
    own.detail.ptr = strstr(own_text, why);
    own.detail.len = own.detail.ptr != NULL ? strlen(own.detail.ptr) : 0;
    return status;
}

/* What a call of the library has returned. */
static hws_status done(hws_status status)
{
    if (status != HWS_OK) own.status = HWS_OK;
    return status;
}

static hws_conn conn_of(struct client *self)
{
    const hws_conn conn = { atomic_load(&self->conn) };
    return conn;
}

static hws_engine engine_of(struct client *self)
{
    const hws_engine engine = { atomic_load(&self->engine) };
    return engine;
}

/* ---- what has happened */

/* Raises a signal; the arguments are handed over. */
static void emit(struct client *self, const char *signal, variant *arguments, size_t count)
{
    const variant *list[ARGUMENTS_MAX + 1];
    variant object = of_object(self->object), name = of_text(signal, strlen(signal)), result;
    list[0] = &name;
    for (size_t i = 0; i < count; i++) list[i + 1] = &arguments[i];
    result = call(&object, "emit_signal", list, count + 1);
    for (size_t i = 0; i < count; i++) drop(&arguments[i]);
    drop(&result);
    drop(&name);
    drop(&object);
}

static int is_heard(struct client *self, const char *signal)
{
    variant object = of_object(self->object), name = of_text(signal, strlen(signal));
    variant listeners = call(&object, "get_signal_connection_list", (const variant *const[]){ &name }, 1);
    const int truth = count_of(&listeners) > 0;
    drop(&listeners);
    drop(&name);
    drop(&object);
    return truth;
}

static variant event_dictionary(const hws_event *event)
{
    variant made = to_dictionary(event_fields, event);
    set(&made, "error", error_dictionary(event->error));
    return made;
}

/* The event's own signal; and `event`, which costs a dictionary, if somebody listens. */
static void tell(struct client *self, const hws_event *event, int all)
{
    uint64_t ended = event->conn.id;
    if (all) emit(self, "event", (variant[]){ of_int(event->kind), event_dictionary(event) }, 2);
    switch (event->kind) {
    case HWS_EVENT_OPEN: emit(self, "opened", (variant[]){ handshake_dictionary(event->handshake) }, 1); break;
    case HWS_EVENT_MESSAGE: {
        const hws_bytes data = event->data;
        variant message = event->opcode == HWS_TEXT ? of_text((const char *)data.ptr, data.len) : of_bytes(data.ptr, data.len);
        emit(self, "message", &message, 1);
        break;
    }
    case HWS_EVENT_RECONNECTING:
        emit(self, "reconnecting", (variant[]){ of_int((int64_t)event->value), error_dictionary(event->error) }, 2);
        break;
    case HWS_EVENT_CLOSE:
    case HWS_EVENT_CONNECT_FAILED:
        /* gone before it is told, so that who is told may connect again */
        atomic_compare_exchange_strong(&self->conn, &ended, 0);
        emit(self, event->kind == HWS_EVENT_CLOSE ? "closed" : "failed", (variant[]){ error_dictionary(event->error) }, 1);
        break;
    default: break;
    }
}

/* ---- the methods; arguments that are not given are nil */

static int64_t int_or(const variant *value, int64_t usual)
{
    return type_of(value) != GDEXTENSION_VARIANT_TYPE_NIL ? as_int(value) : usual;
}

/* Takes what a key stands for out of a dictionary. */
static variant take(variant *dictionary, const char *key)
{
    variant name = of_text(key, strlen(key));
    variant value = call(dictionary, "get", (const variant *const[]){ &name }, 1);
    variant result = call(dictionary, "erase", (const variant *const[]){ &name }, 1);
    drop(&result);
    drop(&name);
    return value;
}

static hws_status make_engine(struct client *self, const variant *options, struct arena *arena)
{
    hws_engine_options loop;
    hws_engine engine;
    uint64_t none = 0;
    const char *problem;
    memset(&loop, 0, sizeof loop);
    problem = fill(&loop, engine_options, options, arena);
    if (problem != NULL) return refuse(HWS_ERR_INVALID_ARGUMENT, problem);
    if (engine_of(self).id != 0) return HWS_OK;
    if (done(hws_engine_new(&loop, &engine)) != HWS_OK) return hws_last_error()->status;
    if (!atomic_compare_exchange_strong(&self->engine, &none, engine.id)) hws_engine_free(engine);
    return HWS_OK;
}

static hws_status take_preset(hws_client_options *options, const variant *name, struct arena *arena)
{
    hws_preset preset = { .struct_size = sizeof preset };
    if (type_of(name) == GDEXTENSION_VARIANT_TYPE_NIL) return HWS_OK;
    options->timers = preset.timers = allocate(arena, sizeof *preset.timers);
    options->limits = preset.limits = allocate(arena, sizeof *preset.limits);
    options->compression = preset.compression = allocate(arena, sizeof *preset.compression);
    options->reconnect = preset.reconnect = allocate(arena, sizeof *preset.reconnect);
    preset.timers->struct_size = sizeof *preset.timers;
    preset.limits->struct_size = sizeof *preset.limits;
    preset.compression->struct_size = sizeof *preset.compression;
    preset.reconnect->struct_size = sizeof *preset.reconnect;
    return done(hws_preset_get(text_of(name, arena), &preset));
}

/* A preset first, then what the dictionary says. */
static hws_status connect_with(struct client *self, const variant *url, variant *dictionary, struct arena *arena)
{
    hws_client_options options;
    hws_conn conn;
    hws_status status;
    uint64_t before = conn_of(self).id;
    uint32_t state;
    const char *problem;
    variant engine = take(dictionary, "engine"), preset = take(dictionary, "preset");
    memset(&options, 0, sizeof options);
    status = make_engine(self, &engine, arena);
    if (status == HWS_OK) status = take_preset(&options, &preset, arena);
    drop(&preset);
    drop(&engine);
    if (status != HWS_OK) return status;
    problem = fill(&options, client_options, dictionary, arena);
    if (problem != NULL) return refuse(HWS_ERR_INVALID_ARGUMENT, problem);
    options.uri = text_of(url, arena);
    if (before != 0 && hws_conn_state((hws_conn){ before }, &state) == HWS_OK) {
        return refuse(HWS_ERR_INVALID_STATE, "this client has a connection already");
    }
    if (done(hws_connect(engine_of(self), &options, &conn)) != HWS_OK) return hws_last_error()->status;
    if (atomic_compare_exchange_strong(&self->conn, &before, conn.id)) return HWS_OK;
    hws_abort(conn);
    return refuse(HWS_ERR_INVALID_STATE, "another thread was faster");
}

static variant connect_to_url(struct client *self, const variant *const *arguments)
{
    struct arena arena = { NULL };
    const int is_given = type_of(arguments[1]) == GDEXTENSION_VARIANT_TYPE_DICTIONARY;
    variant dictionary = is_given ? call(arguments[1], "duplicate", NULL, 0) : new_dictionary();
    const hws_status status = connect_with(self, arguments[0], &dictionary, &arena);
    drop(&dictionary);
    free_arena(&arena);
    return of_int(status);
}

static variant poll_events(struct client *self, const variant *const *arguments)
{
    const hws_engine engine = engine_of(self);
    int32_t timeout_ms = (int32_t)int_or(arguments[0], 0);
    hws_event events[BATCH];
    hws_status status = HWS_OK;
    uint32_t count = BATCH;
    variant object;
    if (engine.id == 0) return of_int(HWS_OK); /* nothing can have happened */
    if (atomic_flag_test_and_set(&self->polled)) {
        return of_int(refuse(HWS_ERR_CONCURRENCY, "poll is called by a signal that it has raised, or by another thread"));
    }
    object = of_object(self->object); /* whoever is told may let go of us */
    for (int batch = 0; batch < BATCHES_MAX && status == HWS_OK && count == BATCH; batch++) {
        status = done(hws_poll(engine, events, sizeof events[0], BATCH, timeout_ms, &count));
        if (status == HWS_OK && count > 0) {
            const int all = is_heard(self, "event");
            for (uint32_t i = 0; i < count; i++) tell(self, &events[i], all);
        }
        timeout_ms = 0;
    }
    atomic_flag_clear(&self->polled);
    drop(&object); /* the end of us, perhaps */
    return of_int(status);
}

static hws_status send_with(struct client *self, const void *data, size_t len, hws_opcode opcode, const variant *dictionary)
{
    struct arena arena = { NULL };
    hws_send_options options;
    hws_status status;
    const char *problem;
    memset(&options, 0, sizeof options);
    problem = fill(&options, send_options, dictionary, &arena);
    status = problem != NULL ? refuse(HWS_ERR_INVALID_ARGUMENT, problem)
                             : done(hws_send(conn_of(self), opcode, data, len, &options));
    free_arena(&arena);
    return status;
}

static variant send_text(struct client *self, const variant *const *arguments)
{
    size_t len;
    char *text = as_text(arguments[0], &len);
    const hws_status status = send_with(self, text, len, HWS_TEXT, NULL);
    free(text);
    return of_int(status);
}

static variant send_bytes(struct client *self, const variant *const *arguments)
{
    size_t len;
    const uint8_t *bytes = as_bytes(arguments[0], &len);
    return of_int(send_with(self, bytes, len, (hws_opcode)int_or(arguments[1], HWS_BINARY), arguments[2]));
}

static variant close_it(struct client *self, const variant *const *arguments)
{
    struct arena arena = { NULL };
    const int64_t code = int_or(arguments[0], 1000);
    const hws_status status = done(
        hws_close(conn_of(self), code >= 0 && code <= 65535 ? (uint32_t)code : 65536, text_of(arguments[1], &arena)));
    free_arena(&arena);
    return of_int(status);
}

static variant abort_it(struct client *self, const variant *const *arguments)
{
    (void)arguments;
    return of_int(done(hws_abort(conn_of(self))));
}

static variant pause_it(struct client *self, const variant *const *arguments)
{
    return of_int(done(hws_conn_pause(conn_of(self), (int32_t)int_or(arguments[0], 1))));
}

static variant reconnect(struct client *self, const variant *const *arguments)
{
    struct arena arena = { NULL };
    hws_reconnect_options options;
    hws_status status;
    const char *problem;
    memset(&options, 0, sizeof options);
    problem = fill(&options, reconnect_options, arguments[0], &arena);
    status = problem != NULL ? refuse(HWS_ERR_INVALID_ARGUMENT, problem) : done(hws_conn_reconnect(conn_of(self), &options));
    free_arena(&arena);
    return of_int(status);
}

static variant get_state(struct client *self, const variant *const *arguments)
{
    uint32_t state = HWS_STATE_CLOSED;
    (void)arguments;
    if (hws_conn_state(conn_of(self), &state) != HWS_OK) state = HWS_STATE_CLOSED;
    return of_int(state);
}

static variant get_stats(struct client *self, const variant *const *arguments)
{
    hws_stats stats = { .struct_size = sizeof stats };
    (void)arguments;
    if (done(hws_conn_stats(conn_of(self), &stats)) != HWS_OK) return new_dictionary();
    return to_dictionary(stats_fields, &stats);
}

static variant get_last_error(struct client *self, const variant *const *arguments)
{
    (void)self;
    (void)arguments;
    return error_dictionary(own.status != HWS_OK ? &own : hws_last_error());
}

static variant is_a(struct client *self, const variant *const *arguments)
{
    (void)self;
    return of_bool(hws_status_is_a((hws_status)as_int(arguments[0]), (hws_status)as_int(arguments[1])));
}

static variant get_version(struct client *self, const variant *const *arguments)
{
    (void)self;
    (void)arguments;
    return of_text(hws_version(), strlen(hws_version()));
}

/* ---- the class */

#define INT GDEXTENSION_VARIANT_TYPE_INT
#define BOOL GDEXTENSION_VARIANT_TYPE_BOOL
#define STRING GDEXTENSION_VARIANT_TYPE_STRING
#define BYTE_ARRAY GDEXTENSION_VARIANT_TYPE_PACKED_BYTE_ARRAY
#define DICTIONARY GDEXTENSION_VARIANT_TYPE_DICTIONARY
#define ANYTHING GDEXTENSION_VARIANT_TYPE_NIL

struct argument { const char *name; GDExtensionVariantType type; };
static const struct method {
    const char *name;
    variant (*run)(struct client *self, const variant *const *arguments);
    GDExtensionVariantType result;
    int is_static;
    uint32_t needed; /* the others have defaults */
    struct argument arguments[ARGUMENTS_MAX];
} methods[] = {
    { "connect_to_url", connect_to_url, INT, 0, 1, { { "url", STRING }, { "options", DICTIONARY } } },
    { "poll", poll_events, INT, 0, 0, { { "timeout_ms", INT } } },
    { "send_text", send_text, INT, 0, 1, { { "text", STRING } } },
    { "send_bytes", send_bytes, INT, 0, 1, { { "bytes", BYTE_ARRAY }, { "opcode", INT }, { "options", DICTIONARY } } },
    { "close", close_it, INT, 0, 0, { { "code", INT }, { "reason", STRING } } },
    { "abort", abort_it, INT, 0, 0, { { NULL, ANYTHING } } },
    { "pause", pause_it, INT, 0, 0, { { "paused", BOOL } } },
    { "reconnect", reconnect, INT, 0, 0, { { "options", DICTIONARY } } },
    { "get_state", get_state, INT, 0, 0, { { NULL, ANYTHING } } },
    { "get_stats", get_stats, DICTIONARY, 0, 0, { { NULL, ANYTHING } } },
    { "get_last_error", get_last_error, DICTIONARY, 1, 0, { { NULL, ANYTHING } } },
    { "is_a", is_a, BOOL, 1, 2, { { "code", INT }, { "ancestor", INT } } },
    { "get_version", get_version, STRING, 1, 0, { { NULL, ANYTHING } } },
};
static const struct signal { const char *name; struct argument arguments[ARGUMENTS_MAX]; } signals[] = {
    { "opened", { { "handshake", DICTIONARY } } },
    { "message", { { "data", ANYTHING } } },
    { "closed", { { "error", DICTIONARY } } },
    { "failed", { { "error", DICTIONARY } } },
    { "reconnecting", { { "delay_ms", INT }, { "error", DICTIONARY } } },
    { "event", { { "kind", INT }, { "event", DICTIONARY } } },
};

static uint32_t count_arguments(const struct argument *arguments)
{
    uint32_t count = 0;
    while (count < ARGUMENTS_MAX && arguments[count].name != NULL) count++;
    return count;
}

/* Called with variants, as many as the script has given. */
static void call_method(void *which, GDExtensionClassInstancePtr self, const GDExtensionConstVariantPtr *given,
    GDExtensionInt count, GDExtensionVariantPtr result, GDExtensionCallError *error)
{
    const struct method *const method = which;
    const uint32_t most = count_arguments(method->arguments);
    const variant *arguments[ARGUMENTS_MAX];
    variant nothing = of_nothing(), made;
    if (count < method->needed || count > most) {
        error->error = count > most ? GDEXTENSION_CALL_ERROR_TOO_MANY_ARGUMENTS : GDEXTENSION_CALL_ERROR_TOO_FEW_ARGUMENTS;
        error->expected = (int32_t)(count > most ? most : method->needed);
        return;
    }
    for (uint32_t i = 0; i < ARGUMENTS_MAX; i++) {
        const GDExtensionVariantType expected = i < most ? method->arguments[i].type : ANYTHING;
        arguments[i] = (GDExtensionInt)i < count ? given[i] : &nothing;
        if ((GDExtensionInt)i < count && type_of(arguments[i]) != expected
            && !(expected == STRING && type_of(arguments[i]) == GDEXTENSION_VARIANT_TYPE_STRING_NAME)) {
            error->error = GDEXTENSION_CALL_ERROR_INVALID_ARGUMENT;
            error->argument = (int32_t)i;
            error->expected = (int32_t)expected;
            return;
        }
    }
    made = method->run(self, arguments);
    give(&made, result);
    error->error = GDEXTENSION_CALL_OK;
}

/* Called with values of the declared types, all of them. */
static void call_typed(
    void *which, GDExtensionClassInstancePtr self, const GDExtensionConstTypePtr *given, GDExtensionTypePtr result)
{
    const struct method *const method = which;
    const uint32_t count = count_arguments(method->arguments);
    variant values[ARGUMENTS_MAX], made;
    const variant *arguments[ARGUMENTS_MAX];
    for (uint32_t i = 0; i < ARGUMENTS_MAX; i++) {
        values[i] = i < count ? of_builtin(method->arguments[i].type, given[i]) : of_nothing();
        arguments[i] = &values[i];
    }
    made = method->run(self, arguments);
    free_builtin(method->result, result);
    to_builtin(method->result, result, &made);
    drop(&made);
    for (uint32_t i = 0; i < ARGUMENTS_MAX; i++) drop(&values[i]);
}

/* What register_... wants to know of arguments; the names are freed by `forget`. */
struct description { builtin names[ARGUMENTS_MAX + 1], nobody; GDExtensionPropertyInfo infos[ARGUMENTS_MAX]; uint32_t count; };

static void describe(struct description *into, const struct argument *arguments)
{
    into->count = count_arguments(arguments);
    into->nobody = string_name("");
    for (uint32_t i = 0; i < into->count; i++) {
        GDExtensionPropertyInfo *const info = &into->infos[i];
        memset(info, 0, sizeof *info);
        into->names[i] = string_name(arguments[i].name);
        info->type = arguments[i].type;
        info->name = &into->names[i];
        info->class_name = &into->nobody;
        info->hint_string = &into->nobody; /* an empty String looks the same */
        info->usage = 6 | (arguments[i].type == ANYTHING ? 1 << 17 : 0); /* stored and shown; nil stands for any type */
    }
}

static void forget(struct description *description)
{
    for (uint32_t i = 0; i < description->count; i++) free_string_name(&description->names[i]);
    free_string_name(&description->nobody);
}

static void register_method(const builtin *class_name, const struct method *method)
{
    builtin name = string_name(method->name);
    struct description arguments, result;
    GDExtensionClassMethodArgumentMetadata metadata[ARGUMENTS_MAX] = { GDEXTENSION_METHOD_ARGUMENT_METADATA_NONE };
    GDExtensionClassMethodInfo info;
    variant defaults[ARGUMENTS_MAX];
    GDExtensionVariantPtr pointers[ARGUMENTS_MAX];
    describe(&arguments, method->arguments);
    describe(&result, (const struct argument[ARGUMENTS_MAX]){ { "result", method->result } });
    for (uint32_t i = method->needed; i < arguments.count; i++) {
        const struct argument *const argument = &method->arguments[i];
        variant *const usual = &defaults[i - method->needed];
        if (argument->type == DICTIONARY) *usual = new_dictionary();
        else if (argument->type == STRING) *usual = of_text("", 0);
        else if (argument->type == BOOL) *usual = of_bool(1);
        else *usual = of_int(strcmp(argument->name, "code") == 0 ? 1000 : strcmp(argument->name, "opcode") == 0 ? HWS_BINARY : 0);
        pointers[i - method->needed] = usual;
    }
    memset(&info, 0, sizeof info);
    info.name = &name;
    info.method_userdata = (void *)method;
    info.call_func = call_method;
    info.ptrcall_func = call_typed;
    info.method_flags = method->is_static ? GDEXTENSION_METHOD_FLAG_STATIC : GDEXTENSION_METHOD_FLAGS_DEFAULT;
    info.has_return_value = 1;
    info.return_value_info = result.infos;
    info.argument_count = arguments.count;
    info.arguments_info = arguments.infos;
    info.arguments_metadata = metadata;
    info.default_argument_count = arguments.count - method->needed;
    info.default_arguments = pointers;
    godot.register_method(library, class_name, &info);
    for (uint32_t i = method->needed; i < arguments.count; i++) drop(&defaults[i - method->needed]);
    forget(&result);
    forget(&arguments);
    free_string_name(&name);
}

static GDExtensionObjectPtr create(void *user, GDExtensionBool notify)
{
    builtin parent = string_name("RefCounted"), class_name = string_name("HawserClient");
    struct client *self = calloc(1, sizeof *self);
    if (self == NULL) abort(); /* as Godot does without memory */
    (void)user;
    (void)notify;
    atomic_flag_clear(&self->polled);
    self->object = godot.construct(&parent);
    godot.set_instance(self->object, &class_name, self);
    free_string_name(&parent);
    free_string_name(&class_name);
    return self->object;
}

static void destroy(void *user, GDExtensionClassInstancePtr instance)
{
    struct client *const self = instance;
    (void)user;
    if (engine_of(self).id != 0) hws_engine_free(engine_of(self));
    free(self);
}

static void initialize(void *user, GDExtensionInitializationLevel level)
{
    builtin class_name, parent;
    GDExtensionClassCreationInfo4 info;
    (void)user;
    if (level != GDEXTENSION_INITIALIZATION_SCENE) return;
    class_name = string_name("HawserClient");
    parent = string_name("RefCounted");
    memset(&info, 0, sizeof info);
    info.is_exposed = 1;
    info.create_instance_func = create;
    info.free_instance_func = destroy;
    godot.register_class(library, &class_name, &parent, &info);
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) register_method(&class_name, &methods[i]);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        builtin name = string_name(signals[i].name);
        struct description arguments;
        describe(&arguments, signals[i].arguments);
        godot.register_signal(library, &class_name, &name, arguments.infos, arguments.count);
        forget(&arguments);
        free_string_name(&name);
    }
    register_constants(library, &class_name);
    free_string_name(&parent);
    free_string_name(&class_name);
}

static void deinitialize(void *user, GDExtensionInitializationLevel level)
{
    builtin class_name;
    (void)user;
    if (level != GDEXTENSION_INITIALIZATION_SCENE) return;
    class_name = string_name("HawserClient");
    godot.unregister_class(library, &class_name);
    free_string_name(&class_name);
}

#if defined(_WIN32)
__declspec(dllexport)
#else
__attribute__((visibility("default")))
#endif
GDExtensionBool hawser_godot(GDExtensionInterfaceGetProcAddress get_function, GDExtensionClassLibraryPtr ours,
    GDExtensionInitialization *initialization)
{
    library = ours;
    initialization->minimum_initialization_level = GDEXTENSION_INITIALIZATION_SCENE;
    initialization->initialize = initialize;
    initialization->deinitialize = deinitialize;
    return hws_abi_version() == HWS_ABI_VERSION && godot_load(get_function);
}
