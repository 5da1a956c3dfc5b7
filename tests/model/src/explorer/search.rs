//! The search, level by level, and what follows from having seen everything.

use std::fmt;
use std::thread;

use super::Scope;
use super::counterexample::Counterexample;
use super::node::Node;
use crate::invariants::Violation;

/// Threads that expand a level. The result does not depend on their number.
const THREADS: usize = 2;
/// States of a level that a thread expands at a time. Two ways to a new state are two copies of it until both are recorded:
/// with a whole level at a time most of the memory is for those.
const PART: usize = 512;
/// A search that has found so many states has no end that is worth waiting for.
const MOST_STATES: usize = 20_000_000;

/// A complete search.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was searched.
    pub scope: &'static str,
    /// States that can be reached, all of them.
    pub states: usize,
    /// Steps from them, all of them.
    pub transitions: usize,
    /// Steps from the start to the state that is farthest.
    pub depth: usize,
    /// How many of the states have stopped.
    pub stopped: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scope, states, transitions, depth, stopped } = self;
        write!(
            f,
            "{scope}: {states} states ({stopped} stopped), {transitions} transitions, depth {depth}; the frontier is empty"
        )
    }
}

/// A state's number, in the order of discovery.
type Id = u32;

/// What is kept of every state.
struct Found {
    parent: Id,
    /// Which of its parent's steps led here.
    step: u16,
    /// Every slot is up.
    up: bool,
    stopping: bool,
    stopped: bool,
}

/// A step that has been taken.
struct Taken {
    from: Id,
    step: u16,
    /// Slack, the network and time take it by themselves when all is well.
    kind: bool,
    to: u128,
    /// The state, if it was not known when its part began.
    new: Option<Box<Node>>,
}

struct Search<'a> {
    scope: &'a Scope,
    #[expect(clippy::disallowed_types, reason = "looked up, never iterated")]
    known: std::collections::HashMap<u128, Id>,
    found: Vec<Found>,
    /// Kind steps, by where they lead.
    kind: Vec<(Id, Id)>,
    transitions: usize,
}

impl Scope {
    /// Searches everything.
    ///
    /// # Errors
    /// A way to a state in which an invariant does not hold, or from which no kind world leads back up.
    pub fn explore(&self) -> Result<Report, Counterexample> {
        let start = Node::start(self).map_err(|broken| Counterexample::new(self, &[], broken))?;
        let mut search = Search {
            scope: self,
            known: Default::default(),
            found: Vec::new(),
            kind: Vec::new(),
            transitions: 0,
        };
        let mut frontier = vec![(0, start)];
        search.known.insert(frontier[0].1.key(), 0);
        search.found.push(Found { parent: 0, step: 0, up: false, stopping: false, stopped: false });
        let mut depth = 0;
        loop {
            let next = search.level(frontier)?;
            if next.is_empty() {
                break;
            }
            depth += 1;
            frontier = next;
        }
        search.check_liveness()?;
        let stopped = search.found.iter().filter(|state| state.stopped).count();
        let (states, transitions) = (search.found.len(), search.transitions);
        Ok(Report { scope: self.name, states, transitions, depth, stopped })
    }
}

