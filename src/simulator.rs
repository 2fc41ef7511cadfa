//! The gateway's stand-in on this machine.
