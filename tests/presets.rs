//! docs/presets.md tells the truth: the values are those that the library gives, and each has its reason.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use common::c::{self, compile, run, text};
use common::root;

const LIMIT: Duration = Duration::from_secs(30);

/// What the page says: (preset, field) and the value, without those that are default.
fn page() -> BTreeMap<(String, String), i64> {
    let text = fs::read_to_string(root().join("docs/presets.md")).expect("the page");
    let mut rows = text.lines().filter(|line| line.starts_with("| ")).map(cells);
    let head = rows.next().expect("a table");
    assert_eq!((&*head[0], &*head[head.len() - 1]), ("field", "why"));
    let mut found = BTreeMap::new();
    for row in rows {
        assert_eq!(row.len(), head.len(), "{row:?}");
        assert!(row[row.len() - 1].len() > 10, "{} has no reason", row[0]);
        for (preset, value) in head[1..head.len() - 1].iter().zip(&row[1..]).filter(|(_, value)| *value != "-") {
            let value = match &**value {
                "on" => 1,
                "off" => 2,
                number => number.parse().expect("a number"),
            };
            let twice = found.insert((preset.clone(), row[0].clone()), value);
            assert!(twice.is_none(), "{} stands there twice", row[0]);
        }
    }
    found
}

fn cells(line: &str) -> Vec<String> {
    line.trim_matches(['|', ' ']).split('|').map(|cell| cell.trim().to_owned()).collect()
}

#[test]
fn the_page_has_what_the_library_gives() {
    let output = run(c::program(&compile("promise_presets.c")).arg("presets_are_as_the_page_says"), LIMIT);
    let said = text(&output);
    println!("{said}");
    let given: BTreeMap<_, _> = said
        .lines()
        .filter_map(|line| line.rsplit_once(' ').map(|(what, value)| (what.split_once(' '), value)))
        .filter_map(|(what, value)| Some((what?, value.parse().ok()?)))
        .filter(|(_, value): &(_, i64)| *value != 0)
        .map(|((preset, field), value)| ((preset.to_owned(), field.to_owned()), value))
        .collect();
    assert_eq!(given, page());
}
