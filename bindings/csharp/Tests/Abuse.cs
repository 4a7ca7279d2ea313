// What people do to a binding: it must give errors, never end the process or hang.  Abuse.exe [leave|version]
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Hawser;

static class Abuse
{
    static int passed, failed;

    static int Main(string[] arguments)
    {
        if (arguments.Length > 0) return arguments[0] == "leave" ? Leave() : Version();
        Test("structs lie as in C", Layout);
        Test("every code has its class, and what it is-a", Classes);
        Test("close and dispose twice", Twice);
        Test("use after the end", AfterTheEnd);
        Test("use after Dispose", AfterDispose);
        Test("bad arguments", BadArguments);
        Test("engines that are dropped", Dropped);
        Test("Dispose in a finalizer", InAFinalizer);
        Test("100 engines", HundredEngines);
        Test("threads that send at once", Threads);
        Test("threads that do anything at all", Chaos);
        Test("Update twice at a time", UpdateTwice);
        Test("Dispose while another thread waits", DisposeWhileWaiting);
        Test("Dispose while another thread reads", DisposeWhileReading);
        Test("Dispose in a handler", DisposeInAHandler);
        Test("handlers that throw", HandlersThatThrow);
        Test("handlers that throw, on the engine's thread", HandlersThatThrowElsewhere);
        Test("what is awaited when all ends", Awaited);
        Test("cancellation", Cancellation);
        Test("a receiver that is slow", SlowReceiver);
        Test("a message that never fits", NeverFits);
        Test("options of every kind arrive", Options);
        Test("requests: accepted, refused, forgotten", Requests);
        Test("topics", Topics);
        Test("a pool, and connections given back twice", Pools);
        Test("reconnecting", Reconnecting);
        Test("presets", Presets);
        Console.WriteLine($"{passed} passed, {failed} failed");
        return failed;
    }

    // ---- help

    static void Test(string name, Action test)
    {
        try
        {
            if (!Task.Run(test).Wait(TimeSpan.FromSeconds(60))) throw new Exception("it hangs");
            passed++;
            Console.WriteLine("ok " + name);
        }
        catch (Exception e)
        {
            failed++;
            Console.WriteLine($"FAILED {name}\n    {(e as AggregateException)?.InnerException ?? e}");
        }
    }

    static void Test(string name, Func<Task> test) => Test(name, () => test().GetAwaiter().GetResult());

    static void Check(bool good, string what)
    {
        if (!good) throw new Exception("not so: " + what);
    }

    static void Same<T>(T expected, T found)
    {
        if (!Equals(expected, found)) throw new Exception($"expected {expected}, found {found}");
    }

    static T Throws<T>(Action action) where T : Exception
    {
        try { action(); }
        catch (T e) { return e; }
        throw new Exception("nothing was thrown, expected " + typeof(T).Name);
    }

    static async Task<T> Throws<T>(Task task) where T : Exception
    {
        if (await Task.WhenAny(task, Task.Delay(20000)) != task) throw new Exception("it is never done");
        try { await task; }
        catch (T e) { return e; }
        throw new Exception("nothing was thrown, expected " + typeof(T).Name);
    }

    static async Task<T> InTime<T>(Task<T> task)
    {
        if (await Task.WhenAny(task, Task.Delay(20000)) != task) throw new Exception("it is never done");
        return await task;
    }

    static async Task InTime(Task task)
    {
        if (await Task.WhenAny(task, Task.Delay(20000)) != task) throw new Exception("it is never done");
        await task;
    }

    /// An echo on the engine's own threads.
    static string Echo(Engine engine) => "ws://" + engine.Listen("127.0.0.1:0", happened =>
    {
        try { if (happened.Kind == EventKind.Message) happened.Connection.Send(happened.Opcode, new ArraySegment<byte>(happened.Data)); }
        catch (HawserException e) when (e.Is(Status.ConnectionClosed) || e.Is(Status.InvalidHandle)) { } // the client has left
    }).Address + "/";

    static void Until(Engine engine, Func<bool> done)
    {
        for (var watch = Stopwatch.StartNew(); !done(); engine.Update(10))
            if (watch.ElapsedMilliseconds > 20000) throw new Exception("it never comes");
    }

