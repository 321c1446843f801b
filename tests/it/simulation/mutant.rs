//! Faults built in on purpose, to see that the simulation would notice them.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mutant {
    /// A generation is dated at the end of the last ticket, not five minutes later.
    NoMargin,
    /// A generation is dated before its transaction holds the lock that tickets are issued under.
    DatedBeforeTheLock,
    /// A ticket is issued without raising `tickets_until`.
    TicketNotCounted,
    /// `dateLastModified` is Informat's `changed`.
    DatesFromInformat,
    /// Users of a generation are dated when the comparison begins, the rest when it is locked.
    TwoDates,
    /// The inputs are read before the publication lock is taken.
    InputsBeforeTheLock,
    /// The reference date follows the clock of the server that publishes.
    DayOfTheServer,
    /// A ticket names its generation by number.
    NumberInsteadOfId,
    /// Old tombstones are deleted, not published away.
    TombstonesDeleted,
    /// A delta asked without limit gets the default one.
    LimitOnUnpagedDelta,
    /// After a restore everything is dated as if no ticket could have been lost.
    RedatedNow,
    /// A server ends tickets by its own clock and how far the database's was ahead when last seen.
    ServerClockSetBack,
    /// A server that sees that the database went back goes on.
    GateStaysOpen,
    /// `recover` does not have everything dated anew where generations were lost.
    RecoveredWithoutRedate,
    /// `recover` forgets usernames.
    RecoveredWithoutUsernames,
    /// A ticket is handed out before the audit folder says so.
    TicketNotSigned,
}
