/* hawser.h -- DRAFT for the first issue. The real one is generated from src/ffi; names and fields here are final
 * unless you are told otherwise.
 *
 * HANDLES {uint64_t id} values; zero never valid. Stale, forged, foreign, wrong-kind: HWS_ERR_INVALID_HANDLE.
 * ERRORS  0 is success, all errors < 0. hws_last_error() for this thread's failed call; event.error for later ones.
 * BORROWS Pointers in an hws_event live until the next hws_poll() (or hws_recv()) on that engine.
 * THREADS Everything callable from any thread; one poller per engine at a time.
 * STRUCTS struct_size first, zero = default.   TEXT UTF-8; strings handed out carry a NUL after len.
 * TIMES   milliseconds: 0 default, HWS_NEVER (-1) none.
 */
#ifndef HAWSER_H
#define HAWSER_H
#include <stddef.h>
#include <stdint.h>
#ifndef HWS_API
#define HWS_API
#endif
#define HWS_ABI_VERSION 1
#define HWS_NUL_TERMINATED SIZE_MAX
#define HWS_NEVER (-1)
/* a string literal as hws_str: HWS_STR("ws://...") -- works as an initialiser in C and C++ */
#define HWS_STR(literal) { (literal), sizeof(literal) - 1 }
#ifdef __cplusplus
extern "C" {
#endif
typedef struct hws_engine   { uint64_t id; } hws_engine;
typedef struct hws_listener { uint64_t id; } hws_listener;
typedef struct hws_conn     { uint64_t id; } hws_conn;
typedef struct hws_request  { uint64_t id; } hws_request; /* reserved for upgrade decisions; always zero in this version */
typedef struct hws_error    { uint64_t id; } hws_error;

typedef int32_t  hws_status;
typedef uint32_t hws_event_kind;
typedef uint32_t hws_opcode;
typedef uint32_t hws_toggle;
typedef struct hws_bytes  { const uint8_t *ptr; size_t len; } hws_bytes;
typedef struct hws_str    { const char *ptr; size_t len; } hws_str;   /* input: len may be HWS_NUL_TERMINATED */
typedef struct hws_header { hws_str name; hws_str value; } hws_header;

enum hws_toggles { HWS_DEFAULT = 0, HWS_ON = 1, HWS_OFF = 2 };
enum hws_opcodes { HWS_CONT = 0, HWS_TEXT = 1, HWS_BINARY = 2, HWS_CLOSE = 8, HWS_PING = 9, HWS_PONG = 10 };
enum hws_states { HWS_STATE_CONNECTING = 0, HWS_STATE_OPEN = 1, HWS_STATE_CLOSING = 2, HWS_STATE_CLOSED = 3 };
enum hws_log_levels { HWS_LOG_ERROR = 1, HWS_LOG_WARN = 2, HWS_LOG_INFO = 3, HWS_LOG_DEBUG = 4, HWS_LOG_TRACE = 5 };
enum hws_send_flags { HWS_SEND_MORE = 1 };
enum hws_event_flags { HWS_FLAG_FIN = 1, HWS_FLAG_CLEAN = 4 };
enum hws_event_kinds {
    HWS_EVENT_NONE = 0, HWS_EVENT_OPEN = 1, HWS_EVENT_MESSAGE = 2, HWS_EVENT_FRAGMENT = 3, HWS_EVENT_PING = 4,
    HWS_EVENT_PONG = 5, HWS_EVENT_SENT = 6, HWS_EVENT_WRITABLE = 7, HWS_EVENT_CLOSE = 9, HWS_EVENT_CONNECT_FAILED = 10,
    HWS_EVENT_ACCEPT_FAILED = 13, HWS_EVENT_LISTENER_CLOSED = 14
};
/* HWS_OK = 0, HWS_ERR_<NAME> = <code> for every row of errors.md, generated from the status table */
enum hws_status_codes { HWS_OK = 0 /* , HWS_ERR_ERROR = -1, ... all of errors.md */ };

typedef struct hws_close_info { uint32_t present; uint32_t code; hws_str reason; } hws_close_info;

typedef struct hws_error_info {
    uint32_t   struct_size;
    hws_status status;
    uint32_t   operation;
    uint32_t   state, required_states;           /* bit masks: 1 << HWS_STATE_* */
    uint32_t   retryable;
    int32_t    os_error;
    uint32_t   tls_alert, socks_reply, http_status;
    uint32_t   body_truncated, opcode, policy, initiated_by;
    uint32_t   attempts, max_attempts;
    int64_t    retry_after_ms, downtime_ms, timeout_ms, position, size, max_size, current_size;
    uint64_t   fragments, max_fragments, capacity, dropped, max_connections, in_use, time_ms;
    hws_conn   conn;
    hws_str    message, detail, uri, proxy, location, peer;
    hws_str    http_method, http_version, http_reason;
    hws_str    header_name, header_value, origin, parameter_name, parameter_value;
    const hws_header *headers;
    size_t     header_count;
    hws_bytes  body;
    hws_close_info close_rcvd, close_sent;
    int32_t    rcvd_then_sent;
    uint32_t   close_code;
    const struct hws_error_info *cause;
} hws_error_info;

HWS_API const hws_error_info *hws_last_error(void);
HWS_API hws_status hws_error_keep(const hws_error_info *borrowed, hws_error *out);
HWS_API hws_status hws_error_get(hws_error error, const hws_error_info **out);
HWS_API hws_status hws_error_free(hws_error error);
HWS_API hws_status hws_error_format(const hws_error_info *error, char *buf, size_t cap, size_t *needed);
HWS_API const char *hws_status_name(hws_status status);      /* "HWS_ERR_INVALID_STATUS" */
HWS_API const char *hws_status_text(hws_status status);
HWS_API int32_t     hws_status_is_a(hws_status status, hws_status ancestor);
HWS_API hws_status  hws_status_parent(hws_status status, uint32_t nth);  /* 0: no such parent */
HWS_API hws_status  hws_status_at(uint32_t index);                       /* 0: past the end   */
HWS_API const char *hws_operation_name(uint32_t operation);

typedef struct hws_allocator {
    uint32_t struct_size, reserved0;
    void *(*alloc)(size_t size, size_t align, void *user);
    void *(*realloc)(void *ptr, size_t old_size, size_t align, size_t new_size, void *user);
    void  (*free)(void *ptr, size_t size, size_t align, void *user);
    void *user;
} hws_allocator;
typedef void (*hws_log_fn)(void *user, uint32_t level, uint64_t handle, const char *target, const char *text, size_t text_len);
typedef void (*hws_wake_fn)(void *user);
HWS_API uint32_t    hws_abi_version(void);
HWS_API const char *hws_version(void);
HWS_API int32_t     hws_has_feature(const char *name);       /* "tls", "deflate", "proxy", ... 0 in this version */
HWS_API hws_status  hws_set_allocator(const hws_allocator *allocator);
HWS_API hws_status  hws_set_logger(uint32_t max_level, hws_log_fn fn, void *user);  /* level 0 or NULL fn: off */

typedef struct hws_engine_options {
    uint32_t struct_size, abi_version, max_connections, reserved0;
    uint64_t event_memory_max;
} hws_engine_options;

typedef struct hws_handshake {
    uint32_t struct_size, http_status;
    hws_str  method, target, host, origin, subprotocol, extensions, peer;
    const hws_str    *subprotocols_offered; size_t subprotocol_count;
    const hws_header *headers;              size_t header_count;
} hws_handshake;

typedef struct hws_event {
    hws_event_kind kind;
    uint32_t       flags;
    hws_conn       conn;
    hws_listener   listener;
    hws_request    request;
    uint64_t       user;
    uint64_t       token;
    uint64_t       value;
    hws_status     status;
    hws_opcode     opcode;
    hws_bytes      data;
    const hws_error_info *error;
    const hws_handshake  *handshake;
    uint64_t       reserved[4];
} hws_event;

HWS_API hws_status hws_engine_new(const hws_engine_options *options, hws_engine *out);  /* options may be NULL */
HWS_API hws_status hws_engine_free(hws_engine engine);
HWS_API hws_status hws_poll(hws_engine engine, hws_event *events, size_t event_size, uint32_t capacity,
                            int32_t timeout_ms /* HWS_NEVER: until something happens */, uint32_t *count);
HWS_API hws_status hws_wake(hws_engine engine);   /* a blocked or the next hws_poll returns at once */
HWS_API hws_status hws_recv(hws_conn conn, hws_event *event, size_t event_size, int32_t timeout_ms);
HWS_API hws_status hws_engine_pollable(hws_engine engine, intptr_t *fd);
HWS_API hws_status hws_engine_next_timeout(hws_engine engine, int32_t *timeout_ms);
HWS_API hws_status hws_engine_on_wake(hws_engine engine, hws_wake_fn fn, void *user);

typedef struct hws_limits {
    uint32_t   struct_size;
    hws_toggle deliver_fragments, deliver_pings;  /* both off by default */
    uint32_t   fragments_max;                     /* frames in one message: 4096 */
    uint64_t   message_max;                       /* 1 MiB   */
    uint64_t   frame_max;                         /* message_max */
    uint64_t   send_queue_max;                    /* 16 MiB: high watermark, bytes */
    uint64_t   send_queue_low;                    /* a quarter of it: WRITABLE below */
    uint64_t   head_max;                          /* 64 KiB: HTTP head */
    uint64_t   body_max;                          /* 1 MiB: body of a refused handshake */
} hws_limits;
typedef struct hws_timers {
    uint32_t   struct_size;
    hws_toggle auto_pong;                         /* on */
    int32_t    open_ms;                           /* 10 s, absolute, name resolution to 101 */
    int32_t    close_ms;                          /* 10 s */
    int32_t    send_ms;                           /* 60 s without progress of a non-empty send queue */
    int32_t    idle_ms;                           /* never */
    int32_t    ping_interval_ms;                  /* 20 s */
    int32_t    ping_timeout_ms;                   /* 20 s */
} hws_timers;

typedef struct hws_client_options {
    uint32_t          struct_size;
    hws_toggle        subprotocol_required;
    hws_str           uri, origin, user_agent;
    const hws_str    *subprotocols; size_t subprotocol_count;
    const hws_header *headers;      size_t header_count;
    uint64_t          user;
    const hws_limits *limits;
    const hws_timers *timers;
} hws_client_options;
HWS_API hws_status hws_connect(hws_engine engine, const hws_client_options *options, hws_conn *out);

typedef struct hws_server_options {
    uint32_t          struct_size, backlog;
    hws_str           bind;                       /* "127.0.0.1:0", "[::1]:9001" */
    hws_str           server;                     /* Server header; default "hawser/0.1.0" */
    const hws_str    *subprotocols; size_t subprotocol_count;
    const hws_str    *origins;      size_t origin_count;   /* none: any */
    hws_toggle        origin_required, subprotocol_required;
    uint32_t          max_connections, reserved0; /* of this listener */
    uint64_t          user;
    const hws_limits *limits;
    const hws_timers *timers;
} hws_server_options;
HWS_API hws_status hws_listen(hws_engine engine, const hws_server_options *options, hws_listener *out);
HWS_API hws_status hws_listener_address(hws_listener listener, char *buf, size_t cap, size_t *needed);
HWS_API hws_status hws_listener_close(hws_listener listener);  /* stop accepting; LISTENER_CLOSED follows; open conns stay */

typedef struct hws_send_options { uint32_t struct_size, flags; uint64_t token; } hws_send_options;
HWS_API hws_status hws_send(hws_conn conn, hws_opcode opcode, const void *data, size_t len, const hws_send_options *options);
HWS_API hws_status hws_close(hws_conn conn, uint32_t code /* 0: 1000 */, hws_str reason);
HWS_API hws_status hws_abort(hws_conn conn);
HWS_API hws_status hws_conn_pause(hws_conn conn, int32_t paused);
HWS_API hws_status hws_conn_state(hws_conn conn, uint32_t *state);
HWS_API hws_status hws_conn_set_user(hws_conn conn, uint64_t user);
HWS_API hws_status hws_conn_handshake(hws_conn conn, const hws_handshake **out);
HWS_API hws_status hws_conn_error(hws_conn conn, const hws_error_info **out);
typedef struct hws_stats {
    uint32_t struct_size, connections;
    uint64_t bytes_in, bytes_out, wire_in, wire_out, messages_in, messages_out, pings, pongs;
    uint64_t send_queued, handshake_failures, rtt_us, opened_ms, last_in_ms;
} hws_stats;
HWS_API hws_status hws_conn_stats(hws_conn conn, hws_stats *out);
HWS_API hws_status hws_engine_stats(hws_engine engine, hws_stats *out);
#ifdef __cplusplus
}
#endif
#endif
