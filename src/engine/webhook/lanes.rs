//! Who is served next: the places of all servers, shared so that servers that do not answer never delay one that does.
//!
//! A server earns its place in the quick lane by having answered quickly; new, slow and failed servers share smaller lanes. Without
//! threads and clocks: `limiter` waits.
#![forbid(unsafe_code)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Servers that are remembered; above it, those without a place and without a ticket are forgotten, the least recently used first.
const MAX_SERVERS: usize = 4096;

/// What is known about a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// It answered the last time, quickly. The most recent answer goes first.
    Quick,
    /// It answered the last time, slowly. The server that has waited longest goes first.
    Slow,
    /// Nothing. The newest goes first: it does not wait for a crowd of servers that never answer.
    New,
    /// It did not answer the last time. The server that has waited longest goes first.
    Failed,
}

impl Lane {
    /// The order in which lanes are served.
    const ALL: [Self; 4] = [Self::Quick, Self::Slow, Self::New, Self::Failed];
}

/// Bounds of one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneBounds {
    /// Places of all servers together.
    pub places: usize,
    /// Places of one server.
    pub per_server: usize,
}

/// Servers `K`, and the tickets `T` that wait for a place.
#[derive(Debug)]
pub struct Lanes<K, T> {
    /// Places of all lanes together.
    places: usize,
    bounds: [LaneBounds; 4],
    /// Occupied places of each lane.
    occupied: [usize; 4],
    servers: BTreeMap<K, ServerState<T>>,
    /// The servers of each lane that have a ticket and may have one more place, in their order.
    ready: [BTreeSet<(u64, K)>; 4],
    /// Counts what happens: the order of answers, arrivals and turns.
    clock: u64,
}

#[derive(Debug)]
struct ServerState<T> {
    lane: Lane,
    tickets: VecDeque<T>,
    /// Occupied places.
    occupied: usize,
    /// Time of its last answer, arrival or turn.
    since: u64,
    /// Its entry in `ready`.
    ready: Option<(Lane, u64)>,
}

impl<K: Clone + Ord, T> Lanes<K, T> {
    /// `places` for all lanes together. The quick lane may use what the bounds of the others leave.
    pub fn new(places: usize, bounds: [LaneBounds; 4]) -> Self {
        Self {
            places,
            bounds,
            occupied: [0; 4],
            servers: BTreeMap::new(),
            ready: Default::default(),
            clock: 0,
        }
    }

    /// Adds a ticket.
    pub fn wait(&mut self, server: &K, ticket: T) {
        self.server(server).tickets.push_back(ticket);
        self.index(server);
    }

    /// The next ticket that gets a place, with its server and lane; the place is occupied until [`Lanes::leave`].
    pub fn next(&mut self) -> Option<(T, K, Lane)> {
        if self.occupied.iter().sum::<usize>() >= self.places {
            return None;
        }
        for lane in Lane::ALL {
            if self.occupied[lane as usize] >= self.bounds[lane as usize].places {
                continue;
            }
            let Some((_, key)) = self.ready[lane as usize].first().cloned() else {
                continue;
            };
            let turn = self.tick();
            let server = self.server(&key);
            let ticket = server.tickets.pop_front();
            if ticket.is_some() {
                server.occupied += 1;
                if matches!(lane, Lane::Slow | Lane::Failed) {
                    server.since = turn;
                }
                self.occupied[lane as usize] += 1;
            }
            self.index(&key);
            return ticket.map(|ticket| (ticket, key, lane));
        }
        None
    }

    /// Gives back a place that a ticket of `server` got in `lane`.
    pub fn leave(&mut self, server: &K, lane: Lane) {
        self.occupied[lane as usize] -= 1;
        self.server(server).occupied -= 1;
        self.index(server);
    }

    /// Moves a server to a lane. Its tickets go with it, its places stay.
    pub fn set_lane(&mut self, server: &K, lane: Lane) {
        let now = self.tick();
        let state = self.server(server);
        if lane == Lane::Quick || state.lane != lane {
            state.since = now;
        }
        state.lane = lane;
        self.index(server);
    }

    /// The lane of a server.
    pub fn lane(&self, server: &K) -> Lane {
        self.servers.get(server).map_or(Lane::New, |s| s.lane)
    }

    /// Whether a ticket waits for a place of this lane.
    pub fn is_wanted(&self, lane: Lane) -> bool {
        !self.ready[lane as usize].is_empty()
    }

    fn server(&mut self, key: &K) -> &mut ServerState<T> {
        if !self.servers.contains_key(key) {
            self.forget();
        }
        let now = self.tick();
        self.servers.entry(key.clone()).or_insert(ServerState {
            lane: Lane::New,
            tickets: VecDeque::new(),
            occupied: 0,
            since: now,
            ready: None,
        })
    }

    /// Makes room for one more server.
    fn forget(&mut self) {
        if self.servers.len() < MAX_SERVERS {
            return;
        }
        let mut idle: Vec<(u64, K)> = self
            .servers
            .iter()
            .filter(|(_, server)| server.occupied == 0 && server.tickets.is_empty())
            .map(|(key, server)| (server.since, key.clone()))
            .collect();
        idle.sort();
        idle.truncate(idle.len().div_ceil(2));
        for (_, key) in idle {
            self.servers.remove(&key);
        }
    }

