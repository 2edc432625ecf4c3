//! What the capture tells around an attempt: things that serve any sign-on of the client, and how else it looked for the server.
//!
//! Never holds what another client did, but for what holds for all: forests, names of domains, and where KDCs refer clients to.

use crate::frame::FrameNumber;
use crate::model::domain_names::DomainNames;
use crate::model::forests::Forests;
use crate::model::leases::Lease;
use crate::model::locator::DcPing;
use crate::model::neighbour_lookup::NeighbourLookup;
use crate::model::referrals::SeenReferral;
use crate::model::sessions::FileSession;
use crate::model::siblings::SeenTicket;
use crate::model::taken::TakenTicket;
use crate::model::ticket_request::TicketRequest;
use crate::model::trials::Tried;

/// What is known around an attempt when it is over.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The client's pings of domain controllers, in order.
    pub pings: Vec<DcPing>,
    /// Where the client asked for a name of the server without DNS, in order.
    pub neighbours: Vec<NeighbourLookup>,
    /// Which domains are of which forests.
    pub forests: Forests,
    /// Which short names are of which domains.
    pub domain_names: DomainNames,
    /// What else KDCs of the client's realm refer elsewhere, for this client or another, and where that leads.
    pub referrals: Vec<SeenReferral>,
    /// Tickets for other services of the server, that it runs under its own account.
    pub siblings: Vec<SeenTicket>,
    /// The latest address that the client got and had not had.
    pub lease: Option<Lease>,
    /// Sessions with the server, in which it was shown a ticket for its own account.
    pub sessions: Vec<FileSession>,
    /// How the tickets were got that it shows and did not ask for itself: before it, in the same capture.
    pub issued: Vec<TicketRequest>,
    /// Where its server accepted the ticket that it refuses in the attempt.
    pub taken: Option<TakenTicket>,
    /// What came of trying the user's keys on its tickets.
    pub tried: Vec<Tried>,
    /// Where a session with SQL Server begins to hide what is stored.
    pub sealed_sql: Option<FrameNumber>,
}
