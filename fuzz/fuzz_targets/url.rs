//! URLs of status callbacks: no text makes the check panic, and what it allows is a URL that it allows again.
#![no_main]

use earwig::engine::webhook::check_url;
use libfuzzer_sys::fuzz_target;

/// A query that no error text has by chance.
const TOKEN: &str = "token=Zx9Qw7Lm5Tn3";

fn examples() -> Vec<Vec<u8>> {
    let urls = [
        "https://Example.com/detect-events?key=1&b=%20",
        "http://127.0.0.1:8080/",
        "https://[::1]:8443/a?b",
        "http://a.b.c.:80",
        "HTTP://xn--bcher-kva.example/%2e%2e/",
        "http://user:password@host/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://127.1/",
        "https://host/path#fragment",
        "ftp://example.com/",
        "http://[1.2.3.4]/",
        "http://a:99999/",
    ];
    urls.iter().map(|url| url.as_bytes().to_vec()).collect()
}

fuzz_target!(init: earwig_fuzz::write_examples(examples()), |data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    // No error shows the query, which may hold a secret.
    if let Err(error) = check_url(&format!("{text}?{TOKEN}")) {
        let shown = error.text.contains(TOKEN);
        assert!(!shown || text.contains(TOKEN), "{error:?}");
    }
    match check_url(text) {
        Err(error) => {
            assert!(error.text.starts_with("status_url "), "{error:?}");
        }
        Ok(url) => {
            let shown = url.to_string();
            let again = check_url(&shown).expect("what is shown is a URL");
            assert_eq!(again.to_string(), shown);
            let authority = shown.split('/').nth(2).unwrap_or_default();
            assert!(!shown.contains('?') && !authority.contains('@'), "{shown}");
        }
    }
});
