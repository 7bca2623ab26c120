//! The pages of a tutorial: their scripts, their checks, doing them for the visitor, and where the visitor is.

use std::sync::Arc;

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{TestApp, Visitor, app::write};

const INDEX: &str = r#"{
  "title": "Steps",
  "details": {
    "intro": {"text": "text.md"},
    "steps": [
      {"text": "text.md", "background": "background.sh", "foreground": "foreground.sh"},
      {"text": "text.md", "verify": "verify.sh", "solve": "solve.sh"},
      {"text": "text.md", "verify": "flood.sh", "solve": "cannot.sh"},
      {"text": "text.md", "verify": "hostile.sh"},
      {"text": "text.md", "verify": "slow.sh", "solve": "start.sh"}
    ],
    "finish": {"text": "text.md"}
  }
}"#;

const SCRIPTS: [(&str, &str); 9] = [
    ("background.sh", "sleep 0.3\necho hidden\necho x >> /root/background\ntouch /root/made\n"),
    // Waits for the other, as many do: both must be under way at once.
    (
        "foreground.sh",
        "until [ -e /root/made ]; do sleep 0.1; done\necho x >> /root/foreground\nexport LESSON=three\ncd /opt\necho \"see\" it\n",
    ),
    (
        "verify.sh",
        "[ -e /root/answer ] && echo fine && exit\necho looked\necho 'Make the file /root/answer first.'\nexit 1\n",
    ),
    ("solve.sh", "touch /root/answer\n"),
    ("flood.sh", "head -c 1000000 /dev/zero | tr '\\0' x\nexit 1\n"),
    ("cannot.sh", "echo 'The moon is in the wrong house.' >&2\nexit 4\n"),
    ("slow.sh", "sleep 0.2\necho 'Nothing is started.'\ntest -e /root/started\n"),
    ("start.sh", "sleep 1000 &\ntouch /root/started\necho started\n"),
    (
        "hostile.sh",
        "printf 'first\\n\\033[2J\\033[31mred\\a\\033]0;title\\a\\0\\377 <b>bold</b>\\r\\n\\n'; exit 1\n",
    ),
];

async fn service() -> TestApp {
    let directory = TempDir::new().expect("a temporary directory");
    let tutorial = directory.path().join("tutorials/steps");
    write(tutorial.join("index.json"), INDEX);
    write(tutorial.join("text.md"), "`true`{{exec}} and `false`{{exec}}\n");
    for (name, text) in SCRIPTS {
        write(tutorial.join(name), text);
    }
    TestApp::start_in(Arc::new(directory), "").await
}

async fn step(visitor: &Visitor<'_>, path: &str) -> (StatusCode, Value) {
    visitor.ask(Method::POST, &format!("/steps/{path}")).await
}

