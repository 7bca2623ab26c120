//! Many at once.

use std::{collections::BTreeSet, num::NonZeroUsize};

use futures_util::future::join_all;
use provider::{
    CreateSpec, Provider,
    lxd::{Address, Lxd, Settings},
};

use crate::support::{nobody, sh, test, turn};

#[test]
fn containers_made_at_once_share_no_ids() {
    test(|server| async move {
        const COUNT: usize = 12;
        let address = Address::Unix(Some(server.socket.clone()));
        let settings =
            Settings { address, parallel: NonZeroUsize::new(4).unwrap(), ..Settings::default() };
        let lxd = Lxd::new(&settings).unwrap();
        let _turn = turn().await;
        let all = (0..COUNT).map(|number| {
            let (server, lxd) = (&server, &lxd);
            async move {
                let instance = server.instance(&number.to_string());
                let spec = CreateSpec {
                    instance: instance.clone(),
                    mark: server.mark,
                    source: server.source(),
                };
                lxd.create(&spec, nobody()).await.unwrap();
                lxd.start(&instance, nobody()).await.unwrap();
                let output = lxd.run(&instance, &sh("head -n 1 /proc/self/uid_map")).await.unwrap();
                let map = String::from_utf8_lossy(&output.stdout).into_owned();
                map.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 65_536
            }
        });
        let ranges: BTreeSet<u64> = join_all(all).await.into_iter().collect();
        assert_eq!(ranges.len(), COUNT);
        let deleted =
            (0..COUNT).map(|number| {
                let (server, lxd) = (&server, &lxd);
                async move {
                    lxd.delete(&server.instance(&number.to_string()), server.mark).await.unwrap()
                }
            });
        join_all(deleted).await;
        let left = lxd.list(server.projects()).await.unwrap();
        assert!(left.iter().all(|seen| seen.mark != Some(server.mark)), "{left:?}");
    });
}

#[test]
fn two_deletions_at_once_both_succeed() {
    test(|server| async move {
        let instance = server.container("a").await;
        let delete = || server.lxd.delete(&instance, server.mark);
        let (one, other) = tokio::join!(delete(), delete());
        one.unwrap();
        other.unwrap();
        assert_eq!(server.lxd.get(&instance).await.unwrap(), None);
    });
}

#[test]
fn two_starts_at_once_both_succeed() {
    test(|server| async move {
        let instance = server.create("a", server.source()).await.unwrap();
        let start = || server.lxd.start(&instance, nobody());
        let (one, other) = tokio::join!(start(), start());
        one.unwrap();
        other.unwrap();
    });
}
