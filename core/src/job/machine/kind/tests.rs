//! The rules of `kind`, in media time.

use super::*;
use crate::detect::fact::{Beep, Network};
use crate::time::from_ms;

/// Evidence under test. Times are in milliseconds.
#[derive(Default)]
struct Course {
    evidence: KindEvidence,
    now: u64,
}

impl Course {
    fn voice(mut self, from: u64, to: u64) -> Self {
        self.evidence
            .process(&Fact::VoiceBegins { at: from_ms(from) });
        self.evidence.process(&Fact::VoiceEnds { at: from_ms(to) });
        self.now = to;
        self
    }

    fn beep(mut self, from: u64, to: u64) -> Self {
        self.evidence.process(&Fact::Beep(Beep {
            start: from_ms(from),
            end: from_ms(to),
            hz: 1000.0,
            hz2: 0.0,
            level_dbm0: -20.0,
        }));
        self.now = to;
        self
    }

    fn network(mut self, tone: NetworkTone, from: u64, to: u64) -> Self {
        self.evidence.process(&Fact::Network(Network {
            tone,
            start: from_ms(from),
            end: from_ms(to),
            hz: 425.0,
            hz2: 0.0,
        }));
        self.now = to;
        self
    }

    /// Sound that is neither voice nor tone.
    fn sound(mut self, from: u64, to: u64, level_dbm0: f32) -> Self {
        for at in (from..to).step_by(10) {
            self.evidence.process(&Fact::Frame(Frame {
                at: from_ms(at),
                level_dbm0,
                floor_dbm0: -60.0,
                ..Frame::default()
            }));
        }
        self.now = to;
        self
    }

    fn until(self, now: u64) -> Self {
        Self { now, ..self }
    }

    fn kind(&self) -> (&'static str, u32) {
        let estimate = self
            .evidence
            .estimate(MachineVerdict::Machine, 1.0, from_ms(self.now));
        (
            estimate.kind.name(),
            (estimate.confidence * 100.0).round() as u32,
        )
    }
}

fn greeting() -> Course {
    Course::default().voice(500, 2500).voice(2800, 5000)
}

const NONE: (&str, u32) = ("none", 0);

#[test]
fn a_verdict_that_is_no_machine_has_no_kind_but_person() {
    let evidence = greeting().beep(5500, 5900).evidence;
    for verdict in MachineVerdict::ALL {
        let kind = evidence.estimate(*verdict, 0.75, from_ms(9000));
        match verdict {
            MachineVerdict::Human => {
                assert_eq!((kind.kind, kind.confidence), (MachineKind::Person, 0.75));
            }
            MachineVerdict::Machine => assert_eq!(kind.kind, MachineKind::Voicemail),
            _ => assert_eq!(kind, KindEstimate::default(), "{verdict}"),
        }
    }
}

#[test]
fn a_greeting_that_has_just_ended_is_not_known() {
    assert_eq!(greeting().kind(), NONE);
    assert_eq!(greeting().until(6900).kind(), NONE);
}

#[test]
fn a_beep_is_a_voicemail() {
    assert_eq!(greeting().beep(5500, 5900).kind(), ("voicemail", 95));
    assert_eq!(Course::default().beep(500, 900).kind(), ("voicemail", 82));
    // Silence, voice and tones after the beep change nothing.
    let course = greeting().beep(5500, 5900).voice(10_500, 11_500);
    let course = course.network(NetworkTone::Busy, 12_000, 12_500);
    assert_eq!(course.kind(), ("voicemail", 95));
}

#[test]
fn silence_after_the_greeting_is_a_voicemail() {
    assert_eq!(greeting().until(7000).kind(), ("voicemail", 50));
    assert_eq!(greeting().until(10_000).kind(), ("voicemail", 67));
    assert_eq!(greeting().until(13_000).kind(), ("voicemail", 80));
    assert_eq!(greeting().until(60_000).kind(), ("voicemail", 80));
    // A click does not begin the silence again.
    assert_eq!(
        greeting().voice(6900, 6980).until(7000).kind(),
        ("voicemail", 50)
    );
    // Silence alone says nothing.
    assert_eq!(Course::default().until(20_000).kind(), NONE);
}

#[test]
fn voice_after_3_to_8_s_of_silence_is_an_ivr() {
    for (pause, kind) in [(2900, "none"), (3000, "ivr"), (8000, "ivr"), (8100, "none")] {
        let course = greeting().voice(5000 + pause, 6000 + pause);
        assert_eq!(course.kind().0, kind, "{pause}");
    }
    assert_eq!(greeting().voice(9000, 10_000).kind(), ("ivr", 73));
}

