/* What became of the messages of a connection. Each has its number in it and is echoed, so both directions can be checked:
 * whole, in order, none missing that no counter tells of, none twice that could not be. */
#ifndef SOAK_LEDGER_H
#define SOAK_LEDGER_H

#include "common.h"

#include <stdarg.h>

enum { LEDGERS = 100000, NUMBERS = 4096, HEAD = 30, LARGEST = 300000, NOT_OURS = -1 };

struct ledger {
    int server;          /* which of our engines the server is in, or NOT_OURS: another process */
    int comes_back;      /* made with reconnect, */
    uint32_t replay;     /* and that */
    int open, ended, clean; /* clean: we have closed it, and the peer agreed */
    int disturbed;       /* our server has ended it, or it went elsewhere */
    int abandoned;       /* its engine, or that of its server, was freed */
    unsigned sessions;
    uint64_t last_sent;  /* token of the last SENT event */
    uint32_t sent;       /* accepted by hws_send: the next number */
    /* At the server, if it is ours. */
    uint32_t seen[NUMBERS / 32], arrived, doubles, last_arrived;
    uint64_t session;    /* the server's handle of the connection it came by */
    /* Echoes. */
    int fresh;           /* none yet in this session */
    uint32_t next_echo, echoes, gap;
    uint64_t told, missing; /* by QUEUE events: since the last message, and in all */
    char trail[400];        /* what has happened, for whoever looks into it */
    /* Counters at the end. */
    uint64_t recv_dropped, send_dropped, unprotected, unsure;
};

static struct ledger *ledgers[LEDGERS];
static uint32_t first_ledger, ledger_count; /* of this round */
static unsigned long totals_sent, totals_arrived, totals_doubles, totals_excused, verdicts;

static struct ledger *ledger_of(uint32_t number)
{
    if (number - first_ledger >= ledger_count) fail("a message of a connection that is over");
    return ledgers[number - first_ledger];
}

static uint32_t new_ledger(void)
{
    if (ledger_count == LEDGERS) fail("more connections than one round can have");
    if (!(ledgers[ledger_count] = calloc(1, sizeof **ledgers))) fail("no memory");
    return first_ledger + ledger_count++;
}

/* Adds to the trail; what is old gives way. */
static void note(struct ledger *ledger, char what, uint64_t number)
{
    size_t used = strlen(ledger->trail), half = sizeof ledger->trail / 2;
    if (used > sizeof ledger->trail - 30) memmove(ledger->trail, ledger->trail + half, used - half + 1), used -= half;
    snprintf(ledger->trail + used, sizeof ledger->trail - used, "%c%llu ", what, (unsigned long long)number);
}

/* Something is not as it was promised. */
static void accuse(const struct ledger *ledger, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fflush(stdout);
    fprintf(stderr, "soak: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n  server %d, comes back %d, replay %u, open %d, ended %d, clean %d, disturbed %d, sessions %u\n"
            "  sent %u, arrived %u, doubles %u, last %u; echoes %u, next %u, gap %u, fresh %d, told %llu, missing %llu\n"
            "  recv_dropped %llu, send_dropped %llu, send_unprotected %llu, error.dropped %llu\n"
            "  %s\n",
            ledger->server, ledger->comes_back, ledger->replay, ledger->open, ledger->ended, ledger->clean, ledger->disturbed,
            ledger->sessions, ledger->sent, ledger->arrived, ledger->doubles, ledger->last_arrived, ledger->echoes,
            ledger->next_echo, ledger->gap, ledger->fresh, (unsigned long long)ledger->told,
            (unsigned long long)ledger->missing, (unsigned long long)ledger->recv_dropped,
            (unsigned long long)ledger->send_dropped, (unsigned long long)ledger->unprotected, (unsigned long long)ledger->unsure, ledger->trail);
    va_end(arguments);
    exit(1);
}

/* -- one message -------------------------------------------------------------------------------------------- */

enum message_kind { NUMBERED = 'M', AGAIN = 'A', OF_A_LEASE = 'P' };

struct message { int kind; uint32_t owner, number; };

/* Returns its length. */
static size_t write_message(char *text, struct message message, size_t len)
{
    if (len < HEAD) len = HEAD;
    snprintf(text, HEAD + 1, "%c %08x %08x %08x ", message.kind, (unsigned)message.owner, (unsigned)message.number,
             (unsigned)len);
    memset(text + HEAD - 1, 'a' + (int)(message.number % 26), len - HEAD + 1);
    return len;
}

