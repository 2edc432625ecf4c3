//! The windows of the clients that are heard of.
//!
//! Never decides when something in one is over.

use std::net::IpAddr;

use rustc_hash::FxHashMap;

use crate::limits::Budget;
use crate::model::window::Window;

/// One window for each client, by address, and how many exchanges there are in all of them.
#[derive(Debug, Default)]
pub struct Clients {
    windows: FxHashMap<IpAddr, Window>,
    kept: usize,
}

impl Clients {
    /// Whether there are more clients, or more exchanges of them, than are kept.
    pub fn are_crowded(&self) -> bool {
        self.kept > Budget::EXCHANGES || self.windows.len() > Budget::CLIENTS
    }

    /// Exchanges of all clients together.
    pub const fn kept(&self) -> usize {
        self.kept
    }

    /// The window of `client`, if it has one.
    pub fn get(&self, client: IpAddr) -> Option<&Window> {
        self.windows.get(&client)
    }

    /// All windows, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (IpAddr, &Window)> {
        self.windows
            .iter()
            .map(|(client, window)| (*client, window))
    }

    /// Lets `act` work on the window of `client`, which gets one if it has none.
    pub fn with<R>(&mut self, client: IpAddr, act: impl FnOnce(&mut Window) -> R) -> R {
        let window = self.windows.entry(client).or_default();
        let before = window.len();
        let result = act(window);
        self.kept = (self.kept + window.len()).saturating_sub(before);
        result
    }

    /// The window of `client`, if it has one, for what adds no exchange and takes none away.
    pub fn get_mut(&mut self, client: IpAddr) -> Option<&mut Window> {
        self.windows.get_mut(&client)
    }

    /// Lets `act` take things out of the window of `client`, if it has one. A window that is empty then is let go.
    pub fn thin_out<R>(&mut self, client: IpAddr, act: impl FnOnce(&mut Window) -> R) -> Option<R> {
        let window = self.windows.get_mut(&client)?;
        let before = window.len();
        let result = act(window);
        self.kept = self.kept.saturating_sub(before - window.len());
        if window.is_empty() {
            self.windows.remove(&client);
        }
        Some(result)
    }

    /// Adds the window of `other`, if it has one, to that of `main`.
    pub fn join(&mut self, other: IpAddr, main: IpAddr) {
        if let Some(other) = self.windows.remove(&other) {
            self.kept = self.kept.saturating_sub(other.len());
            self.with(main, |window| window.join(other));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::message::{TcpEvent, TcpEventKind};
    use crate::endpoint::{ConnectionId, Endpoint};
    use crate::frame::{FrameNumber, Timestamp};

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    fn connect(clients: &mut Clients, client: IpAddr) {
        let event = TcpEvent {
            connection: ConnectionId(1),
            client: Endpoint::new(client, 1025),
            server: Endpoint::new(address(99), 80),
            frame: FrameNumber(1),
            time: Timestamp::from_nanos(0),
            kind: TcpEventKind::SynAck,
        };
        clients.with(client, |window| window.connect(&event));
    }

    #[test]
    fn an_emptied_window_is_let_go() {
        let mut clients = Clients::default();
        connect(&mut clients, address(1));
        connect(&mut clients, address(2));
        assert_eq!(clients.kept(), 2);
        clients.thin_out(address(1), |window| window.connects.clear());
        assert_eq!(clients.kept(), 1);
        assert!(clients.get(address(1)).is_none());
        assert!(clients.get(address(2)).is_some());
    }

    #[test]
    fn two_windows_become_one() {
        let mut clients = Clients::default();
        connect(&mut clients, address(1));
        connect(&mut clients, address(2));
        clients.join(address(2), address(1));
        assert_eq!(clients.kept(), 2);
        assert_eq!(clients.iter().count(), 1);
        assert_eq!(clients.get(address(1)).map(Window::len), Some(2));
    }
}