    static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    static void Collect()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    // ---- the tests

    static void Layout()
    {
        var all = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        foreach (var layout in Layouts.Offsets)
        {
            var type = typeof(Engine).Assembly.GetType("Hawser." + layout.Key, true);
            var fields = type.GetFields(all).Select(field => (int)Marshal.OffsetOf(type, field.Name));
            var found = fields.Concat(new[] { Marshal.SizeOf(type) }).ToArray();
            Check(found.SequenceEqual(layout.Value), layout.Key + ": " + string.Join(" ", found));
        }
    }

    static Type Of(Status status)
    {
        var name = status == Status.Error ? "Hawser" : status == Status.Timeout ? "HawserTimeout" : status.ToString();
        return typeof(HawserException).Assembly.GetType($"Hawser.{name}Exception", true);
    }

    static void Classes()
    {
        var classes = typeof(HawserException).Assembly.GetExportedTypes().Where(typeof(HawserException).IsAssignableFrom);
        var all = Enum.GetValues(typeof(Status)).Cast<Status>().Where(status => status != Status.Ok).ToArray();
        Same(all.Length, classes.Count());
        foreach (var status in all)
        {
            var there = status.Name().Replace("_", "");
            Check(there.EndsWith(status.ToString(), StringComparison.OrdinalIgnoreCase), status + " is called so there, too");
            foreach (var other in all)
                if (Of(other).IsAssignableFrom(Of(status))) Check(status.Is(other), $"{status} is a {other}");
            var bases = status.Parents().Select(Of).DefaultIfEmpty(typeof(Exception));
            Check(bases.Contains(Of(status).BaseType), $"the base class of {status} is a parent");
        }
        Check(Status.InvalidState.Is(Status.Usage) && Status.InvalidState.Is(Status.Protocol), "both parents");
        Check(!Status.InvalidState.Is(Status.Network), "no stranger");
    }

    static async Task Twice()
    {
        var engine = Engine.Start();
        var listener = engine.Listen("127.0.0.1:0");
        var connection = await InTime(engine.ConnectAsync("ws://" + listener.Address));
        connection.Close();
        try { connection.Close(4000, "again"); }
        catch (InvalidHandleException) { } // that was quick
        await InTime(connection.CloseAsync());
        await InTime(connection.CloseAsync());
        connection.Dispose();
        connection.Dispose();
        listener.Close();
        var e = Throws<HawserException>(() => listener.Close());
        Check(e is InvalidStateException || e is InvalidHandleException, e.Message);
        listener.Dispose();
        engine.Dispose();
        engine.Dispose();
    }

    static async Task AfterTheEnd()
    {
        using (var engine = Engine.Start())
        {
            var connection = await InTime(engine.ConnectAsync(Echo(engine)));
            var end = await InTime(connection.CloseAsync(1000, "bye"));
            Check(end is ClosedOkException, end.Message);
            Same("bye", end.CloseSent.Reason);
            Check(await connection.ReceiveAsync() == null, "a clean end is null");
            foreach (var call in new Action[]
            {
                () => connection.Send("x"), () => connection.Send(new byte[1]), () => connection.SendAsync("x").GetAwaiter().GetResult(),
                () => connection.PingAsync().GetAwaiter().GetResult(), () => connection.Subscribe("x"), () => connection.Reconnect(),
                () => connection.Replay(0), () => connection.Forget(0), () => Check(connection.Stats.Connections == 1, "stats"),
            })
            {
                try { call(); }
                catch (HawserException e)
                {
                    Check(e.Is(Status.Usage) || e.Is(Status.ConnectionClosed) || e.Is(Status.Reconnect), e.Message);
                }
            }
            Same(State.Closed, connection.State);
        }
    }

