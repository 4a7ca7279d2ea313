//! What a server admits, and what it gives to those it admits.

use std::sync::Arc;

use super::settings::Settings;
use crate::handshake::{Handshake, ServerPolicy, Site};

/// Shared by all connections of a listener.
#[derive(Debug)]
pub struct Terms {
    /// What is answered on which path.
    pub site: Site,
    /// Given to every connection, until its path says otherwise.
    pub settings: Arc<Settings>,
    /// Given to the connections of each route, in the order of the site's routes.
    pub by_route: Vec<Arc<Settings>>,
}

impl Terms {
    /// The same on every path.
    pub fn everywhere(policy: ServerPolicy, settings: Arc<Settings>) -> Self {
        Self { site: Site::from(policy), settings, by_route: Vec::new() }
    }

    /// What a connection is given for which this was agreed.
    pub(super) fn settings_for(&self, handshake: &Handshake) -> &Arc<Settings> {
        let by_route = handshake.route.as_ref().and_then(|routed| self.by_route.get(routed.index));
        by_route.unwrap_or(&self.settings)
    }
}
