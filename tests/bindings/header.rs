//! include/hawser.h as data. cbindgen writes it, so the text is regular; what this does not understand is a failure,
//! never skipped.
#![allow(dead_code)] // each template uses its own part

/// What the header declares, in its order.
pub struct Header {
    pub enums: Vec<Enum>,
    pub structs: Vec<Struct>,
    pub functions: Vec<Function>,
    /// Types of pointers to functions: `hws_wake_fn`.
    pub callbacks: Vec<Function>,
    /// Other names of numbers: `hws_status` for `int32_t`, without the enum that lists the values.
    pub aliases: Vec<Alias>,
    /// `HWS_ABI_VERSION` and its like, those that are numbers.
    pub numbers: Vec<(String, i64)>,
}

/// `hws_opcodes`; but the codes of the status table are in [`super::table`].
pub struct Enum {
    pub name: String,
    pub comment: String,
    pub constants: Vec<Constant>,
}

pub struct Constant {
    pub name: String,
    pub value: i64,
    pub comment: String,
}

pub struct Struct {
    pub name: String,
    pub comment: String,
    pub fields: Vec<Variable>,
}

/// A field or a parameter.
#[derive(Clone)]
pub struct Variable {
    pub name: String,
    pub ctype: Type,
    /// Of a field.
    pub comment: String,
}

/// `const struct hws_str *` is the base `hws_str`, constant, with one pointer.
#[derive(Clone, Default)]
pub struct Type {
    pub base: String,
    pub constant: bool,
    pub pointers: usize,
    /// `[2]`
    pub array: Option<usize>,
    /// A pointer to a function, as C has it, without its name: `void *(*)(size_t size, size_t align, void *user)`.
    pub function: Option<String>,
}

pub struct Function {
    pub name: String,
    pub result: Type,
    pub parameters: Vec<Variable>,
    pub comment: String,
}

pub struct Alias {
    pub name: String,
    pub base: String,
    pub comment: String,
}

/// How a struct lies in memory where pointers have 64 bits.
pub struct Layout {
    pub size: usize,
    pub align: usize,
    /// Of its fields.
    pub offsets: Vec<usize>,
}

impl Header {
    pub fn parse(text: &str) -> Self {
        let mut header = Self {
            enums: Vec::new(),
            structs: Vec::new(),
            functions: Vec::new(),
            callbacks: Vec::new(),
            aliases: Vec::new(),
            numbers: text.lines().filter_map(number).collect(),
        };
        let (mut comment, mut declaration, mut hidden) = (Vec::new(), String::new(), false);
        let end = text.find("}  // extern \"C\"").expect("the header is for C++ too");
        for line in text[..end].lines() {
            if line.starts_with('#') || line.is_empty() {
                hidden = line.contains("HWS_TEST_HOOKS") || (hidden && !line.starts_with("#endif"));
                comment.clear();
                declaration.clear();
            } else if let (Some(more), true) = (line.strip_prefix("//"), declaration.is_empty()) {
                comment.push(more.trim());
            } else if declaration.is_empty() && (line.starts_with("/*") || line.starts_with(" *")) {
                // about the whole, not a declaration
            } else {
                declaration = declaration + line + "\n";
                let whole = line.ends_with(';') && (!declaration.contains('{') || line.starts_with('}'));
                if whole && !hidden {
                    header.declare(&declaration, comment.join("\n"));
                }
                if whole {
                    declaration.clear();
                }
            }
        }
        header
    }

    fn declare(&mut self, declaration: &str, comment: String) {
        if let Some(exported) = declaration.strip_prefix("HWS_API") {
            self.functions.push(function(&exported.replace("HWS_MUST_USE", ""), comment));
        } else if let Some(rest) = declaration.strip_prefix("typedef enum ") {
            let (name, body) = body(rest);
            self.enums.push(Enum { name, comment, constants: members(body, ',').into_iter().map(constant).collect() });
        } else if let Some(rest) = declaration.strip_prefix("typedef struct ") {
            let (name, body) = body(rest);
            self.structs.push(Struct { name, comment, fields: members(body, ';').into_iter().map(field).collect() });
        } else if let Some(rest) = declaration.strip_prefix("typedef ") {
            match rest.split_once("(*") {
                Some((result, rest)) => {
                    self.callbacks.push(function(&(result.to_owned() + &rest.replacen(')', "", 1)), comment))
                }
                None => {
                    let alias = variable(rest.trim_end_matches(";\n"));
                    self.aliases.push(Alias { name: alias.name, base: alias.ctype.base, comment });
                }
            }
        } else {
            assert!(declaration.starts_with("enum hws_status_codes {"), "what is this?\n{declaration}");
        }
    }

