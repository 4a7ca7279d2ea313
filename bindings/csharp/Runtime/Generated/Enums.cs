// Made from include/hawser.h and the status table by `HAWSER_BLESS=1 cargo test --test bindings`; do not edit.

using System;

namespace Hawser
{
    /// <summary>What a frame is for, RFC 6455 section 11.8.</summary>
    public enum Opcode : uint
    {
        /// <summary>The next fragment of a message begun with SendFlags.More.</summary>
        Cont = 0,
        Text = 1,
        Binary = 2,
        /// <summary>Only seen in errors; sent with Connection.Close.</summary>
        Close = 8,
        Ping = 9,
        Pong = 10,
    }

    /// <summary>Where a connection stands. Errors carry masks: 1 &lt;&lt; state.</summary>
    public enum State : uint
    {
        Connecting = 0,
        Open = 1,
        /// <summary>A Close frame was sent or received, or the connection broke.</summary>
        Closing = 2,
        Closed = 3,
        /// <summary>With ClientOptions.Reconnect: down, and waiting for the next attempt or making it.</summary>
        Reconnecting = 4,
    }

    /// <summary>How important a line of the log is.</summary>
    public enum LogLevel : uint
    {
        Error = 1,
        Warn = 2,
        Info = 3,
        Debug = 4,
        Trace = 5,
    }

    /// <summary>Whether trying again could help: HawserException.Retryable.</summary>
    public enum Retry : uint
    {
        No = 0,
        Yes = 1,
        /// <summary>Not before RetryAfter.</summary>
        After = 2,
    }

    /// <summary>Who began it: HawserException.InitiatedBy.</summary>
    public enum Side : uint
    {
        Neither = 0,
        Local = 1,
        Remote = 2,
    }

    /// <summary>Flags of SendOptions.</summary>
    [Flags]
    public enum SendFlags : uint
    {
        None = 0,
        /// <summary>More fragments of this message follow.</summary>
        More = 1,
        /// <summary>Not to be compressed; of a message in fragments the first decides.</summary>
        Raw = 2,
        /// <summary>Now, if the connection is open, and first whenever it is open again, until Connection.Forget: a subscription, say. token
        /// is its name, and a new message takes the place of one with the same.</summary>
        Again = 8,
        /// <summary>No PUBLISH event: this came from where those go.</summary>
        Local = 4,
    }

    /// <summary>Flags of HawserEvent.</summary>
    [Flags]
    public enum EventFlags : uint
    {
        None = 0,
        /// <summary>FRAGMENT: the last frame of its message.</summary>
        Fin = 1,
        /// <summary>MESSAGE, FRAGMENT: it came compressed.</summary>
        Compressed = 2,
        /// <summary>CLOSE: both sides closed with 1000, 1001 or no code.</summary>
        Clean = 4,
        /// <summary>OPEN: it was open before, and has come back.</summary>
        Reconnected = 8,
        /// <summary>REQUEST: it asks for no WebSocket, and can only be answered.</summary>
        Plain = 16,
    }

    /// <summary>How Heartbeat.Answer is compared with a message.</summary>
    public enum Matching : uint
    {
        /// <summary>The message is the answer.</summary>
        Exact = 0,
        /// <summary>It begins with it.</summary>
        Prefix = 1,
        /// <summary>It has it in it.</summary>
        Contains = 2,
        /// <summary>Whatever comes will do.</summary>
        Any = 3,
    }

    /// <summary>What becomes of a connection whose send queue has no room for a message that many get: Limits.SlowSubscriber.</summary>
    public enum SlowPolicy : uint
    {
        /// <summary>It goes without.</summary>
        Skip = 0,
        /// <summary>It is closed with 1013; the cause is SEND_QUEUE_FULL. A message that is larger than the whole queue closes nobody.</summary>
        Close = 1,
    }

