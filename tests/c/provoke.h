/* provoke.h -- the main program of every provoke_*.c: a table of cases, each of which makes the library raise one
 * status and gives back the error. "--list" prints the names and statuses; a name runs that case, in a process of its
 * own, so that cases may fork, run out of memory and lower limits as they like. */
#ifndef HAWSER_TESTS_PROVOKE_H
#define HAWSER_TESTS_PROVOKE_H

#include "peer.h"

/* rows of tables leave out what is zero */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* Which ends of a connection the library plays in a case. */
enum ends { NEITHER, CLIENT, SERVER, BOTH };

struct provoked {
    hws_status status; /* what must come of it */
    const char *name;
    const hws_error_info *(*provoke)(enum role role, const void *row);
    enum ends ends;
    const void *row; /* for functions that serve many cases */
};

/* One row of a table that is written where it is used. */
#define ROW(tag, ...) &(const struct tag){ __VA_ARGS__ }

static inline const char *short_name(hws_status status)
{
    return hws_status_name(status) + strlen("HWS_ERR_");
}

/* "IDLE_TIMEOUT", or "INVALID_FRAME/rsv1/client". */
static inline const char *full_name(const struct provoked *it, enum role role)
{
    static char name[128];
    const char *const end[] = { "", "/client", "/server" };
    snprintf(name, sizeof name, "%s%s%s%s", short_name(it->status), it->name ? "/" : "", it->name ? it->name : "",
             end[role]);
    return name;
}

static inline int plays(const struct provoked *it, enum role role)
{
    if (role == ALONE) return it->ends == NEITHER;
    return role == AS_CLIENT ? it->ends & CLIENT : it->ends & SERVER;
}

/* What every error of every code must be. */
static inline void check_error(const hws_error_info *error, hws_status status)
{
    char line[4096], again[4096];
    hws_error kept;
    const hws_error_info *copy;

    if (held) fail(__FILE__, __LINE__, "event %u came and nobody expected it", event.kind);
    CHECK_INT(error->status, status);
    CHECK_INT(error->struct_size, sizeof *error);
    /* that a connection is over is no failure of anything that was being done; its causes are */
    CHECK(error->operation || hws_status_is_a(status, HWS_ERR_CONNECTION_CLOSED));
    CHECK(hws_operation_name(error->operation));
    CHECK(error->message.len && !strchr(error->message.ptr, '\n'));
    CHECK(!strncmp(error->message.ptr, hws_status_text(status), strlen(hws_status_text(status))));
    OK(hws_error_format(error, line, sizeof line, NULL));
    OK(hws_error_keep(error, &kept));
    OK(hws_engine_free(engine)); /* a kept error outlives what it was borrowed from */
    OK(hws_error_get(kept, &copy));
    OK(hws_error_format(copy, again, sizeof again, NULL));
    CHECK(!strcmp(line, again));
    OK(hws_error_free(kept));
    printf("%s\n", line);
}

static inline int provoke(int argc, char **argv, const struct provoked *cases, size_t count)
{
    for (const struct provoked *it = cases; it < cases + count; it++)
        for (enum role role = ALONE; role <= AS_SERVER; role++) {
            if (!plays(it, role)) continue;
            if (argc == 2 && !strcmp(argv[1], "--list")) {
                printf("%s %s\n", full_name(it, role), short_name(it->status));
            } else if (argc == 2 && !strcmp(argv[1], full_name(it, role))) {
                create_world();
                check_error(it->provoke(role, it->row), it->status);
                return 0;
            }
        }
    if (argc == 2 && !strcmp(argv[1], "--list")) return 0;
    fprintf(stderr, "usage: %s --list | NAME\n", argv[0]);
    return 2;
}

#define PROVOKE(cases)                                                                                                 \
    int main(int argc, char **argv)                                                                                    \
    {                                                                                                                  \
        return provoke(argc, argv, cases, sizeof cases / sizeof *cases);                                               \
    }

#endif
