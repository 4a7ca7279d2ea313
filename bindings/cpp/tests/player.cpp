// player URL SCENARIO: plays the golden scenario against the server at URL and prints what happens;
// tests/golden/README.md has the language. Compiled with exceptions and without.
#include "classes.hpp"
#include <hawser.hpp>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <thread>

namespace {

using namespace std::chrono_literals;
constexpr std::chrono::milliseconds patience = 10s;

// ---- writing

std::string server; // "127.0.0.1:40213"

std::string indent(int depth) { return std::string(static_cast<std::size_t>(depth) * 2, ' '); }

// Between quotes, with escapes; an address of the server becomes SERVER.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        char escape[8];
        if (text.substr(i, server.size()) == server) {
            out += "SERVER";
            i += server.size() - 1;
        } else if (byte == '"' || byte == '\\') {
            out += {'\\', text[i]};
        } else if (byte < 0x20 || byte > 0x7e) {
            std::snprintf(escape, sizeof escape, "\\x%02x", byte);
            out += escape;
        } else {
            out += text[i];
        }
    }
    return out + '"';
}

// A payload: whole, or of one over 128 bytes its length and FNV-1a.
std::string shown(hawser::Bytes data) {
    if (data.size() <= 128) return quoted(data.text());
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const std::byte byte : data) hash = (hash ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3;
    char text[64];
    std::snprintf(text, sizeof text, "%zu bytes %016" PRIx64, data.size(), hash);
    return text;
}

void put(int depth, const std::string &line) { std::printf("%s%s\n", indent(depth).c_str(), line.c_str()); }

void put_header(int depth, hawser::HeaderView header) {
    put(depth, "header: " + quoted(header.name) + " " + quoted(header.value));
}

void put_text(int depth, const char *name, std::string_view value) {
    if (!value.empty()) put(depth, std::string(name) + ": " + quoted(value));
}

template <class Number> void put_number(int depth, const char *name, Number value, std::int64_t usual) {
    const auto number = static_cast<std::int64_t>(value);
    if (number != usual) put(depth, std::string(name) + ": " + std::to_string(number));
}

void put_time(int depth, const char *name, std::chrono::milliseconds value, std::int64_t usual) {
    put_number(depth, name, value.count(), usual);
}

void put_close(int depth, const char *name, std::optional<hawser::CloseFrame> frame) {
    if (frame) put(depth, std::string(name) + ": " + std::to_string(frame->code) + " " + quoted(frame->reason));
}

// The name of a code, and the names of all classes that it can be caught as, in the order of the table.
std::string name_of(hawser::StatusCode status) {
    return std::string(hws_status_name(static_cast<hws_status>(status))).substr(std::strlen("HWS_ERR_"));
}

std::string classes_of(hawser::ErrorInfo error) {
    std::string names;
    const auto is = [&](bool caught, hawser::StatusCode status) {
        if (caught && status != error.status()) names += " " + name_of(status);
    };
#if defined(HAWSER_NO_EXCEPTIONS)
#define HAWSER_IS(Class, code) is(error.is_a(hawser::StatusCode::code), hawser::StatusCode::code);
    HAWSER_CLASSES(HAWSER_IS)
#else
    try {
        hawser::raise(error);
    } catch (const hawser::Error &thrown) {
#define HAWSER_IS(Class, code) is(dynamic_cast<const hawser::Class *>(&thrown) != nullptr, hawser::StatusCode::code);
        HAWSER_CLASSES(HAWSER_IS)
    }
#endif
    return names;
}

