//! Connects to a server: DNS lookup, TCP, TLS.
#![forbid(unsafe_code)]

use super::CheckedUrl;
use super::dns::Resolver;
use super::socket::Socket;
use super::tls::Tls;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// RFC 8305, connection attempt delay: time until the next address is tried in parallel.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Addresses of one name that are tried.
const MAX_ADDRESSES: usize = 4;

/// A TCP or TLS stream.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// State shared by all connections.
#[derive(Default)]
pub struct Connector {
    resolver: Resolver,
    tls: Tls,
}

impl Connector {
    /// Connects to the server of a URL. The error is a sentence for the log.
    pub async fn connect(&self, url: &CheckedUrl) -> Result<Box<dyn Stream>, String> {
        let addresses = self.resolver.addresses(url.host()).await?;
        let stream = connect_any(&addresses, url.port()).await?;
        // A request is written at once: Nagle's algorithm could only delay it.
        stream
            .set_nodelay(true)
            .map_err(|e| format!("no connection: {e}"))?;
        let stream = Socket(stream);
        Ok(if url.is_https() {
            Box::new(self.tls.connect(url.host(), stream).await?)
        } else {
            Box::new(stream)
        })
    }
}

/// Connects to the address that answers first (RFC 8305): each address has a head start of [`ATTEMPT_DELAY`] over the next.
async fn connect_any(addresses: &[IpAddr], port: u16) -> Result<TcpStream, String> {
    let mut attempts = JoinSet::new();
    let mut rest = addresses.iter().take(MAX_ADDRESSES).peekable();
    let mut why = "the name has no address".to_owned();
    loop {
        let next = rest.next();
        if let Some(&address) = next {
            attempts.spawn(TcpStream::connect(SocketAddr::new(address, port)));
        }
        let answered = if next.is_some() && rest.peek().is_some() {
            match tokio::time::timeout(ATTEMPT_DELAY, attempts.join_next()).await {
                Ok(answered) => answered,
                Err(_) => continue,
            }
        } else {
            attempts.join_next().await
        };
        match answered {
            Some(Ok(Ok(stream))) => return Ok(stream),
            Some(Ok(Err(e))) => why = format!("no connection: {e}"),
            Some(Err(e)) => why = format!("no connection: {e}"),
            None => return Err(why),
        }
    }
}
