// Made from include/hawser.h and the status table by `HAWSER_BLESS=1 cargo test --test bindings`; do not edit.

using System;
using System.Collections.Generic;

namespace Hawser
{
    /// <summary>How an engine is made. Zero is the default.</summary>
    public sealed class EngineOptions
    {
        /// <summary>Connections at a time; default and most: 1048576.</summary>
        public uint MaxConnections { get; set; }

        /// <summary>Payload bytes that one batch may lend, and that hws_recv of one connection puts by of others, roughly; default 4 MiB.
        /// A batch that lends 256 KiB ends all the same, as that is what a processor's cache holds; the rest comes with the next.</summary>
        public ulong EventMemoryMax { get; set; }

        /// <summary>Bytes of compressors that connections may keep between messages; default 64 MiB. Over it they share one, and each
        /// message is compressed by itself.</summary>
        public ulong CompressionMemoryMax { get; set; }

        /// <summary>An engine whose topics the new one shares: what is published to either reaches the subscribers of both; default
        /// topics of its own.</summary>
        public Engine ShareTopics { get; set; }

        /// <summary>Each Engine.Publish to this engine is a PUBLISH event of it, too; default off. Those that wait are bounded by
        /// EventMemoryMax.</summary>
        public bool? PublishEvents { get; set; }

        /// <summary>A thread of the library's own does all work, and Engine.Update and hws_recv only take events; default off. See hws_engine_new.</summary>
        public bool? IoThread { get; set; }

        internal static unsafe hws_engine_options* Copy(EngineOptions from, Arena arena)
        {
            if (from == null) return null;
            var to = (hws_engine_options*)arena.Take(sizeof(hws_engine_options));
            from.Fill(to, arena);
            return to;
        }

        internal unsafe void Fill(hws_engine_options* to, Arena arena)
        {
            to->struct_size = (uint)sizeof(hws_engine_options);
            to->abi_version = Native.AbiVersion;
            to->max_connections = MaxConnections;
            to->event_memory_max = EventMemoryMax;
            to->compression_memory_max = CompressionMemoryMax;
            to->share_topics = ShareTopics?.Handle ?? default(hws_engine);
            to->publish_events = PublishEvents == null ? 0u : PublishEvents.Value ? 1u : 2u;
            to->io_thread = IoThread == null ? 0u : IoThread.Value ? 1u : 2u;
        }
    }

    /// <summary>What a client asks for. Zero is the default; uri is needed.</summary>
    public sealed class ClientOptions
    {
        /// <summary>Fail with SUBPROTOCOL unless the server agrees to one; default off.</summary>
        public bool? SubprotocolRequired { get; set; }

        /// <summary>ws[s]://[user:password@]host[:port][/path][?query], RFC 6455 section 3.</summary>
        public string Uri { get; set; }

        /// <summary>The Origin header; default none.</summary>
        public string Origin { get; set; }

        /// <summary>The User-Agent header; default "hawser/VERSION".</summary>
        public string UserAgent { get; set; }

        /// <summary>To be offered, the preferred one first.</summary>
        public IList<string> Subprotocols { get; } = new List<string>();

        /// <summary>Further fields of the request.</summary>
        public HeaderList Headers { get; } = new HeaderList();

        /// <summary>May be null.</summary>
        public Limits Limits { get; set; }

        /// <summary>May be null.</summary>
        public Timers Timers { get; set; }

        /// <summary>For wss; may be null.</summary>
        public Tls Tls { get; set; }

        /// <summary>For https proxies; default: whom tls trusts, without its certificate, ServerName and alpn.</summary>
        public Tls ProxyTls { get; set; }

        /// <summary>May be null.</summary>
        public SocketOptions Socket { get; set; }

        /// <summary>"http://[user:password@]host:port", or https, socks4, socks4a, socks5, socks5h (here the proxy looks the name up);
        /// default none.</summary>
        public string Proxy { get; set; }

        /// <summary>Take the proxy from the environment: wss_proxy, https_proxy, all_proxy, no_proxy and their kin; default off.</summary>
        public bool? ProxyFromEnv { get; set; }

        /// <summary>Redirects to follow, RFC 6455 section 4.1, up to 100; default 0: a redirect is an error.</summary>
        public uint MaxRedirects { get; set; }

        /// <summary>Connect there instead of to the host of the URI: "127.0.0.1:9001", "unix:/path", "unix:@name" (Linux, abstract).
        /// Redirects to other hosts do not go there.</summary>
        public string ConnectTo { get; set; }

        /// <summary>For Basic authentication (RFC 7617); default those of the URI, "ws://user:password@host".</summary>
        public string BasicUser { get; set; }

        public string BasicPassword { get; set; }

        /// <summary>May be null.</summary>
        public Compression Compression { get; set; }

        /// <summary>May be null: none.</summary>
        public Heartbeat Heartbeat { get; set; }

        /// <summary>Come back when the connection is lost, or cannot be opened yet; default null: do not.</summary>
        public Reconnect Reconnect { get; set; }

        public static implicit operator ClientOptions(string uri) => new ClientOptions { Uri = uri };

        internal static unsafe hws_client_options* Copy(ClientOptions from, Arena arena)
        {
            if (from == null) return null;
            var to = (hws_client_options*)arena.Take(sizeof(hws_client_options));
            from.Fill(to, arena);
            return to;
        }

        internal unsafe void Fill(hws_client_options* to, Arena arena)
        {
            to->struct_size = (uint)sizeof(hws_client_options);
            to->subprotocol_required = SubprotocolRequired == null ? 0u : SubprotocolRequired.Value ? 1u : 2u;
            to->uri = arena.Text(Uri);
            to->origin = arena.Text(Origin);
            to->user_agent = arena.Text(UserAgent);
            to->subprotocols = (hws_str*)arena.Take(sizeof(hws_str) * Subprotocols.Count);
            to->subprotocol_count = (UIntPtr)Subprotocols.Count;
            for (var i = 0; i < Subprotocols.Count; i++) to->subprotocols[i] = arena.Text(Subprotocols[i]);
            to->headers = (hws_header*)arena.Take(sizeof(hws_header) * Headers.Count);
            to->header_count = (UIntPtr)Headers.Count;
            for (var i = 0; i < Headers.Count; i++) to->headers[i] = new hws_header { name = arena.Text(Headers[i].Key), value = arena.Text(Headers[i].Value) };
            to->limits = Limits.Copy(Limits, arena);
            to->timers = Timers.Copy(Timers, arena);
            to->tls = Tls.Copy(Tls, arena);
            to->proxy_tls = Tls.Copy(ProxyTls, arena);
            to->socket = SocketOptions.Copy(Socket, arena);
            to->proxy = arena.Text(Proxy);
            to->proxy_from_env = ProxyFromEnv == null ? 0u : ProxyFromEnv.Value ? 1u : 2u;
            to->max_redirects = MaxRedirects;
            to->connect_to = arena.Text(ConnectTo);
            to->basic_user = arena.Text(BasicUser);
            to->basic_password = arena.Text(BasicPassword);
            to->compression = Compression.Copy(Compression, arena);
            to->heartbeat = Heartbeat.Copy(Heartbeat, arena);
            to->reconnect = Reconnect.Copy(Reconnect, arena);
        }
    }

