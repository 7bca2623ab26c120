//! The task of one run: moves bytes between the exec and the core, and keeps the time.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;
use provider::{CALL_DEADLINE, Exec, ExecControl, ExecReader, ExecWriter};
use tokio::{
    select,
    task::yield_now,
    time::{sleep, timeout},
};

use crate::{Size, core::Resize, run::Run};

/// How long a program may take to draw again in the odd size before it gets the right one.
const REDRAW_WAIT: Duration = Duration::from_millis(50);

/// More than the answer to a key ever is.
const FLOOD: usize = 4096;

/// How long a flood of output gathers before more of it is read. LXD gives output out in frames of 4 KiB, and to be
/// woken for each, and to wake the browsers, costs more than everything else.
const REST: Duration = Duration::from_millis(1);

/// What browsers are always woken for, and others get a turn after.
const MERGED: usize = crate::MAX_FRAME;

/// How a run's task learned that it is over.
enum Over {
    /// The command ended; all its output was taken in.
    Exited,
    /// The connection was lost.
    Lost(provider::Error),
    /// It was closed.
    Stopped,
}

/// Runs an exec to its end, then serves what is left until the run is stopped. `on_lost` is called before
/// browsers hear that the connection was lost, so that their next attach does not find this run again.
pub async fn pump(run: Arc<Run>, exec: Exec, on_lost: impl FnOnce(provider::Error)) {
    let _over = run.over.clone().drop_guard();
    let Exec { reader, writer, mut control, exit } = exec;
    let over = select! {
        () = run.stop.cancelled() => Over::Stopped,
        over = read(&run, reader) => over,
        error = write(&run, writer) => Over::Lost(error),
        () = resize(&run, control.as_mut()) => Over::Stopped,
        () = run.keep_time() => Over::Stopped,
    };
    match over {
        Over::Stopped => {
            // The container may be gone already, and the command with it.
            if !matches!(timeout(CALL_DEADLINE, control.hang_up()).await, Ok(Ok(()))) {
                tracing::debug!(?run, "the command could not be hung up");
            }
        }
        Over::Exited => {
            drop(control);
            // The exit code takes its time; what came before is told meanwhile.
            let told = async {
                let code = timeout(CALL_DEADLINE, exit).await.unwrap_or_default();
                run.with(|core, now| core.exited(code, now));
                std::future::pending().await
            };
            select! {
                () = run.stop.cancelled() => {}
                () = told => {}
                () = run.keep_time() => {}
            }
        }
        Over::Lost(error) => {
            let is_exhausted = matches!(error, provider::Error::Exhausted(_));
            on_lost(error);
            run.with(|core, _| if is_exhausted { core.exhausted() } else { core.lost() });
        }
    }
}

/// Ends when the output does.
async fn read(run: &Run, mut reader: Box<dyn ExecReader>) -> Over {
    loop {
        run.has_room().await;
        let mut next = Some(reader.read().await);
        let mut merged = 0;
        while let Some(read) = next {
            match read {
                Ok(Some(output)) => {
                    merged += output.len();
                    run.take_in(output).await;
                }
                Ok(None) => return Over::Exited,
                Err(error) => return Over::Lost(error),
            }
            let has_more = merged < MERGED && run.has_room_now();
            // Only what is here already.
            next = if has_more { reader.read().now_or_never() } else { None };
        }
        run.ring();
        if merged >= MERGED {
            yield_now().await;
        } else if merged >= FLOOD {
            sleep(REST).await;
        }
    }
}

/// Ends when the connection is lost: at once for input, but what the program has put out before may still be on its
/// way.
async fn write(run: &Run, mut writer: Box<dyn ExecWriter>) -> provider::Error {
    loop {
        let input = run.next_input().await;
        if let Err(error) = writer.write(input).await {
            sleep(CALL_DEADLINE).await;
            return error;
        }
        run.with(|core, now| core.input_accepted(now));
    }
}

/// Never ends.
async fn resize(run: &Run, control: &mut dyn ExecControl) {
    loop {
        let Resize { to, redraw } = run.next_resize().await;
        if redraw {
            let redrawn = run.output.notified();
            set(control, to.cols(), other_rows(to)).await;
            // A program that compares sizes must see this one, or it does not draw.
            let _ = timeout(REDRAW_WAIT, redrawn).await;
        }
        set(control, to.cols(), to.rows()).await;
    }
}

/// A size that cannot be set is no reason to end: if the connection is lost, the reader says so.
async fn set(control: &mut dyn ExecControl, cols: u16, rows: u16) {
    match timeout(CALL_DEADLINE, control.resize(cols, rows)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "cannot resize"),
        Err(_) => tracing::debug!("cannot resize in time"),
    }
}

/// One row less, or one more than the only one.
fn other_rows(size: Size) -> u16 {
    if size.rows() > 1 { size.rows() - 1 } else { size.rows() + 1 }
}
