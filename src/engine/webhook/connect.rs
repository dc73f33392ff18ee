//! A connection to a server: its name, its addresses, TLS.
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

/// RFC 8305: the next address is tried if the one before has not answered within this.
const NEXT_ADDRESS: Duration = Duration::from_millis(250);

/// More addresses of one name are not tried.
const ADDRESSES_MAX: usize = 4;

/// What is written to and read from.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// What connections need.
#[derive(Default)]
pub struct Connector {
    names: Resolver,
    tls: Tls,
}

impl Connector {
    /// Connects to the server of a URL.
    pub async fn connect(&self, url: &CheckedUrl) -> Result<Box<dyn Stream>, String> {
        let addresses = self.names.addresses(url.host()).await?;
        let stream = first(&addresses, url.port()).await?;
        // What is sent is sent at once, and is small: there is nothing to gather.
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

/// The address that answers first, the first ones having a start over the others.
async fn first(addresses: &[IpAddr], port: u16) -> Result<TcpStream, String> {
    let mut attempts = JoinSet::new();
    let mut rest = addresses.iter().take(ADDRESSES_MAX).peekable();
    let mut why = "the name has no address".to_owned();
    loop {
        let next = rest.next();
        if let Some(&address) = next {
            attempts.spawn(TcpStream::connect(SocketAddr::new(address, port)));
        }
        let answered = if next.is_some() && rest.peek().is_some() {
            match tokio::time::timeout(NEXT_ADDRESS, attempts.join_next()).await {
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
