// Made from include/hawser.h and the status table by `HAWSER_BLESS=1 cargo test --test bindings`; do not edit.

using System;
using System.Collections.Generic;

namespace Hawser
{
    /// <summary>Every code of an error.</summary>
    public enum Status
    {
        Ok = 0,
        /// <summary>Something failed.</summary>
        Error = -1,
        /// <summary>The call was wrong.</summary>
        Usage = -100,
        /// <summary>No such object: the handle is stale, forged, closed, zero or of another kind.</summary>
        InvalidHandle = -101,
        /// <summary>An argument or option is not acceptable.</summary>
        InvalidArgument = -102,
        /// <summary>struct_size is zero, or the struct sets fields this library does not know.</summary>
        StructSize = -103,
        /// <summary>Not in this build or on this platform.</summary>
        Unsupported = -104,
        /// <summary>Not possible in the present state.</summary>
        InvalidState = -105,
        /// <summary>Somebody else is in the middle of the same thing.</summary>
        Concurrency = -106,
        /// <summary>The URI is malformed or not a WebSocket URI.</summary>
        InvalidUri = -107,
        /// <summary>The proxy URL is malformed or of an unknown scheme.</summary>
        InvalidProxy = -108,
        /// <summary>This cannot be sent as a legal WebSocket frame.</summary>
        InvalidSend = -109,
        /// <summary>The network failed.</summary>
        Network = -200,
        /// <summary>The name does not resolve.</summary>
        Address = -201,
        /// <summary>The peer refuses connections.</summary>
        ConnectionRefused = -202,
        /// <summary>No route to the peer.</summary>
        Unreachable = -203,
        /// <summary>The peer reset the connection.</summary>
        ConnectionReset = -204,
        /// <summary>The peer ended the connection unexpectedly.</summary>
        UnexpectedEof = -205,
        /// <summary>The operating system reports an I/O error.</summary>
        Io = -206,
        /// <summary>No address of the peer could be reached.</summary>
        ConnectFailed = -207,
        /// <summary>TLS failed.</summary>
        Tls = -210,
        /// <summary>The certificate is not acceptable.</summary>
        TlsCertificate = -211,
        /// <summary>The peer sent a TLS alert.</summary>
        TlsAlert = -212,
        /// <summary>The peer does not speak acceptable TLS.</summary>
        TlsProtocol = -213,
        /// <summary>It took too long.</summary>
        Timeout = -300,
        /// <summary>The name did not resolve in time.</summary>
        ResolveTimeout = -301,
        /// <summary>The connection was not up in time.</summary>
        ConnectTimeout = -302,
        /// <summary>The opening handshake was not done in time.</summary>
        HandshakeTimeout = -303,
        /// <summary>No message came in time.</summary>
        RecvTimeout = -304,
        /// <summary>The peer takes no data.</summary>
        SendTimeout = -305,
        /// <summary>The peer did not answer a ping in time.</summary>
        PingTimeout = -306,
        /// <summary>The closing handshake was not done in time.</summary>
        CloseTimeout = -307,
        /// <summary>The connection was idle for too long.</summary>
        IdleTimeout = -308,
        /// <summary>The opening handshake failed.</summary>
        Handshake = -400,
        /// <summary>A limit that guards against hostile peers was exceeded.</summary>
        Security = -401,
        /// <summary>The request line is too long.</summary>
        RequestLineTooLong = -402,
        /// <summary>The status line is too long.</summary>
        StatusLineTooLong = -403,
        /// <summary>A header line is too long.</summary>
        HeaderLineTooLong = -404,
        /// <summary>The head has too many headers.</summary>
        TooManyHeaders = -405,
        /// <summary>The body is too large.</summary>
        BodyTooLarge = -406,
        /// <summary>A redirect leads from wss to ws.</summary>
        RedirectDowngrade = -407,
        /// <summary>Too many redirects.</summary>
        TooManyRedirects = -408,
        /// <summary>The peer does not speak HTTP/1.1.</summary>
        InvalidMessage = -410,
        /// <summary>The peer ended the connection inside its HTTP message.</summary>
        InvalidMessageEof = -411,
        /// <summary>The method is not GET.</summary>
        InvalidMethod = -412,
        /// <summary>The version is not HTTP/1.1.</summary>
        InvalidHttpVersion = -413,
        /// <summary>The server answered with another status than 101.</summary>
        InvalidStatus = -420,
        /// <summary>The server redirects.</summary>
        Redirect = -421,
        /// <summary>The server decided to refuse the request.</summary>
        HandshakeAborted = -422,
        /// <summary>A header is missing or repeated.</summary>
        InvalidHeader = -430,
        /// <summary>A header does not match its grammar.</summary>
        InvalidHeaderFormat = -431,
        /// <summary>A header has a wrong value.</summary>
        InvalidHeaderValue = -432,
        /// <summary>The origin is not allowed.</summary>
        InvalidOrigin = -433,
        /// <summary>The Upgrade or Connection header does not ask for WebSocket.</summary>
        InvalidUpgrade = -434,
        /// <summary>The negotiation of extensions or subprotocols failed.</summary>
        Negotiation = -440,
        /// <summary>An extension parameter is repeated.</summary>
        DuplicateParameter = -441,
        /// <summary>An extension parameter is unknown.</summary>
        InvalidParameterName = -442,
        /// <summary>An extension parameter has a wrong value.</summary>
        InvalidParameterValue = -443,
        /// <summary>No subprotocol in common.</summary>
        Subprotocol = -444,
        /// <summary>The proxy failed.</summary>
        Proxy = -450,
        /// <summary>The proxy does not speak its protocol.</summary>
        InvalidProxyMessage = -451,
        /// <summary>The proxy refuses to connect.</summary>
        InvalidProxyStatus = -452,
        /// <summary>The proxy wants other credentials.</summary>
        ProxyAuthentication = -453,
        /// <summary>The SOCKS proxy reports a failure.</summary>
        SocksReply = -454,
        /// <summary>The WebSocket protocol was violated.</summary>
        Protocol = -500,
        /// <summary>A frame breaks the protocol.</summary>
        InvalidFrame = -501,
        /// <summary>The payload is not UTF-8.</summary>
        InvalidPayload = -502,
        /// <summary>A message or frame is over the limit.</summary>
        PayloadTooBig = -503,
        /// <summary>A message has too many fragments.</summary>
        TooManyFragments = -504,
        /// <summary>The compressed data is corrupt.</summary>
        Decompression = -505,
        /// <summary>A Close frame is malformed.</summary>
        InvalidClose = -506,
        /// <summary>The message could not be decoded.</summary>
        InvalidMessageData = -507,
        /// <summary>The connection is closed.</summary>
        ConnectionClosed = -600,
        /// <summary>The connection was closed cleanly.</summary>
        ClosedOk = -601,
        /// <summary>The connection was closed with an error.</summary>
        ClosedError = -602,
        /// <summary>Reconnecting failed.</summary>
        Reconnect = -700,
        /// <summary>Every attempt to reconnect failed.</summary>
        ReconnectExhausted = -701,
        /// <summary>Reconnecting is off.</summary>
        ReconnectDisabled = -702,
        /// <summary>The cause is permanent, trying again would not help.</summary>
        ReconnectRefused = -703,
        /// <summary>A resource is used up.</summary>
        Resource = -800,
        /// <summary>A buffer is full.</summary>
        Buffer = -801,
        /// <summary>The send buffer overflowed.</summary>
        BufferOverflow = -802,
        /// <summary>The receive queue overflowed.</summary>
        QueueFull = -803,
        /// <summary>The send queue is full.</summary>
        SendQueueFull = -804,
        /// <summary>The pool cannot serve.</summary>
        Pool = -810,
        /// <summary>No connection of the pool became free in time.</summary>
        PoolExhausted = -811,
        /// <summary>The pool is closed.</summary>
        PoolClosed = -812,
        /// <summary>Out of memory.</summary>
        NoMemory = -820,
        /// <summary>Too many connections.</summary>
        TooManyConnections = -821,
        /// <summary>Out of file descriptors.</summary>
        FdLimit = -822,
        /// <summary>Too many subscriptions.</summary>
        TooManySubscriptions = -823,
        /// <summary>Hawser failed.</summary>
        Internal = -900,
        /// <summary>A hook of the host failed.</summary>
        Callback = -901,
        /// <summary>A bug in hawser was caught at the border.</summary>
        Panic = -902,
        /// <summary>The engine belongs to the parent process.</summary>
        Forked = -903,
    }

