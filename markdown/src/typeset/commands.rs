//! What the commands of LaTeX take, and what the typesetter gets in their place.

/// What is done with a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// It takes so many arguments, as in LaTeX.
    Takes(usize),
    /// It stands for this.
    Is(&'static str),
    /// Its one argument stands between these.
    Around(&'static str, &'static str),
    /// Its one argument is negated.
    Negates,
    /// Its argument is text, set by this command.
    Text(&'static str),
    /// Its argument is a name of letters; with a star, or always, its limits go below and above.
    Operator { has_limits: bool },
    /// An operator with this name.
    Named { name: &'static str, has_limits: bool },
    /// An arrow as long as the argument above it.
    Arrow(&'static str),
    /// A root, perhaps of another order.
    Root,
    /// A delimiter of this size.
    Sized,
    /// A space as wide as it says.
    Space,
    /// It says which colour follows, or its second argument has.
    Colour { takes_content: bool },
    /// Text on a colour, or in a frame of another.
    ColourBox { has_frame: bool },
    /// The number of an equation.
    Tag,
    /// A reference to an equation, in parentheses or not.
    Reference { is_wrapped: bool },
    /// It means nothing here, nor do so many arguments.
    Nothing(usize),
    /// It means nothing here, but what follows so many arguments does.
    Skips(usize),
    /// It defines something, or is not typeset as it should be.
    Refused,
    /// A symbol, or unknown.
    Other,
}

use Command::{
    Around, Arrow, Colour, ColourBox, Is, Named, Negates, Nothing, Operator, Other, Reference,
    Refused, Root, Sized, Skips, Space, Tag, Takes, Text,
};

// The typesetter has no words for these, but passes a part's colour on. The colours that no theme could show stand for
// them, and `mathml.rs` knows.
const BOX: Command = Around("\\color{white}", "");
const PHANTOM: Command = Around("\\color{black}", "");
const OVERLINE: Command = Around("\\color{silver}", "");
const UNDERLINE: Command = Around("\\color{gold}", "");

/// Every command that takes an argument, or is not passed on as it is. An argument is always passed on in braces: for
/// each argument that is a bare command the typesetter would call itself once more, and a stack has an end.
pub(super) fn command(name: &str) -> Command {
    match name {
        "mathord" | "mathbin" | "mathrel" | "mathopen" | "mathclose" | "mathpunct"
        | "mathinner" => Takes(1),
        "mathbf" | "symbf" | "mathbfup" | "symbfup" | "boldsymbol" | "mathcal" | "symcal"
        | "mathit" | "symit" | "mathrm" | "symrm" | "mathup" | "symup" | "mathsf" | "symsf"
        | "mathsfup" | "symsfup" | "mathtt" | "symtt" | "mathbb" | "symbb" | "mathbbit"
        | "symbbit" | "mathfrak" | "symfrak" | "mathbfcal" | "symbfcal" | "mathsfit"
        | "symsfit" | "mathbfit" | "symbfit" | "mathbffrak" | "symbffrak" | "mathbfsfup"
        | "symbfsfup" | "mathbfsfit" | "symbfsfit" | "mathnormal" | "symnormal" => Takes(1),
        "acute"
        | "bar"
        | "breve"
        | "check"
        | "dot"
        | "ddot"
        | "grave"
        | "hat"
        | "tilde"
        | "vec"
        | "mathring"
        | "overleftarrow"
        | "underleftarrow"
        | "overrightarrow"
        | "Overrightarrow"
        | "underrightarrow"
        | "overleftrightarrow"
        | "underleftrightarrow"
        | "overleftharpoon"
        | "overrightharpoon"
        | "widecheck"
        | "widehat"
        | "widetilde"
        | "wideparen"
        | "overparen"
        | "overgroup"
        | "undergroup"
        | "overbrace"
        | "underbrace"
        | "underparen"
        | "overbracket"
        | "underbracket"
        | "pmod"
        | "substack" => Takes(1),
        "frac" | "cfrac" | "dfrac" | "tfrac" | "binom" | "dbinom" | "tbinom" | "overset"
        | "underset" | "stackrel" => Takes(2),

        "bm" | "bold" | "pmb" => Around("\\boldsymbol{", "}"),
        "mathscr" | "mathcalligra" => Around("\\mathcal{", "}"),
        "Bbb" | "mathbbm" | "mathds" => Around("\\mathbb{", "}"),
        "frak" => Around("\\mathfrak{", "}"),
        "overline" | "widebar" => OVERLINE,
        "underline" | "underbar" => UNDERLINE,
        "smash" | "ensuremath" | "mathclap" | "mathllap" | "mathrlap" => Around("", ""),
        "mod" => Around("\\quad \\operatorname{mod}", ""),
        "pod" => Around("\\quad (", ")"),
        "abs" => Around("\\lvert ", "\\rvert "),
        "norm" => Around("\\lVert ", "\\rVert "),
        "bra" => Around("\\langle ", "\\rvert "),
        "ket" => Around("\\lvert ", "\\rangle "),
        "braket" => Around("\\langle ", "\\rangle "),
        "set" | "Set" => Around("\\{", "\\}"),
        // The second argument follows by itself.
        "nicefrac" | "sfrac" => Around("", "\\mathord{/}"),
        "dddot" => Around("\\overset{\\cdot \\cdot \\cdot }", ""),
        "boxed" | "bbox" => BOX,
        "phantom" | "hphantom" | "vphantom" => PHANTOM,

        "text" | "textnormal" | "textrm" | "textup" | "textmd" | "textsc" | "mbox" | "hbox" => {
            Text("text")
        }
        "textbf" => Text("textbf"),
        "textit" | "emph" | "textsl" => Text("textit"),
        "textsf" => Text("textsf"),
        "texttt" | "url" => Text("texttt"),

        "operatorname" => Operator { has_limits: false },
        "mathop" | "operatornamewithlimits" => Operator { has_limits: true },
        "argmax" => Named { name: "arg max", has_limits: true },
        "argmin" => Named { name: "arg min", has_limits: true },
        "injlim" => Named { name: "inj lim", has_limits: true },
        "projlim" => Named { name: "proj lim", has_limits: true },
        "sech" | "csch" | "arccot" | "arcsec" | "arccsc" | "sign" | "rank" | "diag" | "tr"
        | "Tr" | "Var" | "Cov" | "erf" => Named { name: "", has_limits: false },

        "xrightarrow" => Arrow("→"),
        "xleftarrow" => Arrow("←"),
        "xleftrightarrow" => Arrow("↔"),
        "xRightarrow" => Arrow("⇒"),
        "xLeftarrow" => Arrow("⇐"),
        "xLeftrightarrow" => Arrow("⇔"),
        "xmapsto" => Arrow("↦"),
        "xhookrightarrow" => Arrow("↪"),
        "xhookleftarrow" => Arrow("↩"),
        "xrightleftharpoons" => Arrow("⇌"),
        "xlongequal" => Arrow("="),

        "sqrt" => Root,
        "not" | "cancel" | "bcancel" | "xcancel" => Negates,
        "big" | "bigl" | "bigr" | "bigm" | "Big" | "Bigl" | "Bigr" | "Bigm" | "bigg" | "biggl"
        | "biggr" | "biggm" | "Bigg" | "Biggl" | "Biggr" | "Biggm" | "middle" => Sized,
        "kern" | "mkern" | "hskip" | "mskip" | "hspace" | "mspace" => Space,
        "color" => Colour { takes_content: false },
        "textcolor" => Colour { takes_content: true },
        "colorbox" => ColourBox { has_frame: false },
        "fcolorbox" => ColourBox { has_frame: true },
        "fbox" | "framebox" => ColourBox { has_frame: true },
        "tag" => Tag,
        "ref" => Reference { is_wrapped: false },
        "eqref" => Reference { is_wrapped: true },
        "label" | "vspace" | "cline" | "require" => Nothing(1),
        "nonumber" | "notag" | "relax" | "allowbreak" | "nobreak" | "hfill" | "displaylimits"
        | "noindent" | "centering" | "tiny" | "scriptsize" | "small" | "normalsize" | "large"
        | "Large" | "LARGE" | "huge" | "Huge" | "-" | "/" => Nothing(0),
        "href" => Skips(1),
        "def"
        | "gdef"
        | "edef"
        | "xdef"
        | "let"
        | "futurelet"
        | "newcommand"
        | "renewcommand"
        | "providecommand"
        | "DeclareMathOperator"
        | "char"
        | "begingroup"
        | "endgroup"
        | "Space"
        | "buildrel"
        | "sideset"
        | "genfrac" => Refused,
        _ => symbol(name),
    }
}

/// Symbols that the typesetter does not know, or must not meet by their names.
fn symbol(name: &str) -> Command {
    let is = match name {
        " " | "\n" | "\t" | "space" | "nobreakspace" | "~" => "\\kern.3333em ",
        "R" | "reals" | "Reals" => "\\mathbb{R}",
        "N" | "natnums" => "\\mathbb{N}",
        "Z" => "\\mathbb{Z}",
        "Q" => "\\mathbb{Q}",
        "C" | "cnums" | "Complex" => "\\mathbb{C}",
        // The typesetter's is the sign for a millionth, which is never slanted.
        "mu" => "μ",
        "AA" | "angstrom" => "Å",
        "micro" => "µ",
        "celsius" => "{}^{\\circ }\\mathrm{C}",
        "idotsint" => "\\int \\cdots \\int ",
        "ointctrclockwise" => "∳",
        "llbracket" => "⟦",
        "rrbracket" => "⟧",
        "TeX" => "\\text{TeX}",
        "LaTeX" => "\\text{LaTeX}",
        "textbackslash" => "\\backslash ",
        "textunderscore" => "\\_ ",
        "textasciitilde" => "\\sim ",
        "qed" => "\\QED ",
        "toprule" | "midrule" | "bottomrule" => "\\hline ",
        "lbrack" => "[",
        "rbrack" => "]",
        "infin" => "\\infty ",
        "empty" => "\\emptyset ",
        "ohm" => "Ω",
        // The typesetter takes names that begin like these for the ends of `\left…\right`.
        "leftarrow" => "←",
        "rightarrow" => "→",
        "leftrightarrow" => "↔",
        "leftarrowtail" => "↢",
        "rightarrowtail" => "↣",
        "leftharpoondown" => "↽",
        "leftharpoonup" => "↼",
        "rightharpoondown" => "⇁",
        "rightharpoonup" => "⇀",
        "leftleftarrows" => "⇇",
        "rightrightarrows" => "⇉",
        "leftrightarrows" => "⇆",
        "rightleftarrows" => "⇄",
        "leftrightharpoons" => "⇋",
        "rightleftharpoons" => "⇌",
        "leftrightsquigarrow" => "↭",
        "rightsquigarrow" => "⇝",
        "leftthreetimes" => "⋋",
        "rightthreetimes" => "⋌",
        "leftmodels" => "⊨",
        "leftouterjoin" => "⟕",
        "rightouterjoin" => "⟖",
        "leftmoon" => "☾",
        "rightmoon" => "☽",
        _ => return Other,
    };
    Is(is)
}

/// The name of an operator whose command is its name.
pub(super) fn named<'a>(name: &'a str, command: &'a str) -> &'a str {
    if name.is_empty() { command } else { name }
}

/// What encloses, after `\left` and its like; as written, without the backslash of a command.
pub(super) fn delimiter(token: &str) -> Option<&'static str> {
    Some(match token {
        "(" => "(",
        ")" => ")",
        "[" | "lbrack" => "[",
        "]" | "rbrack" => "]",
        "|" | "vert" | "lvert" | "rvert" => "|",
        "\\|" | "Vert" | "lVert" | "rVert" | "‖" | "∥" => "‖",
        "/" => "/",
        "backslash" => "\\backslash ",
        "\\{" | "lbrace" => "\\{",
        "\\}" | "rbrace" => "\\}",
        "<" | "langle" | "⟨" => "⟨",
        ">" | "rangle" | "⟩" => "⟩",
        "lfloor" | "⌊" => "⌊",
        "rfloor" | "⌋" => "⌋",
        "lceil" | "⌈" => "⌈",
        "rceil" | "⌉" => "⌉",
        "lgroup" => "⟮",
        "rgroup" => "⟯",
        "lmoustache" => "⎰",
        "rmoustache" => "⎱",
        "ulcorner" => "┌",
        "urcorner" => "┐",
        "llcorner" => "└",
        "lrcorner" => "┘",
        "lBrack" | "llbracket" | "⟦" => "⟦",
        "rBrack" | "rrbracket" | "⟧" => "⟧",
        "uparrow" => "\\uparrow ",
        "downarrow" => "\\downarrow ",
        "updownarrow" => "\\updownarrow ",
        "Uparrow" => "\\Uparrow ",
        "Downarrow" => "\\Downarrow ",
        "Updownarrow" => "\\Updownarrow ",
        _ => return None,
    })
}

/// How an environment is typeset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Environment {
    /// Its content stands for itself.
    Plain,
    /// As this environment, after leaving out so many arguments.
    As(&'static str, usize),
    /// As this environment, which takes the columns' alignment as an option.
    Aligned(&'static str),
    /// A table of such columns.
    Table(&'static str),
    /// A table whose columns its argument describes.
    Array(&'static str),
}

pub(super) fn environment(name: &str) -> Option<Environment> {
    use Environment::{Aligned, Array, As, Plain, Table};
    Some(match name {
        "equation" | "equation*" | "displaymath" | "math" => Plain,
        "align" | "align*" | "aligned" | "flalign" | "flalign*" | "split" => As("aligned", 0),
        "alignat" | "alignat*" | "alignedat" | "xalignat" | "xalignat*" => As("aligned", 1),
        "eqnarray" | "eqnarray*" => Table("rcl"),
        "gather" | "gather*" | "gathered" => As("gathered", 0),
        "multline" | "multline*" => As("multline", 0),
        "cases" => As("cases", 0),
        "dcases" => As("dcases", 0),
        "rcases" => As("rcases", 0),
        "drcases" => As("drcases", 0),
        "matrix" => As("matrix", 0),
        "smallmatrix" => As("smallmatrix", 0),
        "pmatrix" => As("pmatrix", 0),
        "bmatrix" => As("bmatrix", 0),
        "Bmatrix" => As("Bmatrix", 0),
        "vmatrix" => As("vmatrix", 0),
        "Vmatrix" => As("Vmatrix", 0),
        "matrix*" => Aligned("matrix*"),
        "pmatrix*" => Aligned("pmatrix*"),
        "bmatrix*" => Aligned("bmatrix*"),
        "Bmatrix*" => Aligned("Bmatrix*"),
        "vmatrix*" => Aligned("vmatrix*"),
        "Vmatrix*" => Aligned("Vmatrix*"),
        "array" | "tabular" => Array("array"),
        "darray" => Array("darray"),
        "subarray" => Array("array"),
        _ => return None,
    })
}

/// The colours that the style sheet has, each with names that mean it or are near to it. Others, and those that only
/// one theme could show, are left out.
pub(super) fn colour(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "red" | "darkred" | "crimson" | "firebrick" | "maroon" | "brickred" => "red",
        "orange" | "darkorange" | "coral" | "tomato" | "burntorange" => "orange",
        "green" | "darkgreen" | "forestgreen" | "limegreen" | "lime" | "olive" => "green",
        "teal" | "cyan" | "darkcyan" | "turquoise" | "aqua" => "teal",
        "blue" | "darkblue" | "navy" | "royalblue" | "steelblue" | "dodgerblue" => "blue",
        "purple" | "violet" | "magenta" | "pink" | "fuchsia" | "indigo" => "purple",
        "gray" | "grey" | "darkgray" | "lightgray" => "gray",
        _ => return None,
    })
}
