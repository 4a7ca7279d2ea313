"""libhawser through cffi: loading it, and carrying values across."""

import os
import sys
import weakref
from typing import Any, Mapping

import cffi

from . import types
from ._cdef import ABI_VERSION, CDEF

Data = str | bytes | bytearray | memoryview
ffi: Any = cffi.FFI()
ffi.cdef(CDEF)
NULL = ffi.NULL
_parts: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()  # what structs and arrays were made of
_usual = {"win32": "hawser.dll", "darwin": "libhawser.0.dylib"}.get(sys.platform, "libhawser.so.0")
_path = os.environ.get("HAWSER_LIBRARY") or _usual
try:
    lib: Any = ffi.dlopen(_path)
except OSError as error:
    raise ImportError(f"{error}; HAWSER_LIBRARY may say where libhawser is") from error
if lib.hws_abi_version() != ABI_VERSION:
    raise ImportError(f"{_path} has ABI {lib.hws_abi_version()}, this binding wants {ABI_VERSION}")


def string(text: Any) -> str | None:
    return None if text.ptr == NULL else octets(text).decode("utf-8", "replace")


def octets(data: Any) -> bytes:
    return ffi.buffer(data.ptr, data.len)[:] if data.len else b""


def lent(data: Data) -> tuple[Any, int]:
    """An hws_str, an hws_bytes, or a pointer and a length: of what the buffer keeps."""
    buffer = ffi.from_buffer(data.encode() if isinstance(data, str) else data)
    return buffer, len(buffer)


def struct(name: str, options: Mapping[str, Any]) -> Any:
    """A pointer to a struct with these fields; it keeps all that they point to."""
    return _new(f"{name} *", _fields(name, options))


def _new(kind: str, parts: Any) -> Any:
    made = ffi.new(kind, parts)
    _parts[made] = parts
    return made


def _fields(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as cffi takes them for a struct."""
    kinds = dict(ffi.typeof(name).fields)
    fields = {"struct_size": ffi.sizeof(name)} if "struct_size" in kinds else {}
    for field, value in options.items():
        field = field.rstrip("_")
        if field not in kinds:
            raise TypeError(f"{name} has no {field!r}; it has {', '.join(sorted(kinds))}")
        if value is not None:
            fields[field] = _value(field, kinds[field].type, value)
            if field in types.COUNTS:
                fields[types.COUNTS[field]] = len(fields[field])
    return fields


def _value(name: str, kind: Any, value: Any) -> Any:
    """A value as cffi takes it for a field of this type."""
    if hasattr(value, "handle"):
        return value.handle
    if kind.kind == "primitive":
        if isinstance(value, bool):
            return types.Toggle.ON if value else types.Toggle.OFF
        return types.WORDS[name][value.upper()] if isinstance(value, str) and name in types.WORDS else value
    if kind.cname in ("hws_str", "hws_bytes"):
        return lent(value)
    if kind.cname == "hws_header":
        key, content = value
        return lent(key), lent(content)
    if kind.kind == "struct":
        return _fields(kind.cname, value)
    if name in types.COUNTS:
        items = value.items() if isinstance(value, Mapping) else value
        return _new(f"{kind.item.cname}[]", [_value(name, kind.item, item) for item in items])
    return struct(kind.item.cname, value)
