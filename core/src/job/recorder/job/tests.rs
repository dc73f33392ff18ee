//! The rules of `record`, in samples at 8 kHz.

use super::*;
use RecorderCause::{Aborted, Bargein, Hangup, Silence, Size, Timeout};

const S: u64 = 8000;

/// A recording under test, with the segments so far.
struct Run {
    job: RecorderJob,
    segments: Vec<Segment>,
}

impl Run {
    fn new(limits: Limits) -> Self {
        Self {
            job: RecorderJob::new(limits, 8000, false),
            segments: Vec::new(),
        }
    }

    fn audio(mut self, from: u64, to: u64) -> Self {
        self.job.add_span(AudioSpan { from, to });
        self
    }

    fn to(mut self, now: u64) -> Self {
        self.job.set_complete_until(now, now);
        self.job.advance(now, &mut self.segments);
        self
    }

    fn control(mut self, at: u64, control: Control) -> Self {
        self.job.control(at, control);
        self
    }

    fn ended(&self) -> (RecorderCause, u64, u64) {
        let ended = self.job.ended().expect("the recording has ended");
        (ended.cause, ended.at, self.job.written())
    }

    fn runs(&self) {
        assert_eq!(self.job.ended(), None);
    }

    fn treated(&self, treatment: Treatment) -> Vec<(u64, u64)> {
        let mut all: Vec<(u64, u64)> = Vec::new();
        for segment in self.segments.iter().filter(|s| s.treatment == treatment) {
            match all.last_mut() {
                Some(last) if last.1 == segment.from => last.1 = segment.to,
                _ => all.push((segment.from, segment.to)),
            }
        }
        all
    }
}

fn silence(seconds: u64) -> Limits {
    Limits {
        max_silence: Some(seconds * S),
        ..Limits::default()
    }
}

#[test]
fn silence_from_the_start_ends_the_recording_without_audio() {
    silence_to(2 * S - 1).runs();
    let run = silence_to(3 * S);
    assert_eq!(run.ended(), (Silence, 2 * S, 2 * S));
    assert!(!run.job.audio_detected());
}

fn silence_to(now: u64) -> Run {
    Run::new(silence(2)).to(now)
}

#[test]
fn silence_counts_from_the_end_of_audio() {
    let run = Run::new(silence(2)).audio(100, 5003).to(3 * S);
    assert_eq!(run.ended(), (Silence, 5003 + 2 * S, 5003 + 2 * S));
    assert!(run.job.audio_detected());
}

#[test]
fn audio_at_the_deadline_does_not_count_and_one_sample_before_it_does() {
    let at_deadline = Run::new(silence(2)).audio(2 * S, 2 * S + 400).to(3 * S);
    assert_eq!(at_deadline.ended().0, Silence);
    assert!(!at_deadline.job.audio_detected());
    Run::new(silence(2))
        .audio(2 * S - 1, 2 * S + 400)
        .to(3 * S)
        .runs();
}

#[test]
fn segments_end_where_the_audio_spans_are_known() {
    let mut run = Run::new(silence(2));
    run.job.set_complete_until(S, u64::MAX);
    run.job.advance(5 * S, &mut run.segments);
    assert_eq!(run.treated(Treatment::Keep), [(0, S)]);
    run.runs();
}

#[test]
fn the_size_is_reached_at_its_exact_sample() {
    let limits = Limits {
        size: Some(16000),
        ..Limits::default()
    };
    Run::new(limits).to(15999).runs();
    assert_eq!(Run::new(limits).to(16000).ended(), (Size, 16000, 16000));
    assert_eq!(Run::new(limits).to(20000).ended(), (Size, 16000, 16000));
}

#[test]
fn a_full_file_ends_the_recording_at_once() {
    let limits = Limits {
        size: Some(0),
        ..Limits::default()
    };
    assert_eq!(Run::new(limits).to(0).ended(), (Size, 0, 0));
}

