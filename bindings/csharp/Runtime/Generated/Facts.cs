// Made from include/hawser.h and the status table by `HAWSER_BLESS=1 cargo test --test bindings`; do not edit.

using System;
using System.Collections.Generic;

namespace Hawser
{
    /// <summary>Everything that is known about a failure. Fields that do not apply are 0, empty, or what their comment says.</summary>
    public partial class HawserException
    {
        public Status Status { get; }

        /// <summary>What was being done, as a word: "connect".</summary>
        public string Operation { get; }

        /// <summary>Of the connection, as 1 &lt;&lt; State; 0: no connection.</summary>
        public uint State { get; }

        /// <summary>Mask of the states in which the call would have been legal.</summary>
        public uint RequiredStates { get; }

        /// <summary>One of Retry.</summary>
        public Retry Retryable { get; }

        /// <summary>Errno or WSAGetLastError(), or 0.</summary>
        public int OsError { get; }

        /// <summary>TLS alert number + 1, or 0.</summary>
        public uint TlsAlert { get; }

        /// <summary>SOCKS reply + 1, or 0.</summary>
        public uint SocksReply { get; }

        /// <summary>0: no HTTP response.</summary>
        public uint HttpStatus { get; }

        /// <summary>True: the body was longer than what body holds.</summary>
        public bool BodyTruncated { get; }

        /// <summary>Of the frame at fault.</summary>
        public Opcode Opcode { get; }

        /// <summary>Of the queue that is full.</summary>
        public Overflow Policy { get; }

        /// <summary>One of Side.</summary>
        public Side InitiatedBy { get; }

        public uint Attempts { get; }

        public uint MaxAttempts { get; }

        public TimeSpan? RetryAfter { get; }

        public TimeSpan? Downtime { get; }

        /// <summary>Null: not a timeout.</summary>
        public TimeSpan? Timeout { get; }

        /// <summary>Byte offset of the fault in the value or message; null: none.</summary>
        public long? Position { get; }

        /// <summary>Null: not about a size, or unknown; likewise the next two.</summary>
        public long? Size { get; }

        public long? MaxSize { get; }

        public long? CurrentSize { get; }

        public ulong Fragments { get; }

        public ulong MaxFragments { get; }

        /// <summary>Of the queue that is full, bytes.</summary>
        public ulong Capacity { get; }

        public ulong Dropped { get; }

        public ulong MaxConnections { get; }

        public ulong InUse { get; }

        /// <summary>Monotonic, of the engine.</summary>
        public TimeSpan Time { get; }

        public ulong ConnectionId { get; }

        /// <summary>The rule that was broken, or the argument at fault.</summary>
        public string Detail { get; }

        public string Uri { get; }

        public string Proxy { get; }

        /// <summary>Where a redirect leads.</summary>
        public string Location { get; }

        /// <summary>Address of the peer.</summary>
        public string Peer { get; }

        public string HttpMethod { get; }

        public string HttpVersion { get; }

        public string HttpReason { get; }

        public string HeaderName { get; }

        /// <summary>Null: the header is missing; empty: it is empty.</summary>
        public string HeaderValue { get; }

        public string Origin { get; }

        public string ParameterName { get; }

        public string ParameterValue { get; }

        /// <summary>Of the HTTP response, in order, repeats kept.</summary>
        public HeaderList Headers { get; }

        /// <summary>First bytes of the HTTP response's body.</summary>
        public byte[] Body { get; }

        public CloseInfo CloseRcvd { get; }

        public CloseInfo CloseSent { get; }

        /// <summary>Both Close frames: true the peer's came first, false ours went first; null: not both.</summary>
        public bool? RcvdThenSent { get; }

        /// <summary>The code of the connection, RFC 6455 section 7.1.5: 1006 when none was received.</summary>
        public uint CloseCode { get; }

