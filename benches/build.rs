//! Links the compared libraries that `EARWIG_PEERS` names: `all`, `none`, `found` (those whose headers are installed, the default)
//! or a list such as `spandsp,soxr`. The benchmarks leave out a library that is not linked.

use std::path::Path;

/// Compared libraries: name, which is also the cfg flag; header that shows that it is installed; Debian package.
const PEERS: [(&str, &str, &str); 4] = [
    ("spandsp", "spandsp.h", "libspandsp-dev"),
    ("sox", "sox.h", "libsox-dev"),
    ("speexdsp", "speex/speex_resampler.h", "libspeexdsp-dev"),
    ("soxr", "soxr.h", "libsoxr-dev"),
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=EARWIG_PEERS");
    let wanted = std::env::var("EARWIG_PEERS").unwrap_or_else(|_| "found".into());
    let named: Vec<&str> = match wanted.as_str() {
        "all" | "found" => PEERS.iter().map(|peer| peer.0).collect(),
        "none" => Vec::new(),
        list => list.split(',').collect(),
    };
    for name in &named {
        assert!(
            PEERS.iter().any(|peer| peer.0 == *name),
            "EARWIG_PEERS={wanted}: it must be all, none, found, or a list of spandsp,sox,speexdsp,soxr"
        );
    }
    let arch = std::env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    let folders = [
        format!("/usr/include/{arch}-linux-gnu"),
        "/usr/include".into(),
        "/usr/local/include".into(),
    ];
    for (peer, header, package) in PEERS {
        println!("cargo:rustc-check-cfg=cfg({peer})");
        if !named.contains(&peer) {
            continue;
        }
        if folders.iter().any(|f| Path::new(f).join(header).exists()) {
            println!("cargo:rustc-cfg={peer}");
            // The package's library does not use them.
            println!("cargo:rustc-link-arg-bins=-l{peer}");
        } else if wanted != "found" {
            panic!(
                "EARWIG_PEERS={wanted}: {header} of {peer} is not installed (Debian package {package})"
            );
        }
    }
}
