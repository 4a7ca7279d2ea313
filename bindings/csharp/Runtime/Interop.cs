using System;
using System.Collections.Generic;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace Hawser
{
    /// <summary>Finds libhawser where the environment variable HAWSER_LIBRARY says, else where the system looks.</summary>
    static class Library
    {
        /// <summary>The process ends, or the domain, which Unity's editor does before it loads programs anew.</summary>
        public static event Action AtExit;

        static Library()
        {
            EventHandler exit = (sender, e) => AtExit?.Invoke();
            AppDomain.CurrentDomain.ProcessExit += exit;
            AppDomain.CurrentDomain.DomainUnload += exit;
#if !UNITY_5_3_OR_NEWER
            var file = Environment.GetEnvironmentVariable("HAWSER_LIBRARY") ??
                (RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? "hawser.dll" :
                    RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? "libhawser.0.dylib" : "libhawser.so.0");
            if (Type.GetType("Mono.Runtime") != null) mono_dllmap_insert(IntPtr.Zero, Native.Name, null, file, null);
            // .NET Core has had this since 3.0, but netstandard2.0 does not know it
            var native = Type.GetType("System.Runtime.InteropServices.NativeLibrary, System.Runtime.InteropServices");
            if (native == null) return;
            var signature = new[] { typeof(string), typeof(Assembly), typeof(DllImportSearchPath?) };
            var load = (Loader)Delegate.CreateDelegate(typeof(Loader), native.GetMethod("Load", signature));
            Loader resolve = (name, assembly, path) => name == Native.Name ? load(file, assembly, path) : IntPtr.Zero;
            var set = native.GetMethod("SetDllImportResolver");
            var resolver = Delegate.CreateDelegate(set.GetParameters()[1].ParameterType, resolve.Target, resolve.Method);
            set.Invoke(null, new object[] { typeof(Library).Assembly, resolver });
        }

        delegate IntPtr Loader(string name, Assembly assembly, DllImportSearchPath? path);

        [DllImport("__Internal")]
        static extern void mono_dllmap_insert(IntPtr image, string library, string function, string target, string targetFunction);
#else
        }
#endif

        /// <summary>For calls that may be a program's first. Mono looks for a library when it compiles the method that calls it:
        /// in here, when the constructor above has run.</summary>
        public static T First<T>(Func<T> call) => call();
    }

    /// <summary>From C to here. All is copied: what the library lends is gone at the next poll.</summary>
    static unsafe class Memory
    {
        static readonly UTF8Encoding Strict = new UTF8Encoding(false, true);

        public static string Text(hws_str text) => text.ptr == null ? null : Encoding.UTF8.GetString(text.ptr, checked((int)text.len));
        public static string Text(byte* ascii) => ascii == null ? null : Marshal.PtrToStringAnsi((IntPtr)ascii);

        public static byte[] Bytes(hws_bytes bytes)
        {
            var copy = new byte[checked((int)bytes.len)];
            if (copy.Length > 0) Marshal.Copy((IntPtr)bytes.ptr, copy, 0, copy.Length);
            return copy;
        }

        /// <summary>Half a surrogate pair, which a string may hold but UTF-8 cannot, is an error, not a question mark.</summary>
        public static ArraySegment<byte> Utf8(string text, Status otherwise = Status.InvalidSend)
        {
            try { return new ArraySegment<byte>(Strict.GetBytes(text)); }
            catch (EncoderFallbackException e) { throw HawserException.Make(otherwise, $"half a surrogate pair at {e.Index}", e); }
        }
    }

    /// <summary>From here to C: memory that lives until the call is over.</summary>
    sealed unsafe class Arena : IDisposable
    {
        List<IntPtr> blocks; // most calls take none

        /// <summary>Zeroed memory; null for nothing.</summary>
        public void* Take(int size)
        {
            if (size == 0) return null;
            var block = Marshal.AllocHGlobal(size);
            (blocks = blocks ?? new List<IntPtr>()).Add(block);
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
            var bytes = Bytes(text == null ? null : Memory.Utf8(text, Status.InvalidArgument).Array);
            return new hws_str { ptr = bytes.ptr, len = bytes.len };
        }

        public void Dispose() => blocks?.ForEach(Marshal.FreeHGlobal);
    }
}
