using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;

namespace Hawser
{
    /// <summary>Something that an engine has, and that has events.</summary>
    public abstract class Member
    {
        internal Member(Engine engine, ulong id, Action<HawserEvent> handler = null)
        {
            Engine = engine;
            Id = id;
            Handler = handler;
        }

        public Engine Engine { get; }
        public ulong Id { get; }
        internal Action<HawserEvent> Handler { get; }

        internal virtual void Take(HawserEvent happened) { }
        internal virtual void Over(HawserException error) { }

        internal void End(HawserException error)
        {
            Engine.Leave(Id);
            Over(error);
        }
    }

    /// <summary>A listening socket.</summary>
    public sealed partial class Listener : Member, IDisposable
    {
        internal Listener(Engine engine, ulong id, Action<HawserEvent> handler) : base(engine, id, handler) { }
        internal Inbox<Connection> Accepted { get; } = new Inbox<Connection>();

        internal override void Take(HawserEvent happened)
        {
            if (happened.Kind == EventKind.ListenerClosed) End(null);
            Handler?.Invoke(happened);
        }

        internal override void Over(HawserException error) => Accepted.End(error);

        /// <summary>The next connection that has opened; null when the listener is closed.</summary>
        public Task<Connection> AcceptAsync(CancellationToken cancel = default(CancellationToken)) => Accepted.Take(cancel);

        /// <summary>Stops accepting; connections stay. Throws nothing.</summary>
        public unsafe void Dispose() => Native.hws_listener_close(Handle, null);
    }

    /// <summary>A request that waits for a decision: that of an event of <see cref="EventKind.Request"/>.</summary>
    public sealed partial class Request : Member
    {
        internal unsafe Request(Engine engine, hws_event* from)
            : base(engine, from->request.id, engine.FindListener(from)?.Handler) { }

        /// <summary>Grants it; events go to this handler, else to that of the listener.</summary>
        public Connection Accept(AcceptOptions options = null, Action<HawserEvent> handler = null) =>
            Engine.Enter(() => new Connection(Engine, AcceptId(options), handler ?? Handler));
    }

    /// <summary>Client connections to one server, lent to one user at a time.</summary>
    public sealed partial class Pool : Member, IDisposable
    {
        public Pool(Engine engine, PoolOptions options) : base(engine, engine.PoolId(options)) { }

        /// <summary>A connection to a target, "/path?query", or that of the pool's URI. It is yours until Release, or its end.</summary>
        public Task<Connection> AcquireAsync(string target = null, TimeSpan? timeout = null) => Engine.Enter(() =>
        {
            var lease = new Lease(Engine);
            Ask(target, timeout, lease.Id);
            return lease;
        }).Connection.Task;

        /// <summary>Gives it back, to be lent again unless reusable is false.</summary>
        public void Release(Connection connection, bool reusable = true)
        {
            Return(connection, reusable);
            connection.End(HawserException.Make(Status.InvalidHandle, "it was given back to its pool"));
        }

        /// <summary>Who waits gets a <see cref="PoolClosedException"/>; what is lent stays with its holder. Throws nothing.</summary>
        public void Dispose() => Native.hws_pool_free(Handle);
    }

    /// <summary>A call of AcquireAsync, under its token.</summary>
    sealed class Lease : Member
    {
        public Lease(Engine engine) : base(engine, engine.NextToken()) { }

        public readonly TaskCompletionSource<Connection> Connection =
            new TaskCompletionSource<Connection>(TaskCreationOptions.RunContinuationsAsynchronously);

        internal override void Take(HawserEvent happened)
        {
            if (happened.Error != null) Over(happened.Error);
            happened.Connection?.Take(happened);
            Connection.TrySetResult(happened.Connection);
            Engine.Leave(Id);
        }

        internal override void Over(HawserException error) => Connection.TrySetException(error);
    }

    /// <summary>Things that wait for tasks which take them, or the other way round.</summary>
    sealed class Inbox<T> where T : class
    {
        readonly ConcurrentQueue<T> items = new ConcurrentQueue<T>();
        readonly SemaphoreSlim count = new SemaphoreSlim(0);
        Exception end;

        public void Post(T item)
        {
            items.Enqueue(item);
            count.Release();
        }

        /// <summary>Nothing more comes. Who takes then gets the exception, or null if there is none.</summary>
        public void End(Exception error)
        {
            end = error;
            count.Release();
        }

        public async Task<T> Take(CancellationToken cancel)
        {
            await count.WaitAsync(cancel).ConfigureAwait(false);
            if (items.TryDequeue(out T item)) return item;
            count.Release(); // for the next one
            return end == null ? default(T) : throw end;
        }
    }
}