fn refusal((status, body): (StatusCode, Value)) -> (u16, String) {
    (status.as_u16(), body["error"]["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn entering_a_page_runs_its_scripts_once() {
    let app = service().await;
    let visitor = app.running_visitor().await;
    let mut terminal = visitor.terminal().await.greeted().await;
    let entered = join_all((0..3).map(|_| step(&visitor, "1/enter"))).await;
    assert!(entered.iter().all(|(status, _)| *status == 204), "{entered:?}");
    terminal.expect("see it\r\n").await;
    assert_eq!(step(&visitor, "1/enter").await.0, 204);
    assert_eq!(
        terminal.run("echo $LESSON; pwd").await,
        "three\n/opt",
        "the foreground script ran in this shell"
    );
    assert_eq!(terminal.run("cat /root/background /root/foreground").await, "x\nx");
    assert_eq!(terminal.run("cat /var/lib/tryit/1-background.sh.log").await, "hidden");
    assert_eq!(terminal.run("ls -l /var/lib/tryit/*.sh | cut -c 1-10 | uniq").await, "-rwx------");
    for without in ["intro/enter", "2/enter", "finish/enter"] {
        assert_eq!(step(&visitor, without).await.0, 204, "{without}");
    }
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_scripts_could_not_be_started_can_be_entered_again() {
    let app = service().await;
    let visitor = app.running_visitor().await;
    let mut terminal = visitor.terminal().await.greeted().await;
    terminal.run("mkdir -p /var/lib; touch /var/lib/tryit").await;
    let (status, body) = step(&visitor, "1/enter").await;
    assert_eq!(status, 503, "there is a file where the scripts go: {body}");
    assert!(body["error"]["message"].as_str().expect("words").contains("reset"), "{body}");
    terminal.run("rm /var/lib/tryit").await;
    assert_eq!(step(&visitor, "1/enter").await.0, 204);
    terminal.expect("see it\r\n").await;
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_says_what_is_missing_and_passes_once_it_is_done() {
    let app = service().await;
    let visitor = app.running_visitor().await;
    let mut terminal = visitor.terminal().await.greeted().await;
    let (status, body) = step(&visitor, "2/check").await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body, json!({"passed": false, "message": "Make the file /root/answer first."}));
    assert!(
        visitor.view().await["progress"]["steps"]
            .get("2")
            .is_none_or(|step| step["passed"] == false)
    );
    terminal.run("touch /root/answer").await;
    let (_, body) = step(&visitor, "2/check").await;
    assert_eq!(body["passed"], true, "{body}");
    assert_eq!(visitor.view().await["progress"]["steps"]["2"]["passed"], true);
    terminal.run("rm /root/answer").await;
    assert_eq!(step(&visitor, "2/check").await.1["passed"], false, "each check looks anew");
    assert_eq!(
        visitor.view().await["progress"]["steps"]["2"]["passed"],
        true,
        "what was passed stays so"
    );
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_is_done_for_the_visitor() {
    let app = service().await;
    let visitor = app.running_visitor().await;
    assert_eq!(step(&visitor, "2/check").await.1["passed"], false);
    assert_eq!(step(&visitor, "2/solve").await.0, 204);
    assert_eq!(step(&visitor, "2/check").await.1["passed"], true);
    let (status, body) = step(&visitor, "3/solve").await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (409, &json!("wrong_state")));
    let message = body["error"]["message"].as_str().expect("words");
    assert!(message.ends_with("The moon is in the wrong house."), "{message}");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_may_leave_something_running() {
    let app = service().await;
    let visitor = app.running_visitor().await;
    let (status, body) = step(&visitor, "5/solve").await;
    assert_eq!(status, 204, "{body}");
    assert_eq!(step(&visitor, "5/check").await.1["passed"], true);
    let mut terminal = visitor.terminal().await.greeted().await;
    assert_eq!(
        terminal.run("pidof sleep | wc -w; cat /var/lib/tryit/5-solve.sh.log").await,
        "1\nstarted"
    );
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_check_of_a_session_runs_at_a_time() {
    let app = service().await;
    let visitor = app.running_visitor().await;
    let answers = join_all((0..10).map(|_| step(&visitor, "5/check"))).await;
    let (ran, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.0 == 200);
    assert!(!ran.is_empty() && !refused.is_empty(), "{ran:?} {refused:?}");
    for (_, body) in ran {
        assert_eq!(body, json!({"passed": false, "message": "Nothing is started."}));
    }
    for answer in refused {
        assert_eq!(refusal(answer), (409, "wrong_state".to_owned()));
    }
    assert_eq!(step(&visitor, "5/check").await.0, 200);
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_check_says_is_bounded_and_clean() {
    let app = service().await;
    let visitor = app.running_visitor().await;
    let (status, body) = step(&visitor, "3/check").await;
    assert_eq!(status, 200, "{body}");
    assert_eq!((&body["passed"], &body["message"]), (&json!(false), &json!("x".repeat(1024))));
    let (status, body) = step(&visitor, "4/check").await;
    assert_eq!(status, 200, "{body}");
    let message = body["message"].as_str().expect("words");
    assert!(message.starts_with("red") && message.ends_with("<b>bold</b>"), "{message:?}");
    assert!(!message.contains(char::is_control), "{message:?}");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_visitors_place_is_kept() {
    let app = service().await;
    let visitor = app.running_visitor().await;
    assert_eq!(visitor.view().await["progress"], json!({"page": "intro", "steps": {}}));
    let put = |body: Value| app.ask(visitor.request(Method::PUT, "/progress").json(&body));
    let (status, view) = put(json!({"page": "2", "ran": [1]})).await;
    assert_eq!(status, 200, "{view}");
    assert_eq!(
        view["progress"],
        json!({"page": "2", "steps": {"2": {"passed": false, "ran": [1]}}})
    );
    put(json!({"page": "2", "ran": [0, 1]})).await;
    let (_, view) = put(json!({"page": "finish"})).await;
    let expected = json!({"page": "finish", "steps": {"2": {"passed": false, "ran": [0, 1]}}});
    assert_eq!(view["progress"], expected);
    assert_eq!(visitor.view().await["progress"], expected);
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused() {
    let app = service().await;
    let visitor = app.running_visitor().await;
    for unknown in ["6/enter", "0/check", "01/check", "-1/solve", "two/enter"] {
        let (status, body) = step(&visitor, unknown).await;
        assert_eq!(
            (status.as_u16(), &body["error"]["code"]),
            (400, &json!("invalid_request")),
            "{unknown}"
        );
        assert_eq!(body["error"]["field"], "step", "{unknown}");
    }
    assert_eq!(refusal(step(&visitor, "1/check").await), (404, "not_found".to_owned()));
    assert_eq!(refusal(step(&visitor, "intro/solve").await), (404, "not_found".to_owned()));
    let put = |body: Value| app.ask(visitor.request(Method::PUT, "/progress").json(&body));
    for (body, field) in [
        (json!({"page": "6"}), "page"),
        (json!({"page": "2", "ran": vec![0; 101]}), "ran"),
        (json!({"page": "2", "passed": true}), "passed"),
        (json!({}), "page"),
    ] {
        let (status, answer) = put(body).await;
        assert_eq!((status.as_u16(), &answer["error"]["field"]), (400, &json!(field)), "{answer}");
    }
    visitor.end().await;
    for late in ["1/enter", "2/check", "2/solve"] {
        assert_eq!(
            refusal(step(&visitor, late).await),
            (410, "session_ended".to_owned()),
            "{late}"
        );
    }
    assert_eq!(refusal(put(json!({"page": "2"})).await), (410, "session_ended".to_owned()));
}
