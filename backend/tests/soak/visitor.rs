//! A visitor: starts, waits, works in the terminal, breaks off, comes back, leaves; and tells what must not happen.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    outcome::{Outcome, Trouble, wrong},
    terminal::Terminal,
    transcript::Transcript,
    visit::Visit,
    world::{PER_ADDRESS, World},
};

/// How a visitor may part from a session.
enum Farewell {
    /// Ends it.
    End,
    /// Closes the page and lets time do the rest.
    Vanish,
}

/// Comes and goes until everybody is to leave.
pub async fn come_and_go(world: World, number: u64, mut random: fastrand::Rng) {
    // Two share an address, and only one of them can have a session.
    let address = format!("198.51.100.{}", number / 2 + 1);
    while !world.is_closing() {
        if let Err(Trouble::Wrong(what)) = once(&world, &address, &mut random).await {
            world.fault(what);
        }
        world.pause(Duration::from_millis(random.u64(0..2000))).await;
    }
}

/// One session, from its start to its end.
async fn once(world: &World, address: &str, random: &mut fastrand::Rng) -> Outcome<()> {
    let Some(mut visit) = start(world, address, random).await? else { return Ok(()) };
    let lets_go = random.u8(0..10) == 0;
    let worked = work(&mut visit, lets_go, random).await;
    let farewell = if random.u8(0..8) == 0 { Farewell::Vanish } else { Farewell::End };
    let ended_by_itself = match worked {
        Err(Trouble::Wrong(what)) => return Err(Trouble::Wrong(what)),
        Err(Trouble::Ended) => true,
        Ok(()) | Err(Trouble::Away(_) | Trouble::Exited) => false,
    };
    match farewell {
        Farewell::Vanish if !ended_by_itself && !world.is_closing() => vanish(&mut visit).await?,
        _ => end(&mut visit).await?,
    }
    let view = visit.view().await?;
    judge(&visit, &view, lets_go)
}

/// Asks for a session until it is had, with one key, so that a lost answer costs nothing. None when it was refused for
/// a reason that a visitor has to live with.
async fn start(world: &World, address: &str, random: &mut fastrand::Rng) -> Outcome<Option<Visit>> {
    let key: String = std::iter::repeat_with(|| random.alphanumeric()).take(32).collect();
    while !world.is_closing() {
        let asked = async {
            let (_, terms) = world.ask(world.request(Method::GET, "/terms")).await?;
            let request = world
                .request(Method::POST, "/sessions")
                .header("idempotency-key", &key)
                .header("x-forwarded-for", address)
                .json(&json!({"terms_hash": terms["hash"]}));
            world.ask(request).await
        };
        match asked.await {
            Ok((StatusCode::CREATED, view)) => {
                return started(world, address, &view).await.map(Some);
            }
            Ok((status, answer)) => {
                let code =
                    answer.pointer("/error/code").and_then(Value::as_str).unwrap_or_default();
                world.ledger().count(&format!("refused {code}"));
                return match code {
                    "queue_full" | "address_limit" | "unavailable" | "maintenance" => Ok(None),
                    _ => wrong(format!("a start was answered {status}: {answer}")),
                };
            }
            Err(Trouble::Away(_)) => {
                world.pause(Duration::from_millis(200)).await;
            }
            Err(other) => return Err(other),
        }
    }
    Ok(None)
}

/// Notes a session that was answered, and sees whether its address has one too many.
async fn started(world: &World, address: &str, view: &Value) -> Outcome<Visit> {
    let text = |key: &str| view[key].as_str().unwrap_or_default().to_owned();
    let visit = |id: String, token: String| Visit {
        world: world.clone(),
        id,
        token,
        address: address.to_owned(),
        host: world.host().to_owned(),
        expires_at: None,
        attached: false,
        running_since: None,
    };
    let visit_of_this = visit(text("id"), text("token"));
    let others = world.ledger().started(&visit_of_this.id, &visit_of_this.token, address);
    let mut live = 1;
    for (id, token) in others {
        live += usize::from(visit(id, token).view().await?["state"] != "ended");
    }
    if live > PER_ADDRESS {
        return wrong(format!("{address} has {live} sessions at once"));
    }
    Ok(visit_of_this)
}

/// Works in the terminal for a while; comes back whenever it breaks off.
async fn work(visit: &mut Visit, lets_go: bool, random: &mut fastrand::Rng) -> Outcome<()> {
    visit.until_running(lets_go).await?;
    let mut transcript = Transcript::default();
    let mut since = None;
    let mut rounds = random.u8(1..12);
    while rounds > 0 && !visit.world.is_closing() {
        let sitting = sit_down(visit, &mut transcript, &mut since, &mut rounds, random);
        match sitting.await {
            Err(Trouble::Exited) if !visit.world.ledger().was_sabotaged(&visit.id) => {
                return wrong(format!("the shell of {} has ended by itself", visit.id));
            }
            Err(Trouble::Away(_) | Trouble::Exited) => {
                // Also says when it has ended meanwhile.
                visit.until_running(false).await?;
                visit.world.pause(Duration::from_millis(300)).await;
            }
            other => other?,
        }
    }
    Ok(())
}

