//! People who are none: rows that hold a place until somebody is known.

/// Words that stand in no real name; one of them anywhere decides.
const NEVER_IN_A_NAME: [&str; 14] = [
    "achternaam",
    "familienaam",
    "onbekend",
    "onbekende",
    "proefleerling",
    "testaccount",
    "testgebruiker",
    "testleerkracht",
    "testleerling",
    "testleraar",
    "testpersoon",
    "vacature",
    "vacatures",
    "voornaam",
];

/// Words that decide if a name consists of them: longer names may contain them (`De Test`).
const NEVER_A_WHOLE_NAME: [&str; 18] = [
    "anoniem",
    "dummy",
    "inconnu",
    "inconnue",
    "interim",
    "interimaris",
    "invaller",
    "invalster",
    "nn",
    "nvt",
    "plaatsvervanger",
    "tbd",
    "test",
    "unknown",
    "vacant",
    "vacante",
    "vervangende",
    "vervanger",
];

/// Phrases, without their spaces; they may be spread over both names.
const PHRASES: [&str; 14] = [
    "geennaam",
    "intevullen",
    "naamloos",
    "nietgekend",
    "nn",
    "nogaantewerven",
    "nogintevullen",
    "nognietgekend",
    "nogtebepalen",
    "nogtoetewijzen",
    "tebepalen",
    "toetewijzen",
    "zondernaam",
    "testleerling",
];

/// Returns `true` if a row stands for nobody in particular: `N.N.`, `onbekend`, `vacature`, `test`, `te bepalen`, `xxx`.
///
/// One of both names is enough: `Onbekend Janssens` has a family, but a username made of it would have to be changed as soon
/// as the given name is known. Names are compared whole, so `Testelmans` and `De Test` are people. A single letter as given
/// name is an initial, also `X`, unless the family name is missing; as family name `X` is a placeholder, other letters are
/// not (`O`, `E` and `U` are family names). A missing name makes no placeholder, unless both miss: many people have one name.
/// Digits and punctuation do not count: `Vacature 2`, `test1`, `N. N.`
pub fn is_placeholder_person(given: &str, family: &str) -> bool {
    let given = words_of(given);
    let family = words_of(family);
    if is_placeholder(&given) || is_placeholder(&family) {
        return true;
    }
    let (given, family) = (given.concat(), family.concat());
    match (given.as_str(), family.as_str()) {
        ("" | "x", "") | (_, "x") => true,
        _ => {
            PHRASES.contains(&format!("{given}{family}").as_str())
                || PHRASES.contains(&format!("{family}{given}").as_str())
        }
    }
}

fn words_of(name: &str) -> Vec<String> {
    name.split(|character: char| !character.is_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn is_placeholder(words: &[String]) -> bool {
    let is_one_of = |list: &[&str], word: &String| list.contains(&word.as_str());
    let whole = words.concat();
    !words.is_empty()
        && (words.iter().any(|word| is_one_of(&NEVER_IN_A_NAME, word))
            || words.iter().all(|word| is_one_of(&NEVER_A_WHOLE_NAME, word))
            || PHRASES.contains(&whole.as_str())
            || (whole.len() > 1 && whole.bytes().all(|letter| letter == b'x')))
}
