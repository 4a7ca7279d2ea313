using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace Hawser
{
    /// <summary>From C to here. All is copied: what the library lends is gone at the next poll.</summary>
    static unsafe class Memory
    {
        static readonly UTF8Encoding Strict = new UTF8Encoding(false, true);

        public static string Text(hws_str text) => text.ptr == null ? null : Encoding.UTF8.GetString(text.ptr, checked((int)text.len));

        public static string Text(byte* text)
        {
            var length = 0;
            while (text != null && text[length] != 0) length++;
            return text == null ? null : Encoding.UTF8.GetString(text, length);
        }

        public static byte[] Bytes(hws_bytes bytes)
        {
            var copy = new byte[checked((int)bytes.len)];
            if (copy.Length > 0) Marshal.Copy((IntPtr)bytes.ptr, copy, 0, copy.Length);
            return copy;
        }

        public static string[] Texts(hws_str* from, UIntPtr count)
        {
            var texts = new string[(int)count];
            for (var i = 0; i < texts.Length; i++) texts[i] = Text(from[i]);
            return texts;
        }

        public static Header[] Headers(hws_header* from, UIntPtr count)
        {
            var headers = new Header[(int)count];
            for (var i = 0; i < headers.Length; i++) headers[i] = new Header(Text(from[i].name), Text(from[i].value));
            return headers;
        }

        public static TimeSpan? Time(long milliseconds) => milliseconds < 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(milliseconds);

        public static void Copy(void* from, uint size, void* to, int room) => Buffer.MemoryCopy(from, to, room, Math.Min(size, (uint)room));

        /// <summary>Half a surrogate pair, which a string may hold but UTF-8 cannot, is an error, not a question mark.</summary>
        public static byte[] Utf8(string text, Status otherwise)
        {
            try { return Strict.GetBytes(text); }
            catch (EncoderFallbackException e) { throw HawserException.Make(otherwise, $"half a surrogate pair at {e.Index}", e); }
        }
    }

    /// <summary>From here to C: memory that lives until the call is over.</summary>
    sealed unsafe class Arena : IDisposable
    {
        readonly List<IntPtr> blocks = new List<IntPtr>();

        /// <summary>Zeroed memory; null for nothing.</summary>
        public void* Take(int size)
        {
            if (size == 0) return null;
            blocks.Add(Marshal.AllocHGlobal(size));
            var block = blocks[blocks.Count - 1];
            Marshal.Copy(new byte[size], 0, block, size);
            return (void*)block;
        }

        public hws_bytes Bytes(byte[] bytes)
        {
            if (bytes == null) return default(hws_bytes);
            var to = (byte*)Take(bytes.Length + 1); // an empty text is there, too
            Marshal.Copy(bytes, 0, (IntPtr)to, bytes.Length);
            return new hws_bytes { ptr = to, len = (UIntPtr)bytes.Length };
        }

        public hws_str Text(string text)
        {
            var bytes = Bytes(text == null ? null : Memory.Utf8(text, Status.InvalidArgument));
            return new hws_str { ptr = bytes.ptr, len = bytes.len };
        }

        public hws_str* Texts(IList<string> texts)
        {
            var to = (hws_str*)Take(sizeof(hws_str) * texts.Count);
            for (var i = 0; i < texts.Count; i++) to[i] = Text(texts[i]);
            return to;
        }

        public hws_header* Headers(IList<Header> headers)
        {
            var to = (hws_header*)Take(sizeof(hws_header) * headers.Count);
            for (var i = 0; i < headers.Count; i++) to[i] = new hws_header { name = Text(headers[i].Name), value = Text(headers[i].Value) };
            return to;
        }

        public void Dispose() => blocks.ForEach(Marshal.FreeHGlobal);

        public static uint Toggle(bool? value) => value == null ? 0u : value.Value ? 1u : 2u;

        public static bool? Toggle(uint value) => value == 0 ? (bool?)null : value == 1;

        /// <summary>A fraction counts whole, for 0 would be the default. Timeout.InfiniteTimeSpan is -1 here as there.</summary>
        public static int Whole(double? units) => (int)Math.Max(int.MinValue, Math.Min(int.MaxValue, Math.Ceiling(units ?? 0)));

        public static TimeSpan? Time(int milliseconds) => milliseconds == 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds(milliseconds);
    }
}
