//! What GitHub's Packages API does to a package, and what its registry would be asked for that: the second decision that
//! each of those operations takes.

use bailiwick_catalogue::{Operation, OperationIndex, op};
use bailiwick_model::RegistryKind;

/// What is done to a package.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Touch {
    /// It or its versions are read.
    Read,
    /// One version is deleted.
    Delete,
    /// All of it is deleted.
    DeleteWhole,
    /// One version is brought back.
    Restore,
    /// All of it is brought back.
    RestoreWhole,
}

impl Touch {
    /// What an operation of the API does to the package that its path names; `None` where it names none, or where nothing
    /// of it is at the registry.
    pub(crate) fn of(operation: &Operation) -> Option<Touch> {
        const TOUCHES: &[(Touch, &[OperationIndex])] = &[
            (
                Touch::Read,
                &[
                    op::PACKAGES_GET_PACKAGE_FOR_ORGANIZATION,
                    op::PACKAGES_GET_PACKAGE_FOR_AUTHENTICATED_USER,
                    op::PACKAGES_GET_PACKAGE_FOR_USER,
                    op::PACKAGES_GET_ALL_PACKAGE_VERSIONS_FOR_PACKAGE_OWNED_BY_ORG,
                    op::PACKAGES_GET_ALL_PACKAGE_VERSIONS_FOR_PACKAGE_OWNED_BY_AUTHENTICATED_USER,
                    op::PACKAGES_GET_ALL_PACKAGE_VERSIONS_FOR_PACKAGE_OWNED_BY_USER,
                    op::PACKAGES_GET_PACKAGE_VERSION_FOR_ORGANIZATION,
                    op::PACKAGES_GET_PACKAGE_VERSION_FOR_AUTHENTICATED_USER,
                    op::PACKAGES_GET_PACKAGE_VERSION_FOR_USER,
                ],
            ),
            (
                Touch::Delete,
                &[
                    op::PACKAGES_DELETE_PACKAGE_VERSION_FOR_ORG,
                    op::PACKAGES_DELETE_PACKAGE_VERSION_FOR_AUTHENTICATED_USER,
                    op::PACKAGES_DELETE_PACKAGE_VERSION_FOR_USER,
                ],
            ),
            (
                Touch::DeleteWhole,
                &[
                    op::PACKAGES_DELETE_PACKAGE_FOR_ORG,
                    op::PACKAGES_DELETE_PACKAGE_FOR_AUTHENTICATED_USER,
                    op::PACKAGES_DELETE_PACKAGE_FOR_USER,
                ],
            ),
            (
                Touch::Restore,
                &[
                    op::PACKAGES_RESTORE_PACKAGE_VERSION_FOR_ORG,
                    op::PACKAGES_RESTORE_PACKAGE_VERSION_FOR_AUTHENTICATED_USER,
                    op::PACKAGES_RESTORE_PACKAGE_VERSION_FOR_USER,
                ],
            ),
            (
                Touch::RestoreWhole,
                &[
                    op::PACKAGES_RESTORE_PACKAGE_FOR_ORG,
                    op::PACKAGES_RESTORE_PACKAGE_FOR_AUTHENTICATED_USER,
                    op::PACKAGES_RESTORE_PACKAGE_FOR_USER,
                ],
            ),
        ];
        let found = TOUCHES.iter().find(|(_, all)| all.contains(&operation.index));
        found.map(|(touch, _)| *touch)
    }

    /// Whether it is about a package that was deleted.
    pub(crate) fn of_deleted(self) -> bool {
        self == Touch::RestoreWhole
    }

    /// The operation that a registry of a kind would be asked for.
    pub(crate) fn at(self, kind: RegistryKind) -> OperationIndex {
        match (self, kind) {
            (Touch::Read, RegistryKind::Oci) => op::OCI_MANIFEST_GET,
            (Touch::Read, RegistryKind::Npm) => op::NPM_PACKUMENT,
            (Touch::Read, RegistryKind::Maven) => op::MAVEN_METADATA,
            (Touch::Read, RegistryKind::NuGet) => op::NUGET_VERSIONS,
            (Touch::Read, RegistryKind::PyPi) => op::PYPI_SIMPLE,
            (Touch::DeleteWhole, RegistryKind::Npm) => op::NPM_UNPUBLISH,
            (_, RegistryKind::Oci) => op::OCI_MANIFEST_DELETE,
            (_, RegistryKind::Npm) => op::NPM_TARBALL_DELETE,
            (_, RegistryKind::Maven) => op::MAVEN_DELETE,
            (_, RegistryKind::NuGet) => op::NUGET_DELETE,
            (_, RegistryKind::PyPi) => op::PYPI_REMOVE,
        }
    }

    /// Whether a registry of a kind deletes a whole package at once; elsewhere it is asked for each version.
    pub(crate) fn is_whole(self, kind: RegistryKind) -> bool {
        self == Touch::DeleteWhole && kind == RegistryKind::Npm
    }
}

#[cfg(test)]
mod tests {
    use super::Touch;
    use bailiwick_catalogue::OPERATIONS;

    #[test]
    fn every_operation_of_the_api_that_names_a_package_asks_its_registry() {
        for operation in OPERATIONS.iter().filter(|one| one.id.starts_with("packages/")) {
            let names_one = operation.path.contains("{package_name");
            let touch = Touch::of(operation);
            assert_eq!(touch.is_some(), names_one, "{}", operation.id);
            if let Some(touch) = touch {
                assert_eq!(touch != Touch::Read, operation.writes, "{}", operation.id);
            }
        }
    }
}