    static async Task AfterDispose()
    {
        var engine = Engine.Start();
        var listener = engine.Listen("127.0.0.1:0");
        var connection = await InTime(engine.ConnectAsync("ws://" + listener.Address));
        await InTime(listener.AcceptAsync());
        var pool = new Pool(engine, new PoolOptions { Client = "ws://" + listener.Address });
        engine.Dispose();
        foreach (var call in new Action[]
        {
            () => engine.Wake(), () => engine.Connect("ws://127.0.0.1:1/"), () => engine.Listen("127.0.0.1:0"),
            () => engine.Publish("a", "b"), () => engine.TopicSubscribers("a"),
            () => engine.Refusals(Status.Error), () => engine.Stats.ToString(),
            () => connection.Send("x"), () => connection.Close(), () => connection.Abort(), () => connection.Pause(),
            () => connection.Stats.ToString(),
            () => listener.Close(), () => listener.Address.ToString(), () => listener.SetTls(new Tls()),
            () => pool.AcquireAsync().GetAwaiter().GetResult(), () => pool.Stats.ToString(), () => pool.Release(connection),
            () => connection.ReceiveAsync().GetAwaiter().GetResult(), () => listener.AcceptAsync().GetAwaiter().GetResult(),
        })
            Throws<InvalidHandleException>(call);
        pool.Dispose();
        connection.Dispose();
    }

    static async Task BadArguments()
    {
        using (var engine = new Engine())
        {
            Throws<InvalidUriException>(() => engine.Connect("http://example.com/"));
            Throws<InvalidArgumentException>(() => engine.Connect(new ClientOptions()));
            Throws<InvalidArgumentException>(() => engine.Connect((ClientOptions)null));
            Throws<InvalidArgumentException>(() => engine.Listen((ServerOptions)null));
            Throws<InvalidArgumentException>(() => engine.Connect("ws://example.com/\ud800"));
            Throws<InvalidArgumentException>(() => new Preset("none"));
            Throws<InvalidArgumentException>(() => engine.Publish("a/#", "x"));
            var bad = new ClientOptions { Uri = "ws://127.0.0.1:1/", Headers = { { "X", "a\r\nb" } } };
            Throws<InvalidHeaderValueException>(() => engine.Connect(bad));
            Throws<InvalidProxyException>(() => engine.Connect(new ClientOptions { Uri = "ws://127.0.0.1:1/", Proxy = "gopher://x" }));
            var connection = engine.Connect(Echo(engine));
            Throws<InvalidStateException>(() => connection.Send("too early"));
            Until(engine, () => connection.Opened.IsCompleted);
            Throws<ArgumentNullException>(() => connection.Send((string)null));
            Throws<ArgumentNullException>(() => connection.Send((byte[])null));
            Throws<InvalidSendException>(() => connection.Send("half a pair: \udc00"));
            Throws<InvalidSendException>(() => connection.Send(Opcode.Text, new ArraySegment<byte>(new byte[] { 0xff })));
            Throws<InvalidSendException>(() => connection.Send(Opcode.Ping, new ArraySegment<byte>(new byte[126])));
            Throws<InvalidSendException>(() => connection.Close(1005));
            Throws<HawserException>(() => connection.Send(Opcode.Close, new ArraySegment<byte>()));
            connection.Send(Opcode.Text, default(ArraySegment<byte>));
            connection.Send("");
            await Throws<InvalidStateException>(engine.Connect("ws://127.0.0.1:1/", _ => { }).ReceiveAsync());
            var e = await Throws<ConnectionRefusedException>(Pump(engine, engine.ConnectAsync("ws://127.0.0.1:1/")));
            Check(e.Is(Status.Network) && e.OsError != 0 && e.Operation == "connect", e.Message);
        }
    }

    static async Task Pump(Engine engine, Task task)
    {
        Until(engine, () => task.IsCompleted);
        await task;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Drop(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var engine = new Engine();
            engine.Connect(Echo(engine));
            engine.Update(10);
        }
    }

    static void Dropped()
    {
        Drop(1);
        Collect();
        var before = Descriptors();
        var thread = new Thread(() => Drop(50)); // another stack, so that nothing of it is left on this one
        thread.Start();
        thread.Join();
        Collect();
        Check(Descriptors() <= before + 40, $"{Descriptors()} descriptors, {before} before"); // 50 engines have 250
    }

    sealed class Careless
    {
        readonly Engine engine = Engine.Start();
        readonly Connection connection;
        public static int Ended;

        public Careless() => connection = engine.Connect("ws://127.0.0.1:1/");

