// Made from include/hawser.h and the status table by `HAWSER_BLESS=1 cargo test --test bindings`; do not edit.

using System;
using System.Collections.Generic;
using System.Text;

namespace Hawser
{
    public sealed partial class Engine
    {
        internal hws_engine Handle => new hws_engine { id = Id };

        internal static unsafe ulong NewId(EngineOptions options = null)
        {
            hws_engine outEngine;
            using (var arena = new Arena())
                HawserException.Check(Native.hws_engine_new(EngineOptions.Copy(options, arena), &outEngine));
            return outEngine.id;
        }

        internal unsafe ulong ConnectId(ClientOptions options = null)
        {
            hws_conn outConn;
            using (var arena = new Arena())
                HawserException.Check(Native.hws_connect(Handle, ClientOptions.Copy(options, arena), &outConn));
            return outConn.id;
        }

        internal unsafe ulong ListenId(ServerOptions options = null)
        {
            hws_listener outListener;
            using (var arena = new Arena())
                HawserException.Check(Native.hws_listen(Handle, ServerOptions.Copy(options, arena), &outListener));
            return outListener.id;
        }

        internal unsafe ulong PoolId(PoolOptions options = null)
        {
            hws_pool outPool;
            using (var arena = new Arena())
                HawserException.Check(Native.hws_pool_new(Handle, PoolOptions.Copy(options, arena), &outPool));
            return outPool.id;
        }

        /// <summary>Makes a waiting Engine.Update, or else the next one, return at once. Several calls may make one poll return.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, FORKED, PANIC.</exception>
        public unsafe void Wake()
        {
            HawserException.Check(Native.hws_wake(Handle));
        }

        /// <summary>Sends a message, Opcode.Text or Opcode.Binary, to all connections that have subscribed to a topic: those of the engine, and of
        /// engines that share its topics. It is made and compressed once, not once for each, and leaves with the next Engine.Update at
        /// the latest. Who cannot take it goes without and is skipped: without room in its send queue (see
        /// Limits.SlowSubscriber), in the middle of a fragmented message, or closing. options, reached and skipped may be null.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, STRUCT_SIZE, NO_MEMORY, FORKED, PANIC; INVALID_ARGUMENT, also for a topic that is empty, longer
        /// than 1024 bytes or has a wildcard; INVALID_SEND for text that is not UTF-8; QUEUE_FULL when the events
        /// of EngineOptions.PublishEvents are not polled. Nobody got it then.</exception>
        public unsafe uint Publish(string topic, Opcode opcode, ArraySegment<byte> data, PublishOptions options, out uint skipped)
        {
            uint reached;
            uint skippedValue;
            using (var arena = new Arena())
                fixed (byte* start = data.Array)
                    HawserException.Check(Native.hws_publish(Handle, arena.Text(topic), (uint)opcode, start + data.Offset, (UIntPtr)data.Count, PublishOptions.Copy(options, arena), &reached, &skippedValue));
            skipped = skippedValue;
            return reached;
        }

        /// <summary>How many connections something that is published to a topic would go to: those that have subscribed, in the engine and
        /// in engines that share its topics.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.</exception>
        public unsafe uint TopicSubscribers(string topic)
        {
            uint count;
            using (var arena = new Arena())
                HawserException.Check(Native.hws_topic_subscribers(Handle, arena.Text(topic), &count));
            return count;
        }

        /// <summary>How many connections of listeners, of all that this engine has had, failed to open with this status or one that is-a it.
        /// Status.Error counts them all; those that are dropped because too many are being refused already count too.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, INVALID_ARGUMENT, also when status is no error; FORKED, PANIC.</exception>
        public unsafe ulong Refusals(Status status)
        {
            ulong count;
            HawserException.Check(Native.hws_engine_refusals(Handle, (int)status, &count));
            return count;
        }

        /// <summary>Counters of an engine: of all connections that are and were.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC.</exception>
        public unsafe Stats Stats
        {
            get
            {
                var known = new hws_stats { struct_size = (uint)sizeof(hws_stats) };
                HawserException.Check(Native.hws_engine_stats(Handle, &known));
                return new Stats(&known);
            }
        }

        /// <summary>The version of the library, "0.1.0".</summary>
        public static unsafe string LibraryVersion => Library.First(() => Memory.Text(Native.hws_version()));

