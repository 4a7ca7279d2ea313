/* Hail a WebSocket server, print what it answers, part as friends:  quickstart ws://127.0.0.1:9001/ */
#include <hawser.h>
#include <stdio.h>

static const hws_str farewell = HWS_STR("fair winds");
static hws_client_options options; /* static, so all zero; and zero means the default, everywhere */

static int failed(void)
{
    fprintf(stderr, "%s\n", hws_last_error()->message.ptr);
    return 1;
}

int main(int argc, char **argv)
{
    hws_engine engine;
    hws_conn conn;
    hws_event event;
    uint32_t count;

    options.struct_size = sizeof options;
    options.uri = hws_cstr(argc > 1 ? argv[1] : "ws://127.0.0.1:9001/");
    if (hws_engine_new(NULL, &engine) || hws_connect(engine, &options, &conn)) return failed();

    while (hws_poll(engine, &event, sizeof event, 1, HWS_NEVER, &count) == HWS_OK)
        if (count) switch (event.kind) {
        case HWS_EVENT_OPEN:
            if (hws_send(conn, HWS_TEXT, "Ahoy!", 5, NULL)) return failed();
            break;
        case HWS_EVENT_MESSAGE:
            printf("%.*s\n", (int)event.data.len, (const char *)event.data.ptr);
            hws_close(conn, 1000, farewell);
            break;
        case HWS_EVENT_CLOSE: case HWS_EVENT_CONNECT_FAILED: /* one of them ends every connection */
            printf("%s\n", event.error->message.ptr);
            return hws_engine_free(engine) || event.status != HWS_ERR_CLOSED_OK;
        }
    return failed();
}
