//! Recordings read back by ffmpeg and SoX; the codecs and the resampler against their standards. `scripts/deps.sh` installs both
//! tools; the tests fail without them.

use earwig::engine::{ChannelOptions, Engine};
use earwig_core::codec::{Decoder, Encoder, Layout, RATES_HZ, g711, wav};
use earwig_core::dsp::resample::Resampler;
use earwig_core::job::recorder::RecorderOptions;
use earwig_core::types::RecorderFormat::{self, Alaw, Ima, Oki, S16bit, U8bit, Ulaw};
use earwig_core::types::{RecorderCause, RecorderSource, Stream};
use std::f64::consts::TAU;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A folder of one test; dropping it removes it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("earwig-{name}-{}", std::process::id()));
        fs::create_dir(&path).expect("a folder for the test");
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs a tool and returns its stdout. Panics if it is missing, fails, or writes to stderr.
#[track_caller]
fn run<S: AsRef<std::ffi::OsStr>>(tool: &str, arguments: &[S]) -> Vec<u8> {
    let output = Command::new(tool)
        .args(arguments)
        .output()
        .unwrap_or_else(|e| panic!("{tool} is needed (scripts/deps.sh installs it): {e}"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && stderr.trim().is_empty(),
        "{tool}: {stderr}"
    );
    output.stdout
}

/// One run of ffmpeg from many files to many; `to` holds each output and the arguments before it.
fn ffmpeg(from: &[PathBuf], to: &[(Vec<&str>, PathBuf)]) {
    let mut all: Vec<String> = ["-v", "error", "-nostdin", "-y"].map(String::from).into();
    for path in from {
        all.extend(["-i".into(), path.display().to_string()]);
    }
    for (n, (arguments, path)) in to.iter().enumerate() {
        all.extend(["-map".into(), format!("{}:a", n * from.len() / to.len())]);
        all.extend(arguments.iter().map(|s| String::from(*s)));
        all.push(path.display().to_string());
    }
    run("ffmpeg", &all);
}

fn samples_of(bytes: &[u8]) -> Vec<i16> {
    bytes
        .chunks_exact(2)
        .map(|b| i16::from_le_bytes([b[0], b[1]]))
        .collect()
}

/// Decodes all files in one run of ffmpeg.
fn decode_with_ffmpeg(paths: &[PathBuf]) -> Vec<Vec<i16>> {
    let raw: Vec<_> = paths
        .iter()
        .map(|p| (vec!["-f", "s16le"], p.with_extension("ffmpeg")))
        .collect();
    ffmpeg(paths, &raw);
    raw.iter()
        .map(|(_, p)| samples_of(&fs::read(p).expect("the output of ffmpeg")))
        .collect()
}

fn decode_with_sox(path: &Path) -> Vec<i16> {
    let path = path.to_str().expect("a plain path");
    samples_of(&run("sox", &["-D", "-V1", path, "-t", "s16", "-"]))
}

/// The length of the audio in samples, from ffprobe.
fn ffprobe(path: &Path) -> u64 {
    let path = path.to_str().expect("a plain path");
    let arguments = [
        "-v",
        "error",
        "-show_entries",
        "stream=duration_ts",
        "-of",
        "csv=p=0",
        path,
    ];
    let text = String::from_utf8(run("ffprobe", &arguments)).expect("text");
    text.trim()
        .parse()
        .unwrap_or_else(|_| panic!("{path}: {text:?}"))
}

/// Speech of a sample call at 8 kHz, scaled by 0.83: the file is u-law, and its samples would be encoded without error.
fn speech() -> Vec<i16> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/calls/speech-only.wav"
    );
    let file = fs::read(path).expect("a sample call");
    let parsed = wav::parse(&file).expect("a WAV file");
    let mut pcm = Vec::new();
    Decoder::new(parsed.layout).decode(&file[parsed.begins as usize..], &mut pcm);
    pcm.iter()
        .map(|&x| (f64::from(x) * 0.83).round() as i16)
        .collect()
}

fn resampled(pcm: &[i16], from_hz: u32, to_hz: u32) -> Vec<i16> {
    let (mut resampler, mut out) = (Resampler::new(from_hz, to_hz).expect("rates"), Vec::new());
    resampler.process(pcm, &mut out);
    resampler.finish(&mut out);
    out
}

