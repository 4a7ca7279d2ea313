-- Made from include/hawser.h and the status table by `HAWSER_BLESS=1 cargo test --test bindings`; do not edit.
local ffi = require "ffi"

ffi.cdef [[
typedef int32_t hws_status;
typedef uint32_t hws_opcode;
typedef uint32_t hws_toggle;
typedef uint32_t hws_event_kind;
typedef struct hws_conn hws_conn;
typedef struct hws_str hws_str;
typedef struct hws_header hws_header;
typedef struct hws_bytes hws_bytes;
typedef struct hws_close_info hws_close_info;
typedef struct hws_error_info hws_error_info;
typedef struct hws_error hws_error;
typedef struct hws_allocator hws_allocator;
typedef struct hws_raise hws_raise;
typedef struct hws_engine hws_engine;
typedef struct hws_engine_options hws_engine_options;
typedef struct hws_listener hws_listener;
typedef struct hws_request hws_request;
typedef struct hws_handshake hws_handshake;
typedef struct hws_event hws_event;
typedef struct hws_timers hws_timers;
typedef struct hws_limits hws_limits;
typedef struct hws_compression hws_compression;
typedef struct hws_reconnect hws_reconnect;
typedef struct hws_preset hws_preset;
typedef struct hws_reconnect_options hws_reconnect_options;
typedef struct hws_certificate hws_certificate;
typedef struct hws_tls hws_tls;
typedef struct hws_socket hws_socket;
typedef struct hws_heartbeat hws_heartbeat;
typedef struct hws_client_options hws_client_options;
typedef struct hws_response hws_response;
typedef struct hws_route hws_route;
typedef struct hws_server_options hws_server_options;
typedef struct hws_drain hws_drain;
typedef struct hws_send_options hws_send_options;
typedef struct hws_outgoing hws_outgoing;
typedef struct hws_stats hws_stats;
typedef struct hws_publish_options hws_publish_options;
typedef struct hws_pool_options hws_pool_options;
typedef struct hws_pool hws_pool;
typedef struct hws_pool_counts hws_pool_counts;
typedef struct hws_accept_options hws_accept_options;
typedef void (*hws_log_fn)(void *user, uint32_t level, uint64_t handle, const char *target, const char *text, size_t text_len);
typedef void (*hws_wake_fn)(void *user);
struct hws_conn {
    uint64_t id;
};
struct hws_str {
    const char *ptr;
    size_t len;
};
struct hws_header {
    hws_str name;
    hws_str value;
};
struct hws_bytes {
    const uint8_t *ptr;
    size_t len;
};
struct hws_close_info {
    uint32_t present;
    uint32_t code;
    hws_str reason;
};
struct hws_error_info {
    uint32_t struct_size;
    hws_status status;
    uint32_t operation;
    uint32_t state;
    uint32_t required_states;
    uint32_t retryable;
    int32_t os_error;
    uint32_t tls_alert;
    uint32_t socks_reply;
    uint32_t http_status;
    uint32_t body_truncated;
    uint32_t opcode;
    uint32_t policy;
    uint32_t initiated_by;
    uint32_t attempts;
    uint32_t max_attempts;
    int64_t retry_after_ms;
    int64_t downtime_ms;
    int64_t timeout_ms;
    int64_t position;
    int64_t size;
    int64_t max_size;
    int64_t current_size;
    uint64_t fragments;
    uint64_t max_fragments;
    uint64_t capacity;
    uint64_t dropped;
    uint64_t max_connections;
    uint64_t in_use;
    uint64_t time_ms;
    hws_conn conn;
    hws_str message;
    hws_str detail;
    hws_str uri;
    hws_str proxy;
    hws_str location;
    hws_str peer;
    hws_str http_method;
    hws_str http_version;
    hws_str http_reason;
    hws_str header_name;
    hws_str header_value;
    hws_str origin;
    hws_str parameter_name;
    hws_str parameter_value;
    const hws_header *headers;
    size_t header_count;
    hws_bytes body;
    hws_close_info close_rcvd;
    hws_close_info close_sent;
    int32_t rcvd_then_sent;
    uint32_t close_code;
    const hws_error_info *cause;
};
struct hws_error {
    uint64_t id;
};
struct hws_allocator {
    uint32_t struct_size;
    uint32_t reserved0;
    void *(*alloc)(size_t size, size_t align, void *user);
    void *(*realloc)(void *ptr, size_t old_size, size_t align, size_t new_size, void *user);
    void (*free)(void *ptr, size_t size, size_t align, void *user);
    void *user;
};
struct hws_raise {
    uint32_t struct_size;
    hws_status status;
    hws_conn conn;
    hws_str detail;
    hws_opcode opcode;
    uint32_t has_position;
    uint64_t position;
    uint64_t size;
};
struct hws_engine {
    uint64_t id;
};
struct hws_engine_options {
    uint32_t struct_size;
    uint32_t abi_version;
    uint32_t max_connections;
    uint32_t reserved0;
    uint64_t event_memory_max;
    uint64_t compression_memory_max;
    hws_engine share_topics;
    hws_toggle publish_events;
    hws_toggle io_thread;
};
struct hws_listener {
    uint64_t id;
};
struct hws_request {
    uint64_t id;
};
struct hws_handshake {
    uint32_t struct_size;
    uint32_t http_status;
    hws_str method;
    hws_str target;
    hws_str host;
    hws_str origin;
    hws_str subprotocol;
    hws_str extensions;
    hws_str peer;
    const hws_str *subprotocols_offered;
    size_t subprotocol_count;
    const hws_header *headers;
    size_t header_count;
    hws_str uri;
    hws_str user;
    hws_str tls_version;
    hws_str tls_cipher;
    hws_str tls_server_name;
    hws_str tls_alpn;
    hws_str tls_subject;
    hws_bytes tls_certificate;
    uint32_t tls_resumed;
    uint32_t reserved0;
    const hws_error_info *extension_declined;
    hws_str route;
    const hws_header *params;
    size_t param_count;
};
struct hws_event {
    hws_event_kind kind;
    uint32_t flags;
    hws_conn conn;
    hws_listener listener;
    hws_request request;
    uint64_t user;
    uint64_t token;
    uint64_t value;
    hws_status status;
    hws_opcode opcode;
    hws_bytes data;
    const hws_error_info *error;
    const hws_handshake *handshake;
    hws_str topic;
    uint64_t reserved[2];
};
struct hws_timers {
    uint32_t struct_size;
    hws_toggle auto_pong;
    int32_t open_ms;
    int32_t close_ms;
    int32_t send_ms;
    int32_t idle_ms;
    int32_t ping_interval_ms;
    int32_t ping_timeout_ms;
};
struct hws_limits {
    uint32_t struct_size;
    hws_toggle deliver_fragments;
    hws_toggle deliver_pings;
    uint32_t fragments_max;
    uint64_t message_max;
    uint64_t frame_max;
    uint64_t send_queue_max;
    uint64_t send_queue_low;
    uint64_t head_max;
    uint64_t body_max;
    uint32_t subscriptions_max;
    uint32_t slow_subscriber;
    uint64_t receive_rate_min;
    uint32_t recv_queue_messages;
    uint32_t overflow;
    uint64_t recv_queue_max;
};
struct hws_compression {
    uint32_t struct_size;
    hws_toggle enabled;
    uint32_t level;
    uint32_t min_size;
    uint32_t memory_level;
    uint32_t reserved0;
    uint32_t client_max_window_bits;
    uint32_t server_max_window_bits;
    hws_toggle client_no_context_takeover;
    hws_toggle server_no_context_takeover;
};
struct hws_reconnect {
    uint32_t struct_size;
    hws_toggle enabled;
    uint32_t max_attempts;
    int32_t backoff_min_ms;
    int32_t backoff_max_ms;
    uint32_t backoff_percent;
    uint32_t jitter_percent;
    int32_t downtime_max_ms;
    int32_t attempt_ms;
    int32_t stable_ms;
    int32_t max_age_ms;
    int32_t ask_ms;
    uint32_t buffer_overflow;
    uint32_t replay;
    uint64_t buffer_max;
    uint64_t replay_max;
    uint64_t again_max;
};
struct hws_preset {
    uint32_t struct_size;
    uint32_t reserved0;
    hws_timers *timers;
    hws_limits *limits;
    hws_compression *compression;
    hws_reconnect *reconnect;
};
struct hws_reconnect_options {
    uint32_t struct_size;
    int32_t after_ms;
    uint32_t code;
    uint32_t reserved0;
    hws_str reason;
    hws_str uri;
    const hws_header *headers;
    size_t header_count;
};
struct hws_certificate {
    hws_str cert_file;
    hws_str key_file;
    hws_bytes cert_pem;
    hws_bytes key_pem;
};
struct hws_tls {
    uint32_t struct_size;
    uint32_t min_version;
    hws_toggle resumption;
    hws_toggle system_roots;
    hws_toggle bundled_roots;
    hws_toggle dangerous_skip_verification;
    uint32_t client_auth;
    uint32_t reserved0;
    hws_str ca_file;
    hws_bytes ca_pem;
    hws_certificate certificate;
    const hws_certificate *more_certificates;
    size_t more_certificate_count;
    hws_str server_name;
    const hws_str *alpn;
    size_t alpn_count;
    hws_str key_log_file;
};
struct hws_socket {
    uint32_t struct_size;
    hws_toggle nodelay;
    hws_toggle keepalive;
    uint32_t keepalive_idle_s;
    uint32_t keepalive_interval_s;
    uint32_t keepalive_count;
    uint32_t recv_buffer;
    uint32_t send_buffer;
    hws_str local_address;
};
struct hws_heartbeat {
    uint32_t struct_size;
    hws_opcode opcode;
    hws_bytes message;
    hws_bytes answer;
    uint32_t matching;
    hws_toggle deliver;
    int32_t interval_ms;
    int32_t timeout_ms;
};
struct hws_client_options {
    uint32_t struct_size;
    hws_toggle subprotocol_required;
    hws_str uri;
    hws_str origin;
    hws_str user_agent;
    const hws_str *subprotocols;
    size_t subprotocol_count;
    const hws_header *headers;
    size_t header_count;
    uint64_t user;
    const hws_limits *limits;
    const hws_timers *timers;
    const hws_tls *tls;
    const hws_tls *proxy_tls;
    const hws_socket *socket;
    hws_str proxy;
    hws_toggle proxy_from_env;
    uint32_t max_redirects;
    hws_str connect_to;
    hws_str basic_user;
    hws_str basic_password;
    const hws_compression *compression;
    const hws_heartbeat *heartbeat;
    const hws_reconnect *reconnect;
};
struct hws_response {
    uint32_t struct_size;
    uint32_t status;
    const hws_header *headers;
    size_t header_count;
    hws_bytes body;
};
struct hws_route {
    uint32_t struct_size;
    hws_toggle decide;
    hws_str pattern;
    const hws_response *page;
    uint64_t user;
    const hws_str *subprotocols;
    size_t subprotocol_count;
    const hws_str *origins;
    size_t origin_count;
    hws_toggle origin_required;
    hws_toggle subprotocol_required;
    const hws_str *credentials;
    size_t credential_count;
    hws_str realm;
    uint32_t max_connections;
    uint32_t reserved0;
    const hws_limits *limits;
    const hws_timers *timers;
    const hws_compression *compression;
    const hws_heartbeat *heartbeat;
};
struct hws_server_options {
    uint32_t struct_size;
    uint32_t backlog;
    hws_str bind;
    hws_str server;
    const hws_str *subprotocols;
    size_t subprotocol_count;
    const hws_str *origins;
    size_t origin_count;
    hws_toggle origin_required;
    hws_toggle subprotocol_required;
    uint32_t max_connections;
    uint32_t reserved0;
    uint64_t user;
    const hws_limits *limits;
    const hws_timers *timers;
    const hws_tls *tls;
    const hws_socket *socket;
    const hws_str *credentials;
    size_t credential_count;
    hws_str realm;
    const hws_compression *compression;
    const hws_route *routes;
    size_t route_count;
    const hws_str *hosts;
    size_t host_count;
    hws_toggle reuse_port;
    uint32_t max_per_address;
    uint32_t max_handshakes;
    hws_toggle accept_failed_events;
    const hws_heartbeat *heartbeat;
};
struct hws_drain {
    uint32_t struct_size;
    int32_t drain_ms;
    uint32_t code;
    uint32_t reserved0;
    hws_str reason;
};
struct hws_send_options {
    uint32_t struct_size;
    uint32_t flags;
    uint64_t token;
};
struct hws_outgoing {
    hws_conn conn;
    hws_opcode opcode;
    uint32_t flags;
    hws_bytes data;
    uint64_t token;
};
struct hws_stats {
    uint32_t struct_size;
    uint32_t connections;
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t wire_in;
    uint64_t wire_out;
    uint64_t messages_in;
    uint64_t messages_out;
    uint64_t pings;
    uint64_t pongs;
    uint64_t send_queued;
    uint64_t handshake_failures;
    uint64_t rtt_us;
    uint32_t peer_known;
    int32_t peer_pid;
    uint32_t peer_uid;
    uint32_t peer_gid;
    uint64_t deflated_in;
    uint64_t inflated_in;
    uint64_t deflated_out;
    uint64_t inflated_out;
    uint64_t http_responses;
    uint64_t reconnects;
    uint64_t send_kept;
    uint64_t send_dropped;
    uint64_t send_unprotected;
    uint64_t recv_queued;
    uint64_t recv_queued_bytes;
    uint64_t recv_dropped;
};
struct hws_publish_options {
    uint32_t struct_size;
    uint32_t flags;
    hws_conn except;
};
struct hws_pool_options {
    uint32_t struct_size;
    uint32_t max_connections;
    int32_t idle_ms;
    int32_t max_age_ms;
    int32_t check_after_ms;
    int32_t check_ms;
    uint32_t waiters_max;
    hws_toggle check_always;
    const hws_client_options *client;
};
struct hws_pool {
    uint64_t id;
};
struct hws_pool_counts {
    uint32_t struct_size;
    uint32_t sockets;
    uint32_t idle;
    uint32_t leased;
    uint32_t opening;
    uint32_t checking;
    uint32_t closing;
    uint32_t waiting;
    uint64_t opened;
    uint64_t open_failed;
    uint64_t reused;
    uint64_t checks_failed;
    uint64_t timeouts;
    uint64_t discarded;
    uint64_t expired;
    uint64_t displaced;
};
struct hws_accept_options {
    uint32_t struct_size;
    uint32_t reserved0;
    hws_str subprotocol;
    const hws_header *headers;
    size_t header_count;
    uint64_t user;
};
const hws_error_info *hws_last_error(void);
hws_status hws_error_keep(const hws_error_info *borrowed, hws_error *out_error);
hws_status hws_error_get(hws_error error, const hws_error_info **out_info);
hws_status hws_error_free(hws_error error);
hws_status hws_error_format(const hws_error_info *error, char *buf, size_t cap, size_t *needed);
const char *hws_status_name(hws_status status);
const char *hws_status_text(hws_status status);
int32_t hws_status_is_a(hws_status status, hws_status ancestor);
hws_status hws_status_parent(hws_status status, uint32_t nth);
hws_status hws_status_at(uint32_t index);
const char *hws_operation_name(uint32_t operation);
uint32_t hws_abi_version(void);
const char *hws_version(void);
int32_t hws_has_feature(const char *name);
hws_status hws_set_allocator(const hws_allocator *allocator);
hws_status hws_set_logger(uint32_t max_level, hws_log_fn logger, void *user);
hws_status hws_error_raise(const hws_raise *raise);
hws_status hws_engine_new(const hws_engine_options *options, hws_engine *out_engine);
hws_status hws_engine_free(hws_engine engine);
hws_status hws_poll(hws_engine engine, hws_event *events, size_t event_size, uint32_t capacity, int32_t timeout_ms, uint32_t *count);
hws_status hws_wake(hws_engine engine);
hws_status hws_recv(hws_conn conn, hws_event *event, size_t event_size, int32_t timeout_ms);
hws_status hws_engine_pollable(hws_engine engine, ptrdiff_t *fd);
hws_status hws_engine_next_timeout(hws_engine engine, int32_t *timeout_ms);
hws_status hws_engine_on_wake(hws_engine engine, hws_wake_fn hook, void *user);
hws_status hws_preset_get(hws_str name, const hws_preset *preset);
hws_status hws_conn_reconnect(hws_conn conn, const hws_reconnect_options *options);
hws_status hws_conn_replay(hws_conn conn, uint64_t after_token);
hws_status hws_conn_forget(hws_conn conn, uint64_t token);
hws_status hws_connect(hws_engine engine, const hws_client_options *options, hws_conn *out_conn);
hws_status hws_listen(hws_engine engine, const hws_server_options *options, hws_listener *out_listener);
hws_status hws_listener_address(hws_listener listener, char *buf, size_t cap, size_t *needed);
hws_status hws_listener_close(hws_listener listener, const hws_drain *drain);
hws_status hws_engine_refusals(hws_engine engine, hws_status status, uint64_t *count);
hws_status hws_listener_set_tls(hws_listener listener, const hws_tls *tls);
hws_status hws_adopt(hws_engine engine, ptrdiff_t socket, const hws_client_options *client, const hws_server_options *server, hws_conn *out_conn);
hws_status hws_send(hws_conn conn, hws_opcode opcode, const void *data, size_t len, const hws_send_options *options);
hws_status hws_send_batch(const hws_outgoing *messages, size_t message_size, uint32_t count, uint32_t *sent);
hws_status hws_close(hws_conn conn, uint32_t code, hws_str reason);
hws_status hws_abort(hws_conn conn);
hws_status hws_conn_pause(hws_conn conn, int32_t paused);
hws_status hws_conn_state(hws_conn conn, uint32_t *state);
hws_status hws_conn_set_user(hws_conn conn, uint64_t user);
hws_status hws_conn_user(hws_conn conn, uint64_t *user);
hws_status hws_conn_handshake(hws_conn conn, const hws_handshake **out_info);
hws_status hws_conn_error(hws_conn conn, const hws_error_info **out_info);
hws_status hws_conn_stats(hws_conn conn, hws_stats *stats);
hws_status hws_engine_stats(hws_engine engine, hws_stats *stats);
hws_status hws_subscribe(hws_conn conn, hws_str topic);
hws_status hws_unsubscribe(hws_conn conn, hws_str topic);
hws_status hws_publish(hws_engine engine, hws_str topic, hws_opcode opcode, const void *data, size_t len, const hws_publish_options *options, uint32_t *reached, uint32_t *skipped);
hws_status hws_send_many(const hws_conn *conns, size_t count, hws_opcode opcode, const void *data, size_t len, const hws_publish_options *options, uint32_t *reached, uint32_t *skipped);
hws_status hws_topic_subscribers(hws_engine engine, hws_str topic, uint32_t *count);
hws_status hws_pool_new(hws_engine engine, const hws_pool_options *options, hws_pool *out_pool);
hws_status hws_pool_acquire(hws_pool pool, hws_str target, int32_t timeout_ms, uint64_t token);
hws_status hws_pool_release(hws_pool pool, hws_conn conn, int32_t reusable);
hws_status hws_pool_free(hws_pool pool);
hws_status hws_pool_stats(hws_pool pool, hws_pool_counts *stats);
hws_status hws_request_accept(hws_request request, const hws_accept_options *options, hws_conn *out_conn);
hws_status hws_request_respond(hws_request request, const hws_response *response);
]]

