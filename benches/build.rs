//! Links those peers that are installed (libspandsp-dev, libsox-dev, libspeexdsp-dev, libsoxr-dev); a peer that is not there
//! is left out of the tables.

use std::path::Path;

/// A peer: its configuration flag and library, and the header that shows that it can be linked.
const PEERS: [(&str, &str, &str); 4] = [
    ("spandsp", "spandsp", "spandsp.h"),
    ("sox", "sox", "sox.h"),
    ("speexdsp", "speexdsp", "speex/speex_resampler.h"),
    ("soxr", "soxr", "soxr.h"),
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let arch = std::env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    let folders = [
        format!("/usr/include/{arch}-linux-gnu"),
        "/usr/include".into(),
        "/usr/local/include".into(),
    ];
    for (flag, library, header) in PEERS {
        println!("cargo:rustc-check-cfg=cfg({flag})");
        if folders.iter().any(|f| Path::new(f).join(header).exists()) {
            println!("cargo:rustc-cfg={flag}");
            println!("cargo:rustc-link-lib={library}");
        }
    }
}