    /// <summary>What a server listens on and admits. Zero is the default; bind is needed.</summary>
    public sealed class ServerOptions
    {
        /// <summary>Connections that may wait to be accepted; default 4096, the system may cap it.</summary>
        public uint Backlog { get; set; }

        /// <summary>"127.0.0.1:9001", "[::1]:0"; port 0 is a free one, see Listener.Address. "unix:/path" (a stale socket there
        /// is replaced) and on Linux "unix:@name", which is in no directory. "fd:3" is a socket that this process was given:
        /// TCP or unix, bound, perhaps listening (then a backlog of 0 leaves it as it is). It belongs to the library after a
        /// success; others may hold it too, and take over what waits there when this listener is closed.</summary>
        public string Bind { get; set; }

        /// <summary>The Server header; default "hawser/VERSION".</summary>
        public string Server { get; set; }

        /// <summary>What the server speaks, the preferred one first.</summary>
        public IList<string> Subprotocols { get; } = new List<string>();

        /// <summary>Origins that are admitted, "https://example.com"; default any. Set it if browsers send you cookies.</summary>
        public IList<string> Origins { get; } = new List<string>();

        /// <summary>Refuse requests without an Origin header, which browsers always send; default off.</summary>
        public bool? OriginRequired { get; set; }

        /// <summary>Refuse clients that offer none of subprotocols; default off.</summary>
        public bool? SubprotocolRequired { get; set; }

        /// <summary>Connections of this listener at a time; default the engine's. More are answered 503.</summary>
        public uint MaxConnections { get; set; }

        /// <summary>Of each connection; may be null.</summary>
        public Limits Limits { get; set; }

        /// <summary>Of each connection; may be null.</summary>
        public Timers Timers { get; set; }

        /// <summary>Speak TLS; default plain.</summary>
        public Tls Tls { get; set; }

        /// <summary>Of each connection; may be null.</summary>
        public SocketOptions Socket { get; set; }

        /// <summary>"name:password" of those who are let in, by Basic authentication (RFC 7617); default everybody. The passwords
        /// are for all to read unless there is TLS.</summary>
        public IList<string> Credentials { get; } = new List<string>();

        /// <summary>What credentials are for, as browsers show it; default "hawser".</summary>
        public string Realm { get; set; }

        /// <summary>Of each connection; may be null.</summary>
        public Compression Compression { get; set; }

        /// <summary>What is answered on which path; default: a WebSocket on every path. Paths without a route are answered 404.</summary>
        public IList<Route> Routes { get; } = new List<Route>();

        /// <summary>The names of this server, "example.com" (on any port) or "localhost:8080": requests whose Host header is another
        /// are answered 421; default any. Set it on machines whose users browse the web.</summary>
        public IList<string> Hosts { get; } = new List<string>();

        /// <summary>SO_REUSEPORT: listeners of other engines and processes that ask for the same, as the same user, may share the TCP
        /// port, and the system spreads connections among them, so that each core has an engine of its own. Default off.
        /// Without it, or for a fairer spread, see hws_adopt.</summary>
        public bool? ReusePort { get; set; }

        /// <summary>Connections of this listener at a time from one remote address, of IPv6 from one /64; unix sockets do not count;
        /// default no limit. More are answered 429.</summary>
        public uint MaxPerAddress { get; set; }

        /// <summary>Connections of this listener at a time that are not open yet; default 16384. More are answered 503.</summary>
        public uint MaxHandshakes { get; set; }

        /// <summary>Off: clients that fail to open make no ACCEPT_FAILED event, they are only counted: Engine.Refusals. That
        /// nothing can be accepted for now is told all the same; default on.</summary>
        public bool? AcceptFailedEvents { get; set; }

        /// <summary>Of each connection; may be null: none.</summary>
        public Heartbeat Heartbeat { get; set; }

        public static implicit operator ServerOptions(string bind) => new ServerOptions { Bind = bind };

        internal static unsafe hws_server_options* Copy(ServerOptions from, Arena arena)
        {
            if (from == null) return null;
            var to = (hws_server_options*)arena.Take(sizeof(hws_server_options));
            from.Fill(to, arena);
            return to;
        }

        internal unsafe void Fill(hws_server_options* to, Arena arena)
        {
            to->struct_size = (uint)sizeof(hws_server_options);
            to->backlog = Backlog;
            to->bind = arena.Text(Bind);
            to->server = arena.Text(Server);
            to->subprotocols = (hws_str*)arena.Take(sizeof(hws_str) * Subprotocols.Count);
            to->subprotocol_count = (UIntPtr)Subprotocols.Count;
            for (var i = 0; i < Subprotocols.Count; i++) to->subprotocols[i] = arena.Text(Subprotocols[i]);
            to->origins = (hws_str*)arena.Take(sizeof(hws_str) * Origins.Count);
            to->origin_count = (UIntPtr)Origins.Count;
            for (var i = 0; i < Origins.Count; i++) to->origins[i] = arena.Text(Origins[i]);
            to->origin_required = OriginRequired == null ? 0u : OriginRequired.Value ? 1u : 2u;
            to->subprotocol_required = SubprotocolRequired == null ? 0u : SubprotocolRequired.Value ? 1u : 2u;
            to->max_connections = MaxConnections;
            to->limits = Limits.Copy(Limits, arena);
            to->timers = Timers.Copy(Timers, arena);
            to->tls = Tls.Copy(Tls, arena);
            to->socket = SocketOptions.Copy(Socket, arena);
            to->credentials = (hws_str*)arena.Take(sizeof(hws_str) * Credentials.Count);
            to->credential_count = (UIntPtr)Credentials.Count;
            for (var i = 0; i < Credentials.Count; i++) to->credentials[i] = arena.Text(Credentials[i]);
            to->realm = arena.Text(Realm);
            to->compression = Compression.Copy(Compression, arena);
            to->routes = (hws_route*)arena.Take(sizeof(hws_route) * Routes.Count);
            to->route_count = (UIntPtr)Routes.Count;
            for (var i = 0; i < Routes.Count; i++) Routes[i].Fill(to->routes + i, arena);
            to->hosts = (hws_str*)arena.Take(sizeof(hws_str) * Hosts.Count);
            to->host_count = (UIntPtr)Hosts.Count;
            for (var i = 0; i < Hosts.Count; i++) to->hosts[i] = arena.Text(Hosts[i]);
            to->reuse_port = ReusePort == null ? 0u : ReusePort.Value ? 1u : 2u;
            to->max_per_address = MaxPerAddress;
            to->max_handshakes = MaxHandshakes;
            to->accept_failed_events = AcceptFailedEvents == null ? 0u : AcceptFailedEvents.Value ? 1u : 2u;
            to->heartbeat = Heartbeat.Copy(Heartbeat, arena);
        }
    }

