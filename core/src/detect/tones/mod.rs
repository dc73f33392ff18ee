//! Tones that are no digits: a voicemail's beep, fax machines, the network.
//!
//! `look` finds peaks in one spectrum; `track` follows them into bursts of one or two steady tones (`rise`, `tone`, `burst`);
//! `shape` tells those of a machine from a voice's. What a burst means follows from its frequencies, its length and what is
//! around it: `fax`, `network`, `sit`, and what is left may be a `beep`.
#![forbid(unsafe_code)]

mod beep;
mod bin_history;
mod burst;
mod context;
mod fax;
mod music;
mod network;
mod onset;
mod peaks;
mod sit;
mod steadiness;
mod tone;
mod track;
mod v21;

use self::beep::Beeps;
use self::bin_history::Peak;
use self::burst::Burst;
use self::context::Context;
use self::fax::Faxes;
use self::music::Music;
use self::network::Networks;
use self::sit::Sits;
use self::track::Track;
use self::v21::Preamble;
use super::fact::Fact;
use super::stft::{HOP, Spectrum};
use crate::time::Samples;

/// One stream's detector of tones.
#[derive(Clone, Debug, Default)]
pub struct Tones {
    track: Track,
    scene: Context,
    melody: Music,
    beeps: Beeps,
    faxes: Faxes,
    preamble: Preamble,
    networks: Networks,
    sits: Sits,
}

impl Tones {
    /// Sees one hop. Answers since when what sounds now is a tone and no voice, if it is.
    pub fn process(&mut self, spectrum: &Spectrum, facts: &mut Vec<Fact>) -> Option<Samples> {
        let now = spectrum.at + HOP as Samples;
        if let Some((burst, fine)) = self.track.see(spectrum) {
            self.over(burst, &fine, now, facts);
        }
        facts.extend(self.preamble.see(spectrum).map(Fact::Fax));
        let flags = self.preamble.sounds(now);
        let noise = self.scene.noise();
        let live = self.track.live().filter(|live| {
            steadiness::is_steady(live, noise)
                || steadiness::is_answer(live, noise)
                || steadiness::is_beating(live, noise)
        });
        let maybe = self.track.since().is_some();
        self.scene
            .hear(spectrum, maybe, live.is_some() || flags.is_some());
        if let Some(live) = &live {
            self.lasts(live, now, facts);
        }
        facts.extend(self.faxes.see(spectrum, &self.scene).map(Fact::Fax));
        facts.extend(self.beeps.see(spectrum, &self.scene).map(Fact::Beep));
        flags.or(live.map(|live| live.start))
    }

    /// A burst lasts.
    fn lasts(&mut self, live: &Burst, now: Samples, facts: &mut Vec<Fact>) {
        self.beeps.sounds(live);
        if let Some(line) = self.track.line() {
            facts.extend(self.faxes.sounds(live, line, now).map(Fact::Fax));
        }
        let fine = || self.track.fine();
        let dial = self.networks.sounds(live, fine, self.scene.noise(), now);
        facts.extend(dial.map(Fact::Network));
    }

    /// A burst is over.
    fn over(&mut self, burst: Burst, fine: &[Peak; 3], now: Samples, facts: &mut Vec<Fact>) {
        facts.extend(self.sits.add(&burst).map(Fact::Network));
        let (is_fax, fax) = self.faxes.add(&burst, &self.scene, now);
        facts.extend(fax.map(Fact::Fax));
        let notes = self.melody.add(&burst);
        let (is_network, network) =
            self.networks
                .add(&burst, fine, &self.scene, notes >= music::MELODY);
        facts.extend(network.map(Fact::Network));
        if !is_fax && !is_network {
            let most = if steadiness::is_immaculate(&burst, self.scene.noise()) {
                music::MELODY_STEADY
            } else {
                music::MELODY
            };
            self.beeps.add(burst, &self.scene, notes >= most);
        }
    }

    /// The stream is over.
    pub fn finish(&mut self, now: Samples, facts: &mut Vec<Fact>) {
        if let Some(burst) = self.track.live() {
            let fine = self.track.fine();
            self.over(burst, &fine, now, facts);
        }
        facts.extend(self.beeps.finish().map(Fact::Beep));
    }
}
