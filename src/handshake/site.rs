//! Everything that a server answers, path by path.

use std::fmt;
use std::sync::Arc;

use super::places::Place;
use super::policy::ServerPolicy;
use super::route::{Pattern, Route, unfit};
use super::router::Router;
use crate::error::{Error, Result, Status};
use crate::http::percent_decode;

/// What a server answers: the same on every path, or by its routes and elsewhere 404.
#[derive(Debug, Default)]
pub struct Site {
    /// Holds where there are no routes, and until a request's path is known.
    pub policy: ServerPolicy,
    routes: Vec<Known>,
    router: Router,
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
        for (index, route) in routes.into_iter().enumerate() {
            let Pattern { segments, names } = Pattern::parse(&route.pattern)?;
            if !site.router.insert(&segments, index) {
                return Err(unfit(&route.pattern, "another pattern fits the same paths"));
            }
            site.routes.push(Known { route: Arc::new(route), names });
        }
        Ok(site)
    }

    /// The route for a target that begins with a slash; `None` if there are no routes at all.
    pub(super) fn find(&self, target: &str) -> Result<Option<Routed>> {
        if self.routes.is_empty() {
            return Ok(None);
        }
        let path = target.split('?').next().and_then(|path| path.strip_prefix('/')).unwrap_or_default();
        let (index, parts) = self.router.find(path).ok_or_else(nothing_here)?;
        let Known { route, names } = self.routes.get(index).ok_or_else(nothing_here)?;
        let params = names.iter().cloned().zip(parts.into_iter().map(plain)).collect();
        Ok(Some(Routed { route: Arc::clone(route), index, params, place: None }))
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
        let site =
            site(&["*", "/", "/chat/*", "/chat/:room", "/chat/lobby", "/chat/:room/:user", "/:any/x/y"]).unwrap();
        for (target, route) in [
            ("/", "/"),
            ("/?q", "/"),
            ("/x/y", "* *=x/y"),
            ("/chat", "* *=chat"),
            ("/chat/", "/chat/* *="),
            ("/chat/lobby", "/chat/lobby"),
            ("/chat/lobby?x=/y", "/chat/lobby"),
            ("/chat/r%C3%A4%2Fume", "/chat/:room room=r\u{e4}/ume"),
            ("/chat/%ff", "/chat/:room room=%ff"),
            ("/chat/a/b", "/chat/:room/:user room=a user=b"),
            ("/chat/x/y", "/chat/:room/:user room=x user=y"),
            ("/chat/a/b/c", "/chat/* *=a/b/c"),
            ("/chat//b", "/chat/* *=/b"),
            ("/cat/x/y", "/:any/x/y any=cat"),
            ("//chat/a", "* *=/chat/a"),
        ] {
            assert_eq!(found(&site, target), route, "{target}");
        }
    }

    #[test]
    fn where_a_name_leads_nowhere_the_next_is_tried() {
        let site = site(&["/a/b/c", "/a/:x/d", "/:y/b/e", "/:z/*"]).unwrap();
        for (target, route) in [
            ("/a/b/c", "/a/b/c"),
            ("/a/b/d", "/a/:x/d x=b"),
            ("/a/b/e", "/:y/b/e y=a"),
            ("/a/b/f", "/:z/* z=a *=b/f"),
            ("/a", "404"),
        ] {
            assert_eq!(found(&site, target), route, "{target}");
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
        for patterns in [["/a", "/a"], ["/:a", "/:b"], ["/a/*", "/a/*"], ["*", "/*"], ["/r\u{e4}", "/r%C3%A4"]] {
            let error = site(&patterns).unwrap_err();
            assert_eq!(error.detail, format!("pattern {:?}: another pattern fits the same paths", patterns[1]));
        }
    }
}
