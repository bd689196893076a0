//! Splits the set of all grammars into packs: one for each language, with all that it needs and nothing else.
//!
//! A grammar is a set of contexts that refer to each other, also across languages: HTML's lead into JavaScript's. A
//! pack holds the contexts that can be reached from a language's start, as a `SyntaxSet` of one syntax.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::{env, fs};

use syntect::parsing::syntax_definition::{
    Context, ContextId, ContextReference, MatchOperation, Pattern, SyntaxDefinition,
};
use syntect::parsing::{SyntaxSet, SyntaxSetBuilder};

/// Languages in which code of any other may be embedded. Theirs is coloured, what is embedded in them is plain: with
/// it each of these packs would be several times as large.
const EMBEDDING: &[&str] = &[
    "CFML",
    "Crystal",
    "Email",
    "Groovy",
    "Java",
    "JavaScript (Rails)",
    "LaTeX",
    "Literate Haskell",
    "Markdown",
    "MediaWiki",
    "MultiMarkdown",
    "Perl",
    "Rd (R Documentation)",
    "Ruby",
    "Ruby Haml",
    "Ruby Slim",
    "Ruby on Rails",
    "SQL (Rails)",
    "Typst",
    "orgmode",
];

/// What people write on fences and no grammar calls itself, with the grammar that is meant.
const ALIASES: &[(&str, &str)] = &[
    ("arduino", "C++"),
    ("assembly", "x86_64 Assembly"),
    ("batch", "Batch File"),
    ("c#", "C#"),
    ("cjs", "JavaScript"),
    ("cmd", "Batch File"),
    ("common-lisp", "Lisp"),
    ("console", "Bourne Again Shell (bash)"),
    ("cpp", "C++"),
    ("csharp", "C#"),
    ("csv", "Comma Separated Values"),
    ("cu", "C++"),
    ("cuda", "C++"),
    ("docker", "Dockerfile"),
    ("docker-compose", "YAML"),
    ("dos", "Batch File"),
    ("dotenv", "DotENV"),
    ("ejs", "HTML"),
    ("elisp", "Lisp"),
    ("emacs-lisp", "Lisp"),
    ("f#", "F#"),
    ("fsharp", "F#"),
    ("geojson", "JSON"),
    ("golang", "Go"),
    ("graphviz", "Graphviz (DOT)"),
    ("handlebars", "HTML"),
    ("hbs", "HTML"),
    ("http", "HTTP Request and Response"),
    ("ino", "C++"),
    ("ipython", "Python"),
    ("javascript", "JavaScript"),
    ("jinja", "Jinja2"),
    ("json5", "JSON"),
    ("jsonc", "JSON"),
    ("jsonl", "JSON"),
    ("jsx", "TypeScriptReact"),
    ("mjs", "JavaScript"),
    ("mysql", "SQL"),
    ("nasm", "x86_64 Assembly"),
    ("ndjson", "JSON"),
    ("node", "JavaScript"),
    ("objc", "Objective-C"),
    ("objective-cpp", "Objective-C++"),
    ("objectivec", "Objective-C"),
    ("plist", "XML"),
    ("plpgsql", "SQL"),
    ("plsql", "SQL"),
    ("postcss", "CSS"),
    ("postgres", "SQL"),
    ("postgresql", "SQL"),
    ("pycon", "Python"),
    ("python3", "Python"),
    ("react", "TypeScriptReact"),
    ("regex", "Regular Expression"),
    ("regexp", "Regular Expression"),
    ("scheme", "Lisp"),
    ("sh-session", "Bourne Again Shell (bash)"),
    ("shell", "Bourne Again Shell (bash)"),
    ("shell-session", "Bourne Again Shell (bash)"),
    ("shellscript", "Bourne Again Shell (bash)"),
    ("sqlite", "SQL"),
    ("terminal", "Bourne Again Shell (bash)"),
    ("tsql", "SQL"),
    ("vimscript", "VimL"),
    ("vue", "Vue Component"),
];

/// What a pack begins with, as `markdown::highlight` expects it.
const PACK: &[u8] = b"inglenook grammar 1\n";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    let out = Path::new(&out);
    let grammars = Grammars::new(two_face::syntax::extra_newlines());
    let mut code = String::from("const PACKS: &[&[u8]] = &[\n");
    let mut hasher = DefaultHasher::new();
    let mut numbers = HashMap::new();
    for (index, syntax) in grammars.syntaxes.iter().enumerate() {
        if syntax.hidden || syntax.name == "Plain Text" {
            continue;
        }
        let number = numbers.len();
        numbers.insert(index, number);
        let mut pack = PACK.to_vec();
        bincode::serialize_into(&mut pack, &grammars.pack(index))
            .expect("a grammar can be written");
        pack.hash(&mut hasher);
        let file = out.join(format!("{number}.pack"));
        fs::write(&file, pack).expect("cargo's folder can be written");
        writeln!(code, "    include_bytes!({file:?}),").expect("a string can be written");
    }
    code.push_str("];\n\nconst LANGUAGES: &[(&str, usize)] = &[\n");
    for (language, index) in grammars.languages() {
        if let Some(number) = numbers.get(&index) {
            language.hash(&mut hasher);
            writeln!(code, "    ({language:?}, {number}),").expect("a string can be written");
        }
    }
    let fingerprint = hasher.finish();
    writeln!(code, "];\n\nconst FINGERPRINT: &str = \"{fingerprint:016x}\";")
        .expect("a string can be written");
    fs::write(out.join("packs.rs"), code).expect("cargo's folder can be written");
}

