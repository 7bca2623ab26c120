//! What is outside of a sandbox stays out of its reach.

use crate::support::Machine;

#[tokio::test]
async fn nothing_of_the_machine_can_be_seen_or_changed() {
    let machine = Machine::new();
    let instance = machine.start("tryit-a").await;
    let here = env!("CARGO_MANIFEST_DIR");
    assert_eq!(machine.run(&instance, &format!("test -e {here}")).await.code, 1);
    assert_eq!(
        machine.says(&instance, "ls -A /root /home /mnt /srv | grep -v -e : -e bashrc").await,
        ""
    );
    assert_eq!(machine.says(&instance, "ls /sys /boot /var/run/docker.sock 2>/dev/null").await, "");
    for change in [
        "touch /usr/x",
        "echo x >/proc/sys/kernel/core_pattern",
        "umount /proc/sys",
        "umount /proc",
        "mount -t tmpfs none /mnt",
        "mount -o remount,rw /usr",
        "mknod /root/disk b 8 0",
        "chroot / true",
        "unshare --mount true",
        "hostname other",
    ] {
        let output = machine.run(&instance, change).await;
        assert_ne!(output.code, 0, "{change}: {output:?}");
    }
    assert_eq!(
        machine
            .says(
                &instance,
                "grep -h -e CapEff -e CapBnd -e NoNewPrivs /proc/self/status | cut -f2"
            )
            .await,
        "0000000000000000\n0000000000000000\n1"
    );
    assert_eq!(
        machine.says(&instance, "cat /proc/net/dev | grep -c :").await,
        "1",
        "loopback alone"
    );
    assert_eq!(
        machine.says(&instance, "echo x 2>&1 >/dev/tty | grep -c .").await,
        "1",
        "no terminal of the service's"
    );

    let id = std::process::id();
    let visible = machine
        .says(
            &instance,
            &format!("grep -l tryit-preview-tests /proc/{id}/cmdline; ls /proc | grep -c '^[0-9]'"),
        )
        .await;
    assert!(visible.parse::<u32>().is_ok_and(|processes| processes < 10), "{visible}");
}

#[tokio::test]
async fn what_is_root_inside_is_nobody_special_outside() {
    let machine = Machine::new();
    let instance = machine.start("tryit-a").await;
    let outside = machine.says(&instance, "awk '{print $2}' /proc/self/uid_map").await;
    assert_ne!(outside, "0", "the machine's root must not be the sandbox's");
}