        /// <summary>1 if the library can do this, else 0: "client", "server", "tls", "proxy", "deflate", "routes", "topics", "pool",
        /// "reconnect", "io_thread", "unix", "allocator", "pollable"; "ring" or "aws-lc-rs", whichever does TLS's cryptography.</summary>
        /// <exception cref="HawserException">None; null is no feature.</exception>
        public static unsafe bool HasFeature(string name) => Library.First(() =>
        {
            using (var arena = new Arena()) return Native.hws_has_feature(arena.Text(name).ptr) == 1;
        });
    }

    public sealed partial class Connection
    {
        internal hws_conn Handle => new hws_conn { id = Id };

        /// <summary>Sends a message: Opcode.Text, Opcode.Binary, a Opcode.Ping or Opcode.Pong of up to 125 bytes, or with SendFlags.More a
        /// fragment, whose followers are Opcode.Cont. It is queued whole or not at all, and leaves with the next Engine.Update at
        /// the latest. options may be null.
        ///
        /// With Reconnect.BufferMax whole text and binary messages are taken while the connection is not open, too, and leave
        /// when it is.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, NO_MEMORY, FORKED, PANIC; INVALID_STATE before OPEN, and while the
        /// connection reconnects; BUFFER_OVERFLOW where what is to wait has no room; RECONNECT_DISABLED for what is to be sent
        /// again, on a connection that does not come back;
        /// CONNECTION_CLOSED once it closes; INVALID_SEND for what no frame may hold, such as text that is not UTF-8;
        /// SEND_QUEUE_FULL over Limits.SendQueueMax (WRITABLE follows, unless the message alone is larger);
        /// CONCURRENCY for a message inside a fragmented one, or a ping whose payload is on its way already.</exception>
        public unsafe void Send(Opcode opcode, ArraySegment<byte> data, SendOptions options = null)
        {
            using (var arena = new Arena())
                fixed (byte* start = data.Array)
                    HawserException.Check(Native.hws_send(Handle, (uint)opcode, start + data.Offset, (UIntPtr)data.Count, SendOptions.Copy(options, arena)));
        }

        /// <summary>Begins the closing handshake, RFC 6455 section 7: what is queued leaves first, then a Close frame. code 0 is 1000;
        /// the reason has up to 123 bytes. CLOSE follows within Timers.Close. A connection that is not open yet is dropped
        /// and CONNECT_FAILED follows; one that is closing already goes on with that. A pause ends: the peer's answer must be read.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC; INVALID_SEND for a code or reason that may not be sent.</exception>
        public unsafe void Close(uint code = 1000, string reason = null)
        {
            using (var arena = new Arena()) HawserException.Check(Native.hws_close(Handle, code, arena.Text(reason)));
        }

        /// <summary>Drops a connection at once, without a Close frame and with what is queued. CLOSE or CONNECT_FAILED follows.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, FORKED, PANIC.</exception>
        public unsafe void Abort()
        {
            HawserException.Check(Native.hws_abort(Handle));
        }

        /// <summary>Stops taking messages from a connection (paused not 0), or takes them again. Meanwhile nothing is read, so that
        /// the peer is slowed down; keepalive pings rest; what is queued goes on leaving, and SENT and WRITABLE come. Events that
        /// Engine.Update has already delivered are not taken back; those that wait beyond a batch are held. Before a deadline or a broken
        /// transport ends a paused connection, what had arrived is delivered. In a connection that
        /// reconnects there is nothing to pause: the OPEN that tells of its return ends every pause, and a call before that has no
        /// effect.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, FORKED, PANIC.</exception>
        public unsafe void Pause(bool paused = true)
        {
            HawserException.Check(Native.hws_conn_pause(Handle, paused ? 1 : 0));
        }

        /// <summary>Where a connection stands: one of State.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.</exception>
        public unsafe State State
        {
            get
            {
                uint state;
                if (Closed.IsCompleted) return State.Closed;
                HawserException.Check(Native.hws_conn_state(Handle, &state));
                return (State)state;
            }
        }

        /// <summary>Subscribes a connection to a topic: from now on it gets what is published to it. Topics are levels between slashes, as
        /// in MQTT: "chat/room 7". Here + may stand for any one level, and # at the end for all that follow, and for none:
        /// "chat/#" is "chat", too. However many of its subscriptions fit, a connection gets a message once. They end with the
        /// connection. Twice the same is one.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, FORKED, PANIC; INVALID_ARGUMENT for a topic that is empty, longer than 1024 bytes, not UTF-8, or
        /// has a NUL or a wildcard elsewhere; INVALID_STATE before OPEN; CONNECTION_CLOSED once it closes; TOO_MANY_SUBSCRIPTIONS
        /// over Limits.SubscriptionsMax.</exception>
        public unsafe void Subscribe(string topic)
        {
            using (var arena = new Arena()) HawserException.Check(Native.hws_subscribe(Handle, arena.Text(topic)));
        }

