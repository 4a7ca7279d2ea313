using System;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Hawser
{
    /// <summary>A listening socket.</summary>
    public sealed partial class Listener : IDisposable, Engine.IEntry
    {
        readonly Inbox<Connection> accepted = new Inbox<Connection>(_ => 0, _ => { }); // the engine bounds connections

        internal Listener(Engine engine, hws_listener handle, Action<HawserEvent> handler)
        {
            Engine = engine;
            Handle = handle;
            Handler = handler;
        }

        internal hws_listener Handle { get; }

        internal Action<HawserEvent> Handler { get; }

        public Engine Engine { get; }

        /// <summary>What it is bound to, "127.0.0.1:40213".</summary>
        public unsafe string Address
        {
            get
            {
                UIntPtr length;
                var text = stackalloc byte[512];
                HawserException.Check(Native.hws_listener_address(Handle, text, (UIntPtr)512, &length));
                return Encoding.UTF8.GetString(text, (int)length);
            }
        }

        internal void Take(HawserEvent happened)
        {
            if (happened.Kind == EventKind.ListenerClosed) End(null);
            Handler?.Invoke(happened);
        }

        internal void Opened(Connection connection)
        {
            if (Handler == null) accepted.Post(connection);
        }

        public void End(HawserException error) => accepted.End(error);

        /// <summary>The next connection that has opened; null when the listener is closed.</summary>
        public Task<Connection> AcceptAsync(CancellationToken cancel = default(CancellationToken)) => accepted.Take(cancel);

        /// <summary>Stops accepting; connections stay. Throws nothing.</summary>
        public unsafe void Dispose() => Native.hws_listener_close(Handle, null);
    }

    /// <summary>A request that waits for a decision: that of an event of <see cref="EventKind.Request"/>.</summary>
    public sealed partial class Request
    {
        Engine engine;
        Action<HawserEvent> handler;

        internal hws_request Handle { get; private set; }

        public ulong Id => Handle.id;

        internal static unsafe Request From(Engine engine, hws_event* from) => from->request.id == 0 ? null
            : new Request { engine = engine, Handle = from->request, handler = engine.FindListener(from)?.Handler };

        /// <summary>Grants it; events go to this handler, else to that of the listener.</summary>
        public Connection Accept(AcceptOptions options = null, Action<HawserEvent> handler = null) =>
            engine.Accept(Handle, options, handler ?? this.handler);
    }

    /// <summary>Client connections to one server, lent to one user at a time.</summary>
    public sealed partial class Pool : IDisposable
    {
        readonly Engine engine;

        public unsafe Pool(Engine engine, PoolOptions options)
        {
            hws_pool handle;
            using (var arena = new Arena())
                HawserException.Check(Native.hws_pool_new(engine.Handle, PoolOptions.Copy(options, arena), &handle));
            this.engine = engine;
            Handle = handle;
        }

        internal hws_pool Handle { get; }

        /// <summary>A connection to a target, "/path?query", or that of the pool's URI. It is yours until Release, or its end.</summary>
        /// <exception cref="PoolExhaustedException">None became free in time.</exception>
        public Task<Connection> AcquireAsync(string target = null, TimeSpan? timeout = null) =>
            engine.Acquire(Handle, target, Arena.Whole(timeout?.TotalMilliseconds));

        /// <summary>Gives it back, to be lent again unless reusable is false.</summary>
        public void Release(Connection connection, bool reusable = true)
        {
            HawserException.Check(Native.hws_pool_release(Handle, connection.Handle, reusable ? 1 : 0));
            engine.Leave(connection.Id)?.End(HawserException.Make(Status.InvalidHandle, "it was given back to its pool"));
        }

        /// <summary>Who waits gets a <see cref="PoolClosedException"/>; what is lent stays with its holder. Throws nothing.</summary>
        public void Dispose() => Native.hws_pool_free(Handle);
    }
}
