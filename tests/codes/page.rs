//! docs/errors.md: the status table as a page, with the tests that provoke each code.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use hawser::error::{Row, Status};

const TOP: &str = "# Errors

Made from `src/error/status.rs` and the tests by `HAWSER_BLESS=1 cargo test --features allocator-hook,test-hooks --test codes`; do
not edit. A code is an `int32_t`, 0 or negative, and never changes; `hws_status_is_a(code, ancestor)` follows every parent. What
else is known of a failure is in `hws_error_info` (see [the header](../include/hawser.h)).

*Documented as* has the exceptions of Python's WebSocket libraries that become this code: `websockets` (both of its
pages of exceptions), `websocket` (websocket-client), `kstlib` and `jetsocket`. *Provoked by* leads to the program that makes the
library raise it through the C API; `--list` prints its cases with their codes.
";

/// The page.
pub fn page(provoked: &BTreeMap<String, BTreeSet<&str>>) -> String {
    let mut out = TOP.to_owned();
    for row in Status::table() {
        if row.status.code() % 100 == 0 || row.status == Status::ERROR {
            let _ = writeln!(out, "\n## {}: {}\n", row.status.name(), row.status.text());
            out.push_str("| code | name | is-a | when | documented as | provoked by |\n|---|---|---|---|---|---|\n");
        }
        let _ = writeln!(
            out,
            "| {} | `{}` | {} | {} | {} | {} |",
            row.status.code(),
            row.status.name(),
            row.status.parents().iter().map(|p| p.name()).collect::<Vec<_>>().join(", "),
            row.status.text(),
            row.documented.iter().map(|class| format!("`{class}`")).collect::<Vec<_>>().join(" "),
            proof(row, provoked),
        );
    }
    out
}

fn proof(row: &Row, provoked: &BTreeMap<String, BTreeSet<&str>>) -> String {
    let name = row.status.name();
    if row.is_class {
        return "a class: only those below it are raised".to_owned();
    }
    let link = |program: &&str| format!("[{program}](../tests/c/{program}.c)");
    provoked.get(name).map(|by| by.iter().map(link).collect::<Vec<_>>().join(", ")).unwrap_or_default()
}