impl Search<'_> {
    /// Takes every step from every state of a level; the states that are new.
    fn level(&mut self, frontier: Vec<(Id, Node)>) -> Result<Vec<(Id, Node)>, Counterexample> {
        let mut next = Vec::new();
        let mut rest = frontier.into_iter();
        loop {
            let parts: Vec<Vec<_>> = (0..THREADS).map(|_| rest.by_ref().take(PART).collect()).collect();
            if parts.iter().all(Vec::is_empty) {
                return Ok(next);
            }
            self.expand_all(parts, &mut next)?;
            assert!(self.found.len() < MOST_STATES, "{}: more than {MOST_STATES} states", self.scope.name);
        }
    }

    /// Takes every step from some states of a level, each part in a thread.
    fn expand_all(
        &mut self,
        parts: Vec<Vec<(Id, Node)>>,
        next: &mut Vec<(Id, Node)>,
    ) -> Result<(), Counterexample> {
        let this = &*self;
        let results: Vec<_> = thread::scope(|scope| {
            let workers: Vec<_> =
                parts.into_iter().map(|part| scope.spawn(move || this.expand(&part))).collect();
            workers.into_iter().map(|worker| worker.join().expect("a worker panicked")).collect()
        });
        for result in results {
            let taken =
                result.map_err(|(from, step, broken)| self.counterexample(from, Some(step), broken))?;
            self.transitions += taken.len();
            for taken in taken {
                self.record(taken, next);
            }
        }
        Ok(())
    }

    fn expand(&self, part: &[(Id, Node)]) -> Result<Vec<Taken>, (Id, u16, Violation)> {
        let mut all = Vec::new();
        for (from, node) in part {
            for (step, op) in (0_u16..).zip(node.ops(self.scope)) {
                let kind = node.is_kind(&op);
                let mut next = node.clone();
                next.take(self.scope, &op).map_err(|broken| (*from, step, broken))?;
                let to = next.key();
                let new = if self.known.contains_key(&to) {
                    None
                } else {
                    next.check(self.scope).map_err(|broken| (*from, step, broken))?;
                    Some(Box::new(next))
                };
                all.push(Taken { from: *from, step, kind, to, new });
            }
        }
        Ok(all)
    }

    fn record(&mut self, taken: Taken, next: &mut Vec<(Id, Node)>) {
        let Taken { from, step, kind, to, new } = taken;
        let id = match (self.known.get(&to), new) {
            (Some(&id), _) => id,
            (None, Some(node)) => {
                let id = Id::try_from(self.found.len()).expect("fewer states than that");
                self.known.insert(to, id);
                let (up, stopping, stopped) = (node.is_up(), node.is_stopping(), node.is_stopped());
                self.found.push(Found { parent: from, step, up, stopping, stopped });
                // Nothing happens after the end but what is checked by one more step.
                next.push((id, *node));
                id
            }
            (None, None) => unreachable!("a state that was known is known"),
        };
        if kind && id != from {
            self.kind.push((id, from));
        }
    }

    /// From every state, with Slack kind from then on: every slot can come up, or everything can stop.
    fn check_liveness(&mut self) -> Result<(), Counterexample> {
        self.kind.sort_unstable();
        let mut good: Vec<bool> = self.found.iter().map(|state| state.up || state.stopped).collect();
        let mut queue: Vec<Id> = (0..).zip(&good).filter(|(_, good)| **good).map(|(id, _)| id).collect();
        while let Some(id) = queue.pop() {
            let from = self.kind.partition_point(|&(to, _)| to < id);
            for &(_, before) in self.kind[from..].iter().take_while(|&&(to, _)| to == id) {
                if !std::mem::replace(&mut good[before as usize], true) {
                    queue.push(before);
                }
            }
        }
        match (0..).zip(&good).find(|(_, good)| !**good) {
            None => Ok(()),
            Some((id, _)) => {
                let stopping = self.found[id as usize].stopping;
                let (invariant, detail) = if stopping {
                    (crate::invariants::Invariant::StopsInTheEnd, "time alone does not lead to the end")
                } else {
                    (crate::invariants::Invariant::ComesUpAgain, "no kind steps lead to a link in every slot")
                };
                Err(self.counterexample(id, None, Violation::new(invariant, detail.into())))
            }
        }
    }

    /// The shortest way to a state, and a step further.
    fn counterexample(&self, mut id: Id, step: Option<u16>, broken: Violation) -> Counterexample {
        let mut steps: Vec<u16> = step.into_iter().collect();
        while id != 0 {
            let state = &self.found[id as usize];
            steps.push(state.step);
            id = state.parent;
        }
        steps.reverse();
        Counterexample::new(self.scope, &steps, broken)
    }
}
