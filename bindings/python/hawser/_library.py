"""libhawser through cffi: loading it, and carrying values across."""

from __future__ import annotations

import os
import sys
import weakref
from functools import lru_cache
from typing import Any, Mapping, Union

import cffi

from . import types
from ._cdef import ABI_VERSION, CDEF

Data = Union[str, bytes, bytearray, memoryview]
ffi: Any = cffi.FFI()
ffi.cdef(CDEF)
NULL = ffi.NULL


def _load() -> Any:
    usual = {"win32": "hawser.dll", "darwin": "libhawser.0.dylib"}.get(sys.platform, "libhawser.so.0")
    name = os.environ.get("HAWSER_LIBRARY") or usual
    try:
        library = ffi.dlopen(name)
    except OSError as error:
        raise ImportError(f"{error}; HAWSER_LIBRARY may say where libhawser is") from error
    if library.hws_abi_version() != ABI_VERSION:
        raise ImportError(f"{name} has ABI {library.hws_abi_version()}, this binding wants {ABI_VERSION}")
    return library


lib = _load()

# ---- what is handed out, copied


def string(text: Any) -> str | None:
    return None if text.ptr == NULL else octets(text).decode("utf-8", "replace")


def octets(data: Any) -> bytes:
    return ffi.buffer(data.ptr, data.len)[:] if data.len else b""


# ---- what is passed in

_kept: weakref.WeakKeyDictionary[Any, list[Any]] = weakref.WeakKeyDictionary()  # what structs point to
_fields = lru_cache(maxsize=None)(lambda name: {field: at.type for field, at in ffi.typeof(name).fields})


def lent(data: Data) -> tuple[Any, int]:
    """An hws_str, an hws_bytes, or a pointer and a length: of what the buffer keeps."""
    buffer = ffi.from_buffer(data.encode() if isinstance(data, str) else data)
    return buffer, len(buffer)


def struct(name: str, options: Mapping[str, Any]) -> Any:
    """A pointer to a struct with these fields; it keeps all that they point to."""
    pointer, kinds = ffi.new(f"{name} *"), _fields(name)
    kept = _kept[pointer] = []
    if "struct_size" in kinds:
        pointer.struct_size = ffi.sizeof(name)
    for field, value in options.items():
        field = field.rstrip("_")
        if field not in kinds:
            raise TypeError(f"{name} has no {field!r}; it has {', '.join(sorted(kinds))}")
        if value is not None:
            made = _made(field, kinds[field], value, kept)
            setattr(pointer, field, made)
            if field in types.COUNTS:
                setattr(pointer, types.COUNTS[field], len(made))
    return pointer


def _made(name: str, kind: Any, value: Any, kept: list[Any]) -> Any:
    """A value as cffi takes it for a field of this type."""
    if kind.kind == "primitive":
        if isinstance(value, bool):
            return types.Toggle.ON if value else types.Toggle.OFF
        if isinstance(value, str) and name in types.WORDS:
            return getattr(types.WORDS[name], value.upper())
        return value
    if hasattr(value, "handle"):
        return value.handle
    if kind.cname in ("hws_str", "hws_bytes"):
        made: Any = lent(value)
    elif kind.cname == "hws_header":
        key, content = value
        made = lent(key), lent(content)
    elif kind.kind == "struct":
        pointer = struct(kind.cname, value)
        kept.append(pointer)
        made = pointer[0]
    elif name in types.COUNTS:
        items = value.items() if isinstance(value, Mapping) else value
        made = ffi.new(f"{kind.item.cname}[]", [_made(name, kind.item, item, kept) for item in items])
    else:
        made = struct(kind.item.cname, value)
    kept.append(made)
    return made
