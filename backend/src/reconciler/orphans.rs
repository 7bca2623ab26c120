//! The guard at the start: many containers of ours without a row mean that the database is not the one they belong to.

use domain::InstanceRef;

use super::{Error, Shared, rules, world::World};

/// A crash leaves none, so a few are no reason to stop.
const FEW: usize = 3;

/// What to do with containers of ours that have no row, should there be many at the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Orphans {
    /// Stop with a message.
    #[default]
    Stop,
    /// Take our mark off them; they are the operator's from then on.
    Adopt,
    /// Delete them.
    Purge,
}

/// Refuses more of them than a crash can leave.
pub fn refuse_many(found: &[InstanceRef]) -> Result<(), Error> {
    match found.len() > FEW {
        true => Err(Error::Orphans(found.iter().map(ToString::to_string).collect())),
        false => Ok(()),
    }
}

/// Decides once, by the first complete list.
pub struct Guard(Option<Orphans>);

impl Guard {
    pub fn new(orphans: Orphans) -> Self {
        Self(Some(orphans))
    }

    pub async fn check(&mut self, shared: &Shared, world: &World) -> Result<(), Error> {
        if world.listing.is_none() {
            return Ok(());
        }
        let Some(orphans) = self.0.take() else { return Ok(()) };
        let found: Vec<_> = rules::orphans(world).map(|seen| seen.instance.clone()).collect();
        match orphans {
            Orphans::Stop => refuse_many(&found),
            Orphans::Purge => Ok(()),
            Orphans::Adopt => {
                for instance in found {
                    match shared.provider.unmark(&instance).await {
                        Ok(()) => {
                            tracing::warn!(%instance, "a container without a row is yours from now on")
                        }
                        Err(error) => {
                            tracing::error!(%instance, cause = %error, "a container keeps our mark")
                        }
                    }
                }
                Ok(())
            }
        }
    }
}
