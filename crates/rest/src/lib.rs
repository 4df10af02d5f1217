//! The GitHub-shaped REST surface.
