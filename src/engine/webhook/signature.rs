//! The signatures of a callback: its receiver can verify the sender, the body and the time.
#![forbid(unsafe_code)]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use earwig_core::job::machine::Secret;
use earwig_core::types::Error;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt::Write;
use zeroize::Zeroizing;

/// Standard Webhooks: what a secret in base64 begins with.
const PREFIX: &str = "whsec_";

/// The keys of a job's signatures.
#[derive(Debug, Default)]
pub struct Signer {
    secret: Secret,
    /// The bytes of a secret that begins with [`PREFIX`].
    decoded: Option<Bytes>,
}

/// Bytes that are wiped when they are dropped and never printed.
struct Bytes(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("set")
    }
}

impl Signer {
    /// Signs with `secret`; an empty one gives no signatures. Fails if it begins with `whsec_` and is not base64 after it.
    pub fn new(secret: Secret) -> Result<Self, Error> {
        let decoded = match secret.as_str().strip_prefix(PREFIX) {
            None => None,
            Some(text) => match STANDARD.decode(text) {
                Ok(key) if !key.is_empty() => Some(Bytes(Zeroizing::new(key))),
                _ => {
                    return Err(Error::invalid(
                        "status_secret begins with whsec_: base64 must follow",
                    ));
                }
            },
        };
        Ok(Self { secret, decoded })
    }

    /// The value of `X-Earwig-Signature`: `t=<unix seconds>,v1=<hex of HMAC-SHA256(secret, "<t>.<body>")>`; the key is the secret's
    /// text. `None` without a secret.
    pub fn earwig(&self, unix_seconds: u64, body: &[u8]) -> Option<String> {
        let key = self.secret.as_str().as_bytes();
        let code = hmac(key, &[format!("{unix_seconds}.").as_bytes(), body])?;
        let mut header = format!("t={unix_seconds},v1=");
        for byte in code {
            // Writing to a String cannot fail.
            let _ = write!(header, "{byte:02x}");
        }
        Some(header)
    }

    /// The value of `webhook-signature` (Standard Webhooks): `v1,<base64 of HMAC-SHA256(key, "<id>.<t>.<body>")>`; the key is what
    /// stands behind `whsec_` in base64, or the text of another secret. `None` without a secret.
    pub fn standard(&self, id: &str, unix_seconds: u64, body: &[u8]) -> Option<String> {
        let key = match &self.decoded {
            Some(key) => key.0.as_slice(),
            None => self.secret.as_str().as_bytes(),
        };
        let code = hmac(key, &[format!("{id}.{unix_seconds}.").as_bytes(), body])?;
        Some(format!("v1,{}", STANDARD.encode(code)))
    }
}

/// HMAC-SHA256 of the parts; `None` with an empty key.
fn hmac(key: &[u8], parts: &[&[u8]]) -> Option<[u8; 32]> {
    if key.is_empty() {
        return None;
    }
    // HMAC takes a key of any length: there is no error.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    parts.iter().for_each(|part| mac.update(part));
    Some(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(secret: &str) -> Signer {
        Signer::new(Secret::new(secret)).unwrap()
    }

    #[test]
    fn the_signature_equals_that_of_openssl() {
        // printf '1745332535.{"a":1}' | openssl dgst -sha256 -hmac 'k3y'
        assert_eq!(
            signer("k3y").earwig(1_745_332_535, br#"{"a":1}"#).unwrap(),
            "t=1745332535,v1=e731d88c53b55644b4cca0a40a667ffa08343885be37b5bf3ed833653da15298"
        );
    }

    #[test]
    fn the_standard_signature_is_that_of_the_specifications_example() {
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let body = br#"{"test": 2432232314}"#;
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let standard = signer(secret).standard(id, 1_614_265_330, body);
        assert_eq!(standard.as_deref(), Some(expected));
    }

    #[test]
    fn a_secret_without_the_prefix_is_used_as_its_bytes() {
        // printf 'id.1.body' | openssl dgst -sha256 -hmac 'k3y' -binary | base64
        assert_eq!(
            signer("k3y").standard("id", 1, b"body").as_deref(),
            Some("v1,PVMq7D6Crkx/nbhgqYlmq7sZoH707clNdln/ehGi/UI=")
        );
    }

    #[test]
    fn an_empty_secret_gives_no_signature() {
        assert_eq!(signer("").earwig(0, b""), None);
        assert_eq!(signer("").standard("", 0, b""), None);
    }

    #[test]
    fn what_follows_the_prefix_must_be_base64() {
        for secret in ["whsec_", "whsec_?", "whsec_a", "whsec_MfKQ9r8 "] {
            let error = Signer::new(Secret::new(secret)).unwrap_err();
            assert!(error.text.contains("base64 must follow"), "{secret}");
        }
    }
}
