//! Who wants to hear of what: subscriptions by topic, kept as a trie with a node for every level.
//!
//! Wildcards are levels like any other here; only whoever looks for a topic knows that they stand for more.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroU32;
use std::sync::Arc;

use crate::error::{Error, Result, Status};

/// Bytes in a topic.
pub const TOPIC_MAX: usize = 1024;

/// Stands for any one level.
const ONE: &str = "+";
/// Stands for all levels that follow, and for none.
const REST: &str = "#";

/// The node above all first levels.
const ROOT: u32 = 0;

/// A connection with subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscriber(NonZeroU32);

/// The subscriptions of an engine.
#[derive(Debug, Default)]
pub struct Topics {
    /// The root first; empty without any subscription.
    nodes: Vec<Node>,
    free_nodes: Vec<u32>,
    subscribers: Vec<Entry>,
    free_subscribers: Vec<u32>,
    /// Counts searches, so that each finds a subscriber once.
    search: u64,
}

/// A level of some topic.
#[derive(Debug)]
struct Node {
    above: u32,
    level: Arc<str>,
    below: HashMap<Arc<str>, u32>,
    /// Who has subscribed to what ends here.
    wanted_by: BTreeSet<u32>,
}

/// What is known about a subscriber.
#[derive(Debug, Default)]
struct Entry {
    /// Where its connection is.
    slot: u32,
    /// Where its subscriptions end.
    nodes: Vec<u32>,
    /// The last search that has found it.
    found: u64,
}

impl Subscriber {
    fn number(self) -> u32 {
        self.0.get() - 1
    }
}

impl Node {
    fn new(above: u32, level: Arc<str>) -> Self {
        Self { above, level, below: HashMap::new(), wanted_by: BTreeSet::new() }
    }

    fn is_needed(&self) -> bool {
        !self.below.is_empty() || !self.wanted_by.is_empty()
    }
}

impl Topics {
    /// Adds a subscription of the connection in `slot`; one that is there already is no error. With `max` of them it is
    /// refused, and nothing has changed.
    pub fn subscribe(&mut self, who: &mut Option<Subscriber>, slot: u32, filter: &str, max: u32) -> Result<()> {
        let present = who.map_or(0, |who| self.subscribers[who.number() as usize].nodes.len());
        if let (Some(who), Some(node)) = (*who, self.find(filter)) {
            if self.nodes[node as usize].wanted_by.contains(&who.number()) {
                return Ok(());
            }
        }
        if present >= max as usize {
            return Err(too_many(max));
        }
        let Some(known) = who.or_else(|| self.admit(slot)) else { return Err(too_many(max)) };
        *who = Some(known);
        let node = self.grow(filter);
        self.nodes[node as usize].wanted_by.insert(known.number());
        self.subscribers[known.number() as usize].nodes.push(node);
        Ok(())
    }

    /// Ends a subscription, if there is such a one.
    pub fn unsubscribe(&mut self, who: &mut Option<Subscriber>, filter: &str) {
        let (Some(known), Some(node)) = (*who, self.find(filter)) else { return };
        if !self.nodes[node as usize].wanted_by.remove(&known.number()) {
            return;
        }
        let nodes = &mut self.subscribers[known.number() as usize].nodes;
        nodes.retain(|other| *other != node);
        let none_left = nodes.is_empty();
        self.prune(node);
        if none_left {
            self.leave(who);
        }
    }

    /// Ends all subscriptions of a connection.
    pub fn leave(&mut self, who: &mut Option<Subscriber>) {
        let Some(number) = who.take().map(Subscriber::number) else { return };
        for node in std::mem::take(&mut self.subscribers[number as usize].nodes) {
            self.nodes[node as usize].wanted_by.remove(&number);
            self.prune(node);
        }
        self.free_subscribers.push(number);
        if self.free_subscribers.len() == self.subscribers.len() {
            // Nobody is left: neither is memory.
            *self = Self { search: self.search, ..Self::default() };
        }
    }

