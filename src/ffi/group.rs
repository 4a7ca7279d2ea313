//! Engines that share their topics.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::registry::Host;

/// The engines of a group, of which each belongs to one.
#[derive(Default, Clone)]
pub struct Group(Arc<Mutex<Vec<Weak<Host>>>>);

impl Group {
    fn members(&self) -> std::sync::MutexGuard<'_, Vec<Weak<Host>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an engine in.
    pub fn join(&self, host: &Arc<Host>) {
        self.members().push(Arc::downgrade(host));
    }

    /// Lets an engine go; of two threads that free it one is first.
    pub fn leave(&self, host: &Arc<Host>) {
        self.members().retain(|member| member.as_ptr() != Arc::as_ptr(host));
    }

    /// All but this one. No lock is held while something is done to them.
    pub fn others(&self, host: &Arc<Host>) -> Vec<Arc<Host>> {
        let members = self.members();
        let others = members.iter().filter(|member| member.as_ptr() != Arc::as_ptr(host));
        others.filter_map(Weak::upgrade).collect()
    }
}
