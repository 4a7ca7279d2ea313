"""echo: what hws_echo does, with the binding for Python: an engine that is polled for events, a batch at a time."""

from hawser import Engine, EventKind

with Engine() as engine:
    listener = engine.listen(bind="127.0.0.1:0")
    print("listening on", listener.address(), flush=True)
    while True:
        for event in engine.poll():
            if event.kind == EventKind.MESSAGE:
                event.conn.send(event.data, event.opcode)
