//! The terminals of the session as tabs.

use leptos::prelude::*;
use shared::terminal::CloseCode;
use shared::tutorial::{Code, Exec};

use super::{Held, Terminal};
use crate::browser::api::Key;
use crate::logic::input;
use crate::logic::keys::Key as RowKey;

/// As many terminals as a session has, unless its operator changed that; the service has the last word.
pub const MAX_TERMINALS: u8 = 4;

/// Hears why a terminal stopped for good.
type OnStop = Box<dyn Fn(CloseCode) + Send + Sync>;

/// The session's terminals.
#[derive(Clone, Copy)]
pub struct Tabs {
    /// The numbers of those that are open, in order.
    pub open: RwSignal<Vec<u8>>,
    /// The one that is shown.
    pub active: RwSignal<u8>,
    /// Modifiers of the key row, which wait for the next key of whichever terminal.
    pub held: Held,
    /// Whether the screens are readable for screen readers.
    pub screen_reader: RwSignal<bool>,
    /// Counts the commands that were run by a click.
    pub runs: RwSignal<u32>,
    key: StoredValue<Key>,
    /// Terminals are made when something first asks for them; their signals must live as long as the session.
    owner: StoredValue<Owner>,
    on_stop: StoredValue<Option<OnStop>>,
    terminals: StoredValue<Vec<(u8, Terminal)>, LocalStorage>,
}

impl Tabs {
    /// The terminals of the session of `key`.
    pub fn new(key: Key) -> Self {
        Tabs {
            open: RwSignal::new(vec![1]),
            active: RwSignal::new(1),
            held: Held::default(),
            screen_reader: RwSignal::new(false),
            runs: RwSignal::new(0),
            key: StoredValue::new(key),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
            on_stop: StoredValue::new(None),
            terminals: StoredValue::new_local(Vec::new()),
        }
    }

    /// From now on `on_stop` hears why a terminal stopped for good.
    pub fn when_stopped(self, on_stop: impl Fn(CloseCode) + Send + Sync + 'static) {
        self.on_stop.set_value(Some(Box::new(on_stop)));
    }

    /// The terminal of a number; it is made when first asked for.
    pub fn terminal(self, number: u8) -> Terminal {
        let made = |terminals: &Vec<(u8, Terminal)>| {
            terminals.iter().find(|(made, _)| *made == number).map(|(_, terminal)| terminal.clone())
        };
        if let Some(terminal) = self.terminals.with_value(made) {
            return terminal;
        }
        let on_stop = self.on_stop;
        let terminal = self.owner.with_value(|owner| {
            owner.with(|| {
                Terminal::new(number, self.key.get_value(), self.held, move |code| {
                    on_stop.try_with_value(|on_stop| on_stop.as_ref().map(|on_stop| on_stop(code)));
                })
            })
        });
        self.terminals.update_value(|terminals| terminals.push((number, terminal.clone())));
        terminal
    }

    /// Opens the tab of a number and shows it.
    pub fn show(self, number: u8) {
        if !self.open.with_untracked(|open| open.contains(&number)) {
            self.open.update(|open| {
                open.push(number);
                open.sort_unstable();
            });
        }
        self.active.set(number);
    }

    /// The number of the next terminal to open, while there may be more.
    pub fn next(self) -> Option<u8> {
        self.open.with(|open| (1..=MAX_TERMINALS).find(|number| !open.contains(number)))
    }

    /// Closes a terminal's screen.
    pub fn drop_terminal(self, number: u8) {
        let terminal = self.terminals.try_update_value(|terminals| {
            let at = terminals.iter().position(|(made, _)| *made == number)?;
            Some(terminals.swap_remove(at).1)
        });
        if let Some(Some(terminal)) = terminal {
            terminal.close();
        }
    }

    /// Types a command into its terminal, which opens and is shown. False when that one takes none.
    pub fn run(self, code: &Code, exec: Exec) -> bool {
        let number = exec.terminal.clamp(1, MAX_TERMINALS);
        self.show(number);
        let runs = self.terminal(number).run(|bracketed| input::typed(code, exec, bracketed));
        self.runs.update(|runs| *runs += 1);
        runs
    }

    /// Presses a key of the key row.
    pub fn press(self, key: RowKey) {
        self.terminal(self.active.get_untracked()).press(|application| key.text(application));
    }

    /// Moves the keyboard's focus into the terminal that is shown.
    pub fn focus(self) {
        self.each(|number, terminal| {
            if number == self.active.get_untracked() {
                terminal.focus();
            }
        });
    }

    /// Does something with every terminal.
    pub fn each(self, mut tell: impl FnMut(u8, &Terminal)) {
        let all = self.terminals.try_with_value(Vec::clone).unwrap_or_default();
        for (number, terminal) in &all {
            tell(*number, terminal);
        }
    }
}