    /// <summary>What is answered on a path, or on many. Zero is what the server's options say; pattern is needed.</summary>
    public sealed class Route
    {
        /// <summary>REQUEST events for what comes here, also for plain HTTP requests (EventFlags.Plain): Request.Accept or
        /// Request.Respond answers them, within Timers.Open of the server; default off.</summary>
        public bool? Decide { get; set; }

        /// <summary>"/chat/:room": a segment that begins with a colon is any one segment, and Handshake.Params has it. "/files/*":
        /// the rest of the path, whatever it is, also none; "*": every path. Of several that match, the one that says more
        /// wins, whatever their order. Paths are compared as they are: case, slashes and escapes count. Up to 256 segments.</summary>
        public string Pattern { get; set; }

        /// <summary>No WebSocket: every GET and HEAD gets this page, without an event; may be null.</summary>
        public Response Page { get; set; }

        /// <summary>As in ServerOptions, whose own hold where this has none.</summary>
        public IList<string> Subprotocols { get; } = new List<string>();

        public IList<string> Origins { get; } = new List<string>();

        public bool? OriginRequired { get; set; }

        public bool? SubprotocolRequired { get; set; }

        public IList<string> Credentials { get; } = new List<string>();

        public string Realm { get; set; }

        /// <summary>Connections of this route at a time; default no limit but the server's. More are answered 503.</summary>
        public uint MaxConnections { get; set; }

        public Limits Limits { get; set; }

        public Timers Timers { get; set; }

        public Compression Compression { get; set; }

        /// <summary>May be null; Interval Timeout.InfiniteTimeSpan: none here.</summary>
        public Heartbeat Heartbeat { get; set; }

        internal static unsafe hws_route* Copy(Route from, Arena arena)
        {
            if (from == null) return null;
            var to = (hws_route*)arena.Take(sizeof(hws_route));
            from.Fill(to, arena);
            return to;
        }

        internal unsafe void Fill(hws_route* to, Arena arena)
        {
            to->struct_size = (uint)sizeof(hws_route);
            to->decide = Decide == null ? 0u : Decide.Value ? 1u : 2u;
            to->pattern = arena.Text(Pattern);
            to->page = Response.Copy(Page, arena);
            to->subprotocols = (hws_str*)arena.Take(sizeof(hws_str) * Subprotocols.Count);
            to->subprotocol_count = (UIntPtr)Subprotocols.Count;
            for (var i = 0; i < Subprotocols.Count; i++) to->subprotocols[i] = arena.Text(Subprotocols[i]);
            to->origins = (hws_str*)arena.Take(sizeof(hws_str) * Origins.Count);
            to->origin_count = (UIntPtr)Origins.Count;
            for (var i = 0; i < Origins.Count; i++) to->origins[i] = arena.Text(Origins[i]);
            to->origin_required = OriginRequired == null ? 0u : OriginRequired.Value ? 1u : 2u;
            to->subprotocol_required = SubprotocolRequired == null ? 0u : SubprotocolRequired.Value ? 1u : 2u;
            to->credentials = (hws_str*)arena.Take(sizeof(hws_str) * Credentials.Count);
            to->credential_count = (UIntPtr)Credentials.Count;
            for (var i = 0; i < Credentials.Count; i++) to->credentials[i] = arena.Text(Credentials[i]);
            to->realm = arena.Text(Realm);
            to->max_connections = MaxConnections;
            to->limits = Limits.Copy(Limits, arena);
            to->timers = Timers.Copy(Timers, arena);
            to->compression = Compression.Copy(Compression, arena);
            to->heartbeat = Heartbeat.Copy(Heartbeat, arena);
        }
    }

    /// <summary>A response of HTTP that opens no WebSocket.</summary>
    public sealed class Response
    {
        /// <summary>200 to 599.</summary>
        public uint Status { get; set; }

        /// <summary>Beside Content-Length and Connection: close, which are added; Content-Type is "text/plain; charset=utf-8" unless it
        /// is here.</summary>
        public HeaderList Headers { get; } = new HeaderList();

        public byte[] Body { get; set; }

        internal static unsafe hws_response* Copy(Response from, Arena arena)
        {
            if (from == null) return null;
            var to = (hws_response*)arena.Take(sizeof(hws_response));
            from.Fill(to, arena);
            return to;
        }

        internal unsafe void Fill(hws_response* to, Arena arena)
        {
            to->struct_size = (uint)sizeof(hws_response);
            to->status = Status;
            to->headers = (hws_header*)arena.Take(sizeof(hws_header) * Headers.Count);
            to->header_count = (UIntPtr)Headers.Count;
            for (var i = 0; i < Headers.Count; i++) to->headers[i] = new hws_header { name = arena.Text(Headers[i].Key), value = arena.Text(Headers[i].Value) };
            to->body = arena.Bytes(Body);
        }
    }

    /// <summary>What a host adds to the response that opens a connection. Zero is the default.</summary>
    public sealed class AcceptOptions
    {
        /// <summary>One of those that were offered; default what the route's own list leads to.</summary>
        public string Subprotocol { get; set; }

        /// <summary>Further fields of the response.</summary>
        public HeaderList Headers { get; } = new HeaderList();

        internal static unsafe hws_accept_options* Copy(AcceptOptions from, Arena arena)
        {
            if (from == null) return null;
            var to = (hws_accept_options*)arena.Take(sizeof(hws_accept_options));
            from.Fill(to, arena);
            return to;
        }

        internal unsafe void Fill(hws_accept_options* to, Arena arena)
        {
            to->struct_size = (uint)sizeof(hws_accept_options);
            to->subprotocol = arena.Text(Subprotocol);
            to->headers = (hws_header*)arena.Take(sizeof(hws_header) * Headers.Count);
            to->header_count = (UIntPtr)Headers.Count;
            for (var i = 0; i < Headers.Count; i++) to->headers[i] = new hws_header { name = arena.Text(Headers[i].Key), value = arena.Text(Headers[i].Value) };
        }
    }

