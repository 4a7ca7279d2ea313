//! What include/hawser.h declares, read from its text. cbindgen writes it, so the text is regular; what this does
//! not understand is a failure, never skipped.

use std::collections::BTreeMap;

use hawser::error::Status;

/// A parameter or a field.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Without `struct` and with single spaces: `const hws_str *`.
    pub ctype: String,
    pub name: String,
}

/// A function that the library exports.
#[derive(Debug)]
pub struct Function {
    pub name: String,
    pub result: String,
    pub parameters: Vec<Variable>,
    /// The comment above it.
    pub comment: String,
}

/// A struct, its fields in order.
#[derive(Debug)]
pub struct Struct {
    pub fields: Vec<Variable>,
    /// The comment above its first field: whether the caller or the library fills it in.
    pub first_comment: String,
}

/// The header.
#[derive(Debug)]
pub struct Api {
    pub functions: Vec<Function>,
    pub structs: BTreeMap<String, Struct>,
}

impl Function {
    /// The codes that its comment promises, as C names.
    pub fn documented(&self) -> Vec<String> {
        let from = self.comment.find("Errors: ").expect("tests/header.rs has checked this");
        let to = self.comment.find("Threads: ").expect("likewise");
        let words = self.comment[from + 8..to].split(|c: char| !c.is_ascii_uppercase() && c != '_');
        let is_code = |word: &&str| Status::table().iter().any(|row| row.status.name() == *word);
        words.filter(is_code).map(|word| format!("HWS_ERR_{word}")).collect()
    }

    /// It says of itself that it cannot fail.
    pub fn is_infallible(&self) -> bool {
        self.result != "hws_status" || self.comment.contains("Errors: none")
    }

    /// Its comment has these words, in one sentence.
    pub fn says(&self, words: &[&str]) -> bool {
        let comment = self.comment.replace('\n', " ");
        comment.split(". ").any(|sentence| words.iter().all(|word| sentence.contains(word)))
    }

    /// Its comment allows NULL for a parameter.
    pub fn may_be_null(&self, parameter: &str) -> bool {
        self.says(&[parameter, "may be NULL"])
    }
}

impl Struct {
    /// It is nothing but an id.
    pub fn is_handle(&self) -> bool {
        matches!(&self.fields[..], [id] if id.name == "id" && id.ctype == "uint64_t")
    }

    /// It begins with its size.
    pub fn is_versioned(&self) -> bool {
        self.fields.first().is_some_and(|field| field.name == "struct_size")
    }

    /// Only the library makes such structs; callers hand them back as they are.
    pub fn is_handed_out(&self) -> bool {
        self.first_comment.contains("filled in by the library")
    }
}

/// Reads the header.
pub fn parse(header: &str) -> Api {
    let start = header.find("\nextern \"C\" {").expect("the header is for C++ too");
    Api { functions: functions(&header[start..]), structs: structs(header) }
}

/// The declarations of exported functions, but not those of builds for tests.
fn functions(text: &str) -> Vec<Function> {
    let (mut found, mut comment, mut declaration, mut hidden) = (Vec::new(), String::new(), String::new(), false);
    for line in text.lines() {
        match line.strip_prefix("//") {
            Some(more) => comment = comment + more.trim() + "\n",
            None if line.starts_with('#') => hidden = line.contains("HWS_TEST_HOOKS"),
            None => declaration = declaration + line + " ",
        }
        if declaration.trim_end().ends_with(';') {
            let (is, comment) = (std::mem::take(&mut declaration), std::mem::take(&mut comment));
            found.extend(is.trim_start().strip_prefix("HWS_API").filter(|_| !hidden).map(|is| function(is, comment)));
        } else if line.is_empty() {
            declaration.clear();
            comment.clear();
        }
    }
    found
}

fn function(declaration: &str, comment: String) -> Function {
    let declaration = declaration.replace("HWS_MUST_USE", "");
    let (head, parameters) = declaration.split_once('(').expect("a function has parameters");
    let head = variable(head);
    let parameters = parameters.trim().trim_end_matches(");").split(',').map(str::trim);
    let parameters = parameters.filter(|p| *p != "void").map(variable).collect();
    Function { name: head.name, result: head.ctype, parameters, comment }
}

/// Every `typedef struct NAME { ... } NAME;`.
fn structs(header: &str) -> BTreeMap<String, Struct> {
    let mut found = BTreeMap::new();
    for piece in header.split("\ntypedef struct ").skip(1) {
        let (name, rest) = piece.split_once(" {\n").expect("a struct has a body");
        let (body, _) = rest.split_once("\n} ").expect("a struct ends");
        let comments = body.lines().map(str::trim).map_while(|line| line.strip_prefix("// "));
        let first_comment = comments.collect::<Vec<_>>().join(" ");
        let code: String = body.lines().filter(|line| !line.trim().starts_with("//")).collect();
        let fields = code.split(';').map(str::trim).filter(|field| !field.is_empty()).map(variable).collect();
        found.insert(name.to_owned(), Struct { fields, first_comment });
    }
    found
}

/// `const struct hws_str *origins` taken apart; a pointer to a function has its name inside.
fn variable(text: &str) -> Variable {
    let text = text.replace("struct ", "");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((before, after)) = text.split_once("(*") {
        let (name, arguments) = after.split_once(')').expect("a pointer to a function has a name");
        return Variable { ctype: format!("{before}(*){arguments}"), name: name.to_owned() };
    }
    let text = text.split('[').next().unwrap_or_default();
    let at = text.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
    Variable { ctype: text[..at].trim().to_owned(), name: text[at..].to_owned() }
}