        ~Careless()
        {
            connection.Dispose();
            engine.Dispose();
            try { connection.Send("from the finalizer"); }
            catch (InvalidHandleException) { Interlocked.Increment(ref Ended); }
        }
    }

    static void InAFinalizer()
    {
        var thread = new Thread(() => { for (var i = 0; i < 20; i++) new Careless(); });
        thread.Start();
        thread.Join();
        Collect();
        Check(Careless.Ended > 10, $"only {Careless.Ended} were finalized");
    }

    static async Task HundredEngines()
    {
        var engines = Enumerable.Range(0, 100).Select(_ => Engine.Start()).ToArray();
        var uri = Echo(engines[0]);
        var replies = await InTime(Task.WhenAll(engines.Select(async (engine, i) =>
        {
            var connection = await engine.ConnectAsync(uri);
            await connection.SendAsync("from " + i);
            return (await connection.ReceiveAsync()).Text;
        })));
        Check(replies.Select((text, i) => text == "from " + i).All(good => good), "each has its own");
        foreach (var engine in engines) engine.Dispose();
    }

    static async Task Threads()
    {
        using (var engine = Engine.Start())
        {
            var connection = await InTime(engine.ConnectAsync(Echo(engine)));
            var threads = Enumerable.Range(0, 4).Select(t => new Thread(() =>
            {
                for (var i = 0; i < 500; i++) connection.SendAsync($"{t} {i}").Wait();
            })).ToList();
            threads.ForEach(thread => thread.Start());
            var next = new int[4];
            for (var i = 0; i < 2000; i++)
            {
                var words = (await InTime(connection.ReceiveAsync())).Text.Split(' ').Select(int.Parse).ToArray();
                Same(next[words[0]]++, words[1]);
            }
            threads.ForEach(thread => thread.Join());
        }
    }

    /// Any call from any thread while all ends: errors of hawser, nothing else.
    static void Chaos()
    {
        for (var round = 0; round < 10; round++)
        {
            var engine = Engine.Start(new EngineOptions { IoThread = round % 2 == 0 });
            var uri = Echo(engine);
            var connections = Enumerable.Range(0, 8).Select(_ => engine.Connect(uri)).ToArray();
            var errors = new List<Exception>();
            var threads = Enumerable.Range(0, 4).Select(t => new Thread(() =>
            {
                var random = new Random(round * 10 + t);
                for (var i = 0; i < 400; i++)
                    try
                    {
                        var one = connections[random.Next(connections.Length)];
                        switch (random.Next(9))
                        {
                            case 0: connections[random.Next(connections.Length)] = engine.Connect(uri); break;
                            case 1: one.Abort(); break;
                            case 2: one.Close(); break;
                            case 3: one.PingAsync().ContinueWith(task => task.Exception); break;
                            case 4: one.Pause(random.Next(2) == 0); break;
                            case 5:
                                one.ReceiveAsync(new CancellationTokenSource(random.Next(5)).Token).ContinueWith(task => task.Exception);
                                break;
                            case 6: engine.Stats.ToString(); break;
                            case 7: engine.Update(); break;
                            default: one.Send(new byte[random.Next(2000)]); break;
                        }
                        if (t == 0 && i == 300) engine.Dispose();
                    }
                    catch (HawserException) { }
                    catch (Exception e) { lock (errors) errors.Add(e); }
            })).ToList();
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
            engine.Dispose();
            if (errors.Count > 0) throw errors[0];
        }
    }

    static void UpdateTwice()
    {
        using (var engine = new Engine())
        {
            var waiting = Task.Run(() =>
            {
                while (true)
                    try { return engine.Update(20000); }
                    catch (ConcurrencyException) { Thread.Sleep(1); }
            });
            ConcurrencyException e = null;
            for (var watch = Stopwatch.StartNew(); e == null && watch.ElapsedMilliseconds < 10000; Thread.Sleep(1))
                try { engine.Update(); }
                catch (ConcurrencyException found) { e = found; }
            Check(e != null && e.Is(Status.Usage), "the second fails");
            engine.Wake();
            Same(0, waiting.Result);
            var nested = 0;
            engine.Connect(Echo(engine), _ =>
            {
                try { engine.Update(); }
                catch (ConcurrencyException) { nested++; }
            });
            Until(engine, () => nested > 0);
        }
        using (var engine = Engine.Start())
        {
            Thread.Sleep(20); // until its thread has begun, or else this one's call would be the first
            Throws<ConcurrencyException>(() => engine.Update());
        }
    }

