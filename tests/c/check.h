/* check.h -- how a test program says that something is not so: one line with the place and the values, then exit 1. */
#ifndef HAWSER_TESTS_CHECK_H
#define HAWSER_TESTS_CHECK_H

#include "engines.h"
#include <hawser.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes any expression. */
#define CHECK(what) ((what) ? (void)0 : fail(__FILE__, __LINE__, "not so: %s", #what))
/* Numbers, statuses and handles of any width and sign. */
#define CHECK_INT(got, want) check_int(__FILE__, __LINE__, #got, (long long)(got), (long long)(want))
/* An hws_str against a C string; NULL stands for a text that is not there. */
#define CHECK_TEXT(got, want) check_text(__FILE__, __LINE__, #got, (got), (want))
/* What was being done when an error came about. */
#define CHECK_OPERATION(error, want) check_operation(__FILE__, __LINE__, hws_operation_name((error)->operation), (want))
/* A call of the library that must work. */
#define OK(call) check_ok(__FILE__, __LINE__, #call, (call))
/* A call of the library that must fail; gives its error. */
#define REFUSED(call) check_refused(__FILE__, __LINE__, #call, (call))
/* A call of the system that must work; gives its result. */
#define SYS(call) check_system(__FILE__, __LINE__, #call, (call))

#define fail(file, line, ...) \
    (fprintf(stderr, "%s:%d: ", (file), (line)), fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), exit(1))

static inline void check_int(const char *file, int line, const char *what, long long got, long long want)
{
    if (got != want) fail(file, line, "%s is %lld, not %lld", what, got, want);
}

static inline void check_text(const char *file, int line, const char *what, hws_str got, const char *want)
{
    int same = want ? got.ptr && got.len == strlen(want) && !memcmp(got.ptr, want, got.len) : !got.ptr;
    if (!same) fail(file, line, "%s is \"%s\", not \"%s\"", what, got.ptr ? got.ptr : "(none)", want ? want : "(none)");
    /* the header promises a NUL behind every text it hands out */
    if (got.ptr && got.ptr[got.len]) fail(file, line, "%s has no NUL", what);
}

static inline void check_operation(const char *file, int line, const char *got, const char *want)
{
    if (!got || strcmp(got, want)) fail(file, line, "the operation is %s, not %s", got ? got : "(none)", want);
}

static inline const hws_error_info *check_last(const char *file, int line, const char *call, hws_status status)
{
    const hws_error_info *error = hws_last_error();
    if (error->status != status) fail(file, line, "%s gives %d, hws_last_error %d", call, status, error->status);
    return error;
}

static inline void check_ok(const char *file, int line, const char *call, hws_status status)
{
    if (status == HWS_OK) return;
    fail(file, line, "%s: %s", call, check_last(file, line, call, status)->message.ptr);
}

static inline const hws_error_info *check_refused(const char *file, int line, const char *call, hws_status status)
{
    if (status >= HWS_OK) fail(file, line, "%s gives %d and should fail", call, status);
    return check_last(file, line, call, status);
}

static inline int check_system(const char *file, int line, const char *call, long result)
{
    if (result < 0) fail(file, line, "%s: %s", call, strerror(errno));
    return (int)result;
}

#endif
