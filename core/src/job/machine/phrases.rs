//! Phrases of machines and of people: evidence from the words of the host's recogniser.
//!
//! A phrase is found in words that are folded: small letters, no accents, and one space for all that is no letter or digit. It stands
//! between words, and counts once. Its log-odds count for its kind; for the classifier, those of machines count for a machine and
//! those of a person against it. They are set, not fitted: 3 for what only such a machine says, 2 for what others may quote, 1 for a
//! hint. docs/reference/phrases.md lists them.
#![forbid(unsafe_code)]

use crate::types::MachineKind::{self, Announcement, Ivr, Person, Screening, Voicemail};

/// A phrase.
#[derive(Clone, Copy, Debug)]
pub struct Phrase {
    /// Language, ISO 639-1.
    pub language: &'static str,
    /// The words, folded.
    pub text: &'static str,
    /// Who says it.
    pub kind: MachineKind,
    /// Log-odds of that kind.
    pub log_odds: f32,
}

const fn phrase(
    language: &'static str,
    kind: MachineKind,
    log_odds: f32,
    text: &'static str,
) -> Phrase {
    Phrase {
        language,
        text,
        kind,
        log_odds,
    }
}

/// All phrases.
pub const PHRASES: &[Phrase] = &[
    phrase("en", Voicemail, 3.0, "leave a message"),
    phrase("en", Voicemail, 3.0, "leave your message"),
    phrase("en", Voicemail, 3.0, "leave me a message"),
    phrase("en", Voicemail, 3.0, "after the tone"),
    phrase("en", Voicemail, 3.0, "after the beep"),
    phrase("en", Voicemail, 3.0, "at the tone"),
    phrase("en", Voicemail, 2.0, "you ve reached"),
    phrase("en", Voicemail, 2.0, "you have reached"),
    phrase("en", Voicemail, 2.0, "voicemail"),
    phrase("en", Voicemail, 2.0, "voice mail"),
    phrase("en", Voicemail, 2.0, "can t take your call"),
    phrase("en", Voicemail, 2.0, "cannot take your call"),
    phrase("en", Voicemail, 2.0, "can t come to the phone"),
    phrase("en", Voicemail, 2.0, "get back to you"),
    phrase("en", Voicemail, 1.0, "not available"),
    phrase("en", Ivr, 3.0, "press one"),
    phrase("en", Ivr, 3.0, "press 1"),
    phrase("en", Ivr, 3.0, "press two"),
    phrase("en", Ivr, 3.0, "press 2"),
    phrase("en", Ivr, 3.0, "following options"),
    phrase("en", Ivr, 2.0, "thank you for calling"),
    phrase("en", Ivr, 2.0, "if you know your party s extension"),
    phrase("en", Ivr, 2.0, "your call is important"),
    phrase("en", Announcement, 3.0, "not in service"),
    phrase("en", Announcement, 3.0, "has been disconnected"),
    phrase("en", Announcement, 3.0, "cannot be completed as dialed"),
    phrase("en", Announcement, 2.0, "the number you have dialed"),
    phrase("en", Announcement, 2.0, "the number you have dialled"),
    phrase("en", Announcement, 2.0, "the person you are calling"),
    phrase("en", Screening, 3.0, "state your name"),
    phrase("en", Screening, 3.0, "record your name"),
    phrase("en", Screening, 3.0, "reason for your call"),
    phrase("en", Screening, 3.0, "reason for calling"),
    phrase("en", Screening, 2.0, "who is calling"),
    phrase("en", Screening, 2.0, "stay on the line"),
    phrase("en", Screening, 1.0, "please hold"),
    phrase("en", Person, 2.0, "who is this"),
    phrase("en", Person, 2.0, "who s this"),
    phrase("en", Person, 1.0, "speaking"),
    phrase("en", Person, 0.5, "hello"),
    phrase("es", Voicemail, 3.0, "deje un mensaje"),
    phrase("es", Voicemail, 3.0, "deje su mensaje"),
    phrase("es", Voicemail, 3.0, "despues de la senal"),
    phrase("es", Voicemail, 3.0, "despues del tono"),
    phrase("es", Voicemail, 2.0, "buzon de voz"),
    phrase("es", Voicemail, 1.0, "no esta disponible"),
    phrase("es", Ivr, 3.0, "marque uno"),
    phrase("es", Ivr, 3.0, "marque 1"),
    phrase("es", Ivr, 3.0, "pulse uno"),
    phrase("es", Ivr, 3.0, "pulse 1"),
    phrase("es", Ivr, 2.0, "gracias por llamar"),
    phrase("es", Announcement, 2.0, "el numero que ha marcado"),
    phrase("es", Screening, 2.0, "quien llama"),
    phrase("es", Screening, 1.0, "no cuelgue"),
    phrase("es", Person, 2.0, "quien es"),
    phrase("es", Person, 2.0, "quien habla"),
    phrase("es", Person, 1.0, "digame"),
    phrase("fr", Voicemail, 3.0, "laissez un message"),
    phrase("fr", Voicemail, 3.0, "laisser un message"),
    phrase("fr", Voicemail, 3.0, "apres le bip"),
    phrase("fr", Voicemail, 3.0, "apres le signal sonore"),
    phrase("fr", Voicemail, 2.0, "messagerie"),
    phrase("fr", Voicemail, 2.0, "repondeur"),
    phrase("fr", Voicemail, 1.0, "n est pas disponible"),
    phrase("fr", Ivr, 3.0, "tapez un"),
    phrase("fr", Ivr, 3.0, "tapez 1"),
    phrase("fr", Ivr, 3.0, "appuyez sur"),
    phrase("fr", Announcement, 3.0, "n est pas attribue"),
    phrase("fr", Announcement, 2.0, "le numero que vous avez compose"),
    phrase("fr", Screening, 2.0, "qui appelle"),
    phrase("fr", Screening, 1.0, "ne quittez pas"),
    phrase("fr", Person, 2.0, "qui est a l appareil"),
    phrase("fr", Person, 0.5, "allo"),
    phrase("de", Voicemail, 3.0, "hinterlassen sie"),
    phrase("de", Voicemail, 3.0, "nach dem signalton"),
    phrase("de", Voicemail, 3.0, "nach dem ton"),
    phrase("de", Voicemail, 3.0, "nach dem piepton"),
    phrase("de", Voicemail, 2.0, "mailbox"),
    phrase("de", Voicemail, 2.0, "anrufbeantworter"),
    phrase("de", Voicemail, 1.0, "nicht erreichbar"),
    phrase("de", Ivr, 3.0, "drucken sie die"),
    phrase("de", Ivr, 2.0, "vielen dank fur ihren anruf"),
    phrase(
        "de",
        Announcement,
        3.0,
        "kein anschluss unter dieser nummer",
    ),
    phrase("de", Announcement, 2.0, "die gewahlte rufnummer"),
    phrase("de", Screening, 2.0, "nennen sie ihren namen"),
    phrase("de", Screening, 1.0, "bitte warten"),
    phrase("de", Person, 2.0, "wer ist da"),
    phrase("de", Person, 2.0, "wer spricht"),
    phrase("de", Person, 1.0, "am apparat"),
    phrase("it", Voicemail, 3.0, "lasciate un messaggio"),
    phrase("it", Voicemail, 3.0, "lascia un messaggio"),
    phrase("it", Voicemail, 3.0, "dopo il segnale acustico"),
    phrase("it", Voicemail, 3.0, "dopo il bip"),
    phrase("it", Voicemail, 2.0, "segreteria telefonica"),
    phrase("it", Voicemail, 1.0, "non e disponibile"),
    phrase("it", Voicemail, 1.0, "non e raggiungibile"),
    phrase("it", Ivr, 3.0, "premere uno"),
    phrase("it", Ivr, 3.0, "premi 1"),
    phrase("it", Ivr, 3.0, "digitare 1"),
    phrase(
        "it",
        Announcement,
        3.0,
        "il numero selezionato e inesistente",
    ),
    phrase("it", Screening, 1.0, "attendere in linea"),
    phrase("it", Person, 2.0, "chi parla"),
    phrase("it", Person, 2.0, "chi e"),
    phrase("it", Person, 0.5, "pronto"),
    phrase("pt", Voicemail, 3.0, "deixe a sua mensagem"),
    phrase("pt", Voicemail, 3.0, "deixe sua mensagem"),
    phrase("pt", Voicemail, 3.0, "deixe uma mensagem"),
    phrase("pt", Voicemail, 3.0, "apos o sinal"),
    phrase("pt", Voicemail, 2.0, "caixa postal"),
    phrase("pt", Voicemail, 2.0, "caixa de mensagens"),
    phrase("pt", Voicemail, 1.0, "nao esta disponivel"),
    phrase("pt", Ivr, 3.0, "digite um"),
    phrase("pt", Ivr, 3.0, "digite 1"),
    phrase("pt", Ivr, 3.0, "prima 1"),
    phrase("pt", Announcement, 3.0, "numero inexistente"),
    phrase("pt", Screening, 1.0, "aguarde na linha"),
    phrase("pt", Person, 2.0, "quem fala"),
    phrase("pt", Person, 0.5, "alo"),
    phrase("nl", Voicemail, 3.0, "laat een bericht achter"),
    phrase("nl", Voicemail, 3.0, "spreek een bericht in"),
    phrase("nl", Voicemail, 3.0, "na de piep"),
    phrase("nl", Voicemail, 3.0, "na de toon"),
    phrase("nl", Voicemail, 1.0, "niet bereikbaar"),
    phrase("nl", Ivr, 3.0, "toets een"),
    phrase("nl", Ivr, 3.0, "toets 1"),
    phrase("nl", Ivr, 3.0, "kies 1"),
    phrase("nl", Announcement, 3.0, "niet in gebruik"),
    phrase("nl", Screening, 1.0, "een ogenblik geduld"),
    phrase("nl", Person, 2.0, "met wie spreek ik"),
];

