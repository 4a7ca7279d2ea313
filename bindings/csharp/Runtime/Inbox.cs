using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Hawser
{
    /// <summary>Things that wait for tasks which take them, or the other way round.</summary>
    sealed class Inbox<T> where T : class
    {
        const long Most = 1 << 20;

        readonly Queue<T> items = new Queue<T>();
        readonly Queue<TaskCompletionSource<T>> takers = new Queue<TaskCompletionSource<T>>();
        readonly Func<T, long> size;
        readonly Action<bool> pause;
        Task<T> end;
        long waiting;
        bool paused;

        /// <summary>Pauses when more than a MiB waits, until half of it is taken.</summary>
        public Inbox(Func<T, long> size, Action<bool> pause)
        {
            this.size = size;
            this.pause = pause;
        }

        public void Post(T item)
        {
            lock (items)
            {
                while (takers.Count > 0)
                    if (takers.Dequeue().TrySetResult(item)) return;
                items.Enqueue(item);
                waiting += size(item);
                if (!paused && waiting > Most) pause(paused = true);
            }
        }

        public Task<T> Take(CancellationToken cancel)
        {
            lock (items)
            {
                if (cancel.IsCancellationRequested) return Task.FromCanceled<T>(cancel);
                if (items.Count == 0 && end != null) return end;
                if (items.Count == 0) return Wait(cancel);
                var item = items.Dequeue();
                waiting -= size(item);
                if (paused && waiting <= Most / 2) pause(paused = false);
                return Task.FromResult(item);
            }
        }

        Task<T> Wait(CancellationToken cancel)
        {
            var taker = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
            takers.Enqueue(taker);
            if (!cancel.CanBeCanceled) return taker.Task;
            var registration = cancel.Register(() => taker.TrySetCanceled(cancel));
            taker.Task.ContinueWith(_ => registration.Dispose(), TaskScheduler.Default);
            return taker.Task;
        }

        /// <summary>Nothing more comes. Who takes then gets the exception, or null if there is none.</summary>
        public void End(Exception error)
        {
            lock (items)
            {
                end = end ?? (error == null ? Task.FromResult<T>(null) : Task.FromException<T>(error));
                foreach (var taker in takers)
                    if (error == null) taker.TrySetResult(null);
                    else taker.TrySetException(error);
                takers.Clear();
            }
        }
    }
}