local M = { abi_version = 1 }

-- Constants by their names.
M.enums = {
  hws_toggles = { default = 0, on = 1, off = 2 },
  hws_opcodes = { cont = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 },
  hws_states = { connecting = 0, open = 1, closing = 2, closed = 3, reconnecting = 4 },
  hws_log_levels = { error = 1, warn = 2, info = 3, debug = 4, trace = 5 },
  hws_retries = { no = 0, yes = 1, after = 2 },
  hws_sides = { neither = 0, ["local"] = 1, remote = 2 },
  hws_send_flags = { more = 1, raw = 2, again = 8 },
  hws_event_flags = { fin = 1, compressed = 2, clean = 4, reconnected = 8, plain = 16 },
  hws_matches = { exact = 0, prefix = 1, contains = 2, any = 3 },
  hws_publish_flags = { ["local"] = 4 },
  hws_slow_policies = { skip = 0, close = 1 },
  hws_overflows = { backpressure = 1, drop_oldest = 2, drop_newest = 3, error = 4 },
  hws_replays = { off = 0, on_request = 1, always = 2 },
  hws_event_kinds = { none = 0, open = 1, message = 2, fragment = 3, ping = 4, pong = 5, sent = 6, writable = 7, queue = 8, close = 9, connect_failed = 10, reconnecting = 11, request = 12, accept_failed = 13, listener_closed = 14, pool_ready = 15, pool_failed = 16, publish = 20 },
  hws_client_auths = { none = 0, optional = 1, required = 2 },
  hws_tls_versions = { tls_1_2 = 771, tls_1_3 = 772 },
}