    static void DisposeWhileWaiting()
    {
        for (var i = 0; i < 20; i++)
        {
            var engine = new Engine(new EngineOptions { IoThread = i % 2 == 0 });
            var waiting = Task.Run(() => { while (true) engine.Update(Timeout.Infinite); });
            if (i > 2) Thread.Sleep(1);
            engine.Dispose();
            var e = Throws<AggregateException>(() => waiting.Wait(20000)).InnerException;
            Check(e is InvalidHandleException, e.ToString());
        }
    }

    static void DisposeWhileReading()
    {
        const string chatter = "chatter, and some more of it";
        for (var watch = Stopwatch.StartNew(); watch.ElapsedMilliseconds < 1500;)
        {
            var engine = new Engine();
            var wrong = 0;
            var heard = new CountdownEvent(200);
            var uri = Echo(engine);
            for (var n = 0; n < 8; n++) engine.Connect(uri, happened =>
            {
                if (happened.Kind == EventKind.Message && happened.Text != chatter) wrong++;
                try { for (var i = 0; i < (happened.Kind == EventKind.Open ? 20 : 1); i++) happened.Connection.Send(chatter); }
                catch (InvalidHandleException) { } // this is the end
                if (!heard.IsSet) heard.Signal();
            });
            var reading = Task.Run(() => { while (true) engine.Update(Timeout.Infinite); });
            Check(heard.Wait(20000), "it talks");
            var threads = Enumerable.Range(0, 2).Select(_ => new Thread(engine.Dispose)).ToList();
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
            var e = Throws<AggregateException>(() => reading.Wait(20000)).InnerException;
            Check(e is InvalidHandleException, e.ToString());
            Same(0, wrong);
        }
    }

    static void DisposeInAHandler()
    {
        var engine = new Engine();
        var events = 0;
        engine.Connect(Echo(engine), e =>
        {
            events++;
            engine.Dispose();
        });
        try { Until(engine, () => events > 0); }
        catch (InvalidHandleException) { }
        Throws<InvalidHandleException>(() => engine.Update());
        Same(1, events);
    }

    static void HandlersThatThrow()
    {
        using (var engine = new Engine())
        {
            var received = new List<string>();
            var connection = engine.Connect(Echo(engine), e =>
            {
                if (e.Kind != EventKind.Message) return;
                received.Add(e.Text);
                if (e.Text != "3") throw new FormatException("not a 3: " + e.Text);
            });
            Until(engine, () => connection.Opened.IsCompleted);
            for (var i = 1; i <= 4; i++) connection.Send(i.ToString());
            var thrown = new List<CallbackException>();
            for (var watch = Stopwatch.StartNew(); received.Count < 4 && watch.ElapsedMilliseconds < 20000;)
                try { engine.Update(10); }
                catch (CallbackException e) { thrown.Add(e); }
            Same("1 2 3 4", string.Join(" ", received));
            Same(3, thrown.Count);
            Check(thrown[0].InnerException is FormatException && thrown[0].Detail.Contains("not a 3: 1"), thrown[0].ToString());
            Same(connection.Id, thrown[0].ConnectionId);
        }
    }

    static async Task HandlersThatThrowElsewhere()
    {
        using (var engine = Engine.Start())
        {
            var failures = new List<HawserException>();
            engine.HandlerFailed += e => { lock (failures) failures.Add(e); };
            engine.HandlerFailed += e => throw new Exception("and this throws as well (a line on stderr is right)");
            var connection = engine.Connect(Echo(engine), e => throw new InvalidOperationException(e.Kind.ToString()));
            await InTime(connection.Opened);
            await InTime(connection.CloseAsync());
            for (var i = 0; i < 1000 && failures.Count < 2; i++) await Task.Delay(10);
            Same("Open Close", string.Join(" ", failures.Select(e => e.InnerException.Message)));
        }
    }

