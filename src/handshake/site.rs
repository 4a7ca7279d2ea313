//! Everything that a server answers, path by path.

use std::fmt;
use std::sync::Arc;

use super::places::Place;
use super::policy::ServerPolicy;
use super::route::{Patterns, Route, unfit};
use crate::error::{Error, Result, Status};
use crate::http::percent_decode;

/// What a server answers: the same on every path, or by its routes and elsewhere 404.
#[derive(Debug, Default)]
pub struct Site {
    /// Holds where there are no routes, and until a request's path is known.
    pub policy: ServerPolicy,
    routes: Vec<Known>,
    router: matchit::Router<usize>,
}

#[derive(Debug)]
struct Known {
    route: Arc<Route>,
    names: Vec<String>,
}

/// The route of a request.
#[derive(Clone)]
pub struct Routed {
    /// The route.
    pub route: Arc<Route>,
    /// Its rank in the order in which routes were given.
    pub index: usize,
    /// What the variable parts of its pattern stand for, with their names.
    pub params: Vec<(String, String)>,
    /// The request's place, where the route has so many and no more.
    pub place: Option<Place>,
}

impl PartialEq for Routed {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.route, &other.route) && self.params == other.params
    }
}

impl fmt::Debug for Routed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routed").field("pattern", &self.route.pattern).field("params", &self.params).finish()
    }
}

impl From<ServerPolicy> for Site {
    fn from(policy: ServerPolicy) -> Self {
        Self { policy, ..Self::default() }
    }
}

impl Site {
    /// A server with routes. Of two that fit, the one that says more goes first, whatever their order: `/chat/lobby`
    /// before `/chat/:room` before `/chat/*`. Two that fit the same paths are an error.
    pub fn with_routes(policy: ServerPolicy, routes: Vec<Route>) -> Result<Self> {
        let mut site = Self::from(policy);
        let mut bare = Vec::new();
        for (index, route) in routes.into_iter().enumerate() {
            let patterns = Patterns::parse(&route.pattern)?;
            site.router
                .insert(patterns.main, index)
                .map_err(|_| unfit(&route.pattern, "another pattern fits the same paths"))?;
            bare.extend(patterns.bare.map(|pattern| (pattern, index)));
            site.routes.push(Known { route: Arc::new(route), names: patterns.names });
        }
        for (pattern, index) in bare {
            let _ = site.router.insert(pattern, index); // a route of its own goes before an asterisk that is nothing
        }
        Ok(site)
    }

    /// The route for a target; `None` if there are no routes at all.
    pub(super) fn find(&self, target: &str) -> Result<Option<Routed>> {
        if self.routes.is_empty() {
            return Ok(None);
        }
        let path = target.split('?').next().unwrap_or_default();
        let found = self.router.at(path).ok();
        let Some((found, known)) = found.and_then(|found| Some((self.routes.get(*found.value)?, found))) else {
            return Err(nothing_here());
        };
        let params = found.names.iter().zip(known.params.iter());
        let params = params.map(|(name, (_, text))| (name.clone(), plain(text))).collect();
        Ok(Some(Routed { route: Arc::clone(&found.route), index: *known.value, params, place: None }))
    }
}

/// What a part of a path says; as it stands there if that is no text.
fn plain(part: &str) -> String {
    percent_decode(part).unwrap_or_else(|_| part.to_owned())
}

#[cold]
fn nothing_here() -> Error {
    Error::new(Status::HANDSHAKE_ABORTED, "there is nothing at this path").with(|e| e.http_status = 404)
}

#[cfg(test)]
mod tests {
    use super::super::route::{Answer, Gate};
    use super::*;

    fn site(patterns: &[&str]) -> Result<Site> {
        let route = |pattern: &&str| Route {
            pattern: (*pattern).to_owned(),
            answer: Answer::WebSocket(Arc::new(Gate { policy: ServerPolicy::default(), places: None, decide: false })),
            user: 0,
        };
        Site::with_routes(ServerPolicy::default(), patterns.iter().map(route).collect())
    }

    fn found(site: &Site, target: &str) -> String {
        match site.find(target) {
            Ok(Some(Routed { route, params, .. })) => {
                let params = params.iter().map(|(name, value)| format!(" {name}={value}"));
                route.pattern.clone() + &params.collect::<String>()
            }
            Ok(None) => "anything".to_owned(),
            Err(error) => error.http_status.to_string(),
        }
    }

    #[test]
    fn the_route_that_says_most_goes_first() {
        let site = site(&["*", "/", "/chat/*", "/chat/:room", "/chat/lobby", "/chat/:room/:user"]).unwrap();
        for (target, route) in [
            ("/", "/"),
            ("/?q", "/"),
            ("/x/y", "* *=x/y"),
            ("/chat", "* *=chat"),
            ("/chat/", "/chat/* "),
            ("/chat/lobby", "/chat/lobby"),
            ("/chat/lobby?x=/y", "/chat/lobby"),
            ("/chat/r%C3%A4%2Fume", "/chat/:room room=r\u{e4}/ume"),
            ("/chat/%ff", "/chat/:room room=%ff"),
            ("/chat/a/b", "/chat/:room/:user room=a user=b"),
            ("/chat/a/b/c", "/chat/* *=a/b/c"),
            ("//chat/a", "* *=/chat/a"),
        ] {
            let expected = if route == "/chat/* " { "/chat/*" } else { route };
            assert_eq!(found(&site, target).trim_end(), expected, "{target}");
        }
    }

    #[test]
    fn nothing_else_is_there() {
        let site = site(&["/chat/:room", "/files/*"]).unwrap();
        for target in ["/", "/chat", "/chat/", "/chat/a/", "/Chat/a", "/chat/a/b", "/files", "/ch%61t/a", "/%2e"] {
            assert_eq!(found(&site, target), "404", "{target}");
        }
        assert_eq!(found(&Site::default(), "/whatever"), "anything");
    }

    #[test]
    fn a_path_has_one_route() {
        for patterns in [["/a", "/a"], ["/:a", "/:b"], ["/a/*", "/a/*"], ["*", "/*"]] {
            let error = site(&patterns).unwrap_err();
            assert_eq!(error.detail, format!("pattern {:?}: another pattern fits the same paths", patterns[1]));
        }
        assert_eq!(found(&site(&["/a/*", "/a/"]).unwrap(), "/a/"), "/a/");
        assert_eq!(found(&site(&["/a/*", "/:x/"]).unwrap(), "/a/"), "/a/*");
    }
}
