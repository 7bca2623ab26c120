//! What the pool does about every change around it.

use std::{collections::BTreeMap, time::Duration};

use domain::UnixMs;
use provider::{InstanceKind, Limits, Origin, Source};

use super::*;
use crate::{
    reconciler::{
        rules::testing::{creating, listing, running, seen, starting, warm, warming, world},
        setbacks::Setback,
    },
    source::{Pool, SessionSource},
};

const DAY: Duration = Duration::from_secs(24 * 3600);
const NOW: UnixMs = UnixMs(1_000_000_000);

fn source(name: &str, size: u32) -> SessionSource {
    SessionSource {
        source: Source {
            name: name.parse().unwrap(),
            origin: Origin::Image { alias: "tryit-shell".to_owned() },
            project: "tryit".parse().unwrap(),
            kind: InstanceKind::Container,
            profiles: Vec::new(),
            target: None,
            nesting: false,
            limits: Limits::default(),
            config: BTreeMap::new(),
        },
        image_ids: Vec::new(),
        command: vec!["sh".to_owned()],
        user: None,
        group: None,
        cwd: None,
        environment: BTreeMap::new(),
        ready: None,
        ready_deadline: Duration::from_secs(60),
        pool: Pool { size, max_age: DAY },
    }
}

/// A world with one source, of generation `g`, and these containers.
fn with(size: u32, instances: impl IntoIterator<Item = Instance>) -> World {
    let mut world = world(NOW, Vec::new());
    world.settings.sources = vec![source("shell", size)];
    world.generations.insert("shell".parse().unwrap(), "g".to_owned());
    world.instances = instances.into_iter().collect();
    world
}

/// `count` times what makes a container of `name`.
fn made(name: &str, count: usize) -> Vec<Action> {
    let new = NewInstance {
        project: "tryit".parse().unwrap(),
        source: name.parse().unwrap(),
        generation: "g".to_owned(),
    };
    vec![Action::Warm(new); count]
}

fn gone(row: &Instance, why: Why) -> Action {
    Action::Discard(Box::new(row.clone()), why)
}

fn at(offset: i64) -> UnixMs {
    UnixMs(NOW.0 + offset)
}

#[test]
fn what_is_missing_is_made() {
    assert_eq!(rule(&with(3, [])), made("shell", 3));
    assert_eq!(rule(&with(3, [warm(at(-2)), warming(at(-1))])), made("shell", 1));
    assert_eq!(rule(&with(2, [warm(at(-2)), warming(at(-1))])), []);
    assert_eq!(rule(&with(0, [])), []);
}

#[test]
fn what_is_somebodys_or_on_its_way_out_is_not_of_the_pool() {
    let session = starting(at(-5));
    let leaving = Instance { state: InstanceState::Deleting, ..warm(at(-9)) };
    let mut world = with(1, [creating(&session), leaving]);
    world.sessions = vec![session];
    assert_eq!(rule(&world), made("shell", 1));
}

#[test]
fn nothing_is_made_that_nobody_could_get() {
    let mut world = with(4, []);
    world.settings.places = 3;
    assert_eq!(rule(&world), made("shell", 3));
    world.sessions = vec![running(at(-5)), starting(at(-4))];
    assert_eq!(rule(&world), made("shell", 1));
    world.sessions.push(running(at(-3)));
    assert_eq!(rule(&world), []);
    let kept = [warm(at(-2))];
    world.instances = kept.to_vec();
    assert_eq!(rule(&world), [], "what waits already goes on waiting");
}

#[test]
fn all_sources_share_the_room_there_is() {
    let mut world = with(2, []);
    world.settings.sources.push(source("other", 5));
    world.generations.insert("other".parse().unwrap(), "g".to_owned());
    world.settings.places = 4;
    assert_eq!(rule(&world), [made("shell", 2), made("other", 2)].concat());
}

#[test]
fn nothing_happens_while_the_server_is_away() {
    let mut world = with(1, []);
    world.reachable = false;
    world.instances = vec![Instance { generation: "old".to_owned(), ..warm(at(-2)) }];
    assert_eq!(rule(&world), []);
}

