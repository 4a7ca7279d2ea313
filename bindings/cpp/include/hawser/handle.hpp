// What functions return, and what the classes of handles.hpp are made of. Include <hawser.hpp>.
#ifndef HAWSER_HANDLE_HPP
#define HAWSER_HANDLE_HPP

#include "errors.hpp"

namespace hawser {
inline namespace HAWSER_MODE {
#if defined(HAWSER_NO_EXCEPTIONS)
template <class T> using Outcome = Result<T>;

namespace detail {
template <class T> Result<T> fail(const Error &error) { return error; }
inline Result<void> done(hws_status status) { return status == HWS_OK ? Result<void>() : Error::last(); }
} // namespace detail
#else
template <class T> using Outcome = T;

/// Throws an error that was found elsewhere, in an event say, as the class of its status.
[[noreturn]] inline void raise(const Error &error) { detail::raise(error, error.status()); }
[[noreturn]] inline void raise(ErrorInfo info) { raise(Error(info)); }

namespace detail {
template <class T> [[noreturn]] T fail(const Error &error) { hawser::raise(error); }
inline void done(hws_status status) {
    if (status != HWS_OK) hawser::raise(Error::last());
}
} // namespace detail
#endif

/// A message of its own.
struct Message {
    Opcode opcode{};
    std::string data;
    bool fin = true; ///< false: a fragment, and more follow
};

namespace detail {
template <class T> Outcome<T> outcome(hws_status status, T value) {
    if (status != HWS_OK) return fail<T>(Error::last());
    return Outcome<T>(std::move(value));
}

/// A struct of C that begins with its size.
template <class C> struct Sized : C {
    Sized() noexcept : C{} { this->struct_size = sizeof(C); }
};

/// Options as C has them, with what they point to.
template <class C> class Lowered {
public:
    template <class T> explicit Lowered(const T &options) { set(value_, options, arena_); }
    const C *get() const noexcept { return &value_; }

private:
    Arena arena_;
    C value_{};
};

/// The number that stands for something of the library's: copied freely, and stale when that has ended.
template <class C> class Handle {
public:
    Handle() noexcept = default;
    Handle(C handle) noexcept : handle_(handle) {}
    operator C() const noexcept { return handle_; }
    std::uint64_t id() const noexcept { return handle_.id; }
    explicit operator bool() const noexcept { return handle_.id != 0; }
    friend bool operator==(const Handle &a, const Handle &b) noexcept { return a.id() == b.id(); }
    friend bool operator!=(const Handle &a, const Handle &b) noexcept { return a.id() != b.id(); }
    friend bool operator<(const Handle &a, const Handle &b) noexcept { return a.id() < b.id(); }

protected:
    C handle_{};
};

/// A connection's messages.
class Sender : public Handle<hws_conn> {
public:
    using Handle::Handle;

    Outcome<void> send_text(std::string_view text, SendOptions how = {}) const { return send(Opcode::text, text, how); }
    Outcome<void> send_binary(Bytes data, SendOptions how = {}) const { return send(Opcode::binary, data, how); }
    /// The next fragment of a message that was begun with SendOptions::more.
    Outcome<void> send_next(Bytes data, SendOptions how = {}) const { return send(Opcode::cont, data, how); }
    Outcome<void> ping(Bytes data = {}, SendOptions how = {}) const { return send(Opcode::ping, data, how); }
    Outcome<void> pong(Bytes data = {}) const { return send(Opcode::pong, data); }
    Outcome<void> send(Opcode opcode, Bytes data, SendOptions how = {}) const {
        return done(static_cast<hws_status>(try_send(opcode, data, how)));
    }
    /// Never throws: for where a full queue is no surprise. Error::last() has the rest.
    [[nodiscard]] StatusCode try_send(Opcode opcode, Bytes data, SendOptions how = {}) const noexcept {
        const Lowered<hws_send_options> options(how);
        return StatusCode(hws_send(handle_, static_cast<hws_opcode>(opcode), data.data(), data.size(), options.get()));
    }
    /// For scripts with one thread: waits for the next message or fragment; fails with what has ended the connection.
    Outcome<Message> receive(std::chrono::milliseconds timeout = never) const {
        hws_event event{};
        if (hws_recv(handle_, &event, sizeof event, count_ms(timeout)) != HWS_OK) return fail<Message>(Error::last());
        const bool fin = event.kind == HWS_EVENT_MESSAGE || (event.flags & HWS_FLAG_FIN) != 0;
        return Message{Opcode(event.opcode), std::string(Bytes(event.data).text()), fin};
    }
};
} // namespace detail
} // namespace HAWSER_MODE
} // namespace hawser

#endif
