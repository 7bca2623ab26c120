//! `tryit serve` and `tryit preview`: the service until a signal stops it.

use std::{path::PathBuf, sync::Arc};

use provider::{Provider, lxd::Lxd, preview::Preview};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{
    Failure, PreviewOptions, ServeOptions,
    app::{Application, Reload},
    config::Config,
};
use crate::reconciler::Orphans;

/// Serves visitors until SIGTERM or Ctrl-C.
pub async fn run(config: Config, options: ServeOptions) -> Result<(), Failure> {
    let lxd = Lxd::new(&config.lxd()).map_err(|error| {
        Failure::new(error)
            .remedy("Name LXD's socket or URL in `[lxd]`, or see what `tryit check` says.")
    })?;
    let application = Application::build(&config, Arc::new(lxd), options.orphans).await?;
    tracing::info!(address = %application.address(), url = config.http().public_url, "listening");
    let stop = stop_by_signal()?;
    reload_by_signal(application.reload(), options.file)?;
    application.run_until_stopped(stop).await
}

/// Serves tutorials on this machine, each session in a sandbox, with a database that goes with it.
pub async fn run_preview(options: PreviewOptions) -> Result<(), Failure> {
    let scratch = tempfile::Builder::new()
        .prefix("tryit-preview-")
        .tempdir()
        .map_err(|error| Failure::new(format_args!("can't make a temporary directory: {error}")))?;
    let config =
        Config::for_preview(options.listen, options.directory, scratch.path().join("preview.db"))?;
    let sandbox: Arc<dyn Provider> = Arc::new(Preview::new().map_err(Failure::new)?);
    let application = Application::build(&config, sandbox, Orphans::Stop).await?;
    println!("Preview on http://{}/  (Ctrl-C ends it)", application.address());
    let stop = stop_by_signal()?;
    application.run_until_stopped(stop).await
}

/// Cancelled by the first SIGTERM or SIGINT.
fn stop_by_signal() -> Result<CancellationToken, Failure> {
    let watch = |kind| {
        signal(kind).map_err(|error| Failure::new(format_args!("can't watch for signals: {error}")))
    };
    let (mut terminate, mut interrupt) =
        (watch(SignalKind::terminate())?, watch(SignalKind::interrupt())?);
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: containers go on, and the next start finds them again");
        stopping.cancel();
    });
    Ok(stop)
}

/// SIGHUP reads the configuration again; a wrong one changes nothing.
fn reload_by_signal(reload: Reload, file: Option<PathBuf>) -> Result<(), Failure> {
    let mut hangup = signal(SignalKind::hangup())
        .map_err(|error| Failure::new(format_args!("can't watch for signals: {error}")))?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            match Config::load(file.as_deref()) {
                Ok(config) => {
                    reload.hand_out(&config);
                    tracing::info!("the configuration was read again");
                }
                Err(error) => {
                    tracing::error!(%error, "the configuration is wrong: the old one stays")
                }
            }
        }
    });
    Ok(())
}