void put_error(int depth, const char *label, hawser::ErrorInfo error) {
    put(depth++, std::string(label) + " " + name_of(error.status()));
    put(depth, "is:" + classes_of(error));
    if (!error.operation().empty()) put(depth, "operation: " + std::string(error.operation()));
    put_number(depth, "state", error.state(), 0);
    put_number(depth, "required_states", error.required_states(), 0);
    put_number(depth, "retryable", error.retryable(), 0);
    put_number(depth, "os_error", error.os_error(), 0);
    put_number(depth, "tls_alert", error.tls_alert(), 0);
    put_number(depth, "socks_reply", error.socks_reply(), 0);
    put_number(depth, "http_status", error.http_status(), 0);
    put_number(depth, "body_truncated", error.body_truncated(), 0);
    put_number(depth, "opcode", error.opcode(), 0);
    put_number(depth, "policy", error.policy(), 0);
    put_number(depth, "initiated_by", error.initiated_by(), 0);
    put_number(depth, "attempts", error.attempts(), 0);
    put_number(depth, "max_attempts", error.max_attempts(), 0);
    put_time(depth, "retry_after_ms", error.retry_after(), 0);
    put_time(depth, "timeout_ms", error.timeout(), -1);
    put_number(depth, "position", error.position(), -1);
    put_number(depth, "size", error.size(), -1);
    put_number(depth, "max_size", error.max_size(), -1);
    put_number(depth, "current_size", error.current_size(), -1);
    put_number(depth, "fragments", error.fragments(), 0);
    put_number(depth, "max_fragments", error.max_fragments(), 0);
    put_number(depth, "capacity", error.capacity(), 0);
    put_number(depth, "dropped", error.dropped(), 0);
    put_number(depth, "max_connections", error.max_connections(), 0);
    put_number(depth, "in_use", error.in_use(), 0);
    put_text(depth, "message", error.message());
    put_text(depth, "detail", error.detail());
    put_text(depth, "uri", error.uri());
    put_text(depth, "proxy", error.proxy());
    put_text(depth, "location", error.location());
    put_text(depth, "peer", error.peer());
    put_text(depth, "http_method", error.http_method());
    put_text(depth, "http_version", error.http_version());
    put_text(depth, "http_reason", error.http_reason());
    put_text(depth, "header_name", error.header_name());
    if (error.header_value()) put(depth, "header_value: " + quoted(*error.header_value()));
    put_text(depth, "origin", error.origin());
    put_text(depth, "parameter_name", error.parameter_name());
    put_text(depth, "parameter_value", error.parameter_value());
    for (const hawser::HeaderView header : error.headers())
        if (header.name != "Sec-WebSocket-Accept") put_header(depth, header);
    if (!error.body().empty()) put(depth, "body: " + shown(error.body()));
    put_close(depth, "close_rcvd", error.close_rcvd());
    put_close(depth, "close_sent", error.close_sent());
    put_number(depth, "rcvd_then_sent", error.rcvd_then_sent(), -1);
    put_number(depth, "close_code", error.close_code(), 0);
    if (const auto cause = error.cause()) put_error(depth, "cause", *cause);
}

const char *name_of(hawser::EventKind kind) {
    switch (kind) {
    case hawser::EventKind::open:
        return "OPEN";
    case hawser::EventKind::message:
        return "MESSAGE";
    case hawser::EventKind::fragment:
        return "FRAGMENT";
    case hawser::EventKind::ping:
        return "PING";
    case hawser::EventKind::pong:
        return "PONG";
    case hawser::EventKind::queue:
        return "QUEUE";
    case hawser::EventKind::close:
        return "CLOSE";
    case hawser::EventKind::connect_failed:
        return "CONNECT_FAILED";
    case hawser::EventKind::reconnecting:
        return "RECONNECTING";
    default:
        return "OTHER";
    }
}

void put_event(const hawser::Event &event) {
    using Kind = hawser::EventKind;
    const Kind kind = event.kind();
    const bool has_opcode = kind == Kind::message || kind == Kind::fragment;
    std::string line = name_of(kind);
    if (has_opcode)
        line += event.opcode() == hawser::Opcode::text     ? " text"
                : event.opcode() == hawser::Opcode::binary ? " binary"
                                                           : " cont";
    if (event.fin()) line += " fin";
    if (event.compressed()) line += " compressed";
    if (event.clean()) line += " clean";
    if (event.reconnected()) line += " reconnected";
    if (event.token() != 0) line += " token=" + std::to_string(event.token());
    if (kind == Kind::queue || kind == Kind::reconnecting) line += " value=" + std::to_string(event.value());
    if (has_opcode || kind == Kind::ping || kind == Kind::pong) line += " " + shown(event.data());
    put(0, line);
    if (kind == Kind::open) {
        const hawser::Handshake handshake = event.handshake();
        put_number(1, "http_status", handshake.http_status(), 0);
        put_text(1, "subprotocol", handshake.subprotocol());
        put_text(1, "extensions", handshake.extensions());
        put_text(1, "uri", handshake.uri());
        for (const hawser::HeaderView header : handshake.headers())
            if (header.name.substr(0, 2) == "X-") put_header(1, header);
    }
    if (event.error().status() != hawser::StatusCode::ok) put_error(1, "error", event.error());
}

