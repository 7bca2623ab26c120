//! Terms, operators, bans and maintenance.

use super::*;

#[test]
fn terms_come_from_texts_and_files() {
    let both = config("[terms.de]\ntext = 'Regeln'\n[terms.en]\ntext = 'Rules'");
    let languages: Vec<_> = both.services().terms.into_iter().map(|terms| terms.lang).collect();
    assert_eq!(languages, ["de", "en"]);
    assert!(!both.example_terms);
    assert!(
        said("[terms.en]").contains("line 1: `terms.en`: expected `text` or `file`, found neither")
    );
    assert!(
        said("[terms.en]\ntext = ' '")
            .contains("line 2: `terms.en.text`: expected the terms, found nothing")
    );
    assert!(said("[terms.e_n]\ntext = 'a'").contains("`terms.e_n`: expected a language"));
    let said = said("[terms.en]\nfile = 'no-such-terms.md'");
    assert!(
        said.contains("line 2: `terms.en.file`: can't read /etc/tryit/no-such-terms.md: "),
        "{said}"
    );
}

#[test]
fn an_operator_is_read_and_a_token_in_the_wrong_place_is_not_repeated() {
    let hash = "ab".repeat(32);
    let operator = |keys: &str| format!("[[operator]]\nname = 'ann'\n{keys}");
    let config = config(&operator(&format!(
        "hash = 'sha256:{hash}'\nscopes = ['feedback:read']\nexpires = 2027-01-31"
    )));
    let [token] = &config.services().operators[..] else { panic!("one operator") };
    assert_eq!((token.name.as_str(), token.hash.to_hex()), ("ann", hash.clone()));
    assert_eq!(token.scopes, [Scope::FeedbackRead]);
    assert_eq!(
        token.expires.map(|moment| moment.to_string()).as_deref(),
        Some("2027-01-31T00:00:00.000Z")
    );

    let secret = said(&operator("hash = 'tryit_op_secret'\nscopes = ['feedback:read']"));
    assert!(
        secret.contains("line 3: `operator[0].hash`: expected the SHA-256 of the token"),
        "{secret}"
    );
    assert!(!secret.contains("tryit_op_secret"));
    let scope = said(&operator(&format!("hash = 'sha256:{hash}'\nscopes = ['feedback:write']")));
    assert!(
        scope.contains("line 4: `operator[0].scopes[0]`: expected a scope: feedback:read,"),
        "{scope}"
    );
    let none = said(&operator(&format!("hash = 'sha256:{hash}'\nscopes = []")));
    assert!(none.contains("`operator[0].scopes`: expected at least one scope"), "{none}");
    let expires = said(&operator(&format!(
        "hash = 'sha256:{hash}'\nscopes = ['metrics:read']\nexpires = 'soon'"
    )));
    assert!(
        expires.contains("line 5: `operator[0].expires`: expected a day like 2027-01-31"),
        "{expires}"
    );
}

#[test]
fn bans_and_maintenance_are_read() {
    let config = config(
        "[[ban]]\nnetwork = '198.51.100.7/24'\nreason = 'flood'\nuntil = 2027-01-31\n\
         [[ban]]\nnetwork = '::ffff:203.0.113.9'\n[maintenance]\non = true\nmessage = ' Back at noon. '",
    );
    let [first, second] = config.bans() else { panic!("two bans") };
    assert_eq!(
        (first.network.to_string().as_str(), first.reason.as_str()),
        ("198.51.100.0/24", "flood")
    );
    assert_eq!(
        first.until.map(|until| until.to_string()).as_deref(),
        Some("2027-01-31T00:00:00.000Z")
    );
    assert_eq!((second.network.to_string().as_str(), second.until), ("203.0.113.9/32", None));
    assert!(config.closed().on);
    assert_eq!(config.closed().message.as_deref(), Some("Back at noon."));
    for (text, expected) in [
        ("[[ban]]\nnetwork = 'everybody'", "line 2: `ban[0].network`: expected a network like"),
        ("[[ban]]\nreason = 'flood'", "`ban[0].network`: missing"),
        ("[[ban]]\nnetwork = '::1'\nuntil = 'soon'", "line 3: `ban[0].until`: expected a day like"),
        ("[[ban]]\nnetwork = '::1'\nname = 'x'", "`ban[0].name`: unknown key"),
        ("[maintenance]\non = 1", "line 2: `maintenance.on`: expected true or false"),
    ] {
        assert!(said(text).contains(expected), "{}", said(text));
    }
    let long = format!("[maintenance]\nmessage = '{}'", "x".repeat(1001));
    assert!(
        said(&long).contains("`maintenance.message`: expected at most 1000 characters, found 1001")
    );
}
