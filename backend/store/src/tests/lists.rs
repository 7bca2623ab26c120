//! Pages are complete, whatever is written while they are read.

use std::collections::BTreeSet;

use domain::Rating;

use super::*;
use crate::{Feedback, FeedbackFilter, NewAuditEntry};

async fn give(db: &Db, n: u32) -> SessionId {
    let id = db.start(&from(&address(n)), &OPEN, NOW).await.unwrap().started().id;
    change(db, id, n).await;
    id
}

async fn change(db: &Db, id: SessionId, at: u32) {
    let feedback = Feedback {
        rating: Rating::try_from(3).unwrap(),
        message: None,
        email: None,
        email_consent: false,
    };
    db.store.put_feedback(id, &feedback, HOUR, NOW.plus(at * SECOND)).await.unwrap();
}

#[tokio::test]
async fn paging_skips_nothing_and_repeats_nothing_while_others_write() {
    for limit in [1, 2, 3, 7, 20] {
        let db = Db::new().await;
        let mut given = Vec::new();
        for n in 0..14 {
            given.push(give(&db, n).await);
        }
        let mut seen = Vec::new();
        let mut cursor = None;
        for page_number in 0.. {
            let page =
                db.store.list_feedback(&FeedbackFilter::default(), cursor, limit).await.unwrap();
            assert!(page.items.len() <= limit as usize);
            seen.extend(page.items.iter().map(|entry| entry.session));
            // A new row comes before everything, and a changed one stays where it is.
            give(&db, 100 + page_number).await;
            change(&db, given[page_number as usize % given.len()], 200 + page_number).await;
            // The cursor travels as text.
            cursor = page.next.map(|next| next.to_string().parse().unwrap());
            if cursor.is_none() {
                break;
            }
        }
        given.reverse();
        assert_eq!(seen, given, "limit {limit}");
    }
}

#[tokio::test]
async fn the_last_page_says_so_even_when_it_is_full() {
    let db = Db::new().await;
    for n in 0..4 {
        give(&db, n).await;
    }
    let list =
        async |cursor| db.store.list_feedback(&FeedbackFilter::default(), cursor, 2).await.unwrap();
    let first = list(None).await;
    let last = list(first.next).await;
    assert_eq!((first.items.len(), last.items.len(), last.next), (2, 2, None));
}

#[tokio::test]
async fn the_audit_is_read_newest_first() {
    let db = Db::new().await;
    for n in 0..5 {
        let entry = NewAuditEntry {
            actor: "ops".to_owned(),
            action: "session.end".to_owned(),
            subject: Some(n.to_string()),
            detail: None,
        };
        db.store.audit(&entry, NOW.plus(n * SECOND)).await.unwrap();
    }
    let mut subjects = Vec::new();
    let mut cursor = None;
    loop {
        let page = db.store.list_audit(cursor, 2).await.unwrap();
        subjects.extend(page.items.into_iter().filter_map(|item| item.entry.subject));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(subjects, ["4", "3", "2", "1", "0"]);
    assert_eq!(subjects.iter().collect::<BTreeSet<_>>().len(), 5);
}