    /// Puts a server where it belongs in `ready`.
    fn index(&mut self, key: &K) {
        let bounds = self.bounds;
        let server = self.server(key);
        let may_have_more = server.occupied < bounds[server.lane as usize].per_server;
        let order = match server.lane {
            Lane::Quick | Lane::New => u64::MAX - server.since,
            Lane::Slow | Lane::Failed => server.since,
        };
        let ready = (may_have_more && !server.tickets.is_empty()).then_some((server.lane, order));
        let before = std::mem::replace(&mut server.ready, ready);
        if before == ready {
            return;
        }
        if let Some((lane, order)) = before {
            self.ready[lane as usize].remove(&(order, key.clone()));
        }
        if let Some((lane, order)) = ready {
            self.ready[lane as usize].insert((order, key.clone()));
        }
    }

    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lanes of 10 places: 2 for slow, 4 for new, 1 for failed servers, one of each for a server.
    fn lanes() -> Lanes<u32, &'static str> {
        let bounds = [(10, 3), (2, 1), (4, 1), (1, 1)];
        let bounds = bounds.map(|(places, per_server)| LaneBounds { places, per_server });
        Lanes::new(10, bounds)
    }

    /// The servers that get a place now.
    fn granted(lanes: &mut Lanes<u32, &'static str>) -> Vec<u32> {
        std::iter::from_fn(|| lanes.next().map(|(_, server, _)| server)).collect()
    }

    #[test]
    fn any_number_of_dead_servers_leaves_places_to_a_server_that_answers() {
        let mut lanes = lanes();
        lanes.set_lane(&0, Lane::Quick);
        for server in 1..=1000 {
            let lane = [Lane::Slow, Lane::New, Lane::Failed][server as usize % 3];
            lanes.set_lane(&server, lane);
            lanes.wait(&server, "");
        }
        assert_eq!(granted(&mut lanes).len(), 2 + 4 + 1);
        for _ in 0..4 {
            lanes.wait(&0, "");
        }
        assert_eq!(granted(&mut lanes), [0, 0, 0]);
    }

    #[test]
    fn the_newest_server_goes_first_among_the_new() {
        let mut lanes = lanes();
        for server in 1..=100 {
            lanes.wait(&server, "");
        }
        assert_eq!(granted(&mut lanes), [100, 99, 98, 97]);
        lanes.wait(&101, "");
        lanes.leave(&99, Lane::New);
        assert_eq!(granted(&mut lanes), [101]);
    }

    #[test]
    fn failed_servers_take_turns() {
        let mut lanes = lanes();
        for server in [1, 2, 3] {
            lanes.set_lane(&server, Lane::Failed);
            lanes.wait(&server, "");
            lanes.wait(&server, "");
        }
        let mut turns = Vec::new();
        for _ in 0..6 {
            let (_, server, lane) = lanes.next().unwrap();
            turns.push(server);
            lanes.leave(&server, lane);
        }
        assert_eq!(turns, [1, 2, 3, 1, 2, 3]);
    }

    #[test]
    fn the_most_recent_answer_goes_first_among_the_quick() {
        let mut lanes = lanes();
        for server in 1..=12 {
            lanes.set_lane(&server, Lane::Quick);
            lanes.wait(&server, "");
        }
        lanes.set_lane(&1, Lane::Quick);
        assert_eq!(granted(&mut lanes), [1, 12, 11, 10, 9, 8, 7, 6, 5, 4]);
    }

    #[test]
    fn tickets_go_with_their_server_to_its_lane_and_places_stay() {
        let mut lanes = lanes();
        for ticket in ["first", "second", "third"] {
            lanes.wait(&1, ticket);
        }
        assert_eq!(lanes.next(), Some(("first", 1, Lane::New)));
        assert_eq!(lanes.next(), None);
        lanes.set_lane(&1, Lane::Quick);
        assert_eq!(lanes.next(), Some(("second", 1, Lane::Quick)));
        lanes.set_lane(&1, Lane::Failed);
        assert_eq!(lanes.next(), None);
        lanes.leave(&1, Lane::New);
        lanes.leave(&1, Lane::Quick);
        assert_eq!(lanes.next(), Some(("third", 1, Lane::Failed)));
        lanes.leave(&1, Lane::Failed);
        assert_eq!(lanes.occupied, [0; 4]);
    }

    #[test]
    fn a_lane_is_wanted_while_a_ticket_waits_for_it() {
        let mut lanes = lanes();
        for server in 1..=4 {
            lanes.wait(&server, "");
        }
        granted(&mut lanes);
        assert!(!lanes.is_wanted(Lane::New));
        lanes.wait(&5, "");
        assert_eq!(lanes.next(), None);
        assert!(lanes.is_wanted(Lane::New) && !lanes.is_wanted(Lane::Quick));
    }

    #[test]
    fn servers_without_place_and_ticket_are_forgotten_above_4096() {
        let mut lanes = lanes();
        lanes.set_lane(&0, Lane::Failed);
        lanes.wait(&0, "");
        for server in 1..=10_000 {
            lanes.set_lane(&server, Lane::Quick);
        }
        assert!(lanes.servers.len() <= MAX_SERVERS);
        assert_eq!(lanes.lane(&0), Lane::Failed);
        assert_eq!(lanes.lane(&10_000), Lane::Quick);
    }
}
