//! What went wrong on the way to a peer that has several addresses.

use std::fmt::Write;

use super::address::Address;
use crate::error::{Error, Operation, Status};

/// Attempts whose failures are told in words; a name can have a thousand addresses.
const TOLD_MAX: u32 = 16;

/// The failures of one race, in the order in which they came.
#[derive(Debug, Default)]
pub struct Failures {
    attempts: u32,
    last: Option<Error>,
    /// They had different statuses.
    disagree: bool,
    /// Each address with its reason.
    told: String,
}

impl Failures {
    /// One more attempt has failed.
    pub fn add(&mut self, address: &Address, error: Error) {
        self.attempts += 1;
        if self.attempts <= TOLD_MAX {
            let gap = if self.told.is_empty() { "" } else { "; " };
            // Writing to a string does not fail.
            let _ = write!(self.told, "{gap}{address}: {}", error.detail);
        }
        self.disagree |= self.last.as_ref().is_some_and(|last| last.status != error.status);
        self.last = Some(error);
    }

    /// How many there were.
    #[cfg(test)]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// One error for all attempts: the last one's if they agree, else CONNECT_FAILED because of the last. With several
    /// attempts the detail says what became of each.
    pub fn sum_up(&mut self) -> Error {
        let Some(last) = self.last.take() else {
            return Error::new(Status::ADDRESS, "the name has no address");
        };
        let error = if self.disagree { Error::new(Status::CONNECT_FAILED, "").because(last) } else { last };
        error.with(|e| {
            e.attempts = self.attempts;
            e.operation = Operation::Connect;
            if self.attempts > 1 {
                e.detail = self.all().into();
            }
        })
    }

    fn all(&mut self) -> String {
        let told = std::mem::take(&mut self.told);
        match self.attempts.saturating_sub(TOLD_MAX) {
            0 => told,
            more => format!("{told}; and {more} more"),
        }
    }
}