    /// <summary>What is known about codes.</summary>
    public static unsafe class StatusExtensions
    {
        /// <summary>True for the ancestor itself and all that is below it, directly or not.</summary>
        public static bool Is(this Status status, Status ancestor)
        {
            if (status == ancestor) return true;
            foreach (var parent in status.Parents())
                if (parent.Is(ancestor)) return true;
            return false;
        }

        /// <summary>"HWS_ERR_INVALID_STATUS".</summary>
        public static string Name(this Status status) => Library.First(() => Memory.Text(Native.hws_status_name((int)status)));

        /// <summary>In plain English.</summary>
        public static string Text(this Status status) => Library.First(() => Memory.Text(Native.hws_status_text((int)status)));

        /// <summary>The direct parents.</summary>
        public static IReadOnlyList<Status> Parents(this Status status)
        {
            switch (status)
            {
                case Status.Error: return new Status[] {  };
                case Status.Usage: return new Status[] { Status.Error };
                case Status.InvalidHandle: return new Status[] { Status.Usage };
                case Status.InvalidArgument: return new Status[] { Status.Usage };
                case Status.StructSize: return new Status[] { Status.Usage };
                case Status.Unsupported: return new Status[] { Status.Usage };
                case Status.InvalidState: return new Status[] { Status.Usage, Status.Protocol };
                case Status.Concurrency: return new Status[] { Status.Usage, Status.Protocol };
                case Status.InvalidUri: return new Status[] { Status.Usage };
                case Status.InvalidProxy: return new Status[] { Status.Usage, Status.Proxy };
                case Status.InvalidSend: return new Status[] { Status.Usage, Status.Protocol };
                case Status.Network: return new Status[] { Status.Error };
                case Status.Address: return new Status[] { Status.Network };
                case Status.ConnectionRefused: return new Status[] { Status.Network };
                case Status.Unreachable: return new Status[] { Status.Network };
                case Status.ConnectionReset: return new Status[] { Status.Network };
                case Status.UnexpectedEof: return new Status[] { Status.Network };
                case Status.Io: return new Status[] { Status.Network };
                case Status.ConnectFailed: return new Status[] { Status.Network };
                case Status.Tls: return new Status[] { Status.Network };
                case Status.TlsCertificate: return new Status[] { Status.Tls, Status.Security };
                case Status.TlsAlert: return new Status[] { Status.Tls };
                case Status.TlsProtocol: return new Status[] { Status.Tls };
                case Status.Timeout: return new Status[] { Status.Error };
                case Status.ResolveTimeout: return new Status[] { Status.Timeout, Status.Network };
                case Status.ConnectTimeout: return new Status[] { Status.Timeout, Status.Network };
                case Status.HandshakeTimeout: return new Status[] { Status.Timeout, Status.Handshake, Status.Network };
                case Status.RecvTimeout: return new Status[] { Status.Timeout };
                case Status.SendTimeout: return new Status[] { Status.Timeout };
                case Status.PingTimeout: return new Status[] { Status.Timeout };
                case Status.CloseTimeout: return new Status[] { Status.Timeout };
                case Status.IdleTimeout: return new Status[] { Status.Timeout };
                case Status.Handshake: return new Status[] { Status.Error };
                case Status.Security: return new Status[] { Status.Handshake };
                case Status.RequestLineTooLong: return new Status[] { Status.Security };
                case Status.StatusLineTooLong: return new Status[] { Status.Security };
                case Status.HeaderLineTooLong: return new Status[] { Status.Security };
                case Status.TooManyHeaders: return new Status[] { Status.Security };
                case Status.BodyTooLarge: return new Status[] { Status.Security };
                case Status.RedirectDowngrade: return new Status[] { Status.Security, Status.Redirect };
                case Status.TooManyRedirects: return new Status[] { Status.Security, Status.Redirect };
                case Status.InvalidMessage: return new Status[] { Status.Handshake };
                case Status.InvalidMessageEof: return new Status[] { Status.InvalidMessage, Status.Network };
                case Status.InvalidMethod: return new Status[] { Status.Handshake };
                case Status.InvalidHttpVersion: return new Status[] { Status.Handshake };
                case Status.InvalidStatus: return new Status[] { Status.Handshake };
                case Status.Redirect: return new Status[] { Status.InvalidStatus };
                case Status.HandshakeAborted: return new Status[] { Status.Handshake };
                case Status.InvalidHeader: return new Status[] { Status.Handshake };
                case Status.InvalidHeaderFormat: return new Status[] { Status.InvalidHeader };
                case Status.InvalidHeaderValue: return new Status[] { Status.InvalidHeader };
                case Status.InvalidOrigin: return new Status[] { Status.InvalidHeader, Status.Handshake };
                case Status.InvalidUpgrade: return new Status[] { Status.InvalidHeader, Status.Handshake };
                case Status.Negotiation: return new Status[] { Status.Handshake };
                case Status.DuplicateParameter: return new Status[] { Status.Negotiation, Status.Handshake };
                case Status.InvalidParameterName: return new Status[] { Status.Negotiation, Status.Handshake };
                case Status.InvalidParameterValue: return new Status[] { Status.Negotiation, Status.Handshake };
                case Status.Subprotocol: return new Status[] { Status.Negotiation };
                case Status.Proxy: return new Status[] { Status.Handshake };
                case Status.InvalidProxyMessage: return new Status[] { Status.Proxy };
                case Status.InvalidProxyStatus: return new Status[] { Status.Proxy };
                case Status.ProxyAuthentication: return new Status[] { Status.InvalidProxyStatus };
                case Status.SocksReply: return new Status[] { Status.Proxy };
                case Status.Protocol: return new Status[] { Status.Error };
                case Status.InvalidFrame: return new Status[] { Status.Protocol };
                case Status.InvalidPayload: return new Status[] { Status.Protocol };
                case Status.PayloadTooBig: return new Status[] { Status.Protocol };
                case Status.TooManyFragments: return new Status[] { Status.Protocol };
                case Status.Decompression: return new Status[] { Status.Protocol };
                case Status.InvalidClose: return new Status[] { Status.Protocol };
                case Status.InvalidMessageData: return new Status[] { Status.Protocol };
                case Status.ConnectionClosed: return new Status[] { Status.Error };
                case Status.ClosedOk: return new Status[] { Status.ConnectionClosed };
                case Status.ClosedError: return new Status[] { Status.ConnectionClosed };
                case Status.Reconnect: return new Status[] { Status.Error };
                case Status.ReconnectExhausted: return new Status[] { Status.Reconnect, Status.Network };
                case Status.ReconnectDisabled: return new Status[] { Status.Reconnect };
                case Status.ReconnectRefused: return new Status[] { Status.Reconnect };
                case Status.Resource: return new Status[] { Status.Error };
                case Status.Buffer: return new Status[] { Status.Resource };
                case Status.BufferOverflow: return new Status[] { Status.Buffer };
                case Status.QueueFull: return new Status[] { Status.Buffer };
                case Status.SendQueueFull: return new Status[] { Status.Buffer };
                case Status.Pool: return new Status[] { Status.Resource };
                case Status.PoolExhausted: return new Status[] { Status.Pool, Status.Timeout };
                case Status.PoolClosed: return new Status[] { Status.Pool };
                case Status.NoMemory: return new Status[] { Status.Resource };
                case Status.TooManyConnections: return new Status[] { Status.Resource };
                case Status.FdLimit: return new Status[] { Status.Resource };
                case Status.TooManySubscriptions: return new Status[] { Status.Resource };
                case Status.Internal: return new Status[] { Status.Error };
                case Status.Callback: return new Status[] { Status.Internal };
                case Status.Panic: return new Status[] { Status.Internal };
                case Status.Forked: return new Status[] { Status.Internal };
                case Status.Ok: return new Status[0];
                default: return new[] { (Status)Native.hws_status_parent((int)status, 0) }; // the library is newer
            }
        }
    }

