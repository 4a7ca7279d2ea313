// Made from include/hawser.h and the status table by `HAWSER_BLESS=1 cargo test --test bindings`; do not edit.

using System;
using System.Collections.Generic;

namespace Hawser
{
    static class Layouts
    {
        public static readonly Dictionary<string, int[]> Offsets = new Dictionary<string, int[]> // the last is the size
        {
            { "hws_conn", new[] { 0, 8 } },
            { "hws_str", new[] { 0, 8, 16 } },
            { "hws_header", new[] { 0, 16, 32 } },
            { "hws_bytes", new[] { 0, 8, 16 } },
            { "hws_close_info", new[] { 0, 4, 8, 24 } },
            { "hws_error_info", new[] { 0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 64, 72, 80, 88, 96, 104, 112, 120, 128, 136, 144, 152, 160, 168, 176, 184, 200, 216, 232, 248, 264, 280, 296, 312, 328, 344, 360, 376, 392, 408, 416, 424, 440, 464, 488, 492, 496, 504 } },
            { "hws_error", new[] { 0, 8 } },
            { "hws_allocator", new[] { 0, 4, 8, 16, 24, 32, 40 } },
            { "hws_raise", new[] { 0, 4, 8, 16, 32, 36, 40, 48, 56 } },
            { "hws_engine", new[] { 0, 8 } },
            { "hws_engine_options", new[] { 0, 4, 8, 12, 16, 24, 32, 40, 44, 48 } },
            { "hws_listener", new[] { 0, 8 } },
            { "hws_request", new[] { 0, 8 } },
            { "hws_handshake", new[] { 0, 4, 8, 24, 40, 56, 72, 88, 104, 120, 128, 136, 144, 152, 168, 184, 200, 216, 232, 248, 264, 280, 284, 288, 296, 312, 320, 328 } },
            { "hws_event", new[] { 0, 4, 8, 16, 24, 32, 40, 48, 56, 60, 64, 80, 88, 96, 112, 128 } },
            { "hws_timers", new[] { 0, 4, 8, 12, 16, 20, 24, 28, 32 } },
            { "hws_limits", new[] { 0, 4, 8, 12, 16, 24, 32, 40, 48, 56, 64, 68, 72, 80, 84, 88, 96 } },
            { "hws_compression", new[] { 0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40 } },
            { "hws_reconnect", new[] { 0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 64, 72, 80 } },
            { "hws_preset", new[] { 0, 4, 8, 16, 24, 32, 40 } },
            { "hws_reconnect_options", new[] { 0, 4, 8, 12, 16, 32, 48, 56, 64 } },
            { "hws_certificate", new[] { 0, 16, 32, 48, 64 } },
            { "hws_tls", new[] { 0, 4, 8, 12, 16, 20, 24, 28, 32, 48, 64, 128, 136, 144, 160, 168, 176, 192 } },
            { "hws_socket", new[] { 0, 4, 8, 12, 16, 20, 24, 28, 32, 48 } },
            { "hws_heartbeat", new[] { 0, 4, 8, 24, 40, 44, 48, 52, 56 } },
            { "hws_client_options", new[] { 0, 4, 8, 24, 40, 56, 64, 72, 80, 88, 96, 104, 112, 120, 128, 136, 152, 156, 160, 176, 192, 208, 216, 224, 232 } },
            { "hws_response", new[] { 0, 4, 8, 16, 24, 40 } },
            { "hws_route", new[] { 0, 4, 8, 24, 32, 40, 48, 56, 64, 72, 76, 80, 88, 96, 112, 116, 120, 128, 136, 144, 152 } },
            { "hws_server_options", new[] { 0, 4, 8, 24, 40, 48, 56, 64, 72, 76, 80, 84, 88, 96, 104, 112, 120, 128, 136, 144, 160, 168, 176, 184, 192, 200, 204, 208, 212, 216, 224 } },
            { "hws_drain", new[] { 0, 4, 8, 12, 16, 32 } },
            { "hws_send_options", new[] { 0, 4, 8, 16 } },
            { "hws_outgoing", new[] { 0, 8, 12, 16, 32, 40 } },
            { "hws_stats", new[] { 0, 4, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 100, 104, 108, 112, 120, 128, 136, 144, 152, 160, 168, 176, 184, 192, 200, 208 } },
            { "hws_publish_options", new[] { 0, 4, 8, 16 } },
            { "hws_pool_options", new[] { 0, 4, 8, 12, 16, 20, 24, 28, 32, 40 } },
            { "hws_pool", new[] { 0, 8 } },
            { "hws_pool_counts", new[] { 0, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 72, 80, 88, 96 } },
            { "hws_accept_options", new[] { 0, 4, 8, 24, 32, 40, 48 } },
        };
    }
}
