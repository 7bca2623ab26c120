//! `index.json` and `index.yaml`: what is read, what is forgiven, what is named.

use shared::tutorial::{Block, Inline, TutorialPage};
use tutorial::{Catalog, MemoryFiles, PageId, Scenario};

use crate::support::{load, messages};

/// A scenario with everything that the format has.
fn whole() -> Scenario {
    let index = r##"{
      "title": "Whole", "description": "All of it.", "time": 10, "difficulty": "easy",
      "details": {
        "intro": {"text": "intro.md", "background": "setup.sh", "foreground": "wait.sh"},
        "steps": [
          {"title": "First", "text": "step1/text.md", "verify": "step1/verify.sh", "hint": "Type `ls`{{exec}}.", "solve": "step1/solve.sh"},
          {"text": "step2.md", "courseData": "setup.sh", "code": "wait.sh", "answer": "answer.md", "run_on_enter": false},
          {}
        ],
        "finish": {"text": "finish.md"},
        "assets": {"host01": [
          {"file": "app*/**/*.*", "target": "~/app", "chmod": "+x"},
          {"file": "../../secret", "target": "/"},
          {"file": "a", "target": "/a", "chmod": "--help"}
        ]}
      },
      "backend": {"imageid": "ubuntu"},
      "interface": {"layout": "ide"},
      "facts": {"ip": "hostname -I", "no good": "x"},
      "call_to_action": {"text": "More", "url": "https://x.org/more"}
    }"##;
    load(
        &MemoryFiles::default()
            .with("demo/index.json", format!("\u{feff}{index}"))
            .with("demo/intro.md", "Welcome")
            .with("demo/setup.sh", "#!/bin/bash\r\necho 1\r\n")
            .with("demo/wait.sh", "until [ -e /x ]; do :; done\n")
            .with("demo/step1/text.md", "Run `a`{{exec}}")
            .with("demo/step1/verify.sh", "exit 0")
            .with("demo/step1/solve.sh", "ls")
            .with("demo/step2.md", "intro\n\n## Second\n\ntext")
            .with("demo/answer.md", "`b`{{exec}}")
            .with("demo/finish.md", "# Bye\n\nEnd"),
        "demo",
    )
}

#[test]
fn pages_and_titles() {
    let scenario = whole();
    let tutorial = scenario.tutorial(None);
    let seen: Vec<_> =
        tutorial.pages.iter().map(|page| (page.id.as_str(), page.title.as_str())).collect();
    assert_eq!(
        seen,
        [("intro", "Whole"), ("1", "First"), ("2", "Second"), ("3", "Step 3"), ("finish", "Bye")]
    );
    assert_eq!(tutorial.summary.steps, ["First", "Second", "Step 3"]);
    assert_eq!((tutorial.summary.slug.as_str(), tutorial.lang.as_str()), ("demo", "en"));
    assert_eq!(tutorial.summary.time.as_deref(), Some("10"));
    assert_eq!(scenario.imageid.as_deref(), Some("ubuntu"));
    assert_eq!(tutorial.call_to_action.as_ref().unwrap().url, "https://x.org/more");
}

#[test]
fn scripts_stay_on_the_server_and_are_announced() {
    let scenario = whole();
    let intro = scenario.page(PageId::Intro).unwrap();
    assert_eq!(
        intro.background.as_ref().unwrap().text,
        "#!/bin/bash\necho 1\n",
        "line ends as bash needs them"
    );
    assert_eq!(intro.foreground.as_ref().unwrap().file.as_str(), "demo/wait.sh");
    let flags = |page: &TutorialPage| (page.enters, page.checks, page.solves);
    let seen: Vec<_> = scenario.tutorial(None).pages.iter().map(flags).collect();
    assert_eq!(
        seen,
        [
            (true, false, false),
            (false, true, true),
            (false, false, false),
            (false, false, false),
            (false, false, false)
        ]
    );
    let second = scenario.page(PageId::Step(2)).unwrap();
    assert!(second.background.is_some() && second.foreground.is_some() && !second.run_on_enter);
    assert!(!serde_json::to_string(scenario.tutorial(None)).unwrap().contains("echo 1"));
}

#[test]
fn hints_continue_the_numbers_of_the_page() {
    let scenario = whole();
    let pages = &scenario.tutorial(None).pages;
    let Block::Paragraph { content } = &pages[1].hint[0] else { panic!("{:#?}", pages[1].hint) };
    assert!(matches!(&content[1], Inline::Code { code } if code.id == 1 && code.text == "ls"));
    assert!(
        matches!(&pages[2].hint[0], Block::Paragraph { content } if matches!(&content[0], Inline::Code { .. }))
    );
}

