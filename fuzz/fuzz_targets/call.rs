//! A call as a script of commands and audio. Each job that starts ends once, times never go back, the file of a recording has the bytes
//! that its end states, and the division of the audio into writes changes neither events nor files.
#![no_main]

use earwig_core::call::Call;
use earwig_core::codec::Encoder;
use earwig_core::event::Event;
use earwig_core::job::dtmf::DtmfOptions;
use earwig_core::job::machine::MachineOptions;
use earwig_core::job::options::{parse_dtmf, parse_machine, parse_recorder};
use earwig_core::job::recorder::{RecorderOptions, RecordingStart};
use earwig_core::time::{RATE_HZ, Samples, from_ms};
use earwig_core::types::RecorderCause;
use earwig_fuzz::Input;
use earwig_fuzz::script::{Step, samples, steps};
use libfuzzer_sys::fuzz_target;

const RATES_HZ: [u32; 4] = [8000, 16000, 32000, 48000];
const KEYS: &[u8; 16] = b"123A456B789C*0#D";

fn examples() -> Vec<Vec<u8>> {
    // Steps: 0 audio (sound, length), 8 answer, 9 hang up, 10 collect, 14 inject, 15 record (options, stall), 18 detect.
    let key = |n: u8| [0, 1 + 6 * n, 8, 0, 0, 8];
    vec![
        [
            &[0, 0, 20, 8, 10, 1],
            key(0).as_slice(),
            &key(5),
            &key(10),
            &[9],
        ]
        .concat(),
        vec![
            1, 0, 33, 8, 18, 1, 0, 4, 255, 0, 0, 200, 0, 20, 40, 0, 0, 255, 9,
        ],
        vec![
            2, 3, 7, 8, 15, 7, 0, 0, 132, 100, 16, 0, 0, 132, 50, 16, 1, 6, 40, 0, 4, 90, 17, 9,
        ],
        vec![0, 1, 160, 8, 18, 2, 0, 38, 250, 0, 0, 100],
        vec![
            3, 0, 1, 8, 10, 2, 15, 1, 1, 18, 4, 14, 3, 80, 0, 4, 150, 7, 50, 14, 14, 90, 9,
        ],
        vec![
            0, 0, 99, 8, 15, 5, 0, 0, 0, 60, 0, 4, 60, 0, 19, 10, 0, 0, 200,
        ],
    ]
}

/// A recording: the bytes of its file, and the options and end as text.
#[derive(Debug, Default, PartialEq)]
struct File {
    bytes: Vec<u8>,
    end: String,
}

/// A call that is carried out, with all that came of it.
struct Run {
    call: Call,
    rates_hz: [u32; 2],
    /// Samples at 8 kHz of each write.
    chunk: usize,
    /// Numbers of the jobs that run: collection, recording, detection.
    running: [Option<u64>; 3],
    number: u64,
    clock: Samples,
    last: Samples,
    events: Vec<String>,
    files: Vec<File>,
    layout: Option<earwig_core::codec::Layout>,
}

impl Run {
    fn new(rates_hz: [u32; 2], chunk: usize) -> Self {
        Self {
            call: Call::new(rates_hz).expect("a call"),
            rates_hz,
            chunk,
            running: [None; 3],
            number: 0,
            clock: 0,
            last: 0,
            events: Vec::new(),
            files: Vec::new(),
            layout: None,
        }
    }