    public partial class HawserException
    {
        /// <summary>Of the class of this status; of one that this binding does not know, of the nearest above it.</summary>
        static unsafe HawserException New(Status status, hws_error_info* info, Exception inner)
        {
            switch (status)
            {
                case Status.Ok:
                case Status.Error: return new HawserException(info, inner);
                case Status.Usage: return new UsageException(info, inner);
                case Status.InvalidHandle: return new InvalidHandleException(info, inner);
                case Status.InvalidArgument: return new InvalidArgumentException(info, inner);
                case Status.StructSize: return new StructSizeException(info, inner);
                case Status.Unsupported: return new UnsupportedException(info, inner);
                case Status.InvalidUri: return new InvalidUriException(info, inner);
                case Status.Network: return new NetworkException(info, inner);
                case Status.Address: return new AddressException(info, inner);
                case Status.ConnectionRefused: return new ConnectionRefusedException(info, inner);
                case Status.Unreachable: return new UnreachableException(info, inner);
                case Status.ConnectionReset: return new ConnectionResetException(info, inner);
                case Status.UnexpectedEof: return new UnexpectedEofException(info, inner);
                case Status.Io: return new IoException(info, inner);
                case Status.ConnectFailed: return new ConnectFailedException(info, inner);
                case Status.Tls: return new TlsException(info, inner);
                case Status.TlsAlert: return new TlsAlertException(info, inner);
                case Status.TlsProtocol: return new TlsProtocolException(info, inner);
                case Status.Timeout: return new HawserTimeoutException(info, inner);
                case Status.ResolveTimeout: return new ResolveTimeoutException(info, inner);
                case Status.ConnectTimeout: return new ConnectTimeoutException(info, inner);
                case Status.RecvTimeout: return new RecvTimeoutException(info, inner);
                case Status.SendTimeout: return new SendTimeoutException(info, inner);
                case Status.PingTimeout: return new PingTimeoutException(info, inner);
                case Status.CloseTimeout: return new CloseTimeoutException(info, inner);
                case Status.IdleTimeout: return new IdleTimeoutException(info, inner);
                case Status.Handshake: return new HandshakeException(info, inner);
                case Status.HandshakeTimeout: return new HandshakeTimeoutException(info, inner);
                case Status.Security: return new SecurityException(info, inner);
                case Status.TlsCertificate: return new TlsCertificateException(info, inner);
                case Status.RequestLineTooLong: return new RequestLineTooLongException(info, inner);
                case Status.StatusLineTooLong: return new StatusLineTooLongException(info, inner);
                case Status.HeaderLineTooLong: return new HeaderLineTooLongException(info, inner);
                case Status.TooManyHeaders: return new TooManyHeadersException(info, inner);
                case Status.BodyTooLarge: return new BodyTooLargeException(info, inner);
                case Status.InvalidMessage: return new InvalidMessageException(info, inner);
                case Status.InvalidMessageEof: return new InvalidMessageEofException(info, inner);
                case Status.InvalidMethod: return new InvalidMethodException(info, inner);
                case Status.InvalidHttpVersion: return new InvalidHttpVersionException(info, inner);
                case Status.InvalidStatus: return new InvalidStatusException(info, inner);
                case Status.Redirect: return new RedirectException(info, inner);
                case Status.RedirectDowngrade: return new RedirectDowngradeException(info, inner);
                case Status.TooManyRedirects: return new TooManyRedirectsException(info, inner);
                case Status.HandshakeAborted: return new HandshakeAbortedException(info, inner);
                case Status.InvalidHeader: return new InvalidHeaderException(info, inner);
                case Status.InvalidHeaderFormat: return new InvalidHeaderFormatException(info, inner);
                case Status.InvalidHeaderValue: return new InvalidHeaderValueException(info, inner);
                case Status.InvalidOrigin: return new InvalidOriginException(info, inner);
                case Status.InvalidUpgrade: return new InvalidUpgradeException(info, inner);
                case Status.Negotiation: return new NegotiationException(info, inner);
                case Status.DuplicateParameter: return new DuplicateParameterException(info, inner);
                case Status.InvalidParameterName: return new InvalidParameterNameException(info, inner);
                case Status.InvalidParameterValue: return new InvalidParameterValueException(info, inner);
                case Status.Subprotocol: return new SubprotocolException(info, inner);
                case Status.Proxy: return new ProxyException(info, inner);
                case Status.InvalidProxy: return new InvalidProxyException(info, inner);
                case Status.InvalidProxyMessage: return new InvalidProxyMessageException(info, inner);
                case Status.InvalidProxyStatus: return new InvalidProxyStatusException(info, inner);
                case Status.ProxyAuthentication: return new ProxyAuthenticationException(info, inner);
                case Status.SocksReply: return new SocksReplyException(info, inner);
                case Status.Protocol: return new ProtocolException(info, inner);
                case Status.InvalidState: return new InvalidStateException(info, inner);
                case Status.Concurrency: return new ConcurrencyException(info, inner);
                case Status.InvalidSend: return new InvalidSendException(info, inner);
                case Status.InvalidFrame: return new InvalidFrameException(info, inner);
                case Status.InvalidPayload: return new InvalidPayloadException(info, inner);
                case Status.PayloadTooBig: return new PayloadTooBigException(info, inner);
                case Status.TooManyFragments: return new TooManyFragmentsException(info, inner);
                case Status.Decompression: return new DecompressionException(info, inner);
                case Status.InvalidClose: return new InvalidCloseException(info, inner);
                case Status.InvalidMessageData: return new InvalidMessageDataException(info, inner);
                case Status.ConnectionClosed: return new ConnectionClosedException(info, inner);
                case Status.ClosedOk: return new ClosedOkException(info, inner);
                case Status.ClosedError: return new ClosedErrorException(info, inner);
                case Status.Reconnect: return new ReconnectException(info, inner);
                case Status.ReconnectExhausted: return new ReconnectExhaustedException(info, inner);
                case Status.ReconnectDisabled: return new ReconnectDisabledException(info, inner);
                case Status.ReconnectRefused: return new ReconnectRefusedException(info, inner);
                case Status.Resource: return new ResourceException(info, inner);
                case Status.Buffer: return new BufferException(info, inner);
                case Status.BufferOverflow: return new BufferOverflowException(info, inner);
                case Status.QueueFull: return new QueueFullException(info, inner);
                case Status.SendQueueFull: return new SendQueueFullException(info, inner);
                case Status.Pool: return new PoolException(info, inner);
                case Status.PoolExhausted: return new PoolExhaustedException(info, inner);
                case Status.PoolClosed: return new PoolClosedException(info, inner);
                case Status.NoMemory: return new NoMemoryException(info, inner);
                case Status.TooManyConnections: return new TooManyConnectionsException(info, inner);
                case Status.FdLimit: return new FdLimitException(info, inner);
                case Status.TooManySubscriptions: return new TooManySubscriptionsException(info, inner);
                case Status.Internal: return new InternalException(info, inner);
                case Status.Callback: return new CallbackException(info, inner);
                case Status.Panic: return new PanicException(info, inner);
                case Status.Forked: return new ForkedException(info, inner);
                default: return New((Status)Native.hws_status_parent((int)status, 0), info, inner);
            }
        }
    }

