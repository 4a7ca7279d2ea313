// Plays the golden scenario, tests/golden/README.md:  Player.exe ws://HOST:PORT SCENARIO
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;
using Hawser;

static class Player
{
    const int Patience = 10000;

    static readonly Queue<HawserEvent> Events = new Queue<HawserEvent>();
    static readonly StreamWriter Out = new StreamWriter(Console.OpenStandardOutput()) { NewLine = "\n", AutoFlush = true };
    static string server;
    static Engine engine;
    static Connection connection;

    static int Main(string[] arguments)
    {
        server = new Uri(arguments[0]).Authority;
        foreach (var line in File.ReadAllLines(arguments[1]))
            if (line != "" && line[0] != '#') Play(line);
        engine?.Dispose();
        return 0;
    }

    // ---- writing

    static string Quoted(IEnumerable<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (var b in bytes)
            if (b == '"' || b == '\\') text.Append('\\').Append((char)b);
            else if (b < 0x20 || b > 0x7e) text.AppendFormat("\\x{0:x2}", b);
            else text.Append((char)b);
        return "\"" + text.Replace(server, "SERVER") + "\"";
    }

    static string Quoted(string text) => Quoted(Encoding.UTF8.GetBytes(text));

    static string Data(byte[] data) =>
        data.Length <= 128 ? Quoted(data)
            : $"{data.Length} bytes {data.Aggregate(0xcbf29ce484222325ul, (hash, b) => unchecked((hash ^ b) * 0x100000001b3ul)):x16}";

    static string Snake(string camel) => Regex.Replace(camel, "(?<!^)[A-Z]", "_$0");

    static string Name(Status status) => status.Name().Substring("HWS_ERR_".Length);

    static void Field(string indent, string name, object value)
    {
        if (value == null || "0".Equals(value.ToString()) || "".Equals(value)) return;
        Out.WriteLine($"{indent}{name}: {(value is string text ? Quoted(text) : value)}");
    }

    static void Headers(string indent, IEnumerable<KeyValuePair<string, string>> headers)
    {
        foreach (var header in headers) Out.WriteLine($"{indent}header: {Quoted(header.Key)} {Quoted(header.Value)}");
    }

    static void Error(string indent, string label, HawserException e)
    {
        Out.WriteLine($"{indent}{label} {Name(e.Status)}");
        indent += "  ";
        var above = Enum.GetValues(typeof(Status)).Cast<Status>().Where(one => one != e.Status && e.Is(one));
        Out.WriteLine($"{indent}is: {string.Join(" ", above.OrderByDescending(one => (int)one).Select(Name))}");
        if (e.Operation != null) Out.WriteLine($"{indent}operation: {e.Operation}");
        Field(indent, "state", e.State);
        Field(indent, "required_states", e.RequiredStates);
        Field(indent, "retryable", (uint)e.Retryable);
        Field(indent, "os_error", e.OsError);
        Field(indent, "tls_alert", e.TlsAlert);
        Field(indent, "socks_reply", e.SocksReply);
        Field(indent, "http_status", e.HttpStatus);
        Field(indent, "body_truncated", e.BodyTruncated ? 1 : 0);
        Field(indent, "opcode", (uint)e.Opcode);
        Field(indent, "policy", (uint)e.Policy);
        Field(indent, "initiated_by", (uint)e.InitiatedBy);
        Field(indent, "attempts", e.Attempts);
        Field(indent, "max_attempts", e.MaxAttempts);
        Field(indent, "retry_after_ms", e.RetryAfter?.TotalMilliseconds);
        Known(indent, "timeout_ms", (long?)e.Timeout?.TotalMilliseconds);
        Known(indent, "position", e.Position);
        Known(indent, "size", e.Size);
        Known(indent, "max_size", e.MaxSize);
        Known(indent, "current_size", e.CurrentSize);
        Field(indent, "fragments", e.Fragments);
        Field(indent, "max_fragments", e.MaxFragments);
        Field(indent, "capacity", e.Capacity);
        Field(indent, "dropped", e.Dropped);
        Field(indent, "max_connections", e.MaxConnections);
        Field(indent, "in_use", e.InUse);
        Field(indent, "message", e.Message);
        Field(indent, "detail", e.Detail);
        Field(indent, "uri", e.Uri);
        Field(indent, "proxy", e.Proxy);
        Field(indent, "location", e.Location);
        Field(indent, "peer", e.Peer);
        Field(indent, "http_method", e.HttpMethod);
        Field(indent, "http_version", e.HttpVersion);
        Field(indent, "http_reason", e.HttpReason);
        Field(indent, "header_name", e.HeaderName);
        if (e.HeaderValue == "") Out.WriteLine($"{indent}header_value: \"\"");
        Field(indent, "header_value", e.HeaderValue);
        Field(indent, "origin", e.Origin);
        Field(indent, "parameter_name", e.ParameterName);
        Field(indent, "parameter_value", e.ParameterValue);
        Headers(indent, e.Headers.Where(header => header.Key != "Sec-WebSocket-Accept"));
        if (e.Body.Length > 0) Out.WriteLine($"{indent}body: {Data(e.Body)}");
        if (e.CloseRcvd != null) Out.WriteLine($"{indent}close_rcvd: {e.CloseRcvd.Code} {Quoted(e.CloseRcvd.Reason)}");
        if (e.CloseSent != null) Out.WriteLine($"{indent}close_sent: {e.CloseSent.Code} {Quoted(e.CloseSent.Reason)}");
        Known(indent, "rcvd_then_sent", e.RcvdThenSent == null ? (long?)null : e.RcvdThenSent.Value ? 1 : 0);
        Field(indent, "close_code", e.CloseCode);
        if (e.InnerException is HawserException cause) Error(indent, "cause", cause);
    }

