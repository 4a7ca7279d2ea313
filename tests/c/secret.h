/* secret.h -- a password, and making sure that nobody is told: it may be in no field of any error, and in no line of
 * the log. */
#ifndef HAWSER_TESTS_SECRET_H
#define HAWSER_TESTS_SECRET_H

#include "check.h"

#define SECRET "hunter2"
/* As it stands in a URI, and what it is then. */
#define ENCODED "s%65cr%3Aet"
#define DECODED "secr:et"

/* The password as it is, and as Basic authentication has it: behind "user:", and behind ":". */
static const char *const secrets[] = { SECRET, "dXNlcjpodW50ZXIy", "Omh1bnRlcjI", ENCODED, DECODED,
                                       "dXNlcjpzZWNyOmV0" };

static inline void check_untold(const char *what, const char *text)
{
    for (size_t i = 0; text && i < sizeof secrets / sizeof *secrets; i++)
        if (strstr(text, secrets[i])) fail(__FILE__, __LINE__, "%s tells a secret: %s", what, text);
}

/* Every text of an error, and of what led to it. */
static inline void check_error_tells_nothing(const hws_error_info *error)
{
    char line[8192];
    for (const hws_error_info *e = error; e; e = e->cause) {
        const hws_str texts[] = { e->message, e->detail, e->uri, e->proxy, e->location, e->peer, e->header_name,
                                  e->header_value, e->http_reason, e->origin };
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) check_untold("an error", texts[i].ptr);
        for (size_t i = 0; i < e->header_count; i++) check_untold("a header of an error", e->headers[i].value.ptr);
    }
    OK(hws_error_format(error, line, sizeof line, NULL));
    check_untold("the line of an error", line);
}

static unsigned long logged;

static inline void log_tells_nothing(void *user, uint32_t level, uint64_t handle, const char *target, const char *text,
                                     size_t len)
{
    (void)user, (void)level, (void)handle, (void)target, (void)len;
    __atomic_add_fetch(&logged, 1, __ATOMIC_SEQ_CST);
    check_untold("the log", text);
}

/* From here on every line of the log is looked at. */
static inline void watch_the_log(void)
{
    OK(hws_set_logger(HWS_LOG_TRACE, log_tells_nothing, NULL));
}

#endif
