/* provoke_protocol.c -- the peer's faults once the connection is open: every row of the rules for frames, played
 * against a client and against a server. The peer must hear the right close code, the host the right error. */
#include "provoke.h"

struct fault {
    uint16_t answer;  /* the code of the library's Close frame */
    uint8_t opcode;   /* of the frame at fault, as the error has it */
    int64_t position; /* of the byte at fault; only with INVALID_PAYLOAD */
    struct frame frames[5];
};

/* The peer hears why, in as many words as fit into a Close frame. */
static void check_reason(const char *reason, const hws_error_info *cause)
{
    const char *why = cause->detail.len ? cause->detail.ptr : hws_status_text(cause->status);
    if (strncmp(reason, why, 123)) fail(__FILE__, __LINE__, "the reason sent is \"%s\", not \"%s\"", reason, why);
}

/* The library has broken the connection off: tells the peer the code, and the host all it knows. */
static const hws_error_info *broken_off(const struct link *link, uint16_t answer)
{
    char reason[126];
    strcpy(reason, peer_expect_close(link, answer));
    if (link->role == AS_SERVER) peer_expect_end(link->peer); /* RFC 6455 section 7.1.1: the server ends TCP first */

    const hws_error_info *error = hang_up(link);
    CHECK_INT(error->status, HWS_ERR_CLOSED_ERROR);
    CHECK_INT(error->conn.id, link->conn.id);
    CHECK_INT(error->close_sent.present, 1);
    CHECK_INT(error->close_sent.code, answer);
    CHECK_TEXT(error->close_sent.reason, reason);
    CHECK_INT(error->close_rcvd.present, 0);
    CHECK_INT(error->rcvd_then_sent, -1);
    CHECK_INT(error->close_code, 1006);
    CHECK_INT(error->initiated_by, HWS_SIDE_LOCAL);
    CHECK(error->cause);
    check_reason(reason, error->cause);
    if (hws_status_is_a(error->cause->status, HWS_ERR_PROTOCOL)) CHECK_INT(error->retryable, HWS_RETRY_NO);
    return error->cause;
}

static void send_frames(const struct link *link, const struct frame *frame)
{
    for (; frame->first || frame->len || frame->claims; frame++) peer_frame(link, *frame);
}

static const hws_error_info *fault(enum role role, const void *row)
{
    const struct fault *it = row;
    struct link link = open_link(role);
    send_frames(&link, it->frames);
    const hws_error_info *cause = broken_off(&link, it->answer);
    CHECK_INT(cause->position, it->position);
    CHECK_INT(cause->opcode, it->opcode);
    return cause;
}