#[test]
fn assets_and_facts() {
    let scenario = whole();
    let seen: Vec<_> =
        scenario.assets.iter().map(|asset| (asset.file.as_str(), asset.target.as_str())).collect();
    assert_eq!(seen, [("app*/**/*.*", "~/app"), ("a", "/a")]);
    assert_eq!(scenario.assets[0].chmod.as_ref().unwrap().as_str(), "+x");
    assert_eq!(scenario.facts, [("ip".to_owned(), "hostname -I".to_owned())].into());
    assert_eq!(
        messages(&scenario),
        [
            "13: `../../secret` leads outside of `assets`",
            "14: `--help`: expected a mode like `0755` or `+x`",
            "19: `no good`: a fact's name is made of letters, digits and `_`",
        ]
    );
}

#[test]
fn title_and_backend_are_enough() {
    let index = r#"{"title": "T", "backend": {"imageid": "bash"}}"#;
    let scenario = load(&MemoryFiles::default().with("a/index.json", index), "a");
    assert!(scenario.problems.is_empty() && scenario.pages.is_empty());
}

#[test]
fn yaml_says_the_same_without_aliases() {
    let yaml = "title: T\ndetails:\n  steps:\n    - title: One\n      text: one.md\nbackend:\n  imageid: ubuntu\n";
    let files = MemoryFiles::default().with("a/index.yaml", yaml).with("a/one.md", "x");
    assert_eq!(load(&files, "a").tutorial(None).pages[0].title, "One");
    let bomb = "a: &a [x, x]\nb: &b [*a, *a]\ntitle: T\n";
    let catalog = Catalog::load(&MemoryFiles::default().with("a/index.yaml", bomb));
    assert!(catalog.scenarios().is_empty());
    assert_eq!(catalog.problems.len(), 1, "{:?}", catalog.problems);
}

#[test]
fn unknown_keys_are_warnings_with_their_line() {
    let index = "{\n \"title\": \"T\",\n \"details\": {\n  \"stepz\": [],\n  \"steps\": [{\"txt\": \"a.md\"}]\n }\n}";
    let scenario = load(&MemoryFiles::default().with("a/index.json", index), "a");
    assert_eq!(
        messages(&scenario),
        [
            "4: the key `details.stepz` is not known and is ignored",
            "5: the key `details.steps.0.txt` is not known and is ignored",
        ]
    );
}

#[test]
fn what_is_missing_or_leads_outside_is_an_error_with_its_line() {
    let index = "{\n \"title\": \"T\",\n \"details\": {\"steps\": [\n  {\"text\": \"gone.md\"},\n  {\"text\": \"../../etc/passwd\"},\n  {\"verify\": \"gone.sh\"}\n ]},\n \"call_to_action\": {\"text\": \"x\", \"url\": \"javascript:x\"}\n}";
    let scenario = load(&MemoryFiles::default().with("a/index.json", index), "a");
    assert_eq!(
        messages(&scenario),
        [
            "4: `gone.md`: not found",
            "5: `../../etc/passwd`: leads outside of the tutorials directory",
            "6: `gone.sh`: not found",
            "8: `javascript:x` is no http or https address",
        ]
    );
    assert_eq!(scenario.tutorial(None).pages.len(), 3);
}

#[test]
fn a_broken_index_is_an_error_with_its_line() {
    let catalog =
        Catalog::load(&MemoryFiles::default().with("a/index.json", "{\n \"title\": \"T\",\n}"));
    assert_eq!(catalog.problems.len(), 1);
    assert!(catalog.problems[0].to_string().starts_with("a/index.json:3: error: trailing comma"));
    let huge = format!("{{\"title\": \"{}\"}}", "x".repeat(300_000));
    let catalog = Catalog::load(&MemoryFiles::default().with("a/index.json", huge));
    assert_eq!(catalog.problems[0].to_string(), "a/index.json: error: larger than 262144 bytes");
}

#[test]
fn translations_fall_back_page_by_page() {
    let index = r#"{"title": "T", "details": {"steps": [{"title": "One", "text": "one/text.md"}, {"title": "Two", "text": "two.md"}]}}"#;
    let scenario = load(
        &MemoryFiles::default()
            .with("a/index.json", index)
            .with("a/one/text.md", "Hello ![x](x.png)")
            .with("a/one/x.png", "")
            .with("a/one/_de/text.md", "# Eins\n\nHallo ![x](x.png)")
            .with("a/two.md", "World"),
        "a",
    );
    assert!(scenario.problems.is_empty(), "{:?}", scenario.problems);
    for lang in ["de", "de-AT", "DE"] {
        let german = scenario.tutorial(Some(lang));
        let titles: Vec<_> = german.pages.iter().map(|page| page.title.as_str()).collect();
        assert_eq!((german.lang.as_str(), titles), ("de", vec!["Eins", "Two"]));
    }
    assert_eq!(scenario.tutorial(Some("fr")).lang, "en");
}