    static async Task Awaited()
    {
        var engine = Engine.Start();
        var listener = engine.Listen("127.0.0.1:0");
        var connection = await InTime(engine.ConnectAsync("ws://" + listener.Address));
        await InTime(listener.AcceptAsync());
        var never = new ClientOptions { Uri = "ws://127.0.0.1:1/", Reconnect = new Reconnect { BackoffMin = TimeSpan.FromMinutes(1) } };
        var pool = new Pool(engine, new PoolOptions { Client = Echo(engine), MaxConnections = 1 });
        await InTime(pool.AcquireAsync());
        var tasks = new Task[] { connection.ReceiveAsync(), listener.AcceptAsync(), engine.ConnectAsync(never), pool.AcquireAsync() };
        engine.Dispose();
        foreach (var task in tasks) await Throws<HawserException>(task);
        await Throws<InvalidHandleException>(connection.Closed);

        using (engine = Engine.Start())
        {
            connection = await InTime(engine.ConnectAsync(Echo(engine)));
            var throwing = connection.When(happened => throw new FormatException());
            var message = connection.When(happened => happened.Kind == EventKind.Message);
            connection.Send("awaited twice");
            await Throws<FormatException>(throwing);
            Same((await InTime(message)).Text, (await InTime(connection.ReceiveAsync())).Text);
            var receiving = connection.ReceiveAsync();
            connection.Abort();
            var e = await Throws<ClosedErrorException>(receiving);
            Same(1006u, e.CloseCode);
        }
    }

    static async Task Cancellation()
    {
        using (var engine = Engine.Start())
        {
            var cancelled = new CancellationToken(true);
            await Throws<OperationCanceledException>(engine.ConnectAsync("ws://127.0.0.1:1/", cancelled));
            var later = new CancellationTokenSource();
            var forever = new ClientOptions { Uri = "ws://127.0.0.1:1/", Reconnect = new Reconnect() };
            var connecting = engine.ConnectAsync(forever, later.Token);
            later.CancelAfter(20);
            await Throws<OperationCanceledException>(connecting);

            var connection = await InTime(engine.ConnectAsync(Echo(engine)));
            await Throws<OperationCanceledException>(connection.ReceiveAsync(cancelled));
            await Throws<OperationCanceledException>(connection.ReceiveAsync(new CancellationTokenSource(10).Token));
            connection.Send("is not lost");
            Same("is not lost", (await InTime(connection.ReceiveAsync(new CancellationTokenSource(20000).Token))).Text);
        }
    }

    static async Task SlowReceiver()
    {
        using (var engine = Engine.Start())
        using (var listener = engine.Listen(new ServerOptions { Bind = "127.0.0.1:0", Compression = new Compression { Enabled = false } }))
        {
            var client = await InTime(engine.ConnectAsync("ws://" + listener.Address));
            var server = await InTime(listener.AcceptAsync());
            const int count = 600, size = 100000; // 60 MB, of which little may wait here
            var sending = Task.Run(async () =>
            {
                for (var i = 0; i < count; i++) await client.SendAsync(Enumerable.Repeat((byte)i, size).ToArray());
            });
            await Task.Delay(200);
            Check(!sending.IsCompleted, "the sender is slowed down");
            for (var i = 0; i < count; i++)
            {
                var message = await InTime(server.ReceiveAsync());
                Check(message.Data.Length == size && message.Data[size / 2] == (byte)i, "all come, in order");
            }
            await InTime(sending);
        }
    }

    static async Task NeverFits()
    {
        using (var engine = Engine.Start())
        {
            var options = new ClientOptions { Uri = Echo(engine), Limits = new Limits { SendQueueMax = 1000 } };
            options.Compression = new Compression { Enabled = false };
            var connection = await InTime(engine.ConnectAsync(options));
            var e = await Throws<SendQueueFullException>(connection.SendAsync(new byte[1001]));
            Check(e.Capacity == 1000 && e.Size == 1001 && e.Is(Status.Resource), e.Message);
            await InTime(connection.SendAsync(new byte[1000]));
        }
    }