/// The rate in Hz of the call for a recording at `rate_hz`.
fn call_hz(rate_hz: u32) -> u32 {
    match rate_hz {
        16_000 | 48_000 => rate_hz,
        _ => 8000,
    }
}

/// RX and TX of a call: different speech of 3 s and 139 samples, so that the last block is incomplete.
fn call(call_hz: u32) -> [Vec<i16>; 2] {
    let all = resampled(&speech(), 8000, call_hz);
    [1, 5].map(|second| all[second * call_hz as usize..][..3 * call_hz as usize + 139].to_vec())
}

/// The samples of a recording of [`call`] in this layout, interleaved.
fn audio(layout: Layout) -> Vec<i16> {
    let call_hz = call_hz(layout.rate_hz);
    let [rx, tx] = call(call_hz).map(|pcm| resampled(&pcm, call_hz, layout.rate_hz));
    match layout.channels {
        1 => rx,
        _ => rx.iter().zip(&tx).flat_map(|(&r, &t)| [r, t]).collect(),
    }
}

/// Records [`call`] in each of the layouts.
fn record(layouts: &[Layout], paths: &[PathBuf]) {
    let engine = Engine::new(1).expect("threads can be started");
    let recordings = layouts.iter().zip(paths).map(|(layout, path)| {
        let call_hz = call_hz(layout.rate_hz);
        let channel = engine
            .channel(ChannelOptions {
                rx_rate_hz: call_hz,
                tx_rate_hz: call_hz,
                ring_ms: 10_000,
                stall_ms: 0,
                ..ChannelOptions::default()
            })
            .expect("a channel");
        channel.answer().expect("it can be answered");
        let options = RecorderOptions {
            file_format: layout.format,
            rate_hz: layout.rate_hz,
            source: match layout.channels {
                1 => RecorderSource::Rx,
                _ => RecorderSource::Both,
            },
            max_bytes: 0,
            ..RecorderOptions::default()
        };
        channel.recorder_start(path, options).expect("a recording");
        let [rx, tx] = call(call_hz);
        // Frames of 20 ms, and of another length in the other direction.
        let mut tx = tx.chunks(call_hz as usize / 100 * 3);
        for frame in rx.chunks(call_hz as usize / 50) {
            channel.write(Stream::Rx, frame).expect("there is room");
            if let Some(frame) = tx.next() {
                channel.write(Stream::Tx, frame).expect("there is room");
            }
        }
        channel
            .recorder_stop(Some(Duration::ZERO))
            .expect("it stops");
        channel
    });
    for (channel, layout) in recordings.collect::<Vec<_>>().into_iter().zip(layouts) {
        let result = channel.recorder_wait(None).expect("it ends");
        let result = result.expect("a recording was started");
        let samples = audio(*layout).len() as u64 / u64::from(layout.channels);
        assert_eq!(result.cause, RecorderCause::Aborted, "{layout:?}");
        assert_eq!(result.bytes, layout.bytes(samples), "{layout:?}");
        channel.drop_handle();
    }
    engine
        .shutdown(Some(Duration::from_secs(10)))
        .expect("nothing is left");
}

fn encoded(layout: Layout, pcm: &[i16]) -> Vec<u8> {
    let (mut encoder, mut bytes) = (Encoder::new(layout), Vec::new());
    // Frames of 161 samples, an odd number.
    for frame in pcm.chunks(usize::from(layout.channels) * 161) {
        encoder.encode(frame, &mut bytes);
    }
    encoder.finish(&mut bytes);
    bytes
}

fn decoded(layout: Layout, bytes: &[u8]) -> Vec<i16> {
    let (mut decoder, mut pcm) = (Decoder::new(layout), Vec::new());
    decoder.decode(bytes, &mut pcm);
    decoder.finish(&mut pcm);
    pcm
}

fn write(path: &Path, layout: Layout, pcm: &[i16]) {
    let bytes = encoded(layout, pcm);
    let samples = pcm.len() as u64 / u64::from(layout.channels);
    let mut file = wav::header(layout, samples, bytes.len() as u64, false);
    file.extend(&bytes);
    file.resize(file.len().next_multiple_of(2), 0);
    fs::write(path, file).expect("a file in the test's folder");
}

