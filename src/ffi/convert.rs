//! From C to Rust: pointers, lengths, texts, toggles, times, structs with a size. Whatever is wrong becomes a
//! USAGE error that names the argument.

use std::ptr;

use super::types::{hws_bytes, hws_str, hws_toggle};
use crate::error::{Error, Result, Status};
use crate::session::{NEVER, Time};

/// The length that says: up to the NUL.
pub const NUL_TERMINATED: usize = usize::MAX;
/// No struct of ours will ever be this large; a size beyond it is a mistake, not a newer version.
const STRUCT_MAX: usize = 4096;

/// An INVALID_ARGUMENT error for this argument.
#[cold]
pub fn invalid(argument: &'static str, rule: &str) -> Error {
    Error::new(Status::INVALID_ARGUMENT, format!("{argument} {rule}"))
}

/// An out-pointer.
///
/// # Safety
/// `out` is NULL or points to a `T` that the caller may write.
pub unsafe fn out<'a, T>(out: *mut T, argument: &'static str) -> Result<Out<'a, T>> {
    if out.is_null() {
        return Err(invalid(argument, "is NULL"));
    }
    if !out.is_aligned() {
        return Err(invalid(argument, "is misaligned"));
    }
    Ok(Out { out, _lives: std::marker::PhantomData })
}

/// A place for one result, which may not be initialised yet.
pub struct Out<'a, T> {
    out: *mut T,
    _lives: std::marker::PhantomData<&'a mut T>,
}

impl<T> Out<'_, T> {
    /// Writes the result; done last, so that a call that fails writes nothing.
    pub fn set(self, value: T) {
        // SAFETY: `out` said that it may be written, and it is neither NULL nor misaligned.
        unsafe { self.out.write(value) }
    }
}

/// What the parameters of an array are called in the header.
#[derive(Debug, Clone, Copy)]
pub struct ArrayNames {
    pub array: &'static str,
    pub stride: &'static str,
    pub count: &'static str,
}

/// Checks an array of structs, each of which may be larger in the caller's header and takes `stride` bytes there.
#[inline(always)]
pub fn check_array<T>(array: *const T, stride: usize, count: u32, names: ArrayNames) -> Result<()> {
    if !(size_of::<T>()..=STRUCT_MAX).contains(&stride) {
        return Err(Error::new(Status::STRUCT_SIZE, format!("{} is not sizeof *{}", names.stride, names.array)));
    }
    if array.is_null() && count > 0 {
        return Err(invalid(names.array, &format!("is NULL and {} is not 0", names.count)));
    }
    if !array.is_aligned() || stride % align_of::<T>() != 0 {
        return Err(invalid(names.array, "is misaligned"));
    }
    Ok(())
}

/// Structs that begin with their size as a u32 and for which all bytes zero is a value.
///
/// # Safety
/// The struct is `repr(C)`, starts with `struct_size: u32`, and consists of integers and pointers only.
pub unsafe trait Versioned: Copy {}

/// Reads a struct that may come from an older or newer header.
///
/// # Safety
/// `from` is NULL or points to as many bytes as its struct_size says.
#[inline(never)] // so that a call which gets none does not pay
pub unsafe fn versioned<T: Versioned>(from: *const T, argument: &'static str) -> Result<T> {
    let wrong = |rule: &str| Error::new(Status::STRUCT_SIZE, format!("{argument}: {rule}"));
    if from.is_null() {
        return Err(invalid(argument, "is NULL"));
    }
    // SAFETY: not NULL, so at least the size is there; it may be misaligned.
    let size = unsafe { from.cast::<u32>().read_unaligned() } as usize;
    if size < size_of::<u32>() {
        return Err(wrong("struct_size is not set"));
    }
    if size > STRUCT_MAX {
        return Err(wrong("struct_size is larger than any struct of ours"));
    }
    if size < size_of::<T>() && size % align_of::<T>() != 0 {
        // No version of it ever had this size; half a pointer must not be followed.
        return Err(wrong("struct_size ends inside a field"));
    }
    let known = size.min(size_of::<T>());
    // SAFETY: all bytes zero is a value of T, see Versioned.
    let mut value: T = unsafe { std::mem::zeroed() };
    // SAFETY: `known` bytes are there, by the caller's promise, and fit into a T.
    unsafe { ptr::copy_nonoverlapping(from.cast::<u8>(), (&raw mut value).cast::<u8>(), known) };
    // SAFETY: the rest up to `size` is there too.
    let tail = unsafe { std::slice::from_raw_parts(from.cast::<u8>().add(known), size - known) };
    if tail.iter().any(|byte| *byte != 0) {
        return Err(wrong("a field is set that this version does not know"));
    }
    Ok(value)
}

