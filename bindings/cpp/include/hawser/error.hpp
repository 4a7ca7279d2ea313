// Errors that are kept, thrown or returned. Include <hawser.hpp>.
#ifndef HAWSER_ERROR_HPP
#define HAWSER_ERROR_HPP

#include "types.hpp"

#include <exception>
#include <utility>
#include <variant>

namespace hawser {
inline namespace HAWSER_MODE {
inline bool is_a(StatusCode status, StatusCode ancestor) noexcept {
    return hws_status_is_a(static_cast<hws_status>(status), static_cast<hws_status>(ancestor)) != 0;
}
inline bool ErrorInfo::is_a(StatusCode ancestor) const noexcept { return hawser::is_a(status(), ancestor); }

inline std::string ErrorInfo::describe() const {
    std::size_t needed = 0;
    (void)hws_error_format(raw_, nullptr, 0, &needed);
    std::string text(needed + 1, '\0');
    if (hws_error_format(raw_, text.data(), text.size(), &needed) != HWS_OK) needed = 0;
    text.resize(needed);
    return text;
}

/// A failure with all that is known about it, for as long as you like. With exceptions what is thrown is of the class
/// that its status has in errors.hpp; all of them are below this one.
class Error : public std::exception, public ErrorInfo {
public:
    Error() noexcept = default;
    Error(const Error &) noexcept = default; // and no move, which would leave an ErrorInfo of nobody's behind
    Error &operator=(const Error &) noexcept = default;
    /// Keeps what was borrowed.
    explicit Error(ErrorInfo borrowed) : Error(keep(borrowed.raw())) {}
    /// A status with its text, and nothing else that is known.
    explicit Error(StatusCode status) : Error(bare(static_cast<hws_status>(status))) {}
    /// The newest failure of a call on this thread.
    static Error last() { return Error(ErrorInfo(hws_last_error())); }

    const char *what() const noexcept override { return kept_ ? raw()->message.ptr : ""; }

private:
    using Kept = std::shared_ptr<const hws_error_info>;
    explicit Error(Kept kept) : ErrorInfo(kept.get()), kept_(std::move(kept)) {}

    static Kept keep(const hws_error_info *borrowed) {
        hws_error error{};
        const hws_error_info *info = nullptr;
        if (hws_error_keep(borrowed, &error) == HWS_OK && hws_error_get(error, &info) == HWS_OK)
            return Kept(info, [error](const hws_error_info *) { (void)hws_error_free(error); });
        return bare(borrowed->status); // no memory for more, or we are in a hook
    }
    static Kept bare(hws_status status) {
        auto made = std::make_shared<hws_error_info>();
        made->struct_size = sizeof *made;
        made->status = status;
        made->timeout_ms = made->position = made->size = made->max_size = made->current_size = -1;
        made->rcvd_then_sent = -1;
        made->message = detail::lend(hws_status_text(status));
        return made;
    }

    Kept kept_;
};

/// What a function returns that cannot throw: a T, or why there is none. To ask for what is not there ends the program.
template <class T> class [[nodiscard]] Result {
public:
    Result(T value) : either_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : either_(std::in_place_index<1>, std::move(error)) {}
    explicit operator bool() const noexcept { return either_.index() == 0; }
    const T &operator*() const & { return std::get<0>(either_); }
    T &operator*() & { return std::get<0>(either_); }
    T &&operator*() && { return std::get<0>(std::move(either_)); }
    T *operator->() { return &std::get<0>(either_); }
    const Error &error() const { return std::get<1>(either_); }

private:
    std::variant<T, Error> either_;
};

template <> class [[nodiscard]] Result<void> : public Result<std::monostate> {
public:
    Result() : Result<std::monostate>(std::monostate()) {}
    Result(Error error) : Result<std::monostate>(std::move(error)) {}
};

#if !defined(HAWSER_NO_EXCEPTIONS)
namespace detail {
template <class Class> [[noreturn]] void throw_as(const Error &error) {
    Class thrown;
    static_cast<Error &>(thrown) = error;
    throw thrown;
}
} // namespace detail
#endif
} // namespace HAWSER_MODE
} // namespace hawser

#endif
