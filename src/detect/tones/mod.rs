//! Tones that are no digits: a voicemail's beep, fax machines, the network.
//!
//! `look` finds peaks in one spectrum; `track` follows them into bursts of one or two steady tones (`rise`, `tone`, `burst`);
//! `shape` tells those of a machine from a voice's. What a burst means follows from its frequencies, its length and what is
//! around it: `fax`, `network`, `sit`, and what is left may be a `beep`.
#![forbid(unsafe_code)]

mod beep;
mod burst;
mod fax;
mod line;
mod look;
mod melody;
mod network;
mod rise;
mod scene;
mod shape;
mod sit;
mod tone;
mod track;
mod v21;

use self::beep::Beeps;
use self::burst::Burst;
use self::fax::Faxes;
use self::line::Peak;
use self::melody::Melody;
use self::network::Networks;
use self::scene::Scene;
use self::sit::Sits;
use self::track::Track;
use self::v21::Preamble;
use super::ear::{HOP, Sight};
use super::heard::Heard;
use crate::time::Samples;

/// One stream's detector of tones.
#[derive(Clone, Debug, Default)]
pub struct Tones {
    track: Track,
    scene: Scene,
    melody: Melody,
    beeps: Beeps,
    faxes: Faxes,
    preamble: Preamble,
    networks: Networks,
    sits: Sits,
}

impl Tones {
    /// Sees one hop. Answers since when what sounds now is a tone and no voice, if it is.
    pub fn see(&mut self, sight: &Sight, heard: &mut Vec<Heard>) -> Option<Samples> {
        let now = sight.at + HOP as Samples;
        if let Some((burst, fine)) = self.track.see(sight) {
            self.over(burst, &fine, now, heard);
        }
        heard.extend(self.preamble.see(sight).map(Heard::Fax));
        let flags = self.preamble.sounds(now);
        let noise = self.scene.noise();
        let live = self.track.live().filter(|live| {
            shape::is_steady(live, noise)
                || shape::is_answer(live, noise)
                || shape::is_beating(live, noise)
        });
        let maybe = self.track.since().is_some();
        self.scene
            .hear(sight, maybe, live.is_some() || flags.is_some());
        if let Some(live) = &live {
            self.lasts(live, now, heard);
        }
        heard.extend(self.faxes.see(sight, &self.scene).map(Heard::Fax));
        heard.extend(self.beeps.see(sight, &self.scene).map(Heard::Beep));
        flags.or(live.map(|live| live.start))
    }

    /// A burst lasts.
    fn lasts(&mut self, live: &Burst, now: Samples, heard: &mut Vec<Heard>) {
        self.beeps.sounds(live);
        if let Some(line) = self.track.line() {
            heard.extend(self.faxes.sounds(live, line, now).map(Heard::Fax));
        }
        let fine = || self.track.fine();
        let dial = self.networks.sounds(live, fine, self.scene.noise(), now);
        heard.extend(dial.map(Heard::Network));
    }

    /// A burst is over.
    fn over(&mut self, burst: Burst, fine: &[Peak; 3], now: Samples, heard: &mut Vec<Heard>) {
        heard.extend(self.sits.add(&burst).map(Heard::Network));
        let (is_fax, fax) = self.faxes.add(&burst, &self.scene, now);
        heard.extend(fax.map(Heard::Fax));
        let notes = self.melody.add(&burst);
        let (is_network, network) =
            self.networks
                .add(&burst, fine, &self.scene, notes >= melody::MELODY);
        heard.extend(network.map(Heard::Network));
        if !is_fax && !is_network {
            let most = if shape::is_immaculate(&burst, self.scene.noise()) {
                melody::MELODY_STEADY
            } else {
                melody::MELODY
            };
            self.beeps.add(burst, &self.scene, notes >= most);
        }
    }

    /// The stream is over.
    pub fn finish(&mut self, now: Samples, heard: &mut Vec<Heard>) {
        if let Some(burst) = self.track.live() {
            let fine = self.track.fine();
            self.over(burst, &fine, now, heard);
        }
        heard.extend(self.beeps.finish().map(Heard::Beep));
    }
}