#[test]
fn talk_of_more_than_12_s_is_an_ivr() {
    let talk = |seconds: u64| {
        // Sentences of different lengths.
        let lengths = [1700, 2100, 2600, 1200, 3100, 1300];
        let (mut course, mut at, mut left) = (Course::default(), 0, seconds * 1000);
        for length in lengths.into_iter().cycle() {
            let length = u64::min(length + at / 17, left);
            course = course.voice(at, at + length);
            (at, left) = (at + length + 400, left - length);
            if left == 0 {
                break;
            }
        }
        course
    };
    assert_eq!(talk(11).kind(), NONE);
    assert_eq!(talk(12).kind(), ("ivr", 50));
    assert_eq!(talk(18).kind(), ("ivr", 67));
    assert_eq!(talk(25).kind(), ("ivr", 80));
    // A beep at last: a mailbox with a long greeting.
    assert_eq!(talk(25).beep(40_000, 40_400).kind(), ("voicemail", 95));
}

#[test]
fn a_repetition_is_an_ivr() {
    let menu = |course: Course, from: u64, more: u64| {
        course
            .voice(from, from + 1100)
            .voice(from + 1500, from + 2300 + more)
            .voice(from + 2700 + more, from + 4100 + more)
    };
    let once = menu(Course::default(), 500, 0);
    assert_eq!(menu(once, 6000, 30).kind(), ("ivr", 88));
    let once = menu(Course::default(), 500, 0);
    assert_eq!(menu(once, 6000, 50).kind(), NONE);
    // Single words resemble each other.
    let words = (0..20).fold(Course::default(), |course, i| {
        course.voice(500 * i, 500 * i + 250)
    });
    assert_eq!(words.kind(), NONE);
}

#[test]
fn a_special_information_tone_then_voice_is_an_announcement() {
    let course = Course::default().network(NetworkTone::Sit, 0, 1000);
    assert_eq!(course.kind(), NONE);
    assert_eq!(course.voice(1200, 4000).kind(), ("announcement", 92));
}

#[test]
fn voice_then_busy_or_reorder_is_an_announcement() {
    for tone in [NetworkTone::Busy, NetworkTone::Reorder] {
        let course = greeting().network(tone, 5500, 6000);
        assert_eq!(course.kind(), ("announcement", 88));
        // The silence after it is not that of a mailbox.
        assert_eq!(course.until(20_000).kind(), ("announcement", 88));
        let course = Course::default().network(tone, 0, 400).voice(1000, 3000);
        assert_eq!(course.kind(), NONE);
    }
}

#[test]
fn ringback_after_voice_is_screening() {
    let course = greeting().network(NetworkTone::Ringback, 5500, 6500);
    assert_eq!(course.kind(), ("screening", 73));
    let course = Course::default().network(NetworkTone::Ringback, 0, 1000);
    assert_eq!(course.voice(1500, 4000).kind(), NONE);
}

#[test]
fn music_after_voice_is_screening() {
    assert_eq!(
        greeting().sound(5200, 7300, -30.0).kind(),
        ("screening", 62)
    );
    assert_eq!(greeting().sound(5200, 6900, -30.0).kind(), NONE);
    // Noise of the line.
    assert_eq!(
        greeting().sound(5200, 7300, -52.0).kind(),
        ("voicemail", 52)
    );
    // Before the voice.
    let course = Course::default().sound(0, 4000, -30.0);
    assert_eq!(course.voice(4000, 6000).kind(), NONE);
}

#[test]
fn words_add_to_the_rules_of_their_kind() {
    let mut course = greeting();
    course.evidence.add_words(MachineKind::Voicemail, 2.0);
    assert_eq!(course.kind(), ("voicemail", 88));
    course.evidence.add_words(MachineKind::Ivr, 2.0);
    assert_eq!(course.kind().1, 47);
    course.evidence.add_words(MachineKind::Ivr, 1.0);
    assert_eq!(course.kind(), ("ivr", 71));
    let mut course = greeting();
    course.evidence.add_words(MachineKind::Person, 5.0);
    assert_eq!(course.kind(), NONE);
    // Words count 8 at most, and never make it certain.
    course.evidence.add_words(MachineKind::Screening, 1e9);
    let estimate = course.evidence.machine(0);
    assert_eq!(estimate.kind, MachineKind::Screening);
    assert!((0.999..1.0).contains(&estimate.confidence));
}
