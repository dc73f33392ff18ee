//! An open file and its name. The name may meanwhile be that of another file, which then is neither renamed nor removed.
#![forbid(unsafe_code)]

use super::paths::file_error;
use earwig_core::types::Error;
use rustix::fs::{AtFlags, CWD, FlockOperation, Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use std::fs::{File, FileType, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// An open file and its name.
pub struct NamedFile {
    file: File,
    path: PathBuf,
}

impl NamedFile {
    /// Creates a file with exactly these permission bits, whatever the umask; an error if the name exists, as a link too.
    pub fn create_new(path: &Path, mode: u32) -> io::Result<Self> {
        // Until the mode is set, nobody else may open the file.
        let mut open = OpenOptions::new();
        open.read(true).write(true).create_new(true).mode(0o600);
        let this = Self {
            file: open.open(path)?,
            path: path.to_owned(),
        };
        if let Err(error) = set_mode(&this.file, mode) {
            let _ = this.remove();
            return Err(error);
        }
        Ok(this)
    }

    /// Opens a regular file to read and to write.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = open_regular(path, OpenOptions::new().read(true).write(true))?;
        Ok(Self {
            file,
            path: path.to_owned(),
        })
    }

    /// The open file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// The name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Permission bits of the file.
    pub fn mode(&self) -> io::Result<u32> {
        Ok(self.file.metadata()?.mode() & 0o777)
    }

    /// Whether the name is still that of the open file.
    pub fn is_named(&self) -> bool {
        self.check_name().is_ok()
    }

    /// Locks the file; an error if another process has locked it. No effect on a file system without locks.
    pub fn lock(&self, path: &Path) -> Result<(), Error> {
        match rustix::fs::flock(&self.file, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => Err(file_error(path, "a recording to it is in progress")),
            _ => Ok(()),
        }
    }

    /// Removes the file's name.
    pub fn remove(&self) -> io::Result<()> {
        self.check_name()?;
        std::fs::remove_file(&self.path)
    }

    /// Renames the file. Without `replace`, an error if `to` exists.
    pub fn rename(&mut self, to: &Path, replace: bool) -> io::Result<()> {
        self.check_name()?;
        if replace {
            std::fs::rename(&self.path, to)?;
        } else {
            rename_new(&self.path, to)?;
        }
        self.path = to.to_owned();
        Ok(())
    }

    fn check_name(&self) -> io::Result<()> {
        let (own, found) = (self.file.metadata()?, self.path.symlink_metadata()?);
        if (own.dev(), own.ino()) == (found.dev(), found.ino()) {
            Ok(())
        } else {
            Err(io::Error::other("its name is that of another file now"))
        }
    }
}

/// Sets the permission bits of a file. A file system that cannot set them must not grant more.
fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    let set = rustix::fs::fchmod(file, Mode::from_raw_mode(mode));
    let found = file.metadata()?.mode() & 0o777;
    if found & !mode != 0 {
        let text =
            format!("file_mode {mode:04o} cannot be set: the file system gives it {found:04o}");
        return Err(io::Error::other(match set {
            Ok(()) => text,
            Err(error) => format!("{text} ({})", io::Error::from(error)),
        }));
    }
    Ok(())
}

/// Opens a regular file whose last component is no link. A FIFO or a device is an error at once, and is not opened.
pub fn open_regular(path: &Path, open: &mut OpenOptions) -> io::Result<File> {
    check_regular(&path.symlink_metadata()?)?;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let opened = open.custom_flags(flags.bits() as i32).open(path);
    // It was replaced by a link just now.
    let is_link = |error: &io::Error| error.raw_os_error() == Some(Errno::LOOP.raw_os_error());
    let file = opened.map_err(|error| match is_link(&error) {
        true => io::Error::other("it is a symbolic link"),
        false => error,
    })?;
    check_regular(&file.metadata()?)?;
    Ok(file)
}

/// Opens a regular file for reading. Follows links.
pub fn open_to_read(path: &Path) -> io::Result<File> {
    check_regular(&path.metadata()?)?;
    let flags = OFlags::NONBLOCK.bits() as i32;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)?;
    check_regular(&file.metadata()?)?;
    Ok(file)
}

fn check_regular(metadata: &Metadata) -> io::Result<()> {
    match irregular(metadata.file_type()) {
        None => Ok(()),
        Some(what) => Err(io::Error::other(format!("it is {what}"))),
    }
}

/// What a file is that is not regular.
pub fn irregular(kind: FileType) -> Option<&'static str> {
    if kind.is_file() {
        None
    } else if kind.is_symlink() {
        Some("a symbolic link")
    } else if kind.is_dir() {
        Some("a directory")
    } else if kind.is_fifo() {
        Some("a FIFO")
    } else if kind.is_socket() {
        Some("a socket")
    } else {
        Some("a device")
    }
}

/// Renames a file; an error if `to` exists.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            // A hard link does not replace a file either.
            rustix::fs::linkat(CWD, from, CWD, to, AtFlags::empty())?;
            std::fs::remove_file(from)
        }
        other => Ok(other?),
    }
}
