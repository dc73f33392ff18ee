//! One HTTP request and the status of its response.
#![forbid(unsafe_code)]

use super::connect::Stream;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
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

/// Aborts the connection's task when dropped.
struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sends a request and returns the status of its response. `timeout` is for both; the error is a sentence for the log.
pub async fn exchange(
    stream: Box<dyn Stream>,
    request: Request<Full<Bytes>>,
    timeout: Duration,
) -> Result<StatusCode, String> {
    let exchange = async {
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(MAX_HEAD_BYTES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|e| reason(&e))?;
        let task = AbortOnDrop(tokio::spawn(async move {
            // `sender` reports the same error.
            let _ = connection.await;
        }));
        let response = sender.send_request(request).await;
        response
            .map(|response| (response, task))
            .map_err(|e| reason(&e))
    };
    let (response, mut task) = tokio::time::timeout(timeout, exchange)
        .await
        .map_err(|_| format!("no answer within {} ms", timeout.as_millis()))??;
    let status = response.status();
    // The result is the status alone: the body is read for a clean end of the connection.
    let drain = async {
        drain(response).await;
        let _ = (&mut task.0).await;
    };
    let _ = tokio::time::timeout(BODY_TIMEOUT, drain).await;
    Ok(status)
}

async fn drain(mut response: Response<Incoming>) {
    let mut left = MAX_BODY_BYTES;
    while let Some(Ok(frame)) = response.frame().await {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        if bytes >= left {
            break;
        }
        left -= bytes;
    }
}

/// The text of an error and of its source.
fn reason(error: &hyper::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
