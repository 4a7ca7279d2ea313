//! What several tests need: where things are, and the header made anew.
#![allow(dead_code)] // each test uses its own part

pub mod c;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use hawser::error::Status;

/// The root of the project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The committed header.
pub fn header_path() -> PathBuf {
    root().join("include/hawser.h")
}

/// The header as the sources say it should be.
pub fn generate_header() -> String {
    let mut config = cbindgen::Config::from_file(root().join("cbindgen.toml")).expect("cbindgen.toml is valid");
    config.after_includes = Some(format!("{}\n{}", macros(), status_enum()));
    let bindings = cbindgen::Builder::new()
        .with_config(config)
        .with_crate(root())
        .generate()
        .expect("cbindgen understands src/ffi");
    let mut header = Vec::new();
    bindings.write(&mut header);
    let header = String::from_utf8(header).expect("the header is UTF-8");
    // Not cbindgen's trailer: that would stand behind the guard, and a second inclusion would define things twice.
    let guarded = header.rfind("#endif  /* HAWSER_H */").expect("the header has a guard");
    tidy(&format!("{}{}\n\n{}", &header[..guarded], trailer(), &header[guarded..]))
}

/// Line ends without spaces before them, and never two empty lines.
fn tidy(header: &str) -> String {
    let mut out = String::new();
    let mut empty = 0;
    for line in header.lines().map(str::trim_end) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty < 2 {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.trim_start().to_owned()
}

fn macros() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut numbers = version.split('.');
    let mut number = || numbers.next().and_then(|n| n.parse::<u32>().ok()).expect("the version is three numbers");
    let (major, minor, patch) = (number(), number(), number());
    format!(
        r#"
#if !defined(HWS_API)
#if defined(_WIN32) && defined(HWS_SHARED)
#define HWS_API __declspec(dllimport)
#else
#define HWS_API
#endif
#endif
#if defined(__GNUC__) || defined(__clang__)
#define HWS_MUST_USE __attribute__((warn_unused_result))
#else
#define HWS_MUST_USE
#endif

/* The version of this header; hws_version() is that of the library. */
#define HWS_VERSION_MAJOR {major}
#define HWS_VERSION_MINOR {minor}
#define HWS_VERSION_PATCH {patch}
#define HWS_VERSION_STRING "{version}"
/* Bumped only when programs built with an older header would break. */
#define HWS_ABI_VERSION {abi}

/* hws_str.len: the text ends with its NUL */
#define HWS_NUL_TERMINATED SIZE_MAX
/* in times: no deadline */
#define HWS_NEVER (-1)
/* hws_reconnect.jitter_percent: the delay is the ceiling. */
#define HWS_NO_JITTER UINT32_MAX
/* a literal as initialiser of an hws_str: hws_str uri = HWS_STR("ws://..."); */
#define HWS_STR(literal) {{ (literal), sizeof(literal) - 1 }}
/* true if the library that filled *p knows the field f: it may be older than this header */
#define HWS_HAS(p, f) \
    ((p)->struct_size >= (size_t)((const char *)&(p)->f - (const char *)(p)) + sizeof((p)->f))
"#,
        abi = hawser::ffi::library::ABI_VERSION,
    )
}

/// `hws_status_codes`, from the table that everything else comes from too.
fn status_enum() -> String {
    let mut out = String::from(
        "/* Every code: -(class * 100 + n), n = 0 being the class. What is-a what is a table with several parents: ask\n \
         * hws_status_is_a. Appended, never moved, never reused. */\nenum hws_status_codes {\n    HWS_OK = 0,\n",
    );
    for row in Status::table() {
        let name = row.name.to_str().expect("names are ASCII");
        let text = row.text.to_str().expect("texts are ASCII");
        let parents: Vec<_> = row.status.parents().iter().map(|p| p.name()).collect();
        let is_a = if parents.is_empty() { String::new() } else { format!("; is-a {}", parents.join(", ")) };
        let _ = writeln!(out, "    {name} = {}, /* {text}{is_a} */", row.status.code());
    }
    let last = out.rfind(", /*").expect("the table has rows");
    out.replace_range(last..=last, "");
    out + "};"
}

fn trailer() -> String {
    r#"/* An hws_str of a NUL-terminated string. */
static inline hws_str hws_cstr(const char *text)
{
    hws_str str;
    str.ptr = text;
    str.len = text ? HWS_NUL_TERMINATED : 0;
    return str;
}

/* What every other language's binding relies on. */
#if UINTPTR_MAX == 0xffffffffffffffffu
#if defined(__cplusplus)
static_assert(sizeof(hws_event) == 128, "hws_event");
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
_Static_assert(sizeof(hws_event) == 128, "hws_event");
#endif
#endif"#
        .to_owned()
}