    /// <summary>Deadlines in milliseconds: 0 is the default, Timeout.InfiniteTimeSpan is none.</summary>
    public sealed class Timers
    {
        /// <summary>Answer pings; default on.</summary>
        public bool? AutoPong { get; set; }

        /// <summary>From the call, or from accepting, to the end of the opening handshake, whatever happens; default 10 s.</summary>
        public TimeSpan? Open { get; set; }

        /// <summary>From the beginning of the closing handshake to the end of TCP; default 10 s.</summary>
        public TimeSpan? Close { get; set; }

        /// <summary>For a send queue of which nothing leaves; default 60 s.</summary>
        public TimeSpan? Send { get; set; }

        /// <summary>Without a message in either direction; default never. Rests while the connection is not read because its queue is full.</summary>
        public TimeSpan? Idle { get; set; }

        /// <summary>Between keepalive pings; default 20 s. Rests while the connection is paused, or is not read because its queue is full.</summary>
        public TimeSpan? PingInterval { get; set; }

        /// <summary>For the answer to one; default 20 s.</summary>
        public TimeSpan? PingTimeout { get; set; }

        public Timers() { }

        internal unsafe Timers(hws_timers* from)
        {
            AutoPong = from->auto_pong == 0 ? (bool?)null : from->auto_pong == 1;
            Open = from->open_ms == 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(from->open_ms);
            Close = from->close_ms == 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(from->close_ms);
            Send = from->send_ms == 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(from->send_ms);
            Idle = from->idle_ms == 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(from->idle_ms);
            PingInterval = from->ping_interval_ms == 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(from->ping_interval_ms);
            PingTimeout = from->ping_timeout_ms == 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(from->ping_timeout_ms);
        }

        internal static unsafe hws_timers* Copy(Timers from, Arena arena)
        {
            if (from == null) return null;
            var to = (hws_timers*)arena.Take(sizeof(hws_timers));
            from.Fill(to, arena);
            return to;
        }

        internal unsafe void Fill(hws_timers* to, Arena arena)
        {
            to->struct_size = (uint)sizeof(hws_timers);
            to->auto_pong = AutoPong == null ? 0u : AutoPong.Value ? 1u : 2u;
            to->open_ms = checked((int)Math.Ceiling(Open?.TotalMilliseconds ?? 0));
            to->close_ms = checked((int)Math.Ceiling(Close?.TotalMilliseconds ?? 0));
            to->send_ms = checked((int)Math.Ceiling(Send?.TotalMilliseconds ?? 0));
            to->idle_ms = checked((int)Math.Ceiling(Idle?.TotalMilliseconds ?? 0));
            to->ping_interval_ms = checked((int)Math.Ceiling(PingInterval?.TotalMilliseconds ?? 0));
            to->ping_timeout_ms = checked((int)Math.Ceiling(PingTimeout?.TotalMilliseconds ?? 0));
        }
    }

    /// <summary>What may be received and queued. Zero is the default.</summary>
    public sealed class Limits
    {
        /// <summary>Deliver FRAGMENT events, each frame up to FrameMax, instead of whole messages; default off.</summary>
        public bool? DeliverFragments { get; set; }

        /// <summary>Deliver PING events, and PONG events for pongs that answer no ping of yours; default off.</summary>
        public bool? DeliverPings { get; set; }

        /// <summary>Frames in one message, the empty ones too; default 4096.</summary>
        public uint FragmentsMax { get; set; }

        /// <summary>Bytes in one received message; default 1 MiB.</summary>
        public ulong MessageMax { get; set; }

        /// <summary>Bytes in one received frame; default MessageMax.</summary>
        public ulong FrameMax { get; set; }

        /// <summary>High watermark of the send queue, bytes; sends over it are refused, and nothing is read; default 16 MiB.</summary>
        public ulong SendQueueMax { get; set; }

        /// <summary>Low watermark: WRITABLE follows a refused send when the queue is not above it; default a quarter of the max.</summary>
        public ulong SendQueueLow { get; set; }

        /// <summary>Bytes in an HTTP head; default 64 KiB.</summary>
        public ulong HeadMax { get; set; }

        /// <summary>Bytes in the body of an HTTP response that refuses; default 1 MiB.</summary>
        public ulong BodyMax { get; set; }

        /// <summary>Topics that a connection may subscribe to; default 1024.</summary>
        public uint SubscriptionsMax { get; set; }

        /// <summary>One of SlowPolicy; default SlowPolicy.Skip.</summary>
        public SlowPolicy SlowSubscriber { get; set; }

        /// <summary>Bytes a second at which a frame must come once it has begun, measured over 30 s; a peer that is slower is cut off
        /// with RECV_TIMEOUT and 1008. Time in which nothing is read from it does not count; default 32, ulong.MaxValue none.</summary>
        public ulong ReceiveRateMin { get; set; }

        /// <summary>Messages (or fragments) of a connection that may wait for you beyond a batch: what hws_recv has put by, what is read
        /// on (see Overflow), and with EngineOptions.IoThread everything; default 1024.</summary>
        public uint RecvQueueMessages { get; set; }

        /// <summary>One of Overflow: what becomes of more; default Overflow.Backpressure.</summary>
        public Overflow Overflow { get; set; }

        /// <summary>Bytes in the messages that wait; default 4 MiB. One message may always wait, whatever its size.</summary>
        public ulong RecvQueueMax { get; set; }

        public Limits() { }

        internal unsafe Limits(hws_limits* from)
        {
            DeliverFragments = from->deliver_fragments == 0 ? (bool?)null : from->deliver_fragments == 1;
            DeliverPings = from->deliver_pings == 0 ? (bool?)null : from->deliver_pings == 1;
            FragmentsMax = from->fragments_max;
            MessageMax = from->message_max;
            FrameMax = from->frame_max;
            SendQueueMax = from->send_queue_max;
            SendQueueLow = from->send_queue_low;
            HeadMax = from->head_max;
            BodyMax = from->body_max;
            SubscriptionsMax = from->subscriptions_max;
            SlowSubscriber = (SlowPolicy)from->slow_subscriber;
            ReceiveRateMin = from->receive_rate_min;
            RecvQueueMessages = from->recv_queue_messages;
            Overflow = (Overflow)from->overflow;
            RecvQueueMax = from->recv_queue_max;
        }

        internal static unsafe hws_limits* Copy(Limits from, Arena arena)
        {
            if (from == null) return null;
            var to = (hws_limits*)arena.Take(sizeof(hws_limits));
            from.Fill(to, arena);
            return to;
        }

