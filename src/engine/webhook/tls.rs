//! TLS with the certificates that the system trusts.
#![forbid(unsafe_code)]

use super::socket::Socket;
use super::url::Host;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, Semaphore};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Time after which the system's certificates are read again: they change while a PBX runs.
const TRUST_TTL: Duration = Duration::from_secs(3600);

/// TLS connections, and the system's certificates when they were last read.
pub struct Tls {
    connector: Mutex<Option<(Instant, TlsConnector)>>,
    /// The turn to begin a handshake.
    turn: Semaphore,
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            connector: Mutex::default(),
            turn: Semaphore::new(1),
        }
    }
}

impl Tls {
    /// Does the TLS handshake on `stream`. The server must have a trusted certificate for `host`.
    ///
    /// To begin a handshake takes up to 1 ms of processor time. Unless `at_once`, one begins in each round of the scheduler, so that a
    /// crowd of them does not hold up all other events.
    pub async fn connect(
        &self,
        host: &Host,
        stream: Socket,
        at_once: bool,
    ) -> Result<TlsStream<Socket>, String> {
        let name = match host {
            Host::Address(address) => ServerName::from(*address),
            Host::Name(name) => {
                ServerName::try_from(name.clone()).map_err(|e| format!("no TLS: {e}"))?
            }
        };
        let connector = self.connector().await?;
        let turn = if at_once {
            None
        } else {
            let turn = self.turn.acquire().await;
            tokio::task::yield_now().await;
            Some(turn)
        };
        let handshake = connector.connect(name, stream);
        drop(turn);
        let connected = handshake.await;
        connected.map_err(|e: io::Error| format!("no TLS: {e}"))
    }

    /// Reads the certificates on another thread: it takes 10 ms, in which the events to all servers would wait.
    async fn connector(&self) -> Result<TlsConnector, String> {
        let mut cached = self.connector.lock().await;
        if let Some((read, connector)) = &*cached
            && read.elapsed() < TRUST_TTL
        {
            return Ok(connector.clone());
        }
        let config = tokio::task::spawn_blocking(config).await;
        let config = config.map_err(|e| format!("no TLS: {e}"))??;
        let connector = TlsConnector::from(Arc::new(config));
        *cached = Some((Instant::now(), connector.clone()));
        Ok(connector)
    }
}

fn config() -> Result<ClientConfig, String> {
    let system = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(system.certs);
    if roots.is_empty() {
        let why = system.errors.first();
        let why = why.map_or_else(
            || "is the package ca-certificates installed?".into(),
            ToString::to_string,
        );
        return Err(format!("no TLS: the system trusts no certificates: {why}"));
    }
    // Explicit, because the process default may be another provider that the host's own rustls has installed.
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| format!("no TLS: {e}"))?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
