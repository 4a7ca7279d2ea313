using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Hawser
{
    /// <summary>Drives connections, listeners and pools. All methods may be called from any thread.</summary>
    /// <remarks>One made with <c>new</c> does its work, and calls handlers, in <see cref="Update"/>: call it once a frame. One made
    /// with <see cref="Start"/> has a thread that does so. Tasks go on wherever <c>await</c> takes them.</remarks>
    public sealed partial class Engine : IDisposable
    {
        readonly hws_event[] batch = new hws_event[256];
        readonly object borrowing = new object(); // held while the batch points into the library's memory
        readonly Queue<HawserEvent> ready = new Queue<HawserEvent>();
        readonly Dictionary<ulong, Member> members = new Dictionary<ulong, Member>();
        int updating;
        volatile bool disposed;
        long tokens;
        ulong Id { get; }

        /// <summary>Publish was called; with <see cref="EngineOptions.PublishEvents"/>.</summary>
        public event Action<HawserEvent> Published;

        /// <summary>A handler threw, on the engine's own thread. Without a subscriber that is a line on stderr.</summary>
        public event Action<HawserException> HandlerFailed;

        public Engine(EngineOptions options = null) => Id = Library.First(() => NewId(options ?? new EngineOptions()));

        ~Engine() { if (Id != 0) Native.hws_engine_free(Handle); }

        /// <summary>An engine with a thread of its own, which lives until Dispose.</summary>
        public static Engine Start(EngineOptions options = null)
        {
            var engine = new Engine(options);
            Library.AtExit += engine.Dispose; // Mono waits for threads, and cannot stop one that is in the library
            new Thread(engine.Run) { IsBackground = true, Name = "hawser" }.Start();
            return engine;
        }

        void Run()
        {
            while (!disposed)
                try { Update(Timeout.Infinite); }
                catch (CallbackException e)
                {
                    try { (HandlerFailed ?? Console.Error.WriteLine)(e); }
                    catch (Exception again) { Console.Error.WriteLine(again); }
                }
                catch (HawserException) { return; }
        }

        /// <summary>Does what is due, waits so many milliseconds for events, calls handlers, and returns how many there were.</summary>
        /// <exception cref="CallbackException">A handler threw; what came after that event comes with the next call.</exception>
        public int Update(int timeout = 0)
        {
            if (Interlocked.Exchange(ref updating, 1) != 0) throw HawserException.Make(Status.Concurrency, "Update is running already");
            try
            {
                if (ready.Count == 0 || disposed) Poll(timeout);
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
                    uint count, size = (uint)sizeof(hws_event), room = (uint)batch.Length;
                    if (Native.hws_poll(Handle, events, (UIntPtr)size, room, disposed ? 0 : timeout, &count) != 0) throw Stop();
                    for (var i = 0; i < count; i++) ready.Enqueue(new HawserEvent(this, events + i));
                }
        }

        unsafe void Dispatch(HawserEvent happened)
        {
            try
            {
                if (happened.Kind == EventKind.Publish) Published?.Invoke(happened);
                else (FindLease(happened.Token) ?? (Member)happened.Connection ?? happened.Listener)?.Take(happened);
            }
            catch (Exception e) when (!(e is ThreadAbortException)) // with which Mono ends threads, and the process
            {
                var raise = new hws_raise { struct_size = (uint)sizeof(hws_raise), status = (int)Status.Callback };
                raise.conn.id = happened.Connection?.Id ?? 0;
                using (var arena = new Arena())
                {
                    raise.detail = arena.Text($"{happened.Kind}: {e.GetType()}: {e.Message}");
                    Native.hws_error_raise(&raise);
                    throw HawserException.From(Native.hws_last_error(), e);
                }
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
            if (Native.hws_wake(Handle) != 0) Stop();
        }

        /// <summary>What is awaited fails as the last call did.</summary>
        unsafe HawserException Stop()
        {
            var error = HawserException.From(Native.hws_last_error());
            List<Member> all;
            lock (members) all = new List<Member>(members.Values);
            all.ForEach(member => member.End(error));
            return error;
        }

        /// <summary>Begins to connect; a string is the URI. The handler gets all events; without, ReceiveAsync gets messages.</summary>
        public Connection Connect(ClientOptions options, Action<HawserEvent> handler = null) =>
            Enter(() => new Connection(this, ConnectId(options), handler));

        /// <summary>Connects, and is done when messages may be sent.</summary>
        public async Task<Connection> ConnectAsync(ClientOptions options, CancellationToken cancel = default(CancellationToken))
        {
            var connection = Connect(options);
            using (cancel.Register(() => Native.hws_abort(connection.Handle)))
            {
                var first = await connection.Opened.ConfigureAwait(false);
                if (first.Error == null) return connection;
                cancel.ThrowIfCancellationRequested();
                throw first.Error;
            }
        }

        /// <summary>Binds and listens; a string is the address. The handler gets all events, also those of connections that it
        /// accepts; without one, AcceptAsync gets the connections.</summary>
        public Listener Listen(ServerOptions options, Action<HawserEvent> handler = null) =>
            Enter(() => new Listener(this, ListenId(options), handler));

        /// <summary>Sends a text to all connections that have subscribed to a topic, and returns how many those are.</summary>
        public uint Publish(string topic, string text, PublishOptions options = null) =>
            Publish(topic, Opcode.Text, Memory.Utf8(text), options, out _);

        /// <summary>Unlike any handle, and any token below 2^63.</summary>
        internal ulong NextToken() => 1ul << 63 | (ulong)Interlocked.Increment(ref tokens);

        /// <summary>Makes something whose first event may be on its way to another thread by then.</summary>
        internal T Enter<T>(Func<T> make) where T : Member
        {
            lock (members)
            {
                var member = make();
                members[member.Id] = member;
                return member;
            }
        }

        internal void Leave(ulong id) { lock (members) members.Remove(id); }
        Member Find(ulong id) { lock (members) return members.TryGetValue(id, out var member) ? member : null; }
        Lease FindLease(ulong token) => token >> 63 == 1 ? Find(token) as Lease : null;
        internal unsafe Listener FindListener(hws_event* from) => Find(from->listener.id) as Listener;

        /// <summary>One that is not known has come from a listener or a pool.</summary>
        internal unsafe Connection FindConnection(hws_event* from) => from->conn.id == 0 ? null :
            (Connection)Find(from->conn.id) ?? Came(from->conn.id, FindListener(from)?.Handler);

        Connection Came(ulong id, Action<HawserEvent> handler) => Enter(() => new Connection(this, id, handler));
    }
}
