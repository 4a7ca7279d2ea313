//! C programs as tests: the library as a shared library with the hooks for tests, and programs linked to it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::root;

/// Where this build and the programs linked to it go.
fn build_dir() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("c-tests")
}

/// The directory with libhawser.so, built once with every feature, overflow checks and debug assertions.
pub fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .current_dir(root())
            .args(["rustc", "--quiet", "--locked", "--lib", "--crate-type", "cdylib", "--features"])
            .args(["test-hooks,allocator-hook", "--target-dir"])
            .arg(build_dir())
            .args(["--", "-Clink-arg=-Wl,-soname,libhawser.so.0", "-Clink-arg=-Wl,-z,nodelete"])
            .status();
        assert!(built.is_ok_and(|status| status.success()), "the library builds");
        let directory = build_dir().join("debug");
        let link = directory.join("libhawser.so.0");
        if !link.exists() {
            // Another test process may have been faster.
            let _ = std::os::unix::fs::symlink("libhawser.so", &link);
        }
        directory
    })
}

/// Compiles a C source (absolute, or relative to tests/c) against the library; gives the program.
pub fn compile(source: &str) -> PathBuf {
    let library = library();
    let source = root().join("tests/c").join(source);
    let name = source.file_stem().expect("a file").to_owned();
    let directory = build_dir().join("bin").join(format!("{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory for programs");
    let program = directory.join(name);
    let compiled = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()))
        .args(["-std=c99", "-g", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-pthread"])
        .args(["-D_GNU_SOURCE", "-DHWS_TEST_HOOKS", "-I"])
        .arg(root().join("include"))
        .arg("-I")
        .arg(root().join("tests/c"))
        .arg("-o")
        .arg(&program)
        .arg(&source)
        .arg("-L")
        .arg(library)
        .arg("-lhawser")
        .arg(format!("-Wl,-rpath,{}", library.display()))
        .output()
        .expect("a C compiler");
    assert!(compiled.status.success(), "{}:\n{}", source.display(), String::from_utf8_lossy(&compiled.stderr));
    program
}

/// The directory with the certificates of the TLS tests, made once.
pub fn certificates() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let directory = build_dir().join("certs");
        let made = Command::new(root().join("tests/certs")).arg(&directory).status();
        assert!(made.is_ok_and(|status| status.success()), "tests/certs makes certificates: it needs bash and openssl");
        directory
    })
}

/// A program of [`compile`], told where the certificates are.
pub fn program(path: &Path) -> Command {
    let mut command = Command::new(path);
    command.env("HAWSER_TEST_CERTS", certificates());
    command
}

/// Runs a command to its end; a hang is killed and fails the test.
pub fn run(command: &mut Command, limit: Duration) -> Output {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let pid = child.id();
    let (done, watched) = std::sync::mpsc::channel::<()>();
    let watchdog = std::thread::spawn(move || {
        let started = Instant::now();
        let hung = watched.recv_timeout(limit).is_err_and(|e| e == std::sync::mpsc::RecvTimeoutError::Timeout);
        if hung {
            let _ = Command::new("kill").args(["-KILL", &pid.to_string()]).status();
        }
        (hung, started.elapsed())
    });
    let stdin = child.stdin.take();
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    let _ = done.send(());
    let (hung, after) = watchdog.join().expect("the watchdog");
    assert!(!hung, "{command:?} hangs (killed after {after:?})\n{}", text(&output));
    output
}

/// Everything a program said.
pub fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
