//! The signature of a callback, by which its receiver knows who sent it and when.
#![forbid(unsafe_code)]

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use std::fmt::Write;
use zeroize::Zeroizing;

/// What sender and receiver know. It is never shown, and leaves no trace in memory.
pub struct Secret(Zeroizing<Vec<u8>>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// The secret; `None` if it is empty: then nothing is signed.
    pub fn new(secret: &str) -> Option<Self> {
        (!secret.is_empty()).then(|| Self(Zeroizing::new(secret.as_bytes().to_vec())))
    }

    /// The value of the header: `t=<unix seconds>,v1=<hex of HMAC-SHA256(secret, "<t>.<body>")>`.
    pub fn signature(&self, unix_seconds: u64, body: &[u8]) -> String {
        let mut header = format!("t={unix_seconds},v1=");
        // A key of any length will do.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return header;
        };
        mac.update(format!("{unix_seconds}.").as_bytes());
        mac.update(body);
        for byte in mac.finalize().into_bytes() {
            // Writing to a String cannot fail.
            let _ = write!(header, "{byte:02x}");
        }
        header
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_what_openssl_makes() {
        // printf '1745332535.{"a":1}' | openssl dgst -sha256 -hmac 'k3y'
        assert_eq!(
            Secret::new("k3y")
                .unwrap()
                .signature(1_745_332_535, br#"{"a":1}"#),
            "t=1745332535,v1=e731d88c53b55644b4cca0a40a667ffa08343885be37b5bf3ed833653da15298"
        );
    }

    #[test]
    fn without_a_secret_nothing_is_signed_and_a_secret_is_not_shown() {
        assert!(Secret::new("").is_none());
        assert_eq!(format!("{:?}", Secret::new("k3y")), "Some(Secret)");
    }
}
