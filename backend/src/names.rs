//! Names for new containers.

use domain::InstanceName;

/// Names tried without and with a suffix: far more than a collision takes.
const TRIES: usize = 8;

/// Names to try, one after the other: like `tryit-brave-otter`, later like `tryit-brave-otter-1f3a`.
pub(crate) fn names() -> Result<impl Iterator<Item = InstanceName> + Send, getrandom::Error> {
    let mut random = [0; 16 * TRIES];
    getrandom::fill(&mut random)?;
    let numbers = random.as_chunks::<8>().0.to_vec();
    let name = |(at, bytes)| InstanceName::from_number(u64::from_le_bytes(bytes), at >= TRIES);
    Ok(numbers.into_iter().enumerate().map(name))
}
