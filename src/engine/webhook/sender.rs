//! The thread that sends the events.
#![forbid(unsafe_code)]

use super::client::{Client, PostError};
use super::dns::MAX_LOOKUPS;
use super::event::WebhookEvent;
use super::failure_log::FailureLog;
use super::payload;
use super::pool::SWEEP_INTERVAL;
use super::queue::{Command, Queue, SendPermit, Shared, Shutdown};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, StatusCode};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc::UnboundedReceiver;

/// The header `User-Agent`.
const AGENT: &str = concat!("earwig/", env!("CARGO_PKG_VERSION"));

/// The headers of Standard Webhooks, and of the own signature.
const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const STANDARD_SIGNATURE: &str = "webhook-signature";
const SIGNATURE: &str = "X-Earwig-Signature";

/// The thread's function: returns after the engine and its jobs have ended.
pub fn run(shared: &Arc<Shared>, commands: UnboundedReceiver<Command>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        // One more to read certificates.
        .max_blocking_threads(MAX_LOOKUPS + 1)
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
        client: Client::new(&shared.limits),
        log: FailureLog::default(),
    });
    let sweeper = sender.clone();
    let interval = shared.limits.idle_timeout.min(SWEEP_INTERVAL);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(interval).await;
            sweeper.client.sweep();
        }
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
    client: Client,
    log: FailureLog,
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

impl From<PostError> for Outcome {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Retry(reason) => Self::Retry(reason),
            PostError::Refused(reason) => Self::Rejected(reason),
        }
    }
}

impl Sender {
    /// Sends the waiting events of a job in order.
    async fn send_all(self: Arc<Self>, mut permit: SendPermit) {
        while let Some(event) = permit.next() {
            let queue = permit.queue();
            let sent = self.send(queue, &event).await;
            if let Err(why) = &sent
                && let Some(suppressed) = self.log.count(queue.url.server())
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
    async fn send(&self, queue: &Queue, event: &WebhookEvent) -> Result<(), String> {
        let body = payload::json(&queue.ids, event).map_err(|e| format!("no JSON: {e}"))?;
        let body = Bytes::from(body);
        let id = payload::uuid().map_err(|e| e.text.into_owned())?;
        let mut delays = self.shared.limits.retry_delays.iter();
        loop {
            match self.attempt(queue, &id, &body).await {
                Outcome::Accepted => return Ok(()),
                Outcome::Rejected(reason) => return Err(reason),
                Outcome::Retry(reason) => match delays.next() {
                    Some(delay) => tokio::time::sleep(*delay).await,
                    None => return Err(reason),
                },
            }
        }
    }

    async fn attempt(&self, queue: &Queue, id: &str, body: &Bytes) -> Outcome {
        let request = || request(queue, id, body);
        let posted = self.client.post(queue.url.server(), request).await;
        queue.set_answers(posted.is_ok());
        posted.map_or_else(Outcome::from, Outcome::of)
    }
}

/// The request of one attempt. Its id is that of the event, its time that of the attempt.
fn request(queue: &Queue, id: &str, body: &Bytes) -> Result<Request<Full<Bytes>>, String> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = since.unwrap_or_default().as_secs();
    let mut request = Request::post(queue.url.target())
        .header(HOST, queue.url.authority())
        .header(USER_AGENT, AGENT)
        .header(CONTENT_TYPE, "application/json")
        .header(ID, id)
        .header(TIMESTAMP, seconds);
    if let Some(signature) = queue.signer.standard(id, seconds, body) {
        request = request.header(STANDARD_SIGNATURE, signature);
    }
    if let Some(signature) = queue.signer.earwig(seconds, body) {
        request = request.header(SIGNATURE, signature);
    }
    request
        .body(Full::new(body.clone()))
        .map_err(|e| e.to_string())
}
