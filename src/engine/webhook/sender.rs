//! The thread that sends the events.
#![forbid(unsafe_code)]

use super::connect::{ConnectError, Connector};
use super::dns::MAX_LOOKUPS;
use super::event::WebhookEvent;
use super::http::exchange;
use super::limiter::{Limiter, Server};
use super::payload;
use super::queue::{Command, Queue, SendPermit, Shared, Shutdown};
use super::signature::signature;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, StatusCode};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc::UnboundedReceiver;

/// The header `User-Agent`.
const AGENT: &str = concat!("earwig/", env!("CARGO_PKG_VERSION"));

/// The name of the signature's header.
const SIGNATURE: &str = "X-Earwig-Signature";

/// The thread's function: returns after the engine and its jobs have ended.
pub fn run(shared: &Arc<Shared>, commands: UnboundedReceiver<Command>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(MAX_LOOKUPS)
        .thread_name("earwig-dns")
        .build();
    match runtime {
        Ok(runtime) => {
            let serve = AssertUnwindSafe(|| runtime.block_on(serve(shared, commands)));
            if catch_unwind(serve).is_err() {
                log::error!("webhook: a fault was caught");
            }
        }
        // Dropping the receiver drops the waiting events, and the next job starts a new thread.
        Err(e) => log::error!("webhook: cannot send: {e}"),
    }
}

async fn serve(shared: &Arc<Shared>, mut commands: UnboundedReceiver<Command>) {
    let sender = Arc::new(Sender {
        shared: shared.clone(),
        limiter: Limiter::new(&shared.limits),
        connector: Connector::new(shared.limits.allow.clone()),
    });
    let mut deadline = None;
    loop {
        let command = match deadline {
            None => commands.recv().await,
            Some(deadline) => match tokio::time::timeout_at(deadline, commands.recv()).await {
                Ok(command) => command,
                Err(_) => Some(Command::CheckShutdown),
            },
        };
        match command {
            Some(Command::Send(permit)) => {
                tokio::spawn(sender.clone().send_all(permit));
            }
            Some(Command::CheckShutdown) => {}
            None => return,
        }
        let now = tokio::time::Instant::now();
        match shared.shutdown(deadline.is_some_and(|deadline| now >= deadline)) {
            Shutdown::No => deadline = None,
            Shutdown::Soon(grace) => deadline = deadline.or_else(|| now.checked_add(grace)),
            Shutdown::Yes => return,
        }
    }
}

struct Sender {
    shared: Arc<Shared>,
    limiter: Limiter,
    connector: Connector,
}

/// The outcome of one attempt; failures have their reason.
enum Outcome {
    Accepted,
    /// The next attempt may succeed.
    Retry(String),
    /// Final.
    Rejected(String),
}

impl Outcome {
    fn of(status: StatusCode) -> Self {
        let retried = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
        let reason = format!("the server answered {status}");
        if status.is_success() {
            Self::Accepted
        } else if status.is_server_error() || retried.contains(&status) {
            Self::Retry(reason)
        } else if status.is_redirection() {
            Self::Rejected(format!("{reason}, and redirects are not followed"))
        } else {
            Self::Rejected(reason)
        }
    }
}

impl Sender {
    /// Sends the waiting events of a job in order.
    async fn send_all(self: Arc<Self>, mut permit: SendPermit) {
        let url = &permit.queue().url;
        let server = self.limiter.server(url.host(), url.port());
        while let Some(event) = permit.next() {
            let queue = permit.queue();
            let sent = self.send(&server, queue, &event).await;
            if let Err(why) = &sent
                && let Some(suppressed) = server.failures_to_log()
            {
                log::warn!(
                    "webhook: {} of call \"{}\" was not delivered to {}: {why}{}",
                    event.event.name(),
                    queue.ids.call_id.escape_debug(),
                    queue.url,
                    if suppressed > 0 {
                        format!(
                            " ({suppressed} more were not, since the last line about this server)"
                        )
                    } else {
                        String::new()
                    },
                );
            }
            permit.done(sent.is_ok());
        }
    }

    /// Sends one event with up to three attempts; the error is the reason of the last failure.
    async fn send(
        &self,
        server: &Server,
        queue: &Queue,
        event: &WebhookEvent,
    ) -> Result<(), String> {
        let body = payload::json(&queue.ids, event).map_err(|e| format!("no JSON: {e}"))?;
        let body = Bytes::from(body);
        let mut delays = self.shared.limits.retry_delays.iter();
        loop {
            match self.attempt(server, queue, &body).await {
                Outcome::Accepted => return Ok(()),
                Outcome::Rejected(reason) => return Err(reason),
                Outcome::Retry(reason) => match delays.next() {
                    Some(delay) => tokio::time::sleep(*delay).await,
                    None => return Err(reason),
                },
            }
        }
    }

    async fn attempt(&self, server: &Server, queue: &Queue, body: &Bytes) -> Outcome {
        let Ok(mut permit) = self.limiter.acquire(server).await else {
            return Outcome::Rejected("the engine has ended".into());
        };
        let begun = Instant::now();
        let mut post = pin!(self.post(queue, body));
        let status = match tokio::time::timeout(self.limiter.slow_after(), &mut post).await {
            Ok(status) => status,
            Err(_) => {
                permit.mark_slow();
                post.await
            }
        };
        self.limiter.record_duration(server, begun.elapsed());
        match status {
            Ok(status) => Outcome::of(status),
            Err(ConnectError::Retry(reason)) => Outcome::Retry(reason),
            Err(ConnectError::Refused(reason)) => Outcome::Rejected(reason),
        }
    }

    async fn post(&self, queue: &Queue, body: &Bytes) -> Result<StatusCode, ConnectError> {
        let limits = &self.shared.limits;
        let request = request(queue, body)?;
        let connect = self.connector.connect(&queue.url);
        let stream = tokio::time::timeout(limits.connect_timeout, connect)
            .await
            .map_err(|_| {
                format!(
                    "no connection within {} ms",
                    limits.connect_timeout.as_millis()
                )
            })??;
        Ok(exchange(stream, request, limits.read_timeout).await?)
    }
}

fn request(queue: &Queue, body: &Bytes) -> Result<Request<Full<Bytes>>, String> {
    let mut request = Request::post(queue.url.target())
        .header(HOST, queue.url.authority())
        .header(USER_AGENT, AGENT)
        .header(CONTENT_TYPE, "application/json")
        // A call has few events, seconds apart: a connection is not worth keeping.
        .header(CONNECTION, "close");
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    if let Some(signature) = signature(&queue.secret, since.unwrap_or_default().as_secs(), body) {
        request = request.header(SIGNATURE, signature);
    }
    request
        .body(Full::new(body.clone()))
        .map_err(|e| e.to_string())
}
