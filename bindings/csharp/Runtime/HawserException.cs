using System;
using System.Collections.Generic;
using System.Text;

namespace Hawser
{
    /// <remarks>The classes follow the first parent of each status. All parents are followed by
    /// <c>catch (HawserException e) when (e.Is(Status.Network))</c>. What led to this is the InnerException.</remarks>
    public partial class HawserException : Exception
    {
        /// <summary>True if this is such an error, or one below it.</summary>
        public bool Is(Status ancestor) => Status.Is(ancestor);

        internal static unsafe HawserException From(hws_error_info* info, Exception inner = null) =>
            info == null ? null : New((Status)info->status, info, inner);

        internal static unsafe void Check(int status) { if (status != 0) throw From(Native.hws_last_error()); }

        /// <summary>One that the binding itself has found.</summary>
        internal static unsafe HawserException Make(Status status, string message, Exception inner = null)
        {
            using (var arena = new Arena())
            {
                var info = new hws_error_info { struct_size = (uint)sizeof(hws_error_info), status = (int)status };
                info.timeout_ms = info.position = info.size = info.max_size = info.current_size = info.rcvd_then_sent = -1;
                info.message = info.detail = arena.Text(message);
                return From(&info, inner);
            }
        }
    }

    public sealed partial class HawserEvent
    {
        /// <summary>The data of a text message, which the library knows to be UTF-8.</summary>
        public string Text => Encoding.UTF8.GetString(Data);
        internal bool IsLast => Kind == EventKind.Close || Kind == EventKind.ConnectFailed;
    }

    /// <summary>Header fields in order, repeats kept: <c>Headers = { { "Authorization", "Bearer 1" } }</c>.</summary>
    public sealed class HeaderList : List<KeyValuePair<string, string>>
    {
        public void Add(string name, string value) => Add(new KeyValuePair<string, string>(name, value));
    }
}
