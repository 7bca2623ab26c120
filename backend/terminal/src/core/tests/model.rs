//! Every order of events: nothing is lost unannounced or doubled, memory stays bounded, nothing waits for good.

use proptest::prelude::*;

use super::*;

const SLOTS: usize = 6;

/// What can happen. Slots are places for browsers; what does not fit the moment does nothing.
#[derive(Clone, Debug)]
enum Op {
    /// The program puts out a frame of this many bytes, if the last one has been taken in.
    Output(usize),
    Attach {
        slot: usize,
        resume: bool,
        watcher: bool,
        cols: u16,
    },
    Fetch {
        slot: usize,
        events: usize,
    },
    /// Acknowledges this share, in percent, of what is known since `acked`; 0 repeats.
    Ack {
        slot: usize,
        percent: u64,
    },
    StaleAck(usize),
    Detach(usize),
    Type {
        slot: usize,
        bytes: usize,
    },
    Interrupt(usize),
    TakeInput,
    Accept,
    Later(u64),
}

fn op() -> impl Strategy<Value = Op> {
    let slot = 0..SLOTS;
    prop_oneof![
        6 => (1..700_usize).prop_map(Op::Output),
        2 => (slot.clone(), any::<bool>(), prop::bool::weighted(0.2), 1..=500_u16)
            .prop_map(|(slot, resume, watcher, cols)| Op::Attach { slot, resume, watcher, cols }),
        6 => (slot.clone(), 1..5_usize).prop_map(|(slot, events)| Op::Fetch { slot, events }),
        5 => (slot.clone(), 0..=100_u64).prop_map(|(slot, percent)| Op::Ack { slot, percent }),
        1 => slot.clone().prop_map(Op::StaleAck),
        1 => slot.clone().prop_map(Op::Detach),
        2 => (slot.clone(), 1..40_000_usize).prop_map(|(slot, bytes)| Op::Type { slot, bytes }),
        1 => slot.prop_map(Op::Interrupt),
        2 => Just(Op::TakeInput),
        2 => Just(Op::Accept),
        2 => prop_oneof![1..200_u64, 10_000..40_000_u64].prop_map(Op::Later),
    ]
}

/// The program's output: any byte can be told from its number, and there are lines and broken characters.
fn program(from: u64, count: usize) -> Vec<u8> {
    let byte = |number: u64| match number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52 {
        mixed if mixed % 19 == 0 => b'\n',
        mixed => mixed as u8,
    };
    (from..from + count as u64).map(byte).collect()
}

/// A browser as it should be.
struct Client {
    id: BrowserId,
    watcher: bool,
    /// What it asked to resume from.
    since: Option<u64>,
    greeted: bool,
    closed: bool,
    have: u64,
    acked: u64,
    typed: u64,
    taken: u64,
}

struct World {
    bench: Bench,
    bounds: Bounds,
    /// What the program has put out, the waiting frame included.
    produced: u64,
    frame: Bytes,
    clients: [Option<Client>; SLOTS],
    /// How far whoever was last in a slot had got.
    remembered: [u64; SLOTS],
}

impl World {
    fn new(bounds: Bounds) -> Self {
        let bench = Bench { core: Core::new(EPOCH, bounds, Size::USUAL), now: Instant::now() };
        let clients = Default::default();
        Self { bench, bounds, produced: 0, frame: Bytes::new(), clients, remembered: [0; SLOTS] }
    }

