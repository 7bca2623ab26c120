//! Containers that wait for visitors: made, replaced when they are claimed or out of date, taken down when nobody wants
//! them any more.

#[cfg(test)]
mod tests;

use domain::{InstanceState, SessionState};
use provider::InstanceStatus;
use store::{Instance, NewInstance};

use super::{Action, World};
use crate::{reconciler::action::Why, source::SessionSource};

/// What is not known of the server is no reason to change anything.
pub fn rule(world: &World) -> Vec<Action> {
    if !world.reachable {
        return Vec::new();
    }
    let rows = world.instances.iter().filter(|row| is_pools(row));
    let (unwanted, kept): (Vec<_>, Vec<_>) =
        rows.map(|row| (row, unwanted(world, row))).partition(|(_, why)| why.is_some());
    let unwanted: Vec<_> =
        unwanted.into_iter().filter_map(|(row, why)| why.map(|why| (row, why))).collect();
    let mut actions: Vec<_> = unwanted.iter().map(|(row, why)| discard(row, *why)).collect();
    if world.maintenance {
        return actions;
    }
    let kept: Vec<_> = kept.into_iter().map(|(row, _)| row).collect();
    let mut room = claimable(world).saturating_sub(kept.len());
    for source in &world.settings.sources {
        let of = |row: &Instance| row.source == source.source.name;
        let own: Vec<_> = kept.iter().copied().filter(|row| of(row)).collect();
        actions.extend(surplus(world, source, &own));
        if unwanted.iter().any(|(row, why)| of(row) && why.is_failure()) {
            // It rests from now on.
            continue;
        }
        let missing = missing(world, source, &own, room);
        room = room.saturating_sub(missing);
        actions.extend(warm(world, source, missing));
    }
    actions
}

/// Of nobody yet, and wanted so far.
pub fn is_pools(row: &Instance) -> bool {
    row.session.is_none() && matches!(row.state, InstanceState::Creating | InstanceState::Warm)
}

/// How many containers could become somebody's: a place that is being cleared is as good as free.
fn claimable(world: &World) -> usize {
    let taken = world
        .sessions
        .iter()
        .filter(|s| matches!(s.state, SessionState::Starting | SessionState::Running));
    usize::try_from(world.settings.places).unwrap_or(usize::MAX).saturating_sub(taken.count())
}

/// Why nobody may get it, if so. A source whose generation is unknown just now says nothing against its containers.
fn unwanted(world: &World, row: &Instance) -> Option<Why> {
    if world.maintenance {
        return Some(Why::Maintenance);
    }
    if !world.settings.sources.iter().any(|source| source.source.name == row.source) {
        return Some(Why::NoSource);
    }
    if world.signed.contains_key(&row.at.name) {
        return Some(Why::Used);
    }
    if world.generations.get(&row.source).is_some_and(|now| *now != row.generation) {
        return Some(Why::OtherGeneration);
    }
    let listing = world.listing.as_ref().filter(|listing| {
        row.state == InstanceState::Warm
            && listing.began_at > row.changed_at
            && !world.busy.contains(&row.at.name)
    })?;
    match listing.instances.iter().find(|seen| seen.instance == row.at).map(|seen| seen.status) {
        None => Some(Why::Gone),
        Some(InstanceStatus::Stopped) => Some(Why::Stopped),
        Some(InstanceStatus::Running | InstanceStatus::Unknown) => None,
    }
}

fn is_old(world: &World, source: &SessionSource, row: &Instance) -> bool {
    row.ready_at.is_some_and(|at| at.plus(source.pool.max_age) <= world.now)
}

/// While another one is made in the place of one that is too old, there is one more.
fn allowed(world: &World, source: &SessionSource, own: &[&Instance]) -> usize {
    let size = usize::try_from(source.pool.size).unwrap_or(usize::MAX);
    let is_renewing =
        size > 0 && creating(own) > 0 && own.iter().any(|row| is_old(world, source, row));
    size.saturating_add(is_renewing.into())
}

fn creating(own: &[&Instance]) -> usize {
    own.iter().filter(|row| row.state == InstanceState::Creating).count()
}

/// What is too much: first what was begun last, then what has waited longest.
fn surplus(world: &World, source: &SessionSource, own: &[&Instance]) -> Vec<Action> {
    let too_many = own.len().saturating_sub(allowed(world, source, own));
    let (mut order, mut warm): (Vec<_>, Vec<_>) =
        own.iter().copied().partition(|row| row.state == InstanceState::Creating);
    order.reverse();
    warm.sort_by_key(|row| row.ready_at);
    order.extend(warm);
    let why = |row: &Instance| if is_old(world, source, row) { Why::TooOld } else { Why::Surplus };
    order.into_iter().take(too_many).map(|row| discard(row, why(row))).collect()
}

/// How many to make now. A source that failed lately makes one at a time, and none while it rests.
fn missing(world: &World, source: &SessionSource, own: &[&Instance], room: usize) -> usize {
    let size = usize::try_from(source.pool.size).unwrap_or(usize::MAX);
    let is_due_for_renewal = size > 0
        && own.len() == size
        && creating(own) == 0
        && own.iter().any(|row| is_old(world, source, row));
    let missing = if is_due_for_renewal { 1 } else { size.saturating_sub(own.len()).min(room) };
    match world.setbacks.get(&source.source.name) {
        None => missing,
        Some(setback) if setback.until > world.now => 0,
        Some(_) => missing.min(1_usize.saturating_sub(creating(own))),
    }
}

fn warm(world: &World, source: &SessionSource, count: usize) -> impl Iterator<Item = Action> {
    let generation = world.generations.get(&source.source.name).cloned();
    let new = generation.map(|generation| NewInstance {
        project: source.source.project.clone(),
        source: source.source.name.clone(),
        generation,
    });
    new.into_iter().flat_map(move |new| std::iter::repeat_n(Action::Warm(new), count))
}

fn discard(row: &Instance, why: Why) -> Action {
    Action::Discard(Box::new(row.clone()), why)
}
