//! From handles to engines.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::{self, JoinHandle};

use super::flat::{FlatError, FlatHandshake};
use super::fork;
use super::group::Group;
use super::{gate, hook};
use crate::engine::{ENGINES_MAX, Engine, GENERATION_MAX, Handle, Home, Kind, Options, Slab, Tenant, invalid_handle};
use crate::error::{Error, Operation, Result, Status};

/// An engine with what the border keeps for it.
pub struct Host {
    pub engine: Engine,
    /// What the pointers in the present batch of events point to, beside payloads.
    pub batch: Mutex<Batch>,
    /// The engines that it shares its topics with.
    pub group: Group,
    /// The engine's own thread, if it has one.
    thread: Mutex<Option<JoinHandle<()>>>,
    /// The process it was made in.
    process: u32,
    slot: u16,
    generation: u32,
}

/// What pointers handed out until the next poll point to.
#[derive(Default)]
pub struct Batch {
    pub errors: Vec<FlatError>,
    pub handshakes: Vec<FlatHandshake>,
}

#[derive(Default)]
struct Entry {
    host: Option<Arc<Host>>,
    /// Every generation up to this one has been used by an engine in this slot.
    used: u32,
}

#[derive(Default)]
struct Engines {
    entries: Vec<Entry>,
    free: VecDeque<u16>,
}

/// Where engines live, by slot.
static HOMES: [Home; ENGINES_MAX] = [const { Home::new() }; ENGINES_MAX];

static ENGINES: RwLock<Engines> = RwLock::new(Engines { entries: Vec::new(), free: VecDeque::new() });

/// Makes an engine and gives it a handle. It shares the topics of `sharing`, unless that is 0.
pub fn add(options: Options, sharing: u64) -> Result<u64> {
    hook::check()?;
    fork::watch();
    let group = if sharing == 0 { Group::default() } else { self::engine(sharing)?.group.clone() };
    let mut engines = ENGINES.write().unwrap_or_else(PoisonError::into_inner);
    let slot = match engines.free.pop_front() {
        Some(slot) => slot,
        None if engines.entries.len() < ENGINES_MAX => {
            engines.entries.push(Entry::default());
            engines.entries.len() as u16 - 1
        }
        None => return Err(Error::new(Status::TOO_MANY_CONNECTIONS, "too many engines")),
    };
    let entry = &mut engines.entries[usize::from(slot)];
    let generation = entry.used + 1;
    let made = Engine::new(&HOMES[usize::from(slot)], slot, entry.used, options).and_then(|engine| {
        let (batch, thread, process) = (Mutex::default(), Mutex::default(), fork::process());
        let host = Arc::new(Host { engine, batch, group, thread, process, slot, generation });
        if options.io_thread {
            host.start_thread()?;
        }
        Ok(host)
    });
    let host = match made {
        Ok(host) => host,
        Err(error) => {
            engines.free.push_front(slot);
            return Err(error);
        }
    };
    host.group.join(&host);
    entry.host = Some(host);
    Ok(Handle { kind: Kind::Engine, engine: slot, slot: 0, generation }.id())
}

/// Takes an engine out and drops everything in it. Its handles are stale from here on.
pub fn remove(id: u64) -> Result<()> {
    let host = engine(id)?;
    host.group.leave(&host);
    let highest = host.engine.free();
    let slot = host.slot;
    let mut engines = ENGINES.write().unwrap_or_else(PoisonError::into_inner);
    let entry = &mut engines.entries[usize::from(slot)];
    // Another thread may have freed it too, and a third have put a new engine into its place.
    entry.host.take_if(|there| Arc::ptr_eq(there, &host)).ok_or_else(invalid_handle)?;
    entry.used = highest.max(host.generation);
    if entry.used < GENERATION_MAX {
        engines.free.push_back(slot);
    }
    drop(engines);
    host.end_thread();
    Ok(())
}

/// The engine that a handle is the handle of.
pub fn engine(id: u64) -> Result<Arc<Host>> {
    let handle = Handle::of(id, Kind::Engine).filter(|h| h.slot == 0).ok_or_else(invalid_handle)?;
    let host = at(handle.engine)?;
    if host.generation == handle.generation { Ok(host) } else { Err(invalid_handle()) }
}

