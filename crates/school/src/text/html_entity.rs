//! Characters written as HTML does it.

/// Names of entities that are no accented letter: those of HTML 4 that a text of ours could hold. Names that are also words,
/// such as `and` and `image`, are left out, and so is most of mathematics.
const NAMES: [&str; 119] = [
    "acute", "alpha", "amp", "apos", "bdquo", "beta", "brvbar", "bull", "cedil", "cent", "chi", "circ",
    "copy", "curren", "dagger", "deg", "delta", "divide", "emsp", "ensp", "epsilon", "eta", "eth", "euro",
    "frac12", "frac14", "frac34", "gamma", "gt", "hardcy", "hearts", "hellip", "iexcl", "imath", "infin",
    "inodot", "iota", "iquest", "jsercy", "kappa", "kgreen", "lambda", "laquo", "larr", "ldquo", "lrm",
    "lsaquo", "lsquo", "lt", "macr", "mdash", "micro", "middot", "mu", "napos", "nbsp", "ndash", "not", "nu",
    "omega", "omicron", "ordf", "ordm", "para", "permil", "phi", "pi", "plusmn", "pound", "prime", "psi",
    "quot", "raquo", "rarr", "rdquo", "reg", "rho", "rlm", "rsaquo", "rsquo", "sbquo", "sect", "shchcy",
    "shy", "sigma", "sigmaf", "softcy", "sup1", "sup2", "sup3", "tau", "iukcy", "jukcy", "ubrcy", "theta",
    "thetasym", "thinsp", "thorn", "tilde", "times", "trade", "tshcy", "uml", "upsilon", "xi", "yen", "zeta",
    "zwj", "zwnj", "grave", "rcub", "lcub", "num", "semi", "excl", "lpar", "rpar", "comma", "period",
];

/// Ends of the names of letters with an accent, after one or two letters: `eacute`, `AElig`, `Lstrok`, `yacy`.
const ACCENTS: [&str; 18] = [
    "acute", "breve", "caron", "cedil", "circ", "cy", "dblac", "dot", "grave", "lig", "macr", "midot",
    "ogon", "ring", "slash", "strok", "tilde", "uml",
];

/// Returns `true` if a character is written as an entity: by name in upper or lower case, in decimals or in hexadecimals.
///
/// A named one needs its semicolon, for `L&L` and `Techniek&Wetenschap` are healthy.
pub(super) fn contains_entity(text: &str) -> bool {
    text.split('&').skip(1).any(|rest| {
        rest.strip_prefix('#').map_or_else(
            || rest.split_once(';').is_some_and(|(name, _)| is_entity_name(name)),
            is_entity_number,
        )
    })
}

fn is_entity_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.contains(&name.as_str())
        || ACCENTS.iter().any(|accent| {
            name.strip_suffix(accent).is_some_and(|letters| {
                (1..=2).contains(&letters.len()) && letters.bytes().all(|letter| letter.is_ascii_alphabetic())
            })
        })
}

/// At least two digits; the semicolon may be missing.
fn is_entity_number(rest: &str) -> bool {
    let (digits, radix) = rest
        .strip_prefix(['x', 'X'])
        .map_or((rest, 10), |digits| (digits, 16));
    digits
        .chars()
        .take_while(|character| character.is_digit(radix))
        .count()
        >= 2
}
