//! Which phrases are found in which words.

use super::*;
use std::collections::BTreeSet;

fn found(text: &str) -> Vec<&'static str> {
    let new = FoundPhrases::default().find_new(text);
    new.into_iter().map(|phrase| phrase.text).collect()
}

#[test]
fn case_accents_and_punctuation_do_not_matter() {
    let text = "Hello! You've REACHED Sarah;   please leave a message, after the tone.";
    assert_eq!(
        found(text),
        [
            "leave a message",
            "after the tone",
            "you ve reached",
            "hello"
        ]
    );
    assert_eq!(found("Después de la señal"), ["despues de la senal"]);
    // The accents as marks of their own.
    assert_eq!(
        found("Despue\u{301}s de la sen\u{303}al"),
        ["despues de la senal"]
    );
    assert_eq!(found("DRÜCKEN SIE DIE 1"), ["drucken sie die"]);
    assert_eq!(
        found("n\u{2019}est pas disponible"),
        ["n est pas disponible"]
    );
}

#[test]
fn a_phrase_stands_between_words() {
    assert_eq!(found("othello"), Vec::<&str>::new());
    assert_eq!(found("hello"), ["hello"]);
    assert_eq!(found("press 12"), Vec::<&str>::new());
    assert_eq!(found("press 1"), ["press 1"]);
    assert_eq!(found("leave a, uh, message"), Vec::<&str>::new());
    for text in ["", " ", "\u{301}", "?!", "日本語"] {
        assert_eq!(found(text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn a_phrase_counts_once() {
    let mut phrases = FoundPhrases::default();
    assert_eq!(phrases.find_new("leave a message").len(), 1);
    let new = phrases.find_new("leave a message after the tone");
    assert_eq!(new.len(), 1);
    assert_eq!(new[0].text, "after the tone");
}

#[test]
fn every_phrase_is_folded_unique_and_found() {
    let mut texts = BTreeSet::new();
    let mut languages = BTreeSet::new();
    for phrase in PHRASES {
        assert_eq!(folded(phrase.text), format!(" {} ", phrase.text));
        assert!(texts.insert(phrase.text), "{}", phrase.text);
        assert!((0.5..=3.0).contains(&phrase.log_odds), "{}", phrase.text);
        assert_ne!(phrase.kind, MachineKind::None);
        assert!(found(phrase.text).contains(&phrase.text));
        languages.insert(phrase.language);
    }
    let wanted = ["de", "en", "es", "fr", "it", "nl", "pt"];
    assert!(languages.into_iter().eq(wanted));
    // Each language has phrases of a mailbox, a menu and a person.
    for language in wanted {
        for kind in [Voicemail, Ivr, Person] {
            let has = |phrase: &&Phrase| phrase.language == language && phrase.kind == kind;
            assert!(
                PHRASES.iter().any(|phrase| has(&phrase)),
                "{language} {kind}"
            );
        }
    }
}

#[test]
fn the_reference_lists_every_phrase() {
    let page = include_str!("../../../../../docs/reference/phrases.md");
    let listed: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
    let rows = PHRASES.iter().map(|phrase| {
        let Phrase {
            language,
            text,
            kind,
            log_odds,
        } = phrase;
        format!("| {language} | {kind} | {log_odds:.1} | {text} |")
    });
    // Besides the head of the table.
    assert!(rows.eq(listed[1..].iter().map(|line| line.to_string())));
}
