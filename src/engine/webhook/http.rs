//! One request and the head of its answer.
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

/// The longest head of an answer.
const HEAD_MAX: usize = 16 << 10;

/// So much of an answer's body is read, so that its server does not see the connection break; then it is closed.
const BODY_MAX: usize = 16 << 10;
const BODY_FOR: Duration = Duration::from_millis(250);

/// The connection's task ends with the exchange.
struct Ends(JoinHandle<()>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sends a request; answers the status, once it is there.
pub async fn exchange(
    stream: Box<dyn Stream>,
    request: Request<Full<Bytes>>,
    read: Duration,
) -> Result<StatusCode, String> {
    let exchange = async {
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(HEAD_MAX)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|e| reason(&e))?;
        let ends = Ends(tokio::spawn(async move {
            // What goes wrong is told to the sender as well.
            let _ = connection.await;
        }));
        let response = sender.send_request(request).await;
        response
            .map(|response| (response, ends))
            .map_err(|e| reason(&e))
    };
    let (response, mut ends) = tokio::time::timeout(read, exchange)
        .await
        .map_err(|_| format!("no answer within {} ms", read.as_millis()))??;
    let status = response.status();
    // The status is all that counts; what follows is for the server to see a clean end.
    let leave = async {
        leave(response).await;
        let _ = (&mut ends.0).await;
    };
    let _ = tokio::time::timeout(BODY_FOR, leave).await;
    Ok(status)
}

async fn leave(mut response: Response<Incoming>) {
    let mut left = BODY_MAX;
    while let Some(Ok(frame)) = response.frame().await {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        if bytes >= left {
            break;
        }
        left -= bytes;
    }
}

/// An error and what is behind it.
fn reason(error: &hyper::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