        internal unsafe HawserException(hws_error_info* given, Exception inner) : base(Memory.Text(given->message), inner ?? From(given->cause))
        {
            var known = default(hws_error_info); // the library may be older than this binding
            Buffer.MemoryCopy(given, &known, sizeof(hws_error_info), Math.Min(given->struct_size, sizeof(hws_error_info)));
            var from = &known;
            Status = (Status)from->status;
            Operation = from->operation == 0 ? null : Memory.Text(Native.hws_operation_name(from->operation));
            State = from->state;
            RequiredStates = from->required_states;
            Retryable = (Retry)from->retryable;
            OsError = from->os_error;
            TlsAlert = from->tls_alert;
            SocksReply = from->socks_reply;
            HttpStatus = from->http_status;
            BodyTruncated = from->body_truncated != 0;
            Opcode = (Opcode)from->opcode;
            Policy = (Overflow)from->policy;
            InitiatedBy = (Side)from->initiated_by;
            Attempts = from->attempts;
            MaxAttempts = from->max_attempts;
            RetryAfter = from->retry_after_ms < 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(from->retry_after_ms);
            Downtime = from->downtime_ms < 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(from->downtime_ms);
            Timeout = from->timeout_ms < 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(from->timeout_ms);
            Position = from->position < 0 ? (long?)null : from->position;
            Size = from->size < 0 ? (long?)null : from->size;
            MaxSize = from->max_size < 0 ? (long?)null : from->max_size;
            CurrentSize = from->current_size < 0 ? (long?)null : from->current_size;
            Fragments = from->fragments;
            MaxFragments = from->max_fragments;
            Capacity = from->capacity;
            Dropped = from->dropped;
            MaxConnections = from->max_connections;
            InUse = from->in_use;
            Time = TimeSpan.FromMilliseconds(from->time_ms);
            ConnectionId = from->conn.id;
            Detail = Memory.Text(from->detail);
            Uri = Memory.Text(from->uri);
            Proxy = Memory.Text(from->proxy);
            Location = Memory.Text(from->location);
            Peer = Memory.Text(from->peer);
            HttpMethod = Memory.Text(from->http_method);
            HttpVersion = Memory.Text(from->http_version);
            HttpReason = Memory.Text(from->http_reason);
            HeaderName = Memory.Text(from->header_name);
            HeaderValue = Memory.Text(from->header_value);
            Origin = Memory.Text(from->origin);
            ParameterName = Memory.Text(from->parameter_name);
            ParameterValue = Memory.Text(from->parameter_value);
            Headers = new HeaderList();
            for (var i = 0; i < (int)from->header_count; i++) Headers.Add(Memory.Text(from->headers[i].name), Memory.Text(from->headers[i].value));
            Body = Memory.Bytes(from->body);
            CloseRcvd = from->close_rcvd.present == 0 ? null : new CloseInfo(&from->close_rcvd);
            CloseSent = from->close_sent.present == 0 ? null : new CloseInfo(&from->close_sent);
            RcvdThenSent = from->rcvd_then_sent < 0 ? (bool?)null : from->rcvd_then_sent == 1;
            CloseCode = from->close_code;
        }
    }

    /// <summary>What was asked and answered in the opening handshake, RFC 6455 section 4.</summary>
    public sealed partial class Handshake
    {
        public uint HttpStatus { get; }

        public string Method { get; }

        public string Target { get; }

        public string Host { get; }

        public string Origin { get; }

        /// <summary>The one that was agreed, or empty.</summary>
        public string Subprotocol { get; }

        /// <summary>Those that were agreed, with their parameters: "permessage-deflate; server_max_window_bits=12".</summary>
        public string Extensions { get; }

        /// <summary>Address of the peer.</summary>
        public string Peer { get; }

        /// <summary>By the client.</summary>
        public IList<string> SubprotocolsOffered { get; }

        /// <summary>What the peer sent, in order, repeats kept.</summary>
        public HeaderList Headers { get; }

        /// <summary>Clients: where the connection leads, after redirects.</summary>
        public string Uri { get; }

        /// <summary>Servers: who was let in by ServerOptions.Credentials.</summary>
        public string User { get; }

        /// <summary>"TLSv1.3"; empty without TLS, like all that follows.</summary>
        public string TlsVersion { get; }

        /// <summary>As IANA has it, "TLS_AES_128_GCM_SHA256".</summary>
        public string TlsCipher { get; }

        /// <summary>The name that the client asked for (SNI).</summary>
        public string TlsServerName { get; }

        /// <summary>The protocol that was agreed by ALPN.</summary>
        public string TlsAlpn { get; }

        /// <summary>Whom the peer's certificate is for, RFC 4514: "CN=alice,O=Example".</summary>
        public string TlsSubject { get; }

        /// <summary>The peer's certificate, DER.</summary>
        public byte[] TlsCertificate { get; }

        /// <summary>True: an earlier session was resumed.</summary>
        public bool TlsResumed { get; }

        /// <summary>Servers: why an offer of an extension was declined, the first that was; null if none was. The connection is open
        /// all the same.</summary>
        public HawserException ExtensionDeclined { get; }

        /// <summary>Servers with routes: the pattern of the one it was.</summary>
        public string Route { get; }

        /// <summary>What the variable parts of the pattern stand for, by name, percent-decoded; "*" is the name of the rest.</summary>
        public HeaderList Params { get; }

