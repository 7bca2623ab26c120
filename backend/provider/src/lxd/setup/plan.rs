//! What a prepared server has.

use domain::Project;

/// What is to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The project of containers without containers inside. Its profile `default`, like the other's, gets the pool's
    /// root disk and the bridge's network card.
    pub project: Project,
    /// The project of containers with containers inside: they need an id range of their own size, and a project that
    /// lets a client ask for that lets it ask for much else. May be the same one, which then is no better.
    pub nested_project: Project,
    /// The storage pool; one that is there already is used as it is.
    pub pool: String,
    /// What the pool is made with. Left out, it is btrfs, or a directory where there is no btrfs.
    pub pool_driver: Option<PoolDriver>,
    /// Its size, like `20GiB`, when it is made; the server's choice when absent (a fifth of what is free).
    pub pool_size: Option<String>,
    /// The bridge; one that is there already and not ours is used as it is. Its access list has the same name.
    pub network: String,
    /// What the bridge speaks when it is made.
    pub families: Families,
}

/// The addresses that a bridge gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Families {
    /// IPv4 and, where the machine has it, IPv6.
    #[default]
    Both,
    /// IPv4 alone.
    Ipv4,
    /// IPv6 alone.
    Ipv6,
}

/// The drivers of storage pools that disk limits hold on, and the one that they don't.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolDriver {
    /// A loop file with btrfs.
    Btrfs,
    /// A loop file with ZFS.
    Zfs,
    /// A loop file with LVM.
    Lvm,
    /// A directory: no disk limits, slow copies.
    Dir,
}

impl PoolDriver {
    /// The server's name for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Btrfs => "btrfs",
            Self::Zfs => "zfs",
            Self::Lvm => "lvm",
            Self::Dir => "dir",
        }
    }
}

impl Plan {
    /// The usual plan for a project and one for containers with containers inside.
    pub fn new(project: Project, nested_project: Project) -> Self {
        Self {
            project,
            nested_project,
            pool: "tryit".to_owned(),
            pool_driver: None,
            pool_size: None,
            network: "tryitbr0".to_owned(),
            families: Families::default(),
        }
    }

    /// The projects, each with whether its containers may have containers inside.
    pub(super) fn projects(&self) -> Vec<(&Project, bool)> {
        if self.project == self.nested_project {
            return vec![(&self.project, true)];
        }
        vec![(&self.project, false), (&self.nested_project, true)]
    }
}