// Calls, and prints the error if there is one.
template <class Call> bool attempt(const char *command, Call call) {
    const auto failed = [&](const hawser::Error &error) {
        put(0, std::string(command) + " failed");
        put_error(1, "error", error);
        return false;
    };
#if defined(HAWSER_NO_EXCEPTIONS)
    const auto result = call();
    return result ? true : failed(result.error());
#else
    try {
        (void)call();
        return true;
    } catch (const hawser::Error &error) {
        return failed(error);
    }
#endif
}

// ---- reading the scenario

// Takes the next word off a line.
std::string word(std::string_view &line) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    const std::string_view found = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(found.size() + 1, line.size()));
    return std::string(found);
}

std::uint64_t number(const std::string &text) { return std::strtoull(text.c_str(), nullptr, 10); }

// Undoes the escapes \" \\ \xHH up to a quote or the end, and takes them off.
std::string unescape(std::string_view &from) {
    std::string out;
    std::size_t at = 0;
    for (; at < from.size() && from[at] != '"'; ++at) {
        if (from[at] != '\\') {
            out += from[at];
        } else if (from[++at] == 'x') {
            out += static_cast<char>(std::stoi(std::string(from.substr(at + 1, 2)), nullptr, 16));
            at += 2;
        } else {
            out += from[at];
        }
    }
    from.remove_prefix(std::min(at + 1, from.size()));
    return out;
}

// Takes the quoted DATA off a line.
std::string data(std::string_view &line) {
    line.remove_prefix(line.find('"') + 1);
    return unescape(line);
}

// ---- the commands

std::optional<hawser::Engine> engine;
hawser::Connection conn;
hawser::Events events; // a batch, of which some are still to be told

bool refill(std::chrono::milliseconds timeout) {
    events = {};
#if defined(HAWSER_NO_EXCEPTIONS)
    auto polled = engine->poll(timeout);
    if (polled) events = *polled;
#else
    events = engine->poll(timeout);
#endif
    return !events.empty();
}

void await(const std::string &kind) {
    for (std::string told; told != kind;) {
        if (events.empty() && !refill(patience)) return put(0, "await " + kind + ": nothing came");
        put_event(events[0]);
        told = name_of(events[0].kind());
        events = hawser::Events(events.data() + 1, events.size() - 1);
    }
}

// A part of the options that is there once one of its fields is named.
template <class Part> Part &part(std::optional<Part> &of) { return of ? *of : of.emplace(); }

void set_option(hawser::EngineOptions &loop, hawser::ClientOptions &options, const std::string &name,
                std::string value) {
    static const std::map<std::string, hawser::Overflow> overflows = {{"drop_oldest", hawser::Overflow::drop_oldest},
                                                                      {"drop_newest", hawser::Overflow::drop_newest},
                                                                      {"error", hawser::Overflow::error}};
    const bool on = value == "on";
    const auto count = number(value);
    const auto count32 = static_cast<std::uint32_t>(count);
    const auto ms = std::chrono::milliseconds(count);
    std::string_view rest = value;
    if (name == "engine.io_thread") loop.io_thread = on;
    else if (name == "subprotocol_required") options.subprotocol_required = on;
    else if (name == "max_redirects") options.max_redirects = count32;
    else if (name == "origin") options.origin = value;
    else if (name == "user_agent") options.user_agent = value;
    else if (name == "limits.deliver_fragments") part(options.limits).deliver_fragments = on;
    else if (name == "limits.deliver_pings") part(options.limits).deliver_pings = on;
    else if (name == "limits.message_max") part(options.limits).message_max = count;
    else if (name == "limits.recv_queue_messages") part(options.limits).recv_queue_messages = count32;
    else if (name == "limits.overflow") part(options.limits).overflow = overflows.at(value);
    else if (name == "timers.open_ms") part(options.timers).open = ms;
    else if (name == "timers.close_ms") part(options.timers).close = ms;
    else if (name == "timers.ping_interval_ms") part(options.timers).ping_interval = ms;
    else if (name == "timers.ping_timeout_ms") part(options.timers).ping_timeout = ms;
    else if (name == "compression.enabled") part(options.compression).enabled = on;
    else if (name == "reconnect.enabled") part(options.reconnect).enabled = on;
    else if (name == "reconnect.max_attempts") part(options.reconnect).max_attempts = count32;
    else if (name == "reconnect.backoff_min_ms") part(options.reconnect).backoff_min = ms;
    else if (name == "reconnect.backoff_percent") part(options.reconnect).backoff_percent = count32;
    else if (name == "reconnect.jitter_percent") part(options.reconnect).jitter_percent = count32;
    else if (name == "header") {
        rest.remove_prefix(value.find(':') + 1);
        options.headers.push_back({value.substr(0, value.find(':')), unescape(rest)});
    } else if (name == "subprotocols") {
        std::replace(value.begin(), value.end(), ',', ' ');
        while (!rest.empty()) options.subprotocols.push_back(word(rest));
    } else put(0, "connect: what is " + name + "?");
}

