//! The client against listeners that misbehave.
