//! One server's REST API: requests with a deadline, answers out of their envelope.

use std::{sync::Arc, time::Duration};

use domain::{InstanceRef, Project};
use reqwest::{Client, Method, RequestBuilder, Response, Url, redirect};
use serde::{
    Serialize,
    de::{DeserializeOwned, IgnoredAny},
};

use super::{
    fault, locate,
    settings::Address,
    socket::{Buffers, Dialer, Socket},
    tls,
    wire::{Envelope, Kind, Operation},
};
use crate::{CALL_DEADLINE, Error, Result};

/// How long may take what the server does before it answers: making a pool, starting a bridge.
const SLOW: Duration = Duration::from_secs(120);

/// A server's API. Cheap to clone.
#[derive(Clone)]
pub(super) struct Api(Arc<Inner>);

struct Inner {
    http: Client,
    base: Url,
    dialer: Dialer,
    /// What the server is called in messages.
    server: String,
}

impl Api {
    /// Prepares to speak to a server; nothing is sent yet.
    pub fn new(address: &Address) -> Result<Self> {
        // The environment's proxies are for the outside world, and no server redirects.
        let builder = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .connect_timeout(CALL_DEADLINE);
        let (builder, base, dialer) = match address {
            Address::Unix(path) => {
                let path = path.clone().map_or_else(locate::socket, Ok)?;
                // LXD accepts the next connection only when the last one has sent something, and a pool keeps
                // connections in reserve that have not: every client would hang. Connecting costs next to nothing.
                let builder =
                    builder.tls_backend_preconfigured(tls::none()?).pool_max_idle_per_host(0);
                let builder = builder.unix_socket(path.as_path());
                (builder, parse("http://lxd")?, Dialer::Unix(path))
            }
            Address::Https(https) => {
                let (base, tls) = (parse(&https.url)?, tls::pinned(https)?);
                let dialer = Dialer::tls(&base, tls.clone())?;
                (builder.https_only(true).tls_backend_preconfigured(tls), base, dialer)
            }
        };
        let http = builder.build().map_err(|error| Error::Protocol(error.to_string()))?;
        let server = dialer.to_string();
        Ok(Self(Arc::new(Inner { http, base, dialer, server })))
    }

    /// What the server is called in messages.
    pub fn server(&self) -> &str {
        &self.0.server
    }

    /// Whether the server is on this machine, so that this machine's routes are its routes.
    pub fn is_local(&self) -> bool {
        matches!(self.0.dialer, Dialer::Unix(_))
    }

    /// The URL `/1.0/SEGMENTS…`, in a project.
    pub fn url<'a>(
        &self,
        project: Option<&Project>,
        segments: impl IntoIterator<Item = &'a str>,
    ) -> Url {
        let mut url = self.0.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().push("1.0").extend(segments);
        }
        if let Some(project) = project {
            url.query_pairs_mut().append_pair("project", project.as_str());
        }
        url
    }

    /// The URL of an instance or of something below it.
    pub fn instance<'a>(
        &self,
        instance: &'a InstanceRef,
        below: impl IntoIterator<Item = &'a str>,
    ) -> Url {
        let head = ["instances", instance.name.as_str()];
        self.url(Some(&instance.project), head.into_iter().chain(below))
    }

    /// A request with the usual deadline.
    pub fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.0.http.request(method, url).timeout(CALL_DEADLINE)
    }

    /// `GET`.
    pub async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T> {
        self.ask(self.request(Method::GET, url)).await
    }

    /// `GET` whose answer may take its time.
    pub async fn get_within<T: DeserializeOwned>(&self, url: Url, deadline: Duration) -> Result<T> {
        self.ask(self.request(Method::GET, url).timeout(deadline)).await
    }

    /// A request whose answer holds nothing of interest.
    pub async fn tell(&self, method: Method, url: Url, body: &impl Serialize) -> Result<()> {
        self.envelope::<IgnoredAny>(self.request(method, url).json(body)).await.map(drop)
    }

    /// A request whose answer holds nothing of interest, and may take its time.
    pub async fn tell_slowly(&self, method: Method, url: Url, body: &impl Serialize) -> Result<()> {
        let request = self.request(method, url).timeout(SLOW).json(body);
        self.envelope::<IgnoredAny>(request).await.map(drop)
    }

    /// A request that is answered by an operation; [`finish`](Self::finish) awaits it.
    pub async fn begin(
        &self,
        method: Method,
        url: Url,
        body: &impl Serialize,
    ) -> Result<Operation> {
        self.ask(self.request(method, url).json(body)).await
    }

    /// Sends a request and takes the answer out of its envelope.
    pub async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T> {
        self.envelope(request)
            .await?
            .metadata
            .ok_or_else(|| Error::Protocol("the answer is empty".to_owned()))
    }

    async fn envelope<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<Envelope<T>> {
        let response = self.respond(request).await?;
        let body = response.bytes().await.map_err(|error| self.fault(&error))?;
        let envelope: Envelope<T> =
            serde_json::from_slice(&body).map_err(|error| Error::Protocol(error.to_string()))?;
        // Incus says that an answer is coming before it knows what it will be.
        let has_error = envelope.error_code != 0 || !envelope.error.is_empty();
        match envelope.kind {
            // Whatever else the answer holds: an empty list beside an error says nothing of what there is.
            Kind::Sync | Kind::Async if !has_error => Ok(envelope),
            _ => Err(fault::answered(envelope.error_code, &envelope.error)),
        }
    }

    /// Sends a request whose answer is no envelope; a refusal is one all the same.
    pub async fn respond(&self, request: RequestBuilder) -> Result<Response> {
        let response = request.send().await.map_err(|error| self.fault(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = response.bytes().await.map_err(|error| self.fault(&error))?;
        Err(match serde_json::from_slice::<Envelope<IgnoredAny>>(&body) {
            Ok(refusal) if refusal.kind == Kind::Error => {
                fault::answered(refusal.error_code, &refusal.error)
            }
            _ => fault::answered(status.as_u16(), &format!("HTTP status {status}")),
        })
    }

    /// Opens a websocket.
    pub async fn socket(&self, url: &Url, buffers: Buffers) -> Result<Socket> {
        tokio::time::timeout(CALL_DEADLINE, self.0.dialer.open(url, buffers))
            .await
            .map_err(|_| Error::Unreachable(format!("{}: no answer in time", self.0.server)))?
    }

    /// A request that got no whole answer.
    pub fn fault(&self, error: &reqwest::Error) -> Error {
        fault::request(&self.0.server, error)
    }
}

fn parse(url: &str) -> Result<Url> {
    match Url::parse(url) {
        Ok(url) if url.has_host() && matches!(url.scheme(), "http" | "https") => Ok(url),
        Ok(_) => Err(Error::Refused(format!("{url} is no address like https://lxd.example:8443"))),
        Err(why) => Err(Error::Refused(format!("{url}: {why}"))),
    }
}