        internal unsafe void Fill(hws_limits* to, Arena arena)
        {
            to->struct_size = (uint)sizeof(hws_limits);
            to->deliver_fragments = DeliverFragments == null ? 0u : DeliverFragments.Value ? 1u : 2u;
            to->deliver_pings = DeliverPings == null ? 0u : DeliverPings.Value ? 1u : 2u;
            to->fragments_max = FragmentsMax;
            to->message_max = MessageMax;
            to->frame_max = FrameMax;
            to->send_queue_max = SendQueueMax;
            to->send_queue_low = SendQueueLow;
            to->head_max = HeadMax;
            to->body_max = BodyMax;
            to->subscriptions_max = SubscriptionsMax;
            to->slow_subscriber = (uint)SlowSubscriber;
            to->receive_rate_min = ReceiveRateMin;
            to->recv_queue_messages = RecvQueueMessages;
            to->overflow = (uint)Overflow;
            to->recv_queue_max = RecvQueueMax;
        }
    }

    /// <summary>Compression of messages, permessage-deflate (RFC 7692). Zero is the default: clients offer it, servers grant it.
    /// An idle connection costs nothing for it, nor does one whose messages are short. A compressor takes 164 KiB with the
    /// default window and memory level and 374 KiB with the largest; it stays with a connection that has compressed until
    /// it closes (see EngineOptions.CompressionMemoryMax), unless there is no context takeover. What a connection
    /// receives compressed costs it the peer's window, 4 KiB by default, and no more than came.</summary>
    public sealed class Compression
    {
        /// <summary>Default on.</summary>
        public bool? Enabled { get; set; }

        /// <summary>1, fast, to 9, small; default 1.</summary>
        public uint Level { get; set; }

        /// <summary>Shorter messages, or first fragments, are sent as they are, bytes; default 128.</summary>
        public uint MinSize { get; set; }

        /// <summary>1 to 9: the memory of a compressor beside its window; default 5.</summary>
        public uint MemoryLevel { get; set; }

        /// <summary>8 to 15, the bits of the window that clients compress with: a server asks for it where it may, a client keeps it;
        /// default 12.</summary>
        public uint ClientMaxWindowBits { get; set; }

        /// <summary>The same for servers: a client asks for it, a server keeps it; default 12 in a server, not asked for in a client.</summary>
        public uint ServerMaxWindowBits { get; set; }

        /// <summary>Clients begin each message with an empty window; default off.</summary>
        public bool? ClientNoContextTakeover { get; set; }

        /// <summary>Servers do; default off.</summary>
        public bool? ServerNoContextTakeover { get; set; }

        public Compression() { }

        internal unsafe Compression(hws_compression* from)
        {
            Enabled = from->enabled == 0 ? (bool?)null : from->enabled == 1;
            Level = from->level;
            MinSize = from->min_size;
            MemoryLevel = from->memory_level;
            ClientMaxWindowBits = from->client_max_window_bits;
            ServerMaxWindowBits = from->server_max_window_bits;
            ClientNoContextTakeover = from->client_no_context_takeover == 0 ? (bool?)null : from->client_no_context_takeover == 1;
            ServerNoContextTakeover = from->server_no_context_takeover == 0 ? (bool?)null : from->server_no_context_takeover == 1;
        }

        internal static unsafe hws_compression* Copy(Compression from, Arena arena)
        {
            if (from == null) return null;
            var to = (hws_compression*)arena.Take(sizeof(hws_compression));
            from.Fill(to, arena);
            return to;
        }

        internal unsafe void Fill(hws_compression* to, Arena arena)
        {
            to->struct_size = (uint)sizeof(hws_compression);
            to->enabled = Enabled == null ? 0u : Enabled.Value ? 1u : 2u;
            to->level = Level;
            to->min_size = MinSize;
            to->memory_level = MemoryLevel;
            to->client_max_window_bits = ClientMaxWindowBits;
            to->server_max_window_bits = ServerMaxWindowBits;
            to->client_no_context_takeover = ClientNoContextTakeover == null ? 0u : ClientNoContextTakeover.Value ? 1u : 2u;
            to->server_no_context_takeover = ServerNoContextTakeover == null ? 0u : ServerNoContextTakeover.Value ? 1u : 2u;
        }
    }

    /// <summary>How a client comes back when its connection is lost, or cannot be opened yet. RECONNECTING tells of every loss and
    /// every attempt that has failed, OPEN with EventFlags.Reconnected that it is back: under the same handle, with its user
    /// value and its subscriptions. HawserException.Retryable decides whether it tries again; a peer that closes with 1000 or
    /// no code has finished. A 1013 and a Retry-After put off the next attempt. Zero is the default; see docs/Reconnect.md.</summary>
    public sealed class Reconnect
    {
        /// <summary>Default on.</summary>
        public bool? Enabled { get; set; }

        /// <summary>Attempts after the first; default 0: no limit. After the last RECONNECT_EXHAUSTED is the error of the last event.</summary>
        public uint MaxAttempts { get; set; }

        /// <summary>The delay before an attempt is chosen by chance, up to a ceiling: that of the first; default 1 s.</summary>
        public TimeSpan? BackoffMin { get; set; }

        /// <summary>And that of all, but for what a peer asks for; default 60 s.</summary>
        public TimeSpan? BackoffMax { get; set; }

        /// <summary>The ceiling of an attempt in hundredths of that of the attempt before; default 200, at least 100.</summary>
        public uint BackoffPercent { get; set; }

        /// <summary>How much of the ceiling chance decides, in hundredths of it; default 100: all, uint.MaxValue: nothing.</summary>
        public uint JitterPercent { get; set; }

        /// <summary>Down for so long, it gives up with RECONNECT_EXHAUSTED; default never.</summary>
        public TimeSpan? DowntimeMax { get; set; }

        /// <summary>For each attempt, the first included; default Timers.Open.</summary>
        public TimeSpan? Attempt { get; set; }

        /// <summary>Open for so long, the attempts before are forgotten; default 60 s.</summary>
        public TimeSpan? Stable { get; set; }

        /// <summary>Open for so long, it is closed with 1000 and opened anew; up to a tenth earlier, by chance; default never.</summary>
        public TimeSpan? MaxAge { get; set; }

        /// <summary>A permanent cause raises RECONNECTING with value ulong.MaxValue, and ends the connection with RECONNECT_REFUSED unless
        /// Connection.Reconnect is called within this time; default none: it ends the connection at once.</summary>
        public TimeSpan? Ask { get; set; }