/// The same, where NULL means that everything is default.
///
/// # Safety
/// As for [`versioned`].
#[inline(always)]
pub unsafe fn versioned_or_default<T: Versioned>(from: *const T, argument: &'static str) -> Result<Option<T>> {
    // SAFETY: the caller's promise.
    if from.is_null() { Ok(None) } else { unsafe { versioned(from, argument) }.map(Some) }
}

/// Writes a struct whose caller set struct_size to what it knows.
///
/// # Safety
/// `to` is NULL or points to as many writable bytes as its struct_size says.
pub unsafe fn write_versioned<T: Versioned>(to: *mut T, value: &T, argument: &'static str) -> Result<()> {
    // SAFETY: the caller's promise; reading checks the size.
    let size = unsafe { known_size(to, argument) }?;
    // SAFETY: `size` bytes are writable and no more than a T has.
    unsafe { ptr::copy_nonoverlapping(ptr::from_ref(value).cast::<u8>(), to.cast::<u8>(), size) };
    // SAFETY: the first four bytes are the size.
    unsafe { to.cast::<u32>().write_unaligned(size as u32) };
    Ok(())
}

/// A struct that [`write_versioned`] will write to, or NULL.
///
/// # Safety
/// As for [`write_versioned`].
pub unsafe fn room_for<T: Versioned>(to: *mut T, argument: &'static str) -> Result<()> {
    // SAFETY: the caller's promise.
    if to.is_null() { Ok(()) } else { unsafe { known_size(to, argument) }.map(drop) }
}

/// How much of a struct the caller has room for, and we know.
///
/// # Safety
/// As for [`write_versioned`].
unsafe fn known_size<T>(to: *mut T, argument: &'static str) -> Result<usize> {
    if to.is_null() {
        return Err(invalid(argument, "is NULL"));
    }
    // SAFETY: not NULL, so the size is there.
    let size = unsafe { to.cast::<u32>().read_unaligned() } as usize;
    if !(size_of::<u32>()..=STRUCT_MAX).contains(&size) {
        return Err(Error::new(Status::STRUCT_SIZE, format!("{argument}: struct_size is not set")));
    }
    Ok(size.min(size_of::<T>()))
}

/// Bytes.
///
/// # Safety
/// `data` is NULL or points to `len` bytes that live as long as the result is used.
#[inline(always)]
pub unsafe fn bytes<'a>(data: *const u8, len: usize, argument: &'static str) -> Result<&'a [u8]> {
    match (data.is_null(), len) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(invalid(argument, "is NULL and its length is not 0")),
        (false, len) if len > isize::MAX as usize => Err(invalid(argument, "has an impossible length")),
        // SAFETY: the caller's promise.
        (false, len) => Ok(unsafe { std::slice::from_raw_parts(data, len) }),
    }
}

/// Text.
///
/// # Safety
/// `text.ptr` is NULL or points to `text.len` bytes, or to a NUL-terminated string if the length says so.
pub unsafe fn text<'a>(text: hws_str, argument: &'static str) -> Result<&'a str> {
    let bytes = if text.len == NUL_TERMINATED && !text.ptr.is_null() {
        // SAFETY: the caller's promise.
        unsafe { std::ffi::CStr::from_ptr(text.ptr) }.to_bytes()
    } else {
        // SAFETY: the caller's promise.
        unsafe { bytes(text.ptr.cast(), text.len, argument) }?
    };
    std::str::from_utf8(bytes).map_err(|_| invalid(argument, "is not UTF-8"))
}