    static void Known(string indent, string name, long? value)
    {
        if (value != null) Out.WriteLine($"{indent}{name}: {value}");
    }

    static void Event(HawserEvent e)
    {
        var line = new StringBuilder(Snake(e.Kind.ToString()).ToUpperInvariant());
        var isMessage = e.Kind == EventKind.Message || e.Kind == EventKind.Fragment;
        if (isMessage) line.Append(' ').Append(e.Opcode.ToString().ToLowerInvariant());
        foreach (var flag in new[] { EventFlags.Fin, EventFlags.Compressed, EventFlags.Clean, EventFlags.Reconnected })
            if (e.Flags.HasFlag(flag)) line.Append(' ').Append(flag.ToString().ToLowerInvariant());
        if (e.Token != 0) line.Append(" token=").Append(e.Token);
        if (e.Kind == EventKind.Queue || e.Kind == EventKind.Reconnecting) line.Append(" value=").Append(e.Value);
        if (isMessage || e.Kind == EventKind.Ping || e.Kind == EventKind.Pong) line.Append(' ').Append(Data(e.Data));
        Out.WriteLine(line);
        if (e.Handshake != null)
        {
            Field("  ", "http_status", e.Handshake.HttpStatus);
            Field("  ", "subprotocol", e.Handshake.Subprotocol);
            Field("  ", "extensions", e.Handshake.Extensions);
            Field("  ", "uri", e.Handshake.Uri);
            Headers("  ", e.Handshake.Headers.Where(header => header.Key.StartsWith("X-", StringComparison.Ordinal)));
        }
        if (e.Error != null) Error("  ", "error", e.Error);
    }

    static void Call(string command, Action call)
    {
        try { call(); }
        catch (HawserException e)
        {
            Out.WriteLine($"{command} failed");
            Error("  ", "error", e);
        }
    }

    // ---- the scenario

    static byte[] Unescape(string text)
    {
        var bytes = new List<byte>();
        foreach (Match match in Regex.Matches(text, @"\\x(..)|\\(.)|([^\\]+)"))
            if (match.Groups[1].Success) bytes.Add(Convert.ToByte(match.Groups[1].Value, 16));
            else bytes.AddRange(Encoding.UTF8.GetBytes(match.Groups[2].Value + match.Groups[3].Value));
        return bytes.ToArray();
    }

    static void Play(string line)
    {
        var quoted = Regex.Match(line, "\"((\\\\.|[^\"\\\\])*)\"( |$)"); // DATA; the header of a connect has none
        var words = line.Split(' ');
        var data = Unescape(quoted.Groups[1].Value);
        switch (words[0])
        {
            case "case":
                engine?.Dispose();
                engine = null;
                Events.Clear();
                Out.WriteLine("== " + words[1]);
                break;
            case "connect": Connect(words); break;
            case "send": Send(words[1], data, line.Substring(quoted.Index + quoted.Length)); break;
            case "repeat":
                var times = Enumerable.Repeat(data, int.Parse(words[1])).SelectMany(one => one).ToArray();
                Send(words[2], times, line.Substring(quoted.Index + quoted.Length));
                break;
            case "await": Await(words[1]); break;
            case "close": Call("close", () => connection.Close(uint.Parse(words[1]), Encoding.UTF8.GetString(data))); break;
            case "abort": Call("abort", connection.Abort); break;
            case "dropped":
                for (var left = Patience; connection.Stats.RecvDropped < ulong.Parse(words[1]) && left > 0; left--) Thread.Sleep(1);
                break;
            case "settle":
                try { while (connection.Stats != null) engine.Update(1); }
                catch (InvalidHandleException) { Events.Clear(); }
                break;
            default: Out.WriteLine($"what is {words[0]}?"); break;
        }
    }

