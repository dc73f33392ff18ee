//! Tones that are no digits: a voicemail's beep, fax machines, the network.
#![forbid(unsafe_code)]

mod beep;
mod fax;
mod line;
mod look;
mod scene;
mod shape;
mod track;

use self::beep::Beeps;
use self::fax::Faxes;
use self::scene::Scene;
use self::track::{Burst, Track};
use super::ear::{HOP, Sight};
use super::heard::Heard;
use crate::time::Samples;

/// One stream's detector of tones.
#[derive(Clone, Debug, Default)]
pub struct Tones {
    track: Track,
    scene: Scene,
    beeps: Beeps,
    faxes: Faxes,
}

impl Tones {
    /// Sees one hop. Answers since when what sounds now is a tone and no voice, if it is.
    pub fn see(&mut self, sight: &Sight, heard: &mut Vec<Heard>) -> Option<Samples> {
        let now = sight.at + HOP as Samples;
        if let Some(burst) = self.track.see(sight) {
            self.over(burst, now, heard);
        }
        let live = self.track.live();
        let noise = self.scene.noise();
        let sure =
            live.filter(|live| shape::is_steady(live, noise) || shape::is_answer(live, noise));
        self.scene
            .hear(sight, self.track.since().is_some(), sure.is_some());
        if let (Some(live), Some((line, _))) = (&sure, self.track.line()) {
            self.beeps.sounds(live);
            heard.extend(self.faxes.sounds(live, line, now).map(Heard::Fax));
        }
        heard.extend(self.faxes.see(sight, &self.scene).map(Heard::Fax));
        heard.extend(self.beeps.see(sight, &self.scene).map(Heard::Beep));
        sure.map(|live| live.start)
    }

    fn over(&mut self, burst: Burst, now: Samples, heard: &mut Vec<Heard>) {
        let (is_fax, fax) = self.faxes.add(&burst, &self.scene, now);
        heard.extend(fax.map(Heard::Fax));
        if !is_fax {
            self.beeps.add(burst, &self.scene);
        }
    }

    /// The stream is over.
    pub fn finish(&mut self, now: Samples, heard: &mut Vec<Heard>) {
        if let Some(burst) = self.track.live() {
            self.over(burst, now, heard);
        }
        heard.extend(self.beeps.finish().map(Heard::Beep));
    }
}