-- The names of constants.
M.names = {
  hws_toggles = { [0] = "default", [1] = "on", [2] = "off" },
  hws_opcodes = { [0] = "cont", [1] = "text", [2] = "binary", [8] = "close", [9] = "ping", [10] = "pong" },
  hws_states = { [0] = "connecting", [1] = "open", [2] = "closing", [3] = "closed", [4] = "reconnecting" },
  hws_log_levels = { [1] = "error", [2] = "warn", [3] = "info", [4] = "debug", [5] = "trace" },
  hws_retries = { [0] = "no", [1] = "yes", [2] = "after" },
  hws_sides = { [0] = "neither", [1] = "local", [2] = "remote" },
  hws_send_flags = { [1] = "more", [2] = "raw", [8] = "again" },
  hws_event_flags = { [1] = "fin", [2] = "compressed", [4] = "clean", [8] = "reconnected", [16] = "plain" },
  hws_matches = { [0] = "exact", [1] = "prefix", [2] = "contains", [3] = "any" },
  hws_publish_flags = { [4] = "local" },
  hws_slow_policies = { [0] = "skip", [1] = "close" },
  hws_overflows = { [1] = "backpressure", [2] = "drop_oldest", [3] = "drop_newest", [4] = "error" },
  hws_replays = { [0] = "off", [1] = "on_request", [2] = "always" },
  hws_event_kinds = { [0] = "none", [1] = "open", [2] = "message", [3] = "fragment", [4] = "ping", [5] = "pong", [6] = "sent", [7] = "writable", [8] = "queue", [9] = "close", [10] = "connect_failed", [11] = "reconnecting", [12] = "request", [13] = "accept_failed", [14] = "listener_closed", [15] = "pool_ready", [16] = "pool_failed", [20] = "publish" },
  hws_client_auths = { [0] = "none", [1] = "optional", [2] = "required" },
  hws_tls_versions = { [771] = "tls_1_2", [772] = "tls_1_3" },
}

