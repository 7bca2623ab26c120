//! The server's machine: what its kernel and its settings do for containers, and whether it has room for them.

use std::{fs, path::Path};

use super::finding::Finding;

/// What there is to be room for, all sessions and what waits for visitors together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Need {
    /// Containers at once.
    pub containers: u64,
    /// Ids of theirs.
    pub ids: u64,
    /// Bytes of memory that they may use.
    pub memory: u64,
}

/// Terminals that a container can open: its own instance of devpts has as many.
const PTYS: u64 = 1024;

/// What an unprivileged user may have at least for a system with services to run.
const INSTANCES: u64 = 128;

/// Looks at the machine whose root directory is given.
pub(super) fn look(root: &Path, need: &Need) -> Vec<Finding> {
    let host = Host(root);
    let mut findings = vec![
        host.apparmor(),
        host.seccomp(),
        host.cgroups(),
        host.ids(need),
        host.memory(need),
        host.terminals(need),
        host.inotify(),
        host.threads(),
        host.netfilter(),
    ];
    findings.extend(host.updates());
    findings
}

struct Host<'a>(&'a Path);

impl Host<'_> {
    fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.0.join(path)).ok().map(|text| text.trim().to_owned())
    }

    fn number(&self, path: &str) -> Option<u64> {
        self.read(path)?.parse().ok()
    }

    fn apparmor(&self) -> Finding {
        match self.read("sys/module/apparmor/parameters/enabled").as_deref() {
            Some("Y") => Finding::fine("AppArmor", "on"),
            _ => Finding::warning(
                "AppArmor",
                "off, one wall less around each container",
                "Boot a kernel with AppArmor: apparmor=1 security=apparmor",
            ),
        }
    }

    fn seccomp(&self) -> Finding {
        match self.read("proc/sys/kernel/seccomp/actions_avail") {
            Some(_) => Finding::fine("seccomp", "on"),
            None => Finding::problem(
                "seccomp",
                "the kernel filters no system calls: disk limits of btrfs don't hold",
                "Boot a kernel with CONFIG_SECCOMP_FILTER",
            ),
        }
    }

    fn cgroups(&self) -> Finding {
        match self.read("sys/fs/cgroup/cgroup.controllers") {
            Some(controllers) => Finding::fine("cgroups", format_args!("version 2: {controllers}")),
            None => Finding::warning(
                "cgroups",
                "version 1: containers that set up their own need more rights, and memory limits count less",
                "Boot with systemd.unified_cgroup_hierarchy=1",
            ),
        }
    }

    /// The ids that root may give away; LXD takes its own range where the file has none.
    fn ids(&self, need: &Need) -> Finding {
        let about = "ids";
        let counts = ["etc/subuid", "etc/subgid"].map(|file| {
            let text = self.read(file).unwrap_or_default();
            let root = text.lines().filter_map(|line| line.strip_prefix("root:"));
            root.filter_map(|range| range.split(':').nth(1)?.parse::<u64>().ok()).sum::<u64>()
        });
        let has = if counts == [0, 0] { 1_000_000_000 } else { counts[0].min(counts[1]) };
        match has.checked_sub(need.ids) {
            Some(_) => {
                Finding::fine(about, format_args!("{has}, and containers need {}", need.ids))
            }
            None => Finding::problem(
                about,
                format_args!("root may give away {has}, and containers need {}", need.ids),
                "Widen root's line in /etc/subuid and /etc/subgid, then restart LXD: root:1000000:1000000000",
            ),
        }
    }

    fn memory(&self, need: &Need) -> Finding {
        let about = "memory";
        let total = self.read("proc/meminfo").and_then(|text| {
            let kib = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
            Some(kib.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
        });
        let (has, wants) =
            (bytesize::ByteSize(total.unwrap_or(0)), bytesize::ByteSize(need.memory));
        match total {
            Some(total) if total < need.memory => Finding::warning(
                about,
                format_args!("{has}, and all containers together may use {wants}"),
                "Lower session.max, pool.size or limits.memory, or accept that the kernel ends programs when it is short.",
            ),
            _ => Finding::fine(
                about,
                format_args!("{has}, and all containers together may use {wants}"),
            ),
        }
    }

    fn terminals(&self, need: &Need) -> Finding {
        let (about, wants) = ("terminals", need.containers.saturating_mul(PTYS));
        match self.number("proc/sys/kernel/pty/max") {
            Some(has) if has < wants => Finding::warning(
                about,
                format_args!(
                    "{has} on the whole machine, and each container can open {PTYS}: a few can take them all"
                ),
                format!("sysctl -w kernel.pty.max={wants}, and in /etc/sysctl.d/"),
            ),
            _ => Finding::fine(about, "enough for every container"),
        }
    }

    fn inotify(&self) -> Finding {
        let about = "inotify";
        match self.number("proc/sys/fs/inotify/max_user_instances") {
            Some(has) if has < INSTANCES => Finding::warning(
                about,
                format_args!("{has} instances a user: systems with many services don't come up"),
                format!(
                    "sysctl -w fs.inotify.max_user_instances={INSTANCES}, and in /etc/sysctl.d/"
                ),
            ),
            // The kernel counts those of a container for root as well, who made its user namespace.
            _ => Finding::fine(
                about,
                "enough for systems with many services; all containers and root draw on the same",
            ),
        }
    }

    fn threads(&self) -> Finding {
        let about = "SMT";
        match self.read("sys/devices/system/cpu/smt/active").as_deref() {
            Some("1") => Finding::warning(
                about,
                "on: two containers may share a core, and what one computes shows in the other's timing",
                "Boot with nosmt, or a kernel with core scheduling, which LXD uses by itself where there is one.",
            ),
            _ => Finding::fine(about, "off"),
        }
    }

    fn netfilter(&self) -> Finding {
        let about = "bridge netfilter";
        match self.read("proc/sys/net/bridge/bridge-nf-call-ip6tables").as_deref() {
            Some("0") => Finding::problem(
                about,
                "off: LXD starts no container whose network card filters IPv6 addresses",
                "sysctl -w net.bridge.bridge-nf-call-ip6tables=1, and in /etc/sysctl.d/",
            ),
            _ => Finding::fine(about, "on, or LXD turns it on"),
        }
    }

    /// Automatic updates, as far as apt does them, and live patches.
    fn updates(&self) -> Vec<Finding> {
        let about = "updates";
        let mut findings = Vec::new();
        if let Ok(files) = fs::read_dir(self.0.join("etc/apt/apt.conf.d")) {
            let mut texts = files.filter_map(|file| fs::read_to_string(file.ok()?.path()).ok());
            let on = |text: String| {
                text.lines().any(|line| line.trim() == r#"APT::Periodic::Unattended-Upgrade "1";"#)
            };
            findings.push(match texts.any(on) {
                true => Finding::fine(about, "automatic"),
                false => Finding::warning(
                    about,
                    "not automatic: holes of the kernel stay open until somebody looks",
                    "apt-get install unattended-upgrades && dpkg-reconfigure -plow unattended-upgrades",
                ),
            });
        }
        let patches = fs::read_dir(self.0.join("sys/kernel/livepatch")).map_or(0, Iterator::count);
        findings.push(match patches {
            0 => Finding::fine(about, "no live patches: the kernel's take effect at a reboot"),
            _ => Finding::fine(about, format_args!("{patches} live patches in force")),
        });
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::check::finding::Verdict;

    const NEED: Need = Need { containers: 10, ids: 10 * 65_536, memory: 4 << 30 };

    /// What is said of a machine with these files.
    fn said(files: &[(&str, &str)]) -> Vec<Finding> {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        look(root.path(), &NEED)
    }

    fn verdict(findings: &[Finding], about: &str) -> Verdict {
        findings
            .iter()
            .filter(|finding| finding.about == about)
            .map(|one| one.verdict)
            .max()
            .unwrap()
    }

    #[test]
    fn a_machine_as_it_should_be_is_fine() {
        let findings = said(&[
            ("sys/module/apparmor/parameters/enabled", "Y\n"),
            ("proc/sys/kernel/seccomp/actions_avail", "kill_process\n"),
            ("sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n"),
            ("etc/subuid", "root:1000000:1000000000\n"),
            ("etc/subgid", "root:1000000:1000000000\n"),
            ("proc/meminfo", "MemTotal:       16000000 kB\n"),
            ("proc/sys/kernel/pty/max", "65536\n"),
            ("proc/sys/fs/inotify/max_user_instances", "1024\n"),
            ("sys/devices/system/cpu/smt/active", "0\n"),
            ("proc/sys/net/bridge/bridge-nf-call-ip6tables", "1\n"),
            ("etc/apt/apt.conf.d/20auto-upgrades", "APT::Periodic::Unattended-Upgrade \"1\";\n"),
        ]);
        assert!(findings.iter().all(|finding| finding.verdict == Verdict::Fine), "{findings:?}");
    }

    #[test]
    fn each_thing_that_lacks_is_named() {
        let findings = said(&[
            ("etc/subuid", "lxd:1:2\nroot:1000000:65536\n"),
            ("etc/subgid", "root:1000000:1000000000\n"),
            ("proc/meminfo", "MemTotal:       1000000 kB\n"),
            ("proc/sys/kernel/pty/max", "4096\n"),
            ("proc/sys/fs/inotify/max_user_instances", "8\n"),
            ("sys/devices/system/cpu/smt/active", "1\n"),
            ("proc/sys/net/bridge/bridge-nf-call-ip6tables", "0\n"),
            ("etc/apt/apt.conf.d/20auto-upgrades", "APT::Periodic::Unattended-Upgrade \"0\";\n"),
        ]);
        for about in ["AppArmor", "cgroups", "memory", "terminals", "inotify", "SMT", "updates"] {
            assert_eq!(verdict(&findings, about), Verdict::Warning, "{about}");
        }
        for about in ["seccomp", "ids", "bridge netfilter"] {
            assert_eq!(verdict(&findings, about), Verdict::Problem, "{about}");
        }
        assert!(findings.iter().all(|one| one.verdict == Verdict::Fine || one.remedy.is_some()));
    }
}