/// Text that may be missing.
///
/// # Safety
/// As for [`text`].
pub unsafe fn optional_text(from: hws_str, argument: &'static str) -> Result<Option<String>> {
    // SAFETY: the caller's promise.
    let text = unsafe { text(from, argument) }?;
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// An array.
///
/// # Safety
/// `items` is NULL or points to `count` items.
pub unsafe fn array<'a, T>(items: *const T, count: usize, argument: &'static str) -> Result<&'a [T]> {
    if count == 0 {
        return Ok(&[]);
    }
    if items.is_null() || !items.is_aligned() || count > isize::MAX as usize / size_of::<T>() {
        return Err(invalid(argument, "is NULL or misaligned, or its count is impossible"));
    }
    // SAFETY: the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts(items, count) })
}

/// A list of texts.
///
/// # Safety
/// `items` is NULL or points to `count` texts.
pub unsafe fn texts(items: *const hws_str, count: usize, argument: &'static str) -> Result<Vec<String>> {
    // SAFETY: the caller's promise, for the array and each text.
    unsafe { array(items, count, argument)?.iter().map(|item| text(*item, argument).map(str::to_owned)).collect() }
}

/// A toggle.
pub fn toggle(value: hws_toggle, default: bool, argument: &'static str) -> Result<bool> {
    match value {
        0 => Ok(default),
        1 => Ok(true),
        2 => Ok(false),
        _ => Err(invalid(argument, "is neither HWS_DEFAULT nor HWS_ON nor HWS_OFF")),
    }
}

/// A time in milliseconds: 0 is the default, -1 is never.
pub fn time(ms: i32, default: Time, argument: &'static str) -> Result<Time> {
    match ms {
        0 => Ok(default),
        -1 => Ok(NEVER),
        1.. => Ok(ms as Time * 1000),
        _ => Err(invalid(argument, "is negative and not HWS_NEVER")),
    }
}

/// How long to wait: 0 is not at all, -1 is for ever.
pub fn wait(ms: i32) -> Result<Option<std::time::Duration>> {
    match ms {
        -1 => Ok(None),
        0.. => Ok(Some(std::time::Duration::from_millis(ms as u64))),
        _ => Err(invalid("timeout_ms", "is negative and not HWS_NEVER")),
    }
}

/// A size: 0 is the default.
pub fn size(value: u64, default: u64) -> u64 {
    if value == 0 { default } else { value }
}

/// Writes a text with its NUL into a buffer of C's; all of it, or nothing with an error. With no buffer at all
/// only the length is wanted.
///
/// # Safety
/// `buf` is NULL or points to `cap` writable bytes; `needed` is NULL or may be written.
pub unsafe fn copy_out(text: &str, buf: *mut std::ffi::c_char, cap: usize, needed: *mut usize) -> Result<()> {
    if buf.is_null() && cap > 0 {
        return Err(invalid("buf", "is NULL and cap is not 0"));
    }
    if !needed.is_null() {
        // SAFETY: not NULL, and the caller's promise.
        unsafe { needed.write_unaligned(text.len()) };
    }
    if cap == 0 {
        return Ok(());
    }
    if cap <= text.len() {
        return Err(invalid("cap", "is too small").with(|e| {
            e.size = Some(text.len() as u64 + 1);
            e.max_size = Some(cap as u64);
        }));
    }
    // SAFETY: the text and its NUL fit into cap bytes.
    unsafe {
        ptr::copy_nonoverlapping(text.as_ptr(), buf.cast::<u8>(), text.len());
        buf.add(text.len()).write(0);
    }
    Ok(())
}

impl hws_bytes {
    /// A view of Rust's bytes; NULL when there are none.
    pub fn of(bytes: &[u8]) -> Self {
        Self { ptr: if bytes.is_empty() { ptr::null() } else { bytes.as_ptr() }, len: bytes.len() }
    }
}