    /// <summary>The call was wrong.</summary>
    public class UsageException : HawserException
    {
        internal unsafe UsageException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>No such object: the handle is stale, forged, closed, zero or of another kind.</summary>
    public class InvalidHandleException : UsageException
    {
        internal unsafe InvalidHandleException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>An argument or option is not acceptable.</summary>
    public class InvalidArgumentException : UsageException
    {
        internal unsafe InvalidArgumentException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>struct_size is zero, or the struct sets fields this library does not know.</summary>
    public class StructSizeException : UsageException
    {
        internal unsafe StructSizeException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>Not in this build or on this platform.</summary>
    public class UnsupportedException : UsageException
    {
        internal unsafe UnsupportedException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The URI is malformed or not a WebSocket URI.</summary>
    public class InvalidUriException : UsageException
    {
        internal unsafe InvalidUriException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The network failed.</summary>
    public class NetworkException : HawserException
    {
        internal unsafe NetworkException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The name does not resolve.</summary>
    public class AddressException : NetworkException
    {
        internal unsafe AddressException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The peer refuses connections.</summary>
    public class ConnectionRefusedException : NetworkException
    {
        internal unsafe ConnectionRefusedException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>No route to the peer.</summary>
    public class UnreachableException : NetworkException
    {
        internal unsafe UnreachableException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The peer reset the connection.</summary>
    public class ConnectionResetException : NetworkException
    {
        internal unsafe ConnectionResetException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The peer ended the connection unexpectedly.</summary>
    public class UnexpectedEofException : NetworkException
    {
        internal unsafe UnexpectedEofException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The operating system reports an I/O error.</summary>
    public class IoException : NetworkException
    {
        internal unsafe IoException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>No address of the peer could be reached.</summary>
    public class ConnectFailedException : NetworkException
    {
        internal unsafe ConnectFailedException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>TLS failed.</summary>
    public class TlsException : NetworkException
    {
        internal unsafe TlsException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The peer sent a TLS alert.</summary>
    public class TlsAlertException : TlsException
    {
        internal unsafe TlsAlertException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The peer does not speak acceptable TLS.</summary>
    public class TlsProtocolException : TlsException
    {
        internal unsafe TlsProtocolException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>It took too long.</summary>
    public class HawserTimeoutException : HawserException
    {
        internal unsafe HawserTimeoutException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The name did not resolve in time. It <c>Is</c> <see cref="Status.Network"/>, too.</summary>
    public class ResolveTimeoutException : HawserTimeoutException
    {
        internal unsafe ResolveTimeoutException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The connection was not up in time. It <c>Is</c> <see cref="Status.Network"/>, too.</summary>
    public class ConnectTimeoutException : HawserTimeoutException
    {
        internal unsafe ConnectTimeoutException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>No message came in time.</summary>
    public class RecvTimeoutException : HawserTimeoutException
    {
        internal unsafe RecvTimeoutException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The peer takes no data.</summary>
    public class SendTimeoutException : HawserTimeoutException
    {
        internal unsafe SendTimeoutException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The peer did not answer a ping in time.</summary>
    public class PingTimeoutException : HawserTimeoutException
    {
        internal unsafe PingTimeoutException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The closing handshake was not done in time.</summary>
    public class CloseTimeoutException : HawserTimeoutException
    {
        internal unsafe CloseTimeoutException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The connection was idle for too long.</summary>
    public class IdleTimeoutException : HawserTimeoutException
    {
        internal unsafe IdleTimeoutException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The opening handshake failed.</summary>
    public class HandshakeException : HawserException
    {
        internal unsafe HandshakeException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The opening handshake was not done in time. It <c>Is</c> <see cref="Status.Handshake"/> and <see cref="Status.Network"/>, too.</summary>
    public class HandshakeTimeoutException : HawserTimeoutException
    {
        internal unsafe HandshakeTimeoutException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>A limit that guards against hostile peers was exceeded.</summary>
    public class SecurityException : HandshakeException
    {
        internal unsafe SecurityException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The certificate is not acceptable. It <c>Is</c> <see cref="Status.Security"/>, too.</summary>
    public class TlsCertificateException : TlsException
    {
        internal unsafe TlsCertificateException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The request line is too long.</summary>
    public class RequestLineTooLongException : SecurityException
    {
        internal unsafe RequestLineTooLongException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The status line is too long.</summary>
    public class StatusLineTooLongException : SecurityException
    {
        internal unsafe StatusLineTooLongException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>A header line is too long.</summary>
    public class HeaderLineTooLongException : SecurityException
    {
        internal unsafe HeaderLineTooLongException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The head has too many headers.</summary>
    public class TooManyHeadersException : SecurityException
    {
        internal unsafe TooManyHeadersException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The body is too large.</summary>
    public class BodyTooLargeException : SecurityException
    {
        internal unsafe BodyTooLargeException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The peer does not speak HTTP/1.1.</summary>
    public class InvalidMessageException : HandshakeException
    {
        internal unsafe InvalidMessageException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The peer ended the connection inside its HTTP message. It <c>Is</c> <see cref="Status.Network"/>, too.</summary>
    public class InvalidMessageEofException : InvalidMessageException
    {
        internal unsafe InvalidMessageEofException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The method is not GET.</summary>
    public class InvalidMethodException : HandshakeException
    {
        internal unsafe InvalidMethodException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The version is not HTTP/1.1.</summary>
    public class InvalidHttpVersionException : HandshakeException
    {
        internal unsafe InvalidHttpVersionException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The server answered with another status than 101.</summary>
    public class InvalidStatusException : HandshakeException
    {
        internal unsafe InvalidStatusException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The server redirects.</summary>
    public class RedirectException : InvalidStatusException
    {
        internal unsafe RedirectException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>A redirect leads from wss to ws. It <c>Is</c> <see cref="Status.Redirect"/>, too.</summary>
    public class RedirectDowngradeException : SecurityException
    {
        internal unsafe RedirectDowngradeException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>Too many redirects. It <c>Is</c> <see cref="Status.Redirect"/>, too.</summary>
    public class TooManyRedirectsException : SecurityException
    {
        internal unsafe TooManyRedirectsException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The server decided to refuse the request.</summary>
    public class HandshakeAbortedException : HandshakeException
    {
        internal unsafe HandshakeAbortedException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>A header is missing or repeated.</summary>
    public class InvalidHeaderException : HandshakeException
    {
        internal unsafe InvalidHeaderException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>A header does not match its grammar.</summary>
    public class InvalidHeaderFormatException : InvalidHeaderException
    {
        internal unsafe InvalidHeaderFormatException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>A header has a wrong value.</summary>
    public class InvalidHeaderValueException : InvalidHeaderException
    {
        internal unsafe InvalidHeaderValueException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The origin is not allowed.</summary>
    public class InvalidOriginException : InvalidHeaderException
    {
        internal unsafe InvalidOriginException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The Upgrade or Connection header does not ask for WebSocket.</summary>
    public class InvalidUpgradeException : InvalidHeaderException
    {
        internal unsafe InvalidUpgradeException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The negotiation of extensions or subprotocols failed.</summary>
    public class NegotiationException : HandshakeException
    {
        internal unsafe NegotiationException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>An extension parameter is repeated.</summary>
    public class DuplicateParameterException : NegotiationException
    {
        internal unsafe DuplicateParameterException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>An extension parameter is unknown.</summary>
    public class InvalidParameterNameException : NegotiationException
    {
        internal unsafe InvalidParameterNameException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>An extension parameter has a wrong value.</summary>
    public class InvalidParameterValueException : NegotiationException
    {
        internal unsafe InvalidParameterValueException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>No subprotocol in common.</summary>
    public class SubprotocolException : NegotiationException
    {
        internal unsafe SubprotocolException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The proxy failed.</summary>
    public class ProxyException : HandshakeException
    {
        internal unsafe ProxyException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The proxy URL is malformed or of an unknown scheme. It <c>Is</c> <see cref="Status.Proxy"/>, too.</summary>
    public class InvalidProxyException : UsageException
    {
        internal unsafe InvalidProxyException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The proxy does not speak its protocol.</summary>
    public class InvalidProxyMessageException : ProxyException
    {
        internal unsafe InvalidProxyMessageException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The proxy refuses to connect.</summary>
    public class InvalidProxyStatusException : ProxyException
    {
        internal unsafe InvalidProxyStatusException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The proxy wants other credentials.</summary>
    public class ProxyAuthenticationException : InvalidProxyStatusException
    {
        internal unsafe ProxyAuthenticationException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The SOCKS proxy reports a failure.</summary>
    public class SocksReplyException : ProxyException
    {
        internal unsafe SocksReplyException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The WebSocket protocol was violated.</summary>
    public class ProtocolException : HawserException
    {
        internal unsafe ProtocolException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>Not possible in the present state. It <c>Is</c> <see cref="Status.Protocol"/>, too.</summary>
    public class InvalidStateException : UsageException
    {
        internal unsafe InvalidStateException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>Somebody else is in the middle of the same thing. It <c>Is</c> <see cref="Status.Protocol"/>, too.</summary>
    public class ConcurrencyException : UsageException
    {
        internal unsafe ConcurrencyException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>This cannot be sent as a legal WebSocket frame. It <c>Is</c> <see cref="Status.Protocol"/>, too.</summary>
    public class InvalidSendException : UsageException
    {
        internal unsafe InvalidSendException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>A frame breaks the protocol.</summary>
    public class InvalidFrameException : ProtocolException
    {
        internal unsafe InvalidFrameException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The payload is not UTF-8.</summary>
    public class InvalidPayloadException : ProtocolException
    {
        internal unsafe InvalidPayloadException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>A message or frame is over the limit.</summary>
    public class PayloadTooBigException : ProtocolException
    {
        internal unsafe PayloadTooBigException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>A message has too many fragments.</summary>
    public class TooManyFragmentsException : ProtocolException
    {
        internal unsafe TooManyFragmentsException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The compressed data is corrupt.</summary>
    public class DecompressionException : ProtocolException
    {
        internal unsafe DecompressionException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>A Close frame is malformed.</summary>
    public class InvalidCloseException : ProtocolException
    {
        internal unsafe InvalidCloseException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The message could not be decoded.</summary>
    public class InvalidMessageDataException : ProtocolException
    {
        internal unsafe InvalidMessageDataException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The connection is closed.</summary>
    public class ConnectionClosedException : HawserException
    {
        internal unsafe ConnectionClosedException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The connection was closed cleanly.</summary>
    public class ClosedOkException : ConnectionClosedException
    {
        internal unsafe ClosedOkException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The connection was closed with an error.</summary>
    public class ClosedErrorException : ConnectionClosedException
    {
        internal unsafe ClosedErrorException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>Reconnecting failed.</summary>
    public class ReconnectException : HawserException
    {
        internal unsafe ReconnectException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>Every attempt to reconnect failed. It <c>Is</c> <see cref="Status.Network"/>, too.</summary>
    public class ReconnectExhaustedException : ReconnectException
    {
        internal unsafe ReconnectExhaustedException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>Reconnecting is off.</summary>
    public class ReconnectDisabledException : ReconnectException
    {
        internal unsafe ReconnectDisabledException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The cause is permanent, trying again would not help.</summary>
    public class ReconnectRefusedException : ReconnectException
    {
        internal unsafe ReconnectRefusedException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>A resource is used up.</summary>
    public class ResourceException : HawserException
    {
        internal unsafe ResourceException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>A buffer is full.</summary>
    public class BufferException : ResourceException
    {
        internal unsafe BufferException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The send buffer overflowed.</summary>
    public class BufferOverflowException : BufferException
    {
        internal unsafe BufferOverflowException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The receive queue overflowed.</summary>
    public class QueueFullException : BufferException
    {
        internal unsafe QueueFullException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The send queue is full.</summary>
    public class SendQueueFullException : BufferException
    {
        internal unsafe SendQueueFullException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The pool cannot serve.</summary>
    public class PoolException : ResourceException
    {
        internal unsafe PoolException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>No connection of the pool became free in time. It <c>Is</c> <see cref="Status.Timeout"/>, too.</summary>
    public class PoolExhaustedException : PoolException
    {
        internal unsafe PoolExhaustedException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The pool is closed.</summary>
    public class PoolClosedException : PoolException
    {
        internal unsafe PoolClosedException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>Out of memory.</summary>
    public class NoMemoryException : ResourceException
    {
        internal unsafe NoMemoryException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>Too many connections.</summary>
    public class TooManyConnectionsException : ResourceException
    {
        internal unsafe TooManyConnectionsException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>Out of file descriptors.</summary>
    public class FdLimitException : ResourceException
    {
        internal unsafe FdLimitException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>Too many subscriptions.</summary>
    public class TooManySubscriptionsException : ResourceException
    {
        internal unsafe TooManySubscriptionsException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>Hawser failed.</summary>
    public class InternalException : HawserException
    {
        internal unsafe InternalException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>A hook of the host failed.</summary>
    public class CallbackException : InternalException
    {
        internal unsafe CallbackException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>A bug in hawser was caught at the border.</summary>
    public class PanicException : InternalException
    {
        internal unsafe PanicException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }

    /// <summary>The engine belongs to the parent process.</summary>
    public class ForkedException : InternalException
    {
        internal unsafe ForkedException(hws_error_info* info, Exception inner) : base(info, inner) { }
    }
}
