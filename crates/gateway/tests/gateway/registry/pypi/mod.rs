//! Python's clients before pypiserver: pip and twine, and what neither would send.

mod bed;
mod clients;
mod hostile;