        internal unsafe Handshake(hws_handshake* given)
        {
            var known = default(hws_handshake); // the library may be older than this binding
            Buffer.MemoryCopy(given, &known, sizeof(hws_handshake), Math.Min(given->struct_size, sizeof(hws_handshake)));
            var from = &known;
            HttpStatus = from->http_status;
            Method = Memory.Text(from->method);
            Target = Memory.Text(from->target);
            Host = Memory.Text(from->host);
            Origin = Memory.Text(from->origin);
            Subprotocol = Memory.Text(from->subprotocol);
            Extensions = Memory.Text(from->extensions);
            Peer = Memory.Text(from->peer);
            SubprotocolsOffered = new string[(int)from->subprotocol_count];
            for (var i = 0; i < SubprotocolsOffered.Count; i++) SubprotocolsOffered[i] = Memory.Text(from->subprotocols_offered[i]);
            Headers = new HeaderList();
            for (var i = 0; i < (int)from->header_count; i++) Headers.Add(Memory.Text(from->headers[i].name), Memory.Text(from->headers[i].value));
            Uri = Memory.Text(from->uri);
            User = Memory.Text(from->user);
            TlsVersion = Memory.Text(from->tls_version);
            TlsCipher = Memory.Text(from->tls_cipher);
            TlsServerName = Memory.Text(from->tls_server_name);
            TlsAlpn = Memory.Text(from->tls_alpn);
            TlsSubject = Memory.Text(from->tls_subject);
            TlsCertificate = Memory.Bytes(from->tls_certificate);
            TlsResumed = from->tls_resumed != 0;
            ExtensionDeclined = HawserException.From(from->extension_declined);
            Route = Memory.Text(from->route);
            Params = new HeaderList();
            for (var i = 0; i < (int)from->param_count; i++) Params.Add(Memory.Text(from->@params[i].name), Memory.Text(from->@params[i].value));
        }
    }

    /// <summary>Counters.</summary>
    public sealed partial class Stats
    {
        /// <summary>Of an engine: that there are; of a connection: 1 while it lasts.</summary>
        public uint Connections { get; }

        /// <summary>Payload of messages.</summary>
        public ulong BytesIn { get; }

        public ulong BytesOut { get; }

        /// <summary>Everything on the wire.</summary>
        public ulong WireIn { get; }

        public ulong WireOut { get; }

        public ulong MessagesIn { get; }

        public ulong MessagesOut { get; }

        /// <summary>Received.</summary>
        public ulong Pings { get; }

        public ulong Pongs { get; }

        /// <summary>Bytes that wait to be sent.</summary>
        public ulong SendQueued { get; }

        /// <summary>Of an engine: connections that did not open.</summary>
        public ulong HandshakeFailures { get; }

        /// <summary>Of a connection: the last round trip of a ping, microseconds.</summary>
        public ulong RttUs { get; }

        /// <summary>Of a connection over a unix socket: true where the system says whose process the peer is.</summary>
        public bool PeerKnown { get; }

        public int PeerPid { get; }

        public uint PeerUid { get; }

        public uint PeerGid { get; }

        /// <summary>Of messages that came compressed: their bytes as they came, and inflated; BytesIn counts the latter.</summary>
        public ulong DeflatedIn { get; }

        public ulong InflatedIn { get; }

        /// <summary>Of messages that were sent compressed: their bytes as they went, and before; BytesOut counts the latter.</summary>
        public ulong DeflatedOut { get; }

        public ulong InflatedOut { get; }

        /// <summary>Of an engine: requests that got the page of their route.</summary>
        public ulong HttpResponses { get; }

        /// <summary>Connections that were lost, or opened anew by plan, and came back.</summary>
        public ulong Reconnects { get; }

        /// <summary>Bytes that are kept to be sent, or sent again, when the connection is open again: see Reconnect.</summary>
        public ulong SendKept { get; }

        /// <summary>Messages that were to wait for that and were dropped.</summary>
        public ulong SendDropped { get; }

        /// <summary>Messages that could not have been sent again, for want of room in Reconnect.ReplayMax.</summary>
        public ulong SendUnprotected { get; }

        /// <summary>Messages (or fragments) that wait for you beyond a batch, and bytes in them.</summary>
        public ulong RecvQueued { get; }

        public ulong RecvQueuedBytes { get; }

        /// <summary>Messages that were dropped because too many waited.</summary>
        public ulong RecvDropped { get; }

