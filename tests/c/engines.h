/* engines.h -- in an environment with HAWSER_TEST_IO_THREAD every engine of a test program has a thread of its own, unless
 * the test has said whether it wants one. Everything else about the test is as without. */
#ifndef HAWSER_TESTS_ENGINES_H
#define HAWSER_TESTS_ENGINES_H

#include <hawser.h>
#include <stdlib.h>
#include <string.h>

static inline int has_io_thread(void)
{
    return getenv("HAWSER_TEST_IO_THREAD") != NULL;
}

static inline hws_status engine_with_or_without(const hws_engine_options *options, hws_engine *out)
{
    hws_engine_options with;
    if (!has_io_thread() || (options && options->struct_size != sizeof *options)) return hws_engine_new(options, out);
    memset(&with, 0, sizeof with);
    if (options) with = *options;
    with.struct_size = sizeof with;
    if (!with.io_thread) with.io_thread = HWS_ON;
    return hws_engine_new(&with, out);
}

#define hws_engine_new engine_with_or_without

#endif