        /// <summary>Takes a subscription back, written as it was subscribed to; an empty topic stands for all of the connection's. One that
        /// there is not is no error.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.</exception>
        public unsafe void Unsubscribe(string topic)
        {
            using (var arena = new Arena()) HawserException.Check(Native.hws_unsubscribe(Handle, arena.Text(topic)));
        }

        /// <summary>Opens a connection again that was made with ClientOptions.Reconnect. While it is down, this is the next attempt,
        /// whatever was decided before; an attempt that is being made is given up. While it is open, what is queued leaves, the
        /// closing handshake is done, and it is opened anew; with After at that time, unless it is lost before, and a later
        /// call replaces that, and MaxAge too. RECONNECTING and OPEN follow. options may be null.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, INVALID_URI, FORKED, PANIC; INVALID_HEADER_VALUE for headers that
        /// cannot be sent; INVALID_SEND for a code or reason that may not be sent; RECONNECT_DISABLED for a connection that was not
        /// made to come back, or has ended; CONNECTION_CLOSED after Connection.Close.</exception>
        public unsafe void Reconnect(ReconnectOptions options = null)
        {
            using (var arena = new Arena())
                HawserException.Check(Native.hws_conn_reconnect(Handle, ReconnectOptions.Copy(options, arena)));
        }

        /// <summary>With Replay.OnRequest, once a connection has come back: what was sent before, with a token up to after_token, has
        /// arrived; all else that the peer is not known to have read is sent again in its order, and then what was sent while
        /// the connection was down. Until this is called that waits, too; what is sent meanwhile leaves at once. Tokens are those of
        /// SendOptions, ascending; messages without one are always sent again.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, FORKED, PANIC; INVALID_STATE for a connection that is not open, or whose replay is not on
        /// request; CONNECTION_CLOSED while it closes; RECONNECT_DISABLED for one that was not made to come back, or has ended.</exception>
        public unsafe void Replay(ulong afterToken)
        {
            HawserException.Check(Native.hws_conn_replay(Handle, afterToken));
        }

        /// <summary>Ends what SendFlags.Again began: the message with this token is not sent any more when the connection is open again. 0:
        /// none of them is. A token that is not there is no error.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, FORKED, PANIC; RECONNECT_DISABLED for a connection that was not made to come back, or has ended.</exception>
        public unsafe void Forget(ulong token)
        {
            HawserException.Check(Native.hws_conn_forget(Handle, token));
        }

        /// <summary>Counters of a connection.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC.</exception>
        public unsafe Stats Stats
        {
            get
            {
                var known = new hws_stats { struct_size = (uint)sizeof(hws_stats) };
                HawserException.Check(Native.hws_conn_stats(Handle, &known));
                return new Stats(&known);
            }
        }
    }

    public sealed partial class Listener
    {
        internal hws_listener Handle => new hws_listener { id = Id };

        /// <summary>Writes the address that a listener is bound to, "127.0.0.1:40213".</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, INVALID_ARGUMENT, also for a cap that is too small (*needed is set then);
        /// INVALID_STATE when it is closed; FORKED, PANIC.</exception>
        public unsafe string Address
        {
            get
            {
                var text = stackalloc byte[512];
                UIntPtr length;
                HawserException.Check(Native.hws_listener_address(Handle, text, (UIntPtr)512, &length));
                return Encoding.UTF8.GetString(text, (int)length);
            }
        }

        /// <summary>Stops accepting; LISTENER_CLOSED follows. drain may be null: connections that are open, or being opened, stay.
        ///
        /// With it they end: open ones are closed with its code and reason, clients in their opening handshake are answered 503,
        /// and so are those whom the system has accepted for us already, unless bind was "fd:": they stay with whoever holds the
        /// socket. What has not ended after Drain is cut off. LISTENER_CLOSED comes behind the last events of all these
        /// connections; its value is how many of the open ones ended with a completed closing handshake, its token how many were
        /// cut off without one.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; INVALID_SEND for a code or reason that may not be
        /// sent; INVALID_STATE when it is closed, or closing, already.</exception>
        public unsafe void Close(DrainOptions drain = null)
        {
            using (var arena = new Arena())
                HawserException.Check(Native.hws_listener_close(Handle, DrainOptions.Copy(drain, arena)));
        }

