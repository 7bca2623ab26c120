//! `tryit drain`: closes a running service to starts, and says when the last session has ended.
//!
//! By the operators' API, since one process alone writes the database: the one that serves.

use std::{
    fs,
    io::{self, Read},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::Path,
    time::Duration,
};

use reqwest::{Client, Method, RequestBuilder, StatusCode, header::HOST};
use serde::de::DeserializeOwned;
use shared::{
    API, ErrorEnvelope,
    operator::{Maintenance, MaintenanceRequest},
    status::{ServiceState, Status},
};
use tokio::time::{Instant, sleep};
use url::Url;

use super::{
    Failure,
    args::Drain,
    config::{Config, TOKEN_VARIABLE},
};

/// How often the service is asked how many are left.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// How long it may fail to answer meanwhile: it may be restarted.
const SILENCE: Duration = Duration::from_secs(60);
/// How long one answer may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// Closes or opens the service; waits for the last session unless told not to.
pub(super) async fn run(file: Option<&Path>, wanted: &Drain) -> Result<(), Failure> {
    let token = token(wanted.token_file.as_deref())?;
    let service = match &wanted.url {
        Some(url) => Service::at(url.clone(), None)?,
        None => Service::configured(&Config::load(file)?)?,
    };
    let request = MaintenanceRequest { on: !wanted.off, message: wanted.message.clone() };
    let after = service.put(&token, &request).await?;
    if wanted.off {
        return opened(&after);
    }
    match after.message {
        Some(message) => println!("Closed. Visitors are told: {message}"),
        None => println!("Closed."),
    }
    println!("It stays closed until: tryit drain --off");
    if wanted.no_wait {
        return Ok(());
    }
    service.wait().await
}

fn opened(after: &Maintenance) -> Result<(), Failure> {
    if after.configured {
        return Err(Failure::new("the configuration keeps the service closed")
            .remedy("Take `on = true` out of `[maintenance]` in its file."));
    }
    println!("Open.");
    Ok(())
}

/// The token, from the file, else from the environment.
fn token(file: Option<&Path>) -> Result<String, Failure> {
    let remedy = "Make one, put its lines into tryit.toml, and keep it in a file:\n\
                  tryit token create --name drain --scope maintenance:write";
    let text = match file {
        Some(path) if path == Path::new("-") => {
            let mut text = String::new();
            let read = io::stdin().read_to_string(&mut text).map(|_| text);
            read.map_err(|error| {
                Failure::new(format_args!("can't read the token from standard input: {error}"))
            })?
        }
        Some(path) => fs::read_to_string(path).map_err(|error| {
            let what = format!("can't read the token from {}: {error}", path.display());
            Failure::new(what).remedy(remedy)
        })?,
        None => std::env::var(TOKEN_VARIABLE).unwrap_or_default(),
    };
    // The first line: what `tryit token create` prints may be the whole file.
    match text.lines().next().map(str::trim) {
        Some(token) if !token.is_empty() => Ok(token.to_owned()),
        _ => Err(Failure::new(format_args!(
            "there is no operator token: name its file with --token-file, or set {TOKEN_VARIABLE}"
        ))
        .remedy(remedy)),
    }
}

/// A running service.
struct Service {
    http: Client,
    base: Url,
    /// The name that it answers to, where that is not the address it is asked at.
    host: Option<String>,
}

impl Service {
    fn at(base: Url, host: Option<String>) -> Result<Self, Failure> {
        let failed = |why: String| Failure::new(format_args!("can't prepare a request: {why}"));
        // The second time it is chosen already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().timeout(DEADLINE).build();
        Ok(Self { http: client.map_err(|error| failed(error.to_string()))?, base, host })
    }

