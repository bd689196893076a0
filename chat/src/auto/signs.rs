//! What a text looks like: its language by its letters, code and requests for a translation by a few
//! plain signs. Nothing here understands anything; a rule that needs more has a pattern.

/// A language that is known by its letters. Languages that share letters are not told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are the names of languages")]
pub enum Language {
    Arabic,
    Greek,
    Hebrew,
    Hindi,
    Japanese,
    Korean,
    /// Any language in Cyrillic letters.
    Russian,
    Thai,
    Chinese,
}

impl Language {
    /// All of them, by their codes.
    pub const ALL: [Self; 9] = [
        Self::Arabic,
        Self::Greek,
        Self::Hebrew,
        Self::Hindi,
        Self::Japanese,
        Self::Korean,
        Self::Russian,
        Self::Thai,
        Self::Chinese,
    ];

    /// Its code in ISO 639-1.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Arabic => "ar",
            Self::Greek => "el",
            Self::Hebrew => "he",
            Self::Hindi => "hi",
            Self::Japanese => "ja",
            Self::Korean => "ko",
            Self::Russian => "ru",
            Self::Thai => "th",
            Self::Chinese => "zh",
        }
    }

    /// The language of a letter, as far as it alone tells. Ideographs are Chinese until kana stand
    /// beside them.
    const fn of_letter(letter: char) -> Option<Self> {
        Some(match letter {
            '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' => Self::Greek,
            '\u{400}'..='\u{52F}' => Self::Russian,
            '\u{590}'..='\u{5FF}' => Self::Hebrew,
            '\u{600}'..='\u{6FF}' | '\u{750}'..='\u{77F}' => Self::Arabic,
            '\u{900}'..='\u{97F}' => Self::Hindi,
            '\u{E00}'..='\u{E7F}' => Self::Thai,
            '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{AC00}'..='\u{D7AF}' => {
                Self::Korean
            }
            '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' => Self::Japanese,
            '\u{3400}'..='\u{4DBF}'
            | '\u{4E00}'..='\u{9FFF}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{20000}'..='\u{323AF}' => Self::Chinese,
            _ => return None,
        })
    }
}

/// How many letters of an alphabet say as much as an ideograph or a syllable does.
const LETTERS_OF_A_WORD: usize = 4;

/// How much of a text is looked at, in bytes. More would not change the answer.
const LOOKED_AT: usize = 64 << 10;

/// The language that most of a text is written in, if its letters tell. Code in it does not count.
pub(super) fn language(text: &str) -> Option<Language> {
    let mut weights = [0; Language::ALL.len()];
    let mut others = 0;
    for letter in prose(start(text)).flat_map(str::chars).filter(|c| c.is_alphabetic()) {
        match Language::of_letter(letter) {
            Some(language) => {
                let is_word =
                    matches!(language, Language::Chinese | Language::Japanese | Language::Korean);
                weights[language as usize] += if is_word { LETTERS_OF_A_WORD } else { 1 };
            }
            None => others += 1,
        }
    }
    // Japanese is written in ideographs as well, and Chinese in no kana.
    if weights[Language::Japanese as usize] > 0 {
        weights[Language::Japanese as usize] +=
            std::mem::take(&mut weights[Language::Chinese as usize]);
    }
    let most = Language::ALL.into_iter().max_by_key(|language| weights[*language as usize])?;
    (weights[most as usize] > others).then_some(most)
}

/// What a question may look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// There is code in it.
    Code,
    /// It asks for a translation.
    Translation,
}

impl Likeness {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Code, Self::Translation];

    /// Its name in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Translation => "translation",
        }
    }

    /// Whether a question looks like that.
    pub(super) fn is_of(self, question: &str) -> bool {
        let question = start(question);
        match self {
            Self::Code => is_code(question),
            Self::Translation => asks_for_translation(question),
        }
    }
}

/// How many signs of code there must be where there is no fence around it. A line may have two, one
/// at its beginning and one at its end.
const ENOUGH_SIGNS: usize = 2;

/// What only lines of code begin with, in the languages that are asked about most.
const CODE_BEGINS: [&str; 13] = [
    "#include",
    "#!/",
    "@Override",
    "async def ",
    "async fn ",
    "const ",
    "def ",
    "fn ",
    "func ",
    "impl ",
    "import ",
    "pub ",
    "struct ",
];

/// What lines of code begin with, and sentences too.
const WORDS_OF_CODE: [&str; 9] =
    ["class ", "export ", "from ", "function ", "let ", "private ", "public ", "return ", "var "];

/// What a line has besides, if it begins with one of those and is code.
const CODE_WITHIN: [&str; 8] = ["(", "=", "{", "::", ";", " import ", "\"", "<"];

/// What lines of code end with.
const CODE_ENDS: [&str; 8] = [";", "{", "}", "};", "});", "):", "=>", "->"];

fn is_code(text: &str) -> bool {
    let has_fence = text.lines().any(|line| line.trim_start().starts_with("```"));
    has_fence
        || text.contains("Traceback (most recent call last)")
        || text.lines().map(signs_of_code).sum::<usize>() >= ENOUGH_SIGNS
}

fn signs_of_code(line: &str) -> usize {
    let line = line.trim();
    let starts = |signs: &[&str]| signs.iter().any(|sign| line.starts_with(sign));
    let has_code = CODE_WITHIN.iter().any(|sign| line.contains(sign));
    let begins = starts(&CODE_BEGINS) || (starts(&WORDS_OF_CODE) && has_code);
    let ends = line.len() > 1 && CODE_ENDS.iter().any(|sign| line.ends_with(sign));
    usize::from(begins) + usize::from(ends)
}

/// How far into a question it is looked for the wish for a translation, in characters. Further on
/// stands what is to be translated.
const WISH: usize = 120;

/// How people ask for a translation, in lower case.
const TRANSLATE: [&str; 16] = [
    "translate",
    "translation of",
    "翻译",
    "翻譯",
    "译成",
    "譯成",
    "翻訳",
    "번역",
    "übersetz",
    "traduis",
    "traduire",
    "traduce",
    "traduci",
    "traduz",
    "переведи",
    "перевод",
];

fn asks_for_translation(text: &str) -> bool {
    let wish: String = text.chars().take(WISH).flat_map(char::to_lowercase).collect();
    TRANSLATE.iter().any(|words| wish.contains(words))
}

fn start(text: &str) -> &str {
    &text[..text.floor_char_boundary(LOOKED_AT)]
}

/// The parts of a text that stand outside of fences.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    text.split("```").step_by(2)
}