/// One attachment: types, checks what is answered, and goes on until this socket is left.
async fn sit_down(
    visit: &mut Visit,
    transcript: &mut Transcript,
    since: &mut Option<(String, u64)>,
    rounds: &mut u8,
    random: &mut fastrand::Rng,
) -> Outcome<()> {
    let mut terminal = Terminal::attach(visit, transcript, since.as_ref()).await?;
    visit.attached = true;
    while *rounds > 0 && !visit.world.is_closing() {
        *rounds -= 1;
        match random.u8(0..10) {
            0..=3 => calculate(&mut terminal, transcript, random).await?,
            4..=5 => count(&mut terminal, transcript, random).await?,
            6 => extend(visit).await?,
            7 => {
                reset(visit).await?;
                *since = None;
                return Err(Trouble::Away("reset".to_owned()));
            }
            8 => {
                *since = Some(terminal.position());
                terminal.leave().await;
                return Err(Trouble::Away("left".to_owned()));
            }
            _ => {
                visit.world.pause(Duration::from_millis(random.u64(0..4000))).await;
            }
        }
        *since = Some(terminal.position());
    }
    terminal.leave().await;
    Ok(())
}

async fn calculate(
    terminal: &mut Terminal,
    transcript: &mut Transcript,
    random: &mut fastrand::Rng,
) -> Outcome<()> {
    let (a, b) = (random.u32(1..30_000), random.u32(1..30_000));
    let said = terminal.run(transcript, &format!("echo $(({a}*{b}))")).await?;
    match said.trim().parse() == Ok(u64::from(a) * u64::from(b)) {
        true => Ok(()),
        false => wrong(format!("{a} * {b} was answered {said:?}")),
    }
}

async fn count(
    terminal: &mut Terminal,
    transcript: &mut Transcript,
    random: &mut fastrand::Rng,
) -> Outcome<()> {
    let last = random.u32(1..6000);
    let said = terminal.run(transcript, &format!("seq 1 {last}")).await?;
    let numbers = (1..=last).map(|number| number.to_string());
    match said.lines().eq(numbers) {
        true => Ok(()),
        false => wrong(format!("`seq 1 {last}` said {} bytes, and not these numbers", said.len())),
    }
}

async fn extend(visit: &mut Visit) -> Outcome<()> {
    let before = visit.expires_at.clone();
    let (status, answer) = visit.ask(Method::POST, "/extend").await?;
    match answer.pointer("/error/code").and_then(Value::as_str) {
        None if status == StatusCode::OK => {
            visit.world.ledger().count("extended");
            match answer["expires_at"].as_str().map(str::to_owned) {
                after if after > before => Ok(()),
                after => wrong(format!("extended from {before:?} to {after:?}")),
            }
        }
        Some("extension_refused" | "wrong_state" | "session_ended") => Ok(()),
        _ => wrong(format!("an extension was answered {status}: {answer}")),
    }
}

/// A fresh container in the same place and time.
async fn reset(visit: &mut Visit) -> Outcome<()> {
    let before = visit.view().await?;
    let Some(old) = before["name"].as_str() else { return Ok(()) };
    visit.world.ledger().leaves(old);
    let (status, answer) = visit.ask(Method::POST, "/reset").await?;
    if status != StatusCode::OK {
        visit.world.ledger().stays(old);
        let code = answer.pointer("/error/code").and_then(Value::as_str);
        return match code {
            Some("not_found" | "wrong_state" | "session_ended" | "unavailable" | "maintenance") => {
                Ok(())
            }
            _ => wrong(format!("a reset was answered {status}: {answer}")),
        };
    }
    visit.world.ledger().count("reset");
    if answer["expires_at"] != before["expires_at"] || answer["name"] == before["name"] {
        return wrong(format!("a reset made {answer} of {before}"));
    }
    Ok(())
}

/// Looks in now and then, which keeps no session that nobody is attached to, until it has ended.
async fn vanish(visit: &mut Visit) -> Outcome<()> {
    let deadline = Instant::now() + Duration::from_secs(300);
    while visit.view().await?["state"] != "ended" {
        if visit.world.is_closing() {
            return end(visit).await;
        }
        if Instant::now() > deadline {
            return wrong(format!("the session {} does not end", visit.id));
        }
        visit.world.pause(Duration::from_secs(1)).await;
    }
    Ok(())
}

async fn end(visit: &mut Visit) -> Outcome<()> {
    let (status, answer) = visit.ask(Method::DELETE, "").await?;
    match status {
        StatusCode::NO_CONTENT => Ok(()),
        _ => wrong(format!("an end was answered {status}: {answer}")),
    }
}

/// Whether a session may have ended for the reason that it names.
fn judge(visit: &Visit, view: &Value, lets_go: bool) -> Outcome<()> {
    let now = view["server_time"].as_str().unwrap_or_default();
    let waited = visit.running_since.map_or(Duration::ZERO, |since| since.elapsed());
    let fair = match view["ended_reason"].as_str().unwrap_or_default() {
        "ended_by_visitor" => true,
        "expired" => view["expires_at"].as_str().is_some_and(|at| at <= now),
        "container_stopped" | "start_failed" => visit.world.ledger().was_sabotaged(&visit.id),
        "abandoned" => !visit.attached && waited > Duration::from_secs(50),
        "idle" => visit.attached && waited > Duration::from_secs(50),
        "offer_lapsed" => lets_go,
        _ => false,
    };
    match fair {
        true => Ok(()),
        false => wrong(format!("the session ended unfairly: {view}")),
    }
}