/// Power of the signal over that of the difference, in dB.
fn snr(ideal: &[i16], read: &[i16]) -> f64 {
    let (mut signal, mut error) = (0.0, 0.0);
    for (&x, &y) in ideal.iter().zip(read) {
        signal += f64::from(x).powi(2);
        error += (f64::from(x) - f64::from(y)).powi(2);
    }
    10.0 * (signal / f64::max(error, 1e-9)).log10()
}

/// Each of [`RATES_HZ`], mono and two channels.
fn layouts(format: RecorderFormat) -> impl Iterator<Item = Layout> {
    RATES_HZ.into_iter().flat_map(move |rate_hz| {
        [1, 2].map(|channels| Layout::new(format, channels, rate_hz).expect("a layout"))
    })
}

/// Samples per channel that a decoder returns for a file of `samples`: ffmpeg and SoX also decode the padding behind the number of
/// samples in `fact`. A last IMA block is padded to a multiple of 8 samples behind its header, or ffmpeg refuses it.
fn padded(layout: Layout, samples: usize) -> usize {
    match (layout.format, layout.channels) {
        // 505 samples per block: one in its header, then runs of 8.
        (Ima, _) => {
            let rest = samples % 505;
            samples - rest
                + if rest == 0 {
                    0
                } else {
                    (rest - 1).next_multiple_of(8) + 1
                }
        }
        (Oki, 1) => samples.next_multiple_of(2),
        _ => samples,
    }
}

/// Arguments with which ffmpeg and SoX encode this format; ffmpeg has no OKI encoder.
fn encoder_arguments(
    format: RecorderFormat,
) -> (Option<&'static [&'static str]>, &'static [&'static str]) {
    match format {
        S16bit => (Some(&["-c:a", "pcm_s16le"]), &["-e", "signed", "-b", "16"]),
        U8bit => (Some(&["-c:a", "pcm_u8"]), &["-e", "unsigned", "-b", "8"]),
        Alaw => (Some(&["-c:a", "pcm_alaw"]), &["-e", "a-law"]),
        Ulaw => (Some(&["-c:a", "pcm_mulaw"]), &["-e", "mu-law"]),
        Ima => (
            Some(&["-c:a", "adpcm_ima_wav", "-block_size", "256"]),
            &["-e", "ima-adpcm"],
        ),
        Oki => (None, &["-t", "vox"]),
    }
}

