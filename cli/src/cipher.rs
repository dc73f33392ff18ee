//! Command-line arguments for the key and the IV of encrypted recordings.

use earwig_core::codec::cipher::{Cipher, Key};
use earwig_core::job::options::hexadecimal;

/// The key alone, which is enough to recover a recording.
#[derive(clap::Args, Clone)]
pub struct KeyArgs {
    /// AES key of encrypted recordings: 32, 48 or 64 hexadecimal digits. Other users of the system can read a command line, but not
    /// the environment variable
    #[arg(long, value_name = "HEX", env = "EARWIG_KEY", hide_env_values = true)]
    key: Option<String>,
}

/// Key and IV, which are both needed to read a recording.
#[derive(clap::Args, Clone)]
pub struct CipherArgs {
    #[command(flatten)]
    key: KeyArgs,

    /// Initialization vector of encrypted recordings: 32 hexadecimal digits
    #[arg(long, value_name = "HEX", env = "EARWIG_IV")]
    iv: Option<String>,
}

impl KeyArgs {
    /// The key, or `None` without `--key`. Fails if the text is not hexadecimal or has the wrong length.
    pub fn key(&self) -> Result<Option<Key>, String> {
        let Some(text) = &self.key else {
            return Ok(None);
        };
        let key = hexadecimal(text).and_then(|key| Key::new(&key));
        key.map(Some).map_err(|error| error.to_string())
    }
}

impl CipherArgs {
    /// The cipher, or `None` without `--key` and `--iv`. Fails if one of them is missing or malformed.
    pub fn cipher(&self) -> Result<Option<Cipher>, String> {
        match (&self.key.key, &self.iv) {
            (None, None) => Ok(None),
            (Some(key), Some(iv)) => {
                let parts = hexadecimal(key).and_then(|key| Ok((key, hexadecimal(iv)?)));
                let cipher = parts.and_then(|(key, iv)| Cipher::new(&key, &iv));
                cipher.map(Some).map_err(|error| error.to_string())
            }
            _ => Err("cipher: the key and the IV must be given together".to_owned()),
        }
    }
}
