//! The thread that sends.
#![forbid(unsafe_code)]

use super::connect::Connector;
use super::dns::RESOLVERS;
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

const AGENT: &str = concat!("earwig/", env!("CARGO_PKG_VERSION"));

/// The header of the signature.
const SIGNATURE: &str = "X-Earwig-Signature";

/// Runs until the engine and its jobs have ended.
pub fn run(shared: &Arc<Shared>, calls: UnboundedReceiver<Command>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(RESOLVERS)
        .thread_name("earwig-names")
        .build();
    match runtime {
        Ok(runtime) => {
            let serve = AssertUnwindSafe(|| runtime.block_on(serve(shared, calls)));
            if catch_unwind(serve).is_err() {
                log::error!("webhook: a fault was caught");
            }
        }
        // The calls' receiver is gone: notices are dropped, and the next job tries again.
        Err(e) => log::error!("webhook: cannot send: {e}"),
    }
}

async fn serve(shared: &Arc<Shared>, mut calls: UnboundedReceiver<Command>) {
    let sender = Arc::new(Sender {
        shared: shared.clone(),
        servers: Limiter::new(&shared.limits),
        connector: Connector::default(),
    });
    let mut until = None;
    loop {
        let call = match until {
            None => calls.recv().await,
            Some(until) => match tokio::time::timeout_at(until, calls.recv()).await {
                Ok(call) => call,
                Err(_) => Some(Command::CheckShutdown),
            },
        };
        match call {
            Some(Command::Send(turn)) => {
                tokio::spawn(sender.clone().send_all(turn));
            }
            Some(Command::CheckShutdown) => {}
            None => return,
        }
        let now = tokio::time::Instant::now();
        match shared.over(until.is_some_and(|until| now >= until)) {
            Shutdown::No => until = None,
            Shutdown::Soon(grace) => until = until.or_else(|| now.checked_add(grace)),
            Shutdown::Yes => return,
        }
    }
}

struct Sender {
    shared: Arc<Shared>,
    servers: Limiter,
    connector: Connector,
}

/// What came of one attempt.
enum Answer {
    Taken,
    /// It may be taken the next time.
    Again(String),
    /// It will not.
    Refused(String),
}

impl Answer {
    fn of(status: StatusCode) -> Self {
        let again = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
        let said = format!("the server answered {status}");
        if status.is_success() {
            Self::Taken
        } else if status.is_server_error() || again.contains(&status) {
            Self::Again(said)
        } else if status.is_redirection() {
            Self::Refused(format!("{said}, and redirects are not followed"))
        } else {
            Self::Refused(said)
        }
    }
}

impl Sender {
    /// Sends what waits at a job, in its order.
    async fn send_all(self: Arc<Self>, mut turn: SendPermit) {
        let url = &turn.queue().url;
        let server = self.servers.at(url.host(), url.port());
        while let Some(notice) = turn.next() {
            let queue = turn.queue();
            let sent = self.send(&server, queue, &notice).await;
            if let Err(why) = &sent
                && let Some(untold) = server.tell()
            {
                log::warn!(
                    "webhook: {} of call \"{}\" was not delivered to {}: {why}{}",
                    notice.event.name(),
                    queue.ids.call_id.escape_debug(),
                    queue.url,
                    if untold > 0 {
                        format!(" ({untold} more were not, since the last line about this server)")
                    } else {
                        String::new()
                    },
                );
            }
            turn.done(sent.is_ok());
        }
    }

    /// Sends one notice; the error is why it was given up.
    async fn send(
        &self,
        server: &Server,
        queue: &Queue,
        notice: &WebhookEvent,
    ) -> Result<(), String> {
        let body =
            payload::json(&queue.ids, notice).map_err(|e| format!("no JSON: {e}"))?;
        let body = Bytes::from(body);
        let mut pauses = self.shared.limits.pauses.iter();
        loop {
            match self.attempt(server, queue, &body).await {
                Answer::Taken => return Ok(()),
                Answer::Refused(why) => return Err(why),
                Answer::Again(why) => match pauses.next() {
                    Some(pause) => tokio::time::sleep(*pause).await,
                    None => return Err(why),
                },
            }
        }
    }

    async fn attempt(&self, server: &Server, queue: &Queue, body: &Bytes) -> Answer {
        let Ok(mut turn) = self.servers.turn(server).await else {
            return Answer::Refused("the engine has ended".into());
        };
        let begun = Instant::now();
        let mut post = pin!(self.post(queue, body));
        let status = match tokio::time::timeout(self.servers.quick(), &mut post).await {
            Ok(status) => status,
            Err(_) => {
                turn.is_slow();
                post.await
            }
        };
        self.servers.held(server, begun.elapsed());
        status.map_or_else(Answer::Again, Answer::of)
    }

    async fn post(&self, queue: &Queue, body: &Bytes) -> Result<StatusCode, String> {
        let limits = &self.shared.limits;
        let request = request(queue, body)?;
        let connect = self.connector.connect(&queue.url);
        let stream = tokio::time::timeout(limits.connect, connect)
            .await
            .map_err(|_| format!("no connection within {} ms", limits.connect.as_millis()))??;
        exchange(stream, request, limits.read).await
    }
}

fn request(queue: &Queue, body: &Bytes) -> Result<Request<Full<Bytes>>, String> {
    let mut request = Request::post(queue.url.target())
        .header(HOST, queue.url.authority())
        .header(USER_AGENT, AGENT)
        .header(CONTENT_TYPE, "application/json")
        // A call has few events, and far between.
        .header(CONNECTION, "close");
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    if let Some(signature) = signature(&queue.secret, since.unwrap_or_default().as_secs(), body) {
        request = request.header(SIGNATURE, signature);
    }
    request
        .body(Full::new(body.clone()))
        .map_err(|e| e.to_string())
}