        /// <summary>One of Overflow but Overflow.Backpressure; default Overflow.Error: BUFFER_OVERFLOW.</summary>
        public Overflow BufferOverflow { get; set; }

        /// <summary>One of Replay; default Replay.Off.</summary>
        public Replay Replay { get; set; }

        /// <summary>Bytes of messages that may be sent while the connection is not open, to leave when it is; each counts for 64 bytes
        /// more than it has, as in the next two. Default 0: such sends are refused.</summary>
        public ulong BufferMax { get; set; }

        /// <summary>With replay: bytes of messages that may be kept until the peer is known to have read them; the oldest go. Default 1 MiB.</summary>
        public ulong ReplayMax { get; set; }

        /// <summary>Bytes of what is sent with SendFlags.Again; default 1 MiB, and 1024 messages.</summary>
        public ulong AgainMax { get; set; }

        public Reconnect() { }

        internal unsafe Reconnect(hws_reconnect* from)
        {
            Enabled = from->enabled == 0 ? (bool?)null : from->enabled == 1;
            MaxAttempts = from->max_attempts;
            BackoffMin = from->backoff_min_ms == 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(from->backoff_min_ms);
            BackoffMax = from->backoff_max_ms == 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(from->backoff_max_ms);
            BackoffPercent = from->backoff_percent;
            JitterPercent = from->jitter_percent;
            DowntimeMax = from->downtime_max_ms == 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(from->downtime_max_ms);
            Attempt = from->attempt_ms == 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(from->attempt_ms);
            Stable = from->stable_ms == 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(from->stable_ms);
            MaxAge = from->max_age_ms == 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(from->max_age_ms);
            Ask = from->ask_ms == 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(from->ask_ms);
            BufferOverflow = (Overflow)from->buffer_overflow;
            Replay = (Replay)from->replay;
            BufferMax = from->buffer_max;
            ReplayMax = from->replay_max;
            AgainMax = from->again_max;
        }

        internal static unsafe hws_reconnect* Copy(Reconnect from, Arena arena)
        {
            if (from == null) return null;
            var to = (hws_reconnect*)arena.Take(sizeof(hws_reconnect));
            from.Fill(to, arena);
            return to;
        }

        internal unsafe void Fill(hws_reconnect* to, Arena arena)
        {
            to->struct_size = (uint)sizeof(hws_reconnect);
            to->enabled = Enabled == null ? 0u : Enabled.Value ? 1u : 2u;
            to->max_attempts = MaxAttempts;
            to->backoff_min_ms = checked((int)Math.Ceiling(BackoffMin?.TotalMilliseconds ?? 0));
            to->backoff_max_ms = checked((int)Math.Ceiling(BackoffMax?.TotalMilliseconds ?? 0));
            to->backoff_percent = BackoffPercent;
            to->jitter_percent = JitterPercent;
            to->downtime_max_ms = checked((int)Math.Ceiling(DowntimeMax?.TotalMilliseconds ?? 0));
            to->attempt_ms = checked((int)Math.Ceiling(Attempt?.TotalMilliseconds ?? 0));
            to->stable_ms = checked((int)Math.Ceiling(Stable?.TotalMilliseconds ?? 0));
            to->max_age_ms = checked((int)Math.Ceiling(MaxAge?.TotalMilliseconds ?? 0));
            to->ask_ms = checked((int)Math.Ceiling(Ask?.TotalMilliseconds ?? 0));
            to->buffer_overflow = (uint)BufferOverflow;
            to->replay = (uint)Replay;
            to->buffer_max = BufferMax;
            to->replay_max = ReplayMax;
            to->again_max = AgainMax;
        }
    }

    /// <summary>When and where a connection is opened again. Zero is the default.</summary>
    public sealed class ReconnectOptions
    {
        /// <summary>Default 0: now; Timeout.InfiniteTimeSpan: not until this is called again.</summary>
        public TimeSpan? After { get; set; }

        /// <summary>Of the Close frame, if it is open; default 1000.</summary>
        public uint Code { get; set; }

        public string Reason { get; set; }

        /// <summary>Where to, from now on; default where it went before. To another scheme, host or port go neither credentials, nor
        /// header fields but those given here, nor ConnectTo, ServerName and certificate.</summary>
        public string Uri { get; set; }

        /// <summary>From now on in place of those of the same names: a fresh token, say.</summary>
        public HeaderList Headers { get; } = new HeaderList();

        internal static unsafe hws_reconnect_options* Copy(ReconnectOptions from, Arena arena)
        {
            if (from == null) return null;
            var to = (hws_reconnect_options*)arena.Take(sizeof(hws_reconnect_options));
            from.Fill(to, arena);
            return to;
        }

        internal unsafe void Fill(hws_reconnect_options* to, Arena arena)
        {
            to->struct_size = (uint)sizeof(hws_reconnect_options);
            to->after_ms = checked((int)Math.Ceiling(After?.TotalMilliseconds ?? 0));
            to->code = Code;
            to->reason = arena.Text(Reason);
            to->uri = arena.Text(Uri);
            to->headers = (hws_header*)arena.Take(sizeof(hws_header) * Headers.Count);
            to->header_count = (UIntPtr)Headers.Count;
            for (var i = 0; i < Headers.Count; i++) to->headers[i] = new hws_header { name = arena.Text(Headers[i].Key), value = arena.Text(Headers[i].Value) };
        }
    }

    /// <summary>A message of your own that the peer must answer: for servers that know no pings, or to notice a program that hangs
    /// behind a library or proxy that answers pings for it. Zero is the default; message and answer are needed.
    ///
    /// One at a time is on its way, and none inside a fragmented message of yours; it goes uncompressed. Without an answer
    /// in time the connection is closed with 1011: CLOSED_ERROR because of PING_TIMEOUT, whose detail says heartbeat. It
    /// rests while the connection is paused. Heartbeats and their answers count as messages in Stats, and the round trip
    /// is RttUs; Timers.Idle does not count those that you do not see.</summary>
    public sealed class Heartbeat
    {
        /// <summary>Opcode.Text or Opcode.Binary; default Opcode.Text.</summary>
        public Opcode Opcode { get; set; }

        /// <summary>What answers it, up to 64 KiB, in a text or binary message; with DeliverFragments, in one of a single frame. None
        /// with Matching.Any, and none needed where Timeout is Timeout.InfiniteTimeSpan.</summary>
        public byte[] Answer { get; set; }

        /// <summary>One of Matching; default Matching.Exact.</summary>
        public Matching Matching { get; set; }

        /// <summary>Answers are MESSAGE events, too; default off, but always on with Matching.Any. Only as many messages as were
        /// asked for are taken for answers.</summary>
        public bool? Deliver { get; set; }