        /// <summary>From here on new connections of a listener open with this certificate and these rules; those that are open, or
        /// being opened, keep theirs.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; IO for a file that cannot be read; INVALID_STATE
        /// when the listener is closed, or plain. After an error the listener goes on as before.</exception>
        public unsafe void SetTls(Tls tls)
        {
            using (var arena = new Arena())
                HawserException.Check(Native.hws_listener_set_tls(Handle, Tls.Copy(tls, arena)));
        }
    }

    public sealed partial class Request
    {
        internal hws_request Handle => new hws_request { id = Id };

        internal unsafe ulong AcceptId(AcceptOptions options = null)
        {
            hws_conn outConn;
            using (var arena = new Arena())
                HawserException.Check(Native.hws_request_accept(Handle, AcceptOptions.Copy(options, arena), &outConn));
            return outConn.id;
        }

        /// <summary>Answers the request of a REQUEST event with a response of your own, and opens nothing: 200 for a health check, 401
        /// with WWW-Authenticate, 302 with Location. ACCEPT_FAILED with HANDSHAKE_ABORTED follows when the peer has it.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, also when the peer has left or the time is up; INVALID_ARGUMENT, STRUCT_SIZE,
        /// INVALID_HEADER_VALUE, NO_MEMORY, FORKED, PANIC. After an error other than INVALID_HANDLE the request still waits.</exception>
        public unsafe void Respond(Response response)
        {
            using (var arena = new Arena())
                HawserException.Check(Native.hws_request_respond(Handle, Response.Copy(response, arena)));
        }
    }

    public sealed partial class Pool
    {
        internal hws_pool Handle => new hws_pool { id = Id };

        internal unsafe void Ask(string target, TimeSpan? timeout, ulong token)
        {
            using (var arena = new Arena())
                HawserException.Check(Native.hws_pool_acquire(Handle, arena.Text(target), checked((int)Math.Ceiling(timeout?.TotalMilliseconds ?? 0)), token));
        }

        internal unsafe void Return(Connection conn, bool reusable)
        {
            HawserException.Check(Native.hws_pool_release(Handle, conn.Handle, reusable ? 1 : 0));
        }

        /// <summary>What there is in a pool, and what has been.</summary>
        /// <exception cref="HawserException">INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; POOL_CLOSED after Pool.Dispose.</exception>
        public unsafe PoolCounts Stats
        {
            get
            {
                var known = new hws_pool_counts { struct_size = (uint)sizeof(hws_pool_counts) };
                HawserException.Check(Native.hws_pool_stats(Handle, &known));
                return new PoolCounts(&known);
            }
        }
    }

    /// <summary>Options for a kind of use. Change what you like, and pass them on.</summary>
    public sealed class Preset
    {
        public Timers Timers { get; private set; }

        public Limits Limits { get; private set; }

        public Compression Compression { get; private set; }

        public Reconnect Reconnect { get; private set; }

        /// <summary>Fills option structs from a preset: "realtime" for feeds and games, "dashboard" for pages that people look at, "mobile"
        /// for phones. Fields that it has no opinion on become 0, their default. Change what you like, and pass the structs on;
        /// docs/presets.md has each value with its reason.</summary>
        /// <exception cref="HawserException">INVALID_ARGUMENT, also for a name that is none: detail lists them; STRUCT_SIZE.</exception>
        public Preset(string name) => Library.First(() => Get(name));

        unsafe bool Get(string name)
        {
            var preset = new hws_preset { struct_size = (uint)sizeof(hws_preset) };
            var timers = new hws_timers { struct_size = (uint)sizeof(hws_timers) };
            preset.timers = &timers;
            var limits = new hws_limits { struct_size = (uint)sizeof(hws_limits) };
            preset.limits = &limits;
            var compression = new hws_compression { struct_size = (uint)sizeof(hws_compression) };
            preset.compression = &compression;
            var reconnect = new hws_reconnect { struct_size = (uint)sizeof(hws_reconnect) };
            preset.reconnect = &reconnect;
            using (var arena = new Arena()) HawserException.Check(Native.hws_preset_get(arena.Text(name), &preset));
            Timers = new Timers(&timers);
            Limits = new Limits(&limits);
            Compression = new Compression(&compression);
            Reconnect = new Reconnect(&reconnect);
            return true;
        }
    }
}
