//! How fast the program may go: as fast as the quickest browser, and never held back for long.

use std::time::Instant;

use super::{Core, End, browser::Browser};

impl Core {
    /// How many bytes of output may be taken in now; 0 holds the program back.
    pub fn room(&self, now: Instant) -> u64 {
        let paced = || self.browsers.iter().filter(|browser| browser.is_attached());
        let Some(furthest) = paced().map(|browser| browser.acked).max() else { return u64::MAX };
        let room = (furthest + self.bounds.window).saturating_sub(self.ring.end());
        if room > 0 {
            return room;
        }
        // Nobody has acknowledged anything for so long that the program goes on without them.
        let silent = paced().all(|browser| now >= browser.owing_since + self.bounds.hold);
        if silent { u64::MAX } else { 0 }
    }

    /// When something will be due by time alone, in the future.
    pub fn deadline(&self, now: Instant) -> Option<Instant> {
        let taken = self.browsers.iter().filter_map(|browser| browser.taken_due);
        let given_up = self.browsers.iter().filter_map(|browser| self.gives_up_at(browser));
        let goes_on = (self.room(now) == 0).then(|| {
            let attached = self.browsers.iter().filter(|browser| browser.is_attached());
            attached.map(|browser| browser.owing_since + self.bounds.hold).max()
        });
        taken.chain(given_up).chain(goes_on.flatten()).filter(|due| *due > now).min()
    }

    /// When a browser that has not got all output of an ended command is let go.
    pub(super) fn gives_up_at(&self, browser: &Browser) -> Option<Instant> {
        match self.end {
            Some(End::Exited { at, .. }) => Some(browser.owing_since.max(at) + self.bounds.hold),
            Some(End::Lost | End::Exhausted) | None => None,
        }
    }
}
