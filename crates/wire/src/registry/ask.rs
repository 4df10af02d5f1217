//! Everything that can be asked of a registry, with the catalogue's word for it.

macro_rules! asks {
    ($($(#[$doc:meta])* $variant:ident = $id:literal),* $(,)?) => {
        /// Something that can be asked of a registry.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Asks { $($(#[$doc])* $variant),* }

        impl Asks {
            /// Everything.
            pub const ALL: &'static [Asks] = &[$(Asks::$variant),*];

            /// The id of the operation in the catalogue.
            pub const fn id(self) -> &'static str {
                match self { $(Asks::$variant => $id),* }
            }

            /// What an operation's id stands for.
            pub fn of(id: &str) -> Option<Asks> {
                match id { $($id => Some(Asks::$variant),)* _ => None }
            }
        }
    };
}

asks! {
    /// `GET /v2`.
    OciPing = "oci/ping",
    /// `GET /v2/token`.
    OciToken = "oci/token",
    /// `POST /v2/token`.
    OciTokenForm = "oci/token-form",
    /// `GET /v2/_catalog`.
    OciCatalog = "oci/catalog",
    /// `GET /v2/{package~}/tags/list`.
    OciTags = "oci/tags",
    /// `GET /v2/{package~}/manifests/{reference}`.
    OciManifestGet = "oci/manifest-get",
    /// `PUT /v2/{package~}/manifests/{reference}`.
    OciManifestPut = "oci/manifest-put",
    /// `DELETE /v2/{package~}/manifests/{reference}`.
    OciManifestDelete = "oci/manifest-delete",
    /// `GET /v2/{package~}/referrers/{digest}`.
    OciReferrers = "oci/referrers",
    /// `GET /v2/{package~}/blobs/{digest}`.
    OciBlobGet = "oci/blob-get",
    /// `DELETE /v2/{package~}/blobs/{digest}`.
    OciBlobDelete = "oci/blob-delete",
    /// `POST /v2/{package~}/blobs/uploads`.
    OciUploadStart = "oci/upload-start",
    /// `POST /v2/{package~}/blobs/uploads`.
    OciBlobMount = "oci/blob-mount",
    /// `GET /v2/{package~}/blobs/uploads/{session}`.
    OciUploadStatus = "oci/upload-status",
    /// `PATCH /v2/{package~}/blobs/uploads/{session}`.
    OciUploadChunk = "oci/upload-chunk",
    /// `PUT /v2/{package~}/blobs/uploads/{session}`.
    OciUploadFinish = "oci/upload-finish",
    /// `DELETE /v2/{package~}/blobs/uploads/{session}`.
    OciUploadCancel = "oci/upload-cancel",
    /// `GET /-/ping`.
    NpmPing = "npm/ping",
    /// `GET /-/whoami`.
    NpmWhoami = "npm/whoami",
    /// `GET /-/v1/search`.
    NpmSearch = "npm/search",
    /// `POST /-/npm/v1/security/{what*}`.
    NpmAudit = "npm/audit",
    /// `PUT /-/user/{user}`.
    NpmLogin = "npm/login",
    /// `GET /{package~}`.
    NpmPackument = "npm/packument",
    /// `GET /{package~}/{version}`.
    NpmVersion = "npm/version",
    /// `GET /{package~}/-/{file}`.
    NpmTarball = "npm/tarball",
    /// `PUT /{package~}`, and the same with a revision.
    NpmReceive = "npm/receive",
    /// `PUT /{package~}`.
    NpmPublish = "npm/publish",
    /// `PUT /{package~}`.
    NpmDeprecate = "npm/deprecate",
    /// `PUT /{package~}/-rev/{revision}`.
    NpmVersionDelete = "npm/version-delete",
    /// `DELETE /{package~}/-rev/{revision}`.
    NpmUnpublish = "npm/unpublish",
    /// `DELETE /{package~}/-/{file}/-rev/{revision}`.
    NpmTarballDelete = "npm/tarball-delete",
    /// `GET /-/package/{package~}/dist-tags`.
    NpmDistTags = "npm/dist-tags",
    /// `PUT /-/package/{package~}/dist-tags/{tag}`.
    NpmDistTagPut = "npm/dist-tag-put",
    /// `DELETE /-/package/{package~}/dist-tags/{tag}`.
    NpmDistTagDelete = "npm/dist-tag-delete",
    /// `GET /{path*}`.
    MavenGet = "maven/get",
    /// `GET /{path*}`.
    MavenMetadata = "maven/metadata",
    /// `PUT /{path*}`.
    MavenPut = "maven/put",
    /// `PUT /{path*}`.
    MavenMetadataPut = "maven/metadata-put",
    /// `DELETE /{path*}`.
    MavenDelete = "maven/delete",
    /// `GET /v3/index.json`.
    NuGetIndex = "nuget/index",
    /// `GET /v3/{what=query|autocomplete}`.
    NuGetSearch = "nuget/search",
    /// `GET /v3/flat/{package~}/index.json`.
    NuGetVersions = "nuget/versions",
    /// `GET /v3/flat/{package~}/{version}/{file}`.
    NuGetDownload = "nuget/download",
    /// `GET /v3/registration/{package~}/{page*}`.
    NuGetRegistration = "nuget/registration",
    /// `PUT /api/v2/package`.
    NuGetReceive = "nuget/receive",
    /// `PUT /api/v2/package`.
    NuGetPush = "nuget/push",
    /// `DELETE /api/v2/package/{package~}/{version}`.
    NuGetDelete = "nuget/delete",
    /// `POST /api/v2/package/{package~}/{version}`.
    NuGetRelist = "nuget/relist",
    /// `GET /simple`.
    PyPiIndex = "pypi/index",
    /// `GET /simple/{package~}`.
    PyPiSimple = "pypi/simple",
    /// `GET /packages/{path*}`.
    PyPiFile = "pypi/file",
    /// `POST /`.
    PyPiReceive = "pypi/receive",
    /// `POST /`.
    PyPiUpload = "pypi/upload",
    /// `POST /`.
    PyPiRemove = "pypi/remove",
}
