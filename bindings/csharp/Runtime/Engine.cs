using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Hawser
{
    /// <summary>Drives connections, listeners and pools. All methods may be called from any thread.</summary>
    /// <remarks>One made with <c>new</c> does its work, and calls handlers, in <see cref="Update"/>: call it once a frame. One made
    /// with <see cref="Start"/> has a thread that does so. Tasks go on wherever <c>await</c> takes them.</remarks>
    public sealed partial class Engine : IDisposable
    {
        internal interface IEntry { void End(HawserException error); }

        sealed class Lease : TaskCompletionSource<Connection>, IEntry
        {
            public Lease() : base(TaskCreationOptions.RunContinuationsAsynchronously) { }
            public void End(HawserException error) => TrySetException(error);
        }

        readonly hws_event[] batch = new hws_event[64];
        readonly object borrowing = new object(); // held while the batch points into the library's memory
        readonly Queue<HawserEvent> ready = new Queue<HawserEvent>();
        readonly Dictionary<ulong, IEntry> table = new Dictionary<ulong, IEntry>(); // by handle, or token of a lease
        int updating;
        volatile bool disposed;
        long tokens;

        internal hws_engine Handle { get; }

        /// <summary>Publish was called; with <see cref="EngineOptions.PublishEvents"/>.</summary>
        public event Action<HawserEvent> Published;

        /// <summary>A handler threw, on the engine's own thread. Without a subscriber that is a line on stderr.</summary>
        public event Action<HawserException> HandlerFailed;

        public Engine(EngineOptions options = null) => Handle = Library.First(() => New(options ?? new EngineOptions()));

        static unsafe hws_engine New(EngineOptions options)
        {
            hws_engine handle;
            using (var arena = new Arena())
                HawserException.Check(Native.hws_engine_new(EngineOptions.Copy(options, arena), &handle));
            return handle;
        }

        ~Engine()
        {
            if (Handle.id != 0) Native.hws_engine_free(Handle);
        }

        /// <summary>An engine with a thread of its own, which lives until Dispose.</summary>
        public static Engine Start(EngineOptions options = null)
        {
            var engine = new Engine(options);
            Library.AtExit += engine.Dispose; // Mono waits for its threads, and cannot stop one that is in the library
            new Thread(engine.Run) { IsBackground = true, Name = "hawser" }.Start();
            return engine;
        }

        void Run()
        {
            while (!disposed)
                try { Update(Timeout.Infinite); }
                catch (CallbackException e)
                {
                    try { (HandlerFailed ?? (error => Console.Error.WriteLine(error)))(e); }
                    catch (Exception again) { Console.Error.WriteLine(again); }
                }
                catch (HawserException e)
                {
                    End(e);
                    return;
                }
        }

        /// <summary>Does what is due, calls handlers, and returns how many events there were. Waits so many milliseconds for some;
        /// <see cref="Timeout.Infinite"/> is for ever.</summary>
        /// <exception cref="CallbackException">A handler threw; what came after that event comes with the next call.</exception>
        public int Update(int timeout = 0)
        {
            if (Interlocked.Exchange(ref updating, 1) != 0) throw HawserException.Make(Status.Concurrency, "Update is running already");
            try
            {
                if (ready.Count == 0) Poll(timeout);
                var count = 0;
                for (; ready.Count > 0 && !disposed; count++) Dispatch(ready.Dequeue());
                return count;
            }
            finally { Volatile.Write(ref updating, 0); }
        }

        unsafe void Poll(int timeout)
        {
            lock (borrowing)
                fixed (hws_event* events = batch)
                {
                    uint count, room = (uint)batch.Length;
                    if (disposed) timeout = 0;
                    HawserException.Check(Native.hws_poll(Handle, events, (UIntPtr)sizeof(hws_event), room, timeout, &count));
                    for (var i = 0; i < count; i++) ready.Enqueue(new HawserEvent(this, events + i));
                }
        }

        void Dispatch(HawserEvent happened)
        {
            try
            {
                happened.Connection?.Take(happened);
                if (happened.Kind == EventKind.PoolReady || happened.Kind == EventKind.PoolFailed) EndLease(happened);
                else if (happened.Kind == EventKind.Publish) Published?.Invoke(happened);
                else if (happened.Connection == null) happened.Listener?.Take(happened);
            }
            catch (Exception e) { throw Failed(happened, e); }
        }

        static unsafe HawserException Failed(HawserEvent happened, Exception thrown)
        {
            using (var arena = new Arena())
            {
                var raise = new hws_raise { struct_size = (uint)sizeof(hws_raise), status = (int)Status.Callback };
                raise.conn = happened.Connection?.Handle ?? default(hws_conn);
                raise.detail = arena.Text($"{happened.Kind}: {thrown.GetType()}: {thrown.Message}");
                Native.hws_error_raise(&raise);
                return HawserException.From(Native.hws_last_error(), thrown);
            }
        }

        /// <summary>Drops all connections at once, without Close frames. No further handler is called; what is awaited fails.</summary>
        public unsafe void Dispose()
        {
            disposed = true;
            Library.AtExit -= Dispose;
            Native.hws_wake(Handle); // whoever waits in Update
            lock (borrowing) Native.hws_engine_free(Handle);
            GC.SuppressFinalize(this);
            if (Native.hws_wake(Handle) != 0) End(HawserException.From(Native.hws_last_error()));
        }

        void End(HawserException error)
        {
            IEntry[] entries;
            lock (table)
            {
                entries = table.Values.ToArray();
                table.Clear();
            }
            foreach (var entry in entries) entry.End(error);
        }

        /// <summary>Begins to connect; a string is the URI. The handler gets every event of the connection; without one, messages
        /// wait for <see cref="Connection.ReceiveAsync"/>.</summary>
        public unsafe Connection Connect(ClientOptions options, Action<HawserEvent> handler = null)
        {
            hws_conn handle;
            using (var arena = new Arena())
                lock (table) // its first event may be on its way already
                {
                    HawserException.Check(Native.hws_connect(Handle, ClientOptions.Copy(options, arena), &handle));
                    return Enter(handle.id, new Connection(this, handle, handler));
                }
        }

        /// <summary>Connects, and is done when messages may be sent.</summary>
        public async Task<Connection> ConnectAsync(ClientOptions options, CancellationToken cancel = default(CancellationToken))
        {
            cancel.ThrowIfCancellationRequested();
            var connection = Connect(options);
            using (cancel.Register(connection.Drop))
            {
                var error = await connection.Opened.ConfigureAwait(false);
                if (error == null) return connection;
                cancel.ThrowIfCancellationRequested();
                throw error;
            }
        }

        /// <summary>Binds and listens; a string is the address. The handler gets every event of the listener and its connections;
        /// without one, connections wait for <see cref="Listener.AcceptAsync"/>.</summary>
        public unsafe Listener Listen(ServerOptions options, Action<HawserEvent> handler = null)
        {
            hws_listener handle;
            using (var arena = new Arena())
                lock (table)
                {
                    HawserException.Check(Native.hws_listen(Handle, ServerOptions.Copy(options, arena), &handle));
                    return Enter(handle.id, new Listener(this, handle, handler));
                }
        }

        internal unsafe Connection Accept(hws_request request, AcceptOptions options, Action<HawserEvent> handler)
        {
            hws_conn handle;
            using (var arena = new Arena())
                lock (table)
                {
                    HawserException.Check(Native.hws_request_accept(request, AcceptOptions.Copy(options, arena), &handle));
                    return Enter(handle.id, new Connection(this, handle, handler));
                }
        }

        internal unsafe Task<Connection> Acquire(hws_pool pool, string target, int timeout)
        {
            var token = NextToken();
            using (var arena = new Arena())
                lock (table)
                {
                    HawserException.Check(Native.hws_pool_acquire(pool, arena.Text(target), timeout, token));
                    return Enter(token, new Lease()).Task;
                }
        }

        void EndLease(HawserEvent happened)
        {
            var lease = Leave(happened.Token) as Lease;
            if (happened.Error != null) lease?.TrySetException(happened.Error);
            else lease?.TrySetResult(happened.Connection);
        }

        /// <summary>Unlike any handle, and any token below 2^63.</summary>
        internal ulong NextToken() => 1ul << 63 | (ulong)Interlocked.Increment(ref tokens);

        T Enter<T>(ulong key, T entry) where T : IEntry
        {
            table[key] = entry;
            return entry;
        }

        internal IEntry Leave(ulong key)
        {
            lock (table)
            {
                table.TryGetValue(key, out var entry);
                table.Remove(key);
                return entry;
            }
        }

        internal unsafe Listener FindListener(hws_event* from)
        {
            if (from->kind == (uint)EventKind.ListenerClosed) return Leave(from->listener.id) as Listener;
            lock (table) return table.TryGetValue(from->listener.id, out var entry) ? entry as Listener : null;
        }

        /// <summary>One that is not known has come from a listener or a pool.</summary>
        internal unsafe Connection FindConnection(hws_event* from)
        {
            if (from->conn.id == 0) return null;
            var isLast = from->kind == (uint)EventKind.Close || from->kind == (uint)EventKind.ConnectFailed;
            lock (table)
            {
                if (!table.TryGetValue(from->conn.id, out var entry))
                    entry = Enter(from->conn.id, new Connection(this, from->conn, FindListener(from)?.Handler));
                if (isLast) table.Remove(from->conn.id);
                return entry as Connection;
            }
        }

        /// <summary>Sends a text to all connections that have subscribed to a topic, and returns how many those are.</summary>
        public uint Publish(string topic, string text, PublishOptions options = null) =>
            Publish(topic, Opcode.Text, Memory.Utf8(text, Status.InvalidSend), options, out _);

        public static unsafe string LibraryVersion => Library.First(() => Memory.Text(Native.hws_version()));

        /// <summary>"tls", "pool", "reconnect": see hws_has_feature in hawser.h.</summary>
        public static unsafe bool HasFeature(string name) => Library.First(() =>
        {
            using (var arena = new Arena()) return Native.hws_has_feature(arena.Text(name).ptr) == 1;
        });
    }
}