-- What the fields of a struct are.
M.structs = {
  hws_conn = {
    id = { kind = "number", type = "uint64_t" },
  },
  hws_str = {
    ptr = { kind = "pointer", type = "char" },
    len = { kind = "number", type = "size_t" },
  },
  hws_header = {
    name = { kind = "text" },
    value = { kind = "text" },
  },
  hws_bytes = {
    ptr = { kind = "pointer", type = "uint8_t" },
    len = { kind = "number", type = "size_t" },
  },
  hws_close_info = {
    present = { kind = "number", type = "uint32_t" },
    code = { kind = "number", type = "uint32_t" },
    reason = { kind = "text" },
  },
  hws_error_info = {
    status = { kind = "status", none = 0 },
    operation = { kind = "number", type = "uint32_t", none = 0 },
    state = { kind = "number", type = "uint32_t", none = 0 },
    required_states = { kind = "number", type = "uint32_t", none = 0 },
    retryable = { kind = "enum", type = "hws_retries", none = 0 },
    os_error = { kind = "number", type = "int32_t", none = 0 },
    tls_alert = { kind = "number", type = "uint32_t", none = 0 },
    socks_reply = { kind = "number", type = "uint32_t", none = 0 },
    http_status = { kind = "number", type = "uint32_t", none = 0 },
    body_truncated = { kind = "number", type = "uint32_t", none = 0 },
    opcode = { kind = "number", type = "uint32_t", none = 0 },
    policy = { kind = "number", type = "uint32_t", none = 0 },
    initiated_by = { kind = "enum", type = "hws_sides", none = 0 },
    attempts = { kind = "number", type = "uint32_t", none = 0 },
    max_attempts = { kind = "number", type = "uint32_t", none = 0 },
    retry_after_ms = { kind = "number", type = "int64_t", none = 0 },
    downtime_ms = { kind = "number", type = "int64_t", none = 0 },
    timeout_ms = { kind = "number", type = "int64_t", none = -1 },
    position = { kind = "number", type = "int64_t", none = -1 },
    size = { kind = "number", type = "int64_t", none = -1 },
    max_size = { kind = "number", type = "int64_t", none = -1 },
    current_size = { kind = "number", type = "int64_t", none = -1 },
    fragments = { kind = "number", type = "uint64_t", none = 0 },
    max_fragments = { kind = "number", type = "uint64_t", none = 0 },
    capacity = { kind = "number", type = "uint64_t", none = 0 },
    dropped = { kind = "number", type = "uint64_t", none = 0 },
    max_connections = { kind = "number", type = "uint64_t", none = 0 },
    in_use = { kind = "number", type = "uint64_t", none = 0 },
    time_ms = { kind = "number", type = "uint64_t", none = 0 },
    conn = { kind = "handle", type = "hws_conn", none = 0 },
    message = { kind = "text", none = "" },
    detail = { kind = "text", none = "" },
    uri = { kind = "text", none = "" },
    proxy = { kind = "text", none = "" },
    location = { kind = "text", none = "" },
    peer = { kind = "text", none = "" },
    http_method = { kind = "text", none = "" },
    http_version = { kind = "text", none = "" },
    http_reason = { kind = "text", none = "" },
    header_name = { kind = "text", none = "" },
    header_value = { kind = "text" },
    origin = { kind = "text", none = "" },
    parameter_name = { kind = "text", none = "" },
    parameter_value = { kind = "text", none = "" },
    headers = { kind = "array", type = "hws_header", count = "header_count" },
    body = { kind = "text", none = "" },
    close_rcvd = { kind = "struct", type = "hws_close_info", none = 0 },
    close_sent = { kind = "struct", type = "hws_close_info", none = 0 },
    rcvd_then_sent = { kind = "number", type = "int32_t", none = -1 },
    close_code = { kind = "number", type = "uint32_t", none = 0 },
    cause = { kind = "pointer", type = "hws_error_info" },
  },
  hws_error = {
    id = { kind = "number", type = "uint64_t" },
  },
  hws_allocator = {
  },
  hws_raise = {
    status = { kind = "status" },
    conn = { kind = "handle", type = "hws_conn" },
    detail = { kind = "text" },
    opcode = { kind = "enum", type = "hws_opcodes" },
    has_position = { kind = "number", type = "uint32_t" },
    position = { kind = "number", type = "uint64_t" },
    size = { kind = "number", type = "uint64_t" },
  },
  hws_engine = {
    id = { kind = "number", type = "uint64_t" },
  },
  hws_engine_options = {
    abi_version = { kind = "number", type = "uint32_t", none = 0 },
    max_connections = { kind = "number", type = "uint32_t", none = 0 },
    event_memory_max = { kind = "number", type = "uint64_t", none = 0 },
    compression_memory_max = { kind = "number", type = "uint64_t", none = 0 },
    share_topics = { kind = "handle", type = "hws_engine", none = 0 },
    publish_events = { kind = "toggle", none = 0 },
    io_thread = { kind = "toggle", none = 0 },
  },
  hws_listener = {
    id = { kind = "number", type = "uint64_t" },
  },
  hws_request = {
    id = { kind = "number", type = "uint64_t" },
  },
  hws_handshake = {
    http_status = { kind = "number", type = "uint32_t" },
    method = { kind = "text" },
    target = { kind = "text" },
    host = { kind = "text" },
    origin = { kind = "text" },
    subprotocol = { kind = "text" },
    extensions = { kind = "text" },
    peer = { kind = "text" },
    subprotocols_offered = { kind = "array", type = "hws_str", count = "subprotocol_count" },
    headers = { kind = "array", type = "hws_header", count = "header_count" },
    uri = { kind = "text" },
    user = { kind = "text" },
    tls_version = { kind = "text" },
    tls_cipher = { kind = "text" },
    tls_server_name = { kind = "text" },
    tls_alpn = { kind = "text" },
    tls_subject = { kind = "text" },
    tls_certificate = { kind = "text" },
    tls_resumed = { kind = "number", type = "uint32_t" },
    extension_declined = { kind = "pointer", type = "hws_error_info" },
    route = { kind = "text" },
    params = { kind = "array", type = "hws_header", count = "param_count" },
  },
  hws_event = {
    kind = { kind = "enum", type = "hws_event_kinds" },
    flags = { kind = "number", type = "uint32_t" },
    conn = { kind = "handle", type = "hws_conn" },
    listener = { kind = "handle", type = "hws_listener" },
    request = { kind = "handle", type = "hws_request" },
    user = { kind = "number", type = "uint64_t" },
    token = { kind = "number", type = "uint64_t" },
    value = { kind = "number", type = "uint64_t" },
    status = { kind = "status" },
    opcode = { kind = "enum", type = "hws_opcodes" },
    data = { kind = "text" },
    error = { kind = "pointer", type = "hws_error_info" },
    handshake = { kind = "pointer", type = "hws_handshake" },
    topic = { kind = "text" },
  },
  hws_timers = {
    auto_pong = { kind = "toggle", none = 0 },
    open_ms = { kind = "number", type = "int32_t", none = 0 },
    close_ms = { kind = "number", type = "int32_t", none = 0 },
    send_ms = { kind = "number", type = "int32_t", none = 0 },
    idle_ms = { kind = "number", type = "int32_t", none = 0 },
    ping_interval_ms = { kind = "number", type = "int32_t", none = 0 },
    ping_timeout_ms = { kind = "number", type = "int32_t", none = 0 },
  },
  hws_limits = {
    deliver_fragments = { kind = "toggle", none = 0 },
    deliver_pings = { kind = "toggle", none = 0 },
    fragments_max = { kind = "number", type = "uint32_t", none = 0 },
    message_max = { kind = "number", type = "uint64_t", none = 0 },
    frame_max = { kind = "number", type = "uint64_t", none = 0 },
    send_queue_max = { kind = "number", type = "uint64_t", none = 0 },
    send_queue_low = { kind = "number", type = "uint64_t", none = 0 },
    head_max = { kind = "number", type = "uint64_t", none = 0 },
    body_max = { kind = "number", type = "uint64_t", none = 0 },
    subscriptions_max = { kind = "number", type = "uint32_t", none = 0 },
    slow_subscriber = { kind = "enum", type = "hws_slow_policies", none = 0 },
    receive_rate_min = { kind = "number", type = "uint64_t", none = 0 },
    recv_queue_messages = { kind = "number", type = "uint32_t", none = 0 },
    overflow = { kind = "enum", type = "hws_overflows", none = 0 },
    recv_queue_max = { kind = "number", type = "uint64_t", none = 0 },
  },
  hws_compression = {
    enabled = { kind = "toggle", none = 0 },
    level = { kind = "number", type = "uint32_t", none = 0 },
    min_size = { kind = "number", type = "uint32_t", none = 0 },
    memory_level = { kind = "number", type = "uint32_t", none = 0 },
    client_max_window_bits = { kind = "number", type = "uint32_t", none = 0 },
    server_max_window_bits = { kind = "number", type = "uint32_t", none = 0 },
    client_no_context_takeover = { kind = "toggle", none = 0 },
    server_no_context_takeover = { kind = "toggle", none = 0 },
  },
  hws_reconnect = {
    enabled = { kind = "toggle", none = 0 },
    max_attempts = { kind = "number", type = "uint32_t", none = 0 },
    backoff_min_ms = { kind = "number", type = "int32_t", none = 0 },
    backoff_max_ms = { kind = "number", type = "int32_t", none = 0 },
    backoff_percent = { kind = "number", type = "uint32_t", none = 0 },
    jitter_percent = { kind = "number", type = "uint32_t", none = 0 },
    downtime_max_ms = { kind = "number", type = "int32_t", none = 0 },
    attempt_ms = { kind = "number", type = "int32_t", none = 0 },
    stable_ms = { kind = "number", type = "int32_t", none = 0 },
    max_age_ms = { kind = "number", type = "int32_t", none = 0 },
    ask_ms = { kind = "number", type = "int32_t", none = 0 },
    buffer_overflow = { kind = "enum", type = "hws_overflows", none = 0 },
    replay = { kind = "enum", type = "hws_replays", none = 0 },
    buffer_max = { kind = "number", type = "uint64_t", none = 0 },
    replay_max = { kind = "number", type = "uint64_t", none = 0 },
    again_max = { kind = "number", type = "uint64_t", none = 0 },
  },
  hws_preset = {
    timers = { kind = "pointer", type = "hws_timers" },
    limits = { kind = "pointer", type = "hws_limits" },
    compression = { kind = "pointer", type = "hws_compression" },
    reconnect = { kind = "pointer", type = "hws_reconnect" },
  },
  hws_reconnect_options = {
    after_ms = { kind = "number", type = "int32_t", none = 0 },
    code = { kind = "number", type = "uint32_t", none = 0 },
    reason = { kind = "text", none = "" },
    uri = { kind = "text", none = "" },
    headers = { kind = "array", type = "hws_header", count = "header_count" },
  },
  hws_certificate = {
    cert_file = { kind = "text" },
    key_file = { kind = "text" },
    cert_pem = { kind = "text" },
    key_pem = { kind = "text" },
  },
  hws_tls = {
    min_version = { kind = "enum", type = "hws_tls_versions", none = 0 },
    resumption = { kind = "toggle", none = 0 },
    system_roots = { kind = "toggle", none = 0 },
    bundled_roots = { kind = "toggle", none = 0 },
    dangerous_skip_verification = { kind = "toggle", none = 0 },
    client_auth = { kind = "enum", type = "hws_client_auths", none = 0 },
    ca_file = { kind = "text", none = "" },
    ca_pem = { kind = "text", none = "" },
    certificate = { kind = "struct", type = "hws_certificate", none = 0 },
    more_certificates = { kind = "array", type = "hws_certificate", count = "more_certificate_count" },
    server_name = { kind = "text", none = "" },
    alpn = { kind = "array", type = "hws_str", count = "alpn_count" },
    key_log_file = { kind = "text", none = "" },
  },
  hws_socket = {
    nodelay = { kind = "toggle", none = 0 },
    keepalive = { kind = "toggle", none = 0 },
    keepalive_idle_s = { kind = "number", type = "uint32_t", none = 0 },
    keepalive_interval_s = { kind = "number", type = "uint32_t", none = 0 },
    keepalive_count = { kind = "number", type = "uint32_t", none = 0 },
    recv_buffer = { kind = "number", type = "uint32_t", none = 0 },
    send_buffer = { kind = "number", type = "uint32_t", none = 0 },
    local_address = { kind = "text", none = "" },
  },
  hws_heartbeat = {
    opcode = { kind = "enum", type = "hws_opcodes", none = 0 },
    message = { kind = "text", none = "" },
    answer = { kind = "text", none = "" },
    matching = { kind = "enum", type = "hws_matches", none = 0 },
    deliver = { kind = "toggle", none = 0 },
    interval_ms = { kind = "number", type = "int32_t", none = 0 },
    timeout_ms = { kind = "number", type = "int32_t", none = 0 },
  },
  hws_client_options = {
    subprotocol_required = { kind = "toggle", none = 0 },
    uri = { kind = "text", none = "" },
    origin = { kind = "text", none = "" },
    user_agent = { kind = "text", none = "" },
    subprotocols = { kind = "array", type = "hws_str", count = "subprotocol_count" },
    headers = { kind = "array", type = "hws_header", count = "header_count" },
    user = { kind = "number", type = "uint64_t", none = 0 },
    limits = { kind = "pointer", type = "hws_limits" },
    timers = { kind = "pointer", type = "hws_timers" },
    tls = { kind = "pointer", type = "hws_tls" },
    proxy_tls = { kind = "pointer", type = "hws_tls" },
    socket = { kind = "pointer", type = "hws_socket" },
    proxy = { kind = "text", none = "" },
    proxy_from_env = { kind = "toggle", none = 0 },
    max_redirects = { kind = "number", type = "uint32_t", none = 0 },
    connect_to = { kind = "text", none = "" },
    basic_user = { kind = "text", none = "" },
    basic_password = { kind = "text", none = "" },
    compression = { kind = "pointer", type = "hws_compression" },
    heartbeat = { kind = "pointer", type = "hws_heartbeat" },
    reconnect = { kind = "pointer", type = "hws_reconnect" },
  },
  hws_response = {
    status = { kind = "number", type = "uint32_t" },
    headers = { kind = "array", type = "hws_header", count = "header_count" },
    body = { kind = "text" },
  },
  hws_route = {
    decide = { kind = "toggle" },
    pattern = { kind = "text" },
    page = { kind = "pointer", type = "hws_response" },
    user = { kind = "number", type = "uint64_t" },
    subprotocols = { kind = "array", type = "hws_str", count = "subprotocol_count" },
    origins = { kind = "array", type = "hws_str", count = "origin_count" },
    origin_required = { kind = "toggle" },
    subprotocol_required = { kind = "toggle" },
    credentials = { kind = "array", type = "hws_str", count = "credential_count" },
    realm = { kind = "text" },
    max_connections = { kind = "number", type = "uint32_t" },
    limits = { kind = "pointer", type = "hws_limits" },
    timers = { kind = "pointer", type = "hws_timers" },
    compression = { kind = "pointer", type = "hws_compression" },
    heartbeat = { kind = "pointer", type = "hws_heartbeat" },
  },
  hws_server_options = {
    backlog = { kind = "number", type = "uint32_t", none = 0 },
    bind = { kind = "text", none = "" },
    server = { kind = "text", none = "" },
    subprotocols = { kind = "array", type = "hws_str", count = "subprotocol_count" },
    origins = { kind = "array", type = "hws_str", count = "origin_count" },
    origin_required = { kind = "toggle", none = 0 },
    subprotocol_required = { kind = "toggle", none = 0 },
    max_connections = { kind = "number", type = "uint32_t", none = 0 },
    user = { kind = "number", type = "uint64_t", none = 0 },
    limits = { kind = "pointer", type = "hws_limits" },
    timers = { kind = "pointer", type = "hws_timers" },
    tls = { kind = "pointer", type = "hws_tls" },
    socket = { kind = "pointer", type = "hws_socket" },
    credentials = { kind = "array", type = "hws_str", count = "credential_count" },
    realm = { kind = "text", none = "" },
    compression = { kind = "pointer", type = "hws_compression" },
    routes = { kind = "array", type = "hws_route", count = "route_count" },
    hosts = { kind = "array", type = "hws_str", count = "host_count" },
    reuse_port = { kind = "toggle", none = 0 },
    max_per_address = { kind = "number", type = "uint32_t", none = 0 },
    max_handshakes = { kind = "number", type = "uint32_t", none = 0 },
    accept_failed_events = { kind = "toggle", none = 0 },
    heartbeat = { kind = "pointer", type = "hws_heartbeat" },
  },
  hws_drain = {
    drain_ms = { kind = "number", type = "int32_t", none = 0 },
    code = { kind = "number", type = "uint32_t", none = 0 },
    reason = { kind = "text", none = "" },
  },
  hws_send_options = {
    flags = { kind = "number", type = "uint32_t", none = 0 },
    token = { kind = "number", type = "uint64_t", none = 0 },
  },
  hws_outgoing = {
    conn = { kind = "handle", type = "hws_conn" },
    opcode = { kind = "enum", type = "hws_opcodes" },
    flags = { kind = "number", type = "uint32_t" },
    data = { kind = "text" },
    token = { kind = "number", type = "uint64_t" },
  },
  hws_stats = {
    connections = { kind = "number", type = "uint32_t" },
    bytes_in = { kind = "number", type = "uint64_t" },
    bytes_out = { kind = "number", type = "uint64_t" },
    wire_in = { kind = "number", type = "uint64_t" },
    wire_out = { kind = "number", type = "uint64_t" },
    messages_in = { kind = "number", type = "uint64_t" },
    messages_out = { kind = "number", type = "uint64_t" },
    pings = { kind = "number", type = "uint64_t" },
    pongs = { kind = "number", type = "uint64_t" },
    send_queued = { kind = "number", type = "uint64_t" },
    handshake_failures = { kind = "number", type = "uint64_t" },
    rtt_us = { kind = "number", type = "uint64_t" },
    peer_known = { kind = "number", type = "uint32_t" },
    peer_pid = { kind = "number", type = "int32_t" },
    peer_uid = { kind = "number", type = "uint32_t" },
    peer_gid = { kind = "number", type = "uint32_t" },
    deflated_in = { kind = "number", type = "uint64_t" },
    inflated_in = { kind = "number", type = "uint64_t" },
    deflated_out = { kind = "number", type = "uint64_t" },
    inflated_out = { kind = "number", type = "uint64_t" },
    http_responses = { kind = "number", type = "uint64_t" },
    reconnects = { kind = "number", type = "uint64_t" },
    send_kept = { kind = "number", type = "uint64_t" },
    send_dropped = { kind = "number", type = "uint64_t" },
    send_unprotected = { kind = "number", type = "uint64_t" },
    recv_queued = { kind = "number", type = "uint64_t" },
    recv_queued_bytes = { kind = "number", type = "uint64_t" },
    recv_dropped = { kind = "number", type = "uint64_t" },
  },
  hws_publish_options = {
    flags = { kind = "number", type = "uint32_t", none = 0 },
    except = { kind = "handle", type = "hws_conn", none = 0 },
  },
  hws_pool_options = {
    max_connections = { kind = "number", type = "uint32_t", none = 0 },
    idle_ms = { kind = "number", type = "int32_t", none = 0 },
    max_age_ms = { kind = "number", type = "int32_t", none = 0 },
    check_after_ms = { kind = "number", type = "int32_t", none = 0 },
    check_ms = { kind = "number", type = "int32_t", none = 0 },
    waiters_max = { kind = "number", type = "uint32_t", none = 0 },
    check_always = { kind = "toggle", none = 0 },
    client = { kind = "pointer", type = "hws_client_options" },
  },
  hws_pool = {
    id = { kind = "number", type = "uint64_t" },
  },
  hws_pool_counts = {
    sockets = { kind = "number", type = "uint32_t" },
    idle = { kind = "number", type = "uint32_t" },
    leased = { kind = "number", type = "uint32_t" },
    opening = { kind = "number", type = "uint32_t" },
    checking = { kind = "number", type = "uint32_t" },
    closing = { kind = "number", type = "uint32_t" },
    waiting = { kind = "number", type = "uint32_t" },
    opened = { kind = "number", type = "uint64_t" },
    open_failed = { kind = "number", type = "uint64_t" },
    reused = { kind = "number", type = "uint64_t" },
    checks_failed = { kind = "number", type = "uint64_t" },
    timeouts = { kind = "number", type = "uint64_t" },
    discarded = { kind = "number", type = "uint64_t" },
    expired = { kind = "number", type = "uint64_t" },
    displaced = { kind = "number", type = "uint64_t" },
  },
  hws_accept_options = {
    subprotocol = { kind = "text", none = "" },
    headers = { kind = "array", type = "hws_header", count = "header_count" },
    user = { kind = "number", type = "uint64_t", none = 0 },
  },
}