/// The engine that a connection or listener with this handle would be in; it knows whether it is.
#[inline]
pub fn engine_of(id: u64, kind: Kind) -> Result<Arc<Host>> {
    let handle = Handle::of(id, kind).ok_or_else(invalid_handle)?;
    at(handle.engine)
}

/// The place of the engine that a connection with this handle would be in; whoever lives there knows whether it is.
#[inline(always)]
pub fn home_of(conn: u64) -> Result<&'static Home> {
    let handle = Handle::of(conn, Kind::Conn).ok_or_else(invalid_handle)?;
    if !gate::is_open() {
        look_closer(handle.engine)?;
    }
    HOMES.get(usize::from(handle.engine)).ok_or_else(invalid_handle)
}

#[inline]
fn at(slot: u16) -> Result<Arc<Host>> {
    if gate::is_open() { find(slot) } else { look_closer(slot) }
}

#[inline]
fn find(slot: u16) -> Result<Arc<Host>> {
    let engines = ENGINES.read().unwrap_or_else(PoisonError::into_inner);
    engines.entries.get(usize::from(slot)).and_then(|e| e.host.clone()).ok_or_else(invalid_handle)
}

/// A hook is running somewhere, or this process is a fork: perhaps that concerns this call.
#[cold]
fn look_closer(slot: u16) -> Result<Arc<Host>> {
    hook::check()?;
    let host = find(slot)?;
    if host.process == fork::process() { Ok(host) } else { Err(Error::new(Status::FORKED, "")) }
}

impl Host {
    /// Starts the engine's own thread.
    fn start_thread(self: &Arc<Self>) -> Result<()> {
        let host = Arc::clone(self);
        let work = move || host.engine.run(|lines| lines.iter().for_each(super::library::log));
        let thread = thread::Builder::new().name("hawser-io".to_owned()).spawn(work).map_err(|e| {
            Error::io(&e, Operation::Engine).with(|e| e.detail = format!("no thread: {}", e.detail).into())
        })?;
        *self.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Ok(())
    }

    /// Waits for the engine's own thread, which has been told to end. It is never the one that waits: hooks call nothing.
    fn end_thread(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join(); // what ended it is known: a bug, which everybody was told of
        }
    }

    /// Keeps a flat error until the next poll.
    pub fn lend(&self, error: FlatError) -> *const super::error::hws_error_info {
        let info = error.info();
        self.batch().errors.push(error);
        info
    }

    /// What is lent until the next poll.
    pub fn batch(&self) -> std::sync::MutexGuard<'_, Batch> {
        self.batch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands the lines that the engine has written to the host's logger, with no lock held.
    pub fn hand_out_log(&self) {
        if crate::engine::is_logging() {
            self.engine.take_log().iter().for_each(super::library::log);
        }
    }
}

/// The same for a connection's engine.
#[inline(always)]
pub fn hand_out_log_of(conn: u64) {
    if crate::engine::is_logging() {
        if let Ok(host) = engine_of(conn, Kind::Conn) {
            host.hand_out_log();
        }
    }
}

/// An error that a host keeps.
struct Kept {
    id: u64,
    error: Box<FlatError>,
}

impl Tenant for Kept {
    fn id(&mut self) -> &mut u64 {
        &mut self.id
    }
}

/// Errors that hosts keep.
static KEPT: Mutex<Option<Slab<Kept>>> = Mutex::new(None);

/// Keeps an error and gives it a handle.
pub fn keep(error: FlatError) -> Result<u64> {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let slab = kept.get_or_insert_with(|| Slab::new(Kind::Error, 0, 0));
    let kept = slab.insert(Kept { id: 0, error: Box::new(error) });
    kept.map(|(_, id)| id).ok_or_else(|| Error::new(Status::NO_MEMORY, "too many kept errors"))
}

/// A kept error.
pub fn kept(id: u64) -> Result<*const super::error::hws_error_info> {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let (_, kept) = kept.as_mut().and_then(|slab| slab.get(id)).ok_or_else(invalid_handle)?;
    Ok(kept.error.info())
}

/// Frees a kept error.
pub fn release(id: u64) -> Result<()> {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let slab = kept.as_mut().ok_or_else(invalid_handle)?;
    // Looked up and taken out under one lock: in between, another could take its place.
    let (slot, _) = slab.get(id).ok_or_else(invalid_handle)?;
    slab.remove(slot).map(drop).ok_or_else(invalid_handle)
}
