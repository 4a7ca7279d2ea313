using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Hawser
{
    /// <summary>A connection, of either side. All methods may be called from any thread.</summary>
    public sealed partial class Connection : Member, IDisposable
    {
        readonly Inbox<HawserEvent> inbox = new Inbox<HawserEvent>();
        readonly List<(Func<HawserEvent, bool> Condition, TaskCompletionSource<HawserEvent> Task)> awaited =
            new List<(Func<HawserEvent, bool>, TaskCompletionSource<HawserEvent>)>();
        Task<HawserEvent> end;
        long waiting;
        bool paused;

        internal Connection(Engine engine, ulong id, Action<HawserEvent> handler) : base(engine, id, handler)
        {
            Opened = When(e => e.Kind == EventKind.Open || e.Kind == EventKind.PoolReady || e.IsLast);
            Closed = When(e => e.IsLast);
        }

        /// <summary>What was agreed when it opened; null before.</summary>
        public Handshake Handshake { get; internal set; }

        /// <summary>Done when it has opened, or could not: then the event has the reason.</summary>
        public Task<HawserEvent> Opened { get; }

        /// <summary>Done when it has ended. Its error is a <see cref="ClosedOkException"/> if that was a clean close.</summary>
        public Task<HawserEvent> Closed { get; }

        /// <summary>The next event that is such; if none comes, it fails with the reason of the end.</summary>
        public Task<HawserEvent> When(Func<HawserEvent, bool> condition)
        {
            var waiter = new TaskCompletionSource<HawserEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (awaited)
            {
                if (end == null) awaited.Add((condition, waiter));
                return end ?? waiter.Task;
            }
        }

        internal override void Take(HawserEvent happened)
        {
            Handshake = happened.Handshake ?? Handshake;
            lock (awaited)
                for (var i = awaited.Count - 1; i >= 0; i--)
                {
                    var (condition, task) = awaited[i];
                    try { if (!condition(happened) || !task.TrySetResult(happened)) continue; }
                    catch (Exception e) { task.TrySetException(e); }
                    awaited.RemoveAt(i);
                }
            if (happened.IsLast) End(happened.Error);
            if (Handler != null) Handler(happened);
            else if (happened.Kind == EventKind.Open) happened.Listener?.Accepted.Post(this);
            else if (happened.Kind == EventKind.Message || happened.Kind == EventKind.Fragment)
            {
                Count(happened, 1);
                inbox.Post(happened);
            }
        }

        /// <summary>When more than a MiB waits, the peer has to wait, too, until half of it is taken.</summary>
        void Count(HawserEvent message, int sign)
        {
            lock (inbox)
            {
                waiting += sign * (message.Data.Length + 256L);
                if (waiting > (paused ? 1 << 19 : 1 << 20) != paused) Native.hws_conn_pause(Handle, (paused = !paused) ? 1 : 0);
            }
        }

        internal override void Over(HawserException error)
        {
            lock (awaited)
            {
                end = Task.FromException<HawserEvent>(error);
                foreach (var waiter in awaited) waiter.Task.TrySetException(error);
                awaited.Clear();
            }
            inbox.End(error is ClosedOkException ? null : error);
        }

        /// <summary>Sends a text message. It is queued whole or not at all.</summary>
        public void Send(string text, SendOptions options = null) => Send(Opcode.Text, Memory.Utf8(text), options);

        /// <summary>Sends a binary message.</summary>
        public void Send(byte[] data, SendOptions options = null) => Send(Opcode.Binary, new ArraySegment<byte>(data), options);

        public Task SendAsync(string text, SendOptions options = null) => SendAsync(Opcode.Text, Memory.Utf8(text), options);
        public Task SendAsync(byte[] data, SendOptions options = null) => SendAsync(Opcode.Binary, new ArraySegment<byte>(data), options);

        /// <summary>Sends as soon as the queue has room. Await it, or the order of messages is up to chance.</summary>
        public async Task SendAsync(Opcode opcode, ArraySegment<byte> data, SendOptions options = null)
        {
            while (!TrySend(opcode, data, options))
            {
                var room = When(e => e.Kind == EventKind.Writable);
                if (TrySend(opcode, data, options)) return; // else Writable comes behind this refusal, if it has not come yet
                await room.ConfigureAwait(false);
            }
        }

        bool TrySend(Opcode opcode, ArraySegment<byte> data, SendOptions options)
        {
            try { Send(opcode, data, options); }
            catch (SendQueueFullException e) when ((ulong)(e.Size ?? 0) <= e.Capacity) { return false; } // else it never fits
            return true;
        }

        /// <summary>The next message (or fragment); null when it has ended with a clean close, an exception if otherwise.</summary>
        public async Task<HawserEvent> ReceiveAsync(CancellationToken cancel = default(CancellationToken))
        {
            if (Handler != null) throw HawserException.Make(Status.InvalidState, "its handler gets the messages");
            var received = await inbox.Take(cancel).ConfigureAwait(false);
            if (received != null) Count(received, -1);
            return received;
        }

        /// <summary>Sends a ping; done when it is answered, with the round trip.</summary>
        public async Task<TimeSpan> PingAsync()
        {
            var token = Engine.NextToken();
            Task<HawserEvent> answer;
            lock (awaited) // the answer has to wait
            {
                Send(Opcode.Ping, new ArraySegment<byte>(BitConverter.GetBytes(token)), new SendOptions { Token = token });
                answer = When(e => e.Kind == EventKind.Reconnecting || e.Kind == EventKind.Pong && e.Token == token);
            }
            var pong = await answer.ConfigureAwait(false);
            return pong.Error == null ? TimeSpan.FromTicks((long)pong.Value * 10) : throw pong.Error;
        }

        /// <summary>Closes; done, with the reason, when it has ended.</summary>
        public async Task<HawserException> CloseAsync(uint code = 1000, string reason = null)
        {
            try { Close(code, reason); }
            catch (InvalidHandleException) { } // it has ended, or the engine has
            return (await Closed.ConfigureAwait(false)).Error;
        }

        /// <summary>Begins to close, with 1000, if it is not closed. Throws nothing.</summary>
        public void Dispose() => Native.hws_close(Handle, 1000, default(hws_str));
    }
}
