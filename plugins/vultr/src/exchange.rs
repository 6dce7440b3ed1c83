//! Owns one HTTP request and its answer: the time it may take, the bytes it may bring, the proof that nothing was sent. It must not try
//! again. Dropped, it closes its connection.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hub_sdk::tokio::{pin, select, time};
use hyper::body::Bytes;
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::settings::Base;

/// A page of 500 servers has about 500 KiB.
pub const MAX_ANSWER_BYTES: usize = 8 * 1024 * 1024;

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub retry_after: Option<String>,
    pub body: Bytes,
}

/// Why there is no whole answer. The words are ours or the system's, never the peer's.
#[derive(Debug, PartialEq, Eq)]
pub enum NoReply {
    /// There was no connection, so the service cannot have acted.
    NothingSent(String),
    MayHaveArrived(String),
    /// More than [`MAX_ANSWER_BYTES`]: asking again would bring it again.
    TooLarge,
}

type Outgoing = Request<Full<Bytes>>;

/// Makes connections to one host. It keeps none: a connection is never shared by two requests, and so not by two accounts.
#[derive(Clone)]
pub struct Exchange {
    base: Base,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Exchange {
    /// Begin with the authorities that this machine trusts. Fails with words for people.
    pub fn new(base: Base) -> Result<Self, String> {
        let trusted = if base.is_secure { rustls_native_certs::load_native_certs().certs } else { Vec::new() };
        let mut roots = RootCertStore::empty();
        // Stores of systems hold some that no library can read; the others are good nevertheless.
        let (_, _) = roots.add_parsable_certificates(trusted);
        Self::trusting(base, roots)
    }

    /// Begin with these authorities.
    pub fn trusting(base: Base, roots: RootCertStore) -> Result<Self, String> {
        if !base.is_secure {
            return Ok(Self { base, tls: None });
        }
        let name = ServerName::try_from(base.host.clone()).map_err(|_| "it names no host".to_owned())?;
        let versions =
            ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
        let config = versions.map_err(|error| error.to_string())?.with_root_certificates(roots).with_no_client_auth();
        Ok(Self { base, tls: Some((TlsConnector::from(Arc::new(config)), name)) })
    }

    /// Return where requests go.
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// Send a request and return the whole answer. Redirections are not followed: the key is for one host.
    pub async fn send(&self, request: Outgoing, limit: Duration) -> Result<Reply, NoReply> {
        let end = time::Instant::now() + limit;
        let late = |_| format!("no answer within {} s", limit.as_secs_f64());
        let stream = time::timeout_at(end, self.connect()).await;
        let stream =
            stream.map_err(late).and_then(|done| done.map_err(|error| words_of(&error))).map_err(NoReply::NothingSent)?;
        let done = match stream {
            Stream::Plain(stream) => time::timeout_at(end, answer(stream, request)).await,
            Stream::Secure(stream) => time::timeout_at(end, answer(*stream, request)).await,
        };
        done.map_err(|elapsed| NoReply::MayHaveArrived(late(elapsed)))?
    }

    async fn connect(&self) -> io::Result<Stream> {
        let stream = TcpStream::connect((self.base.host.as_str(), self.base.port)).await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            None => Ok(Stream::Plain(stream)),
            Some((connector, name)) => Ok(Stream::Secure(Box::new(connector.connect(name.clone(), stream).await?))),
        }
    }
}

enum Stream {
    Plain(TcpStream),
    Secure(Box<TlsStream<TcpStream>>),
}

async fn answer<S>(stream: S, request: Outgoing) -> Result<Reply, NoReply>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let (sender, connection) = Builder::new().handshake(TokioIo::new(stream)).await.map_err(|_| cut())?;
    drive(connection, sent(sender, request)).await
}

/// Let the connection work until the answer is there; a task of its own would outlive the call.
async fn drive<S>(
    connection: Connection<TokioIo<S>, Full<Bytes>>,
    answer: impl Future<Output = Result<Reply, NoReply>>,
) -> Result<Reply, NoReply>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    pin!(answer, connection);
    let mut is_open = true;
    loop {
        select! {
            biased;
            answer = &mut answer => return answer,
            _ = &mut connection, if is_open => is_open = false,
        }
    }
}

async fn sent(mut sender: SendRequest<Full<Bytes>>, request: Outgoing) -> Result<Reply, NoReply> {
    let (head, body) = sender.send_request(request).await.map_err(|_| cut())?.into_parts();
    let read = Limited::new(body, MAX_ANSWER_BYTES).collect().await;
    let body = read.map_err(|error| if error.is::<LengthLimitError>() { NoReply::TooLarge } else { cut() })?.to_bytes();
    let retry_after = head.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    Ok(Reply { status: head.status.as_u16(), retry_after, body })
}

fn cut() -> NoReply {
    NoReply::MayHaveArrived("the connection was cut".to_owned())
}

/// The peer's words stand in errors of TLS, so that kind is told alone.
fn words_of(error: &io::Error) -> String {
    let words = match error.kind() {
        io::ErrorKind::ConnectionRefused => "the connection was refused",
        io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof => "the connection was cut",
        io::ErrorKind::TimedOut => "the connection took too long",
        io::ErrorKind::HostUnreachable => "the host cannot be reached",
        io::ErrorKind::NetworkUnreachable => "the network cannot be reached",
        io::ErrorKind::InvalidData => "its certificate or its TLS is not one to trust",
        _ => return format!("the connection failed: {error}"),
    };
    words.to_owned()
}
