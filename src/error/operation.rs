//! What was being done when it failed.

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $number:literal $text:literal,)+) => {
        /// What was being done when it failed. Numbers are part of the ABI: appended, never moved.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        #[repr(u32)]
        pub enum Operation { $($(#[$doc])* $name = $number,)+ }

        impl Operation {
            /// The word for a number, `None` for a number that is none of ours.
            pub fn name_of(number: u32) -> Option<&'static std::ffi::CStr> {
                const fn c(text: &'static str) -> &'static std::ffi::CStr {
                    match std::ffi::CStr::from_bytes_with_nul(text.as_bytes()) {
                        Ok(text) => text,
                        Err(_) => panic!("an operation's name holds a NUL"),
                    }
                }
                match number { $($number => Some(c(concat!($text, "\0"))),)+ _ => None }
            }
        }
    };
}

operations! {
    /// Not known.
    #[default]
    None = 0 "none",
    /// Turning a name into addresses.
    Resolve = 1 "resolve",
    /// The TCP connection.
    Connect = 2 "connect",
    /// The opening handshake, RFC 6455 §4.
    Handshake = 3 "handshake",
    /// Taking a connection from a listener.
    Accept = 4 "accept",
    /// Binding and listening.
    Listen = 5 "listen",
    /// Reading frames.
    Receive = 6 "receive",
    /// Writing frames.
    Send = 7 "send",
    /// Keepalive.
    Ping = 8 "ping",
    /// The closing handshake, RFC 6455 §7.
    Close = 9 "close",
    /// Waiting for anything at all to happen.
    Idle = 10 "idle",
    /// Polling the engine.
    Poll = 11 "poll",
    /// Looking at or changing a connection, listener or engine.
    Inspect = 12 "inspect",
    /// Making or freeing an engine.
    Engine = 13 "engine",
    /// Setting up the library.
    Library = 14 "library",
    /// The TLS handshake and its records.
    Tls = 15 "tls",
    /// What is said to a proxy.
    Proxy = 16 "proxy",
    /// Connecting again.
    Reconnect = 17 "reconnect",
    /// Waiting for a connection of a pool.
    Acquire = 18 "acquire",
}