    static async Task Options()
    {
        using (var engine = Engine.Start())
        {
            var server = new ServerOptions
            {
                Bind = "127.0.0.1:0",
                Subprotocols = { "v2", "v1" },
                Routes =
                {
                    new Route { Pattern = "/health", Page = new Response { Status = 200, Body = Encoding.UTF8.GetBytes("fine") } },
                    new Route { Pattern = "/chat/:room", Credentials = { "alice:secret" }, Limits = new Limits { MessageMax = 10 } },
                },
            };
            using (var listener = engine.Listen(server))
            {
                var uri = "ws://" + listener.Address;
                var client = new ClientOptions
                {
                    Uri = uri + "/chat/blue%20one",
                    Subprotocols = { "v1" },
                    BasicUser = "alice",
                    BasicPassword = "secret",
                    Timers = new Timers { Open = TimeSpan.FromSeconds(5), PingInterval = Timeout.InfiniteTimeSpan },
                };
                var connection = await InTime(engine.ConnectAsync(client));
                Same("v1", connection.Handshake.Subprotocol);
                var accepted = await InTime(listener.AcceptAsync());
                Same("alice", accepted.Handshake.User);
                Same("[room, blue one]", accepted.Handshake.Params.Single().ToString());
                connection.Send("far more than ten");
                var e = await Throws<ClosedErrorException>(connection.ReceiveAsync());
                Same(1009u, e.CloseCode);
                var cause = (await InTime(accepted.Closed)).Error.InnerException;
                Check(cause is PayloadTooBigException big && big.MaxSize == 10, "the server knows why");

                client.BasicPassword = "wrong";
                var refused = await Throws<InvalidStatusException>(engine.ConnectAsync(client));
                Check(refused.HttpStatus == 401 && refused.Headers.Any(header => header.Key == "WWW-Authenticate"), refused.Message);
                var page = await Throws<InvalidStatusException>(engine.ConnectAsync(uri + "/health"));
                Same("fine", Encoding.UTF8.GetString(page.Body));
                Check(engine.Refusals(Status.Handshake) >= 1, "they are counted");
            }
        }
    }

    static void Requests()
    {
        using (var engine = new Engine())
        {
            var kept = new Dictionary<string, Request>();
            var server = new ServerOptions { Bind = "127.0.0.1:0", Routes = { new Route { Pattern = "*", Decide = true } } };
            var listener = engine.Listen(server, e =>
            {
                if (e.Kind != EventKind.Request) return;
                kept[e.Handshake.Target] = e.Request;
                if (e.Handshake.Target == "/yes") e.Request.Accept(new AcceptOptions { Headers = { { "X-Why", "I like you" } } });
                else if (e.Handshake.Target == "/no") e.Request.Respond(new Response { Status = 403, Body = new byte[] { 33 } });
            });
            var uri = "ws://" + listener.Address;
            var yes = engine.ConnectAsync(uri + "/yes");
            var no = engine.ConnectAsync(uri + "/no");
            var maybe = engine.ConnectAsync(uri + "/maybe");
            Until(engine, () => yes.IsCompleted && no.IsCompleted && kept.Count == 3);
            Same("I like you", yes.Result.Handshake.Headers.First(header => header.Key == "X-Why").Value);
            Check(no.Exception.InnerException is InvalidStatusException e403 && e403.HttpStatus == 403, "403");
            foreach (var request in new[] { kept["/yes"], kept["/no"] })
            {
                Throws<InvalidHandleException>(() => request.Accept());
                Throws<InvalidHandleException>(() => request.Respond(new Response { Status = 200 }));
            }
            Throws<InvalidArgumentException>(() => kept["/maybe"].Respond(null));
            Check(!maybe.IsCompleted, "who waits, waits");
        }
    }

    static void Topics()
    {
        using (var engine = new Engine(new EngineOptions { PublishEvents = true }))
        {
            var published = new List<string>();
            engine.Published += e => published.Add(e.Topic + "=" + e.Text);
            var listener = engine.Listen("127.0.0.1:0", e =>
            {
                if (e.Kind == EventKind.Open) e.Connection.Subscribe("chat/+");
            });
            var client = engine.ConnectAsync("ws://" + listener.Address);
            Until(engine, () => client.IsCompleted && engine.TopicSubscribers("chat/blue") == 1);
            Same(1u, engine.Publish("chat/blue", "hello"));
            Same(0u, engine.Publish("news", "x"));
            Same(1u, engine.Publish("chat/red", Opcode.Binary, new ArraySegment<byte>(new byte[] { 1 }), null, out var skipped));
            Same(0u, skipped);
            var received = client.Result.ReceiveAsync();
            Until(engine, () => received.IsCompleted && published.Count == 3);
            Same("hello", received.Result.Text);
            Same("chat/blue=hello", published[0]);
        }
    }

