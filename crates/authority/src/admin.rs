//! Administration of the installation: accounts, organizations, enterprises, imports, backups and the doctor.

pub mod backup;
pub mod doctor;
pub mod enterprise;
pub mod import;
pub mod list;
pub mod organization;
pub mod user;
