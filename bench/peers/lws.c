/* libwebsockets, as its minimal echo: what comes waits in a queue until the socket is writable, and goes as far as it takes it.
 * A message longer than the receive buffer comes and goes in parts. */
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECEIVED = 64 * 1024, QUEUED_MOST = 4 * 1024 * 1024 };

struct part {
    struct part *next;
    size_t length;
    int binary, first, final;
    unsigned char bytes[]; /* LWS_PRE for the header, then these */
};

struct session {
    struct part *first, **last;
    size_t queued;
    int stopped; /* no reading until there is room again */
};

static int keep(struct lws *wsi, struct session *s, const void *in, size_t length)
{
    struct part *part = malloc(sizeof *part + LWS_PRE + length);
    if (!part) return -1;
    part->next = NULL;
    part->length = length;
    part->binary = lws_frame_is_binary(wsi);
    part->first = lws_is_first_fragment(wsi);
    part->final = lws_is_final_fragment(wsi);
    memcpy(part->bytes + LWS_PRE, in, length);
    *s->last = part;
    s->last = &part->next;
    s->queued += length;
    if (!s->stopped && s->queued > QUEUED_MOST) lws_rx_flow_control(wsi, !(s->stopped = 1));
    lws_callback_on_writable(wsi);
    return 0;
}

static int send_queued(struct lws *wsi, struct session *s)
{
    while (s->first && !lws_send_pipe_choked(wsi)) {
        struct part *part = s->first;
        int kind = part->binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
        int flags = lws_write_ws_flags(kind, part->first, part->final);
        if (lws_write(wsi, part->bytes + LWS_PRE, part->length, flags) < 0) return -1;
        s->queued -= part->length;
        if (!(s->first = part->next)) s->last = &s->first;
        free(part);
    }
    if (s->first) lws_callback_on_writable(wsi);
    if (s->stopped && s->queued < QUEUED_MOST / 2) lws_rx_flow_control(wsi, !(s->stopped = 0));
    return 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
    struct session *s = user;
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED: s->last = &s->first; return 0;
    case LWS_CALLBACK_RECEIVE: return keep(wsi, s, in, length);
    case LWS_CALLBACK_SERVER_WRITEABLE: return send_queued(wsi, s);
    case LWS_CALLBACK_CLOSED:
        for (struct part *part = s->first, *next; part; part = next) {
            next = part->next;
            free(part);
        }
        return 0;
    default: return 0;
    }
}

int main(void)
{
    static const struct lws_protocols protocols[] = {
        {.name = "echo", .callback = on_event, .per_session_data_size = sizeof(struct session), .rx_buffer_size = RECEIVED},
        {0},
    };
    struct lws_context_creation_info info = {
        .port = 0,
        .iface = "127.0.0.1",
        .protocols = protocols,
        .pt_serv_buf_size = RECEIVED,
        .gid = -1, .uid = -1,
    };
    lws_set_log_level(LLL_ERR, NULL);
    struct lws_context *context = lws_create_context(&info);
    struct lws_vhost *host = context ? lws_get_vhost_by_name(context, "default") : NULL;
    if (!host) return 1;
    printf("listening on 127.0.0.1:%d\n", lws_get_vhost_listen_port(host));
    fflush(stdout);
    while (lws_service(context, 0) >= 0) {}
    lws_context_destroy(context);
}
