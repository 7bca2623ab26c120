//! Feedback is one row a session, open until a while after its end.

use domain::{EndedReason, Rating};

use super::*;
use crate::{Feedback, FeedbackFilter, PutFeedback};

const WINDOW: Duration = Duration::from_secs(24 * 3600);

fn said(rating: u8, message: &str) -> Feedback {
    Feedback {
        rating: Rating::try_from(rating).unwrap(),
        message: Some(message.to_owned()),
        email: None,
        email_consent: false,
    }
}

#[tokio::test]
async fn feedback_is_changed_in_place() {
    let db = Db::new().await;
    let id = db.running("198.51.100.7").await.id;
    assert_eq!(db.store.feedback(id).await.unwrap(), None);
    for feedback in [said(2, "Slow."), Feedback { message: None, ..said(5, "") }] {
        assert_eq!(
            db.store.put_feedback(id, &feedback, WINDOW, NOW).await.unwrap(),
            PutFeedback::Saved
        );
        assert_eq!(db.store.feedback(id).await.unwrap(), Some(feedback));
    }
    let page = db.store.list_feedback(&FeedbackFilter::default(), None, 10).await.unwrap();
    assert_eq!(page.items.len(), 1);
    assert_eq!(page.items[0].tutorial.as_deref(), Some("tour"));
}

#[tokio::test]
async fn an_address_is_kept_with_consent_only() {
    let db = Db::new().await;
    let id = db.running("198.51.100.7").await.id;
    for consent in [true, false] {
        let feedback = Feedback {
            email: Some("a@example.com".into()),
            email_consent: consent,
            ..said(4, "Nice.")
        };
        db.store.put_feedback(id, &feedback, WINDOW, NOW).await.unwrap();
        let kept = db.store.feedback(id).await.unwrap().unwrap();
        assert_eq!(kept.email.is_some(), consent, "consent withdrawn takes the address away");
    }
}

#[tokio::test]
async fn feedback_closes_a_while_after_the_end() {
    let db = Db::new().await;
    let id = db.running("198.51.100.7").await.id;
    let put = async |now| db.store.put_feedback(id, &said(3, "So so."), WINDOW, now).await.unwrap();
    assert_eq!(put(NOW.plus(10 * WINDOW)).await, PutFeedback::Saved, "the session lives");
    db.store.end(id, EndedReason::Expired, NOW).await.unwrap();
    assert_eq!(put(NOW.plus(WINDOW)).await, PutFeedback::Saved);
    assert_eq!(put(NOW.plus(WINDOW + Duration::from_millis(1))).await, PutFeedback::Closed);

    let unknown = SessionId::random();
    let answer = db.store.put_feedback(unknown, &said(3, "So so."), WINDOW, NOW).await.unwrap();
    assert_eq!(answer, PutFeedback::NoSession);
}

#[tokio::test]
async fn an_operator_finds_what_was_asked_for() {
    let db = Db::new().await;
    for (n, (rating, message, tutorial)) in
        [(5, "Great tour", "tour"), (1, "Too SLOW, 100%", "lxd"), (3, "fine_ly done", "tour")]
            .into_iter()
            .enumerate()
    {
        let new = NewSession { tutorial: Some(tutorial.to_owned()), ..from(&address(n as u32)) };
        let id = db.start(&new, &OPEN, NOW).await.unwrap().started().id;
        let feedback = Feedback {
            email: Some(format!("Visitor{n}@example.com")),
            email_consent: true,
            ..said(rating, message)
        };
        db.store.put_feedback(id, &feedback, WINDOW, NOW.plus(n as u32 * SECOND)).await.unwrap();
    }
    let filter = FeedbackFilter::default;
    let cases = [
        (filter(), vec![3, 1, 5]),
        (FeedbackFilter { rating: Some(Rating::try_from(1).unwrap()), ..filter() }, vec![1]),
        (FeedbackFilter { tutorial: Some("tour".into()), ..filter() }, vec![3, 5]),
        (FeedbackFilter { from: Some(NOW.plus(SECOND)), ..filter() }, vec![3, 1]),
        (FeedbackFilter { to: Some(NOW.plus(SECOND)), ..filter() }, vec![5]),
        (FeedbackFilter { q: Some("slow".into()), ..filter() }, vec![1]),
        (FeedbackFilter { q: Some("visitor0@".into()), ..filter() }, vec![5]),
        // No wildcards: what is asked for is what is found.
        (FeedbackFilter { q: Some("%".into()), ..filter() }, vec![1]),
        (FeedbackFilter { q: Some("_".into()), ..filter() }, vec![3]),
        (
            FeedbackFilter { q: Some("tour".into()), tutorial: Some("lxd".into()), ..filter() },
            vec![],
        ),
    ];
    for (filter, expected) in cases {
        let page = db.store.list_feedback(&filter, None, 10).await.unwrap();
        let ratings: Vec<_> = page.items.iter().map(|entry| entry.feedback.rating.get()).collect();
        assert_eq!(ratings, expected, "{filter:?}");
    }
}
