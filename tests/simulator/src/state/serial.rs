//! Ids that look like Slack's and are the same in every run, and secrets that are not.

use std::time::{SystemTime, UNIX_EPOCH};

/// Where ids come from: a counter, scrambled where Slack's look random.
#[derive(Default)]
pub(crate) struct Serial(u64);

impl Serial {
    /// The next number, from 1.
    pub(crate) fn number(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }

    /// Something like `Ev07A3F2K1`: the prefix and eight characters.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}0{:07X}", self.number())
    }

    /// 32 hexadecimal digits.
    pub(crate) fn hex(&mut self) -> String {
        let number = self.number();
        format!("{:016x}{:016x}", scramble(number), scramble(!number))
    }

    /// In the form of a UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let number = self.number();
        let (high, low) = (scramble(number), scramble(!number));
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            low >> 52,
            low & 0xffff_ffff_ffff
        )
    }

    /// A message's time stamp; no two are the same.
    pub(crate) fn ts(&mut self) -> String {
        format!("{}.{:06}", unix_time(), self.number() % 1_000_000)
    }

    /// A trigger's id.
    pub(crate) fn trigger(&mut self) -> String {
        let number = self.number();
        format!("{}.{}.{}", 9_000_000_000_000 + number, 1_000_000_000 + number, self.hex())
    }
}

/// 32 hexadecimal digits that nobody can guess.
pub(crate) fn secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

/// Seconds since 1970.
pub(crate) fn unix_time() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The finishing step of splitmix64: a bijection, so no two numbers collide.
fn scramble(number: u64) -> u64 {
    let mut z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