    /// Where the configuration says that it listens: no proxy, no name service in between.
    fn configured(config: &Config) -> Result<Self, Failure> {
        let settings = config.http();
        let mut listen = settings.listen;
        listen.set_ip(match listen.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            other => other,
        });
        let base = Url::parse(&format!("http://{listen}")).map_err(Failure::new)?;
        Self::at(base, Some(settings.authority().to_owned()))
    }

    async fn put(&self, token: &str, request: &MaintenanceRequest) -> Result<Maintenance, Failure> {
        let put = self.request(Method::PUT, "/operator/maintenance").bearer_auth(token);
        self.ask(put.json(request)).await
    }

    /// Prints how many are left each time that changes; done once nobody has a place.
    async fn wait(&self) -> Result<(), Failure> {
        let (mut told, mut heard) = (None, Instant::now());
        loop {
            match self.ask::<Status>(self.request(Method::GET, "/status")).await {
                Ok(status) => {
                    heard = Instant::now();
                    if status.state != ServiceState::Maintenance {
                        return Err(Failure::new("somebody has opened the service again"));
                    }
                    let left = (status.sessions.active, status.queue.length);
                    if told.replace(left) != Some(left) {
                        println!("{}", words(left));
                    }
                    // Who waits has no container, and keeps the place in the queue over a restart.
                    if left.0 == 0 {
                        return Ok(());
                    }
                }
                Err(failure) if heard.elapsed() > SILENCE => return Err(failure),
                Err(_) => {}
            }
            sleep(ASK_EVERY).await;
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{API}{path}", self.base.path().trim_end_matches('/')));
        let request = self.http.request(method, url);
        match &self.host {
            Some(host) => request.header(HOST, host),
            None => request,
        }
    }

    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Failure> {
        let unreachable = |error: reqwest::Error| {
            // Its own words end where it becomes interesting.
            let cause = std::error::Error::source(&error)
                .map_or_else(|| error.to_string(), ToString::to_string);
            Failure::new(format_args!("the service at {} does not answer: {cause}", self.base))
                .remedy("Is it running? --url names another address.")
        };
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        if status.is_success() {
            return response.json().await.map_err(unreachable);
        }
        let said = response.json::<ErrorEnvelope>().await.map(|envelope| envelope.error.message);
        let said = said.unwrap_or_else(|_| format!("HTTP status {status}"));
        Err(match status {
            StatusCode::UNAUTHORIZED => Failure::new("the service does not know this token")
                .remedy("Its `[[operator]]` table has to be in the file that the service reads, and not expired."),
            _ => Failure::new(format_args!("the service refused: {said}")),
        })
    }
}

fn words((active, waiting): (u64, u64)) -> String {
    let sessions = match active {
        0 => "Empty".to_owned(),
        1 => "1 session left".to_owned(),
        count => format!("{count} sessions left"),
    };
    match waiting {
        0 => sessions,
        count => format!("{sessions}; in the queue: {count}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(text: &str) -> (String, Option<String>) {
        let text = format!("{text}\n[source.a]\nimage = 'a'");
        let config = Config::read(Some(("tryit.toml".into(), text)), []).unwrap();
        let service = Service::configured(&config).unwrap();
        (service.base.to_string(), service.host)
    }

    #[test]
    fn it_asks_where_the_service_listens_by_the_name_that_it_answers_to() {
        assert_eq!(
            service("listen = '0.0.0.0:80'\npublic_url = 'https://try.example.com'"),
            ("http://127.0.0.1/".to_owned(), Some("try.example.com".to_owned()))
        );
        assert_eq!(
            service("listen = '[::]:8080'\npublic_url = 'https://try.example.com:8443'"),
            ("http://[::1]:8080/".to_owned(), Some("try.example.com:8443".to_owned()))
        );
        assert_eq!(service("").1.as_deref(), Some("127.0.0.1:8080"));
    }

    #[test]
    fn what_is_left_is_told_in_words() {
        assert_eq!(words((1, 0)), "1 session left");
        assert_eq!(words((0, 0)), "Empty");
        assert_eq!(words((12, 3)), "12 sessions left; in the queue: 3");
    }

    #[test]
    fn a_token_comes_from_a_file_and_an_empty_one_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("token");
        fs::write(&file, "tryit_op_abc\n\n[[operator]]\n").unwrap();
        assert_eq!(token(Some(&file)).unwrap(), "tryit_op_abc");
        fs::write(&file, "\n").unwrap();
        let said = token(Some(&file)).unwrap_err().to_string();
        assert!(said.contains("--token-file") && said.contains("maintenance:write"), "{said}");
    }
}
