/* What all of the soak needs: dice, a clock, and a way to give up. */
#ifndef SOAK_COMMON_H
#define SOAK_COMMON_H

#include <hawser.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OK(call) ((call) == HWS_OK ? (void)0 : die(#call))
#define LENGTH(array) (sizeof(array) / sizeof *(array))

static uint64_t dice;

static void fail(const char *what)
{
    fflush(stdout);
    fprintf(stderr, "soak: %s\n", what);
    exit(1);
}

/* For a call that must not fail. */
static void die(const char *what)
{
    char text[1000] = "";
    hws_error_format(hws_last_error(), text, sizeof text, NULL);
    fprintf(stderr, "soak: %s: ", text);
    fail(what);
}

static unsigned roll(unsigned sides)
{
    dice ^= dice << 13, dice ^= dice >> 7, dice ^= dice << 17;
    return (unsigned)(dice >> 32) % sides;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