#[test]
fn the_timeout_ends_the_recording() {
    let limits = Limits {
        timeout: Some(3 * S),
        ..Limits::default()
    };
    Run::new(limits).to(3 * S - 1).runs();
    assert_eq!(Run::new(limits).to(4 * S).ended(), (Timeout, 3 * S, 3 * S));
    let zero = Limits {
        timeout: Some(0),
        ..Limits::default()
    };
    assert_eq!(Run::new(zero).to(0).ended(), (Timeout, 0, 0));
}

#[test]
fn the_earlier_limit_wins_and_at_a_tie_size_then_silence_then_timeout() {
    let limits = Limits {
        size: Some(2 * S),
        timeout: Some(2 * S),
        ..silence(2)
    };
    assert_eq!(Run::new(limits).to(5 * S).ended().0, Size);
    let limits = Limits {
        size: Some(2 * S + 1),
        ..limits
    };
    assert_eq!(Run::new(limits).to(5 * S).ended().0, Silence);
    let limits = Limits {
        max_silence: Some(2 * S + 1),
        ..limits
    };
    assert_eq!(Run::new(limits).to(5 * S).ended().0, Timeout);
}

#[test]
fn a_digit_ends_the_recording_where_its_tone_begins() {
    let limits = Limits {
        barge_in: true,
        ..Limits::default()
    };
    let mut run = Run::new(limits);
    run.job.set_complete_until(10_000, 7_900);
    run.job.advance(10_000, &mut run.segments);
    assert_eq!(run.treated(Treatment::Keep), [(0, 7_900)]);
    run.job.digit(8_000, true);
    let run = run.to(12_000);
    assert_eq!(run.ended(), (Bargein, 7_960, 7_960));
}

#[test]
fn a_signalled_digit_that_began_before_the_written_end_ends_the_recording_there() {
    let limits = Limits {
        barge_in: true,
        ..Limits::default()
    };
    let mut run = Run::new(limits).to(10_000);
    run.job.digit(9_000, false);
    assert_eq!(run.to(10_080).ended(), (Bargein, 10_000, 10_000));
}

#[test]
fn without_barge_in_a_digit_does_not_end_the_recording() {
    let mut run = Run::new(Limits::default()).to(S);
    run.job.digit(S, true);
    run.to(2 * S).runs();
}

fn initial(seconds: u64) -> Limits {
    Limits {
        initial_silence: Some(seconds * S),
        ..silence(2)
    }
}

#[test]
fn the_file_begins_200_ms_before_the_first_audio() {
    let run = Run::new(initial(5))
        .to(2 * S)
        .audio(20_000, 24_000)
        .to(24_400);
    assert_eq!(run.treated(Treatment::Keep), [(18_400, 24_400)]);
    let run = run.to(10 * S);
    assert_eq!(
        run.ended(),
        (Silence, 24_000 + 2 * S, 24_000 + 2 * S - 18_400)
    );
    assert!(run.job.audio_detected());
}

#[test]
fn with_audio_at_the_start_the_file_begins_at_the_start() {
    let run = Run::new(initial(5)).audio(100, 4000).to(4400);
    assert_eq!(run.treated(Treatment::Keep), [(0, 4400)]);
}

#[test]
fn a_digit_before_the_first_audio_ends_the_recording_however_late_it_is_known() {
    let limits = Limits {
        barge_in: true,
        ..initial(5)
    };
    let mut run = Run::new(limits).to(3900).audio(4020, 6000);
    run.job.set_complete_until(6000, 3990);
    run.job.advance(6000, &mut run.segments);
    run.runs();
    run.job.digit(4050, true);
    let run = run.to(6000);
    assert_eq!(run.ended(), (Bargein, 4010, 0));
}

#[test]
fn no_audio_within_initial_silence_ends_with_silence_and_an_empty_file() {
    let run = Run::new(initial(5)).to(6 * S);
    assert_eq!(run.ended(), (Silence, 5 * S, 0));
    assert!(!run.job.audio_detected());
    let run = Run::new(initial(5)).audio(5 * S, 6 * S).to(6 * S);
    assert_eq!(run.ended(), (Silence, 5 * S, 0));
    let run = Run::new(initial(5)).audio(5 * S - 1, 6 * S).to(6 * S);
    run.runs();
}

