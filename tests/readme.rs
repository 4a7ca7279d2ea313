//! The README tells the truth.

mod common;

use std::fs;

use common::root;

#[test]
fn its_program_is_the_example() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let program = fs::read_to_string(root().join("examples-c/quickstart.c")).unwrap();
    assert!(readme.contains(&format!("```c\n{program}```")), "the README's program is examples-c/quickstart.c");
    assert!(program.lines().count() <= 40, "and it is short");
}

#[test]
fn its_links_lead_somewhere() {
    for page in [
        "README.md",
        "docs/DECISIONS.md",
        "docs/errors.md",
        "docs/presets.md",
        "docs/reconnect.md",
        "bench/README.md",
        "bindings/README.md",
        "bindings/cpp/README.md",
        "bindings/cpp/unreal.md",
        "bindings/csharp/README.md",
        "bindings/csharp/unity.md",
        "bindings/go/README.md",
        "bindings/godot/README.md",
        "bindings/lua/README.md",
        "bindings/python/README.md",
        "bindings/swift/README.md",
        "examples-c/README.md",
        "examples-c/game/README.md",
        "tests/README.md",
        "tests/golden/README.md",
    ] {
        let path = root().join(page);
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{page}: {e}"));
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let local = !link.contains("://") && !link.starts_with('#');
            let target = path.with_file_name(link.split('#').next().unwrap_or_default());
            assert!(!local || target.exists(), "{page} points to {link}");
        }
    }
}