/// Most that all words together count for a kind, or for or against a machine, log-odds.
const MAX_WORDS: f32 = 8.0;

/// Adds log-odds to the sum of words so far, which stays within `MAX_WORDS`. Returns by how much it changed.
pub fn add_capped(words: &mut f32, log_odds: f32) -> f32 {
    let before = *words;
    *words = (before + log_odds).clamp(-MAX_WORDS, MAX_WORDS);
    *words - before
}

/// The phrases that were found so far.
#[derive(Clone, Debug)]
pub struct FoundPhrases([bool; PHRASES.len()]);

impl Default for FoundPhrases {
    fn default() -> Self {
        Self([false; PHRASES.len()])
    }
}

impl FoundPhrases {
    /// The phrases in `text` that were not found before.
    pub fn find_new(&mut self, text: &str) -> Vec<Phrase> {
        let words = folded(text);
        let mut new = Vec::new();
        for (phrase, found) in PHRASES.iter().zip(&mut self.0) {
            if !*found && words.contains(&format!(" {} ", phrase.text)) {
                *found = true;
                new.push(*phrase);
            }
        }
        new
    }
}

/// Small letters without accents; one space at the start, at the end and for all that is no letter or digit.
fn folded(text: &str) -> String {
    let mut folded = String::from(" ");
    for c in text.chars().flat_map(char::to_lowercase) {
        match base(c) {
            Some(letters) => folded.push_str(letters),
            // A mark that combines with the letter before it.
            None if ('\u{300}'..='\u{36f}').contains(&c) => {}
            None if c.is_alphanumeric() => folded.push(c),
            None if folded.ends_with(' ') => {}
            None => folded.push(' '),
        }
    }
    if !folded.ends_with(' ') {
        folded.push(' ');
    }
    folded
}

/// An accented small letter of Western Europe without its accent.
fn base(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => "a",
        'ç' => "c",
        'è' | 'é' | 'ê' | 'ë' => "e",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'ñ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => "o",
        'ù' | 'ú' | 'û' | 'ü' => "u",
        'ý' | 'ÿ' => "y",
        'œ' => "oe",
        'æ' => "ae",
        'ß' => "ss",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