void connect(std::string_view line) {
    hawser::EngineOptions loop;
    hawser::ClientOptions options;
    options.uri = word(line);
    if (const auto at = options.uri.find("SERVER"); at != std::string::npos) options.uri.replace(at, 6, server);
    while (!line.empty()) {
        const std::string option = word(line);
        const auto equals = option.find('=');
        set_option(loop, options, option.substr(0, equals), option.substr(equals + 1));
    }
#if defined(HAWSER_NO_EXCEPTIONS)
    if (!engine) engine.emplace(*hawser::Engine::create(loop));
    attempt("connect", [&] {
        auto made = engine->connect(options);
        if (made) conn = *made;
        return made;
    });
#else
    if (!engine) engine.emplace(loop);
    attempt("connect", [&] { return conn = engine->connect(options); });
#endif
}

// TYPE "DATA" [more] [raw] [token=N]; of `repeat` the data so often, and a close with that as its reason.
void send(std::string_view line, std::uint64_t times) {
    static const std::map<std::string, hawser::Opcode> opcodes = {{"text", hawser::Opcode::text},
                                                                  {"binary", hawser::Opcode::binary},
                                                                  {"cont", hawser::Opcode::cont},
                                                                  {"ping", hawser::Opcode::ping},
                                                                  {"pong", hawser::Opcode::pong}};
    const std::string type = word(line), once = data(line);
    std::string all;
    while (times-- > 0) all += once;
    hawser::SendOptions how;
    while (!line.empty()) {
        const std::string option = word(line);
        if (option == "more") how.more = true;
        else if (option == "raw") how.raw = true;
        else if (option.rfind("token=", 0) == 0) how.token = number(option.substr(6));
    }
    if (type == "close") attempt("close", [&] { return conn.close(1000, all); });
    else attempt("send", [&] { return conn.send(opcodes.at(type), all, how); });
}

bool is_there() {
#if defined(HAWSER_NO_EXCEPTIONS)
    return static_cast<bool>(conn.state());
#else
    try {
        (void)conn.state();
        return true;
    } catch (const hawser::InvalidHandle &) {
        return false;
    }
#endif
}

// Waits, without polling, until so many messages have been dropped.
void await_dropped(std::uint64_t count) {
    const auto dropped = [] {
#if defined(HAWSER_NO_EXCEPTIONS)
        return conn.stats()->recv_dropped;
#else
        return conn.stats().recv_dropped;
#endif
    };
    const auto until = std::chrono::steady_clock::now() + patience;
    while (is_there() && dropped() < count && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(1ms);
}

void settle() {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (is_there() && std::chrono::steady_clock::now() < until) refill(1ms);
}

void end_case() {
    events = {};
    conn = {};
    engine.reset();
}

void play(std::string_view line) {
    const std::string command = word(line);
    if (command.empty() || command[0] == '#') return;
    if (command == "case") end_case(), put(0, "== " + std::string(line));
    else if (command == "connect") connect(line);
    else if (command == "send") send(line, 1);
    else if (command == "await") await(std::string(line));
    else if (command == "abort") attempt("abort", [] { return conn.abort(); });
    else if (command == "dropped") await_dropped(number(std::string(line)));
    else if (command == "settle") settle();
    else if (command == "repeat") {
        const auto times = number(word(line));
        send(line, times);
    } else if (command == "close") {
        const auto code = static_cast<std::uint32_t>(number(word(line)));
        const std::string reason = data(line);
        attempt("close", [&] { return conn.close(code, reason); });
    } else put(0, "what is " + command + "?");
}

} // namespace

int main(int argc, char **argv) {
    if (argc != 3) return std::fputs("player ws://HOST:PORT SCENARIO\n", stderr), 2;
    server = std::string(argv[1]).substr(std::strlen("ws://"));
    std::ifstream scenario(argv[2]);
    for (std::string line; std::getline(scenario, line);) play(line);
    end_case();
    return 0;
}
