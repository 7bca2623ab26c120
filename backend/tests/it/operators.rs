//! What operators do, by whom, and that it is written down.

use domain::UnixMs;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Operator, TestApp,
    operators::{SCOPES, ann, table, token},
    until,
};

/// Every client is believed to be who it says, so that failures of one don't count against another.
const TRUSTED: &str = "trusted_networks = [\"127.0.0.0/8\"]\n";

/// Nobody may start, but nobody is banned either: what is not `banned` is `address_limit`.
const NOBODY: &str = "[session]\nper_address = 0\n";

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_ask_is_told_that_before_what_was_asked_wrong() {
    let app = TestApp::start(&ann()).await;
    for (method, path, body) in [
        (Method::GET, "/sessions?colour=red", None),
        (Method::GET, "/bans?limit=many", None),
        (Method::GET, "/audit?limit=-1", None),
        (Method::GET, "/feedback?rating=five", None),
        (Method::GET, "/statistics?period=never", None),
        (Method::POST, "/bans", Some("{")),
        (Method::PUT, "/maintenance", Some("nonsense")),
        (Method::POST, "/sessions/x/extend", Some("[]")),
    ] {
        let request = || {
            let asked = app.request(method.clone(), &format!("/operator{path}"));
            body.iter().fold(asked, |asked, body| asked.body(*body))
        };
        let (status, refused) = app.ask(request()).await;
        assert_eq!(
            (status.as_u16(), &refused["error"]["code"]),
            (401, &json!("unauthorized")),
            "{path}"
        );
        let (status, refused) = app.ask(request().bearer_auth(token("ann"))).await;
        assert!([400, 404, 415].contains(&status.as_u16()), "{path}: {refused}");
        if let Some((_, query)) = path.split_once('?') {
            let key = query.split('=').next();
            assert_eq!(
                (status.as_u16(), refused["error"]["field"].as_str()),
                (400, key),
                "{refused}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_route_asks_for_its_scope_and_refuses_all_others() {
    let session = "/sessions/00000000-0000-4000-8000-000000000000";
    let routes = [
        (Method::GET, "/sessions".to_owned(), None, "sessions:read", 200),
        (Method::DELETE, session.to_owned(), None, "sessions:write", 404),
        (Method::POST, format!("{session}/extend"), None, "sessions:write", 404),
        (Method::GET, "/bans".to_owned(), None, "bans:write", 200),
        (
            Method::POST,
            "/bans".to_owned(),
            Some(json!({"network": "192.0.2.1"})),
            "bans:write",
            201,
        ),
        (Method::DELETE, "/bans/999".to_owned(), None, "bans:write", 204),
        (Method::GET, "/maintenance".to_owned(), None, "maintenance:write", 200),
        (
            Method::PUT,
            "/maintenance".to_owned(),
            Some(json!({"on": false})),
            "maintenance:write",
            200,
        ),
        (Method::GET, "/audit".to_owned(), None, "sessions:read", 200),
        (Method::GET, "/statistics".to_owned(), None, "statistics:read", 200),
    ];
    let mut tables = table("old", SCOPES, "expires = 2020-01-01");
    for scope in SCOPES {
        let others: Vec<_> = SCOPES.iter().copied().filter(|other| other != scope).collect();
        tables += &table(&format!("only {scope}"), &[scope], "");
        tables += &table(&format!("all but {scope}"), &others, "");
    }
    let app = TestApp::start(&format!("{TRUSTED}{tables}")).await;
    for (at, (method, path, body, scope, status)) in routes.into_iter().enumerate() {
        let names = [format!("only {scope}"), format!("all but {scope}")];
        let [only, others] = names.each_ref().map(|name| Operator { app: &app, name });
        let answer = others.ask(method.clone(), &path, body.clone()).await;
        assert_eq!((answer.0, &answer.1["error"]["code"]), (403, &json!("forbidden")), "{path}");
        assert!(answer.1["error"]["message"].to_string().contains(scope), "{answer:?}");
        for stranger in [None, Some(token("old")), Some(token("guess"))] {
            let request = app
                .request(method.clone(), &format!("/operator{path}"))
                .header("x-forwarded-for", format!("198.51.100.{at}"));
            let request = match &body {
                Some(body) => request.json(body),
                None => request,
            };
            let request = match stranger {
                Some(token) => request.bearer_auth(token),
                None => request,
            };
            let (status, answer) = app.ask(request).await;
            assert_eq!((status.as_u16(), &answer["error"]["code"]), (401, &json!("unauthorized")));
        }
        let answer = only.ask(method, &path, body).await;
        assert_eq!(answer.0, status, "{path}: {}", answer.1);
    }
    let reader = Operator { app: &app, name: "only sessions:read" };
    let done = reader.get("/audit").await;
    let done: Vec<_> =
        done["items"].as_array().expect("rows").iter().map(|row| row["action"].clone()).collect();
    assert_eq!(done, ["maintenance.put", "ban.add"], "what was refused was not done");
}

#[tokio::test(flavor = "multi_thread")]
async fn live_sessions_are_listed_extended_and_ended() {
    let app = TestApp::start(&ann()).await;
    let ann = Operator::ann(&app);
    let (first, second) = (app.running_visitor().await, app.running_visitor().await);
    let terminal = first.terminal().await.greeted().await;
    let page = ann.get("/sessions?limit=1").await;
    assert_eq!(page["items"][0]["id"], second.id.as_str(), "the newest first");
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    let item = until("LXD says what the container uses", || async {
        let page = ann.get(&format!("/sessions?limit=1&cursor={cursor}")).await;
        assert!(page.get("next_cursor").is_none(), "{page}");
        page["items"][0].get("usage").is_some().then(|| page["items"][0].clone())
    })
    .await;
    let view = first.view().await;
    for key in ["id", "name", "state", "tutorial", "created_at", "running_at", "expires_at"] {
        assert_eq!(item[key], view[key], "{key}");
    }
    assert_eq!(
        [&item["source"], &item["address"], &item["extensions"], &item["attached"]],
        [&json!("shell"), &json!("127.0.0.1"), &json!(0), &json!(1)]
    );
    assert!(item["usage"]["processes"].as_u64().is_some_and(|count| count > 0), "{item}");
    assert!(item["usage"]["memory_bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{item}");
    assert!(!item.to_string().contains(&first.token), "no secret");

    let path = format!("/sessions/{}", first.id);
    let minutes = |view: &Value, since: &Value| {
        let at = |view: &Value| {
            view["expires_at"].as_str().expect("a time").parse::<UnixMs>().expect("a time")
        };
        (at(view).0 - at(since).0) / 60_000
    };
    let (status, longer) = ann.ask(Method::POST, &format!("{path}/extend"), None).await;
    assert_eq!((status, minutes(&longer, &view)), (200, 15), "{longer}");
    let hour = Some(json!({"minutes": 60}));
    let (status, longest) = ann.ask(Method::POST, &format!("{path}/extend"), hour).await;
    assert_eq!((status, minutes(&longest, &view)), (200, 75), "beyond the visitor's count");
    assert_eq!(first.view().await["extensions_left"], 1, "the visitor's own are left");
    for (body, field) in [
        (json!({"minutes": 0}), "minutes"),
        (json!({"minutes": 1441}), "minutes"),
        (json!({"hours": 1}), "hours"),
    ] {
        let (status, answer) = ann.ask(Method::POST, &format!("{path}/extend"), Some(body)).await;
        assert_eq!((status, &answer["error"]["field"]), (400, &json!(field)));
    }

    assert_eq!(ann.ask(Method::DELETE, &path, None).await.0, 204);
    assert_eq!(first.view().await["ended_reason"], "ended_by_operator");
    assert_eq!(ann.ask(Method::DELETE, &path, None).await.0, 204, "also the second time");
    let (status, answer) = ann.ask(Method::POST, &format!("{path}/extend"), None).await;
    assert_eq!((status, &answer["error"]["code"]), (410, &json!("session_ended")));
    let mut terminal = terminal;
    assert_eq!(terminal.closed().await, 4410);
    let act = |action: &str, detail: &str| [action.to_owned(), first.id.clone(), detail.to_owned()];
    assert_eq!(
        ann.audit().await,
        [
            act("session.extend", "by 15 minutes"),
            act("session.extend", "by 60 minutes"),
            act("session.end", "")
        ]
    );
    second.leave().await;
}

/// What a start from an address is answered.
async fn start_from(app: &TestApp, address: &str) -> String {
    let request = app
        .request(Method::POST, "/sessions")
        .header("x-forwarded-for", address)
        .json(&json!({"terms_hash": app.terms().await}));
    app.ask(request).await.1["error"]["code"].as_str().unwrap_or("none").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_refuses_whoever_comes_from_there_by_either_protocol() {
    let configured = "[[ban]]\nnetwork = \"203.0.113.0/24\"\nreason = \"scans\"\n";
    let app = TestApp::start(&format!("{TRUSTED}{NOBODY}{}{configured}", ann())).await;
    let ann = Operator::ann(&app);
    let four = ann.ban("198.51.100.7/24").await;
    assert_eq!(
        (&four["network"], &four["origin"]),
        (&json!("198.51.100.0/24"), &json!("operator"))
    );
    ann.ban("::ffff:192.0.2.0/120").await;
    ann.ban("2001:db8:1::/48").await;
    // An operator's own address is no exception.
    ann.ban("127.0.0.1").await;
    for (address, code) in [
        ("198.51.100.200", "banned"),
        ("::ffff:198.51.100.200", "banned"),
        ("198.51.101.1", "address_limit"),
        ("192.0.2.9", "banned"),
        ("[::ffff:192.0.2.9]:4711", "banned"),
        ("2001:db8:1:2::3", "banned"),
        ("2001:db8:2::3", "address_limit"),
        ("203.0.113.9", "banned"),
        ("127.0.0.1", "banned"),
    ] {
        assert_eq!(start_from(&app, address).await, code, "{address}");
    }

    let list = ann.get("/bans?limit=2").await;
    assert_eq!(list["items"][0]["network"], "127.0.0.1/32", "the newest first");
    let cursor = list["next_cursor"].as_str().expect("a cursor");
    let rest = ann.get(&format!("/bans?cursor={cursor}")).await;
    let rest = rest["items"].as_array().expect("rows");
    assert_eq!(rest.len(), 3);
    assert_eq!(
        (&rest[2]["origin"], &rest[2]["reason"]),
        (&json!("configuration"), &json!("scans"))
    );
    let path = |ban: &Value| format!("/bans/{}", ban["id"].as_str().expect("an id"));
    let (status, answer) = ann.ask(Method::DELETE, &path(&rest[2]), None).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("wrong_state")));
    assert!(answer["error"]["message"].to_string().contains("[[ban]]"), "{answer}");
    assert_eq!(start_from(&app, "203.0.113.9").await, "banned");

    for _ in 0..2 {
        assert_eq!(ann.ask(Method::DELETE, &path(&four), None).await.0, 204);
    }
    assert_eq!(start_from(&app, "198.51.100.200").await, "address_limit");
    let audit = ann.audit().await;
    assert_eq!(audit.len(), 5, "one row for each act, none for the second time: {audit:?}");
    assert_eq!(audit[4][..2], ["ban.remove".to_owned(), "198.51.100.0/24".to_owned()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_ends_and_one_that_makes_no_sense_is_refused() {
    let app = TestApp::start(&format!("{TRUSTED}{NOBODY}{}", ann())).await;
    let ann = Operator::ann(&app);
    let until_soon = UnixMs::now().plus(std::time::Duration::from_secs(3)).to_string();
    let body = json!({"network": "198.51.100.7", "reason": " flood ", "until": until_soon});
    let (status, ban) = ann.ask(Method::POST, "/bans", Some(body)).await;
    assert_eq!((status, &ban["reason"], &ban["until"]), (201, &json!("flood"), &json!(until_soon)));
    until("the ban has ended", || async {
        (start_from(&app, "198.51.100.7").await == "address_limit").then_some(())
    })
    .await;
    assert!(UnixMs::now() >= until_soon.parse().expect("a time"), "not before");
    assert_eq!(ann.get("/bans").await["items"], json!([]));
    for (body, field) in [
        (json!({"network": "everybody"}), "network"),
        (json!({"network": "198.51.100.0/33"}), "network"),
        (json!({"reason": "no network"}), "network"),
        (json!({"network": "::1", "until": "2020-01-01T00:00:00Z"}), "until"),
        (json!({"network": "::1", "until": "soon"}), "until"),
        (json!({"network": "::1", "reason": "x".repeat(1001)}), "reason"),
        (json!({"network": "::1", "colour": "red"}), "colour"),
    ] {
        let (status, answer) = ann.ask(Method::POST, "/bans", Some(body)).await;
        assert_eq!((status, &answer["error"]["field"]), (400, &json!(field)), "{answer}");
    }
    assert_eq!(ann.audit().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn maintenance_is_told_with_the_operators_words_and_sessions_go_on() {
    let app = TestApp::start(&ann()).await;
    let (ann, visitor) = (Operator::ann(&app), app.running_visitor().await);
    assert_eq!(ann.get("/maintenance").await, json!({"on": false, "configured": false}));
    let closed = json!({"on": true, "message": "Back at noon.", "configured": false});
    assert_eq!(ann.put_maintenance(json!({"on": true, "message": "Back at noon."})).await, closed);
    assert_eq!(ann.get("/maintenance").await, closed);
    let status = app.get("/status").await;
    assert_eq!(
        (&status["state"], &status["message"]),
        (&json!("maintenance"), &json!("Back at noon."))
    );
    let (status, body) = app.try_start(json!({"terms_hash": app.terms().await})).await;
    assert_eq!(
        (status.as_u16(), &body["error"]["code"], &body["error"]["message"]),
        (503, &json!("maintenance"), &json!("Back at noon."))
    );
    assert_eq!(visitor.terminal().await.greeted().await.run("echo on").await, "on");

    ann.put_maintenance(json!({"on": false, "message": "not kept"})).await;
    assert_eq!(app.get("/status").await["state"], "open");
    let (status, answer) =
        ann.ask(Method::PUT, "/maintenance", Some(json!({"message": "x"}))).await;
    assert_eq!((status, &answer["error"]["field"]), (400, &json!("on")));
    let row = |detail: &str| ["maintenance.put".to_owned(), String::new(), detail.to_owned()];
    assert_eq!(ann.audit().await, [row("on: Back at noon."), row("off")]);
    visitor.leave().await;
}
