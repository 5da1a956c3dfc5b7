//! A way to what must not be, as a test.

use std::fmt;

use super::Scope;
use super::node::Node;
use crate::invariants::Violation;

/// The steps to a violation. It prints as a test that fails until the violation is mended.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// What does not hold.
    pub broken: Violation,
    /// How to get there, for [`Scope::play`].
    pub steps: Vec<String>,
    scope: Box<Scope>,
}

impl Counterexample {
    /// The steps are numbers in what can happen next, from the start on.
    pub(super) fn new(scope: &Scope, numbers: &[u16], broken: Violation) -> Self {
        let mut steps = Vec::new();
        if let Ok(mut node) = Node::start(scope) {
            for &number in numbers {
                let op = node.ops(scope).swap_remove(number.into());
                steps.push(op.to_string());
                // The last one may be what breaks.
                if node.take(scope, &op).is_err() {
                    break;
                }
            }
        }
        Self { broken, steps, scope: Box::new(scope.clone()) }
    }
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let constructor = self.scope.constructor;
        writeln!(f, "{}\nAs a test:\n", self.broken)?;
        writeln!(f, "#[test]\nfn counterexample() {{\n    Scope::{constructor}().play(&[")?;
        for step in &self.steps {
            writeln!(f, "        {step:?},")?;
        }
        write!(f, "    ]);\n}}")
    }
}

impl Scope {
    /// Plays steps, in the words in which a counterexample prints them.
    ///
    /// # Panics
    /// An invariant does not hold, or a step cannot be taken where it stands.
    pub fn play(&self, steps: &[&str]) {
        let mut node = Node::start(self).unwrap_or_else(|broken| panic!("{broken}"));
        for (n, step) in steps.iter().enumerate() {
            let can = node.ops(self);
            let op = can.iter().find(|op| op.to_string() == **step);
            let Some(op) = op else {
                let can: Vec<_> = can.iter().map(ToString::to_string).collect();
                panic!("step {n}, {step:?}, cannot be taken; what can: {can:?}");
            };
            let taken = node.take(self, op).and_then(|()| node.check(self));
            taken.unwrap_or_else(|broken| panic!("step {n}, {step:?}: {broken}"));
        }
    }
}
