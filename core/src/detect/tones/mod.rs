//! Tone detection: voicemail beeps, fax and modem tones, network tones.
//!
//! `peaks` finds the strongest spectral peaks of a hop. `track` follows them from hop to hop into bursts of one or two steady
//! tones (`onset`, `tone`, `burst`); `steadiness` separates the bursts of machines from those of voices. The type of a burst
//! follows from its frequencies, its length and its context: `fax`, `network`, `sit`, and otherwise possibly `beep`. The V.21
//! preamble, which is not steady, has a detector of its own (`v21`).
#![forbid(unsafe_code)]

mod beep;
mod bin_history;
mod burst;
mod context;
mod fax;
mod hum;
mod music;
mod network;
mod onset;
mod peaks;
mod sit;
mod steadiness;
mod tone;
mod track;
mod v21;

use self::beep::BeepDetector;
use self::bin_history::FinePeak;
use self::burst::Burst;
use self::context::Context;
use self::fax::FaxDetector;
use self::music::MusicDetector;
use self::network::NetworkDetector;
use self::sit::SitDetector;
use self::track::BurstTracker;
use self::v21::V21Detector;
use super::fact::Fact;
use super::stft::{HOP, Spectrum};
use crate::time::Samples;

/// The tone detector of one stream.
#[derive(Clone, Debug, Default)]
pub struct Tones {
    tracker: BurstTracker,
    context: Context,
    music: MusicDetector,
    beep: BeepDetector,
    fax: FaxDetector,
    v21: V21Detector,
    network: NetworkDetector,
    sit: SitDetector,
}

impl Tones {
    /// Processes one hop and appends the facts found. Returns the start of the machine's tone that lasts, if one does: the audio
    /// from there on is not voice. `dtmf`: a DTMF tone lasts.
    pub fn process(
        &mut self,
        spectrum: &Spectrum,
        dtmf: bool,
        facts: &mut Vec<Fact>,
    ) -> Option<Samples> {
        let now = spectrum.at + HOP as Samples;
        if let Some((burst, fine_peaks)) = self.tracker.process(spectrum) {
            self.end_burst(burst, &fine_peaks, now, facts);
        }
        facts.extend(self.v21.process(spectrum).map(Fact::Fax));
        let flags = self.v21.flags_since(now);
        let noise = self.context.noise();
        let active = self.tracker.active().filter(|burst| {
            steadiness::is_steady(burst, noise)
                || steadiness::is_answer_tone(burst, noise)
                || steadiness::is_beating(burst, noise)
        });
        let tentative = self.tracker.since().is_some();
        if dtmf {
            self.context.process_dtmf();
        } else {
            self.context
                .process(spectrum, tentative, active.is_some() || flags.is_some());
        }
        if let Some(active) = &active {
            self.update_burst(active, now, facts);
        }
        facts.extend(self.fax.process(spectrum, &self.context).map(Fact::Fax));
        facts.extend(self.beep.process(spectrum, &self.context).map(Fact::Beep));
        flags.or(active.map(|burst| burst.start))
    }

    /// Evaluates a burst that lasts.
    fn update_burst(&mut self, active: &Burst, now: Samples, facts: &mut Vec<Fact>) {
        self.beep.burst_active(active);
        if let Some(history) = self.tracker.history() {
            let fax = self.fax.burst_active(active, history, now);
            facts.extend(fax.map(Fact::Fax));
        }
        let fine_peaks = || self.tracker.fine_peaks();
        let dial = self
            .network
            .burst_active(active, fine_peaks, self.context.noise(), now);
        facts.extend(dial.map(Fact::Network));
    }

    /// Evaluates a burst that has ended.
    fn end_burst(
        &mut self,
        burst: Burst,
        fine_peaks: &[FinePeak; 3],
        now: Samples,
        facts: &mut Vec<Fact>,
    ) {
        facts.extend(self.sit.burst_ended(&burst).map(Fact::Network));
        let (is_fax, fax) = self.fax.burst_ended(&burst, &self.context, now);
        facts.extend(fax.map(Fact::Fax));
        let notes = self.music.burst_ended(&burst);
        let (is_network, network) = self.network.burst_ended(
            &burst,
            fine_peaks,
            &self.context,
            notes >= music::MELODY_NOTES,
        );
        facts.extend(network.map(Fact::Network));
        if is_fax || is_network {
            self.beep.cancel();
        } else {
            let melody_notes = if steadiness::is_very_steady(&burst, self.context.noise()) {
                music::STEADY_MELODY_NOTES
            } else {
                music::MELODY_NOTES
            };
            self.beep
                .burst_ended(burst, &self.context, notes >= melody_notes);
        }
    }

    /// Whether no tone lasts and none that has ended may still be reported.
    pub fn is_idle(&self) -> bool {
        self.tracker.since().is_none() && !self.beep.is_pending() && !self.fax.is_pending()
    }

    /// Reports the beep that has ended, if one awaits the silence after it.
    pub fn finish_ended(&mut self, facts: &mut Vec<Fact>) {
        facts.extend(self.beep.finish().map(Fact::Beep));
    }

    /// Ends the stream and with it the burst that lasts.
    pub fn finish(&mut self, now: Samples, facts: &mut Vec<Fact>) {
        if let Some(burst) = self.tracker.active() {
            let fine_peaks = self.tracker.fine_peaks();
            self.end_burst(burst, &fine_peaks, now, facts);
        }
        self.finish_ended(facts);
    }
}
