//! A memory fence that one thread puts up for all of the process (membarrier(2)), so that the others need none of their own.
#![allow(unsafe_code)]

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// The kernel knows that we will ask for fences.
static READY: AtomicBool = AtomicBool::new(false);

/// [`everywhere`] may be called. The first who asks makes it so, a little later, where the kernel can do it.
pub fn is_ready() -> bool {
    let ready = READY.load(Ordering::Relaxed);
    if !ready {
        prepare();
    }
    ready
}

/// Tells the kernel. Where there are threads already it waits until each of them has been at a certain point: for 10 ms and
/// more, in which nobody's poll should stand. (In tests it should, for they count the memory that a thread takes.)
#[cold]
fn prepare() {
    static ASKED: Once = Once::new();
    let at_once = cfg!(any(test, feature = "test-hooks")) || is_alone();
    ASKED.call_once(|| match at_once {
        true => register(),
        false => _ = thread::Builder::new().name("hawser-fence".to_owned()).spawn(register), // without it, no fences
    });
}

/// There is no other thread in this process.
fn is_alone() -> bool {
    std::fs::read_dir("/proc/self/task").is_ok_and(|threads| threads.count() == 1)
}

fn register() {
    READY.store(membarrier(command::REGISTER), Ordering::Relaxed);
}

/// On return every thread of this process has been at a full fence since the call, or was not running.
pub fn everywhere() {
    // Registered once is registered for good, in forks too; if a kernel has it otherwise, it is told anew.
    let done = membarrier(command::FENCE) || (membarrier(command::REGISTER) && membarrier(command::FENCE));
    if !done {
        // The process has gone into a sandbox meanwhile. What a processor has stored leaves it within a microsecond, also
        // unasked; nobody relies on that twice.
        READY.store(false, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(target_os = "linux")]
mod command {
    pub const FENCE: i32 = libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED;
    pub const REGISTER: i32 = libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED;
}

#[cfg(target_os = "linux")]
fn membarrier(command: i32) -> bool {
    // SAFETY: it takes three integers and touches no memory of ours.
    unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
}

#[cfg(not(target_os = "linux"))]
mod command {
    pub const FENCE: i32 = 0;
    pub const REGISTER: i32 = 0;
}

/// There is no such thing here.
#[cfg(not(target_os = "linux"))]
fn membarrier(_command: i32) -> bool {
    false
}