    /// A struct by its name.
    pub fn get(&self, name: &str) -> &Struct {
        self.structs.iter().find(|one| one.name == name).unwrap_or_else(|| panic!("there is no struct {name}"))
    }

    /// The header declares a type of this name.
    pub fn knows(&self, name: &str) -> bool {
        self.structs.iter().any(|one| one.name == name)
            || self.aliases.iter().any(|one| one.name == name)
            || self.callbacks.iter().any(|one| one.name == name)
    }

    /// What a name stands for: `int32_t` for `hws_status`.
    pub fn resolve<'a>(&'a self, name: &'a str) -> &'a str {
        self.aliases.iter().find(|alias| alias.name == name).map_or(name, |alias| &alias.base)
    }

    /// All types and functions as plain C, for those who read no header: no comments, nothing for a preprocessor.
    pub fn declarations(&self) -> String {
        let mut text = String::new();
        for alias in &self.aliases {
            text += &format!("typedef {} {};\n", alias.base, alias.name);
        }
        for one in &self.structs {
            text += &format!("typedef struct {0} {0};\n", one.name);
        }
        for one in &self.callbacks {
            text += &format!("typedef {} (*{})({});\n", one.result.c(), one.name, one.parameter_list());
        }
        for one in &self.structs {
            let fields: String = one.fields.iter().map(|f| format!("    {};\n", f.ctype.declare(&f.name))).collect();
            text += &format!("struct {} {{\n{fields}}};\n", one.name);
        }
        for one in &self.functions {
            text += &format!("{}({});\n", one.result.declare(&one.name), one.parameter_list());
        }
        text
    }

    pub fn layout(&self, name: &str) -> Layout {
        let mut layout = Layout { size: 0, align: 1, offsets: Vec::new() };
        for field in &self.get(name).fields {
            let (size, align) = self.size_and_align(&field.ctype);
            layout.align = layout.align.max(align);
            layout.offsets.push(layout.size.next_multiple_of(align));
            layout.size = layout.size.next_multiple_of(align) + size * field.ctype.array.unwrap_or(1);
        }
        layout.size = layout.size.next_multiple_of(layout.align);
        layout
    }

    fn size_and_align(&self, ctype: &Type) -> (usize, usize) {
        let is_pointer = ctype.pointers > 0 || ctype.function.is_some();
        match self.resolve(&ctype.base) {
            _ if is_pointer => (8, 8),
            "size_t" | "ptrdiff_t" | "uint64_t" | "int64_t" => (8, 8),
            "uint32_t" | "int32_t" => (4, 4),
            "uint8_t" => (1, 1),
            name => (self.layout(name).size, self.layout(name).align),
        }
    }
}

impl Function {
    fn parameter_list(&self) -> String {
        let list: Vec<_> = self.parameters.iter().map(|p| p.ctype.declare(&p.name)).collect();
        if list.is_empty() { "void".to_owned() } else { list.join(", ") }
    }
}

impl Struct {
    /// It is nothing but an id.
    pub fn is_handle(&self) -> bool {
        matches!(&self.fields[..], [id] if id.name == "id")
    }

    /// It begins with its size.
    pub fn is_versioned(&self) -> bool {
        self.fields.first().is_some_and(|field| field.name == "struct_size")
    }

    /// The fields that mean something: neither struct_size nor reserved.
    pub fn used_fields(&self) -> impl Iterator<Item = &Variable> {
        self.fields.iter().filter(|field| field.name != "struct_size" && !field.name.starts_with("reserved"))
    }
}

