//! Preparing a server, looking at it, and undoing that.

use std::fs;

use domain::ServerId;
use provider::{
    CreateSpec, Limits, Origin, Provider, Source,
    lxd::{
        Address, Lxd, Settings,
        check::{self, Severity},
        setup::{self, Mode, Outcome, Plan},
    },
};
use reqwest::Method;
use serde_json::json;

use crate::support::{IMAGE, Server, build_image, nobody, sh, test, turn};

pub fn plan(server: &Server) -> Plan {
    let name = server.instance("s").name.to_string();
    let nested = format!("{name}-nested");
    Plan {
        pool: name.clone(),
        pool_size: Some("256MiB".to_owned()),
        // The kernel takes 15 characters.
        network: format!("n{}", name.trim_start_matches('t').replace('-', "")),
        ..Plan::new(name.parse().unwrap(), nested.parse().unwrap())
    }
}

pub fn outcomes(steps: &[setup::Step]) -> Vec<Outcome> {
    steps.iter().map(|step| step.outcome).collect()
}

fn errors(findings: &[check::Finding]) -> Vec<&check::Finding> {
    findings.iter().filter(|finding| finding.severity == Severity::Error).collect()
}

/// Removes what the plan made even when the test fails.
pub async fn removed(server: &Server, plan: &Plan, body: impl AsyncFnOnce()) {
    use futures_util::FutureExt;
    let result = std::panic::AssertUnwindSafe(body()).catch_unwind().await;
    let steps = setup::remove(&server.lxd, plan, Mode::Apply).await.unwrap();
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
    assert!(steps.iter().all(|step| step.outcome == Outcome::Removed), "{steps:?}");
    assert_eq!(setup::remove(&server.lxd, plan, Mode::Apply).await.unwrap(), []);
}

