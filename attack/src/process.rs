//! Processes: this program run again, other programs, and what /proc says about this process.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A command that runs this program again, as a part of a scenario.
pub fn this(part: &str, arguments: &[&OsStr]) -> Command {
    let program = std::env::current_exe().expect("the path of this program");
    let mut command = Command::new(program);
    command.arg("--part").arg(part).args(arguments);
    command
}

/// The `earwig` command: EARWIG_COMMAND, or the one beside this program.
pub fn earwig() -> Command {
    let named = std::env::var_os("EARWIG_COMMAND").map(PathBuf::from);
    let program = named.unwrap_or_else(|| {
        let own = std::env::current_exe().expect("the path of this program");
        own.with_file_name("earwig")
    });
    Command::new(program)
}

/// Runs a program. The error is what it printed.
pub fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("{:?}: {e}", command.get_program()))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(format!(
        "{:?}: {}: {text}",
        command.get_program(),
        output.status
    ))
}

/// Waits for a process to end; kills it after `limit` and returns `None`.
pub fn wait(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let deadline = Instant::now() + limit;
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Resident memory of this process, bytes.
pub fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").expect("/proc");
    let pages = text.split(' ').nth(1).and_then(|n| n.parse::<u64>().ok());
    pages.expect("a number") * rustix::param::page_size() as u64
}

/// Open descriptors of this process.
pub fn descriptors() -> usize {
    // One is that of the listing itself.
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count) - 1
}

/// Threads of this process.
pub fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

/// Whether this process is root's.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A folder that is removed when it is dropped.
pub struct Folder(pub PathBuf);

impl Folder {
    /// Makes a new folder below `top`.
    pub fn new(top: &Path, name: &str) -> Self {
        let path = top.join(format!("{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder can be made");
        Self(path)
    }

    /// The path of a file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A mounted file system. Dropping it unmounts it.
pub struct Mount(PathBuf);

impl Mount {
    /// Mounts with these arguments of `mount`, before the folder.
    pub fn new(folder: &Path, arguments: &[&OsStr]) -> Result<Self, String> {
        std::fs::create_dir_all(folder).map_err(|e| e.to_string())?;
        run(Command::new("mount").args(arguments).arg(folder))?;
        Ok(Self(folder.to_owned()))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = run(Command::new("umount").arg("-l").arg(&self.0));
    }
}
