/* fields.h -- an error as one line: every field that says something, in the order of the struct. So a table can hold
 * what a case must say, and by its silence what it must not. */
#ifndef HAWSER_TESTS_FIELDS_H
#define HAWSER_TESTS_FIELDS_H

#include "check.h"
#include <stdarg.h>

struct line { char text[8192]; size_t len; };

static inline void put(struct line *line, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    line->len += (size_t)vsnprintf(line->text + line->len, sizeof line->text - line->len, format, values);
    va_end(values);
    CHECK(line->len < sizeof line->text);
}

static inline void put_number(struct line *line, const char *name, int64_t value, int64_t nothing)
{
    if (value != nothing) put(line, " %s=%lld", name, (long long)value);
}

/* Long texts end in "..." and their length. */
static inline void put_bytes(struct line *line, const char *name, const void *bytes, size_t len)
{
    enum { MOST = 40 };
    put(line, " %s=[%.*s", name, (int)(len > MOST ? MOST : len), (const char *)bytes);
    if (len > MOST) put(line, "...%zu", len);
    put(line, "]");
}

static inline void put_text(struct line *line, const char *name, hws_str text)
{
    if (text.len) put_bytes(line, name, text.ptr, text.len);
}

/* A header at fault may be missing, be empty or have a value. */
static inline void put_header(struct line *line, const hws_error_info *e)
{
    put_text(line, "header", e->header_name);
    if (e->header_value.ptr) put_bytes(line, "value", e->header_value.ptr, e->header_value.len);
}

/* All but identity, time and place: status, message, detail, uri of clients, peer, conn, time. */
static inline const char *fields(const hws_error_info *e)
{
    static struct line line;
    line.len = 0;
    put(&line, "%s", hws_operation_name(e->operation));
    put_number(&line, "required_states", e->required_states, 0);
    put_number(&line, "retryable", e->retryable, 0);
    put_number(&line, "os_error", e->os_error, 0);
    put_number(&line, "tls_alert", e->tls_alert, 0);
    put_number(&line, "socks_reply", e->socks_reply, 0);
    put_number(&line, "http_status", e->http_status, 0);
    put_number(&line, "body_truncated", e->body_truncated, 0);
    put_number(&line, "opcode", e->opcode, 0);
    put_number(&line, "policy", e->policy, 0);
    put_number(&line, "initiated_by", e->initiated_by, 0);
    put_number(&line, "attempts", e->attempts, 0);
    put_number(&line, "max_attempts", e->max_attempts, 0);
    put_number(&line, "retry_after_ms", e->retry_after_ms, 0);
    put_number(&line, "downtime_ms", e->downtime_ms, 0);
    put_number(&line, "timeout_ms", e->timeout_ms, -1);
    put_number(&line, "position", e->position, -1);
    put_number(&line, "size", e->size, -1);
    put_number(&line, "max_size", e->max_size, -1);
    put_number(&line, "current_size", e->current_size, -1);
    put_number(&line, "fragments", (int64_t)e->fragments, 0);
    put_number(&line, "max_fragments", (int64_t)e->max_fragments, 0);
    put_number(&line, "capacity", (int64_t)e->capacity, 0);
    put_number(&line, "dropped", (int64_t)e->dropped, 0);
    put_number(&line, "max_connections", (int64_t)e->max_connections, 0);
    put_number(&line, "in_use", (int64_t)e->in_use, 0);
    if (e->uri.len && *e->uri.ptr == '/') put_text(&line, "uri", e->uri); /* what a server was asked for */
    put_text(&line, "proxy", e->proxy);
    put_text(&line, "location", e->location);
    put_text(&line, "method", e->http_method);
    put_text(&line, "version", e->http_version);
    put_text(&line, "reason", e->http_reason);
    put_header(&line, e);
    put_text(&line, "origin", e->origin);
    put_text(&line, "parameter_name", e->parameter_name);
    put_text(&line, "parameter_value", e->parameter_value);
    for (size_t i = 0; i < e->header_count; i++)
        put(&line, " {%s: %s}", e->headers[i].name.ptr, e->headers[i].value.ptr);
    if (e->body.ptr) put_bytes(&line, "body", e->body.ptr, e->body.len);
    put_number(&line, "close_rcvd", e->close_rcvd.present, 0);
    put_number(&line, "close_sent", e->close_sent.present, 0);
    put_number(&line, "rcvd_then_sent", e->rcvd_then_sent, -1);
    put_number(&line, "close_code", e->close_code, 0);
    put_number(&line, "has_cause", e->cause != NULL, 0);
    return line.text;
}

#endif