impl Type {
    /// As C has it, without `struct`: `const hws_str *`.
    pub fn c(&self) -> String {
        match &self.function {
            Some(function) => function.clone(),
            None => {
                let constant = if self.constant { "const " } else { "" };
                let space = if self.pointers > 0 { " " } else { "" };
                format!("{constant}{}{space}{}", self.base, "*".repeat(self.pointers))
            }
        }
    }

    /// A declaration in C, without `struct` and semicolon: `const hws_str *origins`.
    pub fn declare(&self, name: &str) -> String {
        if let Some(function) = &self.function {
            return function.replacen("(*)", &format!("(*{name})"), 1);
        }
        let array = self.array.map_or(String::new(), |count| format!("[{count}]"));
        let space = if self.pointers > 0 { "" } else { " " };
        format!("{}{space}{name}{array}", self.c())
    }
}

/// `#define HWS_ABI_VERSION 1`
fn number(line: &str) -> Option<(String, i64)> {
    let (name, value) = line.strip_prefix("#define ")?.split_once(' ')?;
    let value = match value.trim_matches(['(', ')']) {
        "UINT32_MAX" => i64::from(u32::MAX),
        other => other.parse().ok()?,
    };
    Some((name.to_owned(), value))
}

/// `NAME {` members `} NAME;`
fn body(text: &str) -> (String, &str) {
    let (name, rest) = text.split_once(" {\n").expect("a declaration has a body");
    let (body, _) = rest.rsplit_once("\n}").expect("a declaration ends");
    (name.to_owned(), body)
}

/// Each member with the comment above it.
fn members(body: &str, end: char) -> Vec<(String, String)> {
    let (mut found, mut comment, mut member) = (Vec::new(), Vec::new(), String::new());
    for line in body.lines().map(str::trim) {
        if let Some(more) = line.strip_prefix("//") {
            comment.push(more.trim());
        } else {
            member = member + line + " ";
            if let Some(whole) = member.trim_end().strip_suffix(end) {
                found.push((whole.to_owned(), comment.join("\n")));
                comment.clear();
                member.clear();
            }
        }
    }
    assert!(member.is_empty(), "a member without an end: {member}");
    found
}

fn constant((text, comment): (String, String)) -> Constant {
    let (name, value) = text.split_once(" = ").expect("every constant has a value");
    Constant { name: name.to_owned(), value: value.parse().expect("a number"), comment }
}

fn field((text, comment): (String, String)) -> Variable {
    Variable { comment, ..variable(&text) }
}

fn function(declaration: &str, comment: String) -> Function {
    let (head, parameters) = declaration.split_once('(').expect("a function has parameters");
    let Variable { name, ctype, .. } = variable(head);
    let parameters = parameters.trim().trim_end_matches(");").split(',').map(str::trim);
    Function { name, result: ctype, parameters: parameters.filter(|p| *p != "void").map(variable).collect(), comment }
}

/// `const struct hws_str *origins` taken apart.
fn variable(text: &str) -> Variable {
    let text = text.replace("struct ", "").split_whitespace().collect::<Vec<_>>().join(" ");
    let comment = String::new();
    if let Some((before, after)) = text.split_once("(*") {
        let (name, arguments) = after.split_once(')').expect("a pointer to a function has a name");
        let ctype = Type { function: Some(format!("{before}(*){arguments}")), ..Type::default() };
        return Variable { name: name.to_owned(), ctype, comment };
    }
    let (text, array) = match text.split_once('[') {
        Some((text, count)) => (text, Some(count.trim_end_matches(']').parse().expect("a count"))),
        None => (text.as_str(), None),
    };
    let at = text.rfind(['*', ' ']).expect("a type and a name") + 1;
    let (ctype, name) = text.split_at(at);
    let (constant, ctype) = ctype.strip_prefix("const ").map_or((false, ctype), |rest| (true, rest));
    let pointers = ctype.matches('*').count();
    let base = ctype.replace('*', "").trim().to_owned();
    Variable { name: name.to_owned(), ctype: Type { base, constant, pointers, array, function: None }, comment }
}
