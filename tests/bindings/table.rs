//! The status table as bindings see it: names in their own style, and parents before children.
#![allow(dead_code)] // each template uses its own part

use hawser::error::Status;

/// A code.
pub struct Code {
    /// -430
    pub status: i32,
    /// `INVALID_HEADER`
    pub name: &'static str,
    /// `InvalidHeader`
    pub camel: String,
    /// What an exception is called: as the Python library websockets calls it, `ConnectionClosedError` for CLOSED_ERROR,
    /// `InvalidHandshake` for HANDSHAKE; else a class has Error at its end, and what is raised is the camel name.
    pub exception: String,
    /// Plain English, without a full stop.
    pub text: &'static str,
    /// The names of its direct parents.
    pub parents: Vec<&'static str>,
    /// Never raised itself.
    pub is_class: bool,
}

/// All codes but OK, from -1 downwards.
pub struct Table(pub Vec<Code>);

impl Table {
    /// The table of the library.
    pub fn of_library() -> Self {
        Self(Status::table().iter().map(|row| code(row.status)).collect())
    }

    /// The code with this name.
    pub fn get(&self, name: &str) -> &Code {
        self.0.iter().find(|code| code.name == name).expect("parents are in the table")
    }

    /// The direct parents of a code.
    pub fn parents(&self, code: &Code) -> Vec<&Code> {
        code.parents.iter().map(|name| self.get(name)).collect()
    }

    /// The direct parents without those that another one already is: INVALID_HEADER for INVALID_ORIGIN, whose other parent,
    /// HANDSHAKE, is a parent of that.
    pub fn nearest_parents(&self, code: &Code) -> Vec<&Code> {
        let parents = self.parents(code);
        let implied = |one: &Code| parents.iter().any(|other| other.name != one.name && self.is_a(other, one.name));
        parents.iter().filter(|one| !implied(one)).copied().collect()
    }

    /// True for the code itself and for everything above it.
    pub fn is_a(&self, code: &Code, ancestor: &str) -> bool {
        code.name == ancestor || self.parents(code).into_iter().any(|parent| self.is_a(parent, ancestor))
    }

    /// Everything above a code, nearest first, each once, without the code itself.
    pub fn ancestors(&self, code: &Code) -> Vec<&Code> {
        let mut found: Vec<&Code> = self.parents(code);
        let mut at = 0;
        while at < found.len() {
            for parent in self.parents(found[at]) {
                if !found.iter().any(|known| known.name == parent.name) {
                    found.push(parent);
                }
            }
            at += 1;
        }
        found
    }

    /// All codes, each behind its parents, else in the order of their numbers.
    pub fn parents_first(&self) -> Vec<&Code> {
        let mut done: Vec<&Code> = Vec::new();
        while done.len() < self.0.len() {
            let is_done = |name: &str| done.iter().any(|code| code.name == name);
            let ready = |code: &&Code| !is_done(code.name) && code.parents.iter().all(|parent| is_done(parent));
            done.push(self.0.iter().find(ready).expect("nothing is its own ancestor"));
        }
        done
    }
}

fn code(status: Status) -> Code {
    let row = Status::table().iter().find(|row| row.status == status).expect("a row of the table");
    let camel = camel(status.name());
    let websockets = row.documented.iter().find_map(|class| class.strip_prefix("websockets."));
    let exception = match websockets {
        Some(name) => name.to_owned(),
        None if row.is_class => format!("{camel}Error"),
        None => camel.clone(),
    };
    let parents = row.parents.iter().map(|parent| parent.name()).collect();
    Code {
        status: status.code(),
        name: status.name(),
        camel,
        exception,
        text: status.text(),
        parents,
        is_class: row.is_class,
    }
}

/// `INVALID_HEADER` as `InvalidHeader`; abbreviations are words: `InvalidUri`.
pub fn camel(name: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..].to_lowercase();
    name.split('_').filter(|part| !part.is_empty()).map(word).collect()
}
