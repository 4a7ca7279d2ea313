// echo: what hws_echo does, with the binding for C#: a handler for each event.
using System;
using System.Threading;
using Hawser;

static class Echo
{
    static void Main()
    {
        var engine = new Engine();
        var listener = engine.Listen("127.0.0.1:0", e =>
        {
            if (e.Kind == EventKind.Message) e.Connection.Send(e.Opcode, new ArraySegment<byte>(e.Data));
        });
        Console.WriteLine("listening on " + listener.Address);
        while (true) engine.Update(Timeout.Infinite);
    }
}
