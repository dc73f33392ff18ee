//! Channels that are made and freed.

use super::{Scale, Scenario, end_engine, freed};
use crate::outcome::{figure, none, note};
use crate::process::{Folder, descriptors, resident, threads};
use crate::recordings::{call, frame, overwriting};
use earwig::engine::{Engine, live_handles};
use earwig_core::job::dtmf::DtmfOptions;
use earwig_core::job::machine::MachineOptions;
use earwig_core::types::Stream;
use std::time::{Duration, Instant};

pub const SCENARIO: Scenario = Scenario {
    name: "churn",
    title: "100,000 channels made and freed",
    text: "In batches of 500: each channel is answered, starts a job (a collection or a detection; every 25th a recording), hears a frame and is \
freed while its job runs. Memory and descriptors at the end are compared with those after the first tenth.",
    run,
};

const BATCH: usize = 500;

/// Largest growth of resident memory after the first tenth, bytes: 90 bytes for each channel.
const GROWTH: u64 = 8 << 20;

fn run(scale: Scale) {
    let batches = scale.pick(20, 200);
    let folder = Folder::new(&std::env::temp_dir(), "earwig-churn");
    let engine = Engine::new(0).expect("an engine");
    let mut after_a_tenth = (0, 0, 0);
    let begun = Instant::now();
    for batch in 0..batches {
        let channels: Vec<_> = (0..BATCH)
            .map(|n| {
                let channel = call(&engine, 500);
                match n % 25 {
                    0 => {
                        let path = folder.file(&format!("{n}.wav"));
                        // The name is that of the batch before, whose file may not be finished.
                        let _ = channel.recorder_start(&path, overwriting(n / 25));
                    }
                    n if n % 2 == 0 => channel
                        .machine_start(MachineOptions::default())
                        .expect("a detection"),
                    _ => drop(
                        channel
                            .dtmf_start(DtmfOptions::default())
                            .expect("a collection"),
                    ),
                }
                channel
            })
            .collect();
        for (n, channel) in channels.iter().enumerate() {
            channel
                .write(Stream::Rx, &frame(n, batch))
                .expect("room for a frame");
        }
        channels.iter().for_each(|c| c.drop_handle());
        drop(channels);
        freed(1, Duration::from_secs(20));
        if (batch + 1) * 10 == batches {
            after_a_tenth = (resident(), descriptors(), threads());
        }
    }
    let took = begun.elapsed().as_secs_f64();
    note(
        "channels",
        &format!(
            "{}, {:.0} each second",
            batches * BATCH,
            (batches * BATCH) as f64 / took
        ),
    );
    let (memory, open, running) = after_a_tenth;
    let now = resident();
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    note(
        "memory after a tenth, and at the end",
        &format!("{:.1} MiB, {:.1} MiB", mib(memory), mib(now)),
    );
    let growth = now.saturating_sub(memory);
    figure(
        "growth of memory",
        &format!("{:.1} MiB", mib(growth)),
        &format!("{:.0} MiB", mib(GROWTH)),
        growth <= GROWTH,
    );
    none(
        "descriptors more than after a tenth",
        descriptors().saturating_sub(open),
    );
    none(
        "threads more than after a tenth",
        threads().saturating_sub(running),
    );
    none("handles but the engine's", live_handles() as usize - 1);
    end_engine(engine, Duration::from_secs(10));
}