    static async Task Pools()
    {
        using (var engine = Engine.Start())
        using (var pool = new Pool(engine, new PoolOptions { Client = Echo(engine), MaxConnections = 1 }))
        {
            var first = await InTime(pool.AcquireAsync());
            var e = await Throws<PoolExhaustedException>(pool.AcquireAsync(timeout: TimeSpan.FromMilliseconds(20)));
            Check(e.Is(Status.Timeout) && e.MaxConnections == 1, e.Message);
            first.Send("a");
            Same("a", (await InTime(first.ReceiveAsync())).Text);
            var waiting = pool.AcquireAsync();
            pool.Release(first);
            Throws<InvalidHandleException>(() => pool.Release(first));
            Throws<InvalidHandleException>(() => first.Send("not mine any more"));
            await Throws<InvalidHandleException>(first.ReceiveAsync());
            var second = await InTime(waiting);
            second.Send("b");
            Same("b", (await InTime(second.ReceiveAsync())).Text);
            Same(1ul, pool.Stats.Reused);
            var last = pool.AcquireAsync();
            pool.Dispose();
            await Throws<PoolClosedException>(last);
            pool.Dispose();
        }
    }

    static async Task Reconnecting()
    {
        using (var engine = Engine.Start())
        using (var listener = engine.Listen("127.0.0.1:0"))
        {
            var options = new ClientOptions { Uri = "ws://" + listener.Address, Reconnect = new Reconnect() };
            options.Reconnect.BackoffMin = TimeSpan.FromMilliseconds(10);
            var kinds = new List<string>();
            var connection = engine.Connect(options, e => { lock (kinds) kinds.Add(e.Kind + (e.Flags == 0 ? "" : " " + e.Flags)); });
            (await InTime(listener.AcceptAsync())).Abort();
            var again = await InTime(listener.AcceptAsync());
            again.Close();
            var end = (await InTime(connection.Closed)).Error;
            Check(end is ClosedOkException, end.Message);
            for (var i = 0; i < 1000 && kinds.Count < 4; i++) await Task.Delay(1); // the handler comes behind the task
            Same("Open, Reconnecting, Open Reconnected, Close Clean", string.Join(", ", kinds));

            options.Uri = "ws://127.0.0.1:1/";
            options.Reconnect.MaxAttempts = 2;
            var e2 = await Throws<ReconnectExhaustedException>(engine.ConnectAsync(options));
            Check(e2.InnerException is ConnectionRefusedException && e2.Is(Status.Network) && e2.MaxAttempts == 2, e2.ToString());
        }
    }

    static async Task Presets()
    {
        var preset = new Preset("realtime");
        using (var engine = Engine.Start())
        {
            var options = new ClientOptions { Uri = Echo(engine), Timers = preset.Timers, Limits = preset.Limits };
            options.Compression = preset.Compression;
            options.Reconnect = preset.Reconnect;
            var connection = await InTime(engine.ConnectAsync(options));
            await InTime(connection.PingAsync());
            Check(connection.Stats.RttUs > 0 && Engine.LibraryVersion.Length > 4, "facts");
            Check(Engine.HasFeature("tls") && !Engine.HasFeature("soap"), "features");
        }
    }

    static int Version()
    {
        try { Console.WriteLine(Engine.LibraryVersion); }
        catch (DllNotFoundException e)
        {
            Console.WriteLine(e.GetType());
            return 1;
        }
        return 0;
    }

    /// A process that ends with everything under way.
    static int Leave()
    {
        var engine = Engine.Start(new EngineOptions { IoThread = true });
        var connection = engine.ConnectAsync(Echo(engine)).Result;
        var receiving = connection.ReceiveAsync();
        for (var i = 0; i < 100; i++) connection.Send("under way");
        Console.WriteLine("left");
        return receiving.IsFaulted ? 1 : 0;
    }
}
