//! Which of many patterns a path matches: a trie with a node for every segment.

use std::collections::HashMap;

/// Patterns, by their segments, and what belongs to each.
#[derive(Debug, Default)]
pub(super) struct Router {
    /// What ends here.
    here: Option<usize>,
    /// Segments that stand for themselves.
    literal: HashMap<String, Router>,
    /// Any one segment that is not empty.
    any: Option<Box<Router>>,
    /// Everything that follows, also an empty segment.
    rest: Option<usize>,
}

/// One segment of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    /// Stands for itself, as requests have it.
    Literal(String),
    /// Stands for any one.
    Any,
    /// Stands for all that follow.
    Rest,
}

impl Router {
    /// Adds a pattern; `false` if there is one already that matches the same paths, and nothing has changed.
    pub fn insert(&mut self, pattern: &[Segment], value: usize) -> bool {
        let place = match pattern.split_first() {
            None => &mut self.here,
            Some((Segment::Rest, _)) => &mut self.rest,
            Some((Segment::Any, after)) => return self.any.get_or_insert_default().insert(after, value),
            Some((Segment::Literal(text), after)) => {
                return self.literal.entry(text.clone()).or_default().insert(after, value);
            }
        };
        let free = place.is_none();
        place.get_or_insert(value);
        free
    }

    /// The pattern that says most about a path without its first slash, and what the variable parts of it are.
    pub fn find<'a>(&self, path: &'a str) -> Option<(usize, Vec<&'a str>)> {
        let mut parts = Vec::new();
        self.search(Some(path), &mut parts).map(|value| (value, parts))
    }

    /// A segment that is known by name goes before one that is not, and that before the rest; where this leads nowhere, the
    /// next is tried. A node is visited once at most, and no deeper than there are patterns.
    fn search<'a>(&self, path: Option<&'a str>, parts: &mut Vec<&'a str>) -> Option<usize> {
        let Some(path) = path else { return self.here };
        let (segment, after) = match path.split_once('/') {
            Some((segment, after)) => (segment, Some(after)),
            None => (path, None),
        };
        if let Some(found) = self.literal.get(segment).and_then(|below| below.search(after, parts)) {
            return Some(found);
        }
        if let (Some(below), false) = (&self.any, segment.is_empty()) {
            parts.push(segment);
            if let Some(found) = below.search(after, parts) {
                return Some(found);
            }
            parts.pop();
        }
        self.rest.inspect(|_| parts.push(path))
    }
}