#[test]
fn maintenance_takes_it_down() {
    let rows = [warm(at(-2)), warming(at(-1))];
    let mut world = with(3, rows.clone());
    world.maintenance = true;
    assert_eq!(rule(&world), rows.map(|row| gone(&row, Why::Maintenance)));
}

#[test]
fn another_generation_is_replaced_and_an_unknown_one_says_nothing() {
    let rows =
        [warm(at(-2)), warming(at(-1))].map(|row| Instance { generation: "old".to_owned(), ..row });
    let mut world = with(1, rows.clone());
    let expected: Vec<_> = rows.iter().map(|row| gone(row, Why::OtherGeneration)).collect();
    assert_eq!(rule(&world), [expected, made("shell", 1)].concat());
    world.generations.clear();
    world.settings.sources[0].pool.size = 2;
    assert_eq!(rule(&world), []);
}

#[test]
fn a_source_that_is_gone_takes_its_containers_with_it() {
    let row = warm(at(-2));
    let mut world = with(1, [row.clone()]);
    world.settings.sources = vec![source("other", 0)];
    assert_eq!(rule(&world), [gone(&row, Why::NoSource)]);
}

#[test]
fn a_smaller_pool_loses_what_was_begun_last_then_what_waited_longest() {
    let (oldest, newest, begun) = (warm(at(-9)), warm(at(-5)), warming(at(-1)));
    let all = [oldest.clone(), newest, begun.clone()];
    assert_eq!(rule(&with(2, all.clone())), [gone(&begun, Why::Surplus)]);
    let both = [gone(&begun, Why::Surplus), gone(&oldest, Why::Surplus)];
    assert_eq!(rule(&with(1, all)), both);
}

#[test]
fn one_that_is_too_old_waits_until_another_is_there() {
    let old = [warm(UnixMs(NOW.0 - 86_400_000)), warm(UnixMs(NOW.0 - 86_400_000 + 1))];
    let mut world = with(2, old.clone());
    assert_eq!(rule(&world), made("shell", 1));
    world.settings.places = 0;
    assert_eq!(rule(&world), made("shell", 1), "it is one in place of another");
    world.instances.push(warming(at(-1)));
    assert_eq!(rule(&world), []);
    world.instances[2] = warm(at(-1));
    assert_eq!(rule(&world), [gone(&old[0], Why::TooOld)]);
    let mut young = with(2, [warm(UnixMs(NOW.0 - 86_400_000 + 1)), warm(at(-1))]);
    assert_eq!(rule(&young), []);
    young.now = NOW.plus(DAY);
    young.instances.truncate(1);
    assert_eq!(rule(&young), made("shell", 1), "one at a time");
}

#[test]
fn what_is_stopped_or_gone_is_replaced_by_a_list_that_began_after_its_change() {
    let row = warm(at(-1000));
    let mut world = with(1, [row.clone()]);
    world.listing = Some(listing(row.changed_at, []));
    assert_eq!(rule(&world), []);
    world.listing = Some(listing(at(-500), []));
    assert_eq!(rule(&world), [gone(&row, Why::Gone)], "its source rests before another is made");
    world.listing = Some(listing(at(-500), [seen(&row, InstanceStatus::Stopped)]));
    assert_eq!(rule(&world), [gone(&row, Why::Stopped)]);
    for status in [InstanceStatus::Running, InstanceStatus::Unknown] {
        world.listing = Some(listing(at(-500), [seen(&row, status)]));
        assert_eq!(rule(&world), []);
    }
    let begun = warming(at(-1000));
    world.listing = Some(listing(at(-500), []));
    world.instances = vec![begun];
    assert_eq!(rule(&world), [], "it is still to be made");
}

#[test]
fn a_source_that_fails_rests_and_then_makes_one_at_a_time() {
    let mut world = with(3, []);
    let name: domain::SourceName = "shell".parse().unwrap();
    world.setbacks.insert(name.clone(), Setback::until(at(1)));
    assert_eq!(rule(&world), []);
    world.setbacks.insert(name, Setback::until(NOW));
    assert_eq!(rule(&world), made("shell", 1));
    world.instances = vec![warming(at(-1))];
    assert_eq!(rule(&world), []);
    world.instances = vec![warm(at(-1))];
    assert_eq!(rule(&world), made("shell", 1));
}
