//! The key and the IV of encrypted recordings, as the command line has them.

use earwig_core::codec::cipher::{Cipher, Key};
use earwig_core::job::options::hexadecimal;

/// What decrypts.
#[derive(clap::Args, Clone)]
pub struct KeyArgs {
    /// Key of encrypted recordings: 32, 48 or 64 hexadecimal digits. A command line can be seen by others; the variable cannot
    #[arg(long, value_name = "HEX", env = "EARWIG_KEY", hide_env_values = true)]
    key: Option<String>,
}

/// The same with the IV.
#[derive(clap::Args, Clone)]
pub struct CipherArgs {
    #[command(flatten)]
    key: KeyArgs,

    /// Initialisation vector of encrypted recordings: 32 hexadecimal digits
    #[arg(long, value_name = "HEX", env = "EARWIG_IV")]
    iv: Option<String>,
}

impl KeyArgs {
    /// The key, if there is one.
    pub fn key(&self) -> Result<Option<Key>, String> {
        let Some(text) = &self.key else {
            return Ok(None);
        };
        let key = hexadecimal(text).and_then(|key| Key::new(&key));
        key.map(Some).map_err(|error| error.to_string())
    }
}

impl CipherArgs {
    /// Key and IV, if there are any.
    pub fn cipher(&self) -> Result<Option<Cipher>, String> {
        match (&self.key.key, &self.iv) {
            (None, None) => Ok(None),
            (Some(key), Some(iv)) => {
                let parts = hexadecimal(key).and_then(|key| Ok((key, hexadecimal(iv)?)));
                let cipher = parts.and_then(|(key, iv)| Cipher::new(&key, &iv));
                cipher.map(Some).map_err(|error| error.to_string())
            }
            _ => Err("cipher: the key and the IV are given together".to_owned()),
        }
    }
}
