//! `tryit setup` as it is typed.

use clap::{Args, ValueEnum};
use provider::lxd::setup;

use super::ImageFile;

pub(in crate::cli) const HELP: &str = "\
Makes, where it is missing, a storage pool, a bridge that leads nowhere until `network.allow` says
where, and two restricted projects, each with a profile: one for sources with `nesting`, one for all
others. What an earlier version made is brought up to date, what others made is left alone. Images go
into the projects of the sources that name them, or into both. Needs no more of the configuration than
`[lxd]` and `[network]`.

Examples:
  sudo tryit setup --dry-run                                what would be made and changed
  sudo tryit setup
  sudo tryit setup --image target/images/shell.tar.gz       as tryit-shell
  sudo tryit setup --image lesson=/srv/lesson.tar.gz        as lesson
  sudo tryit setup --families ipv6 --pool-driver zfs        before there are a bridge and a pool
  sudo tryit setup --remove                                 what setup made, and nothing else";

/// `tryit setup`
#[derive(Debug, Args)]
pub(in crate::cli) struct Setup {
    /// Import this image file as well; its alias is tryit- and the file's name, unless one is
    /// given. May be repeated
    #[arg(long = "image", value_name = "[ALIAS=]FILE")]
    pub images: Vec<ImageFile>,
    /// What the storage pool is made with, where one is made; btrfs when left out, or dir where
    /// there is no btrfs
    #[arg(long, value_name = "DRIVER")]
    pub pool_driver: Option<PoolDriver>,
    /// Size of the storage pool, where one is made: like 20GiB; a fifth of what is free when left
    /// out
    #[arg(long, value_name = "SIZE")]
    pub pool_size: Option<String>,
    /// What the bridge speaks, where one is made
    #[arg(long, value_name = "FAMILIES", default_value = "both")]
    pub families: Families,
    /// Take away what setup made, and the containers of sessions in its projects
    #[arg(long, conflicts_with_all = ["images", "pool_driver", "pool_size", "families"])]
    pub remove: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What a storage pool can be made with.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum PoolDriver {
    Btrfs,
    Zfs,
    Lvm,
    Dir,
}

impl From<PoolDriver> for setup::PoolDriver {
    fn from(driver: PoolDriver) -> Self {
        match driver {
            PoolDriver::Btrfs => Self::Btrfs,
            PoolDriver::Zfs => Self::Zfs,
            PoolDriver::Lvm => Self::Lvm,
            PoolDriver::Dir => Self::Dir,
        }
    }
}

/// What a bridge can speak.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum Families {
    Both,
    Ipv4,
    Ipv6,
}

impl From<Families> for setup::Families {
    fn from(families: Families) -> Self {
        match families {
            Families::Both => Self::Both,
            Families::Ipv4 => Self::Ipv4,
            Families::Ipv6 => Self::Ipv6,
        }
    }
}