-- What functions that may fail take, and what comes back through pointers.
M.functions = {
  hws_error_free = {
    { name = "error", kind = "handle", type = "hws_error" },
  },
  hws_set_allocator = {
    { name = "allocator", kind = "options", type = "hws_allocator" },
  },
  hws_error_raise = {
    { name = "raise", kind = "options", type = "hws_raise" },
  },
  hws_engine_new = {
    { name = "options", kind = "options", type = "hws_engine_options" },
    { name = "out_engine", kind = "out", type = "hws_engine" },
  },
  hws_engine_free = {
    { name = "engine", kind = "handle", type = "hws_engine" },
  },
  hws_poll = {
    { name = "engine", kind = "handle", type = "hws_engine" },
    { name = "events", kind = "out", type = "hws_event" },
    { name = "event_size", kind = "length", type = "size_t" },
    { name = "capacity", kind = "number", type = "uint32_t" },
    { name = "timeout_ms", kind = "number", type = "int32_t" },
    { name = "count", kind = "out", type = "uint32_t" },
  },
  hws_wake = {
    { name = "engine", kind = "handle", type = "hws_engine" },
  },
  hws_recv = {
    { name = "conn", kind = "handle", type = "hws_conn" },
    { name = "event", kind = "out", type = "hws_event" },
    { name = "event_size", kind = "length", type = "size_t" },
    { name = "timeout_ms", kind = "number", type = "int32_t" },
  },
  hws_engine_pollable = {
    { name = "engine", kind = "handle", type = "hws_engine" },
    { name = "fd", kind = "out", type = "ptrdiff_t" },
  },
  hws_engine_next_timeout = {
    { name = "engine", kind = "handle", type = "hws_engine" },
    { name = "timeout_ms", kind = "out", type = "int32_t" },
  },
  hws_preset_get = {
    { name = "name", kind = "text", type = "hws_str" },
    { name = "preset", kind = "options", type = "hws_preset" },
  },
  hws_conn_reconnect = {
    { name = "conn", kind = "handle", type = "hws_conn" },
    { name = "options", kind = "options", type = "hws_reconnect_options" },
  },
  hws_conn_replay = {
    { name = "conn", kind = "handle", type = "hws_conn" },
    { name = "after_token", kind = "number", type = "uint64_t" },
  },
  hws_conn_forget = {
    { name = "conn", kind = "handle", type = "hws_conn" },
    { name = "token", kind = "number", type = "uint64_t" },
  },
  hws_connect = {
    { name = "engine", kind = "handle", type = "hws_engine" },
    { name = "options", kind = "options", type = "hws_client_options" },
    { name = "out_conn", kind = "out", type = "hws_conn" },
  },
  hws_listen = {
    { name = "engine", kind = "handle", type = "hws_engine" },
    { name = "options", kind = "options", type = "hws_server_options" },
    { name = "out_listener", kind = "out", type = "hws_listener" },
  },
  hws_listener_close = {
    { name = "listener", kind = "handle", type = "hws_listener" },
    { name = "drain", kind = "options", type = "hws_drain" },
  },
  hws_engine_refusals = {
    { name = "engine", kind = "handle", type = "hws_engine" },
    { name = "status", kind = "status", type = "hws_status" },
    { name = "count", kind = "out", type = "uint64_t" },
  },
  hws_listener_set_tls = {
    { name = "listener", kind = "handle", type = "hws_listener" },
    { name = "tls", kind = "options", type = "hws_tls" },
  },
  hws_adopt = {
    { name = "engine", kind = "handle", type = "hws_engine" },
    { name = "socket", kind = "number", type = "ptrdiff_t" },
    { name = "client", kind = "options", type = "hws_client_options" },
    { name = "server", kind = "options", type = "hws_server_options" },
    { name = "out_conn", kind = "out", type = "hws_conn" },
  },
  hws_send = {
    { name = "conn", kind = "handle", type = "hws_conn" },
    { name = "opcode", kind = "opcode", type = "hws_opcode" },
    { name = "data", kind = "data", type = "void" },
    { name = "len", kind = "length", type = "size_t" },
    { name = "options", kind = "options", type = "hws_send_options" },
  },
  hws_close = {
    { name = "conn", kind = "handle", type = "hws_conn" },
    { name = "code", kind = "number", type = "uint32_t" },
    { name = "reason", kind = "text", type = "hws_str" },
  },
  hws_abort = {
    { name = "conn", kind = "handle", type = "hws_conn" },
  },
  hws_conn_pause = {
    { name = "conn", kind = "handle", type = "hws_conn" },
    { name = "paused", kind = "number", type = "int32_t" },
  },
  hws_conn_state = {
    { name = "conn", kind = "handle", type = "hws_conn" },
    { name = "state", kind = "out", type = "uint32_t" },
  },
  hws_conn_set_user = {
    { name = "conn", kind = "handle", type = "hws_conn" },
    { name = "user", kind = "number", type = "uint64_t" },
  },
  hws_conn_user = {
    { name = "conn", kind = "handle", type = "hws_conn" },
    { name = "user", kind = "out", type = "uint64_t" },
  },
  hws_conn_stats = {
    { name = "conn", kind = "handle", type = "hws_conn" },
    { name = "stats", kind = "filled", type = "hws_stats" },
  },
  hws_engine_stats = {
    { name = "engine", kind = "handle", type = "hws_engine" },
    { name = "stats", kind = "filled", type = "hws_stats" },
  },
  hws_subscribe = {
    { name = "conn", kind = "handle", type = "hws_conn" },
    { name = "topic", kind = "text", type = "hws_str" },
  },
  hws_unsubscribe = {
    { name = "conn", kind = "handle", type = "hws_conn" },
    { name = "topic", kind = "text", type = "hws_str" },
  },
  hws_publish = {
    { name = "engine", kind = "handle", type = "hws_engine" },
    { name = "topic", kind = "text", type = "hws_str" },
    { name = "opcode", kind = "opcode", type = "hws_opcode" },
    { name = "data", kind = "data", type = "void" },
    { name = "len", kind = "length", type = "size_t" },
    { name = "options", kind = "options", type = "hws_publish_options" },
    { name = "reached", kind = "out", type = "uint32_t" },
    { name = "skipped", kind = "out", type = "uint32_t" },
  },
  hws_send_many = {
    { name = "conns", kind = "handles", type = "hws_conn" },
    { name = "count", kind = "length", type = "size_t" },
    { name = "opcode", kind = "opcode", type = "hws_opcode" },
    { name = "data", kind = "data", type = "void" },
    { name = "len", kind = "length", type = "size_t" },
    { name = "options", kind = "options", type = "hws_publish_options" },
    { name = "reached", kind = "out", type = "uint32_t" },
    { name = "skipped", kind = "out", type = "uint32_t" },
  },
  hws_topic_subscribers = {
    { name = "engine", kind = "handle", type = "hws_engine" },
    { name = "topic", kind = "text", type = "hws_str" },
    { name = "count", kind = "out", type = "uint32_t" },
  },
  hws_pool_new = {
    { name = "engine", kind = "handle", type = "hws_engine" },
    { name = "options", kind = "options", type = "hws_pool_options" },
    { name = "out_pool", kind = "out", type = "hws_pool" },
  },
  hws_pool_acquire = {
    { name = "pool", kind = "handle", type = "hws_pool" },
    { name = "target", kind = "text", type = "hws_str" },
    { name = "timeout_ms", kind = "number", type = "int32_t" },
    { name = "token", kind = "number", type = "uint64_t" },
  },
  hws_pool_release = {
    { name = "pool", kind = "handle", type = "hws_pool" },
    { name = "conn", kind = "handle", type = "hws_conn" },
    { name = "reusable", kind = "number", type = "int32_t" },
  },
  hws_pool_free = {
    { name = "pool", kind = "handle", type = "hws_pool" },
  },
  hws_pool_stats = {
    { name = "pool", kind = "handle", type = "hws_pool" },
    { name = "stats", kind = "filled", type = "hws_pool_counts" },
  },
  hws_request_accept = {
    { name = "request", kind = "handle", type = "hws_request" },
    { name = "options", kind = "options", type = "hws_accept_options" },
    { name = "out_conn", kind = "out", type = "hws_conn" },
  },
  hws_request_respond = {
    { name = "request", kind = "handle", type = "hws_request" },
    { name = "response", kind = "options", type = "hws_response" },
  },
}

