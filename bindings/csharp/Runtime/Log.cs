using System;
using System.Runtime.InteropServices;

namespace Hawser
{
    /// <summary>The library's log, that of all engines of the process.</summary>
    public static unsafe class Log
    {
        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        delegate void Logger(void* user, uint level, ulong handle, byte* target, byte* text, UIntPtr length);

        sealed class MonoPInvokeCallbackAttribute : Attribute { public MonoPInvokeCallbackAttribute(Type type) { } } // IL2CPP looks for the name

        static readonly Logger Thunk = Write; // never collected
        static volatile Action<LogLevel, string, string> sink;

        static Log() => Library.AtExit += () => To(null);

        /// <summary>Gives lines up to a level, with their target, to a function, on any thread. It must not call the library.
        /// Null: no log, as at first.</summary>
        public static void To(Action<LogLevel, string, string> function, LogLevel most = LogLevel.Info)
        {
            sink = function;
            var thunk = function == null ? IntPtr.Zero : Marshal.GetFunctionPointerForDelegate(Thunk);
            HawserException.Check(Library.First(() => Native.hws_set_logger((uint)most, thunk, null)));
        }

        [MonoPInvokeCallback(typeof(Logger))]
        static void Write(void* user, uint level, ulong handle, byte* target, byte* text, UIntPtr length)
        {
            try { sink?.Invoke((LogLevel)level, Memory.Text(target), Memory.Text(text)); }
            catch (Exception e) { Console.Error.WriteLine(e); } // none may reach the library
        }
    }
}
