//! A connection to a server: one HTTP request after the other, and the status of each response.
#![forbid(unsafe_code)]

use super::connect::Stream;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::time::Duration;
use tokio::task::JoinHandle;

/// The longest head of a response, in bytes.
const MAX_HEAD_BYTES: usize = 16 << 10;

/// Bytes of a response's body that are read, and the time for it. A server whose body is not read may see a reset connection.
const MAX_BODY_BYTES: usize = 16 << 10;
const BODY_TIMEOUT: Duration = Duration::from_millis(250);

/// An open connection.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    task: AbortOnDrop,
}

/// Why there is no status: a sentence for the log.
#[derive(Debug)]
pub enum ExchangeError {
    /// The connection ended before the response; on a connection that was used before, a sign that the server had closed it.
    Closed(String),
    /// The server sent something else than a response, or nothing in time.
    Failed(String),
}

impl ExchangeError {
    /// The sentence.
    pub fn reason(self) -> String {
        match self {
            Self::Closed(reason) | Self::Failed(reason) => reason,
        }
    }
}

/// Aborts the connection's task when dropped.
struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Connection {
    /// A connection over a stream.
    pub async fn new(stream: Box<dyn Stream>) -> Result<Self, ExchangeError> {
        let (sender, connection) = Builder::new()
            .max_buf_size(MAX_HEAD_BYTES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|e| reason(&e))?;
        let task = AbortOnDrop(tokio::spawn(async move {
            // `sender` reports the same error.
            let _ = connection.await;
        }));
        Ok(Self { sender, task })
    }

    /// Whether the server has not closed it, and the last response was read.
    pub fn is_ready(&self) -> bool {
        self.sender.is_ready() && !self.sender.is_closed()
    }

    /// Sends a request and returns the status of its response, with the connection if another request may follow. `timeout` is from
    /// the request to the status.
    pub async fn exchange(
        mut self,
        request: Request<Full<Bytes>>,
        timeout: Duration,
    ) -> Result<(StatusCode, Option<Self>), ExchangeError> {
        let response = tokio::time::timeout(timeout, self.sender.send_request(request)).await;
        let response = response
            .map_err(|_| {
                ExchangeError::Failed(format!("no answer within {} ms", timeout.as_millis()))
            })?
            .map_err(|e| reason(&e))?;
        let status = response.status();
        // The result is the status alone: the body is read for the next request, or for a clean end of the connection.
        let rest = async {
            if !drain(response).await {
                return false;
            }
            let is_open = self.sender.ready().await.is_ok();
            if !is_open {
                let _ = (&mut self.task.0).await;
            }
            is_open
        };
        let is_open = tokio::time::timeout(BODY_TIMEOUT, rest).await;
        Ok((status, is_open.unwrap_or(false).then_some(self)))
    }
}

/// Reads the body; whether it was read to its end.
async fn drain(mut response: Response<Incoming>) -> bool {
    let mut left = MAX_BODY_BYTES;
    while let Some(frame) = response.frame().await {
        let Ok(frame) = frame else { return false };
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        if bytes >= left {
            return false;
        }
        left -= bytes;
    }
    true
}

/// The text of an error and of its source.
fn reason(error: &hyper::Error) -> ExchangeError {
    let text = match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    if error.is_parse() {
        ExchangeError::Failed(text)
    } else {
        ExchangeError::Closed(text)
    }
}