/// Checks lengths, samples and SNR of one format at all rates, with one channel and two.
fn check_format(format: RecorderFormat) {
    let folder = Folder::new(&format!("formats-{format:?}"));
    let layouts: Vec<Layout> = layouts(format).collect();
    let name =
        |l: &Layout, what: &str| folder.file(&format!("{}-{}-{what}.wav", l.rate_hz, l.channels));
    let audio: Vec<_> = layouts.iter().map(|l| audio(*l)).collect();
    let ours: Vec<_> = layouts.iter().map(|l| name(l, "earwig")).collect();
    let plain: Vec<_> = layouts.iter().map(|l| name(l, "plain")).collect();
    for (n, layout) in layouts.iter().enumerate() {
        let s16 = Layout {
            format: S16bit,
            ..*layout
        };
        write(&plain[n], s16, &audio[n]);
    }
    record(&layouts, &ours);
    // dB. ffmpeg's G.711 rounds where ITU-T's tables truncate: its SNR differs by up to 0.1 dB.
    let tolerance = if matches!(format, Alaw | Ulaw) {
        0.1
    } else {
        0.005
    };
    let read = decode_with_ffmpeg(&ours);
    let (ffmpeg_arguments, sox_arguments) = encoder_arguments(format);
    let ffmpeg_encoded = ffmpeg_arguments.map(|arguments| {
        let theirs: Vec<_> = layouts
            .iter()
            .map(|l| (arguments.to_vec(), name(l, "ffmpeg")))
            .collect();
        ffmpeg(&plain, &theirs);
        decode_with_ffmpeg(&theirs.into_iter().map(|t| t.1).collect::<Vec<_>>())
    });
    for (n, layout) in layouts.iter().enumerate() {
        let channels = usize::from(layout.channels);
        let samples = audio[n].len() / channels;
        let expected = decoded(*layout, &encoded(*layout, &audio[n]));
        assert_eq!(
            expected.len(),
            padded(*layout, samples) * channels,
            "{layout:?}"
        );
        assert!(
            read[n] == expected,
            "{layout:?}: ffmpeg decodes other samples"
        );
        // ffprobe reports the length in `fact`, except for OKI, where it computes it from the bytes.
        let probed = if format == Oki {
            padded(*layout, samples)
        } else {
            samples
        };
        assert_eq!(ffprobe(&ours[n]), probed as u64, "{layout:?}");
        // SoX reads OKI only without a WAV header and with one channel.
        let sox = if format != Oki {
            Some(decode_with_sox(&ours[n]))
        } else if channels == 1 {
            let raw = folder.file("raw.vox");
            fs::write(&raw, encoded(*layout, &audio[n])).expect("a file");
            Some(samples_of(&run(
                "sox",
                &[
                    "-D",
                    "-V1",
                    "-r",
                    &layout.rate_hz.to_string(),
                    raw.to_str().expect("a path"),
                    "-t",
                    "s16",
                    "-",
                ],
            )))
        } else {
            None
        };
        if let Some(sox) = sox {
            assert_eq!(sox.len(), expected.len(), "{layout:?}: SoX");
            // SoX rounds each term of an IMA difference on its own.
            if format == Ima {
                assert!(snr(&expected, &sox) > 35.0, "{layout:?}: SoX");
            } else {
                assert!(sox == expected, "{layout:?}: SoX decodes other samples");
            }
        }
        let our_snr = snr(&audio[n], &expected);
        if let Some(theirs) = &ffmpeg_encoded {
            let snr = snr(&audio[n], &theirs[n]);
            assert!(
                our_snr >= snr - tolerance,
                "{layout:?}: {our_snr} dB, ffmpeg {snr}"
            );
        }
        if format != Oki || channels == 1 {
            let (from, to) = (plain[n].to_str().expect("a path"), name(layout, "sox"));
            let to = to.to_str().expect("a path");
            run(
                "sox",
                &[&["-D", "-V1", from][..], sox_arguments, &[to]].concat(),
            );
            let theirs = if format == Oki {
                let rate = layout.rate_hz.to_string();
                samples_of(&run(
                    "sox",
                    &["-D", "-V1", "-t", "vox", "-r", &rate, to, "-t", "s16", "-"],
                ))
            } else {
                decode_with_sox(Path::new(to))
            };
            let snr = snr(&audio[n], &theirs);
            assert!(
                our_snr >= snr - tolerance,
                "{layout:?}: {our_snr} dB, SoX {snr}"
            );
        }
    }
}

#[test]
fn alaw_is_read_back() {
    check_format(Alaw);
}

#[test]
fn ulaw_is_read_back() {
    check_format(Ulaw);
}

#[test]
fn oki_is_read_back() {
    check_format(Oki);
}

#[test]
fn ima_is_read_back() {
    check_format(Ima);
}

#[test]
fn s16bit_is_read_back() {
    check_format(S16bit);
}

#[test]
fn u8bit_is_read_back() {
    check_format(U8bit);
}

/// Lengths around the ends of runs of 8 samples and of blocks of 505.
#[test]
fn recordings_of_any_length_are_read_back() {
    let folder = Folder::new("lengths");
    let pcm = call(8000)[0].repeat(2);
    for format in [Ima, Oki, Alaw] {
        let mut files = Vec::new();
        let lengths = [1, 2, 7, 8, 9, 10, 504, 505, 506, 513, 514, 1010, 1011, 1019];
        for (channels, samples) in [1u16, 2].iter().flat_map(|&c| lengths.map(|n| (c, n))) {
            let layout = Layout::new(format, channels, 8000).expect("a layout");
            let path = folder.file(&format!("{format:?}-{channels}-{samples}.wav"));
            let pcm = &pcm[..samples * usize::from(channels)];
            write(&path, layout, pcm);
            files.push((path, decoded(layout, &encoded(layout, pcm))));
        }
        let paths: Vec<_> = files.iter().map(|f| f.0.clone()).collect();
        for (read, (path, expected)) in decode_with_ffmpeg(&paths).iter().zip(&files) {
            assert!(
                read == expected,
                "{}: {} samples, not {}",
                path.display(),
                read.len(),
                expected.len()
            );
        }
    }
}

