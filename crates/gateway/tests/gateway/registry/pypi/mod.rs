//! Python's clients before pypiserver: pip and twine, and what neither would send.

pub mod bed;
mod clients;
mod hostile;
