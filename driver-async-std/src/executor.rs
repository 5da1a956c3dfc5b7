//! Executors.

use std::future::Future;

/// A global executor: it exists for the whole process, or starts by itself.
pub trait Executor: 'static {
    /// Runs a future in the background until its end.
    fn spawn(future: impl Future<Output = ()> + Send + 'static);
}

/// async-std's executor.
#[cfg(feature = "async-std")]
#[derive(Clone, Copy, Debug)]
pub struct AsyncStd;

#[cfg(feature = "async-std")]
impl Executor for AsyncStd {
    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        async_std::task::spawn(future);
    }
}

/// smol's global executor.
#[cfg(feature = "smol")]
#[derive(Clone, Copy, Debug)]
pub struct Smol;

#[cfg(feature = "smol")]
impl Executor for Smol {
    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        ::smol::spawn(future).detach();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    fn runs<E: Executor>() {
        let (ran, told) = mpsc::channel();
        E::spawn(async move { ran.send(()).unwrap() });
        told.recv_timeout(Duration::from_secs(30)).expect("it runs");
    }

    #[test]
    fn what_is_spawned_runs_to_its_end() {
        #[cfg(feature = "async-std")]
        runs::<AsyncStd>();
        #[cfg(feature = "smol")]
        runs::<Smol>();
    }
}
