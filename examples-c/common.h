/* common.h -- what hws_echo and hws_cat share: flags, a clock, and text that is fit for a terminal. */
#ifndef HAWSER_EXAMPLES_COMMON_H
#define HAWSER_EXAMPLES_COMMON_H

#include <hawser.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline hws_str str(const char *text)
{
    hws_str s;
    s.ptr = text;
    s.len = HWS_NUL_TERMINATED;
    return s;
}

static inline int same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* Milliseconds of a clock that never jumps: deadlines must not care when somebody sets the time of day. */
static inline int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* -- Flags: a table says where each value lands, mostly in an option struct of the library itself. ---------- */

enum flag_kind { FLAG_SWITCH, FLAG_TEXT, FLAG_LIST, FLAG_COUNT, FLAG_BYTES, FLAG_SECONDS };

struct flag {
    const char    *name;    /* NULL ends the table */
    enum flag_kind kind;
    void          *into;    /* NULL: a flag we know, for work of a later version */
};

struct list { hws_str *items; size_t count; };

struct command_line {
    const char *argument;   /* the one that is no flag */
    const char *wrong;      /* the first we could not make sense of */
    const char *later;      /* the first that asks for a later version */
};

static inline int parse_number(const char *text, uint64_t max, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    /* strtoull would take "-1" for a very large number; a first digit rules that out */
    return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *number <= max;
}

/* Seconds, fractions welcome, to the milliseconds of hws_timers: there 0 is "the default", so ours becomes never. */
static inline int parse_seconds(const char *text, int32_t *ms)
{
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !(seconds >= 0 && seconds < INT32_MAX / 1000)) return 0;
    *ms = seconds == 0 ? HWS_NEVER : seconds < 0.001 ? 1 : (int32_t)(seconds * 1000 + 0.5);
    return 1;
}

static inline int parse_item(const char *text, size_t room, struct list *list)
{
    /* the command line itself bounds the list: it cannot hold more values than arguments */
    if (!list->items) list->items = (hws_str *)calloc(room, sizeof *list->items);
    if (!list->items) return 0;
    list->items[list->count++] = str(text);
    return 1;
}

static inline int parse_flag(const struct flag *flag, const char *text, size_t room)
{
    uint64_t number;
    switch (flag->kind) {
    case FLAG_SWITCH:  *(hws_toggle *)flag->into = HWS_ON; return 1;
    case FLAG_TEXT:    *(hws_str *)flag->into = str(text); return 1;
    case FLAG_LIST:    return parse_item(text, room, (struct list *)flag->into);
    case FLAG_BYTES:   return parse_number(text, INT64_MAX / 4, (uint64_t *)flag->into);
    case FLAG_SECONDS: return parse_seconds(text, (int32_t *)flag->into);
    case FLAG_COUNT:   if (!parse_number(text, UINT32_MAX, &number)) return 0;
                       *(uint32_t *)flag->into = (uint32_t)number;
                       return 1;
    }
    return 0;
}

static inline struct command_line parse_command_line(const struct flag *flags, int argc, char **argv)
{
    struct command_line line = { NULL, NULL, NULL };
    for (int i = 1; i < argc && !line.wrong; i++) {
        const char *word = argv[i];
        const struct flag *flag = flags;
        while (flag->name && !same(flag->name, word)) flag++;

        if (!flag->name && *word != '-' && !line.argument) line.argument = word;
        else if (!flag->name) line.wrong = word;
        else if (flag->kind != FLAG_SWITCH && ++i == argc) line.wrong = word;
        else if (!flag->into) line.later = line.later ? line.later : word;
        else if (!parse_flag(flag, argv[i], (size_t)argc)) line.wrong = word;
    }
    return line;
}

static inline int usage(const char *synopsis, const struct flag *flags, const char *wrong)
{
    static const char *const value[] = { "", " TEXT", " TEXT...", " N", " BYTES", " SECONDS" };
    if (wrong) fprintf(stderr, "cannot make sense of %s\n", wrong);
    fprintf(stderr, "usage: %s\n", synopsis);
    for (; flags->name; flags++)
        if (flags->into) fprintf(stderr, "    %s%s\n", flags->name, value[flags->kind]);
    return 2;
}

/* -- Text for a terminal: what a peer sends must not move our cursor, nor ring our bell. --------------------- */

static inline void put_escaped(FILE *to, const void *data, size_t len)
{
    const unsigned char *byte = (const unsigned char *)data, *end = byte + len;
    for (; byte < end; byte++) {
        /* C2 80 .. C2 9F are U+0080 .. U+009F: a second set of control characters, wrapped in UTF-8 */
        int c1 = *byte == 0xC2 && byte + 1 < end && byte[1] < 0xA0;
        if (c1) fprintf(to, "\\u%04x", (unsigned)*++byte);
        else if (*byte == '\\') fputs("\\\\", to);
        else if (*byte == '\n') fputs("\\n", to);
        else if (*byte == '\r') fputs("\\r", to);
        else if (*byte == '\t') fputs("\\t", to);
        else if (*byte < 0x20 || *byte == 0x7F) fprintf(to, "\\x%02x", (unsigned)*byte);
        else putc(*byte, to);
    }
}

/* "INVALID_STATUS" */
static inline const char *short_name(hws_status status)
{
    return hws_status_name(status) + sizeof "HWS_ERR_" - 1;
}

/* One line with the whole chain of causes. */
static inline void put_error(FILE *to, const hws_error_info *error)
{
    char text[4096];
    size_t len;
    if (hws_error_format(error, text, sizeof text, &len) == HWS_OK && len < sizeof text) put_escaped(to, text, len);
    else put_escaped(to, error->message.ptr, error->message.len);
    putc('\n', to);
}

#endif
