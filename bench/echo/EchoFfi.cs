// echo: what hws_echo does, with P/Invoke alone, as the binding declares it: nothing is copied.
using System;
using System.Text;

namespace Hawser
{
    static unsafe class EchoFfi
    {
        const int Batch = 256;

        static void Ok(int status)
        {
            if (status != 0) throw new Exception(Memory.Text(Native.hws_last_error()->message));
        }

        static void Main() => Library.First(Run);

        static int Run()
        {
            hws_engine engine;
            hws_listener listener;
            uint count, sent;
            var events = new hws_event[Batch];
            var echoes = new hws_outgoing[Batch];
            var bind = Encoding.ASCII.GetBytes("127.0.0.1:0");
            var options = new hws_server_options { struct_size = (uint)sizeof(hws_server_options) };
            var address = new byte[64];
            Ok(Native.hws_engine_new(null, &engine));
            fixed (byte* name = bind)
            {
                options.bind = new hws_str { ptr = name, len = (UIntPtr)bind.Length };
                Ok(Native.hws_listen(engine, &options, &listener));
            }
            fixed (byte* to = address)
            {
                Ok(Native.hws_listener_address(listener, to, (UIntPtr)address.Length, null));
                Console.WriteLine("listening on " + Memory.Text(to));
            }
            fixed (hws_event* first = events)
            fixed (hws_outgoing* echo = echoes)
                while (true)
                {
                    Ok(Native.hws_poll(engine, first, (UIntPtr)sizeof(hws_event), Batch, -1, &count));
                    uint messages = 0;
                    for (var e = first; e < first + count; e++)
                        if (e->kind == (uint)EventKind.Message)
                            echo[messages++] = new hws_outgoing { conn = e->conn, opcode = e->opcode, data = e->data };
                    for (uint at = 0; at < messages; at += sent)
                        Ok(Native.hws_send_batch(echo + at, (UIntPtr)sizeof(hws_outgoing), messages - at, &sent));
                }
        }
    }
}
