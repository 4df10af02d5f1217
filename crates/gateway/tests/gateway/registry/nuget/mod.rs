//! NuGet: a small feed behind, written for these tests since none is packaged; `nuget.exe` on Mono before.

mod client;
pub mod feed;
mod hostile;
mod serve;