    static void Await(string kind)
    {
        for (var last = ""; last != kind;)
        {
            for (var tries = 0; Events.Count == 0 && tries < 2; tries++) Call("poll", () => engine.Update(Patience));
            if (Events.Count == 0)
            {
                Out.WriteLine($"await {kind}: nothing came");
                return;
            }
            var happened = Events.Dequeue();
            Event(happened);
            last = Snake(happened.Kind.ToString()).ToUpperInvariant();
        }
    }

    static void Send(string type, byte[] data, string more)
    {
        if (type == "close")
        {
            Call("close", () => connection.Close(1000, Encoding.UTF8.GetString(data)));
            return;
        }
        var options = new SendOptions();
        foreach (var word in more.Split(new[] { ' ' }, StringSplitOptions.RemoveEmptyEntries))
            if (word.StartsWith("token=")) options.Token = ulong.Parse(word.Substring(6));
            else options.Flags |= (SendFlags)Enum.Parse(typeof(SendFlags), word, true);
        var opcode = (Opcode)Enum.Parse(typeof(Opcode), type, true);
        Call("send", () => connection.Send(opcode, new ArraySegment<byte>(data), options));
    }

    static void Connect(string[] words)
    {
        var options = new ClientOptions { Uri = words[1].Replace("SERVER", server) };
        options.Limits = new Limits();
        options.Timers = new Timers();
        options.Compression = new Compression();
        var loop = new EngineOptions();
        foreach (var pair in words.Skip(2).Select(word => word.Split(new[] { '=' }, 2))) Option(options, loop, pair[0], pair[1]);
        if (engine == null) Call("engine", () => engine = new Engine(loop));
        Call("connect", () => connection = engine.Connect(options, Events.Enqueue));
    }

    static void Option(ClientOptions options, EngineOptions loop, string name, string value)
    {
        var reconnect = name.StartsWith("reconnect.") ? options.Reconnect = options.Reconnect ?? new Reconnect() : null;
        switch (name)
        {
            case "engine.io_thread": loop.IoThread = value == "on"; break;
            case "origin": options.Origin = value; break;
            case "user_agent": options.UserAgent = value; break;
            case "subprotocol_required": options.SubprotocolRequired = value == "on"; break;
            case "max_redirects": options.MaxRedirects = uint.Parse(value); break;
            case "subprotocols": foreach (var one in value.Split(',')) options.Subprotocols.Add(one); break;
            case "header":
                var header = value.Split(new[] { ':' }, 2);
                options.Headers.Add(header[0], Encoding.UTF8.GetString(Unescape(header[1])));
                break;
            case "limits.message_max": options.Limits.MessageMax = ulong.Parse(value); break;
            case "limits.deliver_fragments": options.Limits.DeliverFragments = value == "on"; break;
            case "limits.deliver_pings": options.Limits.DeliverPings = value == "on"; break;
            case "limits.recv_queue_messages": options.Limits.RecvQueueMessages = uint.Parse(value); break;
            case "limits.overflow": options.Limits.Overflow = (Overflow)Enum.Parse(typeof(Overflow), value.Replace("_", ""), true); break;
            case "timers.open_ms": options.Timers.Open = Time(value); break;
            case "timers.close_ms": options.Timers.Close = Time(value); break;
            case "timers.ping_interval_ms": options.Timers.PingInterval = Time(value); break;
            case "timers.ping_timeout_ms": options.Timers.PingTimeout = Time(value); break;
            case "compression.enabled": options.Compression.Enabled = value == "on"; break;
            case "reconnect.enabled": reconnect.Enabled = value == "on"; break;
            case "reconnect.max_attempts": reconnect.MaxAttempts = uint.Parse(value); break;
            case "reconnect.backoff_min_ms": reconnect.BackoffMin = Time(value); break;
            case "reconnect.backoff_percent": reconnect.BackoffPercent = uint.Parse(value); break;
            case "reconnect.jitter_percent": reconnect.JitterPercent = uint.Parse(value); break;
            default: Out.WriteLine($"connect: what is {name}?"); break;
        }
    }

    static TimeSpan Time(string milliseconds) => TimeSpan.FromMilliseconds(int.Parse(milliseconds));
}