#[test]
fn an_empty_server_becomes_one_that_serves_and_empty_again() {
    test(|server| async move {
        let (lxd, plan) = (&server.lxd, plan(&server));
        let source = Source {
            origin: Origin::Image { alias: "mine".to_owned() },
            project: plan.project.clone(),
            limits: Limits { disk: Some("50MiB".to_owned()), ..Limits::default() },
            ..server.source()
        };
        let findings = check::run(lxd, std::slice::from_ref(&source)).await;
        assert!(errors(&findings)[0].problem.contains("there is no project"), "{findings:?}");

        removed(&server, &plan, async || {
            let steps = setup::apply(lxd, &plan, Mode::Apply).await.unwrap();
            let [made, changed] = [Outcome::Created, Outcome::Changed];
            assert_eq!(outcomes(&steps), [made, made, made, made, changed, made, changed]);
            let steps = setup::apply(lxd, &plan, Mode::Apply).await.unwrap();
            assert_eq!(outcomes(&steps), [Outcome::Kept; 7], "{steps:?}");

            let findings = check::run(lxd, std::slice::from_ref(&source)).await;
            assert!(errors(&findings)[0].problem.contains("the image mine"), "{findings:?}");
            let image = build_image();
            let import = async || {
                setup::import_image(lxd, &plan.project, &image, "mine", Mode::Apply)
                    .await
                    .unwrap()
                    .outcome
            };
            assert_eq!(import().await, Outcome::Created);
            assert_eq!(import().await, Outcome::Kept);
            let findings = check::run(lxd, std::slice::from_ref(&source)).await;
            assert_eq!(errors(&findings), Vec::<&check::Finding>::new());
            assert!(
                findings.iter().all(|finding| !finding.problem.contains("network card")),
                "{findings:?}"
            );

            // A session in it: it has addresses of its own, and its disk is limited.
            let instance =
                domain::InstanceRef { project: plan.project.clone(), ..server.instance("a") };
            let spec = CreateSpec { instance: instance.clone(), mark: ServerId::random(), source };
            {
                let _turn = turn().await;
                lxd.create(&spec, nobody()).await.unwrap();
            }
            lxd.start(&instance, nobody()).await.unwrap();
            let output = lxd
                .run(&instance, &sh("dd if=/dev/zero of=/root/x bs=1M count=80; ip addr"))
                .await
                .unwrap();
            let (stdout, stderr) =
                (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(stdout.contains("eth0"), "{stdout}");
            assert!(stderr.contains("quota exceeded"), "{stderr}");
        })
        .await;
    });
}

#[test]
fn another_image_takes_the_alias_and_the_old_one_goes() {
    test(|server| async move {
        let (lxd, plan) = (&server.lxd, plan(&server));
        removed(&server, &plan, async || {
            setup::apply(lxd, &plan, Mode::Apply).await.unwrap();
            let first = build_image();
            setup::import_image(lxd, &plan.project, &first, "mine", Mode::Apply).await.unwrap();
            // A gzip file may have another one after it.
            let second = first.with_file_name(format!("{}.tar.gz", plan.project));
            let mut bytes = fs::read(&first).unwrap();
            bytes.extend(fs::read(crate::support::empty_gzip(&plan.pool)).unwrap());
            fs::write(&second, bytes).unwrap();
            let step = setup::import_image(lxd, &plan.project, &second, "mine", Mode::Apply)
                .await
                .unwrap();
            assert_eq!(step.outcome, Outcome::Changed);
            let images = server.rest.get(&format!("/1.0/images?project={}", plan.project)).await;
            assert_eq!(images.as_array().unwrap().len(), 1, "{images}");
        })
        .await;
    });
}

#[test]
fn what_was_there_before_is_used_and_left_alone() {
    test(|server| async move {
        let lxd = &server.lxd;
        let name = server.instance("s").name.to_string();
        let project = json!({"name": name, "config": {"features.images": "true", "features.profiles": "true"}});
        server.rest.send(Method::POST, "/1.0/projects", project).await.unwrap();
        let pool =
            server.rest.get("/1.0/profiles/default").await["devices"]["root"]["pool"].clone();
        let plan = Plan {
            pool: pool.as_str().unwrap().to_owned(),
            network: server.bridge.clone(),
            ..Plan::new(name.parse().unwrap(), name.parse().unwrap())
        };
        let before = server.rest.get(&format!("/1.0/profiles/default?project={name}")).await;
        let steps = setup::apply(lxd, &plan, Mode::Apply).await.unwrap();
        assert_eq!(outcomes(&steps), [Outcome::Kept; 5], "{steps:?}");
        assert_eq!(server.rest.get(&format!("/1.0/profiles/default?project={name}")).await, before);
        let source = Source { project: plan.project.clone(), ..server.source() };
        let findings = check::run(lxd, &[source]).await;
        assert!(findings.iter().any(|finding| finding.problem.contains(IMAGE)), "{findings:?}");
        let steps = setup::remove(lxd, &plan, Mode::Apply).await.unwrap();
        assert_eq!(outcomes(&steps), [Outcome::Kept; 3], "{steps:?}");
        server
            .rest
            .send(Method::DELETE, &format!("/1.0/projects/{name}"), json!({}))
            .await
            .unwrap();
    });
}

#[test]
fn an_interface_that_is_no_network_of_the_server_is_named_with_a_remedy() {
    test(|server| async move {
        let plan = plan(&server);
        let ip = |words: &str| {
            let words = words.split(' ').filter(|word| !word.is_empty());
            let done = std::process::Command::new("ip").args(words).status().unwrap();
            assert!(done.success());
        };
        // What a server leaves behind that was killed, and its directory deleted.
        ip(&format!("link add {} type bridge", plan.network));
        let refused = setup::apply(&server.lxd, &plan, Mode::Apply).await;
        ip(&format!("link delete {}", plan.network));
        let said = refused.unwrap_err().to_string();
        assert!(said.contains(&format!("ip link delete {}", plan.network)), "{said}");
        setup::remove(&server.lxd, &plan, Mode::Apply).await.unwrap();
    });
}

#[test]
fn a_server_that_is_not_there_is_one_finding() {
    test(|server| async move {
        let address = Address::Unix(Some("/nonexistent/unix.socket".into()));
        let lxd = Lxd::new(&Settings { address, ..Settings::default() }).unwrap();
        let findings = check::run(&lxd, &[server.source()]).await;
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].to_string().contains("/nonexistent/unix.socket"), "{}", findings[0]);
    });
}