/// ITU-T G.191, `alaw_compress`.
fn g191_alaw(x: i16) -> u8 {
    let mut ix = (if x < 0 { !x } else { x }) >> 4;
    if ix > 15 {
        let mut iexp = 1;
        while ix > 16 + 15 {
            ix >>= 1;
            iexp += 1;
        }
        ix -= 16;
        ix += iexp << 4;
    }
    if x >= 0 {
        ix |= 0x80;
    }
    (ix ^ 0x55) as u8
}

/// ITU-T G.191, `ulaw_compress`.
fn g191_ulaw(x: i16) -> u8 {
    let absno = (((if x < 0 { !x } else { x }) >> 2) + 33).min(0x1fff);
    let (mut i, mut segno) = (absno >> 6, 1);
    while i != 0 {
        segno += 1;
        i >>= 1;
    }
    let high_nibble = 8 - segno;
    let low_nibble = 15 - ((absno >> segno) & 15);
    ((high_nibble << 4 | low_nibble) | if x >= 0 { 0x80 } else { 0 }) as u8
}

/// ITU-T G.191, `alaw_expand`.
fn g191_alaw_expand(code: u8) -> i16 {
    let ix = i16::from((code ^ 0x55) & 0x7f);
    let iexp = ix >> 4;
    let mut mant = ix & 15;
    if iexp > 0 {
        mant += 16;
    }
    mant = (mant << 4) + 8;
    if iexp > 1 {
        mant <<= iexp - 1;
    }
    if code > 127 { mant } else { -mant }
}

/// ITU-T G.191, `ulaw_expand`.
fn g191_ulaw_expand(code: u8) -> i16 {
    let sign = if code < 0x80 { -1 } else { 1 };
    let mantissa = !code;
    let exponent = mantissa >> 4 & 7;
    let step = 4i16 << (exponent + 1);
    sign * ((0x80i16 << exponent) + step * i16::from(mantissa & 15) + step / 2 - 4 * 33)
}

#[test]
fn g711_equals_itu_t_g191_for_every_input() {
    let all: Vec<i16> = (i16::MIN..=i16::MAX).collect();
    let (mut alaw, mut ulaw) = (Vec::new(), Vec::new());
    g711::encode_alaw(&all, &mut alaw);
    g711::encode_ulaw(&all, &mut ulaw);
    for (n, &x) in all.iter().enumerate() {
        assert_eq!(alaw[n], g191_alaw(x), "A-law {x}");
        assert_eq!(ulaw[n], g191_ulaw(x), "u-law {x}");
    }
    for code in 0..=255 {
        assert_eq!(
            g711::decode_alaw(code),
            g191_alaw_expand(code),
            "A-law {code}"
        );
        assert_eq!(
            g711::decode_ulaw(code),
            g191_ulaw_expand(code),
            "u-law {code}"
        );
    }
}

/// Each rate of a call with each other rate of a recording, in Hz.
fn rate_pairs() -> impl Iterator<Item = (u32, u32)> {
    [8000, 16_000, 32_000, 48_000]
        .into_iter()
        .flat_map(|from| RATES_HZ.map(|to| (from, to)))
        .filter(|(from, to)| from != to)
}