    /// Hands out the slot of every connection with a subscription for this topic, each once.
    pub fn search(&mut self, topic: &str, mut found: impl FnMut(u32)) {
        if self.nodes.is_empty() {
            return;
        }
        self.search += 1;
        let Self { nodes, subscribers, search, .. } = self;
        let mut tell = |node: &Node| {
            for number in &node.wanted_by {
                let subscriber = &mut subscribers[*number as usize];
                if std::mem::replace(&mut subscriber.found, *search) != *search {
                    found(subscriber.slot);
                }
            }
        };
        let levels: Vec<&str> = topic.split('/').collect();
        let mut paths = vec![(ROOT, &levels[..])];
        while let Some((node, rest)) = paths.pop() {
            let node = &nodes[node as usize];
            if let Some(below) = node.below.get(REST) {
                tell(&nodes[*below as usize]);
            }
            match rest.split_first() {
                None => tell(node),
                Some((level, rest)) => {
                    paths.extend(
                        [*level, ONE].iter().filter_map(|level| node.below.get(*level)).map(|node| (*node, rest)),
                    );
                }
            }
        }
    }

    /// The node where this ends, if anybody wants it.
    fn find(&self, filter: &str) -> Option<u32> {
        let root = (!self.nodes.is_empty()).then_some(ROOT);
        filter.split('/').try_fold(root?, |node, level| self.nodes[node as usize].below.get(level).copied())
    }

    /// The same, made as far as there is none.
    fn grow(&mut self, filter: &str) -> u32 {
        if self.nodes.is_empty() {
            self.nodes.push(Node::new(ROOT, "".into()));
        }
        filter.split('/').fold(ROOT, |above, level| match self.nodes[above as usize].below.get(level) {
            Some(node) => *node,
            None => self.add(above, level.into()),
        })
    }

    fn add(&mut self, above: u32, level: Arc<str>) -> u32 {
        let node = Node::new(above, Arc::clone(&level));
        let at = match self.free_nodes.pop() {
            Some(at) => {
                self.nodes[at as usize] = node;
                at
            }
            None => {
                self.nodes.push(node);
                self.nodes.len() as u32 - 1
            }
        };
        self.nodes[above as usize].below.insert(level, at);
        at
    }

    /// Takes out a node that nobody needs any more, and those above that were there for it only.
    fn prune(&mut self, mut at: u32) {
        while at != ROOT && !self.nodes[at as usize].is_needed() {
            let Node { above, level, .. } = std::mem::replace(&mut self.nodes[at as usize], Node::new(ROOT, "".into()));
            self.free_nodes.push(at);
            let below = &mut self.nodes[above as usize].below;
            below.remove(&level);
            if below.len() < below.capacity() / 8 {
                below.shrink_to(below.len() * 2);
            }
            at = above;
        }
    }

    /// A number for a connection that has had no subscription yet; `None` if there are too many.
    fn admit(&mut self, slot: u32) -> Option<Subscriber> {
        let entry = Entry { slot, ..Entry::default() };
        let number = match self.free_subscribers.pop() {
            Some(number) => {
                self.subscribers[number as usize] = entry;
                number
            }
            None => {
                self.subscribers.push(entry);
                self.subscribers.len() as u32 - 1
            }
        };
        NonZeroU32::new(number.checked_add(1)?).map(Subscriber)
    }
}

#[cold]
fn too_many(max: u32) -> Error {
    Error::new(Status::TOO_MANY_SUBSCRIPTIONS, "").with(|e| e.capacity = max.into())
}

/// A topic that something can be published to: without wildcards.
pub fn check_topic(topic: &str) -> Result<()> {
    check(topic)?;
    match topic.contains(['+', '#']) {
        true => Err(invalid("topic has a wildcard: something is published to one topic")),
        false => Ok(()),
    }
}

/// What can be subscribed to: a topic, in which + may stand for a level and # for all that follow.
pub fn check_filter(filter: &str) -> Result<()> {
    check(filter)?;
    let mut levels = filter.split('/').peekable();
    while let Some(level) = levels.next() {
        if level.contains(['+', '#']) && level.len() > 1 {
            return Err(invalid("topic: a wildcard is a level of its own"));
        }
        if level == REST && levels.peek().is_some() {
            return Err(invalid("topic: # stands at the end"));
        }
    }
    Ok(())
}

