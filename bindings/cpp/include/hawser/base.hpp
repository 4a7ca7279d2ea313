// The small types that everything else is made of, and how options become structs of C. Include <hawser.hpp>.
#ifndef HAWSER_BASE_HPP
#define HAWSER_BASE_HPP

#include <hawser.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#if !defined(HAWSER_NO_EXCEPTIONS) && !defined(__cpp_exceptions) && !defined(_CPPUNWIND)
#define HAWSER_NO_EXCEPTIONS
#endif
// What throws and what does not are different types, so that a program may hold files compiled either way.
#if defined(HAWSER_NO_EXCEPTIONS)
#define HAWSER_MODE no_exceptions
#else
#define HAWSER_MODE exceptions
#endif

namespace hawser {
inline namespace HAWSER_MODE {
/// Where a time is asked for: no deadline.
inline constexpr std::chrono::milliseconds never{HWS_NEVER};
/// Reconnect::jitter_percent: the delay is the ceiling.
inline constexpr std::uint32_t no_jitter = HWS_NO_JITTER;

/// An array of somebody else's, who must keep it. It becomes a std::span.
template <class T> class Span {
public:
    constexpr Span() noexcept = default;
    constexpr Span(T *data, std::size_t size) noexcept : data_(data), size_(size) {}
    constexpr T *data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr T *begin() const noexcept { return data_; }
    constexpr T *end() const noexcept { return data_ + size_; }
    constexpr T &operator[](std::size_t at) const noexcept { return data_[at]; }

private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};

/// Bytes of somebody else's. Whatever has data() and size() and elements of one byte becomes one.
class Bytes : public Span<const std::byte> {
public:
    constexpr Bytes() noexcept = default;
    Bytes(const void *data, std::size_t size) noexcept : Span(static_cast<const std::byte *>(data), size) {}
    Bytes(const char *text) noexcept : Bytes(text, text ? std::strlen(text) : 0) {}
    explicit Bytes(hws_bytes bytes) noexcept : Bytes(bytes.ptr, bytes.len) {}
    template <class Range, class Element = std::remove_pointer_t<decltype(std::data(std::declval<const Range &>()))>,
              class = std::enable_if_t<sizeof(Element) == 1>>
    Bytes(const Range &range) noexcept : Bytes(std::data(range), std::size(range)) {}
    std::string_view text() const noexcept { return {reinterpret_cast<const char *>(data()), size()}; }
};

/// A header field to be sent.
struct Header {
    std::string name, value;
};

/// A header field that has come.
struct HeaderView {
    std::string_view name, value;
};

/// A Close frame, RFC 6455 section 5.5.1; the code is 1005 if it had none.
struct CloseFrame {
    std::uint32_t code;
    std::string_view reason;
};

namespace detail {
inline std::string_view view(hws_str text) noexcept { return {text.ptr, text.len}; }
inline HeaderView view(const hws_header &header) noexcept { return {view(header.name), view(header.value)}; }
inline std::optional<CloseFrame> view(const hws_close_info &frame) noexcept {
    return frame.present ? std::optional(CloseFrame{frame.code, view(frame.reason)}) : std::nullopt;
}
template <class C> auto views(const C *items, std::size_t count) {
    std::vector<decltype(view(*items))> seen;
    for (std::size_t i = 0; i < count; ++i) seen.push_back(view(items[i]));
    return seen;
}
inline hws_str lend(std::string_view text) noexcept { return {text.data(), text.size()}; }

/// What the structs of one call point to, until it is over.
struct Arena {
    template <class T> T *make(std::size_t count) {
        auto items = std::make_shared<std::vector<T>>(count);
        kept.push_back(items);
        return items->data();
    }
    std::vector<std::shared_ptr<void>> kept;
};

// set(to, from, arena): a field of an options struct becomes that of the struct of C. Those of structs are generated.
template <class T> void set(T &to, const T &from, Arena &) { to = from; }
template <class T> std::enable_if_t<std::is_enum_v<T>> set(std::uint32_t &to, T from, Arena &) {
    to = static_cast<std::uint32_t>(from);
}
inline void set(std::uint32_t &to, std::optional<bool> from, Arena &) {
    to = !from ? HWS_DEFAULT : *from ? HWS_ON : HWS_OFF;
}
inline std::int32_t count_ms(std::chrono::milliseconds time) noexcept {
    const std::int64_t ms = time.count(); // a longer time than fits is as good as the longest
    return static_cast<std::int32_t>(ms > INT32_MAX ? INT32_MAX : ms < INT32_MIN ? INT32_MIN : ms);
}
inline void set(std::int32_t &to, std::chrono::milliseconds from, Arena &) { to = count_ms(from); }
inline void set(hws_str &to, const std::string &from, Arena &) { to = lend(from); }
inline void set(hws_bytes &to, const std::string &from, Arena &) {
    to = {reinterpret_cast<const std::uint8_t *>(from.data()), from.size()};
}
inline void set(hws_header &to, const Header &from, Arena &) { to = {lend(from.name), lend(from.value)}; }
template <class C, class T> void set(const C *&to, const std::optional<T> &from, Arena &arena) {
    if (!from) return;
    C *made = arena.make<C>(1);
    set(*made, *from, arena);
    to = made;
}
template <class C, class T> void set(const C *&to, std::size_t &count, const std::vector<T> &from, Arena &arena) {
    C *made = arena.make<C>(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) set(made[i], from[i], arena);
    to = made;
    count = from.size();
}

// get(to, from): and back, for presets.
template <class T> void get(T &to, const T &from) { to = from; }
template <class T> std::enable_if_t<std::is_enum_v<T>> get(T &to, std::uint32_t from) { to = static_cast<T>(from); }
inline void get(std::optional<bool> &to, std::uint32_t from) {
    to = from == HWS_DEFAULT ? std::nullopt : std::optional(from == HWS_ON);
}
inline void get(std::chrono::milliseconds &to, std::int32_t from) { to = std::chrono::milliseconds(from); }
} // namespace detail
} // namespace HAWSER_MODE
} // namespace hawser

#endif