/* 0 if it is none of these: a heartbeat. */
static int read_message(hws_bytes data, struct message *message)
{
    char head[HEAD + 1];
    unsigned owner, number, len;
    size_t i;
    if (data.len < HEAD) return 0;
    memcpy(head, data.ptr, HEAD), head[HEAD] = 0;
    if (sscanf(head + 1, " %x %x %x", &owner, &number, &len) != 3) fail("a message that nobody wrote");
    if (len != data.len) fail("a message is not whole");
    for (i = HEAD - 1; i < len; i++)
        if (data.ptr[i] != 'a' + number % 26) fail("a message has changed on its way");
    *message = (struct message){ head[0], owner, number };
    return 1;
}

/* -- both directions ---------------------------------------------------------------------------------------- */

/* With replay on request what is replayed comes behind what was sent meanwhile. */
static int in_order(const struct ledger *ledger) { return ledger->replay != HWS_REPLAY_ON_REQUEST; }

/* At our own server. */
static void arrived(struct ledger *ledger, uint32_t number, hws_conn conn)
{
    uint32_t bit = 1u << number % 32, *seen = &ledger->seen[number / 32];
    if (number >= ledger->sent) accuse(ledger, "number %u arrives, which was never sent", number);
    if (ledger->session == conn.id && in_order(ledger) && number <= ledger->last_arrived)
        accuse(ledger, "number %u arrives too late", number);
    ledger->session = conn.id, ledger->last_arrived = number;
    if (!(*seen & bit)) *seen |= bit, ledger->arrived++;
    else if (ledger->replay) ledger->doubles++;
    else accuse(ledger, "number %u arrives twice", number);
}

/* All of these are there, and so are those before. */
static uint32_t prefix_arrived(const struct ledger *ledger)
{
    uint32_t n = 0;
    while (n < ledger->sent && ledger->seen[n / 32] >> n % 32 & 1) n++;
    return n;
}

/* The echo of a message. Where it cannot come back there is nothing that is missing but what QUEUE told. */
static void echoed(struct ledger *ledger, uint32_t number)
{
    int any = ledger->fresh && ledger->sessions > 1;
    ledger->echoes++;
    if (number >= ledger->sent) accuse(ledger, "an echo of %u, which was never sent", number);
    if (!in_order(ledger)) return;
    if (number < ledger->next_echo && (!any || !ledger->replay)) accuse(ledger, "the echo of %u comes too late", number);
    if (!any) ledger->gap += number - ledger->next_echo;
    if (!ledger->comes_back && number - ledger->next_echo != ledger->told)
        accuse(ledger, "before the echo of %u some are missing", number);
    ledger->fresh = 0, ledger->told = 0, ledger->next_echo = number + 1;
}

static void dropped(struct ledger *ledger, const hws_event *event)
{
    uint64_t missing = event->error->dropped;
    ledger->told += missing, ledger->missing += missing;
    if (!missing || event->status != HWS_ERR_QUEUE_FULL) accuse(ledger, "QUEUE of %llu", (unsigned long long)missing);
    if (event->value != ledger->missing) accuse(ledger, "QUEUE counts %llu", (unsigned long long)event->value);
}

static void has_left(struct ledger *ledger, uint64_t token)
{
    if (token > ledger->sent || token == 0) accuse(ledger, "SENT of %llu", (unsigned long long)token);
    if (in_order(ledger) && token <= ledger->last_sent) accuse(ledger, "SENT of %llu comes again", (unsigned long long)token);
    ledger->last_sent = token;
}

/* -- the end ------------------------------------------------------------------------------------------------ */

static void verdict(const struct ledger *ledger)
{
    uint64_t lost = ledger->sent - ledger->arrived, excused = ledger->send_dropped + ledger->unsure;
    uint64_t not_sent = ledger->send_dropped;
    if (ledger->abandoned) return;
    if (!ledger->ended) accuse(ledger, "a connection has not ended");
    if (ledger->replay) not_sent = (not_sent + ledger->unprotected) * ledger->sessions; /* missing in each replay */
    if (ledger->comes_back && ledger->gap > ledger->recv_dropped + not_sent) accuse(ledger, "echoes are missing");
    if (ledger->server == NOT_OURS) return;
    if (ledger->clean && ledger->sessions == 1 && !ledger->disturbed && lost > excused)
        accuse(ledger, "closed, and not all has arrived");
    if (ledger->replay && ledger->server == 0) {
        excused += ledger->unprotected;
        if (lost > excused) accuse(ledger, "with replay messages are lost and not counted");
        verdicts++, totals_excused += excused;
        totals_sent += ledger->sent, totals_arrived += ledger->arrived, totals_doubles += ledger->doubles;
    }
}

/* When all connections are gone and everything they did was seen. */
static void close_ledgers(void)
{
    uint32_t i;
    for (i = 0; i < ledger_count; i++) verdict(ledgers[i]), free(ledgers[i]);
    first_ledger += ledger_count, ledger_count = 0;
}

#endif
