//! Posts to a server over a connection that is open, or a new one.
//!
//! An idle connection is used at once. A new one needs a permit: servers that never answered, or no longer do, have few of them
//! (`lanes`). A server that takes its time to connect gives its permit to others that wait, and tries again among the failed ones:
//! nothing was sent, so nothing is lost and no attempt is counted.
#![forbid(unsafe_code)]

use super::connect::{ConnectError, Connector};
use super::event::Limits;
use super::http::{Connection, ExchangeError};
use super::limiter::{Limiter, Permit};
use super::pool::Pool;
use super::url::Server;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// Why there is no response: a sentence for the log.
#[derive(Debug)]
pub enum PostError {
    /// The next attempt may succeed.
    Retry(String),
    /// Final.
    Refused(String),
}

/// What came of an attempt to connect.
enum Connect {
    Open(Connection),
    /// Others need the permit.
    Yielded,
    Failed(ConnectError),
}

/// The connections of an engine.
pub struct Client {
    limiter: Limiter<Server>,
    pool: Pool,
    connector: Connector,
    connect_timeout: Duration,
    read_timeout: Duration,
    yield_after: Duration,
}

impl Client {
    /// A client without connections.
    pub fn new(limits: &Limits) -> Self {
        Self {
            limiter: Limiter::new(
                limits.max_connections,
                limits.max_connections_per_server,
                limits.slow_after,
            ),
            pool: Pool::new(limits.max_idle_connections, limits.idle_timeout),
            connector: Connector::new(limits.allow.clone()),
            connect_timeout: limits.connect_timeout,
            read_timeout: limits.read_timeout,
            yield_after: limits.yield_after,
        }
    }

    /// Sends a request and returns the status of the response. `request` makes it, once for each connection that is tried.
    pub async fn post(
        &self,
        server: &Server,
        request: impl Fn() -> Result<Request<Full<Bytes>>, String>,
    ) -> Result<StatusCode, PostError> {
        let request = || request().map_err(PostError::Refused);
        while let Some((connection, _reuse)) = self.pool.reuse(server) {
            match self.exchange(server, connection, request()?).await {
                // The server had closed it.
                Err(ExchangeError::Closed(_)) => continue,
                answer => return self.settle(server, answer),
            }
        }
        loop {
            let permit = self.limiter.acquire(server).await;
            // During the wait another job may have finished with its connection.
            while let Some(connection) = self.pool.take(server) {
                match self.exchange(server, connection, request()?).await {
                    Err(ExchangeError::Closed(_)) => continue,
                    answer => return self.settle(server, answer),
                }
            }
            match self.connect(server, &permit).await {
                Connect::Open(connection) => {
                    let answer = self.exchange(server, connection, request()?).await;
                    return self.settle(server, answer);
                }
                Connect::Yielded => self.limiter.failed(server),
                Connect::Failed(ConnectError::Local(reason)) => {
                    return Err(PostError::Retry(reason));
                }
                Connect::Failed(ConnectError::Retry(reason)) => {
                    self.limiter.failed(server);
                    return Err(PostError::Retry(reason));
                }
                Connect::Failed(ConnectError::Refused(reason)) => {
                    self.limiter.failed(server);
                    return Err(PostError::Refused(reason));
                }
            }
        }
    }

    /// Closes idle connections that have expired.
    pub fn sweep(&self) {
        self.pool.sweep();
    }

    async fn connect(&self, server: &Server, permit: &Permit<'_, Server>) -> Connect {
        let connect = async {
            let stream = self.connector.connect(server, permit.is_quick()).await?;
            let connection = Connection::new(stream).await;
            connection.map_err(|e| ConnectError::Retry(e.reason()))
        };
        let mut connect = pin!(timeout(self.connect_timeout, connect));
        loop {
            match timeout(self.yield_after, &mut connect).await {
                Ok(Ok(Ok(connection))) => return Connect::Open(connection),
                Ok(Ok(Err(error))) => return Connect::Failed(error),
                Ok(Err(_)) => {
                    let limit = self.connect_timeout.as_millis();
                    let reason = format!("no connection within {limit} ms");
                    return Connect::Failed(ConnectError::Retry(reason));
                }
                Err(_) if permit.is_wanted() => return Connect::Yielded,
                Err(_) => {}
            }
        }
    }

    /// Sends the request, and keeps the connection if it stays open.
    async fn exchange(
        &self,
        server: &Server,
        connection: Connection,
        request: Request<Full<Bytes>>,
    ) -> Result<StatusCode, ExchangeError> {
        let begun = Instant::now();
        let mut exchange = pin!(connection.exchange(request, self.read_timeout));
        let answer = match timeout(self.limiter.slow_after(), &mut exchange).await {
            Ok(answer) => answer,
            Err(_) => {
                self.limiter.overdue(server);
                exchange.await
            }
        };
        let (status, connection) = answer?;
        self.limiter.answered(server, begun.elapsed());
        if let Some(connection) = connection {
            self.pool.put(server, connection);
        }
        Ok(status)
    }

    fn settle(
        &self,
        server: &Server,
        answer: Result<StatusCode, ExchangeError>,
    ) -> Result<StatusCode, PostError> {
        answer.map_err(|error| {
            self.limiter.failed(server);
            PostError::Retry(error.reason())
        })
    }
}
