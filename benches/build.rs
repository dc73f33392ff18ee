//! Links spandsp, the peer, if it is installed (libspandsp-dev); without it only our own figures are printed.

fn main() {
    println!("cargo:rustc-check-cfg=cfg(spandsp)");
    println!("cargo:rerun-if-changed=build.rs");
    let arch = std::env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    let folders = [
        format!("/usr/include/{arch}-linux-gnu"),
        "/usr/include".into(),
        "/usr/local/include".into(),
    ];
    if folders
        .iter()
        .any(|f| std::path::Path::new(f).join("spandsp.h").exists())
    {
        println!("cargo:rustc-cfg=spandsp");
        println!("cargo:rustc-link-lib=spandsp");
    }
}
