//! What happened, kept: the journal that the program trusts and the CSV that people read.
