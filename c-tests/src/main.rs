//! Builds the C tests in `c/` and runs them against the shared and the static library, with gcc and clang: plain, under
//! AddressSanitizer and UndefinedBehaviorSanitizer, and under valgrind. `earwig-c-tests <folder of the libraries>`;
//! `earwig-c-tests --list-sources` prints the C files of the main program, for scripts/tsan.sh.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::sync::Mutex;
use std::time::Instant;

/// Files of `c/` that are not part of the main program.
const NOT_SECTIONS: &[&str] = &["media_thread.c", "values.c"];
const MEDIA_THREAD: &[&str] = &["main.c", "call.c", "media_thread.c"];

const FLAGS: &[&str] = &[
    "-std=c99",
    "-D_POSIX_C_SOURCE=200809L",
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Werror",
    "-g",
    "-O1",
    "-pthread",
];
const SANITIZED: &[&str] = &[
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
    "-fno-omit-frame-pointer",
];
/// Symbols that a program with each sanitizer has.
const SANITIZER_SYMBOLS: &[&str] = &["__asan_report_load", "__ubsan_handle_"];

/// Time limit of a program, s: far above its run time.
const LIMIT_S: &str = "120";

const VALGRIND: &[&str] = &[
    "valgrind",
    "--quiet",
    "--error-exitcode=99",
    "--leak-check=full",
    "--show-leak-kinds=definite,indirect,possible",
    "--errors-for-leak-kinds=definite,indirect,possible",
    "--child-silent-after-fork=yes",
    "--fair-sched=yes",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Library {
    Shared,
    Static,
    Loaded,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Plain,
    Sanitized,
    Valgrind,
    MediaThread,
}

/// One program to build and run.
#[derive(Clone, Copy)]
struct Job {
    compiler: &'static str,
    library: Library,
    how: How,
}

impl Job {
    fn name(self) -> String {
        let library = match self.library {
            Library::Shared => "libearwig.so",
            Library::Static => "libearwig.a",
            Library::Loaded => "dlopen",
        };
        let how = match self.how {
            How::Plain => "plain",
            How::Sanitized => "asan+ubsan",
            How::Valgrind => "valgrind",
            How::MediaThread => "media thread",
        };
        format!("{:5} {library:12} {how:12}", self.compiler)
    }
}

/// All combinations, slow ones first.
fn jobs() -> Vec<Job> {
    let mut jobs = Vec::new();
    for how in [How::Valgrind, How::Sanitized, How::Plain, How::MediaThread] {
        for compiler in ["gcc", "clang"] {
            for library in [Library::Shared, Library::Static, Library::Loaded] {
                let wanted = match how {
                    // Valgrind checks the same library with either compiler.
                    How::Valgrind => compiler == "gcc" && library != Library::Loaded,
                    How::Plain | How::Sanitized => library != Library::Loaded,
                    How::MediaThread => true,
                };
                if wanted {
                    jobs.push(Job {
                        compiler,
                        library,
                        how,
                    });
                }
            }
        }
    }
    jobs
}

/// Output of a run, and the numbers in its last line.
struct Ran {
    passed: usize,
    failed: usize,
    text: String,
}

fn text_of(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

fn run(command: &mut Command) -> Result<Output, String> {
    command
        .output()
        .map_err(|e| format!("{:?}: {e}", command.get_program()))
}

fn succeed(command: &mut Command) -> Result<String, String> {
    let output = run(command)?;
    if output.status.success() {
        Ok(text_of(&output))
    } else {
        Err(format!("{command:?}\n{}", text_of(&output)))
    }
}

/// Numbers in the last line such as "12 passed, 0 failed".
fn counts(text: &str) -> Option<(usize, usize)> {
    let line = text.lines().rfind(|l| l.ends_with(" failed"))?;
    let (passed, rest) = line.split_once(" passed, ")?;
    Some((
        passed.parse().ok()?,
        rest.strip_suffix(" failed")?.parse().ok()?,
    ))
}

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files of the main program, sorted by name.
fn sections() -> Result<Vec<PathBuf>, String> {
    let folder = home().join("c");
    let error = |e| format!("{}: {e}", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(error)? {
        let name = entry.map_err(error)?.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".c") && !NOT_SECTIONS.contains(&&*name) {
            files.push(folder.join(&*name));
        }
    }
    files.sort();
    Ok(files)
}

fn build(job: Job, libraries: &Path, out: &Path) -> Result<PathBuf, String> {
    let home = home();
    let program = out.join(job.name().split_whitespace().collect::<Vec<_>>().join("-"));
    let mut command = Command::new(job.compiler);
    command
        .args(FLAGS)
        .arg(format!("-I{}", home.join("../include").display()));
    let sources = match job.how {
        How::MediaThread => {
            // Symbols are resolved before the first call, and malloc is an ordinary function.
            command.args(["-fno-builtin", "-Wl,-z,now"]);
            MEDIA_THREAD
                .iter()
                .map(|name| home.join("c").join(name))
                .collect()
        }
        _ => sections()?,
    };
    if job.how == How::Sanitized {
        command.args(SANITIZED);
    }
    let shared = out.join("libearwig.so.0");
    if job.library == Library::Loaded {
        command.arg(format!("-DEARWIG_DLOPEN=\"{}\"", shared.display()));
    }
    command.args(sources);
    match job.library {
        Library::Shared => command.arg(&shared).arg("-Wl,-rpath,$ORIGIN"),
        Library::Static => command.arg(libraries.join("libearwig.a")),
        Library::Loaded => &mut command,
    };
    command.args(["-lm", "-ldl", "-o"]).arg(&program);
    succeed(&mut command)?;
    if job.how == How::Sanitized {
        let symbols = succeed(Command::new("nm").arg(&program))?;
        for symbol in SANITIZER_SYMBOLS {
            if !symbols.contains(symbol) {
                return Err(format!(
                    "{}: no {symbol}: it is not sanitized",
                    program.display()
                ));
            }
        }
    }
    Ok(program)
}

fn build_and_run(job: Job, libraries: &Path, out: &Path) -> Result<Ran, String> {
    let program = build(job, libraries, out)?;
    // A test that hangs fails.
    let mut command = Command::new("timeout");
    command.arg(LIMIT_S);
    if job.how == How::Valgrind {
        command.args(VALGRIND);
    }
    command.arg(program);
    command.env("ASAN_OPTIONS", "detect_leaks=1");
    // The tests of crashes run `earwig recover`.
    command.env("EARWIG_COMMAND", libraries.join("earwig"));
    let output = run(&mut command)?;
    let text = text_of(&output);
    let (passed, failed) = counts(&text)
        .ok_or_else(|| format!("it did not print its result: {}\n{text}", output.status))?;
    if failed == 0 && !output.status.success() {
        return Err(format!(
            "all passed, but it ended with {}\n{text}",
            output.status
        ));
    }
    Ok(Ran {
        passed,
        failed,
        text,
    })
}

fn main() -> ExitCode {
    let Some(libraries) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!(
            "usage: earwig-c-tests <folder of libearwig.so and libearwig.a> | --list-sources"
        );
        return ExitCode::from(2);
    };
    if libraries == Path::new("--list-sources") {
        return match sections() {
            Ok(files) => {
                files.iter().for_each(|file| println!("{}", file.display()));
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        };
    }
    let out = libraries.join("c-tests");
    // The name under which the library is installed.
    let prepared = std::fs::create_dir_all(&out)
        .and_then(|()| out.canonicalize())
        .and_then(|out| {
            std::fs::copy(libraries.join("libearwig.so"), out.join("libearwig.so.0")).map(|_| out)
        });
    let out = match prepared {
        Ok(out) => out,
        Err(error) => {
            eprintln!("{}: {error}", libraries.display());
            return ExitCode::from(2);
        }
    };
    let queue = Mutex::new(jobs().into_iter());
    let totals = Mutex::new((0, 0));
    // Tests mostly wait: two programs at a time keep two processors busy.
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(job) = queue.lock().expect("no job panics").next() else {
                        return;
                    };
                    let begin = Instant::now();
                    let ran = build_and_run(job, &libraries, &out).unwrap_or_else(|text| Ran {
                        passed: 0,
                        failed: 1,
                        text,
                    });
                    let mut totals = totals.lock().expect("no job panics");
                    totals.0 += ran.passed;
                    totals.1 += ran.failed;
                    if ran.failed > 0 {
                        print!("{}", ran.text);
                    }
                    println!(
                        "{} {} passed, {} failed, {:.1} s",
                        job.name(),
                        ran.passed,
                        ran.failed,
                        begin.elapsed().as_secs_f64()
                    );
                }
            });
        }
    });
    let (passed, failed) = totals.into_inner().expect("no job panics");
    println!("C tests: {passed} passed, {failed} failed");
    if failed == 0 && passed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