    fn apply(&mut self, op: Op) {
        match op {
            Op::Output(count) => self.output(count),
            Op::Attach { slot, resume, watcher, cols } => self.attach(slot, resume, watcher, cols),
            Op::Fetch { slot, events } => {
                let _ = (0..events).all(|_| self.fetch(slot));
            }
            Op::Ack { slot, percent } => {
                self.ack(slot, percent);
            }
            Op::StaleAck(slot) => {
                if let Some(client) = self.clients[slot].as_ref().filter(|client| client.greeted) {
                    self.bench.send(client.id, BrowserCommand::Ack(client.acked / 2));
                }
            }
            Op::Detach(slot) => {
                if let Some(client) = self.clients[slot].take() {
                    self.bench.core.detach(client.id);
                    self.remembered[slot] = client.have;
                }
            }
            Op::Type { slot, bytes } => {
                if let Some(client) = &mut self.clients[slot]
                    && self.bench.send(client.id, BrowserCommand::Input(vec![b'x'; bytes].into()))
                {
                    client.typed += bytes as u64;
                }
            }
            Op::Interrupt(slot) => {
                if let Some(client) = &self.clients[slot] {
                    self.bench.send(client.id, BrowserCommand::Interrupt);
                }
            }
            Op::TakeInput => drop(self.bench.core.next_input()),
            Op::Accept => self.bench.core.input_accepted(self.bench.now),
            Op::Later(ms) => self.bench.later(ms),
        }
        self.check();
    }

    fn output(&mut self, count: usize) {
        if self.frame.is_empty() {
            self.frame = program(self.produced, count).into();
            self.produced += count as u64;
        }
        let room = self.bench.core.room(self.bench.now);
        let before = self.frame.len() as u64;
        self.bench.core.output(&mut self.frame, self.bench.now);
        assert_eq!(before - self.frame.len() as u64, room.min(before));
        if room != u64::MAX && room > 0 {
            let acked = self.attached().map(|client| client.acked).max().unwrap();
            let ring = &self.bench.core.ring;
            assert!(
                ring.end() <= acked + self.bounds.window && ring.start() <= acked,
                "the quickest is never outrun"
            );
        }
    }

    fn attach(&mut self, slot: usize, resume: bool, watcher: bool, cols: u16) {
        if self.clients[slot].is_some() {
            return;
        }
        let role = match watcher {
            true => Role::Watcher,
            false => Role::Browser { size: size(cols, 24), restart: false },
        };
        let since = resume.then_some(self.remembered[slot]);
        let how = Attach { role, since: since.map(|bytes| Since { bytes, epoch: Some(EPOCH) }) };
        let id = self.bench.attach_with(how);
        let (have, acked) = (0, 0);
        let client = Client {
            id,
            watcher,
            since,
            greeted: false,
            closed: false,
            have,
            acked,
            typed: 0,
            taken: 0,
        };
        self.clients[slot] = Some(client);
        // `from` stands as acknowledged before the browser has read it.
        self.clients[slot].as_mut().unwrap().acked =
            self.bench.core.browsers.iter().find(|browser| browser.id == id).unwrap().acked;
        assert!(self.attached().count() <= crate::MAX_BROWSERS);
    }

    /// Takes the next event; false when there is none.
    fn fetch(&mut self, slot: usize) -> bool {
        let Some(client) = self.clients[slot].as_mut() else { return false };
        let expected = self.bench.core.has_event(client.id, self.bench.now);
        let event = self.bench.core.next_event(client.id, self.bench.now);
        assert_eq!(event.is_some(), expected);
        let Some(event) = event else { return false };
        assert!(!client.closed, "nothing follows the close");
        assert_eq!(
            client.greeted,
            !matches!(event, ServerEvent::Hello(_)),
            "hello is the first and comes once"
        );
        match event {
            ServerEvent::Hello(hello) => {
                let resumed = !hello.truncated && client.since == Some(hello.from);
                assert!(resumed || hello.truncated == (hello.from > 0), "a loss is announced");
                (client.greeted, client.have, client.acked) = (true, hello.from, hello.from);
            }
            ServerEvent::Output(bytes) => {
                assert!(!bytes.is_empty() && bytes.len() <= crate::MAX_FRAME);
                assert_eq!(bytes, program(client.have, bytes.len()), "no byte is lost or doubled");
                client.have += bytes.len() as u64;
                assert!(client.have <= client.acked + self.bounds.window);
            }
            ServerEvent::Gap { from } => {
                assert!(from > client.have && client.have < client.acked + self.bounds.window);
                (client.have, client.acked) = (from, from);
            }
            ServerEvent::Taken(bytes) => {
                assert!(bytes > client.taken && bytes <= client.typed);
                client.taken = bytes;
            }
            ServerEvent::Close(reason) => {
                assert!(
                    matches!(reason, CloseReason::TakenOver | CloseReason::TooMuchInput),
                    "{reason:?}"
                );
                client.closed = true;
            }
            ServerEvent::Size(_) | ServerEvent::Writer(_) | ServerEvent::TakenOver => {}
            ServerEvent::Notice(_) | ServerEvent::Exit { .. } => panic!("{event:?} out of nothing"),
        }
        true
    }

