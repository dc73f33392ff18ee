//! The scenarios, one file each.

mod churn;
mod dead_servers;
mod dying_disk;
mod frozen_disk;
mod full_disk;
mod kill;
mod limits;
mod links;
mod load;
mod races;
mod same_name;

use crate::outcome::{figure, none};
use earwig::engine::{Engine, live_handles};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How much a scenario does.
#[derive(Clone, Copy)]
pub struct Scale {
    /// All scenarios together take about a minute.
    pub quick: bool,
}

impl Scale {
    /// One of two amounts.
    pub fn pick<T>(self, quick: T, full: T) -> T {
        if self.quick { quick } else { full }
    }
}

/// A scenario.
pub struct Scenario {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its heading in the report.
    pub title: &'static str,
    /// What it does, for the report.
    pub text: &'static str,
    /// Runs it; it prints its figures.
    pub run: fn(Scale),
}

/// All scenarios, in the order in which they run.
pub const SCENARIOS: &[Scenario] = &[
    kill::SCENARIO,
    same_name::SCENARIO,
    links::SCENARIO,
    full_disk::SCENARIO,
    frozen_disk::SCENARIO,
    dying_disk::SCENARIO,
    dead_servers::SCENARIO,
    limits::SCENARIO,
    churn::SCENARIO,
    races::SCENARIO,
];

/// Runs a part of a scenario, in a process that the scenario has started.
pub fn run_part(name: &str, arguments: &[&str]) -> ExitCode {
    match name {
        "record" => kill::record(arguments),
        "link" => return links::part(arguments),
        "full-by-limit" => full_disk::by_limit(arguments),
        "frozen-by-shim" => frozen_disk::by_shim(arguments),
        "dying" => dying_disk::record(arguments),
        "descriptors" => limits::descriptors(arguments),
        "threads" => limits::threads(arguments),
        "load" => load::run(arguments),
        _ => return ExitCode::from(2),
    }
    ExitCode::SUCCESS
}

/// Waits until no more than `handles` are left, for `limit` at most.
fn freed(handles: u64, limit: Duration) {
    let deadline = Instant::now() + limit;
    while live_handles() > handles && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Shuts an engine down within `limit`, and reports its end and the handles that are left.
fn end_engine(engine: Engine, limit: Duration) {
    let ended = engine.shutdown(Some(limit));
    figure(
        "the engine's end",
        &format!("{ended:?}"),
        "Ok(())",
        ended.is_ok(),
    );
    drop(engine);
    freed(0, Duration::from_secs(10));
    none("handles at the end", live_handles() as usize);
}

/// Ends this process when its parent has ended.
pub fn die_with_parent() {
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
}
