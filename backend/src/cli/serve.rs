//! `tryit serve` and `tryit preview`: the service until a signal stops it.

use std::sync::Arc;

use provider::{Provider, lxd::Lxd, preview::Preview};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{
    Failure, PreviewOptions, app::Application, config::Config, logging::Level, reload::Reloader,
};
use crate::reconciler::Orphans;

/// Serves visitors until SIGTERM or Ctrl-C.
pub(super) async fn run(
    config: Config,
    orphans: Orphans,
    level: Option<Level>,
) -> Result<(), Failure> {
    let lxd = Lxd::new(&config.lxd()).map_err(|error| {
        Failure::new(error)
            .remedy("Name LXD's socket or URL in `[lxd]`, or see what `tryit check` says.")
    })?;
    let application = Application::build(&config, Arc::new(lxd), orphans).await?;
    tracing::info!(address = %application.address(), url = config.http().public_url, "listening");
    let stop = stop_by_signal("stopping: containers go on, and the next start finds them again")?;
    // Watched for in any case: unwatched, a SIGHUP would end the process.
    let hangup = signal(SignalKind::hangup()).map_err(unwatched)?;
    match Reloader::new(config, application.reload(), level) {
        Some(reloader) => drop(tokio::spawn(reloader.run(hangup, stop.clone()))),
        None => tracing::info!("there is no configuration file, so none is read again"),
    }
    application.run_until_stopped(stop).await
}

/// Serves tutorials on this machine, each session in a sandbox, with a database that goes with it.
pub(super) async fn run_preview(options: PreviewOptions) -> Result<(), Failure> {
    let scratch = tempfile::Builder::new()
        .prefix("tryit-preview-")
        .tempdir()
        .map_err(|error| Failure::new(format_args!("can't make a temporary directory: {error}")))?;
    let config =
        Config::for_preview(options.listen, options.directory, scratch.path().join("preview.db"))?;
    let sandbox: Arc<dyn Provider> = Arc::new(Preview::new().map_err(Failure::new)?);
    let application = Application::build(&config, sandbox, Orphans::Stop).await?;
    println!("Preview on http://{}/  (Ctrl-C ends it)", application.address());
    let stop = stop_by_signal("stopping: the sandboxes and what is in them go, too")?;
    application.run_until_stopped(stop).await
}

/// Cancelled by the first SIGTERM or SIGINT, which is told in these words.
fn stop_by_signal(words: &'static str) -> Result<CancellationToken, Failure> {
    let watch = |kind| signal(kind).map_err(unwatched);
    let (mut terminate, mut interrupt) =
        (watch(SignalKind::terminate())?, watch(SignalKind::interrupt())?);
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("{words}");
        stopping.cancel();
    });
    Ok(stop)
}

fn unwatched(error: std::io::Error) -> Failure {
    Failure::new(format_args!("can't watch for signals: {error}"))
}