        /// <summary>From one heartbeat to the next; default 20 s, Timeout.InfiniteTimeSpan: none.</summary>
        public TimeSpan? Interval { get; set; }

        /// <summary>For the answer to one; default 20 s. Timeout.InfiniteTimeSpan: none is waited for, and each interval sends another.</summary>
        public TimeSpan? Timeout { get; set; }

        internal static unsafe hws_heartbeat* Copy(Heartbeat from, Arena arena)
        {
            if (from == null) return null;
            var to = (hws_heartbeat*)arena.Take(sizeof(hws_heartbeat));
            from.Fill(to, arena);
            return to;
        }

        internal unsafe void Fill(hws_heartbeat* to, Arena arena)
        {
            to->struct_size = (uint)sizeof(hws_heartbeat);
            to->opcode = (uint)Opcode;
            to->answer = arena.Bytes(Answer);
            to->matching = (uint)Matching;
            to->deliver = Deliver == null ? 0u : Deliver.Value ? 1u : 2u;
            to->interval_ms = checked((int)Math.Ceiling(Interval?.TotalMilliseconds ?? 0));
            to->timeout_ms = checked((int)Math.Ceiling(Timeout?.TotalMilliseconds ?? 0));
        }
    }

    /// <summary>A certificate chain, the leaf first, and its private key: PEM, in a file or in memory; memory wins. Keys are PKCS #8,
    /// PKCS #1 or SEC 1, of RSA, ECDSA or Ed25519.</summary>
    public sealed class Certificate
    {
        public string CertFile { get; set; }

        public string KeyFile { get; set; }

        public byte[] CertPem { get; set; }

        public byte[] KeyPem { get; set; }

        internal static unsafe hws_certificate* Copy(Certificate from, Arena arena)
        {
            if (from == null) return null;
            var to = (hws_certificate*)arena.Take(sizeof(hws_certificate));
            from.Fill(to, arena);
            return to;
        }

        internal unsafe void Fill(hws_certificate* to, Arena arena)
        {
            to->cert_file = arena.Text(CertFile);
            to->key_file = arena.Text(KeyFile);
            to->cert_pem = arena.Bytes(CertPem);
            to->key_pem = arena.Bytes(KeyPem);
        }
    }

    /// <summary>How a client checks servers, and how either side shows who it is. Zero is the default. Files are read during the
    /// call that is given this.</summary>
    public sealed class Tls
    {
        /// <summary>TlsVersion.Tls12, the default, or TlsVersion.Tls13.</summary>
        public TlsVersion MinVersion { get; set; }

        /// <summary>Keep sessions, so that later connections of the engine open faster; default on.</summary>
        public bool? Resumption { get; set; }

        /// <summary>Clients: also trust the roots that the system trusts; default off.</summary>
        public bool? SystemRoots { get; set; }

        /// <summary>Clients: trust the roots bundled with the library, those of Mozilla; default on unless CaFile or CaPem is set.</summary>
        public bool? BundledRoots { get; set; }

        /// <summary>Clients: on accepts every certificate, so that anybody on the way can read and change everything; default off.</summary>
        public bool? DangerousSkipVerification { get; set; }

        /// <summary>Servers: one of ClientAuth; needs CaFile or CaPem. See Handshake.TlsSubject.</summary>
        public ClientAuth ClientAuth { get; set; }

        /// <summary>PEM of the roots to trust: clients for servers, servers for clients.</summary>
        public string CaFile { get; set; }

        public byte[] CaPem { get; set; }

        /// <summary>Who we are: needed by servers, and by clients where servers ask.</summary>
        public Certificate Certificate { get; set; }

        /// <summary>Servers: further ones, chosen by the name that a client asks for (SNI).</summary>
        public IList<Certificate> MoreCertificates { get; } = new List<Certificate>();

        /// <summary>Clients: the name to ask for and to expect in the certificate; default the host of the URI.</summary>
        public string ServerName { get; set; }

        /// <summary>Protocols for ALPN (RFC 7301), the preferred one first; default none.</summary>
        public IList<string> Alpn { get; } = new List<string>();

        /// <summary>Secrets are appended to this file, in the format of SSLKEYLOGFILE, for Wireshark; whoever has it can read all.</summary>
        public string KeyLogFile { get; set; }

        internal static unsafe hws_tls* Copy(Tls from, Arena arena)
        {
            if (from == null) return null;
            var to = (hws_tls*)arena.Take(sizeof(hws_tls));
            from.Fill(to, arena);
            return to;
        }

        internal unsafe void Fill(hws_tls* to, Arena arena)
        {
            to->struct_size = (uint)sizeof(hws_tls);
            to->min_version = (uint)MinVersion;
            to->resumption = Resumption == null ? 0u : Resumption.Value ? 1u : 2u;
            to->system_roots = SystemRoots == null ? 0u : SystemRoots.Value ? 1u : 2u;
            to->bundled_roots = BundledRoots == null ? 0u : BundledRoots.Value ? 1u : 2u;
            to->dangerous_skip_verification = DangerousSkipVerification == null ? 0u : DangerousSkipVerification.Value ? 1u : 2u;
            to->client_auth = (uint)ClientAuth;
            to->ca_file = arena.Text(CaFile);
            to->ca_pem = arena.Bytes(CaPem);
            Certificate?.Fill(&to->certificate, arena);
            to->more_certificates = (hws_certificate*)arena.Take(sizeof(hws_certificate) * MoreCertificates.Count);
            to->more_certificate_count = (UIntPtr)MoreCertificates.Count;
            for (var i = 0; i < MoreCertificates.Count; i++) MoreCertificates[i].Fill(to->more_certificates + i, arena);
            to->server_name = arena.Text(ServerName);
            to->alpn = (hws_str*)arena.Take(sizeof(hws_str) * Alpn.Count);
            to->alpn_count = (UIntPtr)Alpn.Count;
            for (var i = 0; i < Alpn.Count; i++) to->alpn[i] = arena.Text(Alpn[i]);
            to->key_log_file = arena.Text(KeyLogFile);
        }
    }

    /// <summary>Options of sockets. Zero is the default.</summary>
    public sealed class SocketOptions
    {
        /// <summary>TCP_NODELAY: small messages leave at once; default on.</summary>
        public bool? Nodelay { get; set; }

        /// <summary>TCP's own keep-alive; default off, for the pings of Timers.PingInterval see further.</summary>
        public bool? Keepalive { get; set; }

        /// <summary>Seconds of silence before the first probe; default the system's.</summary>
        public TimeSpan? KeepaliveIdle { get; set; }