-- Codes by their names. What is-a what the library knows.
M.statuses = {
  ERROR = -1, -- something failed
  USAGE = -100, -- the call was wrong
  INVALID_HANDLE = -101, -- no such object: the handle is stale, forged, closed, zero or of another kind
  INVALID_ARGUMENT = -102, -- an argument or option is not acceptable
  STRUCT_SIZE = -103, -- struct_size is zero, or the struct sets fields this library does not know
  UNSUPPORTED = -104, -- not in this build or on this platform
  INVALID_STATE = -105, -- not possible in the present state
  CONCURRENCY = -106, -- somebody else is in the middle of the same thing
  INVALID_URI = -107, -- the URI is malformed or not a WebSocket URI
  INVALID_PROXY = -108, -- the proxy URL is malformed or of an unknown scheme
  INVALID_SEND = -109, -- this cannot be sent as a legal WebSocket frame
  NETWORK = -200, -- the network failed
  ADDRESS = -201, -- the name does not resolve
  CONNECTION_REFUSED = -202, -- the peer refuses connections
  UNREACHABLE = -203, -- no route to the peer
  CONNECTION_RESET = -204, -- the peer reset the connection
  UNEXPECTED_EOF = -205, -- the peer ended the connection unexpectedly
  IO = -206, -- the operating system reports an I/O error
  CONNECT_FAILED = -207, -- no address of the peer could be reached
  TLS = -210, -- TLS failed
  TLS_CERTIFICATE = -211, -- the certificate is not acceptable
  TLS_ALERT = -212, -- the peer sent a TLS alert
  TLS_PROTOCOL = -213, -- the peer does not speak acceptable TLS
  TIMEOUT = -300, -- it took too long
  RESOLVE_TIMEOUT = -301, -- the name did not resolve in time
  CONNECT_TIMEOUT = -302, -- the connection was not up in time
  HANDSHAKE_TIMEOUT = -303, -- the opening handshake was not done in time
  RECV_TIMEOUT = -304, -- no message came in time
  SEND_TIMEOUT = -305, -- the peer takes no data
  PING_TIMEOUT = -306, -- the peer did not answer a ping in time
  CLOSE_TIMEOUT = -307, -- the closing handshake was not done in time
  IDLE_TIMEOUT = -308, -- the connection was idle for too long
  HANDSHAKE = -400, -- the opening handshake failed
  SECURITY = -401, -- a limit that guards against hostile peers was exceeded
  REQUEST_LINE_TOO_LONG = -402, -- the request line is too long
  STATUS_LINE_TOO_LONG = -403, -- the status line is too long
  HEADER_LINE_TOO_LONG = -404, -- a header line is too long
  TOO_MANY_HEADERS = -405, -- the head has too many headers
  BODY_TOO_LARGE = -406, -- the body is too large
  REDIRECT_DOWNGRADE = -407, -- a redirect leads from wss to ws
  TOO_MANY_REDIRECTS = -408, -- too many redirects
  INVALID_MESSAGE = -410, -- the peer does not speak HTTP/1.1
  INVALID_MESSAGE_EOF = -411, -- the peer ended the connection inside its HTTP message
  INVALID_METHOD = -412, -- the method is not GET
  INVALID_HTTP_VERSION = -413, -- the version is not HTTP/1.1
  INVALID_STATUS = -420, -- the server answered with another status than 101
  REDIRECT = -421, -- the server redirects
  HANDSHAKE_ABORTED = -422, -- the server decided to refuse the request
  INVALID_HEADER = -430, -- a header is missing or repeated
  INVALID_HEADER_FORMAT = -431, -- a header does not match its grammar
  INVALID_HEADER_VALUE = -432, -- a header has a wrong value
  INVALID_ORIGIN = -433, -- the origin is not allowed
  INVALID_UPGRADE = -434, -- the Upgrade or Connection header does not ask for WebSocket
  NEGOTIATION = -440, -- the negotiation of extensions or subprotocols failed
  DUPLICATE_PARAMETER = -441, -- an extension parameter is repeated
  INVALID_PARAMETER_NAME = -442, -- an extension parameter is unknown
  INVALID_PARAMETER_VALUE = -443, -- an extension parameter has a wrong value
  SUBPROTOCOL = -444, -- no subprotocol in common
  PROXY = -450, -- the proxy failed
  INVALID_PROXY_MESSAGE = -451, -- the proxy does not speak its protocol
  INVALID_PROXY_STATUS = -452, -- the proxy refuses to connect
  PROXY_AUTHENTICATION = -453, -- the proxy wants other credentials
  SOCKS_REPLY = -454, -- the SOCKS proxy reports a failure
  PROTOCOL = -500, -- the WebSocket protocol was violated
  INVALID_FRAME = -501, -- a frame breaks the protocol
  INVALID_PAYLOAD = -502, -- the payload is not UTF-8
  PAYLOAD_TOO_BIG = -503, -- a message or frame is over the limit
  TOO_MANY_FRAGMENTS = -504, -- a message has too many fragments
  DECOMPRESSION = -505, -- the compressed data is corrupt
  INVALID_CLOSE = -506, -- a Close frame is malformed
  INVALID_MESSAGE_DATA = -507, -- the message could not be decoded
  CONNECTION_CLOSED = -600, -- the connection is closed
  CLOSED_OK = -601, -- the connection was closed cleanly
  CLOSED_ERROR = -602, -- the connection was closed with an error
  RECONNECT = -700, -- reconnecting failed
  RECONNECT_EXHAUSTED = -701, -- every attempt to reconnect failed
  RECONNECT_DISABLED = -702, -- reconnecting is off
  RECONNECT_REFUSED = -703, -- the cause is permanent, trying again would not help
  RESOURCE = -800, -- a resource is used up
  BUFFER = -801, -- a buffer is full
  BUFFER_OVERFLOW = -802, -- the send buffer overflowed
  QUEUE_FULL = -803, -- the receive queue overflowed
  SEND_QUEUE_FULL = -804, -- the send queue is full
  POOL = -810, -- the pool cannot serve
  POOL_EXHAUSTED = -811, -- no connection of the pool became free in time
  POOL_CLOSED = -812, -- the pool is closed
  NO_MEMORY = -820, -- out of memory
  TOO_MANY_CONNECTIONS = -821, -- too many connections
  FD_LIMIT = -822, -- out of file descriptors
  TOO_MANY_SUBSCRIPTIONS = -823, -- too many subscriptions
  INTERNAL = -900, -- hawser failed
  CALLBACK = -901, -- a hook of the host failed
  PANIC = -902, -- a bug in hawser was caught at the border
  FORKED = -903, -- the engine belongs to the parent process
}

return M
