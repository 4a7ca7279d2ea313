// Made from include/hawser.h and the status table by `HAWSER_BLESS=1 cargo test --test bindings`; do not edit.

using System;
using System.Runtime.InteropServices;

namespace Hawser
{
    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_conn
    {
        public ulong id;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_str
    {
        public byte* ptr;
        public UIntPtr len;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_header
    {
        public hws_str name;
        public hws_str value;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_bytes
    {
        public byte* ptr;
        public UIntPtr len;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_close_info
    {
        public uint present;
        public uint code;
        public hws_str reason;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_error_info
    {
        public uint struct_size;
        public int status;
        public uint operation;
        public uint state;
        public uint required_states;
        public uint retryable;
        public int os_error;
        public uint tls_alert;
        public uint socks_reply;
        public uint http_status;
        public uint body_truncated;
        public uint opcode;
        public uint policy;
        public uint initiated_by;
        public uint attempts;
        public uint max_attempts;
        public long retry_after_ms;
        public long downtime_ms;
        public long timeout_ms;
        public long position;
        public long size;
        public long max_size;
        public long current_size;
        public ulong fragments;
        public ulong max_fragments;
        public ulong capacity;
        public ulong dropped;
        public ulong max_connections;
        public ulong in_use;
        public ulong time_ms;
        public hws_conn conn;
        public hws_str message;
        public hws_str detail;
        public hws_str uri;
        public hws_str proxy;
        public hws_str location;
        public hws_str peer;
        public hws_str http_method;
        public hws_str http_version;
        public hws_str http_reason;
        public hws_str header_name;
        public hws_str header_value;
        public hws_str origin;
        public hws_str parameter_name;
        public hws_str parameter_value;
        public hws_header* headers;
        public UIntPtr header_count;
        public hws_bytes body;
        public hws_close_info close_rcvd;
        public hws_close_info close_sent;
        public int rcvd_then_sent;
        public uint close_code;
        public hws_error_info* cause;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_error
    {
        public ulong id;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_allocator
    {
        public uint struct_size;
        public uint reserved0;
        public IntPtr alloc;
        public IntPtr realloc;
        public IntPtr free;
        public void* user;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_raise
    {
        public uint struct_size;
        public int status;
        public hws_conn conn;
        public hws_str detail;
        public uint opcode;
        public uint has_position;
        public ulong position;
        public ulong size;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_engine
    {
        public ulong id;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_engine_options
    {
        public uint struct_size;
        public uint abi_version;
        public uint max_connections;
        public uint reserved0;
        public ulong event_memory_max;
        public ulong compression_memory_max;
        public hws_engine share_topics;
        public uint publish_events;
        public uint io_thread;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_listener
    {
        public ulong id;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_request
    {
        public ulong id;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_handshake
    {
        public uint struct_size;
        public uint http_status;
        public hws_str method;
        public hws_str target;
        public hws_str host;
        public hws_str origin;
        public hws_str subprotocol;
        public hws_str extensions;
        public hws_str peer;
        public hws_str* subprotocols_offered;
        public UIntPtr subprotocol_count;
        public hws_header* headers;
        public UIntPtr header_count;
        public hws_str uri;
        public hws_str user;
        public hws_str tls_version;
        public hws_str tls_cipher;
        public hws_str tls_server_name;
        public hws_str tls_alpn;
        public hws_str tls_subject;
        public hws_bytes tls_certificate;
        public uint tls_resumed;
        public uint reserved0;
        public hws_error_info* extension_declined;
        public hws_str route;
        public hws_header* @params;
        public UIntPtr param_count;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_event
    {
        public uint kind;
        public uint flags;
        public hws_conn conn;
        public hws_listener listener;
        public hws_request request;
        public ulong user;
        public ulong token;
        public ulong value;
        public int status;
        public uint opcode;
        public hws_bytes data;
        public hws_error_info* error;
        public hws_handshake* handshake;
        public hws_str topic;
        public fixed ulong reserved[2];
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_timers
    {
        public uint struct_size;
        public uint auto_pong;
        public int open_ms;
        public int close_ms;
        public int send_ms;
        public int idle_ms;
        public int ping_interval_ms;
        public int ping_timeout_ms;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_limits
    {
        public uint struct_size;
        public uint deliver_fragments;
        public uint deliver_pings;
        public uint fragments_max;
        public ulong message_max;
        public ulong frame_max;
        public ulong send_queue_max;
        public ulong send_queue_low;
        public ulong head_max;
        public ulong body_max;
        public uint subscriptions_max;
        public uint slow_subscriber;
        public ulong receive_rate_min;
        public uint recv_queue_messages;
        public uint overflow;
        public ulong recv_queue_max;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_compression
    {
        public uint struct_size;
        public uint enabled;
        public uint level;
        public uint min_size;
        public uint memory_level;
        public uint reserved0;
        public uint client_max_window_bits;
        public uint server_max_window_bits;
        public uint client_no_context_takeover;
        public uint server_no_context_takeover;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_reconnect
    {
        public uint struct_size;
        public uint enabled;
        public uint max_attempts;
        public int backoff_min_ms;
        public int backoff_max_ms;
        public uint backoff_percent;
        public uint jitter_percent;
        public int downtime_max_ms;
        public int attempt_ms;
        public int stable_ms;
        public int max_age_ms;
        public int ask_ms;
        public uint buffer_overflow;
        public uint replay;
        public ulong buffer_max;
        public ulong replay_max;
        public ulong again_max;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_preset
    {
        public uint struct_size;
        public uint reserved0;
        public hws_timers* timers;
        public hws_limits* limits;
        public hws_compression* compression;
        public hws_reconnect* reconnect;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_reconnect_options
    {
        public uint struct_size;
        public int after_ms;
        public uint code;
        public uint reserved0;
        public hws_str reason;
        public hws_str uri;
        public hws_header* headers;
        public UIntPtr header_count;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_certificate
    {
        public hws_str cert_file;
        public hws_str key_file;
        public hws_bytes cert_pem;
        public hws_bytes key_pem;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_tls
    {
        public uint struct_size;
        public uint min_version;
        public uint resumption;
        public uint system_roots;
        public uint bundled_roots;
        public uint dangerous_skip_verification;
        public uint client_auth;
        public uint reserved0;
        public hws_str ca_file;
        public hws_bytes ca_pem;
        public hws_certificate certificate;
        public hws_certificate* more_certificates;
        public UIntPtr more_certificate_count;
        public hws_str server_name;
        public hws_str* alpn;
        public UIntPtr alpn_count;
        public hws_str key_log_file;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_socket
    {
        public uint struct_size;
        public uint nodelay;
        public uint keepalive;
        public uint keepalive_idle_s;
        public uint keepalive_interval_s;
        public uint keepalive_count;
        public uint recv_buffer;
        public uint send_buffer;
        public hws_str local_address;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_heartbeat
    {
        public uint struct_size;
        public uint opcode;
        public hws_bytes message;
        public hws_bytes answer;
        public uint matching;
        public uint deliver;
        public int interval_ms;
        public int timeout_ms;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_client_options
    {
        public uint struct_size;
        public uint subprotocol_required;
        public hws_str uri;
        public hws_str origin;
        public hws_str user_agent;
        public hws_str* subprotocols;
        public UIntPtr subprotocol_count;
        public hws_header* headers;
        public UIntPtr header_count;
        public ulong user;
        public hws_limits* limits;
        public hws_timers* timers;
        public hws_tls* tls;
        public hws_tls* proxy_tls;
        public hws_socket* socket;
        public hws_str proxy;
        public uint proxy_from_env;
        public uint max_redirects;
        public hws_str connect_to;
        public hws_str basic_user;
        public hws_str basic_password;
        public hws_compression* compression;
        public hws_heartbeat* heartbeat;
        public hws_reconnect* reconnect;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_response
    {
        public uint struct_size;
        public uint status;
        public hws_header* headers;
        public UIntPtr header_count;
        public hws_bytes body;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_route
    {
        public uint struct_size;
        public uint decide;
        public hws_str pattern;
        public hws_response* page;
        public ulong user;
        public hws_str* subprotocols;
        public UIntPtr subprotocol_count;
        public hws_str* origins;
        public UIntPtr origin_count;
        public uint origin_required;
        public uint subprotocol_required;
        public hws_str* credentials;
        public UIntPtr credential_count;
        public hws_str realm;
        public uint max_connections;
        public uint reserved0;
        public hws_limits* limits;
        public hws_timers* timers;
        public hws_compression* compression;
        public hws_heartbeat* heartbeat;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_server_options
    {
        public uint struct_size;
        public uint backlog;
        public hws_str bind;
        public hws_str server;
        public hws_str* subprotocols;
        public UIntPtr subprotocol_count;
        public hws_str* origins;
        public UIntPtr origin_count;
        public uint origin_required;
        public uint subprotocol_required;
        public uint max_connections;
        public uint reserved0;
        public ulong user;
        public hws_limits* limits;
        public hws_timers* timers;
        public hws_tls* tls;
        public hws_socket* socket;
        public hws_str* credentials;
        public UIntPtr credential_count;
        public hws_str realm;
        public hws_compression* compression;
        public hws_route* routes;
        public UIntPtr route_count;
        public hws_str* hosts;
        public UIntPtr host_count;
        public uint reuse_port;
        public uint max_per_address;
        public uint max_handshakes;
        public uint accept_failed_events;
        public hws_heartbeat* heartbeat;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_drain
    {
        public uint struct_size;
        public int drain_ms;
        public uint code;
        public uint reserved0;
        public hws_str reason;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_send_options
    {
        public uint struct_size;
        public uint flags;
        public ulong token;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_outgoing
    {
        public hws_conn conn;
        public uint opcode;
        public uint flags;
        public hws_bytes data;
        public ulong token;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_stats
    {
        public uint struct_size;
        public uint connections;
        public ulong bytes_in;
        public ulong bytes_out;
        public ulong wire_in;
        public ulong wire_out;
        public ulong messages_in;
        public ulong messages_out;
        public ulong pings;
        public ulong pongs;
        public ulong send_queued;
        public ulong handshake_failures;
        public ulong rtt_us;
        public uint peer_known;
        public int peer_pid;
        public uint peer_uid;
        public uint peer_gid;
        public ulong deflated_in;
        public ulong inflated_in;
        public ulong deflated_out;
        public ulong inflated_out;
        public ulong http_responses;
        public ulong reconnects;
        public ulong send_kept;
        public ulong send_dropped;
        public ulong send_unprotected;
        public ulong recv_queued;
        public ulong recv_queued_bytes;
        public ulong recv_dropped;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_publish_options
    {
        public uint struct_size;
        public uint flags;
        public hws_conn except;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_pool_options
    {
        public uint struct_size;
        public uint max_connections;
        public int idle_ms;
        public int max_age_ms;
        public int check_after_ms;
        public int check_ms;
        public uint waiters_max;
        public uint check_always;
        public hws_client_options* client;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_pool
    {
        public ulong id;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_pool_counts
    {
        public uint struct_size;
        public uint sockets;
        public uint idle;
        public uint leased;
        public uint opening;
        public uint checking;
        public uint closing;
        public uint waiting;
        public ulong opened;
        public ulong open_failed;
        public ulong reused;
        public ulong checks_failed;
        public ulong timeouts;
        public ulong discarded;
        public ulong expired;
        public ulong displaced;
    }

    [StructLayout(LayoutKind.Sequential)]
    unsafe struct hws_accept_options
    {
        public uint struct_size;
        public uint reserved0;
        public hws_str subprotocol;
        public hws_header* headers;
        public UIntPtr header_count;
        public ulong user;
    }

    static unsafe partial class Native
    {
        public const uint AbiVersion = 1;
#if UNITY_IOS && !UNITY_EDITOR
        public const string Name = "__Internal";
#else
        public const string Name = "hawser";
#endif

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern hws_error_info* hws_last_error();

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_error_keep(hws_error_info* borrowed, hws_error* out_error);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_error_get(hws_error error, hws_error_info** out_info);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_error_free(hws_error error);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_error_format(hws_error_info* error, byte* buf, UIntPtr cap, UIntPtr* needed);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern byte* hws_status_name(int status);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern byte* hws_status_text(int status);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_status_is_a(int status, int ancestor);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_status_parent(int status, uint nth);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_status_at(uint index);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern byte* hws_operation_name(uint operation);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern uint hws_abi_version();

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern byte* hws_version();

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_has_feature(byte* name);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_set_allocator(hws_allocator* allocator);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_set_logger(uint max_level, IntPtr logger, void* user);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_error_raise(hws_raise* raise);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_engine_new(hws_engine_options* options, hws_engine* out_engine);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_engine_free(hws_engine engine);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_poll(hws_engine engine, hws_event* events, UIntPtr event_size, uint capacity, int timeout_ms, uint* count);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_wake(hws_engine engine);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_recv(hws_conn conn, hws_event* @event, UIntPtr event_size, int timeout_ms);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_engine_pollable(hws_engine engine, IntPtr* fd);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_engine_next_timeout(hws_engine engine, int* timeout_ms);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_engine_on_wake(hws_engine engine, IntPtr hook, void* user);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_preset_get(hws_str name, hws_preset* preset);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_conn_reconnect(hws_conn conn, hws_reconnect_options* options);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_conn_replay(hws_conn conn, ulong after_token);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_conn_forget(hws_conn conn, ulong token);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_connect(hws_engine engine, hws_client_options* options, hws_conn* out_conn);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_listen(hws_engine engine, hws_server_options* options, hws_listener* out_listener);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_listener_address(hws_listener listener, byte* buf, UIntPtr cap, UIntPtr* needed);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_listener_close(hws_listener listener, hws_drain* drain);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_engine_refusals(hws_engine engine, int status, ulong* count);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_listener_set_tls(hws_listener listener, hws_tls* tls);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_adopt(hws_engine engine, IntPtr socket, hws_client_options* client, hws_server_options* server, hws_conn* out_conn);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_send(hws_conn conn, uint opcode, void* data, UIntPtr len, hws_send_options* options);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_send_batch(hws_outgoing* messages, UIntPtr message_size, uint count, uint* sent);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_close(hws_conn conn, uint code, hws_str reason);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_abort(hws_conn conn);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_conn_pause(hws_conn conn, int paused);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_conn_state(hws_conn conn, uint* state);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_conn_set_user(hws_conn conn, ulong user);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_conn_user(hws_conn conn, ulong* user);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_conn_handshake(hws_conn conn, hws_handshake** out_info);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_conn_error(hws_conn conn, hws_error_info** out_info);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_conn_stats(hws_conn conn, hws_stats* stats);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_engine_stats(hws_engine engine, hws_stats* stats);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_subscribe(hws_conn conn, hws_str topic);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_unsubscribe(hws_conn conn, hws_str topic);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_publish(hws_engine engine, hws_str topic, uint opcode, void* data, UIntPtr len, hws_publish_options* options, uint* reached, uint* skipped);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_send_many(hws_conn* conns, UIntPtr count, uint opcode, void* data, UIntPtr len, hws_publish_options* options, uint* reached, uint* skipped);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_topic_subscribers(hws_engine engine, hws_str topic, uint* count);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_pool_new(hws_engine engine, hws_pool_options* options, hws_pool* out_pool);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_pool_acquire(hws_pool pool, hws_str target, int timeout_ms, ulong token);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_pool_release(hws_pool pool, hws_conn conn, int reusable);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_pool_free(hws_pool pool);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_pool_stats(hws_pool pool, hws_pool_counts* stats);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_request_accept(hws_request request, hws_accept_options* options, hws_conn* out_conn);

        [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]
        public static extern int hws_request_respond(hws_request request, hws_response* response);
    }
}