/// Where a context is: its syntax, and its place there.
type Place = (usize, usize);

/// All grammars, taken apart.
struct Grammars {
    /// Without their contexts.
    syntaxes: Vec<SyntaxDefinition>,
    contexts: HashMap<Place, Context>,
    /// The context that each syntax begins with.
    starts: Vec<Place>,
}

impl Grammars {
    fn new(set: SyntaxSet) -> Self {
        let mut syntaxes = set.into_builder().syntaxes().to_vec();
        let mut contexts = HashMap::new();
        let mut starts = Vec::new();
        for (index, syntax) in syntaxes.iter_mut().enumerate() {
            // The linker has numbered the contexts in the order of their names.
            let named: BTreeMap<String, Context> = syntax.contexts.drain().collect();
            let start = named.keys().position(|name| name == "__start").expect("all have it");
            starts.push((index, start));
            let numbered = named.into_values().enumerate();
            contexts.extend(numbered.map(|(number, context)| ((index, number), context)));
        }
        Grammars { syntaxes, contexts, starts }
    }

    /// Every word that names a language, in small letters and in order.
    fn languages(&self) -> BTreeMap<String, usize> {
        let mut found = BTreeMap::new();
        let by_name = |name: &str| {
            let position = self.syntaxes.iter().position(|syntax| syntax.name == name);
            position.unwrap_or_else(|| panic!("there is no grammar {name}"))
        };
        // The first that is put in stays. Where two grammars claim an ending, syntect takes the last.
        for (alias, name) in ALIASES {
            found.entry((*alias).to_owned()).or_insert_with(|| by_name(name));
        }
        let visible =
            || self.syntaxes.iter().enumerate().rev().filter(|(_, syntax)| !syntax.hidden);
        for (index, syntax) in visible() {
            found.entry(syntax.name.to_lowercase()).or_insert(index);
        }
        for (index, syntax) in visible() {
            for ending in &syntax.file_extensions {
                found.entry(ending.to_lowercase()).or_insert(index);
            }
        }
        found
    }

    /// The contexts that can be reached from a syntax, as a set of their own.
    fn pack(&self, index: usize) -> SyntaxSet {
        let embeds = EMBEDDING.contains(&self.syntaxes[index].name.as_str());
        let is_left_out = |other: usize| embeds && other != index && !self.syntaxes[other].hidden;
        let start = self.starts[index];
        let mut reached: Vec<Place> = Vec::new();
        let mut seen = HashSet::from([start]);
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            each_id(&mut self.contexts[&at].clone(), |id| {
                let to = place(id);
                if !is_left_out(to.0) && seen.insert(to) {
                    open.push(to);
                    reached.push(to);
                }
            });
        }
        let numbers: HashMap<Place, usize> =
            reached.iter().enumerate().map(|(number, at)| (*at, number)).collect();
        let nothing = reached.len();
        let linked = |at: &Place| {
            let mut context = self.contexts[at].clone();
            each_id(&mut context, |id| {
                *id = context_id(numbers.get(&place(id)).copied().unwrap_or(nothing));
            });
            context
        };
        // The linker numbers contexts in the order of their names; `_` comes after the digits.
        let name = |number: usize| format!("{number:05}");
        let mut contexts: HashMap<String, Context> =
            reached.iter().enumerate().map(|(number, at)| (name(number), linked(at))).collect();
        // What was left out is plain.
        contexts.insert(name(nothing), Context::new(false));
        contexts.insert("__start".to_owned(), linked(&start));
        let mut builder = SyntaxSetBuilder::new();
        builder.add(SyntaxDefinition {
            contexts,
            variables: HashMap::new(),
            file_extensions: Vec::new(),
            first_line_match: None,
            ..self.syntaxes[index].clone()
        });
        builder.build()
    }
}

/// Shows every reference of a context to another.
fn each_id(context: &mut Context, mut see: impl FnMut(&mut ContextId)) {
    let mut reference = |reference: &mut ContextReference| {
        if let ContextReference::Direct { 0: id, .. } = reference {
            see(id);
        }
    };
    for pattern in &mut context.patterns {
        match pattern {
            Pattern::Include(included) => reference(included),
            Pattern::Match(pattern) => {
                if let MatchOperation::Push(entered) | MatchOperation::Set(entered) =
                    &mut pattern.operation
                {
                    entered.iter_mut().for_each(&mut reference);
                }
                pattern.with_prototype.iter_mut().for_each(&mut reference);
            }
        }
    }
    context.prototype.iter_mut().for_each(see);
}

// An id does not give its numbers away, but it is written as them.

fn place(id: &ContextId) -> Place {
    let written = bincode::serialize(id).expect("it is two numbers");
    let (syntax, number): (u64, u64) = bincode::deserialize(&written).expect("it is two numbers");
    (syntax as usize, number as usize)
}

fn context_id(number: usize) -> ContextId {
    let written = bincode::serialize(&(0_u64, number as u64)).expect("it is two numbers");
    bincode::deserialize(&written).expect("it is two numbers")
}