    /// <summary>What becomes of a message for which there is no room.</summary>
    public enum Overflow : uint
    {
        /// <summary>It is not taken from its sender until there is room.</summary>
        Backpressure = 1,
        /// <summary>The oldest go.</summary>
        DropOldest = 2,
        /// <summary>It goes.</summary>
        DropNewest = 3,
        /// <summary>An error.</summary>
        Error = 4,
    }

    /// <summary>When messages are sent again that may not have been read: Reconnect.Replay.</summary>
    public enum Replay : uint
    {
        Off = 0,
        /// <summary>When Connection.Replay is called.</summary>
        OnRequest = 1,
        /// <summary>Whenever the connection is open again.</summary>
        Always = 2,
    }

    /// <summary>What an event tells, and which of its fields then have a meaning beside kind, user and the handle.
    /// The missing numbers belong to later work.</summary>
    public enum EventKind : uint
    {
        None = 0,
        /// <summary>Connection, handshake, and on servers listener: messages may be sent. With ClientOptions.Reconnect also
        /// EventFlags.Reconnected, value: how long it was down, in milliseconds, token: how many attempts it took to come back.</summary>
        Open = 1,
        /// <summary>Connection, opcode, data, EventFlags.Compressed: a whole message.</summary>
        Message = 2,
        /// <summary>Connection, opcode, data, EventFlags.Fin, EventFlags.Compressed: one frame of a message, with Limits.DeliverFragments.</summary>
        Fragment = 3,
        /// <summary>Connection, data: answered already unless Timers.AutoPong is off; with Limits.DeliverPings.</summary>
        Ping = 4,
        /// <summary>Connection, data, token of the ping, value: round trip in microseconds.</summary>
        Pong = 5,
        /// <summary>Connection, token: a message has left for the kernel.</summary>
        Sent = 6,
        /// <summary>Connection: after a send was refused, the queue is below its low watermark.</summary>
        Writable = 7,
        /// <summary>Connection, status, error, value: here messages are missing, Error.Dropped of them; value counts all that the connection has
        /// lost so far. See Limits.Overflow.</summary>
        Queue = 8,
        /// <summary>Connection, status, error, EventFlags.Clean: the last event of a connection that was open.</summary>
        Close = 9,
        /// <summary>Connection, status, error: the last event of a client that did not open.</summary>
        ConnectFailed = 10,
        /// <summary>Connection, status, error, value: lost, or an attempt has failed, and there will be another in value milliseconds;
        /// ulong.MaxValue: only if you say so. With ClientOptions.Reconnect.</summary>
        Reconnecting = 11,
        /// <summary>Request, listener, handshake, EventFlags.Plain: decide on it, now or later; OPEN or ACCEPT_FAILED follows.</summary>
        Request = 12,
        /// <summary>Listener, status, error, request if there was one: a client failed to open, or nothing can be accepted for now.</summary>
        AcceptFailed = 13,
        /// <summary>Listener, value, token: the last event of a listener; what value and token count, see Listener.Close.</summary>
        ListenerClosed = 14,
        /// <summary>Connection, handshake, token and value, the id of the pool: Pool.Acquire has led to a connection. Of one that was
        /// leased before, handshake has HttpStatus, subprotocol, peer and uri only.</summary>
        PoolReady = 15,
        /// <summary>Status, error, token and value, the id of the pool: Pool.Acquire has led to none.</summary>
        PoolFailed = 16,
        /// <summary>Topic, opcode, data: Engine.Publish was called on this engine; with EngineOptions.PublishEvents.</summary>
        Publish = 20,
    }

    /// <summary>Whether a server asks its clients for certificates.</summary>
    public enum ClientAuth : uint
    {
        /// <summary>It does not.</summary>
        None = 0,
        /// <summary>A client may show one; a bad one is refused.</summary>
        Optional = 1,
        /// <summary>A client without a good one is refused.</summary>
        Required = 2,
    }

    /// <summary>Versions of TLS, as they are on the wire.</summary>
    public enum TlsVersion : uint
    {
        Tls12 = 771,
        Tls13 = 772,
    }
}
