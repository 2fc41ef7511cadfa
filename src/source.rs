//! Finds, reads and fetches sources, and feeds the documents that others refer to.
