//! Attacks on the library: each scenario breaks something around it, and measures what was lost. `earwig-attack [--quick]
//! [--markdown FILE] [SCENARIO...]`; `earwig-attack --list`.
//!
//! Needs the `earwig` command beside this program (or EARWIG_COMMAND). Parts that need root, a loop device or gcc are reported as skipped
//! where these are missing. Exit status: 0 if no figure is beyond its limit.
#![forbid(unsafe_code)]

mod disk;
mod outcome;
mod process;
mod recordings;
mod scenarios;

use outcome::{Figure, Verdict};
use scenarios::{SCENARIOS, Scale, Scenario};
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Time limit of a scenario, s: far above its run time.
const LIMIT_S: [u64; 2] = [120, 600];

struct Settings {
    quick: bool,
    markdown: Option<String>,
    names: Vec<String>,
}

fn settings() -> Result<Settings, String> {
    let mut settings = Settings {
        quick: false,
        markdown: None,
        names: Vec::new(),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => settings.quick = true,
            "--markdown" => {
                settings.markdown =
                    Some(arguments.next().ok_or("--markdown: its file is missing")?);
            }
            name if SCENARIOS.iter().any(|s| s.name == name) => settings.names.push(argument),
            _ => {
                return Err(format!(
                    "{argument}: neither an option nor a scenario (--list)"
                ));
            }
        }
    }
    Ok(settings)
}

/// Runs a scenario in a process of its own, so that it begins with no handle and may crash or hang.
fn run(scenario: &Scenario, quick: bool) -> Vec<Figure> {
    let limit = Duration::from_secs(LIMIT_S[usize::from(!quick)]);
    let program = std::env::current_exe().expect("the path of this program");
    let mut command = Command::new(program);
    command.args(["--scenario", scenario.name]);
    if quick {
        command.arg("--quick");
    }
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = child.expect("this program can be run again");
    let (sender, lines) = mpsc::channel();
    let output = child.stdout.take().expect("a pipe");
    // Not joined: a part that hangs may hold the pipe.
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let deadline = Instant::now() + limit;
    let (mut figures, mut ended) = (Vec::new(), None);
    loop {
        match lines.recv_timeout(Duration::from_millis(50)) {
            Ok(line) => match outcome::parse(&line) {
                Some(figure) => {
                    show(&figure);
                    figures.push(figure);
                }
                None => println!("    {line}"),
            },
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                ended = ended.or_else(|| process::wait(&mut child, Duration::from_secs(5)));
                break;
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                if ended.is_some() || Instant::now() > deadline {
                    break;
                }
                ended = child.try_wait().ok().flatten();
            }
        }
    }
    let failure = match ended {
        Some(status) if status.success() => None,
        Some(status) => Some(format!("it ended with {status}")),
        None => {
            let _ = child.kill();
            let _ = child.wait();
            Some(format!("it did not end within {} s", limit.as_secs()))
        }
    };
    if let Some(why) = failure {
        let figure = Figure {
            name: "the scenario's own end".into(),
            value: why,
            limit: "status 0".into(),
            verdict: Verdict::Fail,
        };
        show(&figure);
        figures.push(figure);
    }
    figures
}

fn show(figure: &Figure) {
    let limit = match figure.limit.as_str() {
        "" => String::new(),
        limit => format!(" (limit: {limit})"),
    };
    println!(
        "  {:7} {}: {}{limit}",
        figure.verdict.word(),
        figure.name,
        figure.value
    );
}

/// The section of the report.
fn markdown(results: &[(&Scenario, Vec<Figure>)]) -> String {
    let mut text = String::from("`make attack`: each scenario runs in a process of its own.\n");
    for (scenario, figures) in results {
        let _ = write!(
            text,
            "\n### {}\n\n{}\n\n| figure | measured | limit | |\n|---|---|---|---|\n",
            scenario.title, scenario.text
        );
        for f in figures {
            let cell = |t: &str| t.replace('|', "/");
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} |",
                cell(&f.name),
                cell(&f.value),
                cell(&f.limit),
                f.verdict.word()
            );
        }
    }
    text
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let rest: Vec<&str> = arguments.iter().skip(2).map(String::as_str).collect();
    match arguments.get(1).map(String::as_str) {
        Some("--list") => {
            SCENARIOS
                .iter()
                .for_each(|s| println!("{:13} {}", s.name, s.title));
            return ExitCode::SUCCESS;
        }
        Some("--scenario") => {
            scenarios::die_with_parent();
            let scenario = SCENARIOS
                .iter()
                .find(|s| s.name == rest[0])
                .expect("a scenario");
            (scenario.run)(Scale {
                quick: rest.contains(&"--quick"),
            });
            return ExitCode::SUCCESS;
        }
        Some("--part") => {
            scenarios::die_with_parent();
            return scenarios::run_part(rest[0], &rest[1..]);
        }
        _ => {}
    }
    let settings = match settings() {
        Ok(settings) => settings,
        Err(why) => {
            eprintln!("earwig-attack: {why}");
            return ExitCode::from(2);
        }
    };
    let (mut passed, mut failed, mut skipped, mut results) = (0, 0, 0, Vec::new());
    for scenario in SCENARIOS {
        if !settings.names.is_empty() && !settings.names.iter().any(|n| n == scenario.name) {
            continue;
        }
        println!("== {}: {}", scenario.name, scenario.title);
        let begun = Instant::now();
        let figures = run(scenario, settings.quick);
        let has = |verdict| figures.iter().any(|f| f.verdict == verdict);
        let word = if has(Verdict::Fail) {
            failed += 1;
            "FAIL"
        } else if has(Verdict::Pass) {
            passed += 1;
            "PASS"
        } else {
            "SKIPPED"
        };
        skipped += figures
            .iter()
            .filter(|f| f.verdict == Verdict::Skipped)
            .count();
        println!(
            "{word} {}, {:.1} s",
            scenario.name,
            begun.elapsed().as_secs_f64()
        );
        results.push((scenario, figures));
    }
    if let Some(file) = settings.markdown
        && let Err(error) = std::fs::write(&file, markdown(&results))
    {
        eprintln!("earwig-attack: {file}: {error}");
        failed += 1;
    }
    println!("attack: {skipped} parts skipped");
    println!("attack: {passed} passed, {failed} failed");
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
