//! Connects to a server: DNS lookup, TCP, TLS.
#![forbid(unsafe_code)]

use super::Allow;
use super::dns::Resolver;
use super::socket::Socket;
use super::tls::Tls;
use super::url::Server;
use std::io;
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

/// Why there is no connection: a sentence for the log.
#[derive(Debug)]
pub enum ConnectError {
    /// The next attempt may succeed.
    Retry(String),
    /// This process has no descriptor left: says nothing about the server.
    Local(String),
    /// `webhook_allow` allows none of the server's addresses.
    Refused(String),
}

impl From<String> for ConnectError {
    fn from(reason: String) -> Self {
        Self::Retry(reason)
    }
}

/// State shared by all connections.
pub struct Connector {
    allow: Allow,
    resolver: Resolver,
    tls: Tls,
}

impl Connector {
    /// Connects to allowed addresses only.
    pub fn new(allow: Allow) -> Self {
        Self {
            allow,
            resolver: Resolver::default(),
            tls: Tls::default(),
        }
    }

    /// Connects to a server; `at_once`: before others that wait for the processor.
    pub async fn connect(
        &self,
        server: &Server,
        at_once: bool,
    ) -> Result<Box<dyn Stream>, ConnectError> {
        let addresses = self.resolver.addresses(&server.host).await?;
        let addresses = allowed(addresses, &self.allow)?;
        let stream = connect_any(&addresses, server.port).await?;
        // A request is written at once: Nagle's algorithm could only delay it.
        stream.set_nodelay(true).map_err(|e| connect_error(&e))?;
        let stream = Socket(stream);
        Ok(if server.https {
            Box::new(self.tls.connect(&server.host, stream, at_once).await?)
        } else {
            Box::new(stream)
        })
    }
}

/// The addresses that the policy allows. A connection is made to these addresses: the name is not resolved again. Fails if there are
/// addresses but none is allowed.
fn allowed(mut addresses: Vec<IpAddr>, allow: &Allow) -> Result<Vec<IpAddr>, ConnectError> {
    let mut refusal = None;
    addresses.retain(|address| match allow.check(*address) {
        Ok(()) => true,
        Err(why) => {
            refusal.get_or_insert(why);
            false
        }
    });
    match refusal {
        Some(why) if addresses.is_empty() => Err(ConnectError::Refused(why)),
        _ => Ok(addresses),
    }
}

/// Connects to the address that answers first (RFC 8305): each address has a head start of [`ATTEMPT_DELAY`] over the next.
async fn connect_any(addresses: &[IpAddr], port: u16) -> Result<TcpStream, ConnectError> {
    let mut attempts = JoinSet::new();
    let mut rest = addresses.iter().take(MAX_ADDRESSES).peekable();
    let mut why = ConnectError::Retry("the name has no address".into());
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
            Some(Ok(Err(e))) => why = connect_error(&e),
            Some(Err(e)) => why = ConnectError::Retry(format!("no connection: {e}")),
            None => return Err(why),
        }
    }
}

fn connect_error(error: &io::Error) -> ConnectError {
    let text = format!("no connection: {error}");
    match error.raw_os_error() {
        Some(libc::EMFILE | libc::ENFILE) => ConnectError::Local(text),
        _ => ConnectError::Retry(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after_policy(policy: &str, addresses: &[&str]) -> Result<Vec<IpAddr>, ConnectError> {
        let addresses = addresses.iter().map(|a| a.parse().unwrap()).collect();
        allowed(addresses, &Allow::parse(policy).unwrap())
    }

    #[test]
    fn only_allowed_addresses_of_a_name_are_tried() {
        let left = after_policy("public", &["169.254.169.254", "8.8.8.8", "10.0.0.1"]);
        assert_eq!(left.unwrap(), ["8.8.8.8".parse::<IpAddr>().unwrap()]);
    }

    #[test]
    fn a_name_without_an_allowed_address_is_refused() {
        let refused = after_policy("public", &["169.254.169.254", "10.0.0.1"]);
        assert!(
            matches!(refused, Err(ConnectError::Refused(why)) if why.contains("169.254.169.254 is link-local"))
        );
        assert_eq!(after_policy("public", &[]).unwrap(), [] as [IpAddr; 0]);
    }
}
