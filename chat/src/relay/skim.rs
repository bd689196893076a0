//! Takes a few fields out of a JSON text of any length, as it comes.
//!
//! An answer may hold megabytes of text or of pictures around the few numbers that the ledger wants.
//! So no text is held: it is looked through once, and only the values of the wanted fields are kept,
//! within a bound. It checks nothing: a text that is no JSON gives odd fields or none.

use memchr::memchr2;

/// The longest value that is kept, in bytes. Far above what counts of tokens, names and deltas
/// take.
const LONGEST_VALUE: usize = 16 << 10;

/// The room for a value that is kept until the next text, in bytes.
const ROOM_KEPT: usize = 1 << 10;

/// The longest name of a field that is looked at.
const LONGEST_NAME: usize = 16;

/// How deep wanted fields stand at most.
const DEEPEST: usize = 2;

/// The way to a field from the outermost object: one or two names.
pub(super) type FieldPath = &'static [&'static str];

/// Looks through one text for the fields of a list.
#[derive(Debug)]
pub(super) struct Skimmer {
    wanted: &'static [FieldPath],
    /// What was found, in the order of the list.
    values: Vec<Value>,
    /// The field whose value is coming.
    open: Option<usize>,
    /// How many objects and lists are open.
    depth: usize,
    /// Which of the outermost ones are objects.
    objects: [bool; DEEPEST],
    /// The names of the fields that are open in them.
    names: [Vec<u8>; DEEPEST],
    string: Within,
    /// The last string was a name, if a colon follows.
    last: Vec<u8>,
    /// The outermost object has come to its end.
    whole: bool,
}

/// Where in a string a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    No,
    String,
    /// Behind a backslash.
    Escape,
}

/// A value as far as it has come.
#[derive(Debug, Clone, Default)]
struct Value {
    bytes: Vec<u8>,
    found: bool,
    too_long: bool,
}

impl Value {
    /// Forgets it, but not the room that most values need: the next event has the same fields.
    fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(ROOM_KEPT);
        (self.found, self.too_long) = (false, false);
    }
}

/// What is known of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field<'a> {
    /// It did not come.
    Missing,
    /// Its value, as it was written.
    Value(&'a [u8]),
    /// It came, and its value is longer than is kept.
    TooLong,
}

impl Skimmer {
    pub(super) fn new(wanted: &'static [FieldPath]) -> Self {
        Self {
            wanted,
            values: vec![Value::default(); wanted.len()],
            open: None,
            depth: 0,
            objects: [false; DEEPEST],
            names: Default::default(),
            string: Within::No,
            last: Vec::new(),
            whole: false,
        }
    }

    /// Begins with another text.
    pub(super) fn reset(&mut self) {
        self.values.iter_mut().for_each(Value::clear);
        (self.open, self.depth, self.string, self.whole) = (None, 0, Within::No, false);
        self.last.clear();
    }

