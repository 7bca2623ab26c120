//! Networks whose visitors may not start a session.

use domain::{BanId, BanOrigin, UnixMs};
use shared::{
    ErrorCode,
    feedback::Page,
    operator::{self, BanRequest},
};
use store::{Ban, NewBan, Unban};

use super::Operator;
use crate::services::{Error, PageQuery, Result, Services, feedback::moment, paging, text};

/// The longest reason, in characters.
const MAX_REASON: usize = 1000;

impl Services {
    /// A page of the bans that have not run out, the newest first.
    pub async fn bans(&self, query: PageQuery) -> Result<Page<operator::Ban>> {
        let (cursor, limit) = query.parse()?;
        Ok(paging::page(self.0.store.list_bans(cursor, limit, UnixMs::now()).await?, item))
    }

    /// Bans a network or an address, the operator's own as well. Sessions that live go on.
    pub async fn ban(&self, by: &Operator, request: BanRequest) -> Result<operator::Ban> {
        let now = UnixMs::now();
        let ban = parse(request, now)?;
        let until = ban.until.map_or_else(|| "for good".to_owned(), |end| format!("until {end}"));
        let detail = match ban.reason.as_str() {
            "" => until,
            reason => format!("{until}: {reason}"),
        };
        let entry = by.act("ban.add", Some(ban.network.to_string()), Some(detail));
        let ban = self.0.store.ban_by_operator(&ban, &entry, now).await?;
        tracing::info!(operator = by.0, network = %ban.network, "a network was banned");
        Ok(item(ban))
    }

    /// Lifts a ban that was made at run time. The second time it is lifted already.
    pub async fn unban(&self, by: &Operator, id: BanId) -> Result<()> {
        let entry = |ban: &Ban| {
            let made = format!("ban {}, made by the {}", ban.id, ban.origin);
            by.act("ban.remove", Some(ban.network.to_string()), Some(made))
        };
        match self.0.store.unban_by_operator(id, entry, UnixMs::now()).await? {
            Unban::Lifted(ban) => {
                tracing::info!(operator = by.0, network = %ban.network, "a ban was lifted");
                Ok(())
            }
            Unban::Absent => Ok(()),
            Unban::OfTheConfiguration => Err(Error::new(
                ErrorCode::WrongState,
                "The configuration makes this ban. Take its `[[ban]]` table out of the file; the service sees that by \
                 itself.",
            )),
        }
    }
}

fn parse(request: BanRequest, now: UnixMs) -> Result<NewBan> {
    let network = super::network(&request.network)?;
    let until = moment(request.until, "until")?;
    if until.is_some_and(|until| until <= now) {
        return Err(Error::invalid("until", "This time has passed. Leave it out to ban for good."));
    }
    let reason = text::optional(request.reason, "reason", MAX_REASON)?.unwrap_or_default();
    Ok(NewBan { network, reason, until })
}

fn item(ban: Ban) -> operator::Ban {
    operator::Ban {
        id: ban.id.to_string(),
        network: ban.network.to_string(),
        reason: Some(ban.reason).filter(|reason| !reason.is_empty()),
        until: ban.until.map(|until| until.to_string()),
        origin: match ban.origin {
            BanOrigin::Configuration => operator::BanOrigin::Configuration,
            BanOrigin::Operator => operator::BanOrigin::Operator,
            BanOrigin::Detector => operator::BanOrigin::Detector,
        },
        created_at: ban.created_at.to_string(),
    }
}