fn check(topic: &str) -> Result<()> {
    match topic.len() {
        0 => Err(invalid("topic is empty")),
        1..=TOPIC_MAX if topic.contains('\0') => Err(invalid("topic has a NUL")),
        1..=TOPIC_MAX => Ok(()),
        len => Err(invalid("topic is longer than 1024 bytes").with(|e| {
            e.size = Some(len as u64);
            e.max_size = Some(TOPIC_MAX as u64);
        })),
    }
}

#[cold]
fn invalid(detail: &'static str) -> Error {
    Error::new(Status::INVALID_ARGUMENT, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the words in the header say, in the plainest way.
    fn matches(filter: &[&str], topic: &[&str]) -> bool {
        match (filter.split_first(), topic.split_first()) {
            (Some((&"#", _)), _) => true,
            (Some((level, filter)), Some((name, topic))) => (*level == "+" || level == name) && matches(filter, topic),
            (None, None) => true,
            _ => false,
        }
    }

    /// Topics, and the filters that each slot has.
    #[derive(Default)]
    struct Both {
        topics: Topics,
        who: Vec<Option<Subscriber>>,
        plain: Vec<BTreeSet<String>>,
    }

    impl Both {
        fn new(slots: usize) -> Self {
            Self { topics: Topics::default(), who: vec![None; slots], plain: vec![BTreeSet::new(); slots] }
        }

        fn subscribe(&mut self, slot: usize, filter: &str) {
            check_filter(filter).unwrap();
            self.topics.subscribe(&mut self.who[slot], slot as u32, filter, 1000).unwrap();
            self.plain[slot].insert(filter.to_owned());
        }

        fn unsubscribe(&mut self, slot: usize, filter: &str) {
            self.topics.unsubscribe(&mut self.who[slot], filter);
            self.plain[slot].remove(filter);
        }

        fn leave(&mut self, slot: usize) {
            self.topics.leave(&mut self.who[slot]);
            self.plain[slot].clear();
        }

        fn found(&mut self, topic: &str) -> Vec<usize> {
            check_topic(topic).unwrap();
            let mut found = Vec::new();
            self.topics.search(topic, |slot| found.push(slot as usize));
            found.sort_unstable();
            found
        }

        fn check(&mut self, topic: &str) {
            let levels: Vec<_> = topic.split('/').collect();
            let wants = |filters: &BTreeSet<String>| {
                filters.iter().any(|filter| matches(&filter.split('/').collect::<Vec<_>>(), &levels))
            };
            let wanted: Vec<_> = (0..self.plain.len()).filter(|slot| wants(&self.plain[*slot])).collect();
            assert_eq!(self.found(topic), wanted, "{topic} among {:?}", self.plain);
        }

        /// There is a node for every level that anybody wants, and none beside.
        fn check_nodes(&self) {
            let mut paths = BTreeSet::new();
            for filter in self.plain.iter().flatten() {
                let levels: Vec<_> = filter.split('/').collect();
                paths.extend((1..=levels.len()).map(|count| levels[..count].join("/")));
            }
            let root = usize::from(!paths.is_empty());
            let nodes = self.topics.nodes.len() - self.topics.free_nodes.len();
            assert_eq!(nodes, paths.len() + root, "{:?}", self.plain);
            let subscribers = self.topics.subscribers.len() - self.topics.free_subscribers.len();
            assert_eq!(subscribers, self.plain.iter().filter(|filters| !filters.is_empty()).count());
        }
    }

    #[test]
    fn wildcards_stand_for_what_mqtt_says() {
        for (filter, yes, no) in [
            ("a/b", "a/b", "a/b/c"),
            ("a/+", "a/", "a"),
            ("a/+", "a/b", "a/b/c"),
            ("+/+", "/finance", "finance"),
            ("/+", "/finance", "finance"),
            ("+", "finance", "/finance"),
            ("a/#", "a", "b"),
            ("a/#", "a/b/c/d", "ab"),
            ("#", "/", ""),
            ("#", "$SYS/x", ""),
            ("+/b/#", "a/b", "a/c"),
            ("a//b", "a//b", "a/b"),
        ] {
            let mut both = Both::new(1);
            both.subscribe(0, filter);
            assert_eq!(both.found(yes), [0], "{filter} {yes}");
            if !no.is_empty() {
                assert_eq!(both.found(no), [0; 0], "{filter} {no}");
            }
        }
    }

    #[test]
    fn what_is_no_topic_is_refused() {
        let long = "a".repeat(TOPIC_MAX);
        assert!(check_topic(&long).is_ok() && check_filter(&long).is_ok());
        for bad in ["", "a\0b", &format!("{long}a")] {
            assert_eq!(check_topic(bad).unwrap_err().status, Status::INVALID_ARGUMENT);
            assert_eq!(check_filter(bad).unwrap_err().status, Status::INVALID_ARGUMENT);
        }
        for wild in ["+", "#", "a/+/b", "a/#", "a+", "#a"] {
            assert_eq!(check_topic(wild).unwrap_err().status, Status::INVALID_ARGUMENT);
        }
        for bad in ["a+", "+a/b", "#/a", "a/#/b", "a#", "##", "++"] {
            assert_eq!(check_filter(bad).unwrap_err().status, Status::INVALID_ARGUMENT);
        }
        for good in ["+", "#", "+/+", "a/+/#", "/", "//", "/#"] {
            assert!(check_filter(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn subscriptions_are_counted_once_and_bounded() {
        let mut topics = Topics::default();
        let mut who = None;
        for filter in ["a", "a", "b", "a"] {
            topics.subscribe(&mut who, 7, filter, 2).unwrap();
        }
        let error = topics.subscribe(&mut who, 7, "c", 2).unwrap_err();
        assert_eq!((error.status, error.capacity), (Status::TOO_MANY_SUBSCRIPTIONS, 2));
        topics.unsubscribe(&mut who, "a");
        topics.subscribe(&mut who, 7, "c", 2).unwrap();
        topics.leave(&mut who);
        assert!(who.is_none() && topics.nodes.is_empty() && topics.subscribers.is_empty());
    }

    #[test]
    fn a_thousand_levels_are_no_matter() {
        let mut both = Both::new(2);
        both.subscribe(0, &"/".repeat(TOPIC_MAX));
        both.subscribe(1, &format!("{}#", "+/".repeat(500)));
        assert_eq!(both.found(&"/".repeat(TOPIC_MAX)), [0, 1]);
    }

    /// Numbers that look random and are the same every time.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, n: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % n
        }

        fn levels(&mut self, of: &[&str]) -> String {
            let count = 1 + self.below(4);
            (0..count).map(|_| of[self.below(of.len())]).collect::<Vec<_>>().join("/")
        }

        fn filter(&mut self) -> String {
            let filter = self.levels(&["a", "b", "", "+"]);
            let filter = if self.below(3) == 0 { filter + "/#" } else { filter };
            if filter.is_empty() { "#".to_owned() } else { filter }
        }
    }

    #[test]
    fn finds_what_a_plain_search_finds() {
        let mut dice = Dice(42);
        for _ in 0..60 {
            let mut both = Both::new(8);
            for _ in 0..200 {
                let (slot, filter) = (dice.below(8), dice.filter());
                match dice.below(8) {
                    0 => both.leave(slot),
                    1..=3 => both.unsubscribe(slot, &filter),
                    _ => both.subscribe(slot, &filter),
                }
                both.check_nodes();
                let topic = dice.levels(&["a", "b", "", "c"]);
                if !topic.is_empty() {
                    both.check(&topic);
                }
            }
            (0..8).for_each(|slot| both.leave(slot));
            assert!(both.topics.nodes.is_empty() && both.topics.subscribers.is_empty());
        }
    }
}