/* The same in pieces of one byte: no verdict may hang on how the bytes arrive. */
static const hws_error_info *byte_by_byte(enum role role, const void *row)
{
    const struct fault *it = row;
    struct link link = open_link(role), wire = link;
    int pair[2];
    char byte;
    SYS(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    wire.peer = pair[0];
    send_frames(&wire, it->frames);
    SYS(close(pair[0]));
    while (SYS(read(pair[1], &byte, 1)) == 1) {
        peer_send(link.peer, &byte, 1);
        let_it_work();
    }
    const hws_error_info *cause = broken_off(&link, it->answer);
    CHECK_INT(cause->position, it->position);
    return cause;
}

/* -- Sizes -------------------------------------------------------------------------------------------------- */

struct size_limit {
    uint64_t message_max, frame_max;
    int64_t size, max_size, current_size; /* as the error has them */
    struct frame frames[4];
};

static const hws_error_info *too_big(enum role role, const void *row)
{
    const struct size_limit *it = row;
    limits.message_max = it->message_max;
    limits.frame_max = it->frame_max;
    struct link link = open_link(role);
    send_frames(&link, it->frames);
    const hws_error_info *cause = broken_off(&link, 1009);
    CHECK_INT(cause->size, it->size);
    CHECK_INT(cause->max_size, it->max_size);
    CHECK_INT(cause->current_size, it->current_size);
    return cause;
}

/* What just fits is fine, however it is cut; the next byte is not. */
static const hws_error_info *one_more_than_fits(enum role role, const void *row)
{
    (void)row;
    limits.message_max = 8;
    struct link link = open_link(role);
    peer_message(&link, TEXT, "12345678");
    CHECK_INT(expect(HWS_EVENT_MESSAGE)->data.len, 8);
    peer_frame(&link, (struct frame){ .first = TEXT, .len = 5 });
    peer_frame(&link, (struct frame){ .first = FIN | CONT, .len = 3 });
    CHECK_INT(expect(HWS_EVENT_MESSAGE)->data.len, 8);
    peer_message(&link, BINARY, "123456789");
    const hws_error_info *cause = broken_off(&link, 1009);
    CHECK_INT(cause->size, 9);
    CHECK_INT(cause->max_size, 8);
    CHECK_INT(cause->opcode, BINARY);
    return cause;
}

/* The same for fragments, where an empty one costs as much as any: bookkeeping must not outgrow payload. */
static const hws_error_info *too_many_fragments(enum role role, const void *row)
{
    (void)row;
    limits.fragments_max = 3;
    struct link link = open_link(role);
    struct frame first = { .first = BINARY }, next = { .first = CONT }, last = { .first = FIN | CONT };
    peer_frame(&link, first);
    peer_frame(&link, next);
    peer_frame(&link, last);
    expect(HWS_EVENT_MESSAGE);
    peer_frame(&link, first);
    peer_frame(&link, next);
    peer_frame(&link, next);
    peer_frame(&link, last);
    const hws_error_info *cause = broken_off(&link, 1009);
    CHECK_INT(cause->fragments, 4);
    CHECK_INT(cause->max_fragments, 3);
    return cause;
}

/* -- Order -------------------------------------------------------------------------------------------------- */

/* What was complete before the fault is delivered first; what comes after it is never heard of. */
static const hws_error_info *between_messages(enum role role, const void *row)
{
    struct link link = open_link(role);
    (void)row;
    peer_message(&link, TEXT, "before");
    peer_frame(&link, (struct frame){ .first = FIN | RSV1 | TEXT, .len = 1 });
    peer_message(&link, TEXT, "after");
    CHECK(!memcmp(expect(HWS_EVENT_MESSAGE)->data.ptr, "before", 6));
    return broken_off(&link, 1002);
}

/* Frames of control come between fragments and leave the message as it is. */
static const hws_error_info *control_inside_a_message(enum role role, const void *row)
{
    struct link link = open_link(role);
    char payload[126];
    (void)row;
    peer_frame(&link, (struct frame){ .first = TEXT, .payload = "a\xE2\x82", .len = 3 });
    peer_message(&link, PING, "!");
    peer_frame(&link, (struct frame){ .first = CONT, .payload = "\xAC", .len = 1 });
    peer_read_frame(&link, FIN | PONG, payload);
    CHECK(!strcmp(payload, "!"));
    peer_frame(&link, (struct frame){ .first = FIN | TEXT, .len = 1 });
    return broken_off(&link, 1002);
}

/* With FRAGMENT events each frame is delivered as it comes, and the fault is still found. */
static const hws_error_info *in_fragments(enum role role, const void *row)
{
    (void)row;
    limits.deliver_fragments = HWS_ON;
    struct link link = open_link(role);
    peer_frame(&link, (struct frame){ .first = TEXT, .payload = "ab\xE2", .len = 3 });
    CHECK_INT(expect(HWS_EVENT_FRAGMENT)->flags & HWS_FLAG_FIN, 0);
    peer_frame(&link, (struct frame){ .first = FIN | CONT, .payload = "\xFF", .len = 1 });
    const hws_error_info *cause = broken_off(&link, 1007);
    CHECK_INT(cause->position, 2);
    return cause;
}

/* -- Close frames ------------------------------------------------------------------------------------------- */

struct bad_code { uint16_t code; };

static const hws_error_info *bad_code(enum role role, const void *row)
{
    const struct bad_code *it = row;
    struct link link = open_link(role);
    const char payload[2] = { (char)(it->code >> 8), (char)it->code };
    peer_frame(&link, (struct frame){ .first = FIN | CLOSE, .payload = payload, .len = 2 });
    return broken_off(&link, 1002);
}

#define FRAMES(...) .frames = { __VA_ARGS__ }
#define FRAME(what, text) { .first = (what), .payload = (text), .len = sizeof(text) - 1 }
#define ODD_FRAME(what, text, ...) { .first = (what), .payload = (text), .len = sizeof(text) - 1, __VA_ARGS__ }
#define INVALID_FRAME(name, op, ...)                                                                                   \
    { HWS_ERR_INVALID_FRAME, name, fault, BOTH,                                                                        \
      ROW(fault, .answer = 1002, .opcode = (op), .position = -1, FRAMES(__VA_ARGS__)) }
#define INVALID_PAYLOAD(name, where, ...)                                                                              \
    { HWS_ERR_INVALID_PAYLOAD, name, fault, BOTH,                                                                      \
      ROW(fault, .answer = 1007, .opcode = TEXT, .position = (where), FRAMES(__VA_ARGS__)) }
#define INVALID_CLOSE(name, number) { HWS_ERR_INVALID_CLOSE, name, bad_code, BOTH, ROW(bad_code, number) }
#define TOO_BIG(name, ...) { HWS_ERR_PAYLOAD_TOO_BIG, name, too_big, BOTH, ROW(size_limit, __VA_ARGS__) }

#define MIB (1 << 20)
#define A10 "aaaaaaaaaa"
#define LONG A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 A10 "aaaaaa" /* a byte more than control frames hold */

static const struct provoked cases[] = {
    INVALID_FRAME("rsv1", TEXT, FRAME(FIN | RSV1 | TEXT, "a")),
    INVALID_FRAME("rsv2", TEXT, FRAME(FIN | RSV2 | TEXT, "a")),
    INVALID_FRAME("rsv3", BINARY, FRAME(FIN | RSV3 | BINARY, "a")),
    INVALID_FRAME("rsv1_continuation", CONT, FRAME(TEXT, "a"), FRAME(FIN | RSV1 | CONT, "b")),
    INVALID_FRAME("rsv1_control", PING, FRAME(FIN | RSV1 | PING, "a")),
    INVALID_FRAME("rsv1_close", CLOSE, FRAME(FIN | RSV1 | CLOSE, "\x03\xE8")),
    INVALID_FRAME("opcode_3", 3, FRAME(FIN | 3, "")),
    INVALID_FRAME("opcode_4", 4, FRAME(FIN | 4, "")),
    INVALID_FRAME("opcode_5", 5, FRAME(FIN | 5, "")),
    INVALID_FRAME("opcode_6", 6, FRAME(FIN | 6, "")),
    INVALID_FRAME("opcode_7", 7, FRAME(FIN | 7, "")),
    INVALID_FRAME("opcode_11", 11, FRAME(FIN | 11, "")),
    INVALID_FRAME("opcode_12", 12, FRAME(FIN | 12, "")),
    INVALID_FRAME("opcode_13", 13, FRAME(FIN | 13, "")),
    INVALID_FRAME("opcode_14", 14, FRAME(FIN | 14, "")),
    INVALID_FRAME("opcode_15", 15, FRAME(FIN | 15, "")),
    INVALID_FRAME("opcode_long", 3, ODD_FRAME(FIN | 3, "", .claims = 1ull << 40)), /* told from the header */
    INVALID_FRAME("mask", TEXT, ODD_FRAME(FIN | TEXT, "a", .wrong_mask = 1)),
    INVALID_FRAME("mask_control", PING, ODD_FRAME(FIN | PING, "a", .wrong_mask = 1)),
    INVALID_FRAME("ping_126", PING, FRAME(FIN | PING, LONG)),
    INVALID_FRAME("pong_126", PONG, FRAME(FIN | PONG, LONG)),
    INVALID_FRAME("close_126", CLOSE, FRAME(FIN | CLOSE, LONG)),
    INVALID_FRAME("ping_long_form", PING, ODD_FRAME(FIN | PING, "a", .form = 2)),
    INVALID_FRAME("ping_fragment", PING, FRAME(PING, "a")),
    INVALID_FRAME("pong_fragment", PONG, FRAME(PONG, "")),
    INVALID_FRAME("close_fragment", CLOSE, FRAME(CLOSE, "\x03\xE8")),
    INVALID_FRAME("continues_nothing", CONT, FRAME(FIN | CONT, "a")),
    INVALID_FRAME("continues_nothing_more", CONT, FRAME(CONT, "a")),
    INVALID_FRAME("text_inside", TEXT, FRAME(TEXT, "a"), FRAME(FIN | TEXT, "b")),
    INVALID_FRAME("binary_inside", BINARY, FRAME(BINARY, "a"), FRAME(CONT, "b"), FRAME(BINARY, "c")),
    INVALID_FRAME("length_bit_63", BINARY, ODD_FRAME(FIN | BINARY, "", .claims = 1ull << 63)),
    INVALID_FRAME("length_all_bits", BINARY, ODD_FRAME(FIN | BINARY, "", .claims = UINT64_MAX)),
    INVALID_FRAME("not_minimal_16", TEXT, ODD_FRAME(FIN | TEXT, "a", .form = 2)),
    INVALID_FRAME("not_minimal_64", TEXT, ODD_FRAME(FIN | TEXT, LONG, .form = 8)),
    { HWS_ERR_INVALID_FRAME, "between_messages", between_messages, BOTH },
    { HWS_ERR_INVALID_FRAME, "control_inside", control_inside_a_message, BOTH },
    { HWS_ERR_INVALID_FRAME, "byte_by_byte", byte_by_byte, BOTH,
      ROW(fault, .answer = 1002, .position = -1, FRAMES(FRAME(TEXT, LONG), FRAME(FIN | BINARY, ""))) },

    INVALID_PAYLOAD("lone_continuation", 0, FRAME(FIN | TEXT, "\x80")),
    INVALID_PAYLOAD("overlong_2", 2, FRAME(FIN | TEXT, "ab\xC0\x80")),
    INVALID_PAYLOAD("overlong_3", 0, FRAME(FIN | TEXT, "\xE0\x80\xAF")),
    INVALID_PAYLOAD("overlong_4", 1, FRAME(FIN | TEXT, "a\xF0\x80\x80\xAF")),
    INVALID_PAYLOAD("surrogate", 3, FRAME(FIN | TEXT, "abc\xED\xA0\x80")),
    INVALID_PAYLOAD("beyond_unicode", 0, FRAME(FIN | TEXT, "\xF4\x90\x80\x80")),
    INVALID_PAYLOAD("never_a_byte", 5, FRAME(FIN | TEXT, "abcde\xFF")),
    INVALID_PAYLOAD("cut_short", 2, FRAME(FIN | TEXT, "ab\xE2\x82")),
    INVALID_PAYLOAD("in_the_next_fragment", 3, FRAME(TEXT, "abc"), FRAME(FIN | CONT, "\xFF")),
    INVALID_PAYLOAD("across_fragments", 1, FRAME(TEXT, "a\xE2"), FRAME(FIN | CONT, "\x28\xA1")),
    INVALID_PAYLOAD("empty_last_fragment", 2, FRAME(TEXT, "ab\xE2\x82"), FRAME(FIN | CONT, "")),
    INVALID_PAYLOAD("fail_fast", 1, FRAME(TEXT, "a\xFF")), /* the message would go on */
    INVALID_PAYLOAD("fail_fast_in_a_frame", 1, ODD_FRAME(FIN | TEXT, "a\xFF", .claims = 1000)),
    { HWS_ERR_INVALID_PAYLOAD, "close_reason", fault, BOTH,
      ROW(fault, .answer = 1007, .opcode = CLOSE, .position = 2, FRAMES(FRAME(FIN | CLOSE, "\x03\xE8ok\xFF"))) },
    { HWS_ERR_INVALID_PAYLOAD, "in_fragments", in_fragments, BOTH },
    { HWS_ERR_INVALID_PAYLOAD, "byte_by_byte", byte_by_byte, BOTH,
      ROW(fault, .answer = 1007, .position = 4, FRAMES(FRAME(TEXT, "\xCE\xBA"), FRAME(FIN | CONT, "ab\xE2\x82"))) },

    TOO_BIG("message", 8, 0, 9, 8, 0, FRAMES(FRAME(FIN | BINARY, "123456789"))),
    TOO_BIG("before_it_comes", 0, 0, MIB + 1, MIB, 0, FRAMES(ODD_FRAME(FIN | TEXT, "", .claims = MIB + 1))),
    TOO_BIG("sum", 8, 0, 9, 8, 5, FRAMES(FRAME(TEXT, "12345"), ODD_FRAME(CONT, "", .claims = 4))),
    TOO_BIG("frame", 0, 8, 9, 8, 0, FRAMES(ODD_FRAME(BINARY, "", .claims = 9))),
    TOO_BIG("largest", 0, 0, INT64_MAX, MIB, 0, FRAMES(ODD_FRAME(FIN | BINARY, "", .claims = INT64_MAX))),
    TOO_BIG("sum_of_the_largest", 0, 0, INT64_MAX, MIB, 1,
            FRAMES(FRAME(BINARY, "1"), ODD_FRAME(FIN | CONT, "", .claims = INT64_MAX))),
    { HWS_ERR_PAYLOAD_TOO_BIG, "one_more", one_more_than_fits, BOTH },
    { HWS_ERR_TOO_MANY_FRAGMENTS, NULL, too_many_fragments, BOTH },

    { HWS_ERR_INVALID_CLOSE, "one_byte", fault, BOTH,
      ROW(fault, .answer = 1002, .position = -1, .opcode = CLOSE, FRAMES(FRAME(FIN | CLOSE, "\x03"))) },
    INVALID_CLOSE("code_0", 0),
    INVALID_CLOSE("code_999", 999),
    INVALID_CLOSE("code_1004", 1004),
    INVALID_CLOSE("code_1005", 1005),
    INVALID_CLOSE("code_1006", 1006),
    INVALID_CLOSE("code_1015", 1015),
    INVALID_CLOSE("code_1016", 1016),
    INVALID_CLOSE("code_2999", 2999),
    INVALID_CLOSE("code_5000", 5000),
    INVALID_CLOSE("code_65535", 65535),
};

PROVOKE(cases)