/// Tones in the pass band (up to 85 % of the lower Nyquist frequency) keep level and phase; tones in the stop band (above 115 %)
/// vanish: both with an error 85 dB below the tone.
#[test]
fn the_resampler_has_an_snr_of_85_db() {
    const AMPLITUDE: f64 = 29_200.0;
    for (from, to) in rate_pairs() {
        let nyquist = f64::from(from.min(to)) / 2.0;
        let pass = [0.02, 0.3, 0.55, 0.7, 0.8, 0.85];
        let stop = [1.15, 1.2, 1.3, 1.6, 2.2, 3.1, 4.7, 6.3];
        for part in pass.into_iter().chain(stop) {
            let hz = part * nyquist;
            if hz > f64::from(from) / 2.0 * 0.97 {
                continue;
            }
            let at = |n: usize, rate: u32| {
                AMPLITUDE * (TAU * hz * n as f64 / f64::from(rate) + 0.7).sin()
            };
            let pcm: Vec<i16> = (0..from as usize / 4)
                .map(|n| at(n, from).round() as i16)
                .collect();
            let (mut resampler, mut out) = (Resampler::new(from, to).expect("rates"), Vec::new());
            // Chunks of many sizes, 1 to 331 samples.
            let mut rest = &pcm[..];
            for chunk in (1..).map(|n| 1 + n * 37 % 331) {
                let (now, later) = rest.split_at(chunk.min(rest.len()));
                resampler.process(now, &mut out);
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            resampler.finish(&mut out);
            // Without the ends, where the filter rings.
            let steady = out.len() / 4..out.len() * 3 / 4;
            let error: f64 = steady
                .clone()
                .map(|n| f64::from(out[n]) - if part < 1.0 { at(n, to) } else { 0.0 })
                .map(|e| e * e)
                .sum();
            let signal = AMPLITUDE * AMPLITUDE / 2.0 * steady.len() as f64;
            let db = 10.0 * (signal / error.max(1e-9)).log10();
            assert!(db >= 85.0, "{from} to {to}, {hz:.0} Hz: {db:.1} dB");
        }
    }
}

#[test]
fn the_chunk_size_does_not_change_the_resampled_bytes() {
    let speech = speech();
    for (from, to) in rate_pairs() {
        let pcm = &speech[8000..][..from as usize / 8 + 77];
        let whole = resampled(pcm, from, to);
        for chunk in [1, 2, 7, 160, 161, 441, 1024] {
            let (mut resampler, mut out) = (Resampler::new(from, to).expect("rates"), Vec::new());
            for chunk in pcm.chunks(chunk) {
                resampler.process(chunk, &mut out);
                resampler.process(&[], &mut out);
            }
            resampler.finish(&mut out);
            assert!(out == whole, "{from} to {to} in chunks of {chunk}");
        }
    }
}

/// Output sample k stands for the time k / to; each such time within the input has a sample.
#[test]
fn the_resampled_length_is_exact() {
    let silence = vec![0; 50_000];
    for (from, to) in rate_pairs() {
        for count in [0, 1, 2, 3, 79, 80, 159, 160, 161, 1001, from as usize] {
            let expected = (count as u64 * u64::from(to)).div_ceil(u64::from(from));
            let out = resampled(&silence[..count], from, to);
            assert_eq!(out.len() as u64, expected, "{count} from {from} to {to}");
        }
    }
}

/// A sparse file, which takes no space on the disk.
#[test]
fn a_recording_over_4_gib_is_rf64() {
    let folder = Folder::new("rf64");
    for (format, channels, rate) in [(S16bit, 2, 48_000), (Alaw, 1, 8000), (Ima, 1, 8000)] {
        let layout = Layout::new(format, channels, rate).expect("a layout");
        let samples = layout.samples(5 << 30);
        let bytes = layout.bytes(samples);
        assert!(bytes > 1 << 32 && wav::may_be_large(bytes));
        let path = folder.file(&format!("{format:?}.wav"));
        // With a chunk after the audio, such as an HMAC.
        let header = wav::header_before(layout, samples, bytes, true, 40);
        assert_eq!(&header[..4], b"RF64");
        fs::write(&path, &header).expect("a header");
        let file = fs::OpenOptions::new()
            .write(true)
            .open(&path)
            .expect("the file");
        let end = header.len() as u64 + bytes.next_multiple_of(2);
        file.write_all_at(b"hmac\x20\0\0\0", end)
            .and_then(|()| file.set_len(end + 40))
            .expect("a sparse file");
        assert_eq!(ffprobe(&path), samples, "{format:?}");
        let parsed = wav::parse(&header).expect("its own header");
        assert_eq!(
            (parsed.samples, parsed.bytes),
            (samples, bytes),
            "{format:?}"
        );
    }
}

/// A header with room for RF64 is readable if the file stays small.
#[test]
fn a_small_file_with_room_for_rf64_is_read_back() {
    let folder = Folder::new("small");
    let layout = Layout::new(Alaw, 1, 8000).expect("a layout");
    let pcm = audio(layout);
    let mut bytes = encoded(layout, &pcm);
    let mut file = wav::header(layout, pcm.len() as u64, bytes.len() as u64, true);
    let expected = decoded(layout, &bytes);
    file.append(&mut bytes);
    file.resize(file.len().next_multiple_of(2), 0);
    let path = folder.file("small.wav");
    fs::write(&path, file).expect("a file");
    assert!(decode_with_ffmpeg(std::slice::from_ref(&path))[0] == expected);
    assert!(decode_with_sox(&path) == expected);
    assert_eq!(ffprobe(&path), pcm.len() as u64);
}