        /// <summary>Seconds between probes; default the system's.</summary>
        public TimeSpan? KeepaliveInterval { get; set; }

        /// <summary>SO_RCVBUF and SO_SNDBUF, bytes; default the system's, which adapts itself.</summary>
        public uint RecvBuffer { get; set; }

        public uint SendBuffer { get; set; }

        /// <summary>Clients: the local address to connect from, "192.0.2.1" or with a port.</summary>
        public string LocalAddress { get; set; }

        internal static unsafe hws_socket* Copy(SocketOptions from, Arena arena)
        {
            if (from == null) return null;
            var to = (hws_socket*)arena.Take(sizeof(hws_socket));
            from.Fill(to, arena);
            return to;
        }

        internal unsafe void Fill(hws_socket* to, Arena arena)
        {
            to->struct_size = (uint)sizeof(hws_socket);
            to->nodelay = Nodelay == null ? 0u : Nodelay.Value ? 1u : 2u;
            to->keepalive = Keepalive == null ? 0u : Keepalive.Value ? 1u : 2u;
            to->keepalive_idle_s = checked((uint)Math.Ceiling(KeepaliveIdle?.TotalSeconds ?? 0));
            to->keepalive_interval_s = checked((uint)Math.Ceiling(KeepaliveInterval?.TotalSeconds ?? 0));
            to->recv_buffer = RecvBuffer;
            to->send_buffer = SendBuffer;
            to->local_address = arena.Text(LocalAddress);
        }
    }

    /// <summary>How one message is sent. Zero is the default.</summary>
    public sealed class SendOptions
    {
        /// <summary>SendFlags.</summary>
        public SendFlags Flags { get; set; }

        /// <summary>Not 0: a SENT event with it follows when the message has left for the kernel; of a ping, it comes back
        /// with the PONG.</summary>
        public ulong Token { get; set; }

        internal static unsafe hws_send_options* Copy(SendOptions from, Arena arena)
        {
            if (from == null) return null;
            var to = (hws_send_options*)arena.Take(sizeof(hws_send_options));
            from.Fill(to, arena);
            return to;
        }

        internal unsafe void Fill(hws_send_options* to, Arena arena)
        {
            to->struct_size = (uint)sizeof(hws_send_options);
            to->flags = (uint)Flags;
            to->token = Token;
        }
    }

    /// <summary>How a message goes to many. Zero is the default.</summary>
    public sealed class PublishOptions
    {
        /// <summary>SendFlags.Raw, SendFlags.</summary>
        public SendFlags Flags { get; set; }

        /// <summary>A connection that does not get it, such as the one that it came from; one that has ended is nobody.</summary>
        public Connection Except { get; set; }

        internal static unsafe hws_publish_options* Copy(PublishOptions from, Arena arena)
        {
            if (from == null) return null;
            var to = (hws_publish_options*)arena.Take(sizeof(hws_publish_options));
            from.Fill(to, arena);
            return to;
        }

        internal unsafe void Fill(hws_publish_options* to, Arena arena)
        {
            to->struct_size = (uint)sizeof(hws_publish_options);
            to->flags = (uint)Flags;
            to->except = Except?.Handle ?? default(hws_conn);
        }
    }

    /// <summary>What a pool may do. Zero is the default; client is needed.</summary>
    public sealed class PoolOptions
    {
        /// <summary>Sockets at a time, also those that are being opened, checked or closed; default 10.</summary>
        public uint MaxConnections { get; set; }

        /// <summary>A connection that nobody has held for so long is closed; default 5 minutes.</summary>
        public TimeSpan? Idle { get; set; }

        /// <summary>One that was opened so long ago is not lent again; default never.</summary>
        public TimeSpan? MaxAge { get; set; }

        /// <summary>One that nobody has held for longer gets a ping, and is lent when that is answered; default 30 s, Timeout.InfiniteTimeSpan: is lent
        /// without.</summary>
        public TimeSpan? CheckAfter { get; set; }

        /// <summary>For the answer to that ping; default 5 s. One that does not answer is dropped, and nobody need know.</summary>
        public TimeSpan? Check { get; set; }

        /// <summary>Calls of Pool.Acquire that may wait at a time; default 1024.</summary>
        public uint WaitersMax { get; set; }

        /// <summary>That ping goes before every lease but a connection's first, whatever CheckAfter says; default off.</summary>
        public bool? CheckAlways { get; set; }

        /// <summary>For every connection. Its uri says to which server; targets are paths there.</summary>
        public ClientOptions Client { get; set; }

        internal static unsafe hws_pool_options* Copy(PoolOptions from, Arena arena)
        {
            if (from == null) return null;
            var to = (hws_pool_options*)arena.Take(sizeof(hws_pool_options));
            from.Fill(to, arena);
            return to;
        }

        internal unsafe void Fill(hws_pool_options* to, Arena arena)
        {
            to->struct_size = (uint)sizeof(hws_pool_options);
            to->max_connections = MaxConnections;
            to->idle_ms = checked((int)Math.Ceiling(Idle?.TotalMilliseconds ?? 0));
            to->max_age_ms = checked((int)Math.Ceiling(MaxAge?.TotalMilliseconds ?? 0));
            to->check_after_ms = checked((int)Math.Ceiling(CheckAfter?.TotalMilliseconds ?? 0));
            to->check_ms = checked((int)Math.Ceiling(Check?.TotalMilliseconds ?? 0));
            to->waiters_max = WaitersMax;
            to->check_always = CheckAlways == null ? 0u : CheckAlways.Value ? 1u : 2u;
            to->client = ClientOptions.Copy(Client, arena);
        }
    }

    /// <summary>How the connections of a listener end with it. Zero is the default.</summary>
    public sealed class DrainOptions
    {
        /// <summary>For the closing handshakes of all, beside Timers.Close for that of each; default 10 s, Timeout.InfiniteTimeSpan: no limit.</summary>
        public TimeSpan? Drain { get; set; }

        /// <summary>What peers are told; default 1001.</summary>
        public uint Code { get; set; }

        /// <summary>Up to 123 bytes.</summary>
        public string Reason { get; set; }

        internal static unsafe hws_drain* Copy(DrainOptions from, Arena arena)
        {
            if (from == null) return null;
            var to = (hws_drain*)arena.Take(sizeof(hws_drain));
            from.Fill(to, arena);
            return to;
        }

        internal unsafe void Fill(hws_drain* to, Arena arena)
        {
            to->struct_size = (uint)sizeof(hws_drain);
            to->drain_ms = checked((int)Math.Ceiling(Drain?.TotalMilliseconds ?? 0));
            to->code = Code;
            to->reason = arena.Text(Reason);
        }
    }
}