    /// The outermost object or list has been read to its end.
    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }

    /// What is known of the wanted field of a number.
    pub(super) fn field(&self, index: usize) -> Field<'_> {
        match &self.values[index] {
            Value { found: false, .. } => Field::Missing,
            Value { too_long: true, .. } => Field::TooLong,
            Value { bytes, .. } => Field::Value(bytes.trim_ascii()),
        }
    }

    /// Looks through further bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let mut at = 0;
        // What stands before it is kept already, or not wanted.
        let mut begin = 0;
        while let Some(sign) = self.next_sign(&bytes[at..]) {
            let end = at + sign;
            at = end + 1;
            match (self.string, bytes[end]) {
                (Within::Escape, _) => self.string = Within::String,
                (Within::String, b'\\') => self.string = Within::Escape,
                (Within::String, _) => {
                    self.string = Within::No;
                    if self.open.is_none() {
                        self.keep(&bytes[begin..end]);
                    }
                }
                (Within::No, b'"') => {
                    self.string = Within::String;
                    if self.open.is_none() {
                        self.last.clear();
                        begin = at;
                    }
                }
                (Within::No, b'{' | b'[') => {
                    if let Some(object) = self.objects.get_mut(self.depth) {
                        *object = bytes[end] == b'{';
                    }
                    self.depth += 1;
                }
                (Within::No, b':') if self.open.is_none() => {
                    self.begin_value();
                    begin = at;
                }
                (Within::No, sign @ (b'}' | b']' | b',')) => {
                    if self.ends_value() {
                        self.keep(&bytes[begin..end]);
                        self.open = None;
                    }
                    if sign != b',' {
                        self.depth = self.depth.saturating_sub(1);
                        self.whole |= self.depth == 0;
                    }
                }
                (Within::No, _) => {}
            }
        }
        if self.open.is_some() || self.string != Within::No {
            self.keep(&bytes[begin..]);
        }
    }

    /// The place of the next byte that has a meaning where it stands. Most of an answer is the inside of
    /// strings, which is passed over at once.
    fn next_sign(&self, bytes: &[u8]) -> Option<usize> {
        match self.string {
            Within::Escape => (!bytes.is_empty()).then_some(0),
            Within::String => memchr2(b'"', b'\\', bytes),
            Within::No => bytes
                .iter()
                .position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']' | b',' | b':')),
        }
    }

    /// Adds bytes to the value that is coming, or to the string that may be a name.
    fn keep(&mut self, bytes: &[u8]) {
        if let Some(open) = self.open {
            let value = &mut self.values[open];
            if value.bytes.len() + bytes.len() > LONGEST_VALUE {
                value.too_long = true;
                value.bytes.clear();
            } else if !value.too_long {
                value.bytes.extend_from_slice(bytes);
            }
        } else {
            // One byte more tells that it is longer.
            let room = (LONGEST_NAME + 1).saturating_sub(self.last.len());
            self.last.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    }

    fn begin_value(&mut self) {
        let Some(level) = self.depth.checked_sub(1).filter(|level| *level < DEEPEST) else {
            return;
        };
        if !self.objects[level] {
            return;
        }
        self.names[level].clone_from(&self.last);
        let names = &self.names[..=level];
        let is_here = |path: &FieldPath| {
            path.len() == names.len()
                && path.iter().zip(names).all(|(wanted, name)| wanted.as_bytes() == name)
        };
        self.open = self.wanted.iter().position(is_here);
        if let Some(open) = self.open {
            // Of a field that comes twice the last one counts, as to most readers of JSON.
            let value = &mut self.values[open];
            value.clear();
            value.found = true;
        }
    }

    /// A comma or a closing bracket ends the value if it stands where the value began.
    fn ends_value(&self) -> bool {
        self.open.is_some_and(|open| self.wanted[open].len() == self.depth)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WANTED: &[FieldPath] = &[&["usage"], &["a", "usage"], &["model"]];

    fn skim<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Option<String>>, bool) {
        let mut skimmer = Skimmer::new(WANTED);
        for part in parts {
            skimmer.push(part);
        }
        let text = |index| match skimmer.field(index) {
            Field::Missing => None,
            Field::Value(value) => Some(String::from_utf8_lossy(value).into_owned()),
            Field::TooLong => Some("too long".to_owned()),
        };
        ((0..WANTED.len()).map(text).collect(), skimmer.is_whole())
    }

    #[track_caller]
    fn check(text: &str, expected: [Option<&str>; 3]) {
        let found = skim([text.as_bytes()]);
        assert_eq!(found.0, expected.map(|value| value.map(str::to_owned)), "{text}");
        assert_eq!(skim(text.as_bytes().chunks(1)), found, "byte by byte: {text}");
    }

    #[test]
    fn fields_are_found_where_they_stand() {
        check(
            r#"{"usage":{"x":[1,{"y":2}]},"model":"m"}"#,
            [Some(r#"{"x":[1,{"y":2}]}"#), None, Some("\"m\"")],
        );
        check(r#"{ "model" : null , "usage" : 7 }"#, [Some("7"), None, Some("null")]);
        check(r#"{"a":{"usage":1,"usages":2},"b":{"usage":3}}"#, [None, Some("1"), None]);
        check(r#"{"b":{"c":{"usage":1}},"list":[{"usage":2}]}"#, [None, None, None]);
        check(r#"{"usage":1,"usage":2}"#, [Some("2"), None, None]);
    }

    #[test]
    fn what_stands_within_a_string_is_no_field() {
        check(r#"{"text":"\"usage\":1,{","model":"a\\"}"#, [None, None, Some(r#""a\\""#)]);
        check(r#"{"text":["usage",":"],"usage\"":1}"#, [None, None, None]);
        check(r#"{"model":"{\"usage\": 5}"}"#, [None, None, Some(r#""{\"usage\": 5}""#)]);
    }

    #[test]
    fn what_is_no_json_gives_nothing_and_harms_nothing() {
        for text in ["", "[DONE]", "usage: 1", "}}}]]]{\"usage\"", "\"", ":::,,,"] {
            check(text, [None, None, None]);
        }
    }

    #[test]
    fn memory_is_bounded_whatever_comes() {
        let long = "x".repeat(1 << 20);
        let text =
            format!(r#"{{"{long}":"{long}","usage":"{long}","model":"m","a":{{"{long}":1}}}}"#);
        check(&text, [Some("too long"), None, Some("\"m\"")]);
        let mut skimmer = Skimmer::new(WANTED);
        skimmer.push(&b"[".repeat(1 << 20));
        skimmer.push(text.as_bytes());
        let held: usize = skimmer.values.iter().map(|value| value.bytes.capacity()).sum();
        assert!(held <= 4 * LONGEST_VALUE && skimmer.last.capacity() <= 64, "{held}");
    }

    proptest! {
        #[test]
        fn any_split_of_anything_gives_the_same(
            text in r#"([{}\[\],:"\\ ]|"usage"|"model"|"a"|1|é){0,40}"#,
            cut in any::<prop::sample::Index>(),
        ) {
            let (one, other) = text.as_bytes().split_at(cut.index(text.len() + 1));
            prop_assert_eq!(skim([one, other]), skim([text.as_bytes()]));
        }
    }
}