    /// Whether it was news.
    fn ack(&mut self, slot: usize, percent: u64) -> bool {
        let Some(client) = self.clients[slot].as_mut().filter(|client| client.greeted) else {
            return false;
        };
        let to = client.acked + (client.have - client.acked) * percent / 100;
        let news = self.bench.send(client.id, BrowserCommand::Ack(to)) && to > client.acked;
        if news {
            client.acked = to;
        }
        news
    }

    /// Browsers that count, by the model's reckoning of who they are.
    fn attached(&self) -> impl Iterator<Item = &Client> {
        let counts = |client: &&Client| {
            let browser = self.bench.core.browsers.iter().find(|browser| browser.id == client.id);
            !client.watcher && browser.is_some_and(|browser| browser.closing.is_none())
        };
        self.clients.iter().flatten().filter(counts)
    }

    fn check(&self) {
        let Bench { core, now } = &self.bench;
        assert!(core.ring.allocated() <= self.bounds.buffer);
        assert_eq!(core.attached(), self.attached().count());
        // Nothing waits for good, and whoever keeps the time is told until when.
        assert!(core.room(*now + self.bounds.hold) > 0);
        let due = core.deadline(*now);
        assert!(
            core.room(*now) > 0
                || due.is_some_and(|due| core.room(due) > 0 || due < *now + self.bounds.hold)
        );
        // Between now and the deadline, time alone changes nothing.
        let before = due.unwrap_or(*now + 10 * self.bounds.hold) - Duration::from_nanos(1);
        assert_eq!(core.room(before) > 0, core.room(*now) > 0);
        for browser in &core.browsers {
            assert_eq!(core.has_event(browser.id, before), core.has_event(browser.id, *now));
        }
    }

    /// All browsers fetch and acknowledge whatever comes; they end up with everything.
    fn settle(&mut self) {
        for _ in 0..10_000 {
            self.bench.core.output(&mut self.frame, self.bench.now);
            self.check();
            let mut moved = false;
            for slot in 0..SLOTS {
                while self.fetch(slot) {
                    moved = true;
                }
                moved |= self.ack(slot, 100);
            }
            if !moved && self.frame.is_empty() {
                break;
            }
        }
        assert!(self.frame.is_empty(), "the program's last frame is out");
        for client in self.clients.iter().flatten().filter(|client| !client.closed) {
            assert_eq!(client.have, self.produced);
        }
        // A piece may be under way already.
        self.bench.core.input_accepted(self.bench.now);
        self.bench.write_all();
        self.bench.later(100);
        for slot in 0..SLOTS {
            while self.fetch(slot) {}
        }
        for client in
            self.clients.iter().flatten().filter(|client| !client.closed && !client.watcher)
        {
            assert_eq!(client.taken, client.typed, "every byte of input is accounted for");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn nothing_is_lost_doubled_or_stuck(
        window in 1..300_u64,
        spare in 0..300_usize,
        ops in prop::collection::vec(op(), 0..120),
    ) {
        let buffer = 2 * window as usize + spare;
        let mut world = World::new(Bounds { buffer, window, hold: Duration::from_secs(30) });
        ops.into_iter().for_each(|op| world.apply(op));
        world.settle();
    }
}
