//! What the fuzz targets share: bytes turned into values, and the examples that a target starts from.
#![forbid(unsafe_code)]

pub mod script;

use std::path::{Path, PathBuf};

/// Names the folder that [`write_examples`] fills.
const CORPUS: &str = "EARWIG_FUZZ_CORPUS";

/// Names the folder of [`folder`].
const FOLDER: &str = "EARWIG_FUZZ_FOLDER";

/// Writes inputs of a target into its corpus, before libFuzzer reads it. Does nothing when an input is run by itself.
pub fn write_examples(examples: Vec<Vec<u8>>) {
    let Some(folder) = std::env::var_os(CORPUS) else {
        return;
    };
    for (number, bytes) in examples.iter().enumerate() {
        let path = Path::new(&folder).join(format!("example-{number:03}"));
        std::fs::write(path, bytes).expect("the corpus is writable");
    }
}

/// A folder for the files of this process: scripts/fuzz.sh names one in memory, and removes it.
pub fn folder() -> PathBuf {
    let named = std::env::var_os(FOLDER).map(PathBuf::from);
    let folder = named.unwrap_or_else(|| {
        std::env::temp_dir().join(format!("earwig-fuzz-{}", std::process::id()))
    });
    std::fs::create_dir_all(&folder).expect("a folder for the files");
    folder
}

/// Values from the bytes of an input; zeros after its end.
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    /// Whether all bytes were read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((&first, rest)) => {
                self.0 = rest;
                first
            }
            None => 0,
        }
    }

    /// A number below `limit`, which is 1 to 256.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit
    }

    /// One of `all`.
    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// A number of 16 bits, little endian.
    pub fn number(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    /// The next `count` bytes, or those that are left.
    pub fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }
}