        internal unsafe Stats(hws_stats* given)
        {
            var known = default(hws_stats); // the library may be older than this binding
            Buffer.MemoryCopy(given, &known, sizeof(hws_stats), Math.Min(given->struct_size, sizeof(hws_stats)));
            var from = &known;
            Connections = from->connections;
            BytesIn = from->bytes_in;
            BytesOut = from->bytes_out;
            WireIn = from->wire_in;
            WireOut = from->wire_out;
            MessagesIn = from->messages_in;
            MessagesOut = from->messages_out;
            Pings = from->pings;
            Pongs = from->pongs;
            SendQueued = from->send_queued;
            HandshakeFailures = from->handshake_failures;
            RttUs = from->rtt_us;
            PeerKnown = from->peer_known != 0;
            PeerPid = from->peer_pid;
            PeerUid = from->peer_uid;
            PeerGid = from->peer_gid;
            DeflatedIn = from->deflated_in;
            InflatedIn = from->inflated_in;
            DeflatedOut = from->deflated_out;
            InflatedOut = from->inflated_out;
            HttpResponses = from->http_responses;
            Reconnects = from->reconnects;
            SendKept = from->send_kept;
            SendDropped = from->send_dropped;
            SendUnprotected = from->send_unprotected;
            RecvQueued = from->recv_queued;
            RecvQueuedBytes = from->recv_queued_bytes;
            RecvDropped = from->recv_dropped;
        }
    }

    /// <summary>What there is in a pool, and what has been.</summary>
    public sealed partial class PoolCounts
    {
        /// <summary>That there are: the sum of the next five.</summary>
        public uint Sockets { get; }

        public uint Idle { get; }

        public uint Leased { get; }

        public uint Opening { get; }

        /// <summary>A ping waits for its answer.</summary>
        public uint Checking { get; }

        public uint Closing { get; }

        /// <summary>Calls of Pool.Acquire that wait.</summary>
        public uint Waiting { get; }

        /// <summary>Connections that opened.</summary>
        public ulong Opened { get; }

        /// <summary>Connections that failed to open.</summary>
        public ulong OpenFailed { get; }

        /// <summary>Leases of connections that had been leased before.</summary>
        public ulong Reused { get; }

        /// <summary>Connections whose peers did not answer the ping.</summary>
        public ulong ChecksFailed { get; }

        /// <summary>Calls of Pool.Acquire that waited in vain.</summary>
        public ulong Timeouts { get; }

        /// <summary>Connections that were released and could not be lent on, or that ended or said something while nobody held them.</summary>
        public ulong Discarded { get; }

        /// <summary>Connections closed because of Idle or MaxAge.</summary>
        public ulong Expired { get; }

        /// <summary>Idle connections closed to make room for one with another target.</summary>
        public ulong Displaced { get; }

        internal unsafe PoolCounts(hws_pool_counts* given)
        {
            var known = default(hws_pool_counts); // the library may be older than this binding
            Buffer.MemoryCopy(given, &known, sizeof(hws_pool_counts), Math.Min(given->struct_size, sizeof(hws_pool_counts)));
            var from = &known;
            Sockets = from->sockets;
            Idle = from->idle;
            Leased = from->leased;
            Opening = from->opening;
            Checking = from->checking;
            Closing = from->closing;
            Waiting = from->waiting;
            Opened = from->opened;
            OpenFailed = from->open_failed;
            Reused = from->reused;
            ChecksFailed = from->checks_failed;
            Timeouts = from->timeouts;
            Discarded = from->discarded;
            Expired = from->expired;
            Displaced = from->displaced;
        }
    }

    /// <summary>One Close frame, RFC 6455 section 5.5.1.</summary>
    public sealed partial class CloseInfo
    {
        /// <summary>1005 when the frame had none.</summary>
        public uint Code { get; }

        public string Reason { get; }

        internal unsafe CloseInfo(hws_close_info* given)
        {
            var from = given;
            Code = from->code;
            Reason = Memory.Text(from->reason);
        }
    }

    /// <summary>One event: 128 bytes with 64-bit pointers. EventKind says which fields have a meaning.</summary>
    public sealed partial class HawserEvent
    {
        public EventKind Kind { get; }

        /// <summary>EventFlags.</summary>
        public EventFlags Flags { get; }

        public Connection Connection { get; }

        /// <summary>Where it happened, or where the connection came from.</summary>
        public Listener Listener { get; }

        public Request Request { get; }

        public ulong Token { get; }

        public ulong Value { get; }

        public Status Status { get; }

        public Opcode Opcode { get; }

        public byte[] Data { get; }

        /// <summary>Never null where the kind has an error.</summary>
        public HawserException Error { get; }

        public Handshake Handshake { get; }

        public string Topic { get; }

        internal unsafe HawserEvent(Engine engine, hws_event* given)
        {
            var from = given;
            Kind = (EventKind)from->kind;
            Flags = (EventFlags)from->flags;
            Connection = engine.FindConnection(from);
            Listener = engine.FindListener(from);
            Request = from->request.id == 0 ? null : new Request(engine, from);
            Token = from->token;
            Value = from->value;
            Status = (Status)from->status;
            Opcode = (Opcode)from->opcode;
            Data = Memory.Bytes(from->data);
            Error = HawserException.From(from->error);
            Handshake = from->handshake == null ? null : new Handshake(from->handshake);
            Topic = Memory.Text(from->topic);
        }
    }
}