#[test]
fn a_hangup_or_a_stop_ends_the_recording_unless_a_limit_came_before() {
    let mut run = Run::new(silence(2)).to(S);
    run.job.end(Hangup, S + 37, &mut run.segments);
    assert_eq!(run.ended(), (Hangup, S + 37, S + 37));

    let mut run = Run::new(silence(2)).to(S);
    run.job.end(Aborted, 3 * S, &mut run.segments);
    assert_eq!(run.ended(), (Silence, 2 * S, 2 * S));

    let mut run = Run::new(initial(5)).to(S);
    run.job.end(Hangup, 2 * S, &mut run.segments);
    assert_eq!(run.ended(), (Hangup, 2 * S, 0));
}

#[test]
fn while_paused_nothing_is_written_and_silence_does_not_count() {
    let limits = Limits {
        size: Some(4 * S),
        ..silence(2)
    };
    let run = Run::new(limits)
        .control(S, Control::Pause)
        .control(10 * S, Control::Resume)
        .to(20 * S);
    assert_eq!(run.treated(Treatment::Keep), [(0, S), (10 * S, 12 * S)]);
    assert_eq!(run.ended(), (Silence, 12 * S, 3 * S));
}

#[test]
fn while_masked_silence_is_written_and_does_not_count() {
    let run = Run::new(silence(2))
        .control(S, Control::Mask)
        .audio(2 * S, 3 * S)
        .control(10 * S, Control::Unmask)
        .to(20 * S);
    assert_eq!(run.treated(Treatment::Mask), [(S, 10 * S)]);
    assert_eq!(run.ended(), (Silence, 12 * S, 12 * S));
    assert!(!run.job.audio_detected());
}

#[test]
fn tones_are_squelched_with_a_margin_and_overlapping_ones_as_one() {
    let limits = Limits {
        squelch_dtmf: true,
        ..Limits::default()
    };
    let mut run = Run::new(limits);
    run.job.tone_begins(1000);
    run.job.tone_ends(1800);
    run.job.tone_begins(1800);
    run.job.tone_ends(2600);
    let run = run.to(S);
    assert_eq!(run.treated(Treatment::Squelch), [(960, 2640)]);
    assert_eq!(run.job.written(), S);
}

#[test]
fn a_tone_that_sounds_at_the_start_is_squelched_and_is_no_barge_in() {
    let limits = Limits {
        squelch_dtmf: true,
        barge_in: true,
        ..Limits::default()
    };
    let mut run = Run::new(limits);
    run.job = RecorderJob::new(limits, 8000, true);
    run.job.tone_ends(400);
    let run = run.to(S);
    assert_eq!(run.treated(Treatment::Squelch), [(0, 440)]);
    run.runs();
}

#[test]
fn any_step_size_gives_the_same_segments() {
    let limits = Limits {
        size: Some(9 * S),
        timeout: Some(30 * S),
        ..initial(6)
    };
    let feed = |step: u64| {
        let mut run = Run::new(limits);
        let mut now = 0;
        let mut spans = vec![(3 * S, 4 * S), (4 * S, 5 * S), (6 * S, 7 * S)];
        run = run
            .control(4 * S + 77, Control::Mask)
            .control(5 * S, Control::Unmask);
        while run.job.ended().is_none() {
            now += step;
            while spans.first().is_some_and(|s| s.1 <= now) {
                let (from, to) = spans.remove(0);
                run = run.audio(from, to);
            }
            // A span that lasts is added up to now.
            if let Some(&(from, to)) = spans.first()
                && from < now
            {
                run = run.audio(from, now.min(to));
            }
            run = run.to(now);
        }
        (
            run.ended(),
            run.treated(Treatment::Keep),
            run.treated(Treatment::Mask),
        )
    };
    let one = feed(160);
    for step in [1, 80, 159, 1000] {
        assert_eq!(feed(step), one, "{step}");
    }
}

#[test]
fn milliseconds_convert_to_samples_at_any_rate() {
    assert_eq!(samples(1000, 11025), 11025);
    assert_eq!(samples(200, 11025), 2205);
    assert_eq!(samples(u64::MAX, 48000), u64::MAX / 1000);
}
