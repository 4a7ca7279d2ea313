using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Hawser
{
    /// <summary>A connection, of either side. All methods may be called from any thread; on one that has ended they throw
    /// <see cref="ConnectionClosedException"/> or <see cref="InvalidHandleException"/>.</summary>
    public sealed partial class Connection : IDisposable, Engine.IEntry
    {
        readonly Action<HawserEvent> handler;
        readonly Inbox<HawserEvent> inbox;
        readonly TaskCompletionSource<HawserException> opened = Source<HawserException>(), closed = Source<HawserException>();
        readonly Dictionary<ulong, TaskCompletionSource<TimeSpan>> pings = new Dictionary<ulong, TaskCompletionSource<TimeSpan>>();
        TaskCompletionSource<bool> writable = Source<bool>();

        internal Connection(Engine engine, hws_conn handle, Action<HawserEvent> handler)
        {
            Engine = engine;
            Handle = handle;
            this.handler = handler;
            inbox = new Inbox<HawserEvent>(item => item.Data.Length + 256, paused => Native.hws_conn_pause(handle, paused ? 1 : 0));
        }

        static TaskCompletionSource<T> Source<T>() => new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);

        internal hws_conn Handle { get; }

        public Engine Engine { get; }

        public ulong Id => Handle.id;

        /// <summary>For whatever you like.</summary>
        public object Tag { get; set; }

        /// <summary>What was agreed when it opened; null before.</summary>
        public Handshake Handshake { get; private set; }

        /// <summary>Done with null when it has opened, or with the reason when it could not.</summary>
        public Task<HawserException> Opened => opened.Task;

        /// <summary>Done with the reason when it has ended: a <see cref="ClosedOkException"/> if that was a clean close.</summary>
        public Task<HawserException> Closed => closed.Task;

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

        internal void Take(HawserEvent happened)
        {
            switch (happened.Kind)
            {
                case EventKind.Open:
                case EventKind.PoolReady:
                    Handshake = happened.Handshake;
                    opened.TrySetResult(null);
                    happened.Listener?.Opened(this);
                    break;
                case EventKind.Message:
                case EventKind.Fragment:
                    if (handler == null) inbox.Post(happened);
                    break;
                case EventKind.Writable:
                    Interlocked.Exchange(ref writable, Source<bool>()).TrySetResult(true);
                    break;
                case EventKind.Pong:
                    EndPings(happened.Token, ping => ping.TrySetResult(TimeSpan.FromTicks((long)happened.Value * 10)));
                    break;
                case EventKind.Reconnecting:
                    EndPings(null, ping => ping.TrySetException(happened.Error));
                    break;
                case EventKind.Close:
                case EventKind.ConnectFailed:
                    End(happened.Error);
                    break;
            }
            handler?.Invoke(happened);
        }

        /// <summary>All that is awaited is over.</summary>
        public void End(HawserException error)
        {
            closed.TrySetResult(error);
            opened.TrySetResult(error);
            inbox.End(error is ClosedOkException ? null : error);
            writable.TrySetResult(true);
            EndPings(null, ping => ping.TrySetException(error));
        }

        void EndPings(ulong? token, Action<TaskCompletionSource<TimeSpan>> end)
        {
            lock (pings)
                foreach (var key in pings.Keys.Where(key => key == (token ?? key)).ToArray())
                {
                    end(pings[key]);
                    pings.Remove(key);
                }
        }

        /// <summary>Sends a text message. It is queued whole or not at all.</summary>
        public void Send(string text, SendOptions options = null) => Send(Opcode.Text, Utf8(text), options);

        /// <summary>Sends a binary message.</summary>
        public void Send(byte[] data, SendOptions options = null) => Send(Opcode.Binary, new ArraySegment<byte>(data), options);

        /// <summary>Sends a message, a fragment, a ping or a pong.</summary>
        /// <exception cref="SendQueueFullException">The peer is slow; <see cref="EventKind.Writable"/> follows.</exception>
        public unsafe void Send(Opcode opcode, ArraySegment<byte> data, SendOptions options = null)
        {
            var native = new hws_send_options { struct_size = (uint)sizeof(hws_send_options) };
            options?.Fill(&native, null);
            fixed (byte* start = data.Array)
                HawserException.Check(Native.hws_send(Handle, (uint)opcode, start + data.Offset, (UIntPtr)data.Count, &native));
        }

        static ArraySegment<byte> Utf8(string text) => new ArraySegment<byte>(Memory.Utf8(text, Status.InvalidSend));

        public Task SendAsync(string text, SendOptions options = null) => SendAsync(Opcode.Text, Utf8(text), options);

        public Task SendAsync(byte[] data, SendOptions options = null) => SendAsync(Opcode.Binary, new ArraySegment<byte>(data), options);

        /// <summary>Sends as soon as the queue has room. Await it, or the order of messages is up to chance.</summary>
        public async Task SendAsync(Opcode opcode, ArraySegment<byte> data, SendOptions options = null)
        {
            while (true)
            {
                var room = Volatile.Read(ref writable).Task; // before the attempt: it may come right behind the refusal
                try
                {
                    Send(opcode, data, options);
                    return;
                }
                catch (SendQueueFullException e) when ((ulong)(e.Size ?? 0) <= e.Capacity) { } // else it never fits
                await room.ConfigureAwait(false);
            }
        }

        /// <summary>The next message, or fragment with <see cref="Limits.DeliverFragments"/>; null after a clean close. What waits
        /// for this is bounded: from a MiB on the peer is slowed down.</summary>
        /// <exception cref="HawserException">Why it ended, if that was no clean close.</exception>
        public Task<HawserEvent> ReceiveAsync(CancellationToken cancel = default(CancellationToken)) =>
            handler == null ? inbox.Take(cancel) : throw HawserException.Make(Status.InvalidState, "its handler gets the messages");

        /// <summary>Sends a ping; done when it is answered, with the round trip.</summary>
        public Task<TimeSpan> PingAsync()
        {
            var (token, pong) = (Engine.NextToken(), Source<TimeSpan>());
            lock (pings) // so that the answer waits
            {
                Send(Opcode.Ping, new ArraySegment<byte>(BitConverter.GetBytes(token)), new SendOptions { Token = token });
                pings[token] = pong;
            }
            return pong.Task;
        }

        /// <summary>Closes; done, with the reason, when it has ended.</summary>
        public Task<HawserException> CloseAsync(uint code = 1000, string reason = null)
        {
            if (!Closed.IsCompleted) Close(code, reason);
            return Closed;
        }

        internal void Drop() => Native.hws_abort(Handle);

        /// <summary>Begins to close, with 1000, if it is not closed. Throws nothing.</summary>
        public void Dispose() => Native.hws_close(Handle, 1000, default(hws_str));
    }
}
