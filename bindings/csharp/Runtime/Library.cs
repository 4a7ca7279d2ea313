using System;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Hawser
{
    /// <summary>Finds libhawser where the environment variable HAWSER_LIBRARY says, else where the system looks for libraries.
    /// Unity has its own way, the folder Plugins.</summary>
    static class Library
    {
        static Library()
        {
            AppDomain.CurrentDomain.ProcessExit += Exit;
            AppDomain.CurrentDomain.DomainUnload += Exit;
#if !UNITY_5_3_OR_NEWER
            Find();
#endif
        }

#if UNITY_5_3_OR_NEWER
#if (UNITY_IOS || UNITY_TVOS) && !UNITY_EDITOR
        public const string Name = "__Internal";
#else
        public const string Name = "hawser";
#endif
#else
        public const string Name = "hawser";

        delegate IntPtr Loader(string name, Assembly assembly, DllImportSearchPath? path);

        static Loader load;

        static string File =>
            Environment.GetEnvironmentVariable("HAWSER_LIBRARY") ??
            (RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? "hawser.dll" :
                RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? "libhawser.0.dylib" : "libhawser.so.0");

        static void Find()
        {
            if (Type.GetType("Mono.Runtime") != null) mono_dllmap_insert(IntPtr.Zero, Name, null, File, null);
            // .NET Core has had this since 3.0, but netstandard2.0 does not know it
            var native = Type.GetType("System.Runtime.InteropServices.NativeLibrary, System.Runtime.InteropServices");
            if (native == null) return;
            var signature = new[] { typeof(string), typeof(Assembly), typeof(DllImportSearchPath?) };
            load = (Loader)Delegate.CreateDelegate(typeof(Loader), native.GetMethod("Load", signature));
            var set = native.GetMethod("SetDllImportResolver");
            Loader resolve = (name, assembly, path) => name == Name ? load(File, assembly, path) : IntPtr.Zero;
            var resolver = Delegate.CreateDelegate(set.GetParameters()[1].ParameterType, resolve.Target, resolve.Method);
            set.Invoke(null, new object[] { typeof(Library).Assembly, resolver });
        }

        [DllImport("__Internal")]
        static extern void mono_dllmap_insert(IntPtr image, string library, string function, string target, string targetFunction);
#endif

        /// <summary>Called when the process ends, or the domain, which Unity's editor does before it loads programs anew.</summary>
        public static event Action AtExit;

        static void Exit(object sender, EventArgs e) => AtExit?.Invoke();

        /// <summary>For calls that may be a program's first. Mono looks for a library when it compiles the method that calls it, so
        /// that must happen in here: by then the constructor above has run.</summary>
        public static T First<T>(Func<T> call) => call();
    }
}