    /// A new number for the job at `slot`, unless one runs.
    fn start(&mut self, slot: usize) -> Option<u64> {
        if self.running[slot].is_some() {
            return None;
        }
        self.number += 1;
        self.running[slot] = Some(self.number);
        self.running[slot]
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Audio { sound, tx, ms } => {
                let rx = samples(sound, ms, self.rates_hz[0]);
                let other = samples(sound, if tx { ms } else { 0 }, self.rates_hz[1]);
                let parts = |n: u32| self.chunk * (n / RATE_HZ) as usize;
                let mut other = other.chunks(parts(self.rates_hz[1]));
                for part in rx.chunks(parts(self.rates_hz[0])) {
                    self.call.rx(part);
                    if let Some(part) = other.next() {
                        self.call.tx(part);
                    }
                    self.collect();
                }
            }
            Step::Gap { ms } => {
                self.call.rx_gap(u64::from(ms * self.rates_hz[0] / 1000));
            }
            Step::Stall { ms } => self.call.stall(from_ms(ms.into())),
            Step::Answer => self.call.answer(),
            Step::HangUp => self.call.hangup(),
            Step::StartDtmf(text) => {
                let options = parse_dtmf(text, DtmfOptions::default()).expect("options");
                if let Some(number) = self.start(0) {
                    self.call.start_dtmf(number, options);
                }
            }
            Step::StopDtmf => {
                if let Some(number) = self.running[0] {
                    self.call.stop_dtmf(number);
                }
            }
            Step::ClearDigits => self.call.clear_digits(),
            Step::Inject { key, ms } => self.call.inject(KEYS[usize::from(key)], ms),
            Step::StartRecorder(text, stall_ms) => {
                let options = parse_recorder(text, RecorderOptions::default()).expect("options");
                if let Some(number) = self.start(1) {
                    let layout = options.layout().expect("a layout");
                    self.layout = Some(layout);
                    self.files.push(File::default());
                    let encoder = Encoder::new(layout);
                    let start = RecordingStart {
                        options,
                        layout,
                        encoder,
                        before: 0,
                        stall_ms,
                    };
                    self.call.start_recorder(number, start);
                }
            }
            Step::Control(control) => self.call.control_recorder(control),
            Step::StopRecorder => self.call.end_recording(RecorderCause::Aborted),
            Step::StartMachine(text) => {
                let options = parse_machine(text, MachineOptions::default()).expect("options");
                if let Some(number) = self.start(2) {
                    self.call.start_machine(number, options, false);
                }
            }
            Step::StopMachine => self.call.stop_machine(self.running[2]),
            Step::AddWords(text) => {
                if let Some(number) = self.running[2] {
                    self.call.add_words(number, text, self.call.clock());
                }
            }
            Step::Progress => {
                let progress = self.call.machine_progress();
                assert_eq!(progress.is_some(), self.running[2].is_some());
            }
        }
        self.collect();
    }

    /// What a worker does after each round.
    fn collect(&mut self) {
        self.call.advance_recording();
        if let Some(bytes) = self.call.recording_bytes() {
            let file = self.files.last_mut().expect("a recording runs");
            file.bytes.append(bytes);
        }
        if let Some(mut end) = self.call.take_recording_end() {
            let layout = self.layout.take().expect("a recording runs");
            let file = self.files.last_mut().expect("a recording runs");
            file.bytes.append(&mut end.bytes);
            let samples = end.samples.expect("no fault");
            assert!(
                layout.bytes(samples) <= file.bytes.len() as u64,
                "{layout:?} {end:?}"
            );
            assert!(
                end.started <= end.ended && end.ended <= self.call.clock(),
                "{end:?}"
            );
            file.end = format!("{layout:?} {end:?}");
            assert!(self.running[1].take().is_some());
        }
        assert_eq!(self.call.recording(), self.running[1]);
        let clock = self.call.clock();
        assert!(clock >= self.clock);
        self.clock = clock;
        assert!(self.call.buffer().len() <= 32);
        let events: Vec<Event> = self.call.events().drain(..).collect();
        for event in events {
            match &event {
                Event::Digit { at, .. }
                | Event::DigitEnd { at, .. }
                | Event::Machine { at, .. }
                | Event::MachineProvisional { at, .. }
                | Event::MachineBeep { at, .. } => {
                    assert!(
                        self.last <= *at && *at <= clock,
                        "{event:?} after {}, at {clock}",
                        self.last
                    );
                    self.last = *at;
                }
                Event::DtmfEnded { job, result } => {
                    assert_eq!(self.running[0].take(), Some(*job), "{event:?}");
                    assert!(
                        result.started <= result.ended && result.ended <= clock,
                        "{event:?} {clock}"
                    );
                }
                Event::MachineEnded { job, result } => {
                    assert_eq!(self.running[2].take(), Some(*job), "{event:?}");
                    assert!(result.ended <= clock, "{event:?}");
                }
                Event::RecorderEnded { .. } => panic!("{event:?}: the engine makes this event"),
            }
            self.events.push(format!("{event:?}"));
        }
    }
}

fuzz_target!(init: earwig_fuzz::write_examples(examples()), |data: &[u8]| {
    let mut input = Input(data);
    let rates_hz = [input.one_of(&RATES_HZ), input.one_of(&RATES_HZ)];
    let chunk = 1 + 5 * input.below(256);
    let mut steps = steps(&mut input);
    steps.push(Step::HangUp);
    let mut whole = Run::new(rates_hz, usize::MAX / 8);
    let mut parts = Run::new(rates_hz, chunk);
    for &step in &steps {
        whole.step(step);
        parts.step(step);
    }
    assert_eq!((whole.running, parts.running), ([None; 3], [None; 3]), "a job did not end");
    assert_eq!(whole.events, parts.events);
    assert_eq!(whole.files, parts.files);
});
