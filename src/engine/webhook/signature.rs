//! The signature of a callback: its receiver can verify the sender, the body and the time.
#![forbid(unsafe_code)]

use earwig_core::job::machine::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt::Write;

/// The value of the header: `t=<unix seconds>,v1=<hex of HMAC-SHA256(secret, "<t>.<body>")>`; `None` if the secret is empty.
pub fn signature(secret: &Secret, unix_seconds: u64, body: &[u8]) -> Option<String> {
    let secret = secret.as_str();
    if secret.is_empty() {
        return None;
    }
    // HMAC takes a key of any length: there is no error.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(format!("{unix_seconds}.").as_bytes());
    mac.update(body);
    let mut header = format!("t={unix_seconds},v1=");
    for byte in mac.finalize().into_bytes() {
        // Writing to a String cannot fail.
        let _ = write!(header, "{byte:02x}");
    }
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_equals_that_of_openssl() {
        // printf '1745332535.{"a":1}' | openssl dgst -sha256 -hmac 'k3y'
        assert_eq!(
            signature(&Secret::new("k3y"), 1_745_332_535, br#"{"a":1}"#).unwrap(),
            "t=1745332535,v1=e731d88c53b55644b4cca0a40a667ffa08343885be37b5bf3ed833653da15298"
        );
    }

    #[test]
    fn an_empty_secret_gives_no_signature() {
        assert_eq!(signature(&Secret::default(), 0, b""), None);
    }
}
